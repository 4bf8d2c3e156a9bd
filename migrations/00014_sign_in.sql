-- People sign in to the pages. A password is kept as argon2id. Of sessions and links,
-- which are 256 random bits, only the SHA-256 is kept.

-- +goose Up
ALTER TABLE users
    ADD COLUMN password text NOT NULL DEFAULT '',  -- none: by link or single sign-on only
    ADD COLUMN sees     text NOT NULL DEFAULT 'all' CHECK (sees IN ('own', 'all')),  -- whose leads a rep sees
    ADD COLUMN zone     text NOT NULL DEFAULT '';  -- in which times are shown; none: as the browser says

CREATE TABLE sessions (
    id       uuid PRIMARY KEY,
    user_id  uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    hash     bytea NOT NULL UNIQUE,
    via      text NOT NULL CHECK (via IN ('password', 'link', 'single_sign_on')),
    began_at timestamptz NOT NULL DEFAULT now(),
    seen_at  timestamptz NOT NULL DEFAULT now(),
    ends_at  timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_end ON sessions (ends_at);

-- Opens one session.
CREATE TABLE sign_in_links (
    hash    bytea PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    ends_at timestamptz NOT NULL
);
CREATE INDEX sign_in_links_end ON sign_in_links (ends_at);

-- Who failed to sign in, as hashes of addresses: too many are made to wait.
CREATE TABLE sign_in_failures (
    who bytea NOT NULL,
    at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sign_in_failures_who ON sign_in_failures (who, at);
CREATE INDEX sign_in_failures_at ON sign_in_failures (at);

-- A task that a rep puts off stays due when it was due; it is out of sight until then.
ALTER TABLE tasks ADD COLUMN snoozed_until timestamptz;

-- +goose Down
ALTER TABLE tasks DROP COLUMN snoozed_until;
DROP TABLE sign_in_failures;
DROP TABLE sign_in_links;
DROP TABLE sessions;
ALTER TABLE users DROP COLUMN password, DROP COLUMN sees, DROP COLUMN zone;
