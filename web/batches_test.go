package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

var ofBatch = regexp.MustCompile(`^/batches/[0-9a-f-]{36}$`)

func TestAManagerGivesManyLeadsToSomebodyElseAndTakesItBack(t *testing.T) {
	h := newHouse(t)
	leads := h.enrol("Ann Lee", "Bo Chen", "Cleo Diaz")
	mo := h.surfer()
	mo.signIn("mo")

	p := mo.get("/leads?stage=warm&created_from=2026-01-01")
	require.Contains(t, p.body, "With all that are like this")
	p = mo.post("/batches", url.Values{"once": {uuid.NewString()}, "act": {"pause"}, "stage": {"warm"}, "created_from": {"soon"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "that is no day")

	p = mo.post("/batches", url.Values{"once": {uuid.NewString()}, "act": {"reassign"}, "owner_id": {h.users["robin"].String()}, "created_from": {"2026-01-01"}})
	require.Regexp(t, ofBatch, p.path)
	require.Contains(t, p.body, "Give to somebody else, 3 leads")
	require.Contains(t, p.body, "that came on 2026-01-01 or later")
	require.Contains(t, p.body, "Nothing has been done yet")
	at := p.path

	p = mo.post(at+"/start", url.Values{"once": {uuid.NewString()}, "terms": {"said"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "say to whom")
	p = mo.post(at+"/terms", url.Values{"terms": {"said"}, "owner_id": {h.users["mo"].String()}})
	require.Regexp(t, `value="`+h.users["mo"].String()+`" selected`, p.body, "what was said stays")
	p = mo.post(at+"/start", url.Values{"once": {uuid.NewString()}, "terms": {"said"}, "owner_id": {h.users["mo"].String()}})
	require.Equal(t, at, p.path)
	p = mo.settled(at, "Ended")
	require.Contains(t, p.body, "<b>3</b> did it")
	for _, lead := range leads {
		require.Contains(t, mo.get("/leads/"+lead).body, "Mo", "the lead agreed")
	}

	p = mo.post(at+"/undo", url.Values{"once": {uuid.NewString()}})
	require.Regexp(t, ofBatch, p.path)
	require.NotEqual(t, at, p.path)
	require.Contains(t, p.body, "Take back: give to somebody else, 3 leads")
	mo.post(p.path+"/start", url.Values{"once": {uuid.NewString()}})
	p = mo.settled(p.path, "Ended")
	require.Contains(t, p.body, "<b>3</b> did it")
	require.Eventually(t, func() bool {
		return strings.Count(mo.get("/leads?owner_id="+h.users["robin"].String()).body, `<th scope="row">`) == 3
	}, time.Minute, 50*time.Millisecond)
	require.Contains(t, mo.get("/batches").body, "taken back")
}

func TestBatchesAreForManagers(t *testing.T) {
	h := newHouse(t)
	robin := h.surfer()
	robin.signIn("robin")
	require.Equal(t, http.StatusForbidden, robin.get("/batches").status)
	require.NotContains(t, robin.get("/leads").body, "With all that are like this")
	require.Equal(t, http.StatusForbidden, robin.post("/batches", url.Values{"once": {"x"}, "act": {"pause"}}).status)
}
