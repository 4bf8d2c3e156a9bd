package api_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// hookSecret is long enough for every service.
const hookSecret = "6f1d0c7a11e87e1c3a522f394f0e9a52"

// genericSecret is one by Standard Webhooks.
const genericSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G"

// source makes a source of a kind, or changes it; more are further settings.
func (w *world) source(name, kind, more string) {
	w.Helper()
	secret := hookSecret
	if kind == "generic" {
		secret = genericSecret
	}
	if more != "" {
		more = "," + more
	}
	a := w.send(request{
		method: http.MethodPut, path: "/v1/hooks/" + name, key: w.keys[api.Manager],
		body: fmt.Sprintf(`{"kind":"%s","engagement":"info_request","secrets":["%s"]%s}`, kind, secret, more),
	}).is(http.StatusOK)
	require.Equal(w, "https://example.com/v1/hooks/"+name, a.text("url"))
	require.NotContains(w, string(a.body), secret)
}

// call sends a webhook with its headers.
func (w *world) call(name, body string, headers map[string]string) answer {
	w.Helper()
	q := httptest.NewRequestWithContext(w.Context(), http.MethodPost, "/v1/hooks/"+name, strings.NewReader(body))
	q.Header.Set("Content-Type", "application/json")
	for k, v := range headers {
		q.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, q)
	return answer{w.TB, rec.Code, rec.Header(), rec.Body.Bytes()}
}

func mac(secret, said string) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(said))
	return h.Sum(nil)
}

// The headers by which each service signs, as it documents them.

func typeformSigned(secret, body string) map[string]string {
	return map[string]string{"Typeform-Signature": "sha256=" + base64.StdEncoding.EncodeToString(mac(secret, body))}
}

func calSigned(secret, body string) map[string]string {
	return map[string]string{"X-Cal-Signature-256": hex.EncodeToString(mac(secret, body))}
}

func hubSpotSigned(secret, method, url, body string, at time.Time) map[string]string {
	ms := strconv.FormatInt(at.UnixMilli(), 10)
	return map[string]string{
		"X-HubSpot-Request-Timestamp": ms,
		"X-HubSpot-Signature-v3":      base64.StdEncoding.EncodeToString(mac(secret, method+url+body+ms)),
	}
}

func hubSpotSignedV2(secret, method, url, body string) map[string]string {
	sum := sha256.Sum256([]byte(secret + method + url + body))
	return map[string]string{"X-HubSpot-Signature-Version": "v2", "X-HubSpot-Signature": hex.EncodeToString(sum[:])}
}

