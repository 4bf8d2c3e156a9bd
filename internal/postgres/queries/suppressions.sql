-- A stop says more than an address that bounced; else what is there stays.
-- name: AddSuppressions :many
INSERT INTO suppressions (id, kind, value_hash, via, created_at)
SELECT gen_random_uuid(), unnest(@kinds::text[]), unnest(@hashes::bytea[]), unnest(@vias::text[]), @at
ON CONFLICT (kind, value_hash) DO UPDATE SET via = excluded.via WHERE suppressions.via = 'bounce' AND excluded.via <> 'bounce'
RETURNING kind, value_hash, via;

-- Whom suppressions concern, and their living leads.
-- name: PeopleOfHashes :many
SELECT p.id, p.email, p.phone, l.id AS lead_id FROM people p LEFT JOIN leads l ON l.person_id = p.id AND NOT l.final
WHERE sha256(convert_to('rekindle suppression: ' || p.email, 'UTF8')) = ANY(@emails::bytea[])
   OR sha256(convert_to('rekindle suppression: ' || substring(p.email FROM '[^@]*$'), 'UTF8')) = ANY(@domains::bytea[])
   OR sha256(convert_to('rekindle suppression: ' || p.phone, 'UTF8')) = ANY(@phones::bytea[]);

-- name: CancelTasksOfPeople :exec
UPDATE tasks SET state = 'cancelled', closed_at = @at, result = @why
WHERE person_id = ANY(@people::uuid[]) AND state = 'open' AND (@kind::text = '' OR kind = @kind);

-- name: Suppressions :many
SELECT id, kind, value_hash, via, person_id, created_at FROM suppressions s
WHERE (sqlc.narg(kind)::text IS NULL OR s.kind = sqlc.narg(kind))
  AND (sqlc.narg(after)::uuid IS NULL OR (s.created_at, s.id) < (SELECT o.created_at, o.id FROM suppressions o WHERE o.id = sqlc.narg(after)))
ORDER BY s.created_at DESC, s.id DESC LIMIT @most;
