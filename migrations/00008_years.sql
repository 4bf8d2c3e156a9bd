-- What a house needs whose leads live for years: what housekeeping forgets is found by
-- its age, and nobody reads the records of all years to find those of one lead, one
-- person, one mailbox or one week.

-- +goose Up
CREATE INDEX dispatches_delivered ON dispatches (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX notifications_age ON notifications (at);

CREATE INDEX replies_lead ON replies (lead_id);
CREATE INDEX permissions_person ON permissions (person_id);
CREATE INDEX tasks_person ON tasks (person_id);

-- Rows come in the order of time, more or less: a summary of each stretch is enough.
CREATE INDEX outcomes_week ON outcomes USING brin (recorded_at);
CREATE INDEX tasks_week ON tasks USING brin (due_at);

-- All that wait for a mailbox, with a slot and without.
DROP INDEX send_ledger_waiting;
CREATE INDEX send_ledger_waiting ON send_ledger (mailbox_id) WHERE state = 'released';

-- +goose Down
DROP INDEX send_ledger_waiting;
CREATE INDEX send_ledger_waiting ON send_ledger (mailbox_id) WHERE state = 'released' AND slot_at IS NULL;
DROP INDEX tasks_week, outcomes_week, tasks_person, permissions_person, replies_lead, notifications_age, dispatches_delivered;
