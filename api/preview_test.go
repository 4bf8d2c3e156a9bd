package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// standing are leads in every stage and in the states in between, each at an account
// of its own.
var standing = map[string]func(w *world, n int) string{
	"warm": func(w *world, n int) string { return w.at(n, "ebook_download") },
	"warm, paused": func(w *world, n int) string {
		return w.after(w.at(n, "ebook_download"), "/pause", `{"until":"2026-03-20T10:00:00Z"}`)
	},
	"warm, snoozed": func(w *world, n int) string {
		return w.after(w.at(n, "site_chat"), "/snooze", `{"until":"2026-03-20T10:00:00Z"}`)
	},
	"warm, answered": func(w *world, n int) string {
		lead := w.at(n, "ebook_download")
		w.postf(api.Integration, "/v1/replies", `{"email":"p%d@a%d.example","text":"Yes"}`, n, n).is(http.StatusOK)
		return lead
	},
	"a call agreed": func(w *world, n int) string {
		return w.after(w.at(n, "ebook_download"), "/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"`+w.in(50*time.Hour)+`"}}`)
	},
	"a call that took place": func(w *world, n int) string {
		lead := w.after(w.at(n, "ebook_download"), "/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"`+w.in(10*time.Minute)+`"}}`)
		w.pass(10 * time.Minute)
		return lead
	},
	"others are written to": func(w *world, n int) string {
		lead := w.at(n, "ebook_download")
		w.after(lead, "/stakeholders", fmt.Sprintf(`{"name":"Bo","email":"bo@a%d.example"}`, n))
		return w.after(lead, "/outcomes", `{"outcome":"wrong_person"}`)
	},
	"cold": func(w *world, n int) string {
		return w.after(w.at(n, "ebook_download"), "/outcomes", `{"outcome":"not_interested","reason":"no budget"}`)
	},
	"revival": func(w *world, n int) string { return w.at(n, "crm_dormant") },
	"break-up": func(w *world, n int) string {
		return w.after(w.at(n, "ebook_download"), "/outcomes", `{"outcome":"not_interested","reason":"decided","decision_maker":true}`)
	},
	"check-in": func(w *world, n int) string {
		return w.after(w.at(n, "ebook_download"), "/outcomes", `{"outcome":"stay_in_touch","permission":{"channel":"email","every":"2 months"}}`)
	},
}

// at enrols somebody at an account of their own.
func (w *world) at(n int, source string) string {
	w.Helper()
	a := w.postf(api.Integration, "/v1/leads", `{"name":"P %d","email":"p%d@a%d.example","phone":"+49301%06d","account":"A %d","time_zone":"Europe/Berlin","country":"DE","source":"%s"}`, n, n, n, n, n, source)
	return "/v1/leads/" + a.is(http.StatusCreated).text("lead_id")
}

// after is the lead once something was done to it.
func (w *world) after(lead, path, body string) string {
	w.Helper()
	w.post(api.Admin, lead+path, body).is(http.StatusOK)
	return lead
}

// taken are actions, each with a body; CALL is the lead's open task of the kind, LAST its last
// outcome. What cannot be done in a stage is refused there, which is an answer too.
func (w *world) taken() []good {
	soon := w.in(72 * time.Hour)
	all := []good{
		{"/snooze", `{"until":"` + w.in(12*24*time.Hour) + `"}`},
		{"/snooze", `{"until":"` + w.in(-time.Hour) + `"}`},
		{"/pause", `{}`},
		{"/pause", `{"reason":"owner_on_leave","until":"` + soon + `"}`},
		{"/resume", `{}`},
		{"/reassign", `{"owner_id":"` + w.mo.String() + `"}`},
		{"/reassign", `{"owner_id":"` + uuid.NewString() + `"}`},
		{"/win", `{"amount":700000}`},
		{"/disqualify", `{"reason":"not_a_fit"}`},
		{"/stakeholders", `{"name":"Cy","email":"cy@elsewhere.example"}`},
		{"/stakeholders", `{"name":"Nobody","email":"no address"}`},
		{"/proposals", `{"amount":900000,"expires_at":"` + w.in(30*24*time.Hour) + `"}`},
		{"/permissions", `{"channel":"email","every":"2 months"}`},
		{"/permissions", `{"channel":"email","every":"now and then"}`},
		{"/amount", `{"amount":1200000}`},
		{"/diagnosis", `{"diagnosis":"too_slow"}`},
		{"/diagnosis", `{"diagnosis":"never_warm"}`},
		{"/addresses", `{"phone":"+493055555555"}`},
		{"/opt-out", `{"via":"phone"}`},
		{"/outcomes/LAST/undo", `{}`},
		{"CALL/complete", `{"outcome":{"outcome":"voicemail"}}`},
		{"CALL/complete", `{"outcome":{"outcome":"interested"}}`},
		{"CALL/complete", `{"note":"done"}`},
	}
	for _, o := range sequence.Outcomes() {
		body := map[string]any{"outcome": o, "reason": "a reason"}
		switch o {
		case sequence.CallScheduled, sequence.SendInfo:
			body["next_step"] = map[string]any{"at": soon}
		case sequence.Interested, sequence.NonCommittal:
			body["next_step"] = map[string]any{"why_none": "asks her boss"}
		case sequence.StayInTouch:
			body["permission"] = map[string]any{"channel": "email", "every": "3 months"}
		case sequence.NoAnswer, sequence.Voicemail, sequence.NotNow, sequence.NotInterested, sequence.MissedByLead, sequence.NotTheOne,
			sequence.PrimaryObject, sequence.WrongNumber, sequence.NotQualified, sequence.WonOutcome, sequence.StopOutcome:
		}
		encoded, err := json.Marshal(body)
		require.NoError(w, err)
		all = append(all, good{"/outcomes", string(encoded)})
	}
	return append(all, good{"/outcomes", `{"outcome":"not_now","next_step":{"at":"` + soon + `"}}`},
		good{"/outcomes", `{"outcome":"not_interested","reason":"decided","decision_maker":true}`}, good{"/outcomes", `{"outcome":"interested"}`})
}

var anyID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// ofNobody is what was said without the ids in it, which every request makes anew.
func ofNobody(v any) string {
	encoded, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return anyID.ReplaceAllString(string(encoded), "ID")
}

// tasksOf are the ids of a lead's tasks in a state, or in any.
func (w *world) tasksOf(lead, state string) (ids string) {
	w.Helper()
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), `SELECT coalesce(string_agg(id::text, ','), '') FROM tasks WHERE lead_id = $1 AND ($2 = '' OR state = $2)`, idOf(lead), state).Scan(&ids))
	return ids
}

