-- name: InsertWebhook :execrows
INSERT INTO webhook_endpoints (id, name, url, kinds, sealed) VALUES (@id, @name, @url, @kinds, @sealed) ON CONFLICT DO NOTHING;

-- name: ChangeWebhook :one
UPDATE webhook_endpoints SET url = @url, kinds = @kinds WHERE name = @name RETURNING id, parked;

-- name: Webhook :one
SELECT * FROM webhook_endpoints WHERE id = @id;

-- name: WebhookByName :one
SELECT * FROM webhook_endpoints WHERE name = @name;

-- name: WebhookStatuses :many
SELECT e.*, (SELECT count(*) FROM webhook_deliveries w WHERE w.endpoint_id = e.id AND w.state = 'waiting') AS waiting, coalesce(o.written, e.created_at)::timestamptz AS oldest, l.tried_at AS delivered_at
FROM webhook_endpoints e
LEFT JOIN LATERAL (SELECT v.written FROM webhook_deliveries w JOIN webhook_events v USING (n) WHERE w.endpoint_id = e.id AND w.state = 'waiting' ORDER BY w.n LIMIT 1) o ON true
LEFT JOIN LATERAL (SELECT t.tried_at FROM webhook_deliveries t WHERE t.endpoint_id = e.id AND t.state = 'delivered' ORDER BY t.n DESC LIMIT 1) l ON true
WHERE sqlc.narg(name)::text IS NULL OR e.name = sqlc.narg(name) ORDER BY e.name;

-- name: DeleteWebhook :exec
DELETE FROM webhook_endpoints WHERE name = @name;

-- name: RotateWebhook :execrows
UPDATE webhook_endpoints SET former = CASE WHEN @until::timestamptz > @at::timestamptz THEN sealed END,
    former_until = CASE WHEN @until::timestamptz > @at::timestamptz THEN @until::timestamptz END, sealed = @sealed
WHERE id = @id;

-- name: ParkWebhook :execrows
UPDATE webhook_endpoints SET parked = @why, parked_detail = @detail, parked_at = @at::timestamptz WHERE id = @id AND parked = '';

-- What waits is tried at once, the oldest first.
-- name: ResumeWebhook :exec
WITH again AS (
    UPDATE webhook_deliveries SET next_at = NULL, attempts = 0, first_at = NULL WHERE endpoint_id = @id AND state = 'waiting' AND next_at IS NOT NULL
)
UPDATE webhook_endpoints SET parked = '', parked_detail = '', parked_at = NULL, failing_since = NULL, not_before = NULL, woken_n = 0 WHERE id = @id;

-- name: PingWebhook :one
WITH told AS (
    INSERT INTO webhook_events (id, kind, at, data) VALUES (@event, 'ping', @at::timestamptz, '{}')
    ON CONFLICT (id) DO UPDATE SET kind = excluded.kind RETURNING n
)
INSERT INTO webhook_deliveries (endpoint_id, n) SELECT @endpoint_id, n FROM told
ON CONFLICT (endpoint_id, n) DO UPDATE SET lead_id = NULL RETURNING n;

-- name: WebhookDeliveries :many
SELECT d.*, e.id AS event, e.kind, e.at, e.written
FROM webhook_deliveries d JOIN webhook_events e USING (n)
WHERE d.endpoint_id = @endpoint_id AND d.n < @before
  AND (sqlc.narg(state)::text IS NULL OR d.state = sqlc.narg(state))
  AND (sqlc.narg(lead_id)::uuid IS NULL OR d.lead_id = sqlc.narg(lead_id))
ORDER BY d.n DESC LIMIT @most;

-- name: WebhookDelivery :one
SELECT d.*, e.id AS event, e.kind, e.at, e.written
FROM webhook_deliveries d JOIN webhook_events e USING (n) WHERE d.endpoint_id = @endpoint_id AND d.n = @n;

-- name: ReplayWebhook :execrows
WITH again AS (
    UPDATE webhook_deliveries SET state = 'waiting', next_at = NULL, attempts = 0, first_at = NULL
    WHERE endpoint_id = @endpoint_id AND n = @n RETURNING endpoint_id
)
UPDATE webhook_endpoints SET woken_n = 0 WHERE id IN (SELECT endpoint_id FROM again);

