package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/managing"
	"github.com/rekindlehq/rekindle/sequence"
)

// board draws it up and reads it.
func (w *world) board() answer {
	w.Helper()
	playbook, err := defaultPlaybook()
	require.NoError(w, err)
	reports := managing.Reports{
		Store: w.store, Now: w.door.Now, Current: func() *sequence.Playbook { return playbook },
		Playbook: func(string) (*sequence.Playbook, bool) { return playbook, true },
	}
	w.exec(`UPDATE board SET began_at = now() - interval '1 day'`)
	require.NoError(w, reports.Keep(w.Context()))
	return w.get(api.Manager, "/v1/board").is(http.StatusOK)
}

// leadsIn is how many leads the board counts in a stage now.
func leadsIn(a answer, stage string) any {
	for _, s := range a.list("stages") {
		if s.(map[string]any)["stage"] == stage {
			return s.(map[string]any)["leads"]
		}
	}
	return nil
}

func TestTheBoardCountsWhatThereIsAndOpensTheLeadsBehindIt(t *testing.T) {
	w := newWorld(t)
	w.get(api.Manager, "/v1/board").problem(http.StatusNotFound, "board_not_drawn")
	ann, bo, cy := w.lead("ann"), w.lead("bo"), w.lead("cy")
	for _, kind := range []string{"webinar_attended", "site_visit", "newsletter_click"} {
		w.postf(api.Integration, "/v1/engagements", `{"email":"ann@acme.example","kind":"%s"}`, kind).is(http.StatusOK)
	}
	w.post(api.Rep, cy+"/disqualify", `{"reason":"not_a_fit"}`).is(http.StatusOK)
	w.post(api.Rep, bo+"/pause", `{"reason":"owner_on_leave"}`).is(http.StatusOK)
	w.pass(26 * time.Hour)

	a := w.board()
	require.EqualValues(t, 2, leadsIn(a, "warm"))
	require.EqualValues(t, 1, leadsIn(a, "disqualified"))
	require.Equal(t, []any{map[string]any{"reason": "owner_on_leave", "leads": 1.0}}, a.list("held"))
	require.ElementsMatch(t, []any{
		map[string]any{"to": "warm", "leads": 3.0}, map[string]any{"from": "warm", "to": "disqualified", "leads": 1.0},
	}, a.list("flows"))
	weeks := a.list("weeks")
	require.Len(t, weeks, 26)
	require.EqualValues(t, 2, weeks[25].(map[string]any)["stages"].(map[string]any)["warm"])
	for stage, n := range weeks[24].(map[string]any)["stages"].(map[string]any) {
		require.EqualValues(t, 0, n, "nobody was %s a week ago", stage)
	}
	require.EqualValues(t, 1, a.at("sales_ready"))
	list := w.get(api.Manager, "/v1/leads?behind=sales_ready").is(http.StatusOK).list("leads")
	require.Len(t, list, 1)
	require.Equal(t, idOf(ann), list[0].(map[string]any)["id"])
	require.EqualValues(t, 1, a.at("overdue_first_calls"), "ann's; bo's waits with him")
	w.get(api.Rep, "/v1/leads?behind=sales_ready").problem(http.StatusForbidden, "role_not_allowed")
	require.NotEmpty(t, a.list("load"), "calls are to be made in the coming weeks")
}

func TestTheBoardIsDrawnUpOnceInAWhile(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	before := w.board().text("as_of")
	w.lead("bo")
	playbook, err := defaultPlaybook()
	require.NoError(t, err)
	require.NoError(t, managing.Reports{Store: w.store, Now: w.door.Now, Current: func() *sequence.Playbook { return playbook }}.Keep(t.Context()))
	a := w.get(api.Manager, "/v1/board").is(http.StatusOK)
	require.Equal(t, before, a.text("as_of"))
	require.EqualValues(t, 1, leadsIn(a, "warm"))
	require.EqualValues(t, 2, leadsIn(w.board(), "warm"))
}
