package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestAPersonIsExportedAndErasedByCommand(t *testing.T) {
	r := newRecords(t)
	for _, p := range []struct{ name, email, phone string }{{"Quirina Zephyr", "quirina@zephyr.example", "+4930555000111"}, {"Bo", "bo@zephyr.example", "+4930555000111"}} {
		_, err := r.Pool.Exec(t.Context(), `INSERT INTO people (id, name, email, phone, unsubscribe_token) VALUES ($1, $2, $3, $4, $5)`, uuid.New(), p.name, p.email, p.phone, uuid.NewString())
		require.NoError(t, err)
	}
	_, complaint, code := rekindle(t, r.dir, "person", "export", "Quirina@zephyr.example", "--out", "quirina.json")
	require.Zero(t, code, complaint)
	out, err := os.ReadFile(filepath.Join(r.dir, "quirina.json"))
	require.NoError(t, err)
	var d struct {
		Person   string `json:"person_id"`
		Sections []struct {
			Name string
			Rows []map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(out, &d))
	require.Equal(t, "people", d.Sections[0].Name)
	require.Equal(t, "Quirina Zephyr", d.Sections[0].Rows[0]["name"])
	require.NotContains(t, string(out), "bo@")

	said, complaint, code := rekindle(t, r.dir, "person", "erase", "quirina@zephyr.example")
	require.Zero(t, code, complaint)
	require.Contains(t, said, "1 rows of people would lose their values")
	require.Contains(t, said, "nothing is changed")
	_, complaint, code = rekindle(t, r.dir, "person", "erase", "+49 30 555000111", "--yes")
	require.Equal(t, 1, code, "two people have this number")
	require.Contains(t, complaint, d.Person)
	said, complaint, code = rekindle(t, r.dir, "person", "erase", d.Person, "--yes", "--ground", "objection")
	require.Zero(t, code, complaint)
	require.Contains(t, said, "erased 2026-03-03")
	_, complaint, code = rekindle(t, r.dir, "person", "export", "quirina@zephyr.example")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "nobody here has this address")
	_, complaint, code = rekindle(t, r.dir, "person", "erase", "quirina")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "is not a phone number")

	var acts []string
	require.NoError(t, r.Pool.QueryRow(t.Context(), `SELECT array_agg(act ORDER BY id) FROM admin_acts WHERE about = $1 AND actor LIKE 'cli%'`, d.Person).Scan(&acts))
	require.Equal(t, []string{"person_exported", "erasure_asked", "person_erased"}, acts)
}
