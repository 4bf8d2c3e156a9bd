package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// told tells the managers something about a lead, at this time, and gives the
// notification's id.
func (w *world) told(lead string) string {
	w.Helper()
	return w.tell(lead, sequence.TheManager, "the first call is overdue", w.now())
}

func (w *world) tell(lead string, who sequence.Audience, about string, at time.Time) string {
	w.Helper()
	id := uuid.New()
	require.NoError(w, w.store.InsertNotification(w.Context(), db.InsertNotificationParams{
		ID: id, LeadID: uuid.MustParse(idOf(lead)), Who: string(who), About: about, Rule: "R01", At: at,
	}))
	return id.String()
}

func TestWhatOneHasReadFallsAwayForOneselfAlone(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	kim := w.user("Kim", "manager")
	notice := w.told(lead)
	read := func(role string) answer { return w.post(role, "/v1/notifications/"+notice+"/read", `{}`) }
	unread := func(role string) any { return w.get(role, "/v1/notifications").is(http.StatusOK).at("unread") }

	read(api.Rep).problem(http.StatusNotFound, "not_found")
	require.EqualValues(t, 1, read(api.Manager).is(http.StatusOK).at("marked"))
	require.EqualValues(t, 0, read(api.Manager).is(http.StatusOK).at("marked"), "once is enough")
	require.EqualValues(t, 0, unread(api.Manager))
	require.Empty(t, w.get(api.Manager, "/v1/notifications").list("notifications"))
	w.key(api.Manager, &kim)
	require.EqualValues(t, 1, unread(api.Manager), "another manager has not read it")

	w.exec(`DELETE FROM notifications`)
	require.Zero(t, w.number(`SELECT count(*) FROM notification_reads`), "what is forgotten leaves nothing behind")
}

func TestWhatOneWasToldIsReadUpToOne(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	var own []string
	for i := range 4 {
		own = append(own, w.tell(lead, sequence.TheOwner, "something", w.now().Add(time.Duration(min(i, 2))*time.Minute))) // two at the same time
	}
	elsewhere := w.told(lead)
	shown := w.get(api.Rep, "/v1/notifications?limit=2").is(http.StatusOK)
	require.Len(t, shown.list("notifications"), 2)
	require.EqualValues(t, 4, shown.at("unread"))
	second := shown.text("notifications.1.id")
	require.Contains(t, own[2:], second)

	require.EqualValues(t, 3, w.post(api.Rep, "/v1/notifications/"+second+"/read", `{"and_older":true}`).is(http.StatusOK).at("marked"))
	left := w.get(api.Rep, "/v1/notifications").is(http.StatusOK)
	require.Len(t, left.list("notifications"), 1, "what came after it stays")
	require.Equal(t, shown.text("notifications.0.id"), left.text("notifications.0.id"))
	require.Equal(t, elsewhere, w.get(api.Manager, "/v1/notifications").text("notifications.0.id"), "and what others were told")
	w.post(api.Rep, "/v1/notifications/"+elsewhere+"/read", `{"and_older":true}`).problem(http.StatusNotFound, "not_found")
}
