-- What others are told about leads. It is written down by the database itself, in the
-- transaction that writes the record it is about, whoever writes that: so nothing is
-- told that did not happen, and nothing that happened is left out. While there is no
-- endpoint, nothing is written.

-- +goose Up
CREATE TABLE webhook_endpoints (
    id            uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    url           text NOT NULL,
    kinds         text[] NOT NULL DEFAULT '{}', -- of events; empty: all
    sealed        bytea NOT NULL,               -- the secret that signs
    former        bytea,                        -- the one before, which signs as well
    former_until  timestamptz,
    parked        text NOT NULL DEFAULT '' CHECK (parked IN ('', 'by_hand', 'failing', 'gone', 'sealed')),
    parked_detail text NOT NULL DEFAULT '',
    parked_at     timestamptz,
    failing_since timestamptz,                  -- nothing was taken since
    not_before    timestamptz,                  -- nothing is tried until then
    woken_n       bigint NOT NULL DEFAULT 0,    -- the newest that its workflow was woken for
    woken_at      timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((parked = '') = (parked_at IS NULL)),
    CHECK ((former IS NULL) = (former_until IS NULL))
);

CREATE TABLE webhook_events (
    n       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- the order of what is told about a lead
    id      text NOT NULL UNIQUE,                            -- the same for the same thing, whenever it is told
    kind    text NOT NULL,
    lead_id uuid,                                            -- none: about no lead
    at      timestamptz,                                     -- on the leads' clock; none: not known
    data    jsonb NOT NULL,                                  -- ids and words of the code: no names, addresses or prose
    written timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_events_written ON webhook_events (written);

-- One row an event and endpoint. Times are real.
CREATE TABLE webhook_deliveries (
    endpoint_id uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    n           bigint NOT NULL REFERENCES webhook_events ON DELETE CASCADE,
    lead_id     uuid,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'given_up')),
    attempts    int NOT NULL DEFAULT 0,
    next_at     timestamptz, -- none: at once
    first_at    timestamptz,
    tried_at    timestamptz,
    status      int NOT NULL DEFAULT 0, -- of the last answer; 0: there was none
    error       text NOT NULL DEFAULT '',
    PRIMARY KEY (endpoint_id, n)
);
CREATE INDEX webhook_deliveries_event ON webhook_deliveries (n);
CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (endpoint_id, n) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_order ON webhook_deliveries (endpoint_id, lead_id, n) WHERE state = 'waiting';
CREATE INDEX webhook_deliveries_again ON webhook_deliveries (endpoint_id, next_at) WHERE state = 'waiting';

-- +goose StatementBegin
CREATE FUNCTION announce(event text, what text, lead uuid, happened timestamptz, facts jsonb) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    WITH told AS (
        INSERT INTO webhook_events (id, kind, lead_id, at, data)
        SELECT event, what, lead, happened, jsonb_strip_nulls(facts)
        WHERE EXISTS (SELECT FROM webhook_endpoints e WHERE e.kinds = '{}' OR what = ANY (e.kinds))
        ON CONFLICT (id) DO NOTHING RETURNING n
    )
    INSERT INTO webhook_deliveries (endpoint_id, n, lead_id)
    SELECT e.id, told.n, lead FROM told, webhook_endpoints e WHERE e.kinds = '{}' OR what = ANY (e.kinds)
    FOR KEY SHARE OF e; -- one that is being deleted breaks nobody's transaction
END $$;
-- +goose StatementEnd

