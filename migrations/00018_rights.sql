-- A person's rights: on which basis they are here, what was exported, and what was
-- erased. And the acts that are about no lead, beside those that are.

-- +goose Up

-- Who brought a person in, and on which basis, each time.
ALTER TABLE engagements
    ADD COLUMN basis       text NOT NULL DEFAULT '',
    ADD COLUMN reported_by text NOT NULL DEFAULT ''; -- id of a user or key, "lead"
ALTER TABLE stakeholders ADD COLUMN named_by text NOT NULL DEFAULT '';

-- The row of somebody who was erased stays, empty, and nothing is written into it again.
ALTER TABLE people ADD COLUMN erased_at timestamptz;
ALTER TABLE people
    DROP CONSTRAINT people_check,
    ADD CONSTRAINT people_check CHECK (email IS NOT NULL OR phone IS NOT NULL OR erased_at IS NOT NULL),
    ADD CONSTRAINT people_erased CHECK (erased_at IS NULL OR
        email IS NULL AND phone IS NULL AND account_id IS NULL AND (name, title, basis, zone, country) = ('', '', '', '', ''));

-- What was asked for is done once no life of theirs runs any more.
CREATE TABLE erasures (
    person_id uuid PRIMARY KEY REFERENCES people,
    ground    text NOT NULL CHECK (ground IN ('request', 'consent_withdrawn', 'objection', 'no_longer_needed', 'unlawful', 'retention')), -- GDPR, article 17 (1)
    asked_by  text NOT NULL,
    asked_at  timestamptz NOT NULL,
    done_at   timestamptz,
    removed   jsonb NOT NULL DEFAULT '{}' -- rows of each table
);
CREATE INDEX erasures_open ON erasures (asked_at) WHERE done_at IS NULL;

-- Ids and codes only, so that it outlives every erasure.
CREATE TABLE admin_acts (
    id    uuid PRIMARY KEY,
    at    timestamptz NOT NULL,
    actor text NOT NULL, -- id of a user or key, "cli:" and a name, "nobody" before they have signed in
    act   text NOT NULL,
    about text NOT NULL DEFAULT ''
);
CREATE INDEX admin_acts_at ON admin_acts (at, id);
CREATE TRIGGER admin_acts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON admin_acts
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

-- What people did, apart from what went by itself, which is much more.
CREATE INDEX audit_people ON audit (at, lead_id, n) WHERE actor <> 'rekindle';
CREATE INDEX audit_actor ON audit (actor, at, lead_id, n) WHERE actor <> 'rekindle';
CREATE INDEX audit_what ON audit (what, at, lead_id, n) WHERE actor <> 'rekindle';

-- All that there is about one person.
CREATE INDEX leads_person ON leads (person_id);
CREATE INDEX engagements_person ON engagements (person_id);
CREATE INDEX inbound_messages_from ON inbound_messages (from_address);
CREATE INDEX send_ledger_age ON send_ledger USING brin (reserved_at);
CREATE INDEX inbound_messages_age ON inbound_messages (received_at) WHERE raw <> '';

-- +goose Down
DROP INDEX inbound_messages_age, send_ledger_age, inbound_messages_from, engagements_person, leads_person, audit_what, audit_actor, audit_people;
DROP TABLE admin_acts, erasures;
ALTER TABLE people DROP CONSTRAINT people_erased;
ALTER TABLE people DROP CONSTRAINT people_check;
UPDATE people SET email = id || '@erased.invalid' WHERE erased_at IS NOT NULL;
ALTER TABLE people ADD CONSTRAINT people_check CHECK (email IS NOT NULL OR phone IS NOT NULL), DROP COLUMN erased_at;
ALTER TABLE stakeholders DROP COLUMN named_by;
ALTER TABLE engagements DROP COLUMN reported_by, DROP COLUMN basis;
