-- Playbooks as policy that is released, moved to and looked at: which version new
-- leads get, moves of leads from one version to another, and what the managers'
-- rules need (R13, R80, R82).

-- +goose Up

-- The newest release is the version for new leads.
CREATE TABLE playbook_releases (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    playbook    text NOT NULL REFERENCES playbooks,
    released_by text NOT NULL, -- id of a user or key, or "rekindle"
    released_at timestamptz NOT NULL DEFAULT now()
);

-- Every lead of one version is moved to another; each answers for itself.
CREATE TABLE playbook_moves (
    id          uuid PRIMARY KEY,
    from_id     text NOT NULL REFERENCES playbooks,
    to_id       text NOT NULL REFERENCES playbooks,
    total       int NOT NULL CHECK (total >= 0),
    started_by  text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK (from_id <> to_id)
);
CREATE TABLE playbook_move_leads (
    move_id uuid NOT NULL REFERENCES playbook_moves,
    lead_id uuid NOT NULL REFERENCES leads,
    moved   boolean NOT NULL,
    code    text NOT NULL DEFAULT '', -- of the refusal
    detail  text NOT NULL DEFAULT '',
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (move_id, lead_id)
);
CREATE INDEX leads_playbook ON leads (playbook, id) WHERE NOT final;

ALTER TABLE leads ADD COLUMN value bigint NOT NULL DEFAULT 0; -- expected value in cents at the last turn (R52, R63)
ALTER TABLE leads ADD COLUMN talking boolean NOT NULL DEFAULT false; -- as the others at the account were told (R34)
UPDATE leads SET talking = true WHERE stage = 'scheduled_call';
ALTER TABLE outcomes ADD COLUMN minutes int NOT NULL DEFAULT 0 CHECK (minutes BETWEEN 0 AND 1440), -- 0: as the playbook assumes
    ADD COLUMN taken_back_at timestamptz;
ALTER TABLE notifications ALTER COLUMN lead_id DROP NOT NULL; -- about a rep's week (R13), not about a lead

-- +goose Down
DELETE FROM notifications WHERE lead_id IS NULL;
ALTER TABLE notifications ALTER COLUMN lead_id SET NOT NULL;
ALTER TABLE outcomes DROP COLUMN taken_back_at, DROP COLUMN minutes;
ALTER TABLE leads DROP COLUMN talking, DROP COLUMN value;
DROP INDEX leads_playbook;
DROP TABLE playbook_move_leads, playbook_moves, playbook_releases;
