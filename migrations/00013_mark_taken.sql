-- Messages are marked in the statement that writes the turn which took them. What
-- was committed while that waited for the lead's row is seen too: a volatile function
-- has a snapshot of its own.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION mark_taken(lead uuid, messages text[]) RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE dispatches SET taken_at = now() WHERE lead_id = lead AND taken_at IS NULL AND coalesce(payload ->> 'id', message) = ANY (messages);
$$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION mark_taken;
