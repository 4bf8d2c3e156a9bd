-- A call may come with what to say to a voicemail: the name of a text of the playbook.

-- +goose Up
ALTER TABLE tasks ADD COLUMN voicemail text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE tasks DROP COLUMN voicemail;
