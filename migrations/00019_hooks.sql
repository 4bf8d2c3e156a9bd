-- Webhooks of other services. A source is one service that may call us; a delivery is one
-- call, written down before anything is made of it, so that nothing is lost when a rule or
-- Temporal refuses. What was brought is forgotten after a while; that it came is not,
-- because the same call must never count twice.

-- +goose Up
CREATE TABLE inbound_sources (
    id         uuid PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'), -- the end of its address
    kind       text NOT NULL CHECK (kind IN ('generic', 'typeform', 'cal', 'hubspot')),
    sealed     bytea NOT NULL,               -- its secrets, encrypted
    engagement text NOT NULL,                -- kind of engagement that it reports
    mapping    jsonb NOT NULL DEFAULT '{}',  -- which of its fields say what
    owner_id   uuid REFERENCES users ON DELETE SET NULL, -- of new leads; null: the rep with the fewest
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL          -- on the leads' clock
);

CREATE TABLE inbound_deliveries (
    id          uuid PRIMARY KEY,            -- in the order of arrival
    source_id   uuid NOT NULL REFERENCES inbound_sources ON DELETE CASCADE,
    key         text NOT NULL,               -- by which the sender's repeat is known: its id, or the body's hash
    received_at timestamptz NOT NULL,        -- on the leads' clock
    headers     jsonb NOT NULL,
    body        bytea,                       -- as it came; null: forgotten
    event       text NOT NULL DEFAULT '',    -- as the service calls it
    subject     text NOT NULL DEFAULT '',    -- the booking that it is about
    replaces    text NOT NULL DEFAULT '',    -- the booking in whose place it stands
    state       text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'done', 'failed', 'ignored')),
    reason      text NOT NULL DEFAULT '',
    remedy      text NOT NULL DEFAULT '',
    lead_id     uuid REFERENCES leads ON DELETE SET NULL, -- whom it had its effect on
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT now(), -- in real time
    handled_at  timestamptz,
    UNIQUE (source_id, key),
    CHECK (state <> 'failed' OR reason <> '' AND remedy <> ''),
    CHECK (state <> 'ignored' OR reason <> '')
);
CREATE INDEX inbound_deliveries_waiting ON inbound_deliveries (next_at) WHERE state = 'received';
CREATE INDEX inbound_deliveries_listed ON inbound_deliveries (source_id, state, id DESC);
CREATE INDEX inbound_deliveries_subject ON inbound_deliveries (source_id, subject) WHERE subject <> '';
CREATE INDEX inbound_deliveries_replaces ON inbound_deliveries (source_id, replaces) WHERE replaces <> '';
CREATE INDEX inbound_deliveries_kept ON inbound_deliveries (received_at) WHERE body IS NOT NULL;

-- +goose Down
DROP TABLE inbound_deliveries, inbound_sources;