-- Also what was told to others before this endpoint was there.
-- name: ReplayWebhookSince :execrows
INSERT INTO webhook_deliveries (endpoint_id, n, lead_id)
SELECT e.id, v.n, v.lead_id FROM webhook_events v, webhook_endpoints e
WHERE e.id = @endpoint_id AND v.written >= @since AND v.kind <> 'ping' AND (e.kinds = '{}' OR v.kind = ANY (e.kinds))
ON CONFLICT (endpoint_id, n) DO UPDATE SET state = 'waiting', next_at = NULL, attempts = 0, first_at = NULL;

-- name: SleeplessWebhook :exec
UPDATE webhook_endpoints SET woken_n = 0 WHERE id = @id;

-- Endpoints for which something waits that their workflow has not been woken for; or something that could go out and has
-- not, because it was committed after what has a higher number; or that were woken so long ago that the call may be lost.
-- name: WakeWebhooks :many
UPDATE webhook_endpoints e SET woken_n = w.n, woken_at = @at
FROM (SELECT o.id, d.n FROM webhook_endpoints o, LATERAL (
        SELECT n FROM webhook_deliveries WHERE endpoint_id = o.id AND state = 'waiting' ORDER BY n DESC LIMIT 1) d
      WHERE o.parked = '' AND (o.not_before IS NULL OR o.not_before <= @at)) w -- until then its workflow sleeps
WHERE e.id = w.id AND (w.n > e.woken_n OR e.woken_at < @lost::timestamptz OR e.woken_at < @late::timestamptz AND EXISTS (
    SELECT FROM (SELECT d.n, d.lead_id, d.next_at FROM webhook_deliveries d WHERE d.endpoint_id = e.id AND d.state = 'waiting' ORDER BY d.n DESC LIMIT 100) l
    WHERE l.next_at IS NULL AND NOT EXISTS (SELECT FROM webhook_deliveries b
        WHERE b.endpoint_id = e.id AND b.lead_id = l.lead_id AND b.state = 'waiting' AND b.n < l.n)))
RETURNING e.id;

-- Of each lead the oldest that waits, if its time has come.
-- name: DueWebhooks :many
SELECT d.n, d.attempts, d.first_at, e.id AS event, e.kind, e.lead_id, e.at, e.data
FROM webhook_deliveries d JOIN webhook_events e USING (n)
WHERE d.endpoint_id = @endpoint_id AND d.state = 'waiting' AND (d.next_at IS NULL OR d.next_at <= @at::timestamptz)
  AND NOT EXISTS (SELECT FROM webhook_deliveries b
    WHERE b.endpoint_id = d.endpoint_id AND b.lead_id = d.lead_id AND b.state = 'waiting' AND b.n < d.n)
ORDER BY d.n LIMIT @most;

-- Nothing that waits behind another has been tried.
-- name: NextWebhook :one
SELECT next_at FROM webhook_deliveries WHERE endpoint_id = @endpoint_id AND state = 'waiting' AND next_at IS NOT NULL ORDER BY next_at LIMIT 1;

-- name: WebhookTried :exec
UPDATE webhook_deliveries SET state = @state, attempts = attempts + 1, next_at = sqlc.narg(next_at), first_at = coalesce(first_at, @at::timestamptz),
    tried_at = @at::timestamptz, status = @status, error = @error
WHERE endpoint_id = @endpoint_id AND n = @n;

-- name: WebhookFares :exec
UPDATE webhook_endpoints SET failing_since = CASE WHEN @failed::bool THEN coalesce(failing_since, @at::timestamptz) END, not_before = sqlc.narg(not_before)
WHERE id = @id AND (@failed::bool OR failing_since IS NOT NULL OR not_before IS NOT NULL OR sqlc.narg(not_before)::timestamptz IS NOT NULL);

-- name: LockWebhook :one
SELECT pg_try_advisory_xact_lock(hashtextextended('webhook ' || @id::text, 0));

-- name: ForgetWebhookEvents :exec
DELETE FROM webhook_events WHERE n IN (SELECT v.n FROM webhook_events v WHERE v.written < @before ORDER BY v.written LIMIT @most);