func TestWhatAPreviewSaysIsWhatThenHappens(t *testing.T) {
	for name, stand := range standing {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			done := map[string]int{}
			for n := range w.taken() {
				lead := stand(w, n)
				act := w.taken()[n]
				w.previewed(lead, act, done)
			}
			require.Greater(t, done["done"], 15, "most actions can be taken here")
			require.Positive(t, done["refused"])
		})
	}
}

// previewed asks what an action would do, does it, and holds the two together.
func (w *world) previewed(lead string, act good, done map[string]int) {
	w.Helper()
	path := w.pathOf(lead, act)
	name := act.path + " " + act.body
	records, keys := w.records(), w.number(`SELECT count(*) FROM idempotency_keys`)
	r := request{method: http.MethodPost, path: path, body: act.body, key: w.keys[api.Admin], once: uuid.NewString()}
	asked := r
	asked.path += "/preview"
	said := w.send(asked)
	w.unchanged(records, name)
	require.Equal(w, keys, w.number(`SELECT count(*) FROM idempotency_keys`), "%s: not even a key is written", name)

	open, every, n := w.tasksOf(lead, "open"), w.tasksOf(lead, ""), w.stateOf(lead).EntrySeq
	was := w.since(lead, open, every)
	answered := w.send(r)
	require.Equal(w, answered.status, said.status, "%s: %s\n%s", name, said.body, answered.body)
	if answered.status >= 300 {
		done["refused"]++
		require.Equal(w, string(answered.body), string(said.body), "%s is refused with the same words", name)
		return
	}
	done["done"]++
	var p api.Preview
	require.NoError(w, json.Unmarshal(said.body, &p), name)
	require.Equal(w, n, p.Turn, name)
	if answered.at("from_stage") != nil {
		require.Equal(w, answered.text("from_stage"), string(p.From), name)
	}

	var now api.LeadView
	var timeline api.Timeline
	var explanation sequence.Explanation
	for at, out := range map[string]any{"": &now, "/explanation": &explanation, fmt.Sprintf("/timeline?after=%d", n): &timeline} {
		require.NoError(w, json.Unmarshal(w.get(api.Admin, lead+at).is(http.StatusOK).body, out))
	}
	require.Equal(w, []any{now.Stage, now.Play}, []any{p.Stage, p.Play}, name)
	require.Equal(w, ofNobody(explanation), ofNobody(p.Explanation), name)
	require.Equal(w, ofNobody(timeline.Entries), ofNobody(p.Entries), name)
	require.Equal(w, explanation.Until.IsZero(), p.NextAt == nil, name)
	for _, e := range p.Entries {
		require.True(w, e.Rule == "" || slices.ContainsFunc(p.Rules, func(g sequence.Ground) bool { return g.Rule == e.Rule }), "%s: %s", name, e.Rule)
	}

	is := w.since(lead, open, every)
	require.ElementsMatch(w, is.away, idsOf(p.FallsAway), name)
	require.Equal(w, is.done, p.Done != nil, name)
	require.Equal(w, is.told-was.told, len(namesOf(p, "notice")), name)
	require.ElementsMatch(w, is.asked, namesOf(p, "task"), name)
	require.ElementsMatch(w, is.sent[len(was.sent):], namesOf(p, "email"), name)
	if next := p.Planned; next != nil {
		require.NotEmpty(w, next.What, name)
	}
}

