package testdb

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) { Main(m) }

func exec1(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func count(t *testing.T, url, sql string) int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	var n int
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&n))
	return n
}

// runs counts how often migrateLeads ran in this process.
var runs atomic.Int32

// migrateLeads leaves its connection open, as a careless migration does.
func migrateLeads(ctx context.Context, url string) error {
	runs.Add(1)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE TABLE leads (name text)")
	return err
}

func migrateNothing(context.Context, string) error { return nil }

func TestEachTestHasADatabaseOfItsOwnFromOneMigration(t *testing.T) {
	for _, name := range []string{"a", "b", "c", "d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := New(t, migrateLeads)
			exec1(t, url, "INSERT INTO leads VALUES ('"+name+"')")
			require.Equal(t, 1, count(t, url, "SELECT count(*) FROM leads"))
			require.EqualValues(t, 1, runs.Load())
		})
	}
}

func TestAnotherMigrationHasAnotherTemplate(t *testing.T) {
	url := New(t, migrateNothing)
	require.Zero(t, count(t, url, "SELECT count(*) FROM pg_tables WHERE tablename = 'leads'"))
}

func TestTheDatabaseIsDroppedWithItsTestEvenWhileConnected(t *testing.T) {
	t.Run("inner", func(t *testing.T) {
		_, err := pgx.Connect(t.Context(), New(t, migrateLeads))
		require.NoError(t, err)
	})
	require.Zero(t, count(t, New(t, migrateNothing),
		"SELECT count(*) - 1 FROM pg_database WHERE datname LIKE 'rekindle\\_test\\_%'"))
}

func TestAGivenServerIsUsedAndLeftAsItWas(t *testing.T) {
	t.Setenv(ServerVariable, New(t, migrateNothing))
	var given shared
	server, err := given.get(t.Context())
	require.NoError(t, err)
	name, err := server.clone(t.Context(), migrateLeads)
	require.NoError(t, err)
	require.Zero(t, count(t, server.url(name), "SELECT count(*) FROM leads"))
	require.NoError(t, server.drop(t.Context(), name))
	template := server.templates
	require.Len(t, template, 1)
	require.NoError(t, given.close())
	for _, name := range template {
		require.Zero(t, count(t, server.base.String(), "SELECT count(*) FROM pg_database WHERE datname = '"+name+"'"))
	}
}

func BenchmarkNew(b *testing.B) {
	for range b.N {
		New(b, migrateLeads)
	}
}
