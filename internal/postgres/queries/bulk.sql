-- Enrolment of many people in a few statements. Locks are taken in the order of
-- names and addresses, so that two such requests do not wait in a circle.

-- name: KnownExternals :many
SELECT external_id::text FROM engagements WHERE external_id = ANY(@external_ids::text[]);

-- name: KnownEmails :many
SELECT email::text FROM people WHERE email = ANY(@emails::text[]);

-- Which of these may not be contacted: addresses and domains for good, numbers by
-- phone. An address that bounced stops nobody.
-- name: StoppedAmong :many
SELECT value_hash FROM suppressions WHERE kind = 'email' AND via <> 'bounce' AND value_hash = ANY(@emails::bytea[])
UNION ALL
SELECT value_hash FROM suppressions WHERE kind = 'domain' AND via <> 'bounce' AND value_hash = ANY(@domains::bytea[])
UNION ALL
SELECT value_hash FROM suppressions WHERE kind = 'phone' AND value_hash = ANY(@phones::bytea[]);

-- Locks the accounts as well, as LockAccount does.
-- name: MakeAccounts :exec
INSERT INTO accounts (id, name)
SELECT gen_random_uuid(), n.name FROM (SELECT DISTINCT ON (lower(name)) name FROM unnest(@names::text[]) AS name ORDER BY lower(name)) AS n
ON CONFLICT (lower(name)) DO UPDATE SET name = accounts.name;

-- name: AccountsByNames :many
SELECT n.name::text AS asked, a.id FROM unnest(@names::text[]) AS n(name) JOIN accounts a ON lower(a.name) = lower(n.name);

-- Only those whom nobody knew by their address come back.
-- name: InsertPeople :many
INSERT INTO people (id, account_id, name, email, phone, zone, country, title, basis, unsubscribe_token)
SELECT r.id, r.account_id, r.name, r.email, r.phone, r.zone, r.country, r.title, r.basis, r.unsubscribe_token
FROM jsonb_to_recordset(@people::jsonb) AS r (id uuid, account_id uuid, name text, email text, phone text, zone text,
    country text, title text, basis text, unsubscribe_token text)
ORDER BY r.email
ON CONFLICT (email) DO NOTHING
RETURNING id;

-- name: ActiveAmong :many
SELECT id FROM users WHERE active AND id = ANY(@ids::uuid[]);

-- name: LoadOfReps :many
SELECT u.id, count(l.id) AS leads FROM users u LEFT JOIN leads l ON l.owner_id = u.id AND NOT l.final
WHERE u.active AND u.role = 'rep' GROUP BY u.id ORDER BY u.id;

-- name: TalkingAtAll :many
SELECT account_id, id FROM leads WHERE account_id = ANY(@accounts::uuid[]) AND talking AND NOT final ORDER BY id;

-- name: CopyLeads :copyfrom
INSERT INTO leads (id, person_id, account_id, owner_id, source, playbook, stage, amount, created_at, updated_at)
VALUES (@id, @person_id, @account_id, @owner_id, @source, @playbook, @stage, @amount, @created_at, @updated_at);

-- name: CopyEngagements :copyfrom
INSERT INTO engagements (id, person_id, lead_id, kind, detail, occurred_at, external_id, basis, reported_by)
VALUES (@id, @person_id, @lead_id, @kind, @detail, @occurred_at, @external_id, @basis, @reported_by);

-- name: CopyDispatches :copyfrom
INSERT INTO dispatches (id, lead_id, message, payload) VALUES (@id, @lead_id, @message, @payload);
