-- name: LivesKept :many
-- Where leads stand for which a workflow runs, or should.
SELECT l.id, l.recent, l.state, l.before, l.todo, l.todo_at FROM leads l
WHERE l.runs AND l.id > @after AND (coalesce(cardinality(@these::uuid[]), 0) = 0 OR l.id = ANY(@these::uuid[]))
ORDER BY l.id LIMIT @most;

-- name: TouchesBegun :many
-- Touches that were made in a turn which was not written: the state that is kept has them still to come, or knows nothing of them.
SELECT g.lead_id, g.touch, g.at
FROM (
    SELECT lead_id, touch, reserved_at AS at FROM send_ledger
    WHERE lead_id = ANY(@leads::uuid[]) AND (state IN ('sent', 'unknown') OR state = 'reserved' AND begun_at IS NOT NULL)
    UNION ALL
    SELECT lead_id, touch, created_at FROM tasks WHERE lead_id = ANY(@leads::uuid[])
) g
JOIN leads l ON l.id = g.lead_id
WHERE (g.touch = coalesce(l.before, l.state) #>> '{next,touch}'
    OR substring(g.touch FROM '[0-9]+')::int > coalesce((coalesce(l.before, l.state) ->> 'touch_seq')::int, 0))
  AND NOT EXISTS (SELECT FROM dispatches d WHERE d.lead_id = g.lead_id AND d.taken_at IS NULL
    AND d.message = 'send_abandoned' AND d.payload #>> '{event,touch}' = g.touch) -- the lead hears of it by that
ORDER BY g.lead_id, g.at, g.touch;

-- name: CountRunning :one
SELECT count(*) FROM leads WHERE runs;

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
SELECT id, stage, runs, owner_id, playbook, blocked, next_at, state, (before IS NOT NULL)::boolean AS ahead
FROM leads WHERE id > @after AND (coalesce(cardinality(@these::uuid[]), 0) = 0 AND runs OR id = ANY(@these::uuid[]))
ORDER BY id LIMIT @most;
