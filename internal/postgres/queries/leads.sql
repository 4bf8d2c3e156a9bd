-- name: InsertLead :exec
INSERT INTO leads (id, person_id, account_id, owner_id, source, playbook, stage, amount, created_at, updated_at)
VALUES (@id, @person_id, sqlc.narg(account_id), @owner_id, @source, @playbook, @stage, sqlc.narg(amount), @at, @at);

-- name: Lead :one
SELECT * FROM leads WHERE id = @id;

-- name: LivingLead :one
SELECT * FROM leads WHERE person_id = @person_id AND NOT final;

-- name: LivingLeads :many
SELECT id FROM leads WHERE NOT final ORDER BY id;

-- name: LeadView :one
SELECT l.*, (p.erased_at IS NOT NULL)::boolean AS erased, p.name, p.email, p.phone, p.zone, p.country, p.title, coalesce(a.name, '')::text AS account, u.name AS owner
FROM leads l JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id
LEFT JOIN accounts a ON a.id = l.account_id
WHERE l.id = @id;

-- name: ListLeads :many
SELECT l.*, (p.erased_at IS NOT NULL)::boolean AS erased, p.name, p.email, p.phone, p.zone, p.country, p.title, coalesce(a.name, '')::text AS account, u.name AS owner
FROM leads l JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id
LEFT JOIN accounts a ON a.id = l.account_id
WHERE (sqlc.narg(stage)::text IS NULL OR l.stage = sqlc.narg(stage))
  AND (sqlc.narg(owner_id)::uuid IS NULL OR l.owner_id = sqlc.narg(owner_id))
  AND (sqlc.narg(source)::text IS NULL OR l.source = sqlc.narg(source))
  AND (sqlc.narg(blocked)::text IS NULL OR l.blocked = sqlc.narg(blocked))
  AND (sqlc.narg(account)::text IS NULL OR l.account_id = (SELECT named.id FROM accounts named WHERE lower(named.name) = lower(sqlc.narg(account))))
  AND (sqlc.narg(created_from)::timestamptz IS NULL OR l.created_at >= sqlc.narg(created_from))
  AND (sqlc.narg(created_before)::timestamptz IS NULL OR l.created_at < sqlc.narg(created_before))
  AND (sqlc.narg(after)::uuid IS NULL OR l.id > sqlc.narg(after))
ORDER BY l.id
LIMIT @most;

-- name: SetAmount :exec
UPDATE leads SET amount = @amount::bigint WHERE id = @id;

-- One turn, in one statement: the timeline grows, and the row has the newest state. A worker that died may have written
-- a turn that its workflow then took otherwise: the later one wins, and a worker that was thought dead does not come
-- back with an older one.
-- What went out since the turn before and is told of nowhere comes back: it went out in
-- a turn that was lost. A living lead that has a message about it hears of it by that.
-- name: SaveTurn :one
WITH told AS (
    INSERT INTO audit (lead_id, n, at, what, actor, rule, entry)
    SELECT @id, r.n, r.at, r.what, r.actor, coalesce(r.rule, ''), whole
    FROM jsonb_array_elements(@entries::jsonb) AS whole,
         LATERAL jsonb_to_record(whole) AS r (n int, at timestamptz, what text, actor text, rule text)
    ON CONFLICT DO NOTHING
)
UPDATE leads SET state = @lead_state::jsonb, before = NULL, turn = @turn, stage = @stage, owner_id = @owner_id, playbook = @playbook,
    blocked = @blocked, next_at = sqlc.narg(next_at), value = @value, recent = @recent::text[],
    todo = sqlc.narg(todo)::jsonb, todo_at = sqlc.narg(todo_at),
    updated_at = greatest(updated_at, @at), saved_at = greatest(saved_at, @saved)
