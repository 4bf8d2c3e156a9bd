package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestAnEnrolledLeadCanBeReadExplainedAndFollowed(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Integration, "/v1/leads", `{"name":"Ann Lee","email":"ann@acme.example","phone":"+493012345678","account":"Acme","title":"CFO",
		"time_zone":"Europe/Berlin","country":"DE","source":"ebook_download","detail":"Ten ways","amount":500000}`).is(http.StatusCreated)
	require.Equal(t, "lead_created", a.text("status"))
	lead := "/v1/leads/" + a.text("lead_id")

	read := w.get(api.Integration, lead).is(http.StatusOK)
	for field, value := range map[string]any{
		"id": idOf(lead), "stage": "warm", "play": "inbound", "name": "Ann Lee", "email": "ann@acme.example", "phone": "+493012345678",
		"title": "CFO", "account": "Acme", "time_zone": "Europe/Berlin", "country": "DE", "owner_id": w.robin.String(), "owner": "Robin",
		"source": "ebook_download", "amount": 500000.0, "created_at": "2026-03-02T09:00:00Z",
	} {
		require.Equal(t, value, read.at(field), field)
	}
	why := w.get(api.Rep, lead+"/explanation").is(http.StatusOK)
	require.Equal(t, "warm", why.text("stage"))
	require.Contains(t, why.text("waiting"), "warm/idea")
	require.Equal(t, "R01", why.text("because.0.rule"))
	require.Equal(t, "engagement:ebook_download:"+a.text("engagement_id"), why.text("because.0.evidence.0"))
	require.Contains(t, strings.Join(texts(why.list("unless")), "; "), "they say stop")

	line := w.get(api.Rep, lead+"/timeline").is(http.StatusOK)
	first := line.list("entries")
	require.Equal(t, "stage_changed", line.text("entries.0.what"))
	require.Contains(t, line.text("entries.0.line"), "10:00", "in the lead's own time")
	for i := range first {
		require.EqualValues(t, i+1, line.at(fmt.Sprintf("entries.%d.n", i)))
	}
	rest := w.get(api.Rep, lead+"/timeline?after=2&limit=1").is(http.StatusOK)
	require.Len(t, rest.list("entries"), 1)
	require.EqualValues(t, 3, rest.at("entries.0.n"))
}

func texts(list []any) (all []string) {
	for _, v := range list {
		all = append(all, v.(string))
	}
	return all
}

func TestALeadGoesToTheRepWithTheFewest(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	kim := w.user("Kim", "rep")
	require.Equal(t, kim.String(), w.get(api.Rep, w.lead("bo")).text("owner_id"))
	named := w.postf(api.Rep, "/v1/leads", `{"email":"cy@acme.example","source":"ebook_download","owner_id":"%s"}`, w.robin).is(http.StatusCreated)
	require.Equal(t, w.robin.String(), w.get(api.Rep, "/v1/leads/"+named.text("lead_id")).text("owner_id"))
}

func TestADuplicateEnrolmentNamesTheLead(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	byPhone := w.post(api.Rep, "/v1/leads", `{"phone":"+442079460018","source":"booth_visit"}`).is(http.StatusCreated).text("lead_id")
	before := w.records()
	p := w.post(api.Rep, "/v1/leads", `{"email":"Ann@Acme.example","source":"booth_visit"}`).problem(http.StatusConflict, "already_enrolled", "body.email")
	require.Equal(t, idOf(lead), p.Lead.String())
	p = w.post(api.Rep, "/v1/leads", `{"phone":"020 7946 0018","country":"GB","source":"booth_visit"}`).problem(http.StatusConflict, "already_enrolled", "body.phone")
	require.Equal(t, byPhone, p.Lead.String())
	w.unchanged(before)
}

func TestManyAtOnceEnrolAPersonOnce(t *testing.T) {
	for name, person := range map[string]string{"by address": `"email":"bo@acme.example"`, "by number": `"phone":"+442079460018"`} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var all sync.WaitGroup
			statuses := make([]int, 6)
			for i := range statuses {
				all.Go(func() {
					statuses[i] = w.postf(api.Integration, "/v1/leads", `{%s,"account":"Acme","source":"ebook_download"}`, person).status
				})
			}
			all.Wait()
			require.ElementsMatch(t, []int{201, 409, 409, 409, 409, 409}, statuses)
			require.Equal(t, 1, w.number(`SELECT count(*) FROM leads`))
			require.Equal(t, 1, w.number(`SELECT count(*) FROM people`))
		})
	}
}

func TestAPersonWhoSaidStopIsNotEnrolled(t *testing.T) {
	w := newWorld(t)
	w.post(api.Integration, "/v1/opt-outs", `{"email":"Bo@acme.example"}`).is(http.StatusOK)
	before := w.records()
	w.post(api.Rep, "/v1/leads", `{"email":"bo@acme.example","source":"ebook_download"}`).problem(http.StatusConflict, "person_said_stop")
	w.unchanged(before)
}

func TestALeadThatWasLetGoCanBeEnrolledAnew(t *testing.T) {
	w := newWorld(t)
	first := w.lead("ann")
	w.post(api.Rep, first+"/disqualify", `{"reason":"not_a_fit"}`).is(http.StatusOK)
	require.NotEqual(t, first, w.lead("ann"))
}

