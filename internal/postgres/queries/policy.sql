-- name: ReleasePlaybook :exec
-- Once, however often the same one says so: an answer may have been lost.
INSERT INTO playbook_releases (playbook, released_by)
SELECT @playbook::text, @released_by::text WHERE NOT EXISTS (
    SELECT FROM (SELECT playbook, released_by FROM playbook_releases ORDER BY id DESC LIMIT 1) last
    WHERE last.playbook = @playbook::text AND last.released_by = @released_by::text);

-- name: ReleasedPlaybook :one
SELECT r.playbook, p.name, r.released_by, r.released_at FROM playbook_releases r JOIN playbooks p ON p.id = r.playbook
ORDER BY r.id DESC LIMIT 1;

-- name: PlaybookReleases :many
-- When each version was released last, and by which person or key.
SELECT DISTINCT ON (r.playbook) r.playbook, r.released_at, coalesce(u.name, k.name, r.released_by)::text AS released_by
FROM playbook_releases r LEFT JOIN users u ON u.id::text = r.released_by LEFT JOIN api_keys k ON 'key:' || k.id = r.released_by
ORDER BY r.playbook, r.id DESC;

-- name: PlaybookVersions :many
SELECT p.id, p.name, p.published_at, coalesce(u.name, k.name, p.published_by)::text AS published_by,
    (SELECT count(*) FROM leads l WHERE l.playbook = p.id AND NOT l.final) AS leads
FROM playbooks p LEFT JOIN users u ON u.id::text = p.published_by LEFT JOIN api_keys k ON 'key:' || k.id = p.published_by
ORDER BY p.published_at DESC, p.id;

-- name: PlaybookVersion :one
SELECT p.id, p.name, p.published_at, coalesce(u.name, k.name, p.published_by)::text AS published_by,
    (SELECT count(*) FROM leads l WHERE l.playbook = p.id AND NOT l.final) AS leads
FROM playbooks p LEFT JOIN users u ON u.id::text = p.published_by LEFT JOIN api_keys k ON 'key:' || k.id = p.published_by
WHERE p.id = @id;

-- name: PlaybookFiles :one
SELECT files FROM playbooks WHERE id = @id;

-- name: StatesUnder :many
-- Without what is kept for taking an outcome back: it is half of a state, and no policy looks at it.
SELECT id, (state - 'undo')::jsonb AS state FROM leads
WHERE playbook = @playbook AND NOT final AND state IS NOT NULL AND id > @after ORDER BY id LIMIT @most;

-- name: InsertMove :exec
INSERT INTO playbook_moves (id, from_id, to_id, total, started_by)
SELECT @id, @from_id, @to_id, count(*), @started_by FROM leads WHERE playbook = @from_id AND NOT final
ON CONFLICT DO NOTHING;

-- name: Move :one
SELECT m.*, (SELECT count(*) FROM playbook_move_leads l WHERE l.move_id = m.id AND l.moved) AS moved,
    (SELECT count(*) FROM playbook_move_leads l WHERE l.move_id = m.id AND NOT l.moved AND l.code <> @asked::text) AS refused
FROM playbook_moves m WHERE m.id = @id;

-- name: Moves :many
-- The last ones, newest first.
SELECT m.*, (SELECT count(*) FROM playbook_move_leads l WHERE l.move_id = m.id AND l.moved) AS moved,
    (SELECT count(*) FROM playbook_move_leads l WHERE l.move_id = m.id AND NOT l.moved AND l.code <> @asked::text) AS refused
FROM playbook_moves m ORDER BY m.started_at DESC, m.id LIMIT @most;

-- name: MoveVersions :one
SELECT from_id, to_id FROM playbook_moves WHERE id = @id;

-- name: UnfinishedMoves :many
SELECT id, from_id, to_id FROM playbook_moves WHERE finished_at IS NULL ORDER BY started_at;

-- name: FinishMove :exec
UPDATE playbook_moves SET finished_at = coalesce(finished_at, now()) WHERE id = @id;

-- name: LeadsToMove :many
-- Those not asked yet, and those asked without a lasting answer: these may have moved meanwhile.
SELECT l.id FROM leads l
WHERE l.playbook = @from_id AND NOT l.final AND l.id > @after
  AND NOT EXISTS (SELECT 1 FROM playbook_move_leads d WHERE d.move_id = @move_id AND d.lead_id = l.id)
UNION
SELECT d.lead_id FROM playbook_move_leads d JOIN leads l ON l.id = d.lead_id
WHERE d.move_id = @move_id AND NOT d.moved AND d.code = ANY(@again::text[]) AND NOT l.final AND d.lead_id > @after
ORDER BY id LIMIT @most;

