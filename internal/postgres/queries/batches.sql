-- One thing that is done to many leads.

-- name: InsertBatch :execrows
INSERT INTO batches (id, act, terms, choice, undoes, started_by, created_at)
VALUES (@id, @act, @terms, @choice, sqlc.narg(undoes), @started_by, @created_at)
ON CONFLICT DO NOTHING;

-- Which leads, is settled here. Whom somebody said stop for is not followed up anew.
-- name: ChooseLeads :exec
INSERT INTO batch_leads (batch_id, lead_id)
SELECT @batch_id, l.id FROM leads l
WHERE l.final = @final::boolean AND l.stage <> 'do_not_contact'
  AND (sqlc.narg(stage)::text IS NULL OR l.stage = sqlc.narg(stage))
  AND (sqlc.narg(owner_id)::uuid IS NULL OR l.owner_id = sqlc.narg(owner_id))
  AND (sqlc.narg(source)::text IS NULL OR l.source = sqlc.narg(source))
  AND (sqlc.narg(blocked)::text IS NULL OR l.blocked = sqlc.narg(blocked))
  AND (sqlc.narg(account)::text IS NULL OR l.account_id = (SELECT a.id FROM accounts a WHERE lower(a.name) = lower(sqlc.narg(account))))
  AND (sqlc.narg(created_from)::timestamptz IS NULL OR l.created_at >= sqlc.narg(created_from))
  AND (sqlc.narg(created_before)::timestamptz IS NULL OR l.created_at < sqlc.narg(created_before));

-- name: ChooseDone :exec
INSERT INTO batch_leads (batch_id, lead_id)
SELECT @batch_id, d.lead_id FROM batch_leads d WHERE d.batch_id = @undoes AND d.result = 'done';

-- name: CountChosen :one
UPDATE batches SET leads = (SELECT count(*) FROM batch_leads c WHERE c.batch_id = batches.id) WHERE id = @id RETURNING leads;

-- name: BatchByID :one
SELECT b.*, u.id AS undone_by FROM batches b LEFT JOIN batches u ON u.undoes = b.id WHERE b.id = @id;

-- name: ListBatches :many
SELECT b.*, u.id AS undone_by FROM batches b LEFT JOIN batches u ON u.undoes = b.id ORDER BY b.created_at DESC, b.id LIMIT @most;

-- name: RunningBatches :many
SELECT id, pass FROM batches WHERE state = 'running' ORDER BY id;

-- name: SetBatchTerms :execrows
UPDATE batches SET terms = @terms WHERE id = @id AND state = 'open' AND undoes IS NULL;

-- One that ended goes on with the leads that had no answer; one that is taken back does
-- not go on.
-- name: RunBatch :one
UPDATE batches SET state = 'running', pass = pass + 1, ended_at = NULL
WHERE batches.id = @id AND (state IN ('open', 'stopped') OR state = 'ended' AND EXISTS (SELECT 1 FROM batch_leads w WHERE w.batch_id = @id AND w.result IN ('waiting', 'asked')))
    AND NOT EXISTS (SELECT 1 FROM batches u WHERE u.undoes = @id)
RETURNING pass;

-- name: StopBatch :exec
UPDATE batches SET state = 'stopped' WHERE id = @id AND state = 'running';

-- name: EndBatch :exec
UPDATE batches SET state = 'ended', ended_at = @ended_at,
    results = (SELECT coalesce(jsonb_object_agg(r.result, r.n), '{}') FROM (SELECT result, count(*) AS n FROM batch_leads c WHERE c.batch_id = @id GROUP BY result) AS r)
WHERE id = @id AND pass = @pass AND state = 'running';

-- The next leads that have not answered, how they stand, and what the batch that is
-- taken back did to them.
-- name: NextOfBatch :many
SELECT c.lead_id, c.before, l.stage, l.final, l.owner_id, l.state, o.before AS was, o.after AS became
FROM batch_leads c JOIN leads l ON l.id = c.lead_id
LEFT JOIN batch_leads o ON o.batch_id = sqlc.narg(undoes) AND o.lead_id = c.lead_id
WHERE c.batch_id = @batch_id AND c.lead_id > @after AND c.result IN ('waiting', 'asked')
ORDER BY c.lead_id LIMIT @most;

-- name: AskOfBatch :exec
UPDATE batch_leads c SET result = 'asked', before = coalesce(c.before, r.before)
FROM jsonb_to_recordset(@leads::jsonb) AS r (lead uuid, before jsonb)
WHERE c.batch_id = @batch_id AND c.lead_id = r.lead;

-- name: AnswerOfBatch :exec
UPDATE batch_leads c SET result = r.result, code = coalesce(r.code, ''), detail = coalesce(r.detail, ''), after = r.after, made = r.made
FROM jsonb_to_recordset(@leads::jsonb) AS r (lead uuid, result text, code text, detail text, after jsonb, made uuid)
WHERE c.batch_id = @batch_id AND c.lead_id = r.lead;

-- name: CountOfBatch :many
SELECT result, count(*) FROM batch_leads WHERE batch_id = @batch_id GROUP BY result;

-- name: LeadsOfBatch :many
SELECT c.lead_id, c.result, c.code, c.detail, c.made, p.name, (p.erased_at IS NOT NULL)::boolean AS erased, u.name AS owner, l.stage, l.blocked, l.final, l.state
FROM batch_leads c JOIN leads l ON l.id = c.lead_id JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id
WHERE c.batch_id = @batch_id AND (sqlc.narg(result)::text IS NULL OR c.result = sqlc.narg(result)) AND c.lead_id > @after
ORDER BY c.lead_id LIMIT @most;

-- Who they are that are followed up anew.
-- name: FormerLeads :many
SELECT l.id, l.owner_id, u.active, l.source, p.name, p.email, p.phone, p.title, p.zone, p.country, (p.erased_at IS NOT NULL)::boolean AS erased, coalesce(a.name, '')::text AS account
FROM leads l JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id LEFT JOIN accounts a ON a.id = p.account_id
WHERE l.id = ANY(@leads::uuid[]);

-- name: ForgetBatches :exec
DELETE FROM batch_leads WHERE batch_id IN (
    SELECT b.id FROM batches b WHERE b.state <> 'running' AND b.created_at < @before AND EXISTS (SELECT 1 FROM batch_leads c WHERE c.batch_id = b.id) ORDER BY b.created_at LIMIT 1
);
