package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// compare asks what another version would do.
func (w *world) compare(rest string, fill ...any) answer {
	w.Helper()
	return w.post(api.Manager, "/v1/playbooks/impact", `{"from":"`+w.current()+`",`+fmt.Sprintf(rest, fill...)+`}`)
}

// waitsForTheIdea enrols leads and makes their first call, so that the second
// email comes next.
func (w *world) waitsForTheIdea(names ...string) (leads []string) {
	for _, name := range names {
		lead := w.lead(name)
		w.post(api.Rep, lead+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK)
		leads = append(leads, lead)
	}
	return leads
}

func TestTheImpactCountsWhatWouldChangeAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	leads := w.waitsForTheIdea("ann", "bo", "cy")
	w.post(api.Rep, leads[2]+"/win", `{}`).is(http.StatusOK)
	before := w.records()
	id := w.publish(patient)

	a := w.compare(`"to":"%s","examples":1`, id).is(http.StatusOK)
	require.EqualValues(t, 2, a.at("leads"), "those that are over do not count")
	require.Equal(t, map[string]any{"next_touch_changes": 2.0}, a.at("counts"))
	require.Len(t, a.list("examples.next_touch_changes"), 1, "as many as asked for")
	require.Contains(t, []string{idOf(leads[0]), idOf(leads[1])}, a.text("examples.next_touch_changes.0.lead_id"))
	require.Less(t, a.text("examples.next_touch_changes.0.before.at"), a.text("examples.next_touch_changes.0.after.at"))
	require.Len(t, a.list("days"), 14)
	require.EqualValues(t, 2, w.due(a, "before"), "both are due within two weeks, before")
	require.EqualValues(t, 2, w.due(a, "after"), "and after")
	w.number(`DELETE FROM playbooks WHERE id = $1 RETURNING 1`, id)
	w.unchanged(before)
}

// due adds up what an impact says is due in the coming days.
func (w *world) due(a answer, side string) (n int) {
	for i := range a.list("days") {
		due, ok := a.at(fmt.Sprintf("days.%d.%s", i, side)).(float64)
		require.True(w, ok)
		n += int(due)
	}
	return n
}

func TestAPlaybookIsComparedBeforeItIsPublished(t *testing.T) {
	w := newWorld(t)
	w.waitsForTheIdea("ann")
	before := w.records()
	var body struct{ Files json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(w.files(patient)), &body))
	a := w.compare(`"files":%s`, body.Files).is(http.StatusOK)
	require.Equal(t, map[string]any{"next_touch_changes": 1.0}, a.at("counts"))
	require.NoError(t, json.Unmarshal([]byte(w.files(faulty)), &body))
	p := w.compare(`"files":%s`, body.Files).problem(422, "not_valid", "body.files")
	require.Contains(t, p.Errors[0].Message, "playbook.yaml:20:1")
	w.unchanged(before)
}

func TestALeadThatCouldNotBeMovedIsCountedWithTheReason(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	a := w.compare(`"to":"%s"`, w.publish(forgetful)).is(http.StatusOK)
	require.Equal(t, map[string]any{"refused": 1.0}, a.at("counts"))
	require.Equal(t, map[string]any{"unknown_kind": 1.0}, a.at("refusals"))
	require.Equal(t, idOf(lead), a.text("examples.refused.0.lead_id"))
	require.Contains(t, a.text("examples.refused.0.refusal.message"), "ebook_download")
	require.Equal(t, w.due(a, "before"), w.due(a, "after"), "it stays where it is")
}

func TestAComparisonNeedsExactlyOneOtherVersion(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	w.compare(`"examples":1`).problem(422, "not_valid", "body.to")
	w.compare(`"to":"%s","files":{"playbook.yaml":"name: x"}`, id).problem(422, "not_valid", "body.to")
	w.compare(`"to":"nothing"`).problem(http.StatusNotFound, "unknown_playbook")
	w.post(api.Manager, "/v1/playbooks/impact", `{"from":"nothing","to":"`+id+`"}`).problem(http.StatusNotFound, "unknown_playbook")
}

// move begins a move to another version and gives its path.
func (w *world) move(to string) string {
	w.Helper()
	a := w.postf(api.Manager, "/v1/playbook-moves", `{"from":"%s","to":"%s"}`, w.current(), to).is(http.StatusCreated)
	return "/v1/playbook-moves/" + a.text("id")
}

func TestAMoveTellsHowFarItIsAndWhoWasRefused(t *testing.T) {
	w := newWorld(t)
	leads := w.waitsForTheIdea("ann", "bo", "cy")
	id := w.publish(patient)
	path := w.move(id)
	a := w.get(api.Manager, path).is(http.StatusOK)
	require.EqualValues(t, []any{3.0, 0.0, 0.0, nil}, []any{a.at("total"), a.at("moved"), a.at("refused"), a.at("finished_at")})
	require.Equal(t, []any{w.current(), id}, []any{a.at("from"), a.at("to")})
	require.Equal(t, []string{idOf(path)}, w.lives.moves, "the engine has it")

	record := func(lead string, refusal *sequence.Refusal) {
		require.NoError(t, w.store.Record(t.Context(), idOf(path), idOf(lead), refusal))
	}
	record(leads[0], nil)
	record(leads[1], &sequence.Refusal{Code: "unknown_kind", Message: "no such kind"})
	require.NoError(t, w.store.Finish(t.Context(), idOf(path)))
	a = w.get(api.Admin, path).is(http.StatusOK)
	require.EqualValues(t, []any{1.0, 1.0}, []any{a.at("moved"), a.at("refused")})
	require.NotEmpty(t, a.text("finished_at"))
	require.Equal(t, []any{map[string]any{"lead_id": idOf(leads[1]), "code": "unknown_kind", "detail": "no such kind"}}, a.list("refusals"))
}

func TestAMoveIsRefusedBetweenVersionsThatAreNotThereOrTheSame(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	for body, code := range map[string]string{
		`{"from":"` + id + `","to":"` + id + `"}`: "not_valid",
		`{"from":"nothing","to":"` + id + `"}`:    "unknown_playbook",
		`{"from":"` + id + `","to":"nothing"}`:    "unknown_playbook",
	} {
		require.Equal(t, code, w.post(api.Manager, "/v1/playbook-moves", body).text("code"))
	}
	require.Zero(t, w.number(`SELECT count(*) FROM playbook_moves`))
	require.Empty(t, w.lives.moves)
	w.get(api.Manager, "/v1/playbook-moves/"+uuid.NewString()).problem(http.StatusNotFound, "not_found")
}

func TestAMoveThatIsAskedForWhileTemporalIsAwayBeginsOnceItIsBack(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	w.engine(true)
	path := w.move(id)
	require.Empty(t, w.lives.moves)
	require.Error(t, w.policy.GoOn(t.Context()), "still away")
	w.engine(false)
	require.NoError(t, w.policy.GoOn(t.Context()))
	require.NoError(t, w.policy.GoOn(t.Context()))
	require.Equal(t, []string{idOf(path)}, w.lives.moves)

	require.NoError(t, w.store.Finish(t.Context(), idOf(path)))
	w.lives.moves = nil
	require.NoError(t, w.policy.GoOn(t.Context()))
	require.Empty(t, w.lives.moves, "what is finished is not begun again")
}
