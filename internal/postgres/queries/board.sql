-- name: BoardRow :one
SELECT as_of, figures, began_at, took FROM board;

-- One process at a time draws it up, and not before it is old.
-- name: ClaimBoard :execrows
INSERT INTO board (began_at, took) VALUES (@now, 0)
ON CONFLICT (one) DO UPDATE SET began_at = EXCLUDED.began_at
WHERE board.began_at < EXCLUDED.began_at - make_interval(secs => greatest(@least_seconds::float8, board.took * @share::float8));

-- name: SaveBoard :exec
UPDATE board SET as_of = @as_of, figures = @figures, took = @took;

-- name: ClearBoardLeads :exec
DELETE FROM board_leads;

-- name: SaveBoardLeads :exec
INSERT INTO board_leads (figure, rank, lead_id)
SELECT @figure, n, id FROM unnest(@leads::uuid[]) WITH ORDINALITY AS t (id, n);

-- name: StagesNow :many
SELECT stage, count(*)::int AS leads FROM leads GROUP BY stage;

-- name: StageFlowSince :many
SELECT week, from_stage, to_stage, leads FROM stage_flow WHERE week >= @since ORDER BY week;

-- name: LastFlowWeek :one
SELECT coalesce(max(week), '0001-01-01')::date FROM stage_flow;

-- Weeks are counted anew from one on: what is written late is in it.
-- name: CountStageFlow :exec
INSERT INTO stage_flow (week, from_stage, to_stage, leads)
SELECT date_trunc('week', at AT TIME ZONE 'UTC')::date, coalesce(entry ->> 'from', ''), entry ->> 'to', count(*)
FROM audit WHERE what = 'stage_changed' AND at >= @since::timestamptz AND entry ->> 'to' IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT (week, from_stage, to_stage) DO UPDATE SET leads = EXCLUDED.leads;

-- Touches that were made before they first answered or were talked to.
-- name: TouchesUntilAnswer :many
WITH answered AS (
    SELECT l.id, least(
        (SELECT min(r.received_at) FROM replies r WHERE r.lead_id = l.id),
        (SELECT min(o.recorded_at) FROM outcomes o WHERE o.lead_id = l.id AND o.taken_back_at IS NULL AND NOT o.outcome = ANY(@silent::text[]))) AS at
    FROM leads l WHERE l.created_at >= @since)
SELECT (SELECT count(*) FROM audit e WHERE e.lead_id = a.id AND e.what IN ('touch_made', 'task_asked') AND e.at <= a.at)::int AS touches, count(*)::int AS leads
FROM answered a WHERE a.at IS NOT NULL GROUP BY 1 ORDER BY 1;

-- name: OverdueFirstCalls :many
SELECT DISTINCT ON (t.due_at, t.lead_id) t.lead_id FROM tasks t JOIN leads l ON l.id = t.lead_id
WHERE t.state = 'open' AND t.kind = 'call' AND t.due_at < @now AND l.stage = 'warm' AND l.blocked = ''
  AND NOT EXISTS (SELECT FROM outcomes o WHERE o.lead_id = t.lead_id AND o.taken_back_at IS NULL)
ORDER BY t.due_at, t.lead_id LIMIT @most;

-- name: LeadsBehind :many
SELECT l.*, (p.erased_at IS NOT NULL)::boolean AS erased, p.name, p.email, p.phone, p.zone, p.country, p.title, coalesce(a.name, '')::text AS account, u.name AS owner
FROM board_leads b JOIN leads l ON l.id = b.lead_id JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id
LEFT JOIN accounts a ON a.id = l.account_id
WHERE b.figure = @figure ORDER BY b.rank LIMIT @most;

-- name: OpenTasksByOwner :many
SELECT owner_id, due_at FROM tasks WHERE state = 'open' AND due_at < @until ORDER BY owner_id;
