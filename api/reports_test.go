package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/managing"
)

// wasDue writes down a task that was due at an instant; closed is nil while it is open.
func (w *world) wasDue(lead, due, state string, closed any) {
	w.Helper()
	w.exec(`INSERT INTO tasks (id, lead_id, touch, kind, owner_id, person_id, due_at, state, closed_at, created_at)
		SELECT $1::uuid, l.id, $1::uuid::text, 'manual', l.owner_id, l.person_id, $3, $4, $5, $3 FROM leads l WHERE l.id = $2`,
		uuid.NewString(), idOf(lead), due, state, closed)
}

func TestFollowUpsAreInTimeWithinAWorkingDay(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.exec(`DELETE FROM tasks`)
	const due = "2026-02-20T15:00:00Z" // a Friday
	w.wasDue(lead, due, "done", "2026-02-23T14:00:00Z")
	w.wasDue(lead, due, "done", "2026-02-24T15:00:00Z") // late
	w.wasDue(lead, due, "open", nil)                    // overdue
	w.wasDue(lead, due, "cancelled", "2026-02-20T16:00:00Z")
	w.wasDue(lead, due, "cancelled", "2026-02-25T16:00:00Z") // only after it was overdue
	w.wasDue(lead, "2026-03-02T08:00:00Z", "open", nil)      // there is time yet
	w.wasDue(lead, "2026-01-02T08:00:00Z", "open", nil)      // long before
	a := w.get(api.Manager, "/v1/reports/managing").is(http.StatusOK)
	require.EqualValues(t, []any{4.0, 1.0, 0.25}, []any{a.at("follow_ups.due"), a.at("follow_ups.in_time"), a.at("coverage")})
	a = w.get(api.Manager, "/v1/reports/managing?days=90").is(http.StatusOK)
	require.EqualValues(t, 5, a.at("follow_ups.due"))
	require.EqualValues(t, 1, w.get(api.Manager, "/v1/reports/managing?days=1").at("coverage"), "nothing was due")
}

// stranger is somebody who did nothing but accept an invitation.
func (w *world) stranger(email string) string {
	w.Helper()
	return "/v1/leads/" + w.postf(api.Rep, "/v1/leads", `{"email":"%s","phone":"+493012345678","time_zone":"Europe/Berlin","source":"linkedin_connection"}`, email).
		is(http.StatusCreated).text("lead_id")
}

func TestTheShareOfColdCallsIsOfTheTimeThatTheyTook(t *testing.T) {
	w := newWorld(t)
	warm, cold := w.lead("ann"), w.stranger("bo@b.example")
	w.post(api.Rep, warm+"/outcomes", `{"outcome":"voicemail","minutes":30}`).is(http.StatusOK)
	w.post(api.Rep, cold+"/outcomes", `{"outcome":"voicemail","minutes":4}`).is(http.StatusOK)
	w.post(api.Manager, warm+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK) // as the playbook assumes
	undone := w.said(cold, `{"outcome":"voicemail","minutes":500}`)
	w.post(api.Rep, undone, `{}`).is(http.StatusOK)
	w.post(api.Rep, warm+"/outcomes", `{"outcome":"voicemail","minutes":1441}`).problem(422, "not_valid", "body.minutes")
	w.door.Clock.Base = w.now().Add(time.Minute)

	a := w.get(api.Manager, "/v1/reports/managing").is(http.StatusOK)
	require.Len(t, a.list("cold_calls"), 2)
	require.Equal(t, map[string]any{"name": "Mo", "id": w.mo.String(), "minutes": map[string]any{"cold": 0.0, "all": 10.0}, "too_cold": false}, a.at("cold_calls.0"))
	require.Equal(t, map[string]any{"name": "Robin", "id": w.robin.String(), "minutes": map[string]any{"cold": 4.0, "all": 34.0}, "too_cold": true}, a.at("cold_calls.1"))
}

func TestManagersAreToldOnceAWeekOfTooManyColdCalls(t *testing.T) {
	w := newWorld(t)
	w.post(api.Rep, w.stranger("bo@b.example")+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK)
	w.exec(`DELETE FROM notifications`)
	reports := managing.Reports{Store: w.store, Playbook: w.lives.playbook, Current: w.door.Playbook, Now: w.now}
	require.NoError(t, reports.TellOfColdCalls(t.Context()))
	require.Empty(t, w.get(api.Manager, "/v1/notifications").list("notifications"), "the week is not over")

	w.door.Clock.Base = w.now().AddDate(0, 0, 7)
	for range 3 {
		require.NoError(t, reports.TellOfColdCalls(t.Context()))
		w.door.Clock.Base = w.now().Add(time.Hour)
	}
	told := w.get(api.Manager, "/v1/notifications").is(http.StatusOK)
	require.Len(t, told.list("notifications"), 1)
	require.Equal(t, "R13", told.text("notifications.0.rule"))
	require.Contains(t, told.text("notifications.0.about"), "10 of 10 minutes")
	require.NotContains(t, told.text("notifications.0.about"), "Robin", "ids only")
	require.Nil(t, told.at("notifications.0.lead_id"))
	require.Empty(t, w.get(api.Rep, "/v1/notifications").list("notifications"))
}

func TestWhatStagnantLeadsCostIsAddedUpAndTheDearestAreListed(t *testing.T) {
	w := newWorld(t)
	dear, cheap := w.lead("ann"), w.lead("bo")
	w.lead("cy") // gave a sign of life today
	for lead, effort := range map[string]int{dear: 60, cheap: 0} {
		w.exec(`UPDATE leads SET state = state || jsonb_build_object('wanted_at', '2025-03-02T09:00:00Z', 'effort', $2::int) WHERE id = $1`, idOf(lead), effort)
	}
	a := w.get(api.Manager, "/v1/reports/managing?most=1").is(http.StatusOK)
	require.EqualValues(t, 2, a.at("holding.leads"))
	require.Len(t, a.list("holding.most"), 1)
	require.Equal(t, idOf(dear), a.text("holding.most.0.lead_id"))
	require.EqualValues(t, 4000, a.at("holding.most.0.cost.effort"), "an hour at 40")
	require.InDelta(t, 1199, a.at("holding.most.0.cost.held"), 1, "twelve months at 1")
	require.InDelta(t, 4000+2*1199, a.at("holding.total"), 2)
	require.Equal(t, false, a.at("holding.most.0.worth.known"))
}
