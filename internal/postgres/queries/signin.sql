-- name: SetPassword :execrows
UPDATE users SET password = @password WHERE id = @id AND active;

-- name: SetSees :execrows
UPDATE users SET sees = @sees WHERE id = @id AND active;

-- name: SetZone :exec
UPDATE users SET zone = @zone WHERE id = @id;

-- name: Deactivate :execrows
UPDATE users SET active = false WHERE id = @id AND active;

-- name: InsertSession :exec
INSERT INTO sessions (id, user_id, hash, via, began_at, seen_at, ends_at) VALUES (@id, @user_id, @hash, @via, @now, @now, @ends_at);

-- A session ends at its end, and when nobody has used it for a while.
-- name: SessionByHash :one
SELECT s.id, s.seen_at, u.id AS user_id, u.name, u.email, u.role, u.sees, u.zone FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.hash = @hash AND s.ends_at > @now AND s.seen_at > @idle_since AND u.active;

-- name: SessionSeen :exec
UPDATE sessions SET seen_at = @now WHERE id = @id;

-- name: EndSession :exec
DELETE FROM sessions WHERE hash = @hash;

-- name: EndSessionsOf :execrows
DELETE FROM sessions WHERE user_id = @user_id;

-- name: SessionsOf :many
SELECT id, via, began_at, seen_at, ends_at FROM sessions WHERE user_id = @user_id AND ends_at > @now AND seen_at > @idle_since ORDER BY seen_at DESC, id;

-- name: InsertSignInLink :exec
INSERT INTO sign_in_links (hash, user_id, ends_at) VALUES (@hash, @user_id, @ends_at);

-- name: TakeSignInLink :one
DELETE FROM sign_in_links l USING users u WHERE l.hash = @hash AND l.ends_at > @now AND u.id = l.user_id AND u.active RETURNING l.user_id;

-- name: SignInFailed :exec
INSERT INTO sign_in_failures (who, at) SELECT unnest(@who::bytea[]), @at;

-- name: SignInFailures :many
SELECT at FROM sign_in_failures WHERE who = @who AND at > @after ORDER BY at DESC LIMIT @most;

-- name: ForgetSignInFailures :exec
DELETE FROM sign_in_failures WHERE who = @who;

-- name: ForgetSignIns :exec
WITH old_failures AS (DELETE FROM sign_in_failures f WHERE f.at < @before),
     old_links AS (DELETE FROM sign_in_links l WHERE l.ends_at < @before)
DELETE FROM sessions s WHERE s.ends_at < @before;

-- Attempts for one user are counted one after the other.
-- name: LockSignIn :exec
SELECT pg_advisory_xact_lock(('x' || encode(substring(@who::bytea FROM 1 FOR 8), 'hex'))::bit(64)::bigint);
