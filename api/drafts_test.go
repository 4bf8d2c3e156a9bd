package api_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

func TestADraftIsCheckedWithTheFileLineAndColumnOfEveryFaultAndNothingIsKept(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	a := w.post(api.Manager, "/v1/playbooks/check", w.files(faulty)).is(http.StatusOK)
	require.Equal(t, false, a.at("good"))
	require.Equal(t, []any{"playbook.yaml", 20.0, 1.0}, []any{a.at("problems.0.file"), a.at("problems.0.line"), a.at("problems.0.column")})
	require.Contains(t, a.text("problems.0.remedy"), "no_shows")
	require.Equal(t, false, w.post(api.Manager, "/v1/playbooks/check", `{"files":{}}`).is(http.StatusOK).at("good"))

	a = w.post(api.Manager, "/v1/playbooks/check", w.files(empty)).is(http.StatusOK)
	require.Equal(t, []any{true, true}, []any{a.at("good"), a.at("problems.0.warning")}, "a warning does not stand in the way")
	a = w.post(api.Manager, "/v1/playbooks/check", w.files(patient)).is(http.StatusOK)
	require.Empty(t, a.list("problems"))
	w.unchanged(before)
	require.Equal(t, w.publish(patient), a.text("id"), "it is published under the id that the check says")
}

func TestAVersionSaysWhatIsDoneInEachStageAndWhen(t *testing.T) {
	w := newWorld(t)
	v := w.get(api.Rep, "/v1/playbooks/"+w.publish(patient)).is(http.StatusOK)
	step := func(stage, play, step int) []any {
		at := fmt.Sprintf("stages.%d.plays.%d.steps.%d.", stage, play, step)
		return []any{v.at(at + "kind"), v.at(at + "what"), v.at(at + "when")}
	}
	require.Len(t, v.list("stages"), 7, "the living ones")
	require.Equal(t, []any{"warm", "inbound"}, []any{v.at("stages.0.stage"), v.at("stages.0.plays.0.play")})
	require.Equal(t, []any{"email", "warm/acknowledge", "at once"}, step(0, 0, 0))
	require.Equal(t, "directly after that", step(0, 0, 1)[2])
	require.Equal(t, []any{"email", "warm/idea", "4 working days later"}, step(0, 0, 2))
	require.InDelta(t, 5.6, v.at("stages.0.plays.0.steps.2.day"), 0.01, "four working days are about so many days")
	require.InDelta(t, 8.4, v.at("stages.0.plays.0.steps.3.day"), 0.01, "and the next step comes after that")
	require.Equal(t, []any{"email", "scheduled_call/reminder_day", "1 day before the agreed call"}, step(1, 0, 1))
	require.Equal(t, true, v.at("stages.1.plays.0.steps.1.before_call"))
	require.Equal(t, "on the last open day before New Year's Day", step(6, 0, 0)[2])
	require.Contains(t, v.list("stages.4.begins"), "crm_dormant")
	require.NotContains(t, v.list("stages.0.begins"), "crm_dormant")
}

func TestAVersionSaysWhenAndByWhomItWasReleased(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	v := w.get(api.Rep, "/v1/playbooks/"+id).is(http.StatusOK)
	require.Nil(t, v.at("released_at"))
	w.post(api.Manager, "/v1/playbooks/"+id+"/release", `{}`).is(http.StatusOK)
	list := w.get(api.Rep, "/v1/playbooks").is(http.StatusOK)
	require.Equal(t, id, list.text("playbooks.0.id"))
	require.Equal(t, w.value(`SELECT name FROM users WHERE id = $1`, w.mo), list.text("playbooks.0.released_by"))
	require.NotEmpty(t, list.text("playbooks.0.released_at"))
}

func TestAVersionSaysWhoPublishedItFirstAndTheAuditSaysWhoDidWhat(t *testing.T) {
	w := newWorld(t)
	mo := w.value(`SELECT name FROM users WHERE id = $1`, w.mo)
	id := w.publish(patient)
	again := w.post(api.Admin, "/v1/playbooks", w.files(patient, `,"release":true`)).is(http.StatusCreated)
	require.Equal(t, id, again.text("id"))
	require.Equal(t, mo, again.text("published_by"), "who was first stays")
	key := w.value(`SELECT name FROM api_keys WHERE role = 'admin'`)
	require.Equal(t, key, again.text("released_by"), "a key by its name")
	require.Equal(t, mo, w.get(api.Rep, "/v1/playbooks/"+id).is(http.StatusOK).text("published_by"))

	lines := w.get(api.Manager, "/v1/audit").is(http.StatusOK).list("lines")
	var acts []string
	for _, l := range lines {
		line := l.(map[string]any)
		require.Equal(t, id, line["about"])
		acts = append(acts, fmt.Sprint(line["kind"], " by ", line["actor_name"]))
	}
	require.ElementsMatch(t, []string{"playbook_published by " + mo, "playbook_published by " + key, "playbook_released by " + key}, acts)
}

func (w *world) value(query string, args ...any) (s string) {
	w.Helper()
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), query, args...).Scan(&s))
	return s
}

func TestADraftIsSimulatedAgainstTheCurrentVersionOnTheSameLeads(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	a := w.post(api.Manager, "/v1/simulations", w.files(patient, `,"leads":40,"months":3`)).is(http.StatusOK)
	require.Equal(t, []any{40.0, 3.0, w.current()}, []any{a.at("leads"), a.at("months"), a.at("results.0.playbook")})
	require.NotEqual(t, w.current(), a.text("results.1.playbook"))
	require.NotEmpty(t, a.list("differences"))
	w.unchanged(before)
	again := w.post(api.Manager, "/v1/simulations", w.files(patient, `,"leads":40,"months":3`)).is(http.StatusOK)
	require.Equal(t, string(a.body), string(again.body), "the same seed gives the same lives")

	w.post(api.Manager, "/v1/simulations", w.files(faulty)).problem(422, "not_valid", "body.files")
	w.postf(api.Manager, "/v1/simulations", `{"playbook":"%s","leads":100000}`, w.current()).problem(422, "not_valid", "body.leads")
	p := w.post(api.Manager, "/v1/simulations", w.files(forgetful)).problem(422, "not_valid", "body.playbook")
	require.Contains(t, p.Errors[0].Message, "ebook_download")
}

func TestADraftIsRehearsed(t *testing.T) {
	w := newWorld(t)
	script := `,"script":` + quoted(shortScript)
	require.Equal(t, "2026-03-06", day(w.post(api.Manager, "/v1/rehearsals", w.files(patient, script)).is(http.StatusOK), "email warm/idea sent"))
	w.post(api.Manager, "/v1/rehearsals", w.files(faulty, script)).problem(422, "not_valid", "body.files")
	w.post(api.Manager, "/v1/rehearsals", w.files(patient, script, `,"playbook":"`+w.current()+`"`)).problem(422, "not_valid", "body.playbook")
}

func TestMovesAreListedNewestFirst(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	require.Empty(t, w.get(api.Manager, "/v1/playbook-moves").is(http.StatusOK).list("moves"))
	from, to := w.current(), w.publish(patient)
	for _, way := range [][2]string{{from, to}, {to, from}} {
		w.postf(api.Manager, "/v1/playbook-moves", `{"from":"%s","to":"%s"}`, way[0], way[1]).is(http.StatusCreated)
	}
	list := w.get(api.Manager, "/v1/playbook-moves").is(http.StatusOK)
	require.Len(t, list.list("moves"), 2)
	require.Equal(t, []any{to, from, from}, []any{list.at("moves.0.from"), list.at("moves.0.to"), list.at("moves.1.from")})
}
