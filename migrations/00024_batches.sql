-- One thing that is done to many leads. Which leads is settled when the batch is made;
-- what came of each is written beside it, so that a batch goes on where it stood
-- whatever is killed, and can be taken back.

-- +goose Up
CREATE TABLE batches (
    id         uuid PRIMARY KEY,
    act        text NOT NULL CHECK (act IN ('pause', 'resume', 'snooze', 'reassign', 'enrol')),
    terms      jsonb NOT NULL,               -- until when, to whom, why
    choice     jsonb NOT NULL,               -- the query that chose the leads
    undoes     uuid UNIQUE REFERENCES batches, -- takes another one back
    started_by text NOT NULL,
    created_at timestamptz NOT NULL,         -- on the leads' clock
    leads      int NOT NULL DEFAULT 0,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'running', 'stopped', 'ended')),
    pass       int NOT NULL DEFAULT 0,       -- how often it was begun or went on
    results    jsonb NOT NULL DEFAULT '{}',  -- once it has ended: how many leads came to what
    ended_at   timestamptz
);
CREATE INDEX batches_created ON batches (created_at DESC, id);
CREATE INDEX batches_running ON batches (id) WHERE state = 'running';

CREATE TABLE batch_leads (
    batch_id uuid NOT NULL REFERENCES batches ON DELETE CASCADE,
    lead_id  uuid NOT NULL REFERENCES leads ON DELETE CASCADE,
    result   text NOT NULL DEFAULT 'waiting' CHECK (result IN ('waiting', 'asked', 'done', 'refused', 'moved_on')),
    code     text NOT NULL DEFAULT '',       -- of a refusal
    detail   text NOT NULL DEFAULT '',       -- of a refusal, in words
    before   jsonb,                          -- how the lead stood when it was first asked
    after    jsonb,                          -- and when it had agreed
    made     uuid,                           -- the lead that began anew
    PRIMARY KEY (batch_id, lead_id)
);
CREATE INDEX batch_leads_result ON batch_leads (batch_id, result, lead_id);
CREATE INDEX batch_leads_lead ON batch_leads (lead_id);

-- +goose Down
DROP TABLE batch_leads, batches;
