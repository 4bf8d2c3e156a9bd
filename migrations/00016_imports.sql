-- Lists of leads that come as files. The rows are kept as they came; what came of each
-- is written beside them, once per pass over the file, so that a pass goes on where it
-- stood whatever is killed. Rows are forgotten after a while, the figures are not.

-- +goose Up
CREATE TABLE imports (
    id         uuid PRIMARY KEY,
    name       text NOT NULL,                -- of the file
    digest     bytea NOT NULL,               -- of its content: the same file again is the same report
    started_by text NOT NULL,
    created_at timestamptz NOT NULL,         -- on the leads' clock
    encoding   text NOT NULL,
    delimiter  text NOT NULL,
    header     text[] NOT NULL,
    rows       int NOT NULL,
    plan       jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'running', 'stopped', 'ended')),
    pass       int NOT NULL DEFAULT 0,
    dry        boolean NOT NULL DEFAULT true, -- the pass only says what would come
    results    jsonb NOT NULL DEFAULT '{}',   -- of the last pass that ended: how many rows came to what
    ended_at   timestamptz,
    CHECK (state <> 'ended' OR NOT dry)
);
CREATE INDEX imports_created ON imports (created_at DESC, id);
CREATE INDEX imports_digest ON imports (digest);
CREATE INDEX imports_running ON imports (id) WHERE state = 'running';

CREATE TABLE import_rows (
    import_id uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    line      int NOT NULL,                  -- of the file, from 1
    cells     text[] NOT NULL,
    fault     text NOT NULL DEFAULT '',      -- why it cannot be read
    PRIMARY KEY (import_id, line)
);

CREATE TABLE import_results (
    import_id uuid NOT NULL,
    pass      int NOT NULL,
    line      int NOT NULL,
    result    text NOT NULL CHECK (result IN ('created', 'completed', 'recorded', 'known', 'repeated', 'stopped', 'refused')),
    address   bytea,                         -- hash of that by which the person is known
    lead_id   uuid,
    faults    jsonb,
    PRIMARY KEY (import_id, pass, line),
    FOREIGN KEY (import_id, line) REFERENCES import_rows ON DELETE CASCADE
);
CREATE INDEX import_results_address ON import_results (import_id, pass, address);
CREATE INDEX import_results_kind ON import_results (import_id, pass, result, line);

-- +goose Down
DROP TABLE import_results, import_rows, imports;
