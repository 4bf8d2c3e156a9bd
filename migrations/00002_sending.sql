-- Sending and handing over: the send ledger, the audit trail, messages on their
-- way to a workflow, and the memory of idempotent requests.

-- +goose Up

-- One row per email touch, reserved before it is sent. A row that is found
-- reserved by a later attempt becomes unknown and is never sent again.
CREATE TABLE send_ledger (
    lead_id     uuid NOT NULL REFERENCES leads,
    touch       text NOT NULL,
    person_id   uuid NOT NULL REFERENCES people,
    message_id  text NOT NULL UNIQUE,
    text_name   text NOT NULL,
    content_id  uuid REFERENCES content,
    state       text NOT NULL CHECK (state IN ('reserved', 'released', 'sent', 'unknown', 'refused', 'failed')),
    attempt     uuid NOT NULL, -- who holds the reservation
    detail      text NOT NULL DEFAULT '',
    reserved_at timestamptz NOT NULL,
    sent_at     timestamptz,
    PRIMARY KEY (lead_id, touch),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX send_ledger_person ON send_ledger (person_id);
CREATE UNIQUE INDEX send_ledger_reason_once ON send_ledger (lead_id, person_id, content_id)
    WHERE state IN ('reserved', 'sent', 'unknown'); -- invariant 6

-- An entry that is performed again differs in its times at most and is written
-- once; one that differs otherwise belongs to a turn that a dying worker wrote
-- down and its workflow never took, and both are kept.
CREATE TABLE audit (
    lead_id  uuid NOT NULL REFERENCES leads,
    n        int NOT NULL CHECK (n > 0),
    at       timestamptz NOT NULL,
    what     text NOT NULL,
    actor    text NOT NULL,
    rule     text NOT NULL DEFAULT '',
    entry    jsonb NOT NULL,
    written  timestamptz NOT NULL DEFAULT now(),
    said     text GENERATED ALWAYS AS (md5((entry - 'at' - 'until')::text)) STORED,
    PRIMARY KEY (lead_id, n, said)
);

-- +goose StatementBegin
CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE TABLE notifications (
    id      uuid PRIMARY KEY,
    lead_id uuid NOT NULL REFERENCES leads,
    who     text NOT NULL CHECK (who IN ('owner', 'manager')),
    user_id uuid REFERENCES users, -- the owner; null for every manager
    about   text NOT NULL,
    rule    text NOT NULL DEFAULT '',
    at      timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX notifications_unread ON notifications (user_id, at) WHERE read_at IS NULL;

-- What a client was told is accepted and a workflow has not been told yet.
CREATE TABLE dispatches (
    id           uuid PRIMARY KEY,
    lead_id      uuid NOT NULL REFERENCES leads,
    message      text NOT NULL,
    payload      jsonb NOT NULL, -- ids only
    created_at   timestamptz NOT NULL DEFAULT now(),
    delivered_at timestamptz,
    attempts     int NOT NULL DEFAULT 0,
    last_error   text NOT NULL DEFAULT ''
);
CREATE INDEX dispatches_waiting ON dispatches (lead_id, id) WHERE delivered_at IS NULL;

CREATE TABLE idempotency_keys (
    principal  text NOT NULL,
    key        text NOT NULL,
    request    bytea NOT NULL, -- SHA-256 of method, path and body
    status     int,            -- null while in flight
    response   bytea,
    started_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (started_at);

-- The virtual clock of a development stack; no row in production.
CREATE TABLE virtual_clock (
    one   boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch timestamptz NOT NULL, -- real
    base  timestamptz NOT NULL, -- virtual, at the epoch
    speed double precision NOT NULL CHECK (speed > 0),
    seen  timestamptz NOT NULL  -- real, last sign of life of the stack
);

-- +goose Down
DROP TABLE virtual_clock, idempotency_keys, dispatches, notifications, audit, send_ledger;
DROP FUNCTION audit_is_append_only;
