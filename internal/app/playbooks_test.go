package app_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// A release that was rolled back has left playbooks behind that the one before it
// cannot read.
func TestAPlaybookOfALaterReleaseKeepsNobodyFromStarting(t *testing.T) {
	database := testdb.New(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), database, 2)
	require.NoError(t, err)
	defer store.Close()
	files, err := playbooks.DefaultFiles()
	require.NoError(t, err)
	own, err := playbooks.Default()
	require.NoError(t, err)
	publish := func(id string, change string) {
		files["playbook.yaml"] += change
		encoded, err := json.Marshal(files)
		require.NoError(t, err)
		require.NoError(t, store.PublishPlaybook(t.Context(), db.PublishPlaybookParams{ID: id, Name: "default", Files: encoded}))
	}
	publish("default-later", "\nmoods: { good: 3 }\n")
	require.NoError(t, store.ReleasePlaybook(t.Context(), db.ReleasePlaybookParams{Playbook: "default-later", ReleasedBy: "a person"}))

	a := open(t, database)
	require.Equal(t, own.ID, a.Library.Current().ID, "new leads follow what this release can read")
	_, held := a.Library.Get("default-later")
	require.False(t, held)
	require.ErrorContains(t, a.LoadPlaybooks(t.Context()), "cannot read the playbook default-later")
}

func open(t *testing.T, database string) *app.App {
	a, err := app.Open(context.WithoutCancel(t.Context()), app.Config{DatabaseURL: database, PublicURL: "http://rekindle.example"})
	require.NoError(t, err)
	t.Cleanup(a.Close)
	return a
}
