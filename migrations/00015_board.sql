-- What managers look at first takes a walk over all leads, so it is drawn up in the
-- background: the figures, and the leads behind each. Weeks that are over are counted
-- once.

-- +goose Up
CREATE TABLE board (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    as_of    timestamptz,                 -- on the leads' clock; none: it was never finished
    figures  jsonb,
    began_at timestamptz NOT NULL,        -- real time
    took     double precision NOT NULL    -- seconds
);

CREATE TABLE board_leads (
    figure  text NOT NULL,
    rank    int NOT NULL,
    lead_id uuid NOT NULL REFERENCES leads,
    PRIMARY KEY (figure, rank)
);

-- From which stage to which, by week on the leads' clock; from '' is an enrolment.
CREATE TABLE stage_flow (
    week       date NOT NULL,
    from_stage text NOT NULL,
    to_stage   text NOT NULL,
    leads      int NOT NULL,
    PRIMARY KEY (week, from_stage, to_stage)
);

CREATE INDEX leads_blocked ON leads (blocked, id) WHERE blocked <> '';
CREATE INDEX audit_stages ON audit (at) WHERE what = 'stage_changed';

-- +goose Down
DROP INDEX audit_stages, leads_blocked;
DROP TABLE stage_flow, board_leads, board;
