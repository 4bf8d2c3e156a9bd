package policy_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// now is when the policy is changed.
var now = time.Date(2026, time.March, 2, 14, 30, 0, 0, time.UTC)

// setting is a policy on a database of its own.
type setting struct {
	testing.TB
	policy.Policy
	moves []string // begun
	away  bool
}

var errAway = errors.New("the engine is away")

func (s *setting) Move(_ context.Context, move, _, _ string) error {
	if s.away {
		return errAway
	}
	s.moves = append(s.moves, move)
	return nil
}

func newSetting(t testing.TB) *setting {
	t.Helper()
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 4)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	s := &setting{TB: t}
	s.Policy = policy.Policy{Store: store, Library: new(playbooks.Library), Mover: s, Now: func() time.Time { return now }}
	return s
}

// files is the default playbook with pairs of texts replaced.
func files(t testing.TB, pairs ...string) map[string]string {
	t.Helper()
	all, err := playbooks.DefaultFiles()
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, all["playbook.yaml"], pairs[i])
	}
	all["playbook.yaml"] = strings.NewReplacer(pairs...).Replace(all["playbook.yaml"])
	return all
}

// changed is a version that touches most leads: other waits, other windows, a play
// that has lost its end, and a source that is gone.
func changed(t testing.TB) map[string]string {
	return files(t,
		"email: warm/idea, after: 2 working days", "email: warm/idea, after: 4 working days",
		"email: mon-fri 09:00-17:00", "email: mon-fri 10:00-16:00",
		`      - { email: check_in/quarterly, after: 3 months`, `      - { email: check_in/quarterly, after: 4 months`,
		`  linkedin_profile_view: { opener: "looked us up on LinkedIn", weight: 2 }`+"\n", "",
	)
}

func (s *setting) publish(files map[string]string) *sequence.Playbook {
	s.Helper()
	pb, _, err := s.Publish(s.Context(), files, "mo")
	require.NoError(s, err)
	return pb
}

// shapes are living leads in as many situations as silence, voicemail, booked
// calls, visits and breaks lead to within a year.
func shapes(t testing.TB, pb *sequence.Playbook, n int) (leads []sequence.Lead) {
	t.Helper()
	var sources []sequence.Kind
	for kind := range pb.Sources {
		sources = append(sources, kind)
	}
	slices.Sort(sources)
	zones := []string{"America/New_York", "Europe/Berlin", "Asia/Tokyo", ""}
	for i := 0; len(leads) < n; i++ {
		l := sequence.Lead{
			ID: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, i)).String(), Owner: uuid.NewSHA1(uuid.Nil, []byte("owner")).String(),
			Zone: zones[i%len(zones)], Playbook: pb.ID,
		}
		life, err := simulate.Begin(l, sources[i%len(sources)], pb, now.Add(-time.Duration(i%97)*90*time.Hour))
		require.NoError(t, err)
		for turn := 0; life.Now.Before(now) && !life.Lead.Stage.Final(); turn++ {
			require.NoError(t, life.Until(earlier(life.Now.Add(time.Duration(20+i%50)*time.Hour), now)))
			_ = life.Let(happening(i, turn, life.Now)) // some cannot happen to this lead
		}
		if !life.Lead.Stage.Final() {
			leads = append(leads, life.Lead)
		}
	}
	return leads
}

func happening(i, turn int, at time.Time) sequence.Event {
	id := fmt.Sprint(turn)
	switch (i*7 + turn*3) % 11 {
	case 0:
		return sequence.OutcomeRecorded{ID: id, Outcome: sequence.CallScheduled, NextAt: at.AddDate(0, 0, 3)}
	case 1:
		return sequence.OutcomeRecorded{ID: id, Outcome: sequence.NotNow}
	case 2:
		return sequence.EngagementRecorded{ID: id, Kind: "site_visit", At: at}
	case 3:
		return sequence.AutoReplyReceived{ID: id}
	case 4:
		return sequence.StakeholderNamed{ID: id}
	}
	return sequence.OutcomeRecorded{ID: id, Outcome: sequence.Voicemail}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// keep writes leads down as if their workflows had.
func (s *setting) keep(leads []sequence.Lead) {
	s.Helper()
	ctx := s.Context()
	owner := uuid.MustParse(leads[0].Owner)
	_, err := s.Store.Pool.Exec(ctx, `INSERT INTO users (id, name, email, role) VALUES ($1, 'Robin', 'robin@seller.example', 'rep')`, owner)
	require.NoError(s, err)
	copied := func(table string, columns []string, row func(l sequence.Lead) ([]any, error)) {
		n, err := s.Store.Pool.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(len(leads), func(i int) ([]any, error) { return row(leads[i]) }))
		require.NoError(s, err)
		require.EqualValues(s, len(leads), n)
	}
	copied("people", []string{"id", "name", "email", "unsubscribe_token"}, func(l sequence.Lead) ([]any, error) {
		return []any{uuid.MustParse(l.ID), "Somebody", l.ID + "@acme.example", l.ID}, nil
	})
	copied("leads", []string{"id", "person_id", "owner_id", "source", "playbook", "stage", "state", "created_at", "updated_at"}, func(l sequence.Lead) ([]any, error) {
		state, err := json.Marshal(l)
		return []any{uuid.MustParse(l.ID), uuid.MustParse(l.ID), owner, string(l.Source), l.Playbook, string(l.Stage), state, now, now}, err
	})
}
