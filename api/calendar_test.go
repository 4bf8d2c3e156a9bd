package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/sequence"
)

// feed makes a feed and gives its path.
func (w *world) feed(role, user string) string {
	w.Helper()
	a := w.send(request{method: http.MethodPut, path: "/v1/users/" + user + "/calendar-feed", key: w.keys[role]}).is(http.StatusOK)
	path, ours := strings.CutPrefix(a.text("url"), "https://example.com")
	require.True(w, ours, a.text("url"))
	return path
}

// events are the calls in a feed, read without a key.
func (w *world) events(path string) []*ics.VEvent {
	w.Helper()
	a := w.send(request{method: http.MethodGet, path: path}).is(http.StatusOK)
	read, err := ics.ParseCalendar(strings.NewReader(string(a.body)))
	require.NoError(w, err)
	return read.Events()
}

func value(e *ics.VEvent, p ics.ComponentProperty) string {
	if e.GetProperty(p) == nil {
		return ""
	}
	return ics.FromText(e.GetProperty(p).Value)
}

func (w *world) agree(lead string, at time.Time) {
	w.Helper()
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, at.Format(time.RFC3339)).is(http.StatusOK)
}

func TestAFeedHasTheAgreedCallsOfItsRepAndFollowsThem(t *testing.T) {
	w := newWorld(t)
	path := w.feed(api.Rep, "me")
	require.Empty(t, w.events(path))
	lead, at := w.lead("ann"), w.now().Add(3*24*time.Hour)
	w.agree(lead, at)
	agreed := w.events(path)
	require.Len(t, agreed, 1)
	call := w.stateOf(lead).Call
	require.Equal(t, call.UID, agreed[0].Id(), "as in their invitation")
	require.Equal(t, "0", value(agreed[0], ics.ComponentPropertySequence))
	require.Equal(t, "Call ann (Acme)", value(agreed[0], ics.ComponentPropertySummary))
	begins, err := agreed[0].GetStartAt()
	require.NoError(t, err)
	require.True(t, at.Equal(begins))

	w.agree(lead, at.Add(2*time.Hour))
	moved := w.events(path)
	require.Len(t, moved, 1)
	require.Equal(t, call.UID, moved[0].Id())
	require.Equal(t, "1", value(moved[0], ics.ComponentPropertySequence))

	w.post(api.Rep, lead+"/outcomes", `{"outcome":"not_now","reason":"no budget"}`).is(http.StatusOK)
	require.Empty(t, w.events(path), "a call that is off disappears")
	require.Equal(t, 1, w.number(`SELECT count(*) FROM send_ledger WHERE text_name = 'scheduled_call/cancelled' AND state = 'sent'`))
}

