-- name: LedgerRow :one
SELECT * FROM send_ledger WHERE lead_id = @lead_id AND touch = @touch FOR UPDATE;

-- name: InsertLedger :execrows
INSERT INTO send_ledger (lead_id, touch, person_id, message_id, text_name, content_id, state, attempt, reserved_at, mailbox_id, slot_at)
VALUES (@lead_id, @touch, @person_id, @message_id, @text_name, sqlc.narg(content_id), 'reserved', @attempt, @at, sqlc.narg(mailbox_id), sqlc.narg(slot_at))
ON CONFLICT DO NOTHING;

-- name: TakeReleased :execrows
UPDATE send_ledger SET state = 'reserved', attempt = @attempt, reserved_at = @at, content_id = sqlc.narg(content_id),
    mailbox_id = sqlc.narg(mailbox_id), slot_at = sqlc.narg(slot_at), message_id = @message_id, begun_at = NULL
WHERE lead_id = @lead_id AND touch = @touch AND state = 'released';

-- The message of an attempt begins to go out: from here on nobody else may send it.
-- name: BeginSend :execrows
UPDATE send_ledger SET begun_at = @at
WHERE lead_id = @lead_id AND touch = @touch AND attempt = @attempt AND state = 'reserved' AND begun_at IS NULL;

-- An attempt that never began to send, and cannot any more (BeginSend).
-- name: TakeBack :exec
UPDATE send_ledger SET state = 'released' WHERE lead_id = @lead_id AND touch = @touch AND state = 'reserved' AND begun_at IS NULL;

-- name: EndLedger :execrows
UPDATE send_ledger SET state = @new_state, detail = @detail, sent_at = sqlc.narg(sent_at), slot_at = sqlc.narg(slot_at), subject = @subject, body = @body
WHERE lead_id = @lead_id AND touch = @touch AND attempt = @attempt AND state IN ('reserved', 'unknown');

-- name: LedgerRowUnlocked :one
SELECT * FROM send_ledger WHERE lead_id = @lead_id AND touch = @touch;

-- name: SetThread :exec
UPDATE send_ledger SET refs = @refs WHERE lead_id = @lead_id AND touch = @touch AND refs <> @refs;

-- name: MarkUnknown :exec
UPDATE send_ledger SET state = 'unknown', detail = @detail WHERE lead_id = @lead_id AND touch = @touch AND state = 'reserved';

-- What a text may say about a lead.
-- name: LetterFacts :one
SELECT coalesce(a.name, '')::text AS account, e.kind AS asked_for, e.occurred_at AS asked_at, o.recorded_at AS spoken_at,
    ARRAY(SELECT p.name FROM stakeholders s JOIN people p ON p.id = s.person_id WHERE s.lead_id = l.id ORDER BY s.named_at, p.id)::text[] AS stakeholders
FROM leads l LEFT JOIN accounts a ON a.id = l.account_id
LEFT JOIN engagements e ON e.id = (SELECT id FROM engagements WHERE lead_id = l.id ORDER BY occurred_at DESC, id DESC LIMIT 1)
LEFT JOIN outcomes o ON o.id = (SELECT id FROM outcomes WHERE lead_id = l.id AND taken_back_at IS NULL
    AND outcome NOT IN ('no_answer', 'voicemail', 'no_show', 'wrong_number') ORDER BY recorded_at DESC, id DESC LIMIT 1)
WHERE l.id = @lead_id;

-- name: UnseenContent :one
SELECT * FROM content c
WHERE c.published_at <= @at::timestamptz AND (c.expires_at IS NULL OR c.expires_at > @at::timestamptz)
  AND (cardinality(c.sources) = 0 OR @source::text = ANY(c.sources))
  AND NOT EXISTS (SELECT 1 FROM send_ledger s WHERE s.lead_id = @lead_id AND s.person_id = @person_id
      AND s.content_id = c.id AND s.state IN ('reserved', 'sent', 'unknown'))
ORDER BY c.published_at DESC, c.id LIMIT 1;

-- name: InsertContent :exec
INSERT INTO content (id, kind, title, summary, url, sources, published_at, expires_at)
VALUES (@id, @kind, @title, @summary, @url, @sources, @published_at, sqlc.narg(expires_at))
ON CONFLICT DO NOTHING;

-- name: ListContent :many
SELECT * FROM content ORDER BY published_at DESC, id LIMIT @most;


-- Whether something came in that the lead has not been told: a message that has
-- waited for its life to hear it, mail that is stored and not handled, or, after
-- nobody has read for longer than any watch is silent, whatever is in an inbox that
-- its mail came from. An inbox that is in trouble says so itself.
-- name: NewsWaits :one
SELECT (EXISTS (SELECT FROM dispatches d WHERE d.lead_id = @lead_id AND d.delivered_at IS NULL AND d.message <> 'start'
        AND d.created_at < now() - interval '30 seconds')
    OR EXISTS (SELECT FROM inbound_messages i WHERE i.state = 'new' AND i.from_address = lower(@address::text))
    OR EXISTS (SELECT FROM inbox_watches w WHERE w.error = '' AND w.connected_at < now() - interval '10 minutes'
        AND w.mailbox_id IN (SELECT s.mailbox_id FROM send_ledger s WHERE s.lead_id = @lead_id)))::boolean AS waits;

-- Sends that may have been abandoned: they stand reserved, and have begun, or their lead
-- has no such touch before it any more, as far as its row says.
-- name: PerhapsAbandoned :many
SELECT s.lead_id, s.touch, s.attempt, (s.begun_at IS NOT NULL)::boolean AS begun, coalesce(p.email, '')::text AS email
FROM send_ledger s JOIN people p ON p.id = s.person_id JOIN leads l ON l.id = s.lead_id
WHERE s.state = 'reserved' AND (s.begun_at IS NOT NULL OR l.final OR l.state->'next'->>'touch' IS DISTINCT FROM s.touch)
ORDER BY s.reserved_at LIMIT @most;

-- name: Abandon :execrows
UPDATE send_ledger SET state = CASE WHEN begun_at IS NULL THEN 'released' ELSE 'unknown' END, detail = @detail
WHERE lead_id = @lead_id AND touch = @touch AND attempt = @attempt AND state = 'reserved' AND (begun_at IS NOT NULL) = @begun::boolean;

-- A line of the timeline of a life that is over.
-- name: TellOfTouch :exec
INSERT INTO audit (lead_id, n, at, what, actor, entry)
SELECT @lead_id, n, @at, 'touch_made', 'rekindle',
    jsonb_build_object('n', n, 'at', @at::timestamptz, 'what', 'touch_made', 'actor', 'rekindle', 'touch', @touch::text, 'detail', @detail::text)
FROM (SELECT 1 + coalesce(max(n), 0) AS n FROM audit WHERE lead_id = @lead_id) AS last;
