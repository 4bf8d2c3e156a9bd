-- Webhooks of other services.

-- name: SaveSource :one
INSERT INTO inbound_sources (id, name, kind, sealed, engagement, mapping, owner_id, active, created_at)
VALUES (@id, @name, @kind, @sealed, @engagement, @mapping, sqlc.narg(owner_id), @active, @created_at)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, engagement = excluded.engagement, mapping = excluded.mapping,
    owner_id = excluded.owner_id, active = excluded.active
RETURNING *;

-- name: SourceByName :one
SELECT * FROM inbound_sources WHERE name = @name;

-- name: Source :one
SELECT * FROM inbound_sources WHERE id = @id;

-- name: Sources :many
SELECT s.*, coalesce(u.email, '')::text AS owner,
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
