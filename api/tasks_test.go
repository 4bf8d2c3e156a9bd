package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// queued gives a lead's call another place in the order.
func (w *world) queued(name string, promised, hot bool, due time.Duration, amount int) string {
	lead := w.lead(name)
	w.exec(`UPDATE tasks SET promised = $2, hot = $3, due_at = $4 WHERE lead_id = $1`, idOf(lead), promised, hot, w.now().Add(due))
	w.postf(api.Rep, lead+"/amount", `{"amount":%d}`, amount).is(http.StatusOK)
	return name
}

func (a answer) names() (all []string) {
	for i := range a.list("tasks") {
		all = append(all, a.text(fmt.Sprintf("tasks.%d.name", i)))
	}
	return all
}

func TestTheQueueIsInTheOrderOfPromisesReadinessAndValueByUrgency(t *testing.T) {
	w := newWorld(t)
	day := 24 * time.Hour
	w.queued("large but fresh", false, false, 0, 100_000)
	w.queued("small but old", false, false, -30*day, 10_000)  // 31 times
	w.queued("smaller and old", false, false, -3*day, 20_000) // 4 times
	w.queued("hot", false, true, 0, 100)
	w.queued("hot and large", false, true, 0, 200)
	w.queued("promised for later today", true, false, 3*time.Hour, 100)
	w.queued("promised", true, false, -time.Minute, 100)
	w.queued("tomorrow", false, true, 2*day, 10_000)

	queue := w.get(api.Rep, "/v1/queue").is(http.StatusOK)
	require.Equal(t, []string{
		"promised", "hot and large", "hot", "small but old", "large but fresh", "smaller and old", "promised for later today",
	}, queue.names())
	require.Equal(t, true, queue.at("tasks.0.priority.promised"))
	require.Equal(t, true, queue.at("tasks.1.priority.sales_ready"))
	require.EqualValues(t, 10_000, queue.at("tasks.3.priority.value.amount"))
	require.EqualValues(t, 31, queue.at("tasks.3.priority.urgency"))
	require.Equal(t, false, queue.at("tasks.6.priority.promised"), "its time has not come")

	require.Equal(t, []string{"promised", "hot and large"}, w.get(api.Rep, "/v1/queue?limit=2").is(http.StatusOK).names())
	require.Contains(t, w.get(api.Rep, "/v1/queue?ahead_days=2").is(http.StatusOK).names(), "tomorrow")
	require.Empty(t, w.get(api.Rep, "/v1/queue?kind=diagnose").is(http.StatusOK).names())
}

func TestARepSeesTheirOwnQueueAndAManagerEverybodys(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	kim := w.user("Kim", "rep")
	w.lead("bo")
	require.Equal(t, []string{"ann"}, w.get(api.Rep, "/v1/queue").is(http.StatusOK).names())
	require.ElementsMatch(t, []string{"ann", "bo"}, w.get(api.Manager, "/v1/queue").is(http.StatusOK).names())
	require.Equal(t, []string{"bo"}, w.get(api.Rep, "/v1/queue?owner_id="+kim.String()).is(http.StatusOK).names())
}

func TestABriefTellsWhatToKnowBeforeTheCall(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/stakeholders", `{"name":"Cy Doe","email":"cy@acme.example","title":"CTO"}`).is(http.StatusOK)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"voicemail","discussed":"Left my number"}`).is(http.StatusOK)
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","discussed":"Wants a demo","reason":"budget","next_step":{"at":"%s"}}`, w.in(26*time.Hour)).is(http.StatusOK)

	a := w.get(api.Rep, w.open(lead, sequence.TaskCall)).is(http.StatusOK)
	require.Equal(t, "call", a.text("kind"))
	require.Equal(t, "open", a.text("state"))
	require.Equal(t, "They downloaded our eBook on 2 March 2026", a.text("brief.wanted"))
	require.Equal(t, "Mon 10:00 CET", a.text("brief.local_time"))
	require.NotEmpty(t, a.text("brief.waiting"))
	require.Equal(t, "ebook_download", a.text("brief.engagements.0.what"))
	said := []string{a.text("brief.outcomes.0.discussed"), a.text("brief.outcomes.1.discussed")}
	require.ElementsMatch(t, []string{"Wants a demo", "Left my number"}, said)
	require.Equal(t, "t1", a.text("brief.messages.0.touch"))
	require.Equal(t, "sent", a.text("brief.messages.0.state"))
	require.Equal(t, "Cy Doe", a.text("brief.others.0.name"))
	require.Equal(t, "CTO", a.text("brief.others.0.title"))
	require.NotEmpty(t, a.text("brief.opening"))
}

func TestTheOpeningOfACallRemindsThemWhatTheyAskedFor(t *testing.T) {
	w := newWorld(t)
	a := w.get(api.Rep, w.open(w.lead("ann"), sequence.TaskCall)).is(http.StatusOK)
	require.Equal(t, "You downloaded our eBook. What were you hoping to find?", a.text("brief.opening"))
}

