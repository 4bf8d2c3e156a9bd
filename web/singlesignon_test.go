package web_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/signin"
)

// company is a single sign-on that vouches for whoever it is told to.
type company struct {
	*httptest.Server
	*testing.T
	key      *rsa.PrivateKey
	claims   map[string]any // on top of what is always said
	nonce    string         // of the last visitor
	proof    string         // what they must know (PKCE)
	audience string
}

func newCompany(t *testing.T) *company {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	c := &company{T: t, key: key, audience: "rekindle"}
	mux := http.NewServeMux()
	c.Server = httptest.NewServer(mux)
	t.Cleanup(c.Close)
	say := func(w http.ResponseWriter, what any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(what)
	}
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		say(w, map[string]any{
			"issuer": c.URL, "authorization_endpoint": c.URL + "/authorize", "token_endpoint": c.URL + "/token", "jwks_uri": c.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		say(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		c.nonce, c.proof = q.Get("nonce"), q.Get("code_challenge")
		http.Redirect(w, r, q.Get("redirect_uri")+"?code=one&state="+url.QueryEscape(q.Get("state")), http.StatusFound)
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != "one" || base64.RawURLEncoding.EncodeToString(sum[:]) != c.proof {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		say(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": c.token()})
	})
	return c
}

func (c *company) token() string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: c.key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
	require.NoError(c, err)
	claims := map[string]any{"iss": c.URL, "sub": "1", "aud": c.audience, "exp": time.Now().Add(time.Minute).Unix(), "iat": time.Now().Unix(), "nonce": c.nonce, "email": "Robin@seller.example", "email_verified": true}
	for k, v := range c.claims {
		claims[k] = v
	}
	signed, err := jwt.Signed(signer).Claims(claims).Serialize()
	require.NoError(c, err)
	return signed
}

func TestTheCompanysSingleSignOnLetsItsPeopleIn(t *testing.T) {
	c := newCompany(t)
	h := newHouse(t)
	h.provider(&signin.Provider{Issuer: c.URL, Client: "rekindle", Secret: "s", Callback: h.base + "/sign-in/callback"})
	s := h.surfer()
	require.Contains(t, s.get("/sign-in").body, "Sign in with Example")
	p := s.get("/sign-in/sso?next=%2Fleads")
	require.Equal(t, http.StatusOK, p.status, p.body)
	require.Equal(t, "/leads", p.path)
	require.Contains(t, p.body, "Robin Reyes")

	for name, claims := range map[string]map[string]any{
		"nobody here":    {"email": "stranger@seller.example"},
		"not verified":   {"email_verified": false},
		"no address":     {"email": ""},
		"another nonce":  {"nonce": "other"},
		"too late":       {"exp": time.Now().Add(-time.Hour).Unix()},
		"other audience": {"aud": "somebody else"},
		"other issuer":   {"iss": "https://evil.example"},
	} {
		c.claims = claims
		stranger := h.surfer()
		p := stranger.get("/sign-in/sso")
		require.GreaterOrEqual(t, p.status, 400, name)
		require.Contains(t, stranger.get("/desk").path, "/sign-in", name)
	}
	c.claims = nil
	stranger := h.surfer()
	p = stranger.get("/sign-in/callback?code=one&state=guessed")
	require.Equal(t, http.StatusUnprocessableEntity, p.status, "a trip that this browser did not set out on")
	require.Contains(t, stranger.get("/desk").path, "/sign-in")
}
