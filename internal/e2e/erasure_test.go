package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rights"
	"github.com/rekindlehq/rekindle/sequence"
)

// remains says in which columns of the whole database something stands.
func (r *ruins) remains(what string) (places []string) {
	r.Helper()
	rows, err := r.store.Pool.Query(r.Context(), `SELECT ARRAY[table_name, column_name, data_type]::text[] FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'bytea', 'ARRAY')`)
	require.NoError(r, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	require.NoError(r, err)
	for _, c := range columns {
		value := c[1] + "::text"
		if c[2] == "bytea" {
			value = "encode(" + c[1] + ", 'escape')"
		}
		if r.count(fmt.Sprintf("SELECT count(*) FROM %s WHERE position($1 IN lower(%s)) > 0", c[0], value), what) > 0 {
			places = append(places, c[0]+"."+c[1])
		}
	}
	return places
}

func TestWhoIsErasedWhileTemporalIsAwayIsGoneAfterARebuildAndStaysGoneAfterAnother(t *testing.T) {
	s := start(t)
	stop := s.run(4 * time.Second)
	lead, control := s.enrol("Quirina Zephyr", "quirina@zephyr.example"), s.enrol("Con Trol", "con@control.example")
	s.eventually("both have had a mail", time.Minute, func() bool {
		return len(s.mails("quirina@zephyr.example")) > 0 && len(s.mails("con@control.example")) > 0
	})
	at := nextWorkingNoon(s.app.Door.Now(), 20)
	require.NoError(t, s.api.Post(t.Context(), "/leads/"+lead+"/outcomes", map[string]any{
		"outcome": "call_scheduled", "discussed": "quirina wants a demo", "next_step": map[string]any{"at": at},
	}, nil))
	require.NoError(t, s.app.Store.InsertKey(t.Context(), db.InsertKeyParams{ID: uuid.New(), Name: "manager", Role: api.Manager, Hash: api.HashKey("rk_manager")}))

	require.NoError(t, s.temporal.Stop(t.Context()))
	sent := len(s.mails("quirina@zephyr.example"))
	person := s.lead(lead).PersonID.String()
	manager := demo.Client{Base: s.base, Key: "rk_manager"}
	var e rights.Erasure
	require.NoError(t, manager.Post(t.Context(), "/people/"+person+"/erasure", map[string]any{}, &e))
	require.Equal(t, "waiting", e.State)
	stop()

	r := s.ruins()
	require.NotEmpty(t, r.remains("quirina"))
	s.options.Dir = t.TempDir() // everything that Temporal knew is lost, and that they were to be stopped, too
	s.startTemporal()
	report := r.rebuild()
	require.Equal(t, 2, report.Started)
	stop = s.run(4 * time.Second)
	manager.Base = s.base
	s.eventually("the life ends, and the person is erased", 2*time.Minute, func() bool {
		require.NoError(t, manager.Get(t.Context(), "/people/"+person+"/erasure", &e))
		return e.State == "done"
	})
	require.Empty(t, r.remains("quirina"))
	require.Empty(t, r.remains("zephyr"))
	require.Equal(t, sequence.DoNotContact, s.lead(lead).Stage)
	s.eventually("another goes on", time.Minute, func() bool { return s.lead(control).NextAt != nil })
	stop()
	require.Empty(t, r.verify().Differences)

	s.loseTemporal()
	report = r.rebuild()
	require.Equal(t, []int{1, 0}, []int{report.Started, report.Enrolled}, "nobody who was erased comes back to life")
	stop = s.run(4 * time.Second)
	wrote := len(s.mails("con@control.example"))
	s.eventually("another is written to again", 3*time.Minute, func() bool { return len(s.mails("con@control.example")) > wrote })
	stop()
	require.Empty(t, r.remains("quirina"))
	require.Empty(t, r.verify().Differences)
	require.Equal(t, sequence.DoNotContact, sequence.Stage(r.textOf("SELECT stage FROM leads WHERE id = $1", lead)))
	require.Len(t, s.mails("quirina@zephyr.example"), sent, "nothing was sent to them since they were erased")
}

func (r *ruins) textOf(sql string, args ...any) (s string) {
	r.Helper()
	require.NoError(r, r.store.Pool.QueryRow(r.Context(), sql, args...).Scan(&s))
	return s
}
