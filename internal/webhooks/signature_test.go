package webhooks_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"
)

// reader is the receiver of docs/webhooks.md: it verifies with the official library.
func reader(t *testing.T, secret string) *standardwebhooks.Webhook {
	w, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	return w
}

func (s *setting) one() got {
	s.Helper()
	s.tell(uuid.New(), 1)
	s.deliver()
	all := s.received()
	require.Len(s, all, 1)
	return all[0]
}

func TestTheOfficialLibraryTakesASignatureAndNothingThatWasAltered(t *testing.T) {
	s := newSetting(t)
	g := s.one()
	r := reader(t, s.secret)
	require.NoError(t, r.Verify(g.body, g.header))

	for what, alter := range map[string]func(h http.Header, body []byte) []byte{
		"another body": func(_ http.Header, b []byte) []byte {
			return bytes.Replace(b, []byte("touch.sent"), []byte("lead.opted_out"), 1)
		},
		"one byte more": func(_ http.Header, b []byte) []byte { return append(b, ' ') },
		"another id":    func(h http.Header, b []byte) []byte { h.Set("webhook-id", uuid.NewString()); return b },
		"no id":         func(h http.Header, b []byte) []byte { h.Del("webhook-id"); return b },
		"another time": func(h http.Header, b []byte) []byte {
			h.Set("webhook-timestamp", strconv.FormatInt(time.Now().Unix()-1, 10))
			return b
		},
		"no time":      func(h http.Header, b []byte) []byte { h.Del("webhook-timestamp"); return b },
		"no signature": func(h http.Header, b []byte) []byte { h.Del("webhook-signature"); return b },
		"another version": func(h http.Header, b []byte) []byte {
			h.Set("webhook-signature", "v0"+h.Get("webhook-signature")[2:])
			return b
		},
		"another signature": func(h http.Header, b []byte) []byte {
			h.Set("webhook-signature", "v1,"+h.Get("webhook-signature")[4:])
			return b
		},
	} {
		h := g.header.Clone()
		require.Error(t, r.Verify(alter(h, bytes.Clone(g.body)), h), what)
	}
	require.Error(t, reader(t, "whsec_"+"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").Verify(g.body, g.header), "another secret")
}

func TestAnOldDeliveryThatIsSentAgainByAStrangerIsRefused(t *testing.T) {
	s := newSetting(t)
	s.pass(-6 * time.Minute)
	old := s.one()
	require.ErrorContains(t, reader(t, s.secret).Verify(old.body, old.header), "too old")
	require.NoError(t, reader(t, s.secret).VerifyIgnoringTimestamp(old.body, old.header), "though it was signed by us")
	s.pass(6 * time.Minute)
	s.tell(uuid.MustParse(old.lead), 2)
	s.answersWith(http.StatusInternalServerError)
	s.deliver()
	s.answers(nil)
	s.pass(time.Minute)
	s.deliver()
	all := s.received()
	require.Len(t, all, 2)
	require.Equal(t, all[0].id, all[1].id)
	require.NotEqual(t, all[0].header.Get("webhook-timestamp"), all[1].header.Get("webhook-timestamp"), "each attempt of ours is signed anew")
	for _, g := range all {
		require.NoError(t, reader(t, s.secret).VerifyIgnoringTimestamp(g.body, g.header))
	}
}

func TestTwoSecretsSignWhileOneTakesOverFromTheOther(t *testing.T) {
	s := newSetting(t)
	secret, err := s.Rotate(t.Context(), name, 24*time.Hour)
	require.NoError(t, err)
	require.NotEqual(t, s.secret, secret)
	g := s.one()
	require.NoError(t, reader(t, s.secret).Verify(g.body, g.header))
	require.NoError(t, reader(t, secret).Verify(g.body, g.header))

	s.pass(25 * time.Hour)
	g = s.one()
	require.NoError(t, reader(t, secret).VerifyIgnoringTimestamp(g.body, g.header))
	require.Error(t, reader(t, s.secret).VerifyIgnoringTimestamp(g.body, g.header), "the former one is over")

	third, err := s.Rotate(t.Context(), name, 0)
	require.NoError(t, err)
	g = s.one()
	require.Error(t, reader(t, secret).VerifyIgnoringTimestamp(g.body, g.header), "revoked at once")
	require.NoError(t, reader(t, third).VerifyIgnoringTimestamp(g.body, g.header))
}

func TestAnEndpointWhoseSecretNoKeyOpensIsParkedWithThatReason(t *testing.T) {
	s := newSetting(t)
	s.tell(uuid.New(), 1)
	_, err := s.Store.Pool.Exec(t.Context(), `UPDATE webhook_endpoints SET sealed = decode($1, 'hex')`, fmt.Sprintf("%x", "nothing that any key made"))
	require.NoError(t, err)
	s.deliver()
	require.Equal(t, "sealed", s.endpoint().Parked)
	require.Empty(t, s.received())
}
