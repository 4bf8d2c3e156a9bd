package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate/population"
)

func TestSimulateComparesTwoPlaybooksAndWritesThePage(t *testing.T) {
	c := simulateCmd{Against: "default", Leads: 40, Months: 4, Seed: 1, Workers: 2}
	s, err := c.setup()
	require.NoError(t, err)
	require.Len(t, s.Playbooks, 2)
	r, err := population.Run(t.Context(), s)
	require.NoError(t, err)
	var table bytes.Buffer
	printReport(&table, r)
	require.Contains(t, table.String(), "the second playbook against the first")
	require.Contains(t, table.String(), "within chance")
	require.Contains(t, table.String(), "speed to lead")
	path := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, writePage(path, r))
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(page), "Is B better than A?")
}

func TestSimulateRefusesAPopulationFileItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "people.yaml")
	require.NoError(t, os.WriteFile(path, []byte("name: x\nsurces: []\n"), 0o600))
	_, err := simulateCmd{Population: path, Leads: 1, Months: 1}.setup()
	require.ErrorContains(t, err, "surces")
}
