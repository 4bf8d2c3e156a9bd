package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestACancellationNamesTheOwnerWhoInvited(t *testing.T) {
	s := newSetting(t)
	kim := s.newRep("Kim Overton", "kim@seller.example")
	for by, organizer := range map[string]*activities.Person{
		s.rep.ID.String(): nil, // who writes it, too
		"":                nil,
		uuid.NewString():  nil, // nobody whom we know
		kim.ID.String():   {Name: "Kim Overton", Email: "kim@seller.example"},
	} {
		slot := sequence.CallSlot{UID: "u", Seq: 3, At: now.Add(24 * time.Hour)}
		r, err := s.Reserve(t.Context(), s.lead.String(), now, sequence.SendEmail{
			Touch: "t1" + by + "-cancelled", Text: "scheduled_call/cancelled", Reason: sequence.ReasonOccasion, CallAt: slot.At,
			Cancel: &sequence.Invitation{CallSlot: slot, By: by},
		})
		require.NoError(t, err)
		require.Equal(t, slot, *r.Letter.Cancel)
		require.Nil(t, r.Letter.Call)
		require.Equal(t, organizer, r.Letter.Organizer)
	}
}

func TestASuppressedPersonGetsNoCancellation(t *testing.T) {
	s := newSetting(t)
	require.NoError(t, s.suppress(t.Context(), s.person))
	r, err := s.Reserve(t.Context(), s.lead.String(), now, sequence.SendEmail{
		Touch: "t1-cancelled", Text: "scheduled_call/cancelled", Cancel: &sequence.Invitation{CallSlot: sequence.CallSlot{UID: "u", At: now}},
	})
	require.NoError(t, err)
	require.Equal(t, sequence.Suppressed, r.Ended.Status)
}

func TestTheSecretOfACalendarIsNotKeptAndANewOneReplacesIt(t *testing.T) {
	s := newSetting(t)
	first, err := s.RenewCalendar(t.Context(), s.rep.ID)
	require.NoError(t, err)
	require.Len(t, first, 43, "256 bits")
	second, err := s.RenewCalendar(t.Context(), s.rep.ID)
	require.NoError(t, err)
	u, err := s.UserByCalendarHash(t.Context(), postgres.CalendarHash(second))
	require.NoError(t, err)
	require.Equal(t, s.rep.ID, u.ID)
	require.NotContains(t, string(u.CalendarHash), second)
	_, err = s.UserByCalendarHash(t.Context(), postgres.CalendarHash(first))
	require.Error(t, err)
	require.NoError(t, s.RevokeCalendar(t.Context(), s.rep.ID))
	_, err = s.UserByCalendarHash(t.Context(), postgres.CalendarHash(second))
	require.Error(t, err)
	_, err = s.RenewCalendar(t.Context(), uuid.New())
	require.ErrorIs(t, err, postgres.ErrNotFound)
}
