package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

const calm = string(sequence.PausedColleague)

func (w *world) blocked(lead string) any {
	w.Helper()
	return w.get(api.Rep, lead).is(http.StatusOK).at("blocked")
}

func (w *world) sent(lead string) int {
	return w.number(`SELECT count(*) FROM send_ledger WHERE lead_id = $1 AND state = 'sent'`, idOf(lead))
}

func TestWhileOneAtTheAccountTalksTheOthersAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	ann, bo := w.lead("ann"), w.lead("bo")
	w.post(api.Rep, bo+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK)
	other := "/v1/leads/" + w.post(api.Rep, "/v1/leads", `{"email":"di@other.example","account":"Other","source":"ebook_download"}`).is(http.StatusCreated).text("lead_id")

	w.postf(api.Rep, ann+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(7*24*time.Hour)).is(http.StatusOK)
	w.relay()
	require.Equal(t, calm, w.blocked(bo))
	require.Nil(t, w.blocked(ann), "not the one who talks")
	require.Nil(t, w.blocked(other), "nor anybody elsewhere")
	before := w.sent(bo)
	w.pass(6 * 24 * time.Hour)
	require.Equal(t, before, w.sent(bo), "nothing reaches the colleague meanwhile")
	require.Contains(t, w.get(api.Rep, bo+"/explanation").is(http.StatusOK).text("waiting"), "colleague")

	w.pass(24 * time.Hour)
	w.post(api.Rep, ann+"/outcomes", `{"outcome":"not_interested","reason":"no budget"}`).is(http.StatusOK)
	w.relay()
	require.Nil(t, w.blocked(bo))
	require.Empty(t, w.stateOf(bo).Talking)
	w.post(api.Manager, "/v1/content", `{"kind":"article","title":"News"}`).is(http.StatusCreated)
	w.pass(7 * 24 * time.Hour)
	require.Greater(t, w.sent(bo), before, "and then it goes on")
}

func TestWhoeverIsEnrolledWhileAColleagueTalksIsLeftAloneFromTheStart(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	w.postf(api.Rep, ann+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(2*24*time.Hour)).is(http.StatusOK)
	bo := w.lead("bo")
	require.Equal(t, calm, w.blocked(bo))
	require.Equal(t, []string{idOf(ann)}, w.stateOf(bo).Talking)
	require.Zero(t, w.sent(bo))
	w.post(api.Rep, ann+"/win", `{}`).is(http.StatusOK)
	w.relay()
	require.Nil(t, w.blocked(bo))
}

func TestALeadThatHasNotBegunHearsThatTheConversationIsOver(t *testing.T) {
	w := newWorld(t)
	ann := w.lead("ann")
	w.postf(api.Rep, ann+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(2*24*time.Hour)).is(http.StatusOK)
	w.engine(true)
	bo := w.lead("bo") // accepted, and its life begins later
	w.engine(false)
	w.post(api.Rep, ann+"/outcomes", `{"outcome":"not_interested","reason":"no budget"}`).is(http.StatusOK)
	w.relay()
	require.Equal(t, 1, count[sequence.Enrolled](w.lives, idOf(bo)))
	require.Nil(t, w.blocked(bo), "it does not wait for ever")
}

func TestNewContentReachesTheLeadsThatWaitForNewsOfTheirKind(t *testing.T) {
	w := newWorld(t)
	leads := w.waitsForTheIdea("ann", "bo")
	w.pass(4 * 24 * time.Hour)
	require.Equal(t, sequence.NothingNew, w.blocked(leads[0]))
	w.post(api.Manager, "/v1/content", `{"kind":"article","title":"For others","sources":["webinar_attended"]}`).is(http.StatusCreated)
	w.relay()
	require.Zero(t, count[sequence.NewsPublished](w.lives, idOf(leads[0])), "that is not for them")

	published := w.post(api.Manager, "/v1/content", `{"kind":"article","title":"For them","sources":["ebook_download"]}`).is(http.StatusCreated)
	w.relay()
	for _, lead := range leads {
		require.Equal(t, 1, count[sequence.NewsPublished](w.lives, idOf(lead)))
	}
	w.pass(6 * 24 * time.Hour) // sooner than they would have looked again by themselves
	require.Equal(t, 2, w.number(`SELECT count(*) FROM send_ledger WHERE content_id = $1`, published.text("id")))
}
