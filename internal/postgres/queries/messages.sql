-- name: InboundPage :many
SELECT i.id, coalesce(m.name, '')::text AS mailbox, i.received_at, i.from_name, i.from_address, i.subject, i.body, i.class, i.kind, i.state, i.lead_id, i.damage
FROM inbound_messages i LEFT JOIN mailboxes m ON m.id = i.mailbox_id
WHERE i.state = @state
  AND (sqlc.narg(before)::uuid IS NULL OR (i.received_at, i.id) < (SELECT o.received_at, o.id FROM inbound_messages o WHERE o.id = sqlc.narg(before)))
ORDER BY i.received_at DESC, i.id DESC LIMIT @most;

-- name: MailboxByAddress :one
SELECT * FROM mailboxes WHERE address = lower(@address);

-- name: PermissionsOf :many
SELECT id, channel, every, until, granted_at FROM permissions WHERE person_id = @person_id ORDER BY granted_at DESC, id;
