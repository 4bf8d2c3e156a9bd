-- The records: who the people are, what they did, what we did. Postgres is the
-- system of record for these facts; the workflow is the authority on where a
-- lead stands and writes that through to its row.

-- +goose Up
CREATE TABLE users (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    email      text NOT NULL UNIQUE CHECK (email = lower(email)),
    role       text NOT NULL CHECK (role IN ('rep', 'manager', 'admin')),
    active     boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A key is shown once; only its SHA-256 is kept. 256 random bits need no slow hash.
CREATE TABLE api_keys (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,
    role       text NOT NULL CHECK (role IN ('rep', 'manager', 'integration', 'admin')),
    user_id    uuid REFERENCES users,
    hash       bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz,
    CHECK (role NOT IN ('rep') OR user_id IS NOT NULL)
);

CREATE TABLE accounts (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX accounts_name ON accounts (lower(name));

CREATE TABLE people (
    id                uuid PRIMARY KEY,
    account_id        uuid REFERENCES accounts,
    name              text NOT NULL,
    email             text UNIQUE CHECK (email = lower(email)),
    phone             text CHECK (phone ~ '^\+[0-9]{6,15}$'),
    zone              text NOT NULL DEFAULT '',
    country           text NOT NULL DEFAULT '' CHECK (country ~ '^([A-Z]{2})?$'),
    title             text NOT NULL DEFAULT '',
    basis             text NOT NULL DEFAULT '', -- source and legal basis of the data (GDPR)
    unsubscribe_token text NOT NULL UNIQUE,
    created_at        timestamptz NOT NULL DEFAULT now(),
    CHECK (email IS NOT NULL OR phone IS NOT NULL)
);
CREATE INDEX people_account ON people (account_id);
CREATE INDEX people_phone ON people (phone);

-- One row a life. state is the workflow's own, written through after every turn.
CREATE TABLE leads (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES people,
    account_id  uuid REFERENCES accounts,
    owner_id    uuid NOT NULL REFERENCES users,
    source      text NOT NULL,
    playbook    text NOT NULL,
    stage       text NOT NULL DEFAULT 'warm' CHECK (stage IN ('warm', 'scheduled_call', 'multi_stakeholder', 'cold',
                    'revival', 'break_up', 'check_in', 'won', 'disqualified', 'do_not_contact')),
    final       boolean GENERATED ALWAYS AS (stage IN ('won', 'disqualified', 'do_not_contact')) STORED,
    blocked     text NOT NULL DEFAULT '',
    next_at     timestamptz,
    state       jsonb, -- null until the workflow's first turn
    turn        int NOT NULL DEFAULT 0, -- the entry number of the last state written
    amount      bigint CHECK (amount >= 0), -- expected value in cents
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);
CREATE UNIQUE INDEX leads_one_life_a_person ON leads (person_id) WHERE NOT final; -- R34
CREATE INDEX leads_owner ON leads (owner_id, stage);
CREATE INDEX leads_stage ON leads (stage, id);
CREATE INDEX leads_account ON leads (account_id);

CREATE TABLE stakeholders (
    lead_id    uuid NOT NULL REFERENCES leads,
    person_id  uuid NOT NULL REFERENCES people,
    named_at   timestamptz NOT NULL,
    started_at timestamptz, -- written to since
    PRIMARY KEY (lead_id, person_id)
);
CREATE INDEX stakeholders_person ON stakeholders (person_id);

CREATE TABLE engagements (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL REFERENCES people,
    lead_id     uuid REFERENCES leads,
    kind        text NOT NULL,
    detail      text NOT NULL DEFAULT '', -- which eBook, which page
    occurred_at timestamptz NOT NULL,
    external_id text UNIQUE,
    recorded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX engagements_lead ON engagements (lead_id, occurred_at);

CREATE TABLE replies (
    id          uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES leads,
    person_id   uuid NOT NULL REFERENCES people,
    body        text NOT NULL DEFAULT '',
    received_at timestamptz NOT NULL
);

CREATE TABLE tasks (
    id         uuid PRIMARY KEY,
    lead_id    uuid NOT NULL REFERENCES leads,
    touch      text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('call', 'manual', 'reply', 'diagnose', 'find_others', 'engaged')),
    owner_id   uuid NOT NULL REFERENCES users,
    person_id  uuid NOT NULL REFERENCES people, -- whom to reach
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done', 'cancelled')),
    due_at     timestamptz NOT NULL,
    promised   boolean NOT NULL DEFAULT false,
    hot        boolean NOT NULL DEFAULT false,
    prompt     text NOT NULL DEFAULT '',
    rule       text NOT NULL DEFAULT '',
    result     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    closed_at  timestamptz,
    UNIQUE (lead_id, touch),
    CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE UNIQUE INDEX tasks_one_call_a_person ON tasks (person_id) WHERE state = 'open' AND kind = 'call'; -- R81
CREATE INDEX tasks_queue ON tasks (owner_id, due_at) WHERE state = 'open';
CREATE INDEX tasks_lead ON tasks (lead_id);

CREATE TABLE outcomes (
    id          uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES leads,
    person_id   uuid NOT NULL REFERENCES people,
    task_id     uuid REFERENCES tasks,
    by_user     uuid REFERENCES users,
    outcome     text NOT NULL,
    discussed   text NOT NULL DEFAULT '',
    next_at     timestamptz,
    why_none    text NOT NULL DEFAULT '',
    reason      text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL
);
CREATE INDEX outcomes_lead ON outcomes (lead_id, recorded_at);

CREATE TABLE proposals (
    id         uuid PRIMARY KEY,
    lead_id    uuid NOT NULL REFERENCES leads,
    amount     bigint CHECK (amount >= 0),
    sent_at    timestamptz NOT NULL,
    expires_at timestamptz
);

CREATE TABLE permissions (
    id         uuid PRIMARY KEY,
    person_id  uuid NOT NULL REFERENCES people,
    channel    text NOT NULL CHECK (channel IN ('email', 'call', 'manual')),
    every      text NOT NULL DEFAULT '',
    until      timestamptz,
    granted_at timestamptz NOT NULL
);

-- Never contact again. Addresses and numbers are kept as hashes too, so that a
-- suppression outlives the erasure of the person.
CREATE TABLE suppressions (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('email', 'domain', 'phone')),
    value_hash bytea NOT NULL CHECK (length(value_hash) = 32),
    via        text NOT NULL,
    person_id  uuid REFERENCES people,
    created_at timestamptz NOT NULL,
    UNIQUE (kind, value_hash)
);

-- The content library (R03).
CREATE TABLE content (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL CHECK (kind IN ('product', 'price', 'terms', 'feature', 'article', 'event', 'webinar')),
    title        text NOT NULL CHECK (title <> ''),
    summary      text NOT NULL DEFAULT '',
    url          text NOT NULL DEFAULT '',
    sources      text[] NOT NULL DEFAULT '{}', -- kinds of engagement it suits; empty: all
    published_at timestamptz NOT NULL,
    expires_at   timestamptz
);

CREATE TABLE playbooks (
    id           text PRIMARY KEY,
    name         text NOT NULL,
    files        jsonb NOT NULL, -- path to content, as published
    published_at timestamptz NOT NULL DEFAULT now()
);

-- +goose Down
DROP TABLE playbooks, content, suppressions, permissions, proposals, outcomes, tasks, replies, engagements,
    stakeholders, leads, people, accounts, api_keys, users;
