-- When a message began to go out. A reservation whose message never began has handed
-- nothing to the mail server, so a later attempt takes it over instead of leaving it
-- unknown.

-- +goose Up
ALTER TABLE send_ledger ADD COLUMN begun_at timestamptz;
UPDATE send_ledger SET begun_at = reserved_at WHERE state <> 'released'; -- nobody noted it then: it may have begun

-- +goose Down
ALTER TABLE send_ledger DROP COLUMN begun_at;
