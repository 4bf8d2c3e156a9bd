package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/webhooks"
)

// hook makes a webhook and gives its secret.
func (h *house) hook(name string) string {
	secret, err := h.app.Webhooks().Save(h.Context(), name, webhooks.EndpointSettings{URL: "https://crm.example.com/hooks"})
	require.NoError(h, err)
	return secret
}

func TestAManagerMakesAWebhookAndSeesWhatBecomesOfIt(t *testing.T) {
	h := newHouse(t)
	var taken, refuse atomic.Int32
	var secret atomic.Pointer[string]
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := []byte(readAll(t, &http.Response{Body: r.Body}))
		if s := secret.Load(); s == nil || refuse.Load() > 0 {
			w.WriteHeader(http.StatusBadGateway)
		} else if hook, err := standardwebhooks.NewWebhook(*s); err != nil || hook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
		} else {
			taken.Add(1)
		}
	}))
	defer receiver.Close()
	robin, mo := h.surfer(), h.surfer()
	robin.signIn("robin")
	mo.signIn("mo")
	require.Equal(t, http.StatusForbidden, robin.get("/webhooks").status)
	require.NotContains(t, robin.get("/desk").body, `href="/webhooks"`)
	require.Contains(t, mo.get("/webhooks").body, "There is none yet")

	p := mo.post("/webhooks", url.Values{"name": {"crm"}, "url": {"http://10.0.0.1/"}})
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, `value="http://10.0.0.1/"`, "what was typed is still there")
	p = mo.post("/webhooks", url.Values{"name": {"crm"}, "url": {receiver.URL}, "events": {"task.created", "lead.stage_changed"}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	shown := regexp.MustCompile(`whsec_[A-Za-z0-9+/&#;]+={0,2}`).FindString(p.body)
	shown = regexp.MustCompile(`&#43;`).ReplaceAllString(shown, "+")
	require.NotEmpty(t, shown, p.body)
	require.NotContains(t, mo.get("/webhooks/crm").body, "whsec_", "once")
	require.Equal(t, http.StatusConflict, mo.post("/webhooks", url.Values{"name": {"crm"}, "url": {receiver.URL}}).status, "nobody's webhook is changed by chance")

	at := "/webhooks/crm"
	h.enrol("Ann Lee") // refused until the receiver has the secret
	require.Contains(t, mo.get(at).body, "task.created")
	require.Contains(t, mo.get(at).body, "/leads/")
	secret.Store(&shown)
	p = mo.post(at+"/resume", url.Values{"once": {"r0"}})
	require.Equal(t, at, p.path)
	delivered := func(n int32) {
		t.Helper()
		require.Eventually(t, func() bool { return taken.Load() >= n }, time.Minute, 50*time.Millisecond)
	}
	delivered(2)
	p = mo.post(at+"/ping", url.Values{"once": {mo.get(at).once(t, at+"/ping")}})
	require.Contains(t, p.body, "ping")
	delivered(3)

	refuse.Store(1)
	p = mo.post(at+"/park", url.Values{"once": {"p"}, "why": {"moving house"}})
	require.Contains(t, p.body, "moving house")
	require.Contains(t, mo.get("/webhooks").body, "parked: by hand")
	refuse.Store(0)
	before := taken.Load()
	mo.post(at+"/resume", url.Values{"once": {"r1"}})
	p = mo.post(at+"/deliver", url.Values{"once": {"d"}, "n": {regexp.MustCompile(`name="n" value="(\d+)"`).FindStringSubmatch(mo.get(at).body)[1]}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	delivered(before + 1)
	p = mo.post(at+"/replay", url.Values{"once": {"s"}, "since": {"2001-01-01T00:00"}})
	require.Equal(t, http.StatusOK, p.status, p.body)
	delivered(before + 3)
	require.Equal(t, http.StatusUnprocessableEntity, mo.post(at+"/replay", url.Values{"once": {"s2"}, "since": {"soon"}}).status)

	p = mo.post(at+"/secret", url.Values{"both_for_hours": {"24"}})
	require.Contains(t, p.body, "whsec_")
	require.Contains(t, p.body, "signs too until")
	p = mo.post(at+"/save", url.Values{"url": {receiver.URL + "/other"}})
	require.Contains(t, p.body, receiver.URL+"/other")
	require.Equal(t, http.StatusUnprocessableEntity, mo.post(at+"/delete", nil).status, "not by chance")
	p = mo.post(at+"/delete", url.Values{"sure": {"yes"}})
	require.Equal(t, "/webhooks", p.path)
	require.Contains(t, p.body, "There is none yet")
}
