package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/hook"
)

const basket = `{"type":"basket.left","data":{"mail":"flo@fir.example","first":"Flo","last":"Fir","what":"<b>Saw</b>"}}`

// source makes an incoming webhook and gives its secret.
func (h *house) source(name string, m hook.Mapping) string {
	h.Helper()
	secret, err := h.hooks().Save(h.Context(), name, hook.Settings{Kind: hook.Generic, Engagement: "info_request", Mapping: m})
	require.NoError(h, err)
	return secret
}

func (h *house) hooks() hook.Hooks {
	return hook.Hooks{Store: h.app.Store, Seal: h.seal, Now: h.app.Door.Now}
}

// report calls an incoming webhook as its service does.
func (h *house) report(name, secret, id, body string) int {
	h.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(h, err)
	at := time.Now()
	signature, err := signer.Sign(id, at, []byte(body))
	require.NoError(h, err)
	req, err := http.NewRequestWithContext(h.Context(), http.MethodPost, h.base+"/v1/hooks/"+name, strings.NewReader(body))
	require.NoError(h, err)
	for key, value := range map[string]string{"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": signature} {
		req.Header.Set(key, value)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(h, err)
	require.NoError(h, res.Body.Close())
	return res.StatusCode
}

// shownSecret is the one that stands on a page, as it is.
func shownSecret(t *testing.T, p page) string {
	t.Helper()
	shown := regexp.MustCompile(`whsec_[A-Za-z0-9+/&#;]+={0,2}`).FindString(p.body)
	require.NotEmpty(t, shown, p.body)
	return strings.ReplaceAll(shown, "&#43;", "+")
}

func TestAManagerSetsUpAnIncomingWebhookAndMendsIt(t *testing.T) {
	h := newHouse(t)
	robin, mo := h.surfer(), h.surfer()
	robin.signIn("robin")
	mo.signIn("mo")
	for _, path := range []string{"/hooks", "/hooks?kind=typeform", "/hooks/shop"} {
		refused := robin.get(path)
		require.Equal(t, http.StatusForbidden, refused.status, path)
		require.Contains(t, refused.body, "That did not work")
	}
	require.NotContains(t, robin.get("/desk").body, `href="/hooks"`)
	require.Contains(t, mo.get("/hooks").body, "There is none yet")
	require.Contains(t, mo.get("/webhooks").body, `href="/hooks"`)
	require.NotContains(t, mo.get("/hooks?kind=cal").body, "map_email", "Cal.com says itself where things are")
	require.Contains(t, mo.get("/hooks?kind=hubspot").body, "Client secret of your HubSpot app")

	form := url.Values{"kind": {"generic"}, "engagement": {"info_request"}, "map_email": {"data.contact"}, "map_name": {"data.first + data.last"}, "map_detail": {"data.what"}}
	try := func(path, example string) page {
		tried := url.Values{"do": {"try"}, "example": {example}}
		for k, values := range form {
			tried[k] = values
		}
		return mo.post(path, tried)
	}
	p := try("/hooks", "")
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "there is no example")
	p = try("/hooks", basket)
	require.Equal(t, http.StatusOK, p.status, p.body)
	for _, part := range []string{"It would fail", "data.mail", "flo@fir.example", `value="data.first &#43; data.last"`, `<option value="data.mail">`} {
		require.Contains(t, p.body, part)
	}
	require.Contains(t, mo.get("/hooks").body, "There is none yet", "nothing was changed")

	p = mo.post("/hooks", form)
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "it needs a name")
	form.Set("name", "Not good")
	p = mo.post("/hooks", form)
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, `value="Not good"`, "what was typed is still there")
	form.Set("name", "shop")
	p = mo.post("/hooks", form)
	require.Equal(t, http.StatusOK, p.status, p.body)
	secret := shownSecret(t, p)
	require.Contains(t, p.body, h.base+"/v1/hooks/shop")
	require.NotContains(t, mo.get("/hooks/shop").body, "whsec_", "once")
	require.Equal(t, http.StatusConflict, mo.post("/hooks", form).status, "nobody's webhook is changed by chance")

	require.Equal(t, http.StatusUnauthorized, h.report("shop", "whsec_"+strings.Repeat("A", 40), "m0", basket))
	require.Contains(t, mo.get("/hooks").body, "turns calls away")
	require.Contains(t, mo.get("/hooks/shop").body, "Compare secret and address")
	require.Equal(t, http.StatusOK, h.report("shop", secret, "m1", basket))
	require.Equal(t, http.StatusOK, h.report("shop", secret, "m2", strings.ReplaceAll(basket, "lo", "ay")))
	require.NotContains(t, mo.get("/hooks").body, "turns calls away", "it is mended")
	p = mo.get("/hooks/shop?state=failed")
	require.Contains(t, p.body, "basket.left")
	all := regexp.MustCompile(`/hooks/shop/deliveries/[0-9a-f-]{36}`).FindAllString(p.body, -1)
	require.Len(t, all, 2, "the newest first")
	one := all[1]
	p = mo.get(one)
	for _, part := range []string{"email", "correct the mapping", "&lt;b&gt;Saw", "webhook-id", "&#34;mail&#34;: &#34;flo@fir.example&#34;"} {
		require.Contains(t, strings.ToLower(p.body), strings.ToLower(part))
	}
	require.Equal(t, http.StatusForbidden, robin.get(one).status)
	require.Equal(t, http.StatusForbidden, robin.post(one+"/again", url.Values{"once": {"r"}}).status)
	p = mo.post(one+"/again", url.Values{"once": {p.once(t, one+"/again")}})
	require.Equal(t, one, p.path)
	require.Contains(t, p.body, "correct the mapping", "nothing was corrected")

	p = mo.get("/hooks/shop?example=" + strings.TrimPrefix(one, "/hooks/shop/deliveries/"))
	require.Contains(t, p.body, "&#34;flo@fir.example&#34;", "what came is the example")
	form.Set("map_email", "data.mail")
	p = try("/hooks/shop/save", basket)
	require.Contains(t, p.body, "Flo Fir")
	require.NotContains(t, p.body, "It would fail")
	require.Contains(t, mo.get("/hooks/shop").body, `value="data.contact"`, "nothing was changed")
	p = mo.post("/hooks/shop/save", form)
	require.Equal(t, "/hooks/shop", p.path)
	require.Contains(t, p.body, `value="data.mail"`)
	p = mo.post(one+"/again", url.Values{"once": {mo.get(one).once(t, one+"/again")}})
	lead := regexp.MustCompile(`/leads/[0-9a-f-]{36}`).FindString(p.body)
	require.NotEmpty(t, lead, p.body)
	require.Contains(t, mo.get(lead).body, "Flo Fir")

	p = mo.post("/hooks/shop/again", url.Values{"once": {mo.get("/hooks/shop").once(t, "/hooks/shop/again")}})
	require.Equal(t, "/hooks/shop", p.path)
	require.Eventually(t, func() bool { return strings.Contains(mo.get(all[0]).body, "/leads/") }, time.Minute, 50*time.Millisecond, "housekeeping handles the rest")

	p = mo.post("/hooks/shop/secret", url.Values{"both_for_hours": {"24"}})
	next := shownSecret(t, p)
	require.Contains(t, p.body, "counts too until")
	require.Equal(t, http.StatusOK, h.report("shop", secret, "m3", basket))
	require.Equal(t, http.StatusOK, h.report("shop", next, "m4", basket))
	require.Equal(t, http.StatusUnprocessableEntity, mo.post("/hooks/shop/secret", url.Values{"both_for_hours": {"long"}}).status)
	p = mo.post("/hooks/shop/off", nil)
	require.Contains(t, p.body, "off: takes nothing")
	require.Contains(t, p.body, `value="data.mail"`, "and stays as it is")
	require.Equal(t, http.StatusNotFound, h.report("shop", next, "m5", basket))
	mo.post("/hooks/shop/on", nil)
	require.Equal(t, http.StatusOK, h.report("shop", next, "m5", basket))
	require.Equal(t, http.StatusUnprocessableEntity, mo.post("/hooks/shop/remove", nil).status, "not by chance")
	require.Equal(t, http.StatusForbidden, robin.post("/hooks/shop/remove", url.Values{"sure": {"yes"}}).status)
	p = mo.post("/hooks/shop/remove", url.Values{"sure": {"yes"}})
	require.Equal(t, "/hooks", p.path)
	require.Contains(t, p.body, "There is none yet")
	require.Equal(t, http.StatusNotFound, mo.get("/hooks/shop").status)
	require.Equal(t, http.StatusNotFound, mo.get(one).status)
}
