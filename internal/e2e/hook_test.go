package e2e_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/sequence"
)

const calSecret = "6f1d0c7a11e87e1c3a522f394f0e9a52"

// calls sends a webhook as Cal.com does, and gives what came of it.
func (s *stack) calls(h hook.Hooks, event, uid string, at time.Time, more string) hook.View {
	s.Helper()
	body := `{"triggerEvent":"` + event + `","createdAt":"2026-03-02T08:59:30.538Z","payload":{"startTime":"` + at.Format(time.RFC3339) + `","uid":"` + uid + `","eventTitle":"First call",
		"organizer":{"name":"Robin Reyes","email":"robin@us.example","timeZone":"Europe/Berlin"},"attendees":[{"email":"ann@acme.example","name":"Ann Lee","timeZone":"Europe/Berlin"}]` + more + `}}`
	mac := hmac.New(sha256.New, []byte(calSecret))
	mac.Write([]byte(body))
	q, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.base+"/v1/hooks/calls", strings.NewReader(body))
	require.NoError(s, err)
	q.Header.Set("X-Cal-Signature-256", hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(q)
	require.NoError(s, err)
	defer res.Body.Close()
	require.Equal(s, http.StatusOK, res.StatusCode)
	var kept api.HookKept
	require.NoError(s, json.NewDecoder(res.Body).Decode(&kept))
	var v hook.View
	s.eventually("the webhook is handled", time.Minute, func() bool {
		v, err = h.Delivery(s.Context(), "calls", kept.ID)
		require.NoError(s, err)
		return v.State != hook.Received
	})
	return v
}

func TestACallThatIsBookedWithCalMovesAndIsCalledOffInTheLifeOfALead(t *testing.T) {
	s := start(t)
	key := mailbox.NewKey()
	s.adjust = func(c *app.Config) { c.SecretKey = key }
	stop := s.run(24 * time.Hour) // real time, on a Monday morning
	defer stop()
	seal, err := mailbox.NewSeal(key)
	require.NoError(t, err)
	h := hook.Hooks{Store: s.app.Store, Seal: seal, Now: s.app.Door.Now}
	_, err = h.Save(t.Context(), "calls", hook.Settings{Kind: hook.Cal, Engagement: "info_request", Secrets: []string{calSecret}})
	require.NoError(t, err)

	at := nextWorkingNoon(s.app.Door.Now(), 4)
	booked := s.calls(h, "BOOKING_CREATED", "b1", at, "")
	require.Equal(t, hook.Done, booked.State, booked.Reason)
	lead := booked.Lead.String()
	s.eventually("the call stands", time.Minute, func() bool { return s.lead(lead).Stage == sequence.ScheduledCall })
	require.Equal(t, "Robin Reyes", s.lead(lead).Owner)
	call := func() string {
		var said string
		require.NoError(t, s.app.Store.Pool.QueryRow(t.Context(), "SELECT coalesce(state->'call'->>'at', '') FROM leads WHERE id = $1", lead).Scan(&said))
		return said
	}
	require.Equal(t, at.Format(time.RFC3339), call())

	later := at.Add(2 * time.Hour)
	require.Equal(t, hook.Done, s.calls(h, "BOOKING_RESCHEDULED", "b2", later, `,"rescheduleUid":"b1"`).State)
	s.eventually("it moves", time.Minute, func() bool { return call() == later.Format(time.RFC3339) })
	require.Equal(t, hook.Done, s.calls(h, "BOOKING_CANCELLED", "b2", later, `,"cancelledBy":"ann@acme.example"`).State)
	s.eventually("it falls away, and the owner is asked", time.Minute, func() bool { return call() == "" && s.lead(lead).Blocked == string(sequence.PausedReply) })
}
