package rights

import (
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/testdb"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// A new column is personal or it is not: whoever adds one says so in the register, or
// it would be kept when its person is erased.
func TestTheRegisterKnowsEveryColumnOfTheDatabase(t *testing.T) {
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 2)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	rows, err := store.Pool.Query(t.Context(), `SELECT table_name::text, array_agg(column_name::text ORDER BY column_name::text COLLATE "C") FROM information_schema.columns
		WHERE table_schema = 'public' GROUP BY table_name`)
	require.NoError(t, err)
	type table struct {
		Name    string
		Columns []string
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[table])
	require.NoError(t, err)
	there := map[string][]string{}
	for _, one := range all {
		there[one.Name] = one.Columns
	}
	var named []string
	for _, p := range register {
		require.Equal(t, there[p.table], p.columns(), "table %s: say in register.go what is about a person in it", p.table)
		require.NotEmpty(t, p.what, p.table)
		for _, column := range p.texts {
			require.Contains(t, p.personal, column, p.table)
		}
		named = append(named, p.table)
	}
	for name, why := range elsewhere {
		require.NotEmpty(t, why)
		require.Contains(t, there, name)
		named = append(named, name)
	}
	slices.Sort(named)
	require.Equal(t, slices.Sorted(maps.Keys(there)), named, "a new table: say in register.go whether it is about people")
}
