-- What is asked for all the time, also with a hundred thousand leads: which messages
-- are next, and which rep has the fewest leads.

-- +goose Up
CREATE INDEX dispatches_next ON dispatches (attempts, id) WHERE delivered_at IS NULL;
CREATE INDEX leads_load ON leads (owner_id) WHERE NOT final;

-- +goose Down
DROP INDEX leads_load;
DROP INDEX dispatches_next;
