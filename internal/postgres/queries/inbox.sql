-- name: HoldWatch :one
INSERT INTO inbox_watches (mailbox_id, began_at, holder, held_until)
SELECT id, now(), @holder::uuid, now() + make_interval(secs => @lease_seconds) FROM mailboxes WHERE id = @mailbox_id
ON CONFLICT (mailbox_id) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
    WHERE inbox_watches.holder IS NULL OR inbox_watches.held_until <= now()
RETURNING *;

-- name: RenewWatch :execrows
UPDATE inbox_watches SET held_until = now() + make_interval(secs => @lease_seconds)
WHERE mailbox_id = @mailbox_id AND holder = @holder::uuid;

-- name: AdvanceWatch :execrows
UPDATE inbox_watches SET uid_validity = @uid_validity, uid = @uid, old_below = @old_below, old_since = @old_since, passed = @passed
WHERE mailbox_id = @mailbox_id AND holder = @holder::uuid AND (uid_validity <> @uid_validity OR uid <= @uid);

-- name: WatchConnected :execrows
UPDATE inbox_watches SET connected_at = now(), error = '' WHERE mailbox_id = @mailbox_id AND holder = @holder::uuid;

-- name: WatchTroubled :execrows
UPDATE inbox_watches SET error = @error WHERE mailbox_id = @mailbox_id AND holder = @holder::uuid;

-- name: ReleaseWatch :exec
UPDATE inbox_watches SET holder = NULL, held_until = NULL WHERE mailbox_id = @mailbox_id AND holder = @holder::uuid;
