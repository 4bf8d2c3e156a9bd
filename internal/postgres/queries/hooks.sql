-- Webhooks of other services.

-- name: SaveSource :one
INSERT INTO inbound_sources (id, name, kind, sealed, former_until, engagement, mapping, owner_id, active, created_at)
VALUES (@id, @name, @kind, @sealed, sqlc.narg(former_until), @engagement, @mapping, sqlc.narg(owner_id), @active, @created_at)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, former_until = excluded.former_until, engagement = excluded.engagement,
    mapping = excluded.mapping, owner_id = excluded.owner_id, active = excluded.active
RETURNING *;

-- name: RenewSource :exec
UPDATE inbound_sources SET sealed = @sealed, former_until = sqlc.narg(former_until) WHERE id = @id;

-- name: SourceByName :one
SELECT * FROM inbound_sources WHERE name = @name;

-- name: Source :one
SELECT * FROM inbound_sources WHERE id = @id;

-- When something came last is looked up in each state, because that is how deliveries are indexed.
-- name: Sources :many
SELECT s.*, coalesce(u.email, '')::text AS owner,
    coalesce((SELECT max(d.received_at) FROM unnest('{received,done,failed,ignored}'::text[]) AS one(state)
     CROSS JOIN LATERAL (SELECT n.received_at FROM inbound_deliveries n WHERE n.source_id = s.id AND n.state = one.state ORDER BY n.id DESC LIMIT 1) d),
     '0001-01-01 00:00:00+00')::timestamptz AS last_at, -- year 1: nothing came yet
    (SELECT count(*) FROM inbound_deliveries d WHERE d.source_id = s.id AND d.state = 'received') AS waiting,
    (SELECT count(*) FROM inbound_deliveries d WHERE d.source_id = s.id AND d.state = 'failed') AS failed
FROM inbound_sources s LEFT JOIN users u ON u.id = s.owner_id ORDER BY s.name;

-- name: DropSource :execrows
DELETE FROM inbound_sources WHERE name = @name;

-- name: InsertDelivery :execrows
INSERT INTO inbound_deliveries (id, source_id, key, received_at, headers, body, event, subject, replaces)
VALUES (@id, @source_id, @key, @received_at, @headers, @body, @event, @subject, @replaces)
ON CONFLICT (source_id, key) DO NOTHING;

-- name: DeliveryByKey :one
SELECT * FROM inbound_deliveries WHERE source_id = @source_id AND key = @key;

-- name: Delivery :one
SELECT * FROM inbound_deliveries WHERE id = @id AND source_id = @source_id;

-- name: Deliveries :many
SELECT id, received_at, event, state, reason, remedy, lead_id, attempts, handled_at, (body IS NOT NULL)::bool AS kept
FROM inbound_deliveries
WHERE source_id = @source_id AND state = coalesce(sqlc.narg(state), state) AND id < coalesce(sqlc.narg(before)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY id DESC LIMIT @most;

-- Takes deliveries that wait, for a minute: whoever takes them may die. What an earlier
-- delivery says of the same booking goes first.
-- name: ClaimDeliveries :many
UPDATE inbound_deliveries SET attempts = attempts + 1, next_at = now() + interval '1 minute'
WHERE id IN (
    SELECT d.id FROM inbound_deliveries d
    WHERE d.state = 'received' AND d.next_at <= now() AND d.id = coalesce(sqlc.narg(id)::uuid, d.id)
      AND NOT EXISTS (SELECT 1 FROM inbound_deliveries e WHERE e.source_id = d.source_id AND e.state = 'received' AND e.id < d.id
                      AND e.subject <> '' AND e.subject IN (d.subject, d.replaces))
    ORDER BY d.next_at LIMIT @most FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: SettleDelivery :exec
UPDATE inbound_deliveries SET state = @state, reason = @reason, remedy = @remedy, lead_id = sqlc.narg(lead_id), handled_at = @at
WHERE id = @id AND state = 'received';

-- name: PutOffDelivery :exec
UPDATE inbound_deliveries SET reason = @reason, next_at = now() + make_interval(secs => @seconds::int)
WHERE id = @id AND state = 'received';

-- name: DeliverAgain :execrows
UPDATE inbound_deliveries SET state = 'received', reason = '', remedy = '', attempts = 0, next_at = now(), handled_at = NULL
WHERE id = @id AND source_id = @source_id AND state IN ('failed', 'ignored') AND body IS NOT NULL;

-- name: DeliverFailedAgain :execrows
UPDATE inbound_deliveries SET state = 'received', reason = '', remedy = '', attempts = 0, next_at = now(), handled_at = NULL
WHERE source_id = @source_id AND state = 'failed' AND body IS NOT NULL;

-- Whether something that came says that a booking is over, or stands at another time.
-- name: BookingOver :one
SELECT EXISTS (SELECT 1 FROM inbound_deliveries WHERE source_id = @source_id AND id <> @id
    AND (replaces = @subject OR subject = @subject AND event = ANY(@endings::text[])));

-- name: ForgetDeliveries :exec
UPDATE inbound_deliveries SET body = NULL, headers = '{}',
    remedy = CASE WHEN state IN ('received', 'failed') THEN 'it was not handled in time, and what it brought is no longer kept: have the service send it anew' ELSE remedy END,
    reason = CASE WHEN state = 'received' AND reason = '' THEN 'it was never handled' ELSE reason END,
    state = CASE WHEN state = 'received' THEN 'failed' ELSE state END
WHERE id IN (SELECT d.id FROM inbound_deliveries d WHERE d.received_at < @before AND d.body IS NOT NULL LIMIT @most);

-- Of a source that was removed meanwhile nothing is noted.
-- name: NoteRefusals :exec
INSERT INTO inbound_refusals (source_id, why, calls, last_at)
SELECT s.id, @why, @calls, @last_at FROM inbound_sources s WHERE s.id = @source_id
ON CONFLICT (source_id, why) DO UPDATE SET calls = inbound_refusals.calls + excluded.calls, last_at = greatest(inbound_refusals.last_at, excluded.last_at);

-- name: Refusals :many
SELECT * FROM inbound_refusals ORDER BY why;
