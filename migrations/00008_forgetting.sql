-- What housekeeping forgets is found by its age: messages that were handed over, and
-- what people were told long ago.

-- +goose Up
CREATE INDEX dispatches_delivered ON dispatches (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX notifications_age ON notifications (at);

-- +goose Down
DROP INDEX notifications_age, dispatches_delivered;