-- What a turn of a lead came to.
-- +goose StatementBegin
CREATE FUNCTION announce_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    id    text;
    seen  text; -- outcome:its kind:its id
    facts jsonb;
    moved jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_endpoints) THEN
        RETURN NULL;
    END IF;
    id := NEW.lead_id || ':' || NEW.n || ':' || left(NEW.said, 8);
    seen := coalesce(NEW.entry ->> 'detail', '');
    facts := jsonb_build_object('entry', NEW.n, 'actor', NEW.actor, 'rule', nullif(NEW.rule, ''), 'evidence', NEW.entry -> 'evidence');
    moved := facts || jsonb_build_object('from', NEW.entry -> 'from', 'stage', NEW.entry -> 'to');
    IF NEW.what = 'touch_made' THEN
        PERFORM announce(id, 'touch.sent', NEW.lead_id, NEW.at, facts || jsonb_build_object('touch', NEW.entry -> 'touch') || coalesce(
            (SELECT jsonb_build_object('text', s.text_name, 'state', s.state) FROM send_ledger s
             WHERE s.lead_id = NEW.lead_id AND s.touch = NEW.entry ->> 'touch'), '{}'));
    ELSIF NEW.what = 'recorded' AND seen LIKE 'outcome:%' THEN
        PERFORM announce(id, 'outcome.recorded', NEW.lead_id, NEW.at,
            facts || jsonb_build_object('outcome', split_part(seen, ':', 2), 'outcome_id', split_part(seen, ':', 3)));
    ELSIF NEW.what = 'outcome_undone' THEN
        PERFORM announce(id, 'outcome.taken_back', NEW.lead_id, NEW.at, facts || jsonb_build_object('outcome_id', split_part(NEW.entry -> 'evidence' ->> 0, ':', 2)));
    END IF;
    IF NEW.what IN ('stage_changed', 'outcome_undone') AND NEW.entry -> 'from' IS DISTINCT FROM NEW.entry -> 'to' THEN
        PERFORM announce(id || ':stage', 'lead.stage_changed', NEW.lead_id, NEW.at, moved);
    END IF;
    IF NEW.what = 'stage_changed' AND NEW.entry ->> 'to' = 'do_not_contact' THEN
        PERFORM announce(NEW.lead_id || ':opted_out', 'lead.opted_out', NEW.lead_id, NEW.at, moved);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_announced AFTER INSERT ON audit
    FOR EACH ROW WHEN (NEW.what IN ('stage_changed', 'touch_made', 'recorded', 'outcome_undone')) EXECUTE FUNCTION announce_entry();

-- +goose StatementBegin
CREATE FUNCTION announce_task() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    facts jsonb;
BEGIN
    IF NOT EXISTS (SELECT FROM webhook_endpoints) THEN
        RETURN NULL;
    END IF;
    facts := jsonb_build_object('task_id', NEW.id, 'touch', NEW.touch, 'kind', NEW.kind, 'owner_id', NEW.owner_id,
        'due_at', to_char(NEW.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'promised', NEW.promised, 'rule', nullif(NEW.rule, ''), 'state', NEW.state);
    IF TG_OP = 'INSERT' THEN
        PERFORM announce('task:' || NEW.id || ':created', 'task.created', NEW.lead_id, NEW.created_at, facts);
    ELSIF NEW.state = 'open' THEN
        PERFORM announce('task:' || NEW.id || ':reopened:' || pg_current_xact_id(), 'task.reopened', NEW.lead_id, NULL, facts);
    ELSE
        PERFORM announce('task:' || NEW.id || ':closed:' || pg_current_xact_id(), 'task.closed', NEW.lead_id, NEW.closed_at, facts);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tasks_announced_new AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION announce_task();
CREATE TRIGGER tasks_announced AFTER UPDATE OF state ON tasks
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION announce_task();

-- A stop holds from here on, before the lead has heard of it (R72).
-- +goose StatementBegin
CREATE FUNCTION announce_stop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM webhook_endpoints) THEN
        PERFORM announce(l.id || ':opted_out', 'lead.opted_out', l.id, NEW.created_at, jsonb_build_object('via', NEW.via, 'rule', 'R72'))
        FROM leads l WHERE l.person_id = NEW.person_id;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER suppressions_announced AFTER INSERT ON suppressions
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL AND NEW.via <> 'bounce') EXECUTE FUNCTION announce_stop();

-- +goose Down
DROP TRIGGER suppressions_announced ON suppressions;
DROP TRIGGER tasks_announced ON tasks;
DROP TRIGGER tasks_announced_new ON tasks;
DROP TRIGGER audit_announced ON audit;
DROP FUNCTION announce_stop, announce_task, announce_entry, announce;
DROP TABLE webhook_deliveries, webhook_events, webhook_endpoints;