WHERE leads.id = @id AND (saved_at IS NULL OR saved_at < @saved OR turn <= @turn AND saved_at - interval '5 seconds' <= @saved)
RETURNING (CASE WHEN cardinality(@taken::text[]) > 0 THEN mark_taken(id, @taken::text[]) END IS NULL)::boolean AS marked, (
    SELECT jsonb_agg(jsonb_build_object('touch', s.touch, 'sent', s.state = 'sent') ORDER BY s.reserved_at) FROM send_ledger s
    WHERE s.lead_id = leads.id AND s.reserved_at > @since AND s.state IN ('sent', 'unknown') AND s.touch <> ALL (@made::text[])
      AND NOT EXISTS (SELECT FROM audit a WHERE a.lead_id = s.lead_id AND a.what = 'touch_made' AND a.entry ->> 'touch' = s.touch)
      AND (leads.final OR NOT EXISTS (SELECT FROM dispatches d WHERE d.lead_id = s.lead_id AND d.taken_at IS NULL AND d.message = 'send_abandoned' AND d.payload #>> '{event,touch}' = s.touch))
) AS lost;

-- name: LeadRecent :one
SELECT recent FROM leads WHERE id = @id;

-- name: LockLeadRecent :one
SELECT recent FROM leads WHERE id = @id FOR NO KEY UPDATE;

-- A decision that the workflow has agreed to and not performed yet.
-- name: ShowLead :exec
UPDATE leads SET before = coalesce(before, state, 'null'::jsonb), state = @lead_state::jsonb, turn = @turn, stage = @stage, owner_id = @owner_id,
    playbook = @playbook, blocked = @blocked, next_at = sqlc.narg(next_at), value = @value
WHERE id = @id AND turn <= @turn;

-- name: Timeline :many
SELECT n, at, what, actor, rule, entry FROM audit WHERE lead_id = @lead_id AND n > @after ORDER BY n, written LIMIT @most;

-- name: InsertEngagement :execrows
INSERT INTO engagements (id, person_id, lead_id, kind, detail, occurred_at, external_id, basis, reported_by)
VALUES (@id, @person_id, sqlc.narg(lead_id), @kind, @detail, @occurred_at, sqlc.narg(external_id), @basis, @reported_by)
ON CONFLICT DO NOTHING;

-- name: EngagementByExternal :one
SELECT * FROM engagements WHERE external_id = @external_id;

-- name: EngagementsOf :many
SELECT id, kind, detail, occurred_at FROM engagements WHERE lead_id = @lead_id ORDER BY occurred_at DESC LIMIT 20;

-- name: InsertOutcome :execrows
INSERT INTO outcomes (id, lead_id, person_id, task_id, by_user, outcome, discussed, next_at, why_none, reason, recorded_at, minutes)
VALUES (@id, @lead_id, @person_id, sqlc.narg(task_id), sqlc.narg(by_user), @outcome, @discussed, sqlc.narg(next_at), @why_none, @reason, @recorded_at, @minutes)
ON CONFLICT DO NOTHING;

-- name: DropOutcome :exec
DELETE FROM outcomes WHERE id = @id;

-- name: OutcomesOf :many
SELECT id, outcome, discussed, next_at, why_none, reason, recorded_at FROM outcomes
WHERE lead_id = @lead_id AND taken_back_at IS NULL ORDER BY recorded_at DESC LIMIT 10;

-- name: EveryOutcomeOf :many
SELECT o.id, o.outcome, o.discussed, o.next_at, o.why_none, o.reason, o.recorded_at, o.taken_back_at, o.minutes, o.person_id, coalesce(u.name, '')::text AS by_name
FROM outcomes o LEFT JOIN users u ON u.id = o.by_user WHERE o.lead_id = @lead_id ORDER BY o.recorded_at DESC, o.id LIMIT @most;

-- name: InsertProposal :exec
INSERT INTO proposals (id, lead_id, amount, sent_at, expires_at) VALUES (@id, @lead_id, sqlc.narg(amount), @sent_at, sqlc.narg(expires_at))
ON CONFLICT DO NOTHING;

-- name: InsertReply :execrows
INSERT INTO replies (id, lead_id, person_id, body, received_at) VALUES (@id, @lead_id, @person_id, @body, @received_at)
ON CONFLICT DO NOTHING;

-- name: RecentAudit :many
SELECT a.lead_id, a.n, a.entry, a.written, p.name, p.zone
FROM audit a JOIN leads l ON l.id = a.lead_id JOIN people p ON p.id = l.person_id
WHERE a.written >= @since ORDER BY a.written, a.lead_id, a.n LIMIT 1000;

-- name: CountLeads :one
SELECT count(*) FROM leads;