func genericSigned(t testing.TB, secret, id, body string, at time.Time) map[string]string {
	signer, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	signature, err := signer.Sign(id, at, []byte(body))
	require.NoError(t, err)
	return map[string]string{"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at.Unix(), 10), "webhook-signature": signature}
}

func (w *world) fromTypeform(name, body string) answer {
	w.Helper()
	return w.call(name, body, typeformSigned(hookSecret, body))
}

func (w *world) fromCal(name, body string) answer {
	w.Helper()
	return w.call(name, body, calSigned(hookSecret, body))
}

func (w *world) fromHubSpot(name, body string) answer {
	w.Helper()
	return w.call(name, body, hubSpotSigned(hookSecret, http.MethodPost, "https://example.com/v1/hooks/"+name, body, time.Now()))
}

func (w *world) fromGeneric(name, id, body string) answer {
	w.Helper()
	return w.call(name, body, genericSigned(w.TB, genericSecret, id, body, time.Now()))
}

// delivery reads what came of a webhook that was taken.
func (w *world) delivery(name string, taken answer) answer {
	w.Helper()
	return w.get(api.Manager, "/v1/hooks/"+name+"/deliveries/"+taken.is(http.StatusOK).text("delivery_id")).is(http.StatusOK)
}

// became expects a state, and gives the lead on whom it had its effect.
func (w *world) became(name, state string, taken answer) (lead string) {
	w.Helper()
	d := w.delivery(name, taken)
	require.Equal(w, state, d.text("state"), "%s", d.body)
	if id, ok := d.at("lead_id").(string); ok {
		lead = "/v1/leads/" + id
	}
	return lead
}

// housekeep handles the webhooks that wait, whenever they would be tried again.
func (w *world) housekeep() {
	w.Helper()
	w.exec(`UPDATE inbound_deliveries SET next_at = now() WHERE state = 'received'`)
	require.NoError(w, w.handle(w.Context()))
}

// typeformResponse has the shape of https://www.typeform.com/developers/webhooks/example-payload/.
func typeformResponse(event, token, answers string) string {
	return `{"event_id":"` + event + `","event_type":"form_response","form_response":{"form_id":"lT4Z3j","token":"` + token + `",
"submitted_at":"2026-03-02T08:57:02Z","landed_at":"2026-03-02T08:50:02Z","calculated":{"score":9},
"variables":[{"key":"score","type":"number","number":4},{"key":"name","type":"text","text":"typeform"}],
"hidden":{"company":"Birch AG"},
"definition":{"id":"lT4Z3j","title":"Ask for a demo","fields":[{"id":"q1","title":"Your mail?","type":"short_text","ref":"your_mail"}]},
"answers":[` + answers + `]}}`
}

const boAnswers = `{"type":"text","text":"Bo","field":{"id":"JwWggjAKtOkA","type":"short_text","ref":"first_name"}},
{"type":"text","text":"Birch","field":{"id":"KoJxDM3c6x8h","type":"short_text","ref":"last_name"}},
{"type":"email","email":"Bo@birch.example","field":{"id":"SMEUb7VJz92Q","type":"email","ref":"readable_ref_email"}},
{"type":"phone_number","phone_number":"+493087654321","field":{"id":"NRsxU591jIW9","type":"phone_number","ref":"readable_ref_phone"}},
{"type":"choices","choices":{"labels":["London","Sydney"]},"field":{"id":"PNe8ZKBK8C2Q","type":"picture_choice","ref":"readable_ref_picture_choice"}},
{"type":"boolean","boolean":true,"field":{"id":"gFFf3xAkJKsr","type":"legal","ref":"readable_ref_legal"}},
{"type":"choice","choice":{"label":"CFO"},"field":{"id":"k6TP9oLGgHjl","type":"multiple_choice","ref":"role"}}`

// calEvent has the shape of https://cal.com/docs/developing/guides/automation/webhooks.
func calEvent(event, uid string, at time.Time, more string) string {
	return `{"triggerEvent":"` + event + `","createdAt":"2026-03-02T08:59:30.538Z","payload":{"type":"30min","title":"30min between Robin and Ann Lee",
"description":"","additionalNotes":"","customInputs":{},"startTime":"` + at.Format(time.RFC3339) + `","endTime":"` + at.Add(30*time.Minute).Format(time.RFC3339) + `",
"organizer":{"id":5,"name":"Robin","email":"robin@seller.example","username":"robin","timeZone":"Europe/Berlin","language":{"locale":"en"},"timeFormat":"h:mma"},
"responses":{"name":{"label":"your_name","value":"Ann Lee"},"email":{"label":"email_address","value":"ann@acme.example"},"notes":{"label":"additional_notes"}},
"userFieldsResponses":{},"attendees":[{"email":"ann@acme.example","name":"Ann Lee","timeZone":"Europe/Berlin","language":{"locale":"en"}},{"email":"guest@acme.example","name":"Guest","timeZone":"Europe/Berlin"}],
"location":"integrations:daily","hideCalendarNotes":false,"requiresConfirmation":null,"eventTypeId":7,"seatsPerTimeSlot":null,"uid":"` + uid + `",
"eventTitle":"First call","eventDescription":"","price":0,"currency":"usd","length":30,"bookingId":91,"metadata":{},"status":"ACCEPTED"` + more + `}}`
}

func calAbsent(uid string, absent bool) string {
	return fmt.Sprintf(`{"triggerEvent":"BOOKING_NO_SHOW_UPDATED","createdAt":"2026-03-04T12:00:00.538Z","payload":{"message":"x_marked_as_no_show","bookingUid":"%s","bookingId":91,"attendees":[{"email":"ann@acme.example","noShow":%t}]}}`, uid, absent)
}

// hubSpotEvents has the shape of https://developers.hubspot.com/docs/api/webhooks: what an
// app is told, by numbers.
func hubSpotEvents(attempt int, events ...string) string {
	var all []string
	for n, e := range events {
		all = append(all, fmt.Sprintf(`{"eventId":%d,"subscriptionId":12345,"portalId":62515,"appId":54321,"occurredAt":1772442000000,"attemptNumber":%d,"objectId":123,"changeSource":"CRM",%s}`, n+1, attempt, e))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// hubSpotContact is a contact as a workflow sends it, which is how the contacts API gives it.
const hubSpotContact = `{"vid":3234574,"canonical-vid":3234574,"portal-id":62515,"is-contact":true,"properties":{
"email":{"value":"cy@cedar.example","versions":[{"value":"cy@cedar.example","source-type":"FORM","timestamp":1772441000000}]},
"firstname":{"value":"Cy","versions":[]},"lastname":{"value":"Cedar","versions":[]},"company":{"value":"Cedar Ltd","versions":[]},
"phone":{"value":"call me maybe","versions":[]},"jobtitle":{"value":"CTO","versions":[]}},
"form-submissions":[{"conversion-id":"c1","timestamp":1772441000000,"form-id":"f1","portal-id":62515,"title":"Pricing"}]}`

func TestAFormResponseBeginsALeadOnceAndReopensItTheNextTime(t *testing.T) {
	w := newWorld(t)
	w.source("form", "typeform", `"mapping":{"title":["role"]},"owner":"robin@seller.example"`)
	body := typeformResponse("LtWXD3crgy", "a3a12ec67a13", boAnswers)
	first := w.fromTypeform("form", body)
	lead := w.became("form", "done", first)
	v := w.get(api.Rep, lead).is(http.StatusOK)
	for path, want := range map[string]string{
		"name": "Bo Birch", "email": "bo@birch.example", "phone": "+493087654321", "account": "Birch AG", "title": "CFO", "source": "info_request", "owner": "Robin",
	} {
		require.Equal(t, want, v.text(path), path)
	}
	require.Equal(t, 1, w.number(`SELECT count(*) FROM engagements WHERE detail = 'Ask for a demo' AND occurred_at = '2026-03-02T08:57:02Z'`))
	after := w.records()
	require.Equal(t, string(first.body), string(w.fromTypeform("form", body).is(http.StatusOK).body))
	w.unchanged(after, "the same event again")
	w.became("form", "done", w.fromTypeform("form", typeformResponse("another", "a3a12ec67a13", boAnswers)))
	w.unchanged(after, "the same response in another event")

	require.Equal(t, lead, w.became("form", "done", w.fromTypeform("form", typeformResponse("e3", "b4b", boAnswers))))
	require.Equal(t, 1, count[sequence.EngagementRecorded](w.lives, idOf(lead)))
	w.became("form", "ignored", w.fromTypeform("form", strings.Replace(typeformResponse("e4", "c5c", boAnswers), `"form_response",`, `"form_response_partial",`, 1)))
}

func TestABookingStandsInTheLifeOfWhoBookedMovesAndFallsAway(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	wednesday := monday.Add(50 * time.Hour)
	w.became("calls", "ignored", w.fromCal("calls", `{"triggerEvent":"PING","createdAt":"2026-03-02T08:59:30.538Z","payload":{}}`))
	w.became("calls", "ignored", w.fromCal("calls", calEvent("BOOKING_REQUESTED", "b0", wednesday, "")))

	lead := w.became("calls", "done", w.fromCal("calls", calEvent("BOOKING_CREATED", "b1", wednesday, "")))
	v := w.get(api.Rep, lead).is(http.StatusOK)
	require.Equal(t, []string{"scheduled_call", "Robin", "Ann Lee", "Europe/Berlin"}, []string{v.text("stage"), v.text("owner"), v.text("name"), v.text("time_zone")})
	call := w.stateOf(lead).Call
	require.True(t, call.At.Equal(wednesday))
	require.Equal(t, "call_scheduled", w.get(api.Rep, lead+"/outcomes").is(http.StatusOK).text("outcomes.0.outcome"))

	later := wednesday.Add(24 * time.Hour)
	require.Equal(t, lead, w.became("calls", "done", w.fromCal("calls", calEvent("BOOKING_RESCHEDULED", "b2", later, `,"rescheduleUid":"b1","rescheduleStartTime":"2026-03-04T11:00:00Z"`))))
	moved := w.stateOf(lead).Call
	require.True(t, moved.At.Equal(later))
	require.Equal(t, call.UID, moved.UID, "it is the same call")
	require.Equal(t, call.Seq+1, moved.Seq)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM engagements`), "a call that moves is no new sign of interest")

	w.became("calls", "ignored", w.fromCal("calls", calEvent("BOOKING_CANCELLED", "b1", wednesday, `,"cancellationReason":"ill","status":"CANCELLED"`)))
	w.became("calls", "ignored", w.fromCal("calls", calEvent("BOOKING_CANCELLED", "b2", later, `,"cancelledBy":"robin@seller.example"`)))
	require.NotNil(t, w.stateOf(lead).Call, "neither a time that no longer stands nor the owner's own cancellation ends it")
	off := calEvent("BOOKING_CANCELLED", "b2", later, `,"cancellationReason":"no time","cancelledBy":"ann@acme.example"`)
	w.became("calls", "done", w.fromCal("calls", off))
	require.Nil(t, w.stateOf(lead).Call)
	require.Equal(t, "reply_waiting", w.get(api.Rep, lead).text("blocked"))
	w.open(lead, sequence.TaskReply)
	after := w.records()
	w.became("calls", "done", w.fromCal("calls", off))
	w.unchanged(after)
}

func TestWhoDoesNotComeToABookedCallIsOfferedAnother(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	w.became("calls", "ignored", w.fromCal("calls", calAbsent("b0", true)))
	wednesday := monday.Add(50 * time.Hour)
	lead := w.became("calls", "done", w.fromCal("calls", calEvent("BOOKING_CREATED", "b1", wednesday, "")))
	early := w.fromCal("calls", calAbsent("b1", true))
	d := w.delivery("calls", early)
	require.Equal(t, "failed", d.text("state"))
	require.Contains(t, d.text("reason"), "still to come")
	require.NotEmpty(t, d.text("remedy"))
	w.pass(51 * time.Hour)
	w.post(api.Manager, "/v1/hooks/calls/deliveries/"+early.text("delivery_id")+"/again", `{}`).is(http.StatusOK)
	w.became("calls", "done", early)
	require.Equal(t, 1, w.stateOf(lead).NoShows)
	require.Equal(t, "no_show", w.get(api.Rep, lead+"/outcomes").text("outcomes.0.outcome"))
	w.became("calls", "ignored", w.fromCal("calls", calAbsent("b1", false)))
}

func TestABookingThatIsHeardOfTooLateChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	later := monday.Add(74 * time.Hour)
	lead := w.became("calls", "done", w.fromCal("calls", calEvent("BOOKING_RESCHEDULED", "b2", later, `,"rescheduleUid":"b1"`)))
	w.became("calls", "ignored", w.fromCal("calls", calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), "")))
	require.True(t, w.stateOf(lead).Call.At.Equal(later))
}

func TestABookingWhileTemporalIsAwayStandsOnceItIsBack(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	wednesday := monday.Add(50 * time.Hour)
	w.engine(true)
	booked := w.fromCal("calls", calEvent("BOOKING_CREATED", "b1", wednesday, ""))
	w.became("calls", "received", booked)
	moved := w.fromCal("calls", calEvent("BOOKING_RESCHEDULED", "b2", wednesday.Add(time.Hour), `,"rescheduleUid":"b1"`))
	w.became("calls", "received", moved)
	w.engine(false)
	w.relay()
	w.housekeep()
	w.housekeep()
	lead := w.became("calls", "done", moved)
	w.became("calls", "ignored", booked)
	require.True(t, w.stateOf(lead).Call.At.Equal(wednesday.Add(time.Hour)))
	require.Equal(t, 1, count[sequence.OutcomeRecorded](w.lives, idOf(lead)))
}

func TestHubSpotBringsContactsByItsWorkflowsAndBySubscriptionsToTheirAddress(t *testing.T) {
	w := newWorld(t)
	w.source("crm", "hubspot", "")
	lead := w.became("crm", "done", w.fromHubSpot("crm", hubSpotContact))
	v := w.get(api.Rep, lead).is(http.StatusOK)
	require.Equal(t, []string{"Cy Cedar", "cy@cedar.example", "Cedar Ltd", "CTO"}, []string{v.text("name"), v.text("email"), v.text("account"), v.text("title")})
	require.Nil(t, v.at("phone"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM inbound_deliveries WHERE state = 'done' AND reason LIKE 'left out: phone is not a phone number%'`))

	url := "https://example.com/v1/hooks/crm"
	chosen := `{"email":"di@dogwood.example","firstname":"Di","lastname":"Dogwood"}`
	lead = w.became("crm", "done", w.call("crm", chosen, hubSpotSignedV2(hookSecret, http.MethodPost, url, chosen)))
	require.Equal(t, "Di Dogwood", w.get(api.Rep, lead).text("name"))

	w.became("crm", "ignored", w.fromHubSpot("crm", hubSpotEvents(0, `"subscriptionType":"contact.creation","changeFlag":"NEW"`)))
	changed := []string{
		`"subscriptionType":"contact.propertyChange","propertyName":"email","propertyValue":"ed@elm.example"`,
		`"subscriptionType":"contact.propertyChange","propertyName":"firstname","propertyValue":"Ed"`,
		`"subscriptionType":"company.propertyChange","propertyName":"email","propertyValue":"office@elm.example"`,
	}
	lead = w.became("crm", "done", w.fromHubSpot("crm", hubSpotEvents(0, changed...)))
	require.Equal(t, []string{"Ed", "ed@elm.example"}, []string{w.get(api.Rep, lead).text("name"), w.get(api.Rep, lead).text("email")})
	after := w.records()
	w.became("crm", "done", w.fromHubSpot("crm", hubSpotEvents(1, changed...)))
	w.unchanged(after, "a second attempt of HubSpot")
}

func TestAnyServiceReportsByAMappingThatIsCorrectedAndProcessedAgain(t *testing.T) {
	w := newWorld(t)
	w.source("shop", "generic", `"mapping":{"email":["data.mail"],"name":["data.first","data.last"],"detail":["data.items.0.name"],"occurred_at":["data.at"]}`)
	body := `{"type":"basket.left","data":{"contact":"flo@fir.example","mail":"","first":"Flo","last":"Fir","at":"2026-03-01T10:00:00Z","items":[{"name":"Saw"}]}}`
	taken := w.fromGeneric("shop", "msg_1", body)
	d := w.delivery("shop", taken)
	require.Equal(t, "failed", d.text("state"))
	require.Contains(t, d.text("reason"), "email")
	require.Contains(t, d.text("remedy"), "mapping")
	require.Equal(t, body, d.text("body"))
	require.Equal(t, "basket.left", d.text("event"))
	require.Equal(t, 0, w.number(`SELECT count(*) FROM leads`))
	again := "/v1/hooks/shop/deliveries/" + taken.text("delivery_id") + "/again"
	require.Equal(t, "failed", w.post(api.Manager, again, `{}`).is(http.StatusOK).text("state"), "nothing was corrected")
	w.source("shop", "generic", `"mapping":{"email":["data.contact"],"name":["data.first","data.last"],"detail":["data.items.0.name"],"occurred_at":["data.at"]}`)
	a := w.post(api.Manager, again, `{}`).is(http.StatusOK)
	require.Equal(t, "done", a.text("state"))
	require.Nil(t, a.at("body"))
	require.Equal(t, "Flo Fir", w.get(api.Rep, "/v1/leads/"+a.text("lead_id")).text("name"))
	had := w.records()
	require.Equal(t, a.at("handled_at"), w.post(api.Manager, again, `{}`).is(http.StatusOK).at("handled_at"), "it had its effect")
	w.unchanged(had)
	w.exec(`UPDATE inbound_deliveries SET body = NULL, state = 'failed', reason = 'r', remedy = 'r'`)
	w.post(api.Manager, again, `{}`).problem(http.StatusConflict, "delivery_not_open")
	w.exec(`UPDATE inbound_deliveries SET state = 'done', reason = '', remedy = ''`)
	list := w.get(api.Manager, "/v1/hooks/shop/deliveries?state=done").is(http.StatusOK)
	require.Len(t, list.list("deliveries"), 1)
	require.Nil(t, list.at("deliveries.0.body"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM engagements WHERE detail = 'Saw' AND occurred_at = '2026-03-01T10:00:00Z'`))

	after := w.records()
	w.became("shop", "done", w.fromGeneric("shop", "msg_1", strings.Replace(body, "flo@", "moe@", 1)))
	w.unchanged(after, "the same id with another body")
	for _, broken := range []string{``, `{`, `{} {}`, `null`, `[]`, "\xff", `{"data":{"contact":"\u0000"}}`, strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)} {
		w.became("shop", "failed", w.fromGeneric("shop", uuid.NewString(), broken))
	}
	w.unchanged(after)
}

func TestWhoSaidStopIsLeftAloneWhateverAServiceReports(t *testing.T) {
	w := newWorld(t)
	w.source("calls", "cal", "")
	w.post(api.Integration, "/v1/opt-outs", `{"email":"ann@acme.example","via":"phone"}`).is(http.StatusOK)
	w.became("calls", "ignored", w.fromCal("calls", calEvent("BOOKING_CREATED", "b1", monday.Add(50*time.Hour), "")))
	require.Equal(t, 0, w.number(`SELECT count(*) FROM leads`))
}
