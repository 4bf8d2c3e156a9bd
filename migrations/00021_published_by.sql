-- Who published a version of the playbook stands beside it, as who released it does.

-- +goose Up
ALTER TABLE playbooks ADD COLUMN published_by text NOT NULL DEFAULT ''; -- id of a user or key, cli:…, or "rekindle"; empty: before that was noted
-- As far as the audit trail knows.
UPDATE playbooks p SET published_by = coalesce(
    (SELECT a.actor FROM admin_acts a WHERE a.act = 'playbook_published' AND a.about = p.id ORDER BY a.at, a.id LIMIT 1), '');

-- +goose Down
ALTER TABLE playbooks DROP COLUMN published_by;