func TestEachKindOfTaskIsCompletedInItsWay(t *testing.T) {
	for kind, c := range map[sequence.TaskKind]struct {
		lead   func(w *world) string
		body   string
		result string
	}{
		sequence.TaskCall:       {func(w *world) string { return w.lead("ann") }, `{"outcome":{"outcome":"voicemail"}}`, "voicemail"},
		sequence.TaskManual:     {persisted, `{"note":"Connected"}`, "Connected"},
		sequence.TaskReply:      {replied, `{"note":"Answered by mail"}`, "Answered by mail"},
		sequence.TaskDiagnose:   {func(w *world) string { return w.cold("ann") }, `{"diagnosis":"too_slow","note":"We let it lie"}`, "We let it lie"},
		sequence.TaskFindOthers: {asked, `{"note":"Nobody to be found"}`, "Nobody to be found"},
		sequence.TaskEngaged:    {engaged, `{"note":"Spoke about it"}`, "Spoke about it"},
	} {
		t.Run(string(kind), func(t *testing.T) {
			w := newWorld(t)
			lead := c.lead(w)
			task := w.open(lead, kind)
			a := w.post(api.Rep, task+"/complete", c.body).is(http.StatusOK)
			require.NotEmpty(t, a.text("next_step"))
			done := w.get(api.Rep, task).is(http.StatusOK)
			require.Equal(t, "done", done.text("state"))
			require.Equal(t, c.result, done.text("result"))
			require.NotContains(t, w.get(api.Rep, "/v1/queue?kind="+string(kind)).is(http.StatusOK).names(), "ann")
		})
	}
}

func persisted(w *world) string {
	for range 3 {
		w.post(api.Manager, "/v1/content", `{"kind":"article","title":"News"}`).is(http.StatusCreated)
	}
	lead := w.lead("ann")
	w.pass(13 * 24 * time.Hour)
	return lead
}

func replied(w *world) string {
	lead := w.lead("ann")
	w.post(api.Integration, "/v1/replies", `{"email":"ann@acme.example","text":"Yes?"}`).is(http.StatusOK)
	return lead
}

func asked(w *world) string {
	lead := w.lead("ann")
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(time.Hour)).is(http.StatusOK)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"wrong_person"}`).is(http.StatusOK)
	return lead
}

func engaged(w *world) string {
	lead := w.lead("ann")
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(time.Hour)).is(http.StatusOK)
	w.post(api.Integration, "/v1/engagements", `{"email":"ann@acme.example","kind":"booth_visit"}`).is(http.StatusOK)
	return lead
}

func TestADiagnosisTaskNeedsItsDiagnosis(t *testing.T) {
	w := newWorld(t)
	lead := w.cold("ann")
	before := w.records()
	w.post(api.Rep, w.open(lead, sequence.TaskDiagnose)+"/complete", `{"note":"no idea"}`).problem(422, "not_valid", "body.diagnosis")
	w.unchanged(before)
}

func TestAnAttemptBeforeThePromisedTimeLeavesThePromise(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(3*time.Hour)).is(http.StatusOK)
	call := w.open(lead, sequence.TaskCall)
	w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"no_answer"}}`).is(http.StatusOK)
	require.Equal(t, call, w.open(lead, sequence.TaskCall))

	w.pass(3 * time.Hour)
	w.post(api.Rep, call+"/complete", `{"outcome":{"outcome":"no_answer"}}`).is(http.StatusOK)
	require.Equal(t, "done", w.get(api.Rep, call).text("state"))
}

func TestNotificationsReachTheOwnerAndTheManagers(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.pass(time.Hour) // the first call is overdue
	w.post(api.Rep, lead+"/disqualify", `{"reason":"other"}`).is(http.StatusOK)

	own := w.get(api.Rep, "/v1/notifications").is(http.StatusOK)
	require.Len(t, own.list("notifications"), 1)
	require.Equal(t, "the lead is disqualified", own.text("notifications.0.about"))
	require.Equal(t, idOf(lead), own.text("notifications.0.lead_id"))

	all := w.get(api.Manager, "/v1/notifications").is(http.StatusOK)
	require.Len(t, all.list("notifications"), 1)
	require.Equal(t, "the first call is overdue", all.text("notifications.0.about"))
	require.Equal(t, "R01", all.text("notifications.0.rule"))
	require.Len(t, w.get(api.Admin, "/v1/notifications?limit=1").is(http.StatusOK).list("notifications"), 1)
}

func TestContentIsPublishedListedAndBroughtToLeads(t *testing.T) {
	w := newWorld(t)
	w.post(api.Manager, "/v1/content", `{"kind":"price","title":"Older"}`).is(http.StatusCreated)
	w.door.Clock.Base = w.now().Add(time.Minute)
	a := w.post(api.Manager, "/v1/content", `{"kind":"article","title":"News","summary":"What is new","url":"https://example.com/n","sources":["ebook_download"],"expires_at":"2026-06-01T00:00:00Z"}`).is(http.StatusCreated)
	list := w.get(api.Rep, "/v1/content").is(http.StatusOK)
	require.Len(t, list.list("content"), 2)
	require.Equal(t, "News", list.text("content.0.title"))
	require.Equal(t, a.text("id"), list.text("content.0.id"))

	w.lead("ann")
	w.pass(5 * 24 * time.Hour)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM send_ledger WHERE content_id = $1`, a.text("id")))
}

func TestTheTaskOfAReplyShowsWhatTheyWrote(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Integration, "/v1/replies", `{"email":"ann@acme.example","text":"Call me on Friday."}`).is(http.StatusOK)
	a := w.get(api.Rep, w.open(lead, sequence.TaskReply)).is(http.StatusOK)
	all := a.list("brief.messages")
	require.Len(t, all, 2)
	require.Equal(t, "out", a.text("brief.messages.0.direction"))
	require.Equal(t, "in", a.text("brief.messages.1.direction"))
	require.Equal(t, "Call me on Friday.", a.text("brief.messages.1.text"))
	require.Equal(t, "ann@acme.example", a.text("brief.messages.1.address"))
}
