package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rebuild"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/internal/verify"
)

// many is how many leads are rebuilt; REKINDLE_REBUILD_LEADS measures with more.
func many(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("REKINDLE_REBUILD_LEADS"))
	if err != nil {
		return 500
	}
	t.Logf("%d leads", n)
	return n
}

// command is one of the program's, on these records and this Temporal.
func (r *ruins) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(r.Context(), program, args...)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+r.database, "TEMPORAL_ADDRESS="+r.temporal.Address())
	cmd.Stderr = os.Stderr
	return cmd
}

// read runs a command that prints JSON, and reads that.
func read[T any](r *ruins, program string, args ...string) (what T, code int) {
	r.Helper()
	cmd := r.command(program, append(args, "--json")...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		require.ErrorAs(r, err, new(*exec.ExitError))
	}
	require.NoError(r, json.Unmarshal(out.Bytes(), &what), out.String())
	return what, cmd.ProcessState.ExitCode()
}

// crowd makes n leads like one.
func (r *ruins) crowd(n int) {
	r.Helper()
	owner, err := r.store.InsertUser(r.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: "robin@us.example", Role: "rep"})
	require.NoError(r, err)
	one := r.row(0, "ebook_download", owner.ID, time.Now().UTC(), func(*simulate.Life) {})
	_, err = r.store.Pool.Exec(r.Context(), `
		WITH made AS (
			INSERT INTO people (id, name, email, zone, country, unsubscribe_token)
			SELECT gen_random_uuid(), 'Ada', 'many' || i || '@buyer.example', 'Europe/Berlin', 'DE', 'token' || i FROM generate_series(2, $2::int) i
			RETURNING id
		)
		INSERT INTO leads (id, person_id, owner_id, source, playbook, stage, next_at, turn, created_at, updated_at, state)
		SELECT m.id, m.id, l.owner_id, l.source, l.playbook, l.stage, l.next_at, l.turn, l.created_at, l.updated_at, jsonb_set(l.state, '{id}', to_jsonb(m.id))
		FROM made m, leads l WHERE l.id = $1`, one, n)
	require.NoError(r, err)
}

func TestARebuildThatIsKilledHalfwayIsFinishedByTheNext(t *testing.T) {
	s := withTemporal(t)
	s.database = testdb.New(t, postgres.Migrate)
	r, n, program := s.ruins(), many(t), build(t)
	r.crowd(n)

	before, code := read[verify.Report](r, program, "verify", "--per-second", "5000")
	require.Equal(t, 1, code)
	require.Len(t, before.Differences, n)

	first := r.command(program, "rebuild", "--at-once", "1")
	require.NoError(t, first.Start())
	s.eventually("some are started", 3*time.Minute, func() bool { return r.running() >= 20 })
	require.NoError(t, first.Process.Kill())
	require.Error(t, first.Wait())
	started := r.running()
	require.Less(t, started, n, "it was killed before its end")

	second, code := read[rebuild.Report](r, program, "rebuild")
	require.Zero(t, code)
	require.Equal(t, n, second.Leads)
	require.Equal(t, n, second.Started+second.Running)
	require.GreaterOrEqual(t, second.Running, started)
	after, code := read[verify.Report](r, program, "verify", "--per-second", "5000")
	require.Zero(t, code, after.Differences)
	require.Equal(t, []int{n, n}, []int{after.Leads, after.Workflows})
	t.Logf("%d started in %s, %d ran already; verified in %s", second.Started, second.Took, second.Running, after.Took)
}

func (r *ruins) running() (n int) {
	r.Helper()
	require.NoError(r, r.engine.EachRunning(r.Context(), func(leads []uuid.UUID) error {
		n += len(leads)
		return nil
	}))
	return n
}
