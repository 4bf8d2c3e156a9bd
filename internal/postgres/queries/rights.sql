-- name: InsertAct :exec
INSERT INTO admin_acts (id, at, actor, act, about) VALUES (@id, @at, @actor, @act, @about) ON CONFLICT DO NOTHING;

-- name: PeopleOfAddress :many
SELECT * FROM people WHERE email = lower(@address) OR phone = @address ORDER BY created_at, id LIMIT 50;

-- Where a person stands with us: their own leads, those in which they are named, and their erasure.
-- name: LeadsOfPerson :many
SELECT id, stage, runs, source, created_at FROM leads WHERE person_id = @person_id ORDER BY created_at, id;

-- name: LeadsThatName :many
SELECT s.lead_id, s.named_at, s.named_by, s.started_at FROM stakeholders s WHERE s.person_id = @person_id ORDER BY s.named_at, s.lead_id;

-- Each time that somebody brought them in, and on which basis.
-- name: GroundsOf :many
SELECT e.id, e.lead_id, e.kind, e.detail, e.basis, e.reported_by, coalesce(u.name, k.name, '')::text AS reporter, e.occurred_at, e.recorded_at
FROM engagements e LEFT JOIN users u ON u.id::text = e.reported_by LEFT JOIN api_keys k ON 'key:' || k.id = e.reported_by
WHERE e.person_id = @person_id ORDER BY e.occurred_at, e.id LIMIT 100;

-- name: InsertErasure :execrows
INSERT INTO erasures (person_id, ground, asked_by, asked_at) VALUES (@person_id, @ground, @asked_by, @asked_at) ON CONFLICT DO NOTHING;

-- name: Erasure :one
SELECT * FROM erasures WHERE person_id = @person_id;

-- name: OpenErasures :many
SELECT person_id FROM erasures WHERE done_at IS NULL ORDER BY asked_at LIMIT @most;

-- name: ErasureDone :exec
UPDATE erasures SET done_at = @at, removed = @removed WHERE person_id = @person_id AND done_at IS NULL;

-- name: AnyRuns :one
SELECT EXISTS (SELECT FROM leads WHERE person_id = @person_id AND runs);

-- People whose leads are all over, and of whom nothing has been heard since.
-- name: PeopleLongGone :many
SELECT p.id FROM people p
WHERE p.erased_at IS NULL AND p.created_at < @before::timestamptz AND p.id > @after
  AND NOT EXISTS (SELECT FROM leads l WHERE l.person_id = p.id AND (l.runs OR l.updated_at >= @before))
  AND NOT EXISTS (SELECT FROM stakeholders s JOIN leads l ON l.id = s.lead_id WHERE s.person_id = p.id AND (l.runs OR l.updated_at >= @before))
  AND NOT EXISTS (SELECT FROM engagements e WHERE e.person_id = p.id AND e.occurred_at >= @before)
  AND NOT EXISTS (SELECT FROM inbound_messages i WHERE i.person_id = p.id AND i.received_at >= @before)
ORDER BY p.id LIMIT @most;

-- name: ForgetReceived :execrows
UPDATE inbound_messages SET raw = '', body = '', subject = '', evidence = '[]', from_name = ''
WHERE id IN (SELECT i.id FROM inbound_messages i WHERE i.raw <> '' AND i.received_at < @before::timestamptz
    AND (i.person_id IS NOT NULL OR i.lead_id IS NOT NULL) AND i.state <> 'new' LIMIT @most);

-- name: ForgetStrangers :execrows
UPDATE inbound_messages SET raw = '', body = '', subject = '', evidence = '[]', from_name = '', from_address = '', message_id = '', state = 'dismissed'
WHERE id IN (SELECT i.id FROM inbound_messages i WHERE i.raw <> '' AND i.received_at < @before::timestamptz
    AND i.person_id IS NULL AND i.lead_id IS NULL AND i.state <> 'new' LIMIT @most);

-- name: ForgetReplies :execrows
UPDATE replies SET body = '' WHERE id IN (SELECT r.id FROM replies r WHERE r.body <> '' AND r.received_at < @before::timestamptz LIMIT @most);

-- name: ForgetSent :execrows
UPDATE send_ledger SET body = '' WHERE (lead_id, touch) IN (SELECT s.lead_id, s.touch FROM send_ledger s
    WHERE s.body <> '' AND s.reserved_at < @before::timestamptz AND s.state <> 'reserved' LIMIT @most);

-- What came in from somebody who was erased is not kept, but that it came.
-- name: ForgetInbound :exec
UPDATE inbound_messages SET raw = '', message_id = '', from_name = '', from_address = '', subject = '', body = '', evidence = '[]', damage = '{}',
    back_on = NULL, state = 'dismissed', matched_by = 'erased', person_id = @person_id WHERE id = @id;

-- name: NamesOfUsers :many
SELECT id::text AS id, name FROM users WHERE id::text = ANY(@ids::text[])
UNION ALL
SELECT 'key:' || id, name FROM api_keys WHERE 'key:' || id = ANY(@ids::text[]);

-- Colleagues at an account, and their leads.
-- name: OthersAtAccount :many
SELECT p.id, l.id AS lead_id FROM people p LEFT JOIN leads l ON l.person_id = p.id WHERE p.account_id = @account_id AND p.id <> @person_id
UNION
SELECT l.person_id, l.id FROM leads l WHERE l.account_id = @account_id AND l.person_id <> @person_id;

-- A former mail address stays stopped with the person; a number may have been somebody else's.
-- name: SuppressFormer :exec
INSERT INTO suppressions (id, kind, value_hash, via, created_at)
SELECT gen_random_uuid(), f.kind, f.value_hash, @via, @at FROM former_addresses f WHERE f.person_id = @person_id AND f.kind = 'email'
ON CONFLICT DO NOTHING;

-- name: FormerHashes :many
SELECT value_hash FROM former_addresses WHERE person_id = @person_id;

-- Former addresses are hashes; the letters that came from them still name them.
-- name: SendersOfHashes :many
SELECT DISTINCT from_address FROM inbound_messages
WHERE from_address <> '' AND sha256(convert_to('rekindle suppression: ' || from_address, 'UTF8')) = ANY(@hashes::bytea[]);
