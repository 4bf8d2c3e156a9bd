-- Who has seen what they were told. A word to the managers is for each of them: seen by
-- one it still stands for the others, so the one instant on the notification does not do.

-- +goose Up
CREATE TABLE notification_reads (
    notification_id uuid NOT NULL REFERENCES notifications ON DELETE CASCADE,
    reader          text NOT NULL,        -- id of a user, or key:ID
    read_at         timestamptz NOT NULL, -- on the leads' clock
    PRIMARY KEY (notification_id, reader)
);

-- +goose Down
DROP TABLE notification_reads;