func TestAFeedShowsPromisedCallsAndWhatTookPlaceForAMonth(t *testing.T) {
	w := newWorld(t)
	path := w.feed(api.Rep, "me")
	w.postf(api.Rep, w.lead("bob")+"/outcomes", `{"outcome":"not_now","next_step":{"at":"%s"}}`, w.in(14*24*time.Hour)).is(http.StatusOK)
	promised := w.events(path)
	require.Len(t, promised, 1)
	require.Contains(t, promised[0].Id(), "task-")
	require.Contains(t, value(promised[0], ics.ComponentPropertyDescription), "asked you to come back")

	lead := w.lead("ann")
	w.agree(lead, w.now().Add(24*time.Hour))
	w.pass(25 * time.Hour)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"interested","next_step":{"why_none":"they ask their boss"}}`).is(http.StatusOK)
	require.Len(t, w.events(path), 2, "the call that took place stays")
	w.pass(31 * 24 * time.Hour)
	for _, e := range w.events(path) {
		require.NotContains(t, value(e, ics.ComponentPropertySummary), "ann")
	}
}

func TestAFeedSaysWhatWasAnsweredToTheInvitation(t *testing.T) {
	w := newWorld(t)
	path, lead := w.feed(api.Rep, "me"), w.lead("ann")
	w.agree(lead, w.now().Add(3*24*time.Hour))
	person, call := w.person("ann@acme.example"), w.stateOf(lead).Call
	answer := door.InvitationAnswer{ID: uuid.New(), Person: person, UID: call.UID, Seq: call.Seq, Answer: sequence.Tentative}
	for range 2 {
		told, err := w.door.TakeInvitationAnswer(t.Context(), answer)
		require.NoError(t, err)
		require.Equal(t, idOf(lead), told.String())
	}
	require.Equal(t, 1, count[sequence.InvitationAnswered](w.lives, idOf(lead)), "the same answer counts once")
	require.Equal(t, "TENTATIVE", value(w.events(path)[0], ics.ComponentPropertyStatus))
	require.Contains(t, value(w.events(path)[0], ics.ComponentPropertyDescription), "They may come.")

	_, err := w.door.TakeInvitationAnswer(t.Context(), door.InvitationAnswer{Person: person, UID: call.UID, Answer: sequence.Declined})
	require.NoError(t, err)
	require.Empty(t, w.events(path))
	require.Nil(t, w.stateOf(lead).Call)
	w.open(lead, sequence.TaskReply)
	require.Equal(t, 2, w.number(`SELECT count(*) FROM invitation_answers WHERE lead_id = $1`, idOf(lead)))
	require.Zero(t, w.number(`SELECT count(*) FROM send_ledger WHERE text_name = 'scheduled_call/cancelled'`), "they know")
}

func (w *world) person(email string) (id uuid.UUID) {
	w.Helper()
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), `SELECT id FROM people WHERE email = $1`, email).Scan(&id))
	return id
}

func TestAnAnswerGoesToTheLeadWhoseCallItIsIfItIsAboutThatPerson(t *testing.T) {
	w := newWorld(t)
	ann, bob := w.lead("ann"), w.lead("bob")
	w.post(api.Rep, ann+"/stakeholders", `{"email":"bob@acme.example"}`).is(http.StatusOK)
	to := func(person, uid string) string {
		lead, err := w.door.TakeInvitationAnswer(t.Context(), door.InvitationAnswer{Person: w.person(person), UID: uid, Answer: sequence.Accepted})
		require.NoError(t, err)
		return lead.String()
	}
	require.Equal(t, idOf(ann), to("bob@acme.example", idOf(ann)+"-call-3"), "of the lead whose stakeholder they are")
	require.Equal(t, idOf(ann), to("ann@acme.example", idOf(bob)+"-call-3"), "a stranger's call is none of theirs")
	require.Equal(t, idOf(bob), to("bob@acme.example", "something else"))
	nobody, err := w.door.TakeInvitationAnswer(t.Context(), door.InvitationAnswer{Person: uuid.New(), UID: "x", Answer: sequence.Accepted})
	require.NoError(t, err)
	require.Equal(t, uuid.Nil, nobody)
}

func TestAFeedIsSentAgainOnlyWhenItHasChanged(t *testing.T) {
	w := newWorld(t)
	path := w.feed(api.Rep, "me")
	first := w.send(request{method: http.MethodGet, path: path}).is(http.StatusOK)
	require.Equal(t, "text/calendar; charset=utf-8", first.header.Get("Content-Type"))
	require.Equal(t, "private, no-cache", first.header.Get("Cache-Control"))
	require.Contains(t, string(first.body), "REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n")
	again := func() int {
		q, rec := request{method: http.MethodGet, path: path}.with("If-None-Match", first.header.Get("ETag"))
		w.api.ServeHTTP(rec, q)
		return rec.Code
	}
	w.pass(time.Hour)
	require.Equal(t, http.StatusNotModified, again())
	w.agree(w.lead("ann"), w.now().Add(3*24*time.Hour))
	require.Equal(t, http.StatusOK, again())
}

func TestAFeedIsReadByItsAddressAloneUntilThatIsRenewedOrRevoked(t *testing.T) {
	w := newWorld(t)
	old := w.feed(api.Rep, "me")
	require.Zero(t, w.number(`SELECT count(*) FROM idempotency_keys`), "the secret is kept nowhere")
	path := w.feed(api.Manager, w.robin.String())
	require.NotEqual(t, old, path)
	missing := func(path string) {
		w.send(request{method: http.MethodGet, path: path}).problem(http.StatusNotFound, "no_such_calendar")
	}
	missing(old)
	missing(strings.TrimSuffix(path, ".ics"))
	missing("/calendar/.ics")
	require.Empty(t, w.events(path))
	require.NotContains(t, w.records()["users"], strings.TrimSuffix(strings.TrimPrefix(path, "/calendar/"), ".ics"))

	w.send(request{method: http.MethodDelete, path: "/v1/users/me/calendar-feed", key: w.keys[api.Rep]}).is(http.StatusNoContent)
	missing(path)

	path = w.feed(api.Rep, "me")
	_, err := w.store.Pool.Exec(t.Context(), `UPDATE users SET active = false WHERE id = $1`, w.robin)
	require.NoError(t, err)
	missing(path)
}

func TestARepHasNoFeedButTheirOwn(t *testing.T) {
	w := newWorld(t)
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		try := func(role, user string) answer {
			return w.send(request{method: method, path: "/v1/users/" + user + "/calendar-feed", key: w.keys[role]})
		}
		try(api.Rep, w.mo.String()).problem(http.StatusNotFound, "not_found")
		try(api.Rep, "somebody").problem(http.StatusNotFound, "not_found")
		try(api.Manager, uuid.NewString()).problem(http.StatusNotFound, "not_found")
		try(api.Admin, "me").problem(http.StatusConflict, "key_of_nobody")
		try(api.Integration, "me").problem(http.StatusForbidden, "role_not_allowed")
	}
}

func TestAFeedHasNothingOfOtherReps(t *testing.T) {
	w := newWorld(t)
	path, lead := w.feed(api.Rep, "me"), w.lead("ann")
	w.agree(lead, w.now().Add(3*24*time.Hour))
	kim := w.user("Kim", "rep")
	w.postf(api.Manager, lead+"/reassign", `{"owner_id":"%s"}`, kim).is(http.StatusOK)
	require.Empty(t, w.events(path))
	require.Len(t, w.events(w.feed(api.Manager, kim.String())), 1)
}