-- name: AskToMove :exec
INSERT INTO playbook_move_leads (move_id, lead_id, moved, code)
SELECT @move_id, unnest(@leads::uuid[]), false, @code ON CONFLICT DO NOTHING;

-- name: RecordMoved :exec
INSERT INTO playbook_move_leads (move_id, lead_id, moved, code, detail) VALUES (@move_id, @lead_id, @moved, @code, @detail)
ON CONFLICT (move_id, lead_id) DO UPDATE SET moved = EXCLUDED.moved, code = EXCLUDED.code, detail = EXCLUDED.detail, at = now();

-- name: RefusedBy :many
SELECT lead_id, code, detail FROM playbook_move_leads WHERE move_id = @move_id AND NOT moved AND code <> @asked::text ORDER BY lead_id LIMIT @most;

-- name: Colleagues :many
-- Also those whose life has not begun: they may have been told of this lead when they were enrolled.
SELECT id FROM leads WHERE account_id = @account_id AND id <> @lead_id AND NOT final ORDER BY id;

-- name: TalkingAt :many
SELECT id FROM leads WHERE account_id = @account_id AND talking AND NOT final ORDER BY id;

-- name: SetTalking :exec
UPDATE leads SET talking = @talking WHERE id = @id;

-- name: LockAccount :exec
-- Who is enrolled at an account and who is told about it must not miss each other.
SELECT 1 FROM accounts WHERE id = @id FOR NO KEY UPDATE;

-- name: LeadsForNews :many
SELECT id FROM leads WHERE NOT final AND state IS NOT NULL AND (stage = 'cold' OR blocked = 'no_reason')
  AND (coalesce(cardinality(@sources::text[]), 0) = 0 OR source = ANY(@sources::text[])) ORDER BY id;

-- name: ReopenTasks :exec
-- Of the calls to one person the newest, unless another is open: there is one at a time (R81).
UPDATE tasks t SET state = 'open', closed_at = NULL, result = '' WHERE t.lead_id = @lead_id AND t.closed_at >= @since::timestamptz
  AND substring(t.touch FROM '[0-9]+')::int <= @up_to::int
  AND NOT (t.kind = 'call' AND EXISTS (
    SELECT 1 FROM tasks o WHERE o.person_id = t.person_id AND o.kind = 'call' AND (o.state = 'open'
      OR o.lead_id = t.lead_id AND o.closed_at >= @since::timestamptz
        AND substring(o.touch FROM '[0-9]+')::int <= @up_to::int
        AND substring(o.touch FROM '[0-9]+')::int > substring(t.touch FROM '[0-9]+')::int)));

-- name: TakeBackOutcome :exec
-- The leave that was given with it (by the same id) ends with it (R04).
WITH outcome AS (
    UPDATE outcomes SET taken_back_at = @at WHERE outcomes.id = @id AND lead_id = @lead_id AND taken_back_at IS NULL RETURNING outcomes.id
)
UPDATE permissions SET until = @at FROM outcome WHERE permissions.id = outcome.id;

-- name: CallMinutes :many
-- A rep's recorded call time, by lead (R13).
SELECT o.by_user, u.name, l.state, sum(o.minutes)::bigint AS minutes, count(*) FILTER (WHERE o.minutes = 0) AS unmeasured
FROM outcomes o JOIN leads l ON l.id = o.lead_id JOIN users u ON u.id = o.by_user
WHERE o.recorded_at >= @since AND o.recorded_at < @until AND o.taken_back_at IS NULL AND l.state IS NOT NULL
GROUP BY o.by_user, u.name, l.id ORDER BY u.name, o.by_user, l.id;

-- name: DueTasks :many
-- What was due in a period, and when it was done (R80).
SELECT due_at, state, closed_at FROM tasks WHERE due_at >= @since AND due_at < @until;

-- name: LivingStates :many
SELECT id, state FROM leads WHERE NOT final AND state IS NOT NULL AND id > @after ORDER BY id LIMIT @most;

-- name: NotifyManagers :exec
INSERT INTO notifications (id, who, about, rule, at) VALUES (@id, 'manager', @about, @rule, @at) ON CONFLICT DO NOTHING;

-- name: InsertDispatches :exec
-- The same message for several leads, each under an id of its own.
INSERT INTO dispatches (id, lead_id, message, payload)
SELECT unnest(@ids::uuid[]), unnest(@leads::uuid[]), @message::text, unnest(@payloads::text[])::jsonb
ON CONFLICT DO NOTHING;
