-- What a lead's row lacks to be the whole truth: with it every workflow can be
-- started again from the records, where it stood (rekindle rebuild).

-- +goose Up

-- state is written by the workflow at the end of a turn. A decision is shown before
-- its turn has been performed: then before is the workflow's own state, and JSON's
-- null where it has written none yet.
ALTER TABLE leads
    ADD COLUMN before   jsonb,
    ADD COLUMN recent   text[] NOT NULL DEFAULT '{}', -- the messages that the workflow's state has taken in lately, by workflows.MessageKey
    ADD COLUMN saved_at timestamptz,                  -- real time of the turn that wrote the workflow's state
    ADD COLUMN todo     jsonb,                        -- what the workflow has still to do, as an invitation that is called off after the end
    ADD COLUMN todo_at  timestamptz;                  -- and when
ALTER TABLE leads ADD COLUMN runs boolean NOT NULL -- a workflow runs, or should
    GENERATED ALWAYS AS (stage NOT IN ('won', 'disqualified', 'do_not_contact') OR before IS NOT NULL OR todo IS NOT NULL) STORED;
CREATE INDEX leads_running ON leads (id) WHERE runs;

-- A message that was delivered and not taken is lost with Temporal, and delivered
-- again then: its turn has not been written.
ALTER TABLE dispatches ADD COLUMN taken_at timestamptz;
UPDATE dispatches SET taken_at = delivered_at WHERE delivered_at IS NOT NULL;
CREATE INDEX dispatches_open ON dispatches (lead_id, id) WHERE taken_at IS NULL;

-- +goose Down
DELETE FROM dispatches WHERE message = 'decision';
DROP INDEX dispatches_open;
ALTER TABLE dispatches DROP COLUMN taken_at;
DROP INDEX leads_running;
ALTER TABLE leads DROP COLUMN runs;
ALTER TABLE leads DROP COLUMN before, DROP COLUMN recent, DROP COLUMN saved_at, DROP COLUMN todo, DROP COLUMN todo_at;
