package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestOnlyAYesMovesLeads(t *testing.T) {
	for answer, moved := range map[string]bool{"y\n": true, " YES \n": true, "\n": false, "": false, "n\n": false, "yesterday\n": false} {
		var asked strings.Builder
		err := confirm(t.Context(), strings.NewReader(answer), &asked, "Move 3 leads?")
		require.Equal(t, moved, err == nil, "%q", answer)
		require.Equal(t, "Move 3 leads? [y/N] ", asked.String())
	}
}

func TestCtrlCEndsTheQuestion(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	cancel()
	never, _ := io.Pipe()
	require.ErrorIs(t, confirm(ctx, never, io.Discard, "Move 3 leads?"), context.Canceled)
}

func TestAMoveIsBegunOrWatched(t *testing.T) {
	id := uuid.New()
	require.NoError(t, playbookMigrateCmd{Old: "a", New: "b"}.Validate())
	require.NoError(t, playbookMigrateCmd{Watch: &id}.Validate())
	require.ErrorContains(t, playbookMigrateCmd{}.Validate(), "give the version")
	require.ErrorContains(t, playbookMigrateCmd{Old: "a"}.Validate(), "give the version")
	require.ErrorContains(t, playbookMigrateCmd{Old: "a", New: "b", Watch: &id}.Validate(), "but not both")
}