func TestLeadsAreListedInPagesAndFiltered(t *testing.T) {
	w := newWorld(t)
	var all []string
	for i := range 5 {
		all = append(all, idOf(w.lead(fmt.Sprintf("p%d", i))))
	}
	w.post(api.Rep, "/v1/leads/"+all[1]+"/win", `{}`).is(http.StatusOK)
	w.post(api.Rep, "/v1/leads/"+all[2]+"/pause", `{}`).is(http.StatusOK)

	var listed []string
	for path := "/v1/leads?limit=2"; path != ""; {
		page := w.get(api.Integration, path).is(http.StatusOK)
		for i := range page.list("leads") {
			listed = append(listed, page.text(fmt.Sprintf("leads.%d.id", i)))
		}
		link := page.header.Get("Link")
		path = ""
		if next := page.at("next"); next != nil {
			require.Equal(t, fmt.Sprintf(`</v1/leads?after=%s&limit=2>; rel="next"`, next), link)
			path = fmt.Sprintf("/v1/leads?after=%s&limit=2", next)
		}
	}
	require.Equal(t, all, listed)

	for query, ids := range map[string][]string{
		"stage=won": {all[1]}, "blocked=manual": {all[2]}, "source=booth_visit": {}, "owner_id=" + uuid.NewString(): {},
		"owner_id=" + w.robin.String() + "&stage=warm": {all[0], all[2], all[3], all[4]},
	} {
		page := w.get(api.Rep, "/v1/leads?"+query).is(http.StatusOK)
		got := []string{}
		for i := range page.list("leads") {
			got = append(got, page.text(fmt.Sprintf("leads.%d.id", i)))
		}
		require.Equal(t, ids, got, query)
	}
}

func TestTheNextPageKeepsTheFilter(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		w.lead(fmt.Sprintf("p%d", i))
	}
	link := w.get(api.Rep, "/v1/leads?limit=1&stage=warm&source=ebook_download").is(http.StatusOK).header.Get("Link")
	require.Contains(t, link, "stage=warm")
	require.Contains(t, link, "source=ebook_download")
	path := strings.TrimPrefix(link[:strings.Index(link, ">")], "<")
	require.Len(t, w.get(api.Rep, path).is(http.StatusOK).list("leads"), 1)
}

func TestAnEngagementMakesReopensAndCountsOnce(t *testing.T) {
	w := newWorld(t)
	engage := func(rest string) answer {
		return w.postf(api.Integration, "/v1/engagements", `{"email":"cy@acme.example",%s}`, rest)
	}
	a := engage(`"kind":"webinar_attended","external_id":"w-1"`).is(http.StatusOK)
	require.Equal(t, "lead_created", a.text("status"))
	lead := "/v1/leads/" + a.text("lead_id")

	again := engage(`"kind":"webinar_attended","external_id":"w-1"`).is(http.StatusOK)
	require.Equal(t, "repeated", again.text("status"))
	require.Equal(t, a.at("lead_id"), again.at("lead_id"))
	require.Equal(t, a.at("engagement_id"), again.at("engagement_id"))
	require.Zero(t, count[sequence.EngagementRecorded](w.lives, idOf(lead)))

	w.post(api.Rep, lead+"/outcomes", `{"outcome":"not_now"}`).is(http.StatusOK)
	require.Equal(t, "cold", w.get(api.Rep, lead).text("stage"))
	back := engage(`"kind":"ebook_download","external_id":"w-2","occurred_at":"2026-03-02T08:00:00Z"`).is(http.StatusOK)
	require.Equal(t, "recorded", back.text("status"))
	require.Equal(t, a.at("lead_id"), back.at("lead_id"))
	require.Equal(t, "warm", w.get(api.Rep, lead).text("stage"))

	w.post(api.Rep, lead+"/opt-out", `{}`).is(http.StatusOK)
	late := engage(`"kind":"booth_visit"`).is(http.StatusOK)
	require.Equal(t, "suppressed", late.text("status"))
	require.Nil(t, late.at("lead_id"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM leads`))
	require.Equal(t, 3, w.number(`SELECT count(*) FROM engagements`), "the record is kept")
}

func TestManyAtOnceReportAnEngagementOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			w.post(api.Integration, "/v1/engagements", `{"email":"cy@acme.example","kind":"webinar_attended","external_id":"w-1"}`).is(http.StatusOK)
		})
	}
	all.Wait()
	lead := w.post(api.Integration, "/v1/engagements", `{"email":"cy@acme.example","kind":"webinar_attended","external_id":"w-1"}`).text("lead_id")
	require.Equal(t, 1, w.number(`SELECT count(*) FROM engagements`))
	require.Equal(t, 1, count[sequence.Enrolled](w.lives, lead))
	require.Zero(t, count[sequence.EngagementRecorded](w.lives, lead))
}

func TestAReplyWaitsForTheOwner(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	a := w.post(api.Integration, "/v1/replies", `{"email":"Ann@acme.example","text":"Call me on Thursday."}`).is(http.StatusOK)
	require.Equal(t, idOf(lead), a.text("lead_id"))
	require.Equal(t, "reply_waiting", w.get(api.Rep, lead).text("blocked"))
	w.open(lead, sequence.TaskReply)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM replies WHERE body = 'Call me on Thursday.'`))
}

func TestAnAutomaticReplyPausesUntilTheyAreBack(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Integration, "/v1/replies", `{"email":"ann@acme.example","automatic":true,"until":"2026-03-16T08:00:00Z"}`).is(http.StatusOK)
	require.Equal(t, "out_of_office", w.get(api.Rep, lead).text("blocked"))
	require.Equal(t, monday.AddDate(0, 0, 14).Add(-time.Hour), w.stateOf(lead).Pause.Until)
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE kind = 'reply'`))
}
