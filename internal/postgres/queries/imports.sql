-- Lists of leads that come as files.

-- name: InsertImport :execrows
INSERT INTO imports (id, name, digest, started_by, created_at, encoding, delimiter, header, rows, plan)
VALUES (@id, @name, @digest, @started_by, @created_at, @encoding, @delimiter, @header, @rows, @plan)
ON CONFLICT (id) DO NOTHING;

-- name: CopyImportRows :copyfrom
INSERT INTO import_rows (import_id, line, cells, fault) VALUES (@import_id, @line, @cells, @fault);

-- name: ImportByID :one
SELECT * FROM imports WHERE id = @id;

-- name: ListImports :many
SELECT * FROM imports ORDER BY created_at DESC, id LIMIT @most;

-- name: RunningImports :many
SELECT id, pass FROM imports WHERE state = 'running' ORDER BY id;

-- name: PlanImport :execrows
UPDATE imports SET plan = @plan WHERE id = @id AND state IN ('open', 'stopped');

-- A pass over the file begins. One that was stopped goes on where it stood.
-- name: RunImport :one
UPDATE imports SET state = 'running', dry = @dry, pass = CASE WHEN state = 'stopped' AND dry = @dry THEN pass ELSE pass + 1 END
WHERE id = @id AND (state = 'open' OR state = 'stopped' AND NOT @dry)
RETURNING *;

-- name: StopImport :exec
UPDATE imports SET state = CASE WHEN dry THEN 'open' ELSE 'stopped' END WHERE id = @id AND state = 'running';

-- name: EndImport :exec
UPDATE imports SET state = CASE WHEN dry THEN 'open' ELSE 'ended' END, ended_at = @ended_at, results = @results
WHERE id = @id AND pass = @pass AND state = 'running';

-- Rows are judged in their order, and a batch is written down as a whole.
-- name: ImportRowsAfter :many
SELECT r.line, r.cells, r.fault FROM import_rows r
WHERE r.import_id = @import_id
  AND r.line > greatest(@after::int, (SELECT max(d.line) FROM import_results d WHERE d.import_id = @import_id AND d.pass = @pass))
ORDER BY r.line LIMIT @most;

-- name: FirstImportRows :many
SELECT line, cells, fault FROM import_rows WHERE import_id = @import_id ORDER BY line LIMIT @most;

-- name: InsertImportResults :exec
INSERT INTO import_results (import_id, pass, line, result, address, lead_id, faults)
SELECT @import_id, @pass, r.line, r.result, decode(r.address, 'hex'), r.lead_id, r.faults
FROM jsonb_to_recordset(@results::jsonb) AS r (line int, result text, address text, lead_id uuid, faults jsonb)
ON CONFLICT DO NOTHING;

-- name: CountImportResults :many
SELECT result, count(*) FROM import_results WHERE import_id = @import_id AND pass = @pass GROUP BY result;

-- Addresses that stand further up in the file.
-- name: AddressesAbove :many
SELECT DISTINCT address FROM import_results
WHERE import_id = @import_id AND pass = @pass AND address = ANY(@addresses::bytea[]) AND result <> 'refused';

-- Lines that had their effect when the same file came before.
-- name: ImportedBefore :many
SELECT DISTINCT r.line FROM imports i JOIN import_results r ON r.import_id = i.id
WHERE i.digest = @digest AND i.id <> @import_id AND r.result IN ('created', 'recorded') AND NOT i.dry AND r.pass = i.pass AND r.line = ANY(@lines::int[]);

-- What came of the rows, in their order.
-- name: ImportResults :many
SELECT r.line, r.cells, r.fault, d.result, d.lead_id, d.faults
FROM import_results d JOIN import_rows r ON r.import_id = d.import_id AND r.line = d.line
WHERE d.import_id = @import_id AND d.pass = @pass AND d.line > @after
  AND (sqlc.narg(result)::text IS NULL OR d.result = sqlc.narg(result))
ORDER BY d.line LIMIT @most;

-- Who of these is known, by their address or, without one, by their number; and the
-- lead by which, living before ended.
-- name: KnownAmong :many
SELECT k.place::int AS place, l.id AS lead_id
FROM (SELECT (e->>'place')::int AS place, e->>'email' AS email, e->>'phone' AS phone FROM jsonb_array_elements(@people::jsonb) AS e) AS k
JOIN LATERAL (
    SELECT people.id FROM people WHERE k.email <> '' AND people.email = k.email
    UNION ALL
    (SELECT people.id FROM people WHERE k.email = '' AND people.phone = k.phone ORDER BY people.created_at LIMIT 1)
) AS p ON true
JOIN LATERAL (
    SELECT x.id FROM (
        SELECT leads.id, leads.final, leads.created_at FROM leads WHERE leads.person_id = p.id
        UNION ALL
        SELECT leads.id, leads.final, leads.created_at FROM stakeholders JOIN leads ON leads.id = stakeholders.lead_id
        WHERE stakeholders.person_id = p.id AND stakeholders.started_at IS NOT NULL AND NOT leads.final
    ) AS x ORDER BY x.final, x.created_at DESC, x.id LIMIT 1
) AS l ON true;

-- name: LeadsOfExternals :many
SELECT e.external_id::text AS external_id, e.lead_id, NOT EXISTS (SELECT 1 FROM engagements b WHERE b.lead_id = e.lead_id AND b.id < e.id) AS first
FROM engagements e WHERE e.external_id = ANY(@external_ids::text[]) AND e.lead_id IS NOT NULL;

-- name: ForgetImports :exec
DELETE FROM import_rows WHERE import_id IN (
    SELECT id FROM imports WHERE state <> 'running' AND created_at < @before AND EXISTS (SELECT 1 FROM import_rows r WHERE r.import_id = imports.id) ORDER BY created_at LIMIT 1
);
