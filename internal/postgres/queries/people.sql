-- name: AccountByName :one
INSERT INTO accounts (id, name) VALUES (@id, @name)
ON CONFLICT (lower(name)) DO UPDATE SET name = accounts.name
RETURNING *;

-- name: PersonByEmail :one
SELECT * FROM people WHERE email = @email;

-- name: PersonByPhone :one
SELECT * FROM people WHERE phone = @phone ORDER BY created_at LIMIT 1;

-- Numbers are not unique: several people share one. One at a time may look
-- whether a number is new.
-- name: LockPhone :exec
SELECT pg_advisory_xact_lock(hashtextextended(@phone::text, 9));

-- name: PersonByToken :one
SELECT * FROM people WHERE unsubscribe_token = @token;

-- name: Person :one
SELECT * FROM people WHERE id = @id;

-- name: InsertPerson :one
INSERT INTO people (id, account_id, name, email, phone, zone, country, title, basis, unsubscribe_token)
VALUES (@id, sqlc.narg(account_id), @name, sqlc.narg(email), sqlc.narg(phone), @zone, @country, @title, @basis, @unsubscribe_token)
ON CONFLICT (email) DO NOTHING
RETURNING *;

-- name: CompletePerson :exec
UPDATE people SET
    account_id = coalesce(account_id, sqlc.narg(account_id)),
    phone = coalesce(phone, sqlc.narg(phone)),
    name = CASE WHEN name = '' THEN @name ELSE name END,
    zone = CASE WHEN zone = '' THEN @zone ELSE zone END,
    country = CASE WHEN country = '' THEN @country ELSE country END,
    title = CASE WHEN title = '' THEN @title ELSE title END,
    basis = CASE WHEN basis = '' THEN @basis ELSE basis END
WHERE id = @id AND erased_at IS NULL;

-- name: InsertStakeholder :execrows
INSERT INTO stakeholders (lead_id, person_id, named_at, named_by) VALUES (@lead_id, @person_id, @named_at, @named_by)
ON CONFLICT DO NOTHING;

-- name: DropStakeholder :exec
DELETE FROM stakeholders WHERE lead_id = @lead_id AND person_id = @person_id AND started_at IS NULL;

-- name: StartStakeholders :exec
UPDATE stakeholders SET started_at = coalesce(started_at, @at::timestamptz)
WHERE lead_id = @lead_id AND person_id = ANY(@people::uuid[]);

-- name: StakeholdersOf :many
SELECT p.id, p.name, p.email, p.phone, p.title, s.named_at, s.started_at
FROM stakeholders s JOIN people p ON p.id = s.person_id WHERE s.lead_id = @lead_id ORDER BY s.named_at, p.id;

-- name: LeadsWithStakeholder :many
SELECT l.* FROM stakeholders s JOIN leads l ON l.id = s.lead_id
WHERE s.person_id = @person_id AND s.started_at IS NOT NULL AND NOT l.final;

-- name: InsertPermission :exec
INSERT INTO permissions (id, person_id, channel, every, until, granted_at)
VALUES (@id, @person_id, @channel, @every, sqlc.narg(until), @granted_at)
ON CONFLICT DO NOTHING;

-- name: InsertSuppression :exec
INSERT INTO suppressions (id, kind, value_hash, via, person_id, created_at)
VALUES (@id, @kind, @value_hash, @via, sqlc.narg(person_id), @created_at)
ON CONFLICT (kind, value_hash) DO UPDATE SET via = excluded.via WHERE suppressions.via = 'bounce'; -- a stop says more

-- Whether a mail may not go to an address: the person, the address or its domain
-- was stopped, or the address bounced.
-- name: MailStopped :one
SELECT (EXISTS (SELECT 1 FROM suppressions WHERE (kind, value_hash) IN (('email', @email::bytea), ('domain', @domain::bytea)))
    OR EXISTS (SELECT 1 FROM former_addresses f JOIN suppressions s USING (kind, value_hash)
               WHERE f.person_id = @person_id AND s.via <> 'bounce'))::bool AS stopped;

-- Whether a person may not be contacted at all. People share numbers, so a number
-- stops only whoever is known by nothing else; an address that bounced stops nobody.
-- name: PersonStopped :one
SELECT (EXISTS (SELECT 1 FROM suppressions WHERE via <> 'bounce' AND
        (kind, value_hash) IN (('email', @email::bytea), ('domain', @domain::bytea)))
    OR (@email::bytea = ''::bytea AND EXISTS (SELECT 1 FROM suppressions WHERE kind = 'phone' AND value_hash = @phone::bytea))
    OR EXISTS (SELECT 1 FROM former_addresses f JOIN suppressions s USING (kind, value_hash)
               WHERE f.person_id = @person_id AND s.via <> 'bounce'))::bool AS stopped;

-- name: NumberStopped :one
SELECT EXISTS (SELECT 1 FROM suppressions WHERE kind = 'phone' AND value_hash = @phone::bytea);
