-- The secret of a source of webhooks is changed while its service still signs by the one
-- before; and whoever was turned away is seen where the source is, not in the log alone:
-- mostly it is its own service, with another secret or a wrong clock.

-- +goose Up
ALTER TABLE inbound_sources ADD COLUMN former_until timestamptz; -- in real time: then only the newest secret counts; null: all do

CREATE TABLE inbound_refusals (
    source_id uuid NOT NULL REFERENCES inbound_sources ON DELETE CASCADE,
    why       text NOT NULL CHECK (why IN ('not_signed', 'out_of_time')),
    calls     bigint NOT NULL CHECK (calls > 0), -- at least: each process notes them now and then
    last_at   timestamptz NOT NULL,              -- on the leads' clock
    PRIMARY KEY (source_id, why)
);

-- +goose Down
DROP TABLE inbound_refusals;
ALTER TABLE inbound_sources DROP COLUMN former_until;
