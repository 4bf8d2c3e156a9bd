-- Sends that nobody brings to their end are looked for all the time; there are few.

-- +goose Up
CREATE INDEX send_ledger_reserved ON send_ledger (reserved_at) WHERE state = 'reserved';

-- +goose Down
DROP INDEX send_ledger_reserved;
