-- name: PersonToChange :one
SELECT * FROM people WHERE id = @id FOR UPDATE;

-- name: SetAddresses :exec
UPDATE people SET email = sqlc.narg(email), phone = sqlc.narg(phone) WHERE id = @id;

-- name: KeepFormer :exec
INSERT INTO former_addresses (person_id, kind, value_hash, until) VALUES (@person_id, @kind, @value_hash, @until) ON CONFLICT DO NOTHING;
