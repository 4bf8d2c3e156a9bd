-- Calendars: the address of each rep's feed, the agreed call behind a task, and
-- what was answered to invitations (R21).

-- +goose Up
-- The secret of a feed's address is shown once; only its SHA-256 is kept, as of a key.
ALTER TABLE users ADD COLUMN calendar_hash bytea UNIQUE CHECK (length(calendar_hash) = 32);

-- The agreed call as it stands in the calendars (RFC 5545: UID and SEQUENCE).
ALTER TABLE tasks
    ADD COLUMN call_uid text NOT NULL DEFAULT '',
    ADD COLUMN call_seq int NOT NULL DEFAULT 0;
CREATE INDEX tasks_promised ON tasks (owner_id, due_at) WHERE promised AND kind = 'call';

CREATE TABLE invitation_answers (
    id          uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES leads,
    person_id   uuid NOT NULL REFERENCES people,
    uid         text NOT NULL,
    seq         int NOT NULL DEFAULT 0,
    answer      text NOT NULL CHECK (answer IN ('accepted', 'tentative', 'declined', 'counter')),
    proposed_at timestamptz, -- by a counter
    received_at timestamptz NOT NULL
);
CREATE INDEX invitation_answers_lead ON invitation_answers (lead_id, received_at);

-- +goose Down
DROP TABLE invitation_answers;
DROP INDEX tasks_promised;
ALTER TABLE tasks DROP COLUMN call_uid, DROP COLUMN call_seq;
ALTER TABLE users DROP COLUMN calendar_hash;
