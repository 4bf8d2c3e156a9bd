package hook

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// calledBy is a call with headers.
func calledBy(method, url, body string, headers ...string) Call {
	c := Call{Method: method, URL: url, Header: http.Header{}, Body: []byte(body)}
	for i := 0; i < len(headers); i += 2 {
		c.Header.Add(headers[i], headers[i+1])
	}
	return c
}

func TestSignaturesThatServicesPublishAsExamplesAreVerified(t *testing.T) {
	// HubSpot, "Validate requests using the v2 request signature", the GET request.
	get := calledBy(http.MethodGet, "https://www.example.com/webhook_uri", "", hubSpotVersion, "v2",
		hubSpotSignatureV2, "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e")
	require.NoError(t, Verify(HubSpot, []string{"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"}, get, time.Now()))
	require.ErrorIs(t, Verify(HubSpot, []string{"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyz"}, get, time.Now()), ErrUnsigned)

	// The example of the specification of Standard Webhooks' libraries.
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	at := time.Unix(1614265330, 0)
	standard := calledBy(http.MethodPost, "", `{"test": 2432232314}`, "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp", "1614265330",
		"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
	require.NoError(t, Verify(Generic, []string{secret}, standard, at))
	require.ErrorIs(t, Verify(Generic, []string{secret}, standard, at.Add(Tolerance+time.Second)), ErrOutOfTime)
	require.ErrorIs(t, Verify(Generic, []string{secret}, standard, at.Add(-Tolerance-time.Second)), ErrOutOfTime)
	require.NoError(t, Verify(Generic, []string{secret}, standard, at.Add(Tolerance)))
}

func TestASecretThatIsNoneLetsNobodyIn(t *testing.T) {
	for _, kind := range kinds {
		for _, secrets := range [][]string{nil, {""}, {"short"}, {"whsec_"}} {
			c := calledBy(http.MethodPost, "https://x.example", "", typeformSignature, "sha256=", calSignature, "x", hubSpotSignature, "x", hubSpotTimestamp, "1",
				"webhook-id", "1", "webhook-timestamp", "1", "webhook-signature", "v1,x")
			require.ErrorIs(t, Verify(kind, secrets, c, time.Now()), ErrUnsigned, kind)
		}
	}
}

func TestAnAnswerOfEveryTypeIsAText(t *testing.T) {
	r, err := Read(Typeform, Mapping{"detail": {"a", "b", "c", "d", "e", "f", "hidden.x"}}, []byte(`{"event_id":"1","event_type":"form_response","form_response":{"hidden":{"x":"h"},"answers":[
		{"type":"email","email":"ann@acme.example","field":{"ref":"m"}},{"type":"number","number":3,"field":{"ref":"a"}},{"type":"boolean","boolean":false,"field":{"ref":"b"}},
		{"type":"choices","choices":{"labels":["x","y"],"other":"z"},"field":{"ref":"c"}},{"type":"choice","choice":{"other":"o"},"field":{"ref":"d"}},
		{"type":"date","date":"2026-03-02","field":{"id":"e"}},{"type":"unheard"},{}]}}`))
	require.NoError(t, err)
	require.Equal(t, "3 false x, y, z o 2026-03-02 h", r.Engaged[0].Detail)
	require.Equal(t, "ann@acme.example", r.Engaged[0].Person.Email)
}

// FuzzRead finds bodies that are taken for a report about nobody.
func FuzzRead(f *testing.F) {
	for _, body := range []string{
		`{}`, `[]`, `[{}]`, `null`, `{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"1","startTime":"2026-03-02T09:00:00Z","attendees":[{"email":"a@b.example"}]}}`,
		`{"event_type":"form_response","form_response":{"answers":[{"type":"email","email":"a@b.example"}]}}`, `{"properties":{"email":{"value":"a@b.example"}}}`,
		`[{"subscriptionType":"contact.propertyChange","propertyName":"email","propertyValue":"a@b.example","objectId":1}]`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range kinds {
			r, err := Read(kind, Mapping{"email": {"email"}, "name": {"a.0"}}, body)
			if err != nil || r.Ignored != "" {
				continue
			}
			if r.Booking != nil {
				r.Engaged = append(r.Engaged, Engaged{Person: r.Booking.Person})
			}
			require.NotEmpty(t, r.Engaged)
			for _, e := range r.Engaged {
				require.NotEmpty(t, e.Person.Email+e.Person.Phone)
			}
		}
	})
}
