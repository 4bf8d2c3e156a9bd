-- name: SaveMailbox :one
INSERT INTO mailboxes (id, name, address, sender, user_id, inquiries, signature, postal_address, zone, hours,
    daily_limit, gap_seconds, ramp_from, ramp_step, ramp_since, sealed, created_at)
VALUES (@id, @name, @address, @sender, sqlc.narg(user_id), @inquiries, @signature, @postal_address, @zone, @hours,
    @daily_limit, @gap_seconds, @ramp_from, @ramp_step, sqlc.narg(ramp_since), @sealed, @created_at)
ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, sender = excluded.sender, user_id = excluded.user_id,
    inquiries = excluded.inquiries, signature = excluded.signature, postal_address = excluded.postal_address, zone = excluded.zone,
    hours = excluded.hours, daily_limit = excluded.daily_limit, gap_seconds = excluded.gap_seconds, ramp_from = excluded.ramp_from,
    ramp_step = excluded.ramp_step, ramp_since = excluded.ramp_since, sealed = excluded.sealed
RETURNING *;

-- name: MailboxRows :many
SELECT * FROM mailboxes ORDER BY name;

-- name: MailboxRow :one
SELECT * FROM mailboxes WHERE id = @id;

-- name: MailboxByName :one
SELECT * FROM mailboxes WHERE name = @name;

-- name: MailboxNamed :one
SELECT id FROM mailboxes WHERE name = @name;

-- name: LockMailbox :one
SELECT * FROM mailboxes WHERE id = @id FOR UPDATE;

-- The mailbox of a lead: the one it has while that is its owner's or shared, else
-- the owner's that has sent least lately, else a shared one.
-- name: MailboxFor :one
SELECT m.id FROM leads l JOIN mailboxes m ON m.user_id = l.owner_id OR m.user_id IS NULL AND NOT m.inquiries
WHERE l.id = @lead_id
ORDER BY (m.id = l.mailbox_id) IS TRUE DESC, (m.user_id = l.owner_id) IS TRUE DESC, (m.parked = '') DESC,
    (SELECT count(*) FROM send_ledger s WHERE s.mailbox_id = m.id AND s.slot_at > @since), m.name
LIMIT 1;

-- name: SetMailbox :exec
UPDATE leads SET mailbox_id = @mailbox_id WHERE id = @lead_id AND mailbox_id IS DISTINCT FROM @mailbox_id;

-- Slots that are given out from an instant on: those used, and those to come.
-- name: GivenSlots :many
SELECT slot_at::timestamptz AS at, (state <> 'released')::bool AS used FROM send_ledger
WHERE mailbox_id = @mailbox_id AND slot_at >= @since AND NOT (lead_id = @lead_id AND touch = @touch)
  AND (state IN ('reserved', 'sent', 'unknown', 'failed') OR state = 'released' AND slot_at > @at);

-- name: PutSlot :execrows
INSERT INTO send_ledger (lead_id, touch, person_id, message_id, text_name, state, attempt, reserved_at, mailbox_id, slot_at)
VALUES (@lead_id, @touch, @person_id, @message_id, @text_name, 'released', @attempt, @at, @mailbox_id, sqlc.narg(slot_at))
ON CONFLICT (lead_id, touch) DO UPDATE SET mailbox_id = excluded.mailbox_id, slot_at = excluded.slot_at
WHERE send_ledger.state = 'released';

-- name: WaitingForMailbox :many
SELECT s.lead_id, s.touch FROM send_ledger s JOIN leads l ON l.id = s.lead_id
WHERE s.mailbox_id = @mailbox_id AND s.state = 'released' AND s.slot_at IS NULL AND l.state->'next'->>'touch' = s.touch AND NOT l.final
ORDER BY l.value DESC, s.reserved_at, s.lead_id;

-- name: GiveSlot :exec
UPDATE send_ledger SET slot_at = @slot_at WHERE lead_id = @lead_id AND touch = @touch AND state = 'released';

-- name: LoseSlots :exec
UPDATE send_ledger SET slot_at = NULL WHERE mailbox_id = @mailbox_id AND state = 'released';

-- name: ParkMailbox :execrows
UPDATE mailboxes SET parked = @reason, parked_detail = @detail, parked_at = @at WHERE id = @id AND parked = '';

-- name: ResumeMailbox :execrows
UPDATE mailboxes SET parked = '', parked_detail = '', parked_at = NULL, failures = 0, healthy_since = @at WHERE id = @id AND parked <> '';

-- name: MailboxFailed :one
UPDATE mailboxes SET failures = failures + 1 WHERE id = @id RETURNING failures;

-- name: MailboxWorks :exec
UPDATE mailboxes SET failures = 0 WHERE id = @id AND failures > 0;

-- name: MailboxHealth :one
SELECT count(*) AS sends,
       count(*) FILTER (WHERE bounced_at IS NOT NULL OR state = 'failed' AND detail LIKE 'no_address%') AS bounces,
       count(*) FILTER (WHERE complained_at IS NOT NULL) AS complaints
FROM send_ledger WHERE mailbox_id = @mailbox_id AND slot_at >= @since AND state IN ('sent', 'unknown', 'failed');

-- name: MailboxUse :one
SELECT (SELECT count(*) FROM send_ledger s WHERE s.mailbox_id = m.id AND s.slot_at >= @since AND s.slot_at <= @at
            AND s.state IN ('reserved', 'sent', 'unknown', 'failed'))::int AS used,
       (SELECT count(*) FROM send_ledger s WHERE s.mailbox_id = m.id AND s.slot_at > @at AND s.state = 'released')::int AS planned,
       (SELECT count(*) FROM send_ledger s JOIN leads l ON l.id = s.lead_id
        WHERE s.mailbox_id = m.id AND s.state = 'released' AND NOT l.final AND l.state->'next'->>'touch' = s.touch)::int AS waiting,
       w.connected_at, coalesce(w.error, '')::text AS error
FROM mailboxes m LEFT JOIN inbox_watches w ON w.mailbox_id = m.id WHERE m.id = @id;

-- The mail that a follow-up answers: the last one of ours to that person, or what
-- they wrote since.
-- name: LastSent :one
SELECT message_id, subject, refs, reserved_at FROM send_ledger
WHERE lead_id = @lead_id AND person_id = @person_id AND state IN ('sent', 'unknown') AND subject <> ''
ORDER BY reserved_at DESC LIMIT 1;

-- name: LastReceived :one
SELECT message_id FROM inbound_messages
WHERE lead_id = @lead_id AND person_id = @person_id AND class = 'human' AND message_id <> '' AND received_at > @since
ORDER BY received_at DESC LIMIT 1;

-- The address from which a user last wrote to a person for a lead.
-- name: WroteFrom :one
SELECT m.address FROM send_ledger s JOIN mailboxes m ON m.id = s.mailbox_id
WHERE s.lead_id = @lead_id AND s.person_id = @person_id AND m.user_id = @user_id AND s.state IN ('sent', 'unknown')
ORDER BY s.reserved_at DESC LIMIT 1;
