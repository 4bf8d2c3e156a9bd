-- Mailboxes: from which address mail goes out and within which limits, what came
-- in, and who watches for it.

-- +goose Up
CREATE TABLE mailboxes (
    id             uuid PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'), -- by which playbooks call it
    address        text NOT NULL UNIQUE CHECK (address = lower(address)),
    sender         text NOT NULL DEFAULT '', -- name beside the address; the owner's when empty
    user_id        uuid REFERENCES users,    -- whose it is; null: shared
    inquiries      boolean NOT NULL DEFAULT false, -- mail that belongs to no lead begins one (info_request)
    signature      text NOT NULL DEFAULT '',
    postal_address text NOT NULL DEFAULT '',
    zone           text NOT NULL,
    hours          text NOT NULL DEFAULT '', -- send window such as "mon-fri 08:00-18:00"; empty: whenever the lead may be reached
    daily_limit    int NOT NULL CHECK (daily_limit > 0),
    gap_seconds    int NOT NULL CHECK (gap_seconds >= 0),
    ramp_from      int NOT NULL DEFAULT 0 CHECK (ramp_from >= 0), -- limit of the first day; 0: no ramp
    ramp_step      int NOT NULL DEFAULT 0 CHECK (ramp_step >= 0), -- more on each day after it
    ramp_since     timestamptz,
    sealed         bytea NOT NULL, -- connections and keys, encrypted
    parked         text NOT NULL DEFAULT '' CHECK (parked IN ('', 'login', 'provider_limit', 'bounces', 'complaints', 'manual', 'disconnected')),
    parked_detail  text NOT NULL DEFAULT '',
    parked_at      timestamptz,
    healthy_since  timestamptz, -- bounces and complaints are counted from here
    failures       int NOT NULL DEFAULT 0, -- in a row, to reach the submission server
    created_at     timestamptz NOT NULL,
    CHECK ((parked = '') = (parked_at IS NULL))
);
CREATE INDEX mailboxes_user ON mailboxes (user_id);

ALTER TABLE leads ADD COLUMN mailbox_id uuid REFERENCES mailboxes; -- a lead keeps its mailbox

-- A touch that waits for its turn in a mailbox is released with the instant of its
-- slot; without one, it waits for the mailbox to be resumed.
ALTER TABLE send_ledger
    ADD COLUMN mailbox_id    uuid REFERENCES mailboxes,
    ADD COLUMN slot_at       timestamptz,
    ADD COLUMN subject       text NOT NULL DEFAULT '', -- of the thread, without Re:
    ADD COLUMN body          text NOT NULL DEFAULT '', -- as it was written, plain
    ADD COLUMN refs          text NOT NULL DEFAULT '', -- References of RFC 5322: the thread before it
    ADD COLUMN bounced_at    timestamptz,
    ADD COLUMN complained_at timestamptz,
    ADD COLUMN reconciled    text NOT NULL DEFAULT ''; -- how an unknown send was found to be sent
CREATE INDEX send_ledger_slots ON send_ledger (mailbox_id, slot_at) WHERE slot_at IS NOT NULL;
CREATE INDEX send_ledger_waiting ON send_ledger (mailbox_id) WHERE state = 'released' AND slot_at IS NULL;
CREATE INDEX send_ledger_unknown ON send_ledger (reserved_at) WHERE state = 'unknown';

-- What came in, whole. key is a hash that tells messages apart, so that one taken
-- twice counts once.
CREATE TABLE inbound_messages (
    id           uuid PRIMARY KEY,
    key          bytea NOT NULL UNIQUE,
    mailbox_id   uuid REFERENCES mailboxes,
    message_id   text NOT NULL DEFAULT '',
    raw          bytea NOT NULL,
    received_at  timestamptz NOT NULL,
    from_name    text NOT NULL DEFAULT '',
    from_address text NOT NULL DEFAULT '',
    subject      text NOT NULL DEFAULT '',
    body         text NOT NULL DEFAULT '', -- what they wrote, without quotes and signature
    class        text NOT NULL,
    kind         text NOT NULL DEFAULT '', -- of a bounce, or of an answer to an invitation
    back_on      timestamptz, -- out of office: the stated day of return
    evidence     jsonb NOT NULL DEFAULT '[]',
    damage       text[] NOT NULL DEFAULT '{}',
    lead_id      uuid REFERENCES leads,
    person_id    uuid REFERENCES people,
    touch        text NOT NULL DEFAULT '', -- the send it answers
    matched_by   text NOT NULL DEFAULT '',
    state        text NOT NULL CHECK (state IN ('new', 'taken', 'unmatched', 'dismissed')),
    handled_by   uuid REFERENCES users,
    handled_at   timestamptz
);
CREATE INDEX inbound_messages_lead ON inbound_messages (lead_id, received_at);
CREATE INDEX inbound_messages_new ON inbound_messages (received_at) WHERE state = 'new';
CREATE INDEX inbound_messages_person ON inbound_messages (person_id);
CREATE INDEX inbound_messages_unmatched ON inbound_messages (received_at) WHERE state = 'unmatched';

-- How far each mailbox has been read, and who reads it now. UIDs are 32 bits
-- without a sign.
CREATE TABLE inbox_watches (
    mailbox_id   uuid PRIMARY KEY REFERENCES mailboxes ON DELETE CASCADE,
    began_at     timestamptz NOT NULL,           -- mail from before is not ours
    uid_validity bigint NOT NULL DEFAULT 0,      -- 0: not read yet
    uid          bigint NOT NULL DEFAULT 0,      -- the last one taken
    old_below    bigint NOT NULL DEFAULT 0,      -- of the UIDs below, only those are taken
    old_since    timestamptz,                    -- that came in since then
    passed       int NOT NULL DEFAULT 0,         -- messages that could not be taken and were passed over
    holder       uuid,                           -- new each time that a worker takes it up
    held_until   timestamptz,
    connected_at timestamptz,                    -- when it was last read to its end
    error        text NOT NULL DEFAULT '',       -- why it cannot be read since (inbox.Trouble)
    CHECK ((holder IS NULL) = (held_until IS NULL)),
    CHECK (old_below = 0 OR old_since IS NOT NULL)
);

-- Addresses that a person had before; hashed, so that they outlive an erasure.
CREATE TABLE former_addresses (
    person_id  uuid NOT NULL REFERENCES people,
    kind       text NOT NULL CHECK (kind IN ('email', 'phone')),
    value_hash bytea NOT NULL CHECK (length(value_hash) = 32),
    until      timestamptz NOT NULL,
    PRIMARY KEY (person_id, kind, value_hash)
);
CREATE INDEX former_addresses_hash ON former_addresses (kind, value_hash);

-- +goose Down
DROP TABLE former_addresses, inbox_watches, inbound_messages;
ALTER TABLE send_ledger DROP COLUMN mailbox_id, DROP COLUMN slot_at, DROP COLUMN subject, DROP COLUMN refs, DROP COLUMN body,
    DROP COLUMN bounced_at, DROP COLUMN complained_at, DROP COLUMN reconciled;
ALTER TABLE leads DROP COLUMN mailbox_id;
DROP TABLE mailboxes;
