-- name: InsertInbound :execrows
INSERT INTO inbound_messages (id, key, mailbox_id, message_id, raw, received_at, from_name, from_address, subject, body, class, kind, back_on, evidence, damage, state)
VALUES (@id, @key, sqlc.narg(mailbox_id), @message_id, @raw, @received_at, @from_name, @from_address, @subject, @body, @class, @kind,
    sqlc.narg(back_on), @evidence, @damage, 'new')
ON CONFLICT (key) DO NOTHING;

-- name: InboundByKey :one
SELECT id, state FROM inbound_messages WHERE key = @key;

-- name: SettleInbound :exec
UPDATE inbound_messages SET state = @state, lead_id = coalesce(sqlc.narg(lead_id), lead_id), person_id = coalesce(sqlc.narg(person_id), person_id),
    touch = @touch, matched_by = @matched_by WHERE id = @id;

-- name: HandleInbound :execrows
UPDATE inbound_messages SET state = @state, lead_id = coalesce(sqlc.narg(lead_id), lead_id), person_id = coalesce(sqlc.narg(person_id), person_id),
    matched_by = @matched_by, handled_by = sqlc.narg(handled_by), handled_at = @at
WHERE id = @id AND state = 'unmatched';

-- name: Inbound :one
SELECT * FROM inbound_messages WHERE id = @id;

-- name: NewInbound :many
SELECT id FROM inbound_messages WHERE state = 'new' AND received_at < @before ORDER BY received_at LIMIT 50;

-- name: SendByMessageID :one
SELECT s.lead_id, s.touch, s.person_id, s.state, s.mailbox_id, s.message_id FROM send_ledger s
WHERE s.message_id = ANY(@ids::text[]) ORDER BY s.reserved_at DESC LIMIT 1;

-- name: PersonOfAddress :one
SELECT * FROM people WHERE email = ANY(@emails::text[]) ORDER BY array_position(@emails::text[], email) LIMIT 1;

-- What came back about a send shows that it went out.
-- name: ReconcileSend :execrows
UPDATE send_ledger SET state = 'sent', sent_at = reserved_at, reconciled = @how WHERE lead_id = @lead_id AND touch = @touch AND state = 'unknown';

-- name: SettleSend :execrows
UPDATE send_ledger SET state = CASE WHEN @went_out::bool THEN 'sent' ELSE 'failed' END,
    sent_at = CASE WHEN @went_out::bool THEN reserved_at END,
    detail = CASE WHEN @went_out::bool THEN detail ELSE 'failed: a person found that it did not go out' END, reconciled = 'person'
WHERE lead_id = @lead_id AND touch = @touch AND state = 'unknown';

-- name: BounceSend :execrows
UPDATE send_ledger SET bounced_at = @at WHERE lead_id = @lead_id AND touch = @touch AND bounced_at IS NULL;

-- name: ComplainAboutSend :execrows
UPDATE send_ledger SET complained_at = @at WHERE lead_id = @lead_id AND touch = @touch AND complained_at IS NULL;

-- name: UnknownSends :many
SELECT s.lead_id, s.touch, s.message_id, s.mailbox_id, coalesce(m.name, '')::text AS mailbox, s.subject, s.detail, s.reserved_at
FROM send_ledger s LEFT JOIN mailboxes m ON m.id = s.mailbox_id
WHERE s.state = 'unknown' ORDER BY s.reserved_at DESC LIMIT @most;

-- name: UnknownSendsOf :many
SELECT lead_id, touch, message_id FROM send_ledger WHERE mailbox_id = @mailbox_id AND state = 'unknown' AND reserved_at > @since ORDER BY reserved_at LIMIT 200;

-- name: SentThread :many
SELECT s.touch, s.person_id, p.name AS person, s.subject, s.body, s.state, s.detail, s.reserved_at AS at, s.bounced_at, coalesce(m.address, '')::text AS address
FROM send_ledger s JOIN people p ON p.id = s.person_id LEFT JOIN mailboxes m ON m.id = s.mailbox_id
WHERE s.lead_id = @lead_id AND s.state IN ('sent', 'unknown', 'failed') ORDER BY s.reserved_at;

-- What came in by mail, and what was reported over the API.
-- name: ReceivedThread :many
SELECT id, person_id, from_name, from_address, subject, body, class, kind, back_on, evidence, received_at, touch, true::bool AS whole
FROM inbound_messages m WHERE m.lead_id = @lead_id
UNION ALL
SELECT r.id, r.person_id, p.name, coalesce(p.email, ''), '', r.body, '', '', NULL, '[]'::jsonb, r.received_at, '', false::bool
FROM replies r JOIN people p ON p.id = r.person_id
WHERE r.lead_id = @lead_id AND NOT EXISTS (SELECT 1 FROM inbound_messages i WHERE i.id = r.id)
ORDER BY received_at;
