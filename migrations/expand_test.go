package migrations_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/migrations"
)

// beforeAnyRelease is the last migration that no worker of a release has seen come.
const beforeAnyRelease = "00006"

// breaking is what processes of the release before would fall over, which still run
// while the database is migrated (docs/deploying.md).
var breaking = regexp.MustCompile(`(?i)\b(DROP\s+(TABLE|COLUMN|VIEW|FUNCTION)|RENAME|SET\s+NOT\s+NULL|(ALTER|SET\s+DATA)\s+(COLUMN\s+)?\w*\s*TYPE)\b`)

// required is a column that the release before does not fill.
var required = regexp.MustCompile(`(?i)\bADD\s+COLUMN\b[^,;]*\bNOT\s+NULL\b[^,;]*`)

// reason is what a migration says that breaks nobody any more: since when nothing
// that runs needs what it takes away.
var reason = regexp.MustCompile(`(?m)^-- contracts: \S+`)

// faults are the statements of a migration that break the release before.
func faults(sql string) (found []string) {
	up, _, _ := strings.Cut(sql, "-- +goose Down")
	if reason.MatchString(up) {
		return nil
	}
	up = regexp.MustCompile(`--.*`).ReplaceAllString(up, "")
	found = breaking.FindAllString(up, -1)
	for _, column := range required.FindAllString(up, -1) {
		if c := strings.ToUpper(column); !strings.Contains(c, "DEFAULT") && !strings.Contains(c, "GENERATED") {
			found = append(found, column)
		}
	}
	return found
}

func TestMigrationsLeaveTheReleaseBeforeRunning(t *testing.T) {
	files, err := fs.Glob(migrations.Files, "*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		if name[:5] <= beforeAnyRelease {
			continue
		}
		sql, err := fs.ReadFile(migrations.Files, name)
		require.NoError(t, err)
		require.Empty(t, faults(string(sql)), "%s: expand now, contract in a later release (docs/deploying.md)", name)
	}
}

func TestWhatBreaksTheReleaseBeforeIsSeen(t *testing.T) {
	for sql, n := range map[string]int{
		"ALTER TABLE leads DROP COLUMN mood;":                                                        1,
		"ALTER TABLE leads RENAME COLUMN mood TO humour;":                                            1,
		"ALTER TABLE leads ALTER COLUMN mood SET NOT NULL;":                                          1,
		"ALTER TABLE leads ALTER COLUMN mood TYPE text;":                                             1,
		"ALTER TABLE leads ADD COLUMN mood text NOT NULL;":                                           1,
		"ALTER TABLE leads ADD COLUMN mood text NOT NULL DEFAULT '', ADD COLUMN b int;":              0,
		"CREATE TABLE moods (name text NOT NULL); CREATE INDEX ON moods (name); -- DROP TABLE no":    0,
		"CREATE TABLE moods (name text);\n-- +goose Down\nDROP TABLE moods;":                         0,
		"-- contracts: v2 and later do not read it\nALTER TABLE leads DROP COLUMN mood;":             0,
		"ALTER TABLE leads ADD COLUMN a int, ADD COLUMN b text NOT NULL;\nDROP TABLE moods CASCADE;": 2,
	} {
		require.Len(t, faults(sql), n, sql)
	}
}
