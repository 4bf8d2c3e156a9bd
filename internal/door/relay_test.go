package door

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatIsAcceptedWhileTemporalIsAwayIsRelayedOnceAndInOrder(t *testing.T) {
	s := newSetting(t)
	s.engine.be(true)
	lead := s.enrol()
	first, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	require.Equal(t, Recorded, first.Status)
	second, err := s.Engage(t.Context(), visit("x2"))
	require.NoError(t, err)
	require.NoError(t, s.Stop(t.Context(), s.person().ID, "link", ""))
	s.relay() // still away
	require.Empty(t, s.engine.heard())
	require.Equal(t, 4, count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL AND last_error = 'temporal is away'")+
		count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL AND last_error = ''"))

	s.engine.be(false)
	s.relay()
	heard := s.engine.heard()
	require.Len(t, heard, 4)
	require.Equal(t, []string{
		"start " + lead.String(),
		fmt.Sprintf("engagement %s %s", lead, first.Engagement),
		fmt.Sprintf("engagement %s %s", lead, second.Engagement),
	}, heard[:3])
	require.Contains(t, heard[3], "opt_out "+lead.String())

	s.relay()
	require.Len(t, s.engine.heard(), 4, "and never again")
}

func TestAMessageDoesNotOvertakeAnOlderOneOfTheSameLead(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	s.engine.be(true)
	first, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	_, err = s.relayOnce(t.Context()) // fails once more, and has to wait longer than a new message
	require.NoError(t, err)
	s.engine.be(false)

	second, err := s.Engage(t.Context(), visit("x2"))
	require.NoError(t, err)
	_, err = s.relayOnce(t.Context())
	require.NoError(t, err)
	s.relay()
	require.Equal(t, []string{
		"start " + lead.String(),
		fmt.Sprintf("engagement %s %s", lead, first.Engagement),
		fmt.Sprintf("engagement %s %s", lead, second.Engagement),
	}, s.engine.heard())
}

func TestMessagesThatCannotBeDeliveredDoNotHoldUpOtherLeads(t *testing.T) {
	s := newSetting(t)
	s.engine.be(true)
	for i := range relayBatch + 10 {
		e := ada()
		e.Email, e.Phone = fmt.Sprintf("p%d@quill.example", i), ""
		r, err := s.Enrol(t.Context(), e)
		require.NoError(t, err)
		_, err = s.Store.Pool.Exec(t.Context(), "UPDATE dispatches SET message = 'engagement', payload = '{}' WHERE lead_id = $1", r.Lead)
		require.NoError(t, err) // their workflows were terminated by hand
	}
	lead := s.enrol()
	s.engine.be(false)
	for range 3 { // three turns of the relay
		s.relay()
	}
	require.Contains(t, s.engine.heard(), "start "+lead.String())
}

func TestTwoRelaysHandAMessageOverOnce(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	s.engine.be(true)
	var want []string
	for i := range 20 {
		r, err := s.Engage(t.Context(), visit(fmt.Sprint("x", i)))
		require.NoError(t, err)
		want = append(want, fmt.Sprintf("engagement %s %s", lead, r.Engagement))
	}
	s.engine.be(false)
	_, err := s.Store.Pool.Exec(t.Context(), "UPDATE dispatches SET created_at = created_at - interval '2 minutes'")
	require.NoError(t, err)
	var relays sync.WaitGroup
	for range 4 {
		relays.Go(func() {
			for count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL") > 0 {
				if _, err := s.relayOnce(t.Context()); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	relays.Wait()
	require.Equal(t, want, s.engine.heard()[1:])
}

func TestASignalToAFinishedLifeCountsAsDelivered(t *testing.T) {
	s := newSetting(t)
	lead := s.enrol()
	s.engine.be(true)
	_, err := s.Engage(t.Context(), visit("x1"))
	require.NoError(t, err)
	s.engine.be(false)
	delete(s.engine.running, lead.String()) // it ended before the message came
	s.relay()
	require.Equal(t, 1, count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL"), "not over by the records: it may begin yet")

	_, err = s.Store.Pool.Exec(t.Context(), "UPDATE leads SET stage = 'won'")
	require.NoError(t, err)
	s.relay()
	require.Zero(t, count(s, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL"))
}
