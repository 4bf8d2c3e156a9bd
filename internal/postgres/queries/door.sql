-- name: InsertDispatch :exec
INSERT INTO dispatches (id, lead_id, message, payload) VALUES (@id, @lead_id, @message, @payload)
ON CONFLICT DO NOTHING;

-- The oldest message of each lead, so that none overtakes another; those that
-- failed most often come last, so that they hold up nobody else.
-- name: WaitingDispatches :many
SELECT * FROM dispatches d WHERE delivered_at IS NULL
  AND created_at < now() - make_interval(secs => least(attempts * attempts * 2, 60))
  AND NOT EXISTS (SELECT 1 FROM dispatches o WHERE o.lead_id = d.lead_id AND o.delivered_at IS NULL AND o.id < d.id)
ORDER BY attempts, id LIMIT @most FOR UPDATE SKIP LOCKED;

-- name: FirstWaiting :one
SELECT id FROM dispatches WHERE lead_id = @lead_id AND delivered_at IS NULL ORDER BY id LIMIT 1;

-- What the workflow agreed to: delivered already, and delivered again if that is lost. The same decision is written once.
-- name: InsertDecision :exec
INSERT INTO dispatches (id, lead_id, message, payload, delivered_at)
SELECT @id, @lead_id, 'decision', @payload, now()
WHERE NOT EXISTS (SELECT 1 FROM dispatches o
    WHERE o.lead_id = @lead_id AND o.taken_at IS NULL AND o.message = 'decision' AND o.payload ->> 'id' = @decision::text);

-- Not waited for either: a message that comes again has no second effect.
-- name: Delivered :exec
UPDATE dispatches SET delivered_at = now(), attempts = attempts + 1, last_error = ''
FROM set_config('synchronous_commit', 'off', true) WHERE id = @id;

-- name: AllDelivered :exec
UPDATE dispatches SET delivered_at = now(), attempts = attempts + 1, last_error = ''
FROM set_config('synchronous_commit', 'off', true) WHERE id = ANY(@ids::uuid[]);

-- name: NotDelivered :exec
UPDATE dispatches SET attempts = attempts + 1, last_error = @last_error WHERE id = @id;

-- name: ForgetDispatches :exec
DELETE FROM dispatches WHERE id IN (SELECT d.id FROM dispatches d WHERE d.delivered_at < @before::timestamptz
    AND (d.taken_at IS NOT NULL OR NOT EXISTS (SELECT FROM leads l WHERE l.id = d.lead_id AND l.runs)) LIMIT @most);

-- Keys are noted without waiting for the disk: what is written after them does, and
-- a request whose key was lost with a power cut has its effect once all the same.
-- name: ClaimKey :one
INSERT INTO idempotency_keys (principal, key, request)
SELECT @principal, @key, @request FROM set_config('synchronous_commit', 'off', true)
ON CONFLICT (principal, key) DO UPDATE SET started_at = now()
    WHERE idempotency_keys.status IS NULL AND idempotency_keys.request = EXCLUDED.request
      AND idempotency_keys.started_at < now() - interval '2 minutes'
RETURNING (xmax <> 0)::boolean AS repeated;

-- name: Key :one
SELECT * FROM idempotency_keys WHERE principal = @principal AND key = @key;

-- name: FinishKey :exec
UPDATE idempotency_keys SET status = @status::int, response = @response
FROM set_config('synchronous_commit', 'off', true) WHERE principal = @principal AND key = @key;

-- name: ReleaseKey :exec
-- The same request may try again at once; the key stays taken for every other.
UPDATE idempotency_keys SET started_at = now() - interval '3 minutes'
WHERE principal = @principal AND key = @key AND status IS NULL;

-- name: ForgetKeys :exec
DELETE FROM idempotency_keys WHERE (principal, key) IN (
    SELECT k.principal, k.key FROM idempotency_keys k WHERE k.started_at < @before LIMIT @most);

-- name: InsertUser :one
INSERT INTO users (id, name, email, role) VALUES (@id, @name, @email, @role)
ON CONFLICT (email) DO UPDATE SET name = EXCLUDED.name, role = EXCLUDED.role, active = true
RETURNING *;

-- name: User :one
SELECT * FROM users WHERE id = @id;

-- name: UserByEmail :one
SELECT * FROM users WHERE email = @email AND active;

-- name: Users :many
SELECT * FROM users WHERE active ORDER BY name, id;

-- name: LeastBusyRep :one
SELECT u.id FROM users u LEFT JOIN leads l ON l.owner_id = u.id AND NOT l.final
WHERE u.active AND u.role = 'rep' GROUP BY u.id ORDER BY count(l.id), u.id LIMIT 1;

-- name: InsertKey :exec
INSERT INTO api_keys (id, name, role, user_id, hash) VALUES (@id, @name, @role, sqlc.narg(user_id), @hash);

-- name: KeyByHash :one
SELECT k.id, k.name, k.role, k.user_id, coalesce(u.sees = 'own', false)::bool AS own_only FROM api_keys k LEFT JOIN users u ON u.id = k.user_id
WHERE k.hash = @hash AND k.revoked_at IS NULL AND (k.user_id IS NULL OR u.active);

-- name: RevokeKey :execrows
UPDATE api_keys SET revoked_at = now() WHERE id = @id AND revoked_at IS NULL;

-- name: RevokeKeysNamed :exec
UPDATE api_keys SET revoked_at = now() WHERE name = @name AND revoked_at IS NULL;

-- name: ListKeys :many
SELECT k.id, k.name, k.role, k.created_at, k.revoked_at, coalesce(u.email, '')::text AS user_email
FROM api_keys k LEFT JOIN users u ON u.id = k.user_id ORDER BY k.created_at;

-- name: VirtualClock :one
SELECT epoch, base, speed, seen FROM virtual_clock;

-- name: SetVirtualClock :exec
INSERT INTO virtual_clock (epoch, base, speed, seen) VALUES (@epoch, @base, @speed, @epoch)
ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch, base = EXCLUDED.base, speed = EXCLUDED.speed, seen = EXCLUDED.seen;

-- name: ClockSeen :exec
UPDATE virtual_clock SET seen = @seen;

-- name: PublishPlaybook :exec
INSERT INTO playbooks (id, name, files, published_by) VALUES (@id, @name, @files, @published_by) ON CONFLICT DO NOTHING;

-- name: PublishedPlaybooks :many
SELECT id, files FROM playbooks ORDER BY published_at;