func (w *world) pathOf(lead string, act good) string {
	if strings.HasPrefix(act.path, "CALL") {
		ids := w.tasksOf(lead, "open")
		if ids == "" {
			ids = uuid.NewString()
		}
		return "/v1/tasks/" + strings.Split(ids, ",")[0] + strings.TrimPrefix(act.path, "CALL")
	}
	last := uuid.NewString()
	if rows := w.get(api.Rep, lead+"/outcomes").is(http.StatusOK).list("outcomes"); len(rows) > 0 {
		last = rows[0].(map[string]any)["id"].(string)
	}
	return lead + strings.Replace(act.path, "LAST", last, 1)
}

// effects are what was done about a lead, as the records have it.
type effects struct {
	away  []string // tasks that were open and are cancelled
	done  bool     // one of those is done
	asked []string // tasks that are new, by kind and time
	sent  []string // texts, in order
	told  int
}

func (w *world) since(lead, open, every string) (e effects) {
	w.Helper()
	read := func(query string, args ...any) (all []string) {
		var joined string
		require.NoError(w, w.store.Pool.QueryRow(w.Context(), `SELECT coalesce(string_agg(x, E'\n'), '') FROM (`+query+`) q(x)`, args...).Scan(&joined))
		if joined != "" {
			all = strings.Split(joined, "\n")
		}
		return all
	}
	e.away = read(`SELECT id::text FROM tasks WHERE state = 'cancelled' AND id::text = ANY(string_to_array($1, ','))`, open)
	e.done = len(read(`SELECT id::text FROM tasks WHERE state = 'done' AND id::text = ANY(string_to_array($1, ','))`, open)) > 0
	e.asked = read(`SELECT kind || ' ' || extract(epoch FROM due_at)::bigint FROM tasks WHERE lead_id = $1 AND NOT id::text = ANY(string_to_array($2, ','))`, idOf(lead), every)
	e.sent = read(`SELECT text_name FROM send_ledger WHERE lead_id = $1 AND state = 'sent' ORDER BY length(touch), touch`, idOf(lead))
	e.told = w.number(`SELECT count(*) FROM notifications WHERE lead_id = $1`, idOf(lead))
	return e
}

func idsOf(tasks []api.FallingTask) (ids []string) {
	for _, t := range tasks {
		ids = append(ids, t.ID.String())
	}
	return ids
}

func namesOf(p api.Preview, what string) (names []string) {
	for _, d := range p.AtOnce {
		switch {
		case d.What != what:
		case d.DueAt != nil:
			names = append(names, fmt.Sprintf("%s %d", d.Name, d.DueAt.Unix()))
		default:
			names = append(names, d.Name)
		}
	}
	return names
}

func TestAPreviewIsForThoseWhoMaySeeTheLeadAndOfALifeThatHasBegun(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	kim := w.user("Kim", "rep")
	w.key(api.Rep, &kim)
	w.exec(`UPDATE users SET sees = 'own' WHERE id = $1`, kim)
	ask := func(path, body string) answer {
		return w.send(request{method: http.MethodPost, path: path, body: body, key: w.keys[api.Rep]})
	}
	ask(lead+"/pause/preview", `{}`).problem(http.StatusNotFound, "not_found")
	w.exec(`UPDATE users SET sees = 'all' WHERE id = $1`, kim)
	a := ask(lead+"/pause/preview", `{}`).is(http.StatusOK)
	require.Empty(t, a.header.Get("Idempotency-Replayed"))
	require.Equal(t, "somebody to resume it", a.text("next_step"))
	require.Nil(t, a.at("next_at"))
	require.Empty(t, a.list("at_once"))
	ask(lead+"/reassign/preview", `{"owner_id":"`+kim.String()+`"}`).problem(http.StatusForbidden, "role_not_allowed")

	w.engine(true)
	require.Equal(t, "cold", ask(lead+"/outcomes/preview", `{"outcome":"not_interested","reason":"no budget"}`).is(http.StatusOK).text("stage"), "the lead itself is not asked")
	ask(w.lead("bea")+"/pause/preview", `{}`).problem(http.StatusServiceUnavailable, "lead_begins_soon")
}

func TestAPreviewSaysWhichTouchFallsAwayAndWhoIsStopped(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	planned := w.stateOf(lead).Next
	a := w.post(api.Rep, lead+"/outcomes/preview", `{"outcome":"not_interested","reason":"no budget"}`).is(http.StatusOK)
	require.Equal(t, planned.At.Format(time.RFC3339Nano), a.text("planned_falls_away.at"))
	require.Contains(t, a.text("planned_falls_away.what"), "email")

	w.post(api.Rep, lead+"/stakeholders", `{"name":"Bo","email":"bo@acme.example"}`).is(http.StatusOK)
	bo := w.get(api.Rep, lead+"/stakeholders").text("stakeholders.0.id")
	a = w.post(api.Rep, lead+"/outcomes/preview", `{"outcome":"stop","with":"`+bo+`"}`).is(http.StatusOK)
	require.Equal(t, "warm", a.text("stage"), "a stakeholder's stop is theirs alone")
	require.Equal(t, "stop", a.text("at_once.0.what"))
	require.Empty(t, a.list("entries"))
	require.Empty(t, a.list("tasks_fall_away"), "the call with the lead stays")
}
