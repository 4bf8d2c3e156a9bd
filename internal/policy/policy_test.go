package policy_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/playbooks"
)

func (s *setting) number(query string) (n int) {
	s.Helper()
	require.NoError(s, s.Store.Pool.QueryRow(s.Context(), query).Scan(&n))
	return n
}

func TestPublishingTheSameFilesAgainChangesNothing(t *testing.T) {
	s := newSetting(t)
	first, again := s.publish(files(t)), s.publish(files(t))
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, 1, s.number(`SELECT count(*) FROM playbooks`))
	require.NotEqual(t, first.ID, s.publish(changed(t)).ID)
	require.Equal(t, 2, s.number(`SELECT count(*) FROM playbooks`))
}

func TestFilesWithFaultsAreNotPublished(t *testing.T) {
	s := newSetting(t)
	_, problems, err := s.Publish(t.Context(), files(t, "no_shows: 2", "no_shos: 2"), "mo")
	require.ErrorIs(t, err, policy.ErrFaults)
	require.NotEmpty(t, problems)
	_, _, err = s.Publish(t.Context(), nil, "mo")
	require.ErrorIs(t, err, policy.ErrFaults)
	require.Zero(t, s.number(`SELECT count(*) FROM playbooks`))
}

func TestAVersionThatAnotherProcessPublishedIsFoundInTheRecords(t *testing.T) {
	s := newSetting(t)
	id := s.publish(changed(t)).ID
	s.Library = new(playbooks.Library) // as after a restart
	pb, err := s.Version(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, id, pb.ID)
	held, ok := s.Library.Get(id)
	require.True(t, ok, "and held from then on")
	require.Same(t, pb, held)
	_, err = s.Version(t.Context(), "default-000000000000")
	require.ErrorIs(t, err, policy.ErrUnknownVersion)
}

func TestTheNewestReleaseHolds(t *testing.T) {
	s := newSetting(t)
	one, two := s.publish(files(t)), s.publish(changed(t))
	for _, id := range []string{one.ID, two.ID, one.ID} {
		require.NoError(t, s.Release(t.Context(), id, "mo"))
		require.Equal(t, id, s.Library.Current().ID)
		released, err := s.Store.ReleasedPlaybook(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{id, "mo"}, []string{released.Playbook, released.ReleasedBy})
	}
	require.ErrorIs(t, s.Release(t.Context(), "unknown", "mo"), policy.ErrUnknownVersion)
	require.Equal(t, one.ID, s.Library.Current().ID)
}

func TestAMoveIsWrittenDownOnceAndBegunWhenTheEngineIsThere(t *testing.T) {
	s := newSetting(t)
	one, two, id := s.publish(files(t)), s.publish(changed(t)), uuid.New()
	s.keep(shapes(t, one, 3))
	s.away = true
	require.NoError(t, s.Begin(t.Context(), id, one.ID, two.ID, "mo"))
	require.ErrorIs(t, s.GoOn(t.Context()), errAway)
	s.away = false
	require.NoError(t, s.GoOn(t.Context()))
	require.Equal(t, []string{id.String()}, s.moves)
	require.NoError(t, s.Begin(t.Context(), id, one.ID, two.ID, "mo"))
	require.Equal(t, 1, s.number(`SELECT count(*) FROM playbook_moves WHERE total = 3`))
	require.ErrorIs(t, s.Begin(t.Context(), uuid.New(), one.ID, "unknown", "mo"), policy.ErrUnknownVersion)
	require.Equal(t, 1, s.number(`SELECT count(*) FROM playbook_moves`))
}
