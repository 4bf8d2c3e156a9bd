-- name: LivesKept :many
-- Where living leads stand. A lead whose end is shown and not performed lives. When the planned touch was made already,
-- in a turn that was not written, sent_at or asked_at says when.
SELECT l.id, l.recent, l.state, l.before, s.reserved_at AS sent_at, t.created_at AS asked_at
FROM leads l
CROSS JOIN LATERAL (SELECT coalesce(l.before, l.state) #>> '{next,touch}' AS touch) n
LEFT JOIN send_ledger s ON s.lead_id = l.id AND s.touch = n.touch
    AND (s.state IN ('sent', 'unknown') OR s.state = 'reserved' AND s.begun_at IS NOT NULL)
LEFT JOIN tasks t ON t.lead_id = l.id AND t.touch = n.touch
WHERE (NOT l.final OR l.before IS NOT NULL) AND l.id > @after AND (coalesce(cardinality(@these::uuid[]), 0) = 0 OR l.id = ANY(@these::uuid[]))
ORDER BY l.id LIMIT @most;

-- name: CountLiving :one
SELECT count(*) FROM leads WHERE NOT final OR before IS NOT NULL;

-- name: MessagesLost :execrows
-- Messages that no written turn has taken in are delivered again.
UPDATE dispatches SET delivered_at = NULL, attempts = 0 WHERE lead_id = ANY(@leads::uuid[]) AND taken_at IS NULL AND delivered_at IS NOT NULL;

-- name: CountWaiting :one
SELECT count(*) FROM dispatches WHERE delivered_at IS NULL;

-- name: WaitingSince :many
SELECT id, lead_id, message, created_at, attempts, last_error FROM dispatches
WHERE delivered_at IS NULL AND created_at < @before::timestamptz ORDER BY created_at, id LIMIT @most;

-- name: RowsToVerify :many
-- A row beside its workflow: what is shown, and what the workflow wrote where that is another.
SELECT id, stage, final, owner_id, playbook, blocked, next_at, state, (before IS NOT NULL)::boolean AS ahead
FROM leads WHERE id > @after AND (coalesce(cardinality(@these::uuid[]), 0) = 0 AND (NOT final OR before IS NOT NULL) OR id = ANY(@these::uuid[]))
ORDER BY id LIMIT @most;
