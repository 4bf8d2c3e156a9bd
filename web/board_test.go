package web_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheBoardIsForManagersAndEachTableIsAFile(t *testing.T) {
	h := newHouse(t)
	lead := h.enrol("Ann Lee", "Bo Chen")[0]
	mo, robin := h.surfer(), h.surfer()
	robin.signIn("robin")
	mo.signIn("mo")
	paused := mo.post("/leads/"+lead+"/pause", url.Values{"once": {"p"}, "reason": {"owner_on_leave"}})
	require.Equal(t, http.StatusOK, paused.status, paused.body)
	h.drawn()
	require.Equal(t, http.StatusForbidden, robin.get("/board").status)
	require.NotContains(t, robin.get("/desk").body, `href="/board"`)

	p := mo.get("/")
	require.Equal(t, "/board", p.path, "a manager's day begins here")
	for _, name := range []string{"stages", "held", "stages-over-time", "moves", "load"} {
		file := mo.get("/board/" + name + ".csv")
		require.Equal(t, http.StatusOK, file.status, name)
		require.Contains(t, file.header.Get("Content-Disposition"), name+"-2")
		rows, err := csv.NewReader(strings.NewReader(file.body)).ReadAll()
		require.NoError(t, err, name)
		require.Greater(t, len(rows), 1, name)
		require.Contains(t, p.body, `href="/board/`+name+`.csv"`)
	}
	require.Contains(t, mo.get("/board/stages.csv").body, "Warm,2\n")
	require.Contains(t, mo.get("/board/held.csv").body, "Owner on leave,1\n")
	require.Contains(t, mo.get("/leads?blocked=owner_on_leave").body, "Ann Lee")
	require.NotContains(t, mo.get("/leads?blocked=owner_on_leave").body, "Bo Chen")
	require.Equal(t, http.StatusNotFound, mo.get("/board/none.csv").status)
}

func TestAPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	h := newHouse(t)
	s := h.surfer()
	s.signIn("robin")
	p := s.post("/account/password", url.Values{"old": {"wrong"}, "password": {"another kettle, of green tea"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "not your present password")
	p = s.post("/account/password", url.Values{"old": {password}, "password": {"short"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "needs 12")
	p = s.post("/account/password", url.Values{"old": {password}, "password": {"another kettle, of green tea"}})
	require.Contains(t, p.path, "/sign-in", "every session is over")
	require.Equal(t, http.StatusUnprocessableEntity, s.signIn("robin").status, "the old one opens nothing")
	p = s.post("/sign-in", url.Values{"email": {"robin@seller.example"}, "password": {"another kettle, of green tea"}})
	require.Equal(t, "/desk", p.path)

	p = s.post("/account/zone", url.Values{"zone": {"Asia/Tokyo"}})
	require.Contains(t, p.body, "Times in Asia/Tokyo")
	require.Equal(t, http.StatusUnprocessableEntity, s.post("/account/zone", url.Values{"zone": {"Nowhere/Land"}}).status)
	p = s.post("/account/sign-out", nil)
	require.Contains(t, p.path, "/sign-in")
	require.Contains(t, s.get("/desk").path, "/sign-in")
}
