package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// badPeople are people nobody can reach, by the field that is at fault.
var badPeople = []struct{ name, person, field string }{
	{"nothing to reach them by", `"name":"Bo"`, "email"},
	{"no address", `"email":"bo"`, "email"},
	{"no domain", `"email":"bo@"`, "email"},
	{"no mailbox", `"email":"@acme.example"`, "email"},
	{"a bare host", `"email":"bo@localhost"`, "email"},
	{"an address in brackets", `"email":"bo@[10.0.0.1]"`, "email"},
	{"two addresses", `"email":"bo@acme.example,cy@acme.example"`, "email"},
	{"an address with a name", `"email":"Bo <bo@acme.example>"`, "email"},
	{"an address with a comment", `"email":"bo@acme.example (Bo)"`, "email"},
	{"an address that starts a new header", `"email":"bo@acme.example\r\nBcc: all@acme.example"`, "email"},
	{"an address that is too long", `"email":"` + strings.Repeat("b", 250) + `@acme.example"`, "email"},
	{"an empty address and no number", `"email":""`, "email"},
	{"null for everything", `"email":null,"phone":null`, "email"},
	{"a number of letters", `"phone":"call me"`, "phone"},
	{"a number that is too short", `"phone":"+4912"`, "phone"},
	{"a number that is too long", `"phone":"+4912345678901234567"`, "phone"},
	{"a number of no country", `"phone":"030 1234567"`, "phone"},
	{"a number of a country code that does not exist", `"phone":"+99912345678"`, "phone"},
	{"a zone nobody knows", `"email":"bo@acme.example","time_zone":"Europe/Atlantis"`, "time_zone"},
	{"the server's zone", `"email":"bo@acme.example","time_zone":"Local"`, "time_zone"},
	{"a zone that is a path", `"email":"bo@acme.example","time_zone":"../../etc/passwd"`, "time_zone"},
	{"an offset for a zone", `"email":"bo@acme.example","time_zone":"+02:00"`, "time_zone"},
	{"a country of one letter", `"email":"bo@acme.example","country":"D"`, "country"},
	{"a country of three letters", `"email":"bo@acme.example","country":"DEU"`, "country"},
	{"a country that does not exist", `"email":"bo@acme.example","country":"XX"`, "country"},
	{"a country of digits", `"email":"bo@acme.example","country":"49"`, "country"},
	{"a name of 10,000 characters", `"email":"bo@acme.example","name":"` + strings.Repeat("n", 10_000) + `"`, "name"},
	{"an account of 10,000 characters", `"email":"bo@acme.example","account":"` + strings.Repeat("n", 10_000) + `"`, "account"},
	{"a title of 10,000 characters", `"email":"bo@acme.example","title":"` + strings.Repeat("n", 10_000) + `"`, "title"},
	{"a basis of 10,000 characters", `"email":"bo@acme.example","basis":"` + strings.Repeat("n", 10_000) + `"`, "basis"},
}

func TestAPersonWhoCannotBeReachedIsRefusedWithTheField(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	before := w.records()
	for _, c := range badPeople {
		t.Run(c.name, func(t *testing.T) {
			for path, rest := range map[string]string{"/v1/leads": `,"source":"ebook_download"`, "/v1/engagements": `,"kind":"ebook_download"`, lead + "/stakeholders": ``} {
				a := w.postf(api.Rep, path, "{%s%s}", c.person, rest)
				a.TB = t
				a.problem(422, "not_valid", "body."+c.field)
			}
			if !strings.HasPrefix(c.field, "email") || strings.Contains(c.person, "phone") {
				return
			}
			for path, rest := range map[string]string{"/v1/replies": `,"text":"hello"`, "/v1/opt-outs": ``} {
				a := w.postf(api.Rep, path, "{%s%s}", strings.Replace(c.person, `"name":"Bo"`, `"email":""`, 1), rest)
				a.TB = t
				a.problem(422, "not_valid", "body.email")
			}
		})
	}
	w.unchanged(before)
}

func TestEveryFaultIsSaidAtOnce(t *testing.T) {
	w := newWorld(t)
	w.post(api.Rep, "/v1/leads", `{"email":"bo","phone":"x","time_zone":"Mars","country":"XX","source":"telepathy","occurred_at":"2099-01-01T00:00:00Z"}`).
		problem(422, "not_valid", "body.email", "body.phone", "body.time_zone", "body.country", "body.source", "body.occurred_at")
}

// badValues are requests of the right form that cannot be meant, for a warm lead
// L, its call task T, a cold lead C with its diagnose task D.
var badValues = []struct{ path, body, field string }{
	{"/v1/leads", `{"email":"bo@acme.example"}`, "source"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"telepathy"}`, "source"},
	{"/v1/leads", `{"email":"bo@acme.example","source":""}`, "source"},
	{"/v1/leads", `{"email":"bo@acme.example","source":null}`, "source"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"2026-03-10T10:06:00Z"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"1999-12-31T00:00:00Z"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"yesterday"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"2026-02-30T00:00:00Z"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"2026-02-20T00:00:00"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","occurred_at":"2026-02-20"}`, "occurred_at"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","owner_id":"robin"}`, "owner_id"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","amount":-1}`, "amount"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","amount":100000000000001}`, "amount"},
	{"/v1/leads", `{"email":"bo@acme.example","source":"ebook_download","detail":"` + strings.Repeat("d", 501) + `"}`, "detail"},
	{"/v1/engagements", `{"email":"bo@acme.example","kind":"telepathy"}`, "kind"},
	{"/v1/engagements", `{"email":"bo@acme.example","kind":"ebook_download","occurred_at":"2027-01-01T00:00:00Z"}`, "occurred_at"},
	{"/v1/engagements", `{"email":"bo@acme.example","kind":"ebook_download","external_id":"` + strings.Repeat("x", 201) + `"}`, "external_id"},
	{"/v1/replies", `{"email":"ann@acme.example","text":"` + strings.Repeat("t", 100_001) + `"}`, "text"},
	{"/v1/replies", `{"email":"ann@acme.example","automatic":true,"until":"soon"}`, "until"},
	{"/v1/opt-outs", `{"email":"ann@acme.example","via":"pigeon"}`, "via"},
	{"L/opt-out", `{"via":"pigeon"}`, "via"},
	{"L/snooze", `{}`, "until"},
	{"L/snooze", `{"until":"0001-01-01T00:00:00Z"}`, "until"},
	{"L/snooze", `{"until":"2026-03-10T10:00:00Z"}`, "until"},
	{"L/snooze", `{"until":"2028-03-11T00:00:00Z"}`, "until"},
	{"L/snooze", `{"until":"9999-12-31T23:59:59Z"}`, "until"},
	{"L/snooze", `{"until":"99999-12-31T23:59:59Z"}`, "until"},
	{"L/pause", `{"reason":"tired"}`, "reason"},
	{"L/pause", `{"reason":"reply_waiting"}`, "reason"},
	{"L/pause", `{"until":"2026-03-01T00:00:00Z"}`, "until"},
	{"L/pause", `{"until":"2126-03-01T00:00:00Z"}`, "until"},
	{"L/reassign", `{}`, "owner_id"},
	{"L/reassign", `{"owner_id":"kim"}`, "owner_id"},
	{"L/win", `{"amount":-5}`, "amount"},
	{"L/disqualify", `{}`, "reason"},
	{"L/disqualify", `{"reason":"ugly"}`, "reason"},
	{"L/disqualify", `{"reason":null}`, "reason"},
	{"L/proposals", `{"amount":-5}`, "amount"},
	{"L/proposals", `{"amount":5,"expires_at":"2026-03-01T00:00:00Z"}`, "expires_at"},
	{"L/proposals", `{"amount":5,"expires_at":"2926-03-01T00:00:00Z"}`, "expires_at"},
	{"L/permissions", `{}`, "channel"},
	{"L/permissions", `{"channel":"fax"}`, "channel"},
	{"L/permissions", `{"channel":"email","every":"now and then"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"2 fortnights"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"-2 months"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"0 days"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"at once"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"1 minute"}`, "every"},
	{"L/permissions", `{"channel":"email","every":"900 months"}`, "every"},
	{"L/permissions", `{"channel":"email","until":"2026-03-01T00:00:00Z"}`, "until"},
	{"L/permissions", `{"channel":"email","until":"2926-03-01T00:00:00Z"}`, "until"},
	{"L/diagnosis", `{}`, "diagnosis"},
	{"C/diagnosis", `{"diagnosis":"bad_luck"}`, "diagnosis"},
	{"L/outcomes", `{}`, "outcome"},
	{"L/outcomes", `{"outcome":"delighted"}`, "outcome"},
	{"L/outcomes", `{"outcome":"no_answer","with":"00000000-0000-0000-0000-000000000000"}`, "with"},
	{"L/outcomes", `{"outcome":"no_answer","with":"cy"}`, "with"},
	{"L/outcomes", `{"outcome":"no_answer","task_id":"00000000-0000-0000-0000-000000000000"}`, "task_id"},
	{"C/outcomes", `{"outcome":"no_answer","task_id":"T"}`, "task_id"},
	{"L/outcomes", `{"outcome":"no_answer","discussed":"` + strings.Repeat("d", 10_001) + `"}`, "discussed"},
	{"L/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"next week"}}`, "next_step.at"},
	{"L/outcomes", `{"outcome":"call_scheduled","next_step":{"when":"2026-03-05T10:00:00Z"}}`, "next_step.when"},
	{"L/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"2026-03-01T10:00:00Z"}}`, "next_step.at"},
	{"L/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"2036-03-01T10:00:00Z"}}`, "next_step.at"},
	{"T/complete", `{"outcome":{"outcome":"delighted"}}`, "outcome.outcome"},
	{"T/complete", `{"outcome":{"outcome":"call_scheduled","next_step":{"at":"2026-03-01T10:00:00Z"}}}`, "outcome.next_step.at"},
	{"T/complete", `{"outcome":{"outcome":"no_answer","with":"00000000-0000-0000-0000-000000000000"}}`, "outcome.with"},
	{"T/complete", `{"note":"` + strings.Repeat("n", 10_001) + `","outcome":{"outcome":"no_answer"}}`, "note"},
	{"D/complete", `{"diagnosis":"bad_luck"}`, "diagnosis"},
	{"/v1/suppressions", `{"value":"acme.example"}`, "kind"},
	{"/v1/suppressions", `{"kind":"fax","value":"+493012345678"}`, "kind"},
	{"/v1/suppressions", `{"kind":"email"}`, "value"},
	{"/v1/suppressions", `{"kind":"email","value":"acme.example"}`, "value"},
	{"/v1/suppressions", `{"kind":"email","value":"Ann <ann@acme.example>"}`, "value"},
	{"/v1/suppressions", `{"kind":"domain","value":"ann@acme.example"}`, "value"},
	{"/v1/suppressions", `{"kind":"domain","value":"localhost"}`, "value"},
	{"/v1/suppressions", `{"kind":"domain","value":"acme..example"}`, "value"},
	{"/v1/suppressions", `{"kind":"phone","value":"030 1234567"}`, "value"},
	{"/v1/suppressions", `{"kind":"phone","value":"+493012345678","via":"pigeon"}`, "via"},
	{"/v1/content", `{"kind":"rumour","title":"News"}`, "kind"},
	{"/v1/content", `{"kind":"article"}`, "title"},
	{"/v1/content", `{"kind":"article","title":""}`, "title"},
	{"/v1/content", `{"kind":"article","title":"\r\n"}`, "title"},
	{"/v1/content", `{"kind":"article","title":"` + strings.Repeat("t", 201) + `"}`, "title"},
	{"/v1/content", `{"kind":"article","title":"News","url":"javascript:alert(1)"}`, "url"},
	{"/v1/content", `{"kind":"article","title":"News","url":"not a link"}`, "url"},
	{"/v1/content", `{"kind":"article","title":"News","sources":["telepathy"]}`, "sources[0]"},
	{"/v1/content", `{"kind":"article","title":"News","expires_at":"2026-03-01T00:00:00Z"}`, "expires_at"},
	{"/v1/content", `{"kind":"article","title":"News","expires_at":"2926-03-01T00:00:00Z"}`, "expires_at"},
}

func TestAValueThatCannotBeMeantNamesItsFieldAndChangesNothing(t *testing.T) {
	w := newWorld(t)
	cold, lead := w.cold("cy"), w.lead("ann")
	call := w.open(lead, sequence.TaskCall)
	fill := strings.NewReplacer("L/", lead+"/", "C/", cold+"/", "T/", call+"/", "D/", w.open(cold, sequence.TaskDiagnose)+"/", `"T"`, `"`+idOf(call)+`"`)
	before := w.records()
	for i, c := range badValues {
		t.Run(fmt.Sprintf("%d %s %.60s", i, c.path, c.body), func(t *testing.T) {
			a := w.send(request{method: http.MethodPost, path: fill.Replace(c.path), key: w.keys[api.Admin], once: uuid.NewString(), body: fill.Replace(c.body)})
			a.TB = t
			require.Equal(t, 422, a.status, "%s", a.body)
			a.problem(422, a.text("code"), "body."+c.field)
		})
	}
	w.unchanged(before)
}

func TestANameCannotStartANewHeader(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Rep, "/v1/leads", `{"name":"Bo\r\nBcc: all@acme.example","email":"bo@acme.example","account":"Ac\nme","title":"C\tFO","source":"ebook_download"}`)
	lead := w.get(api.Rep, "/v1/leads/"+a.is(http.StatusCreated).text("lead_id")).is(http.StatusOK)
	require.Equal(t, "Bo  Bcc: all@acme.example", lead.text("name"))
	require.Equal(t, "Ac me", lead.text("account"))
	require.Equal(t, "C FO", lead.text("title"))
}

func TestAPersonIsKeptInOneForm(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Rep, "/v1/leads", `{"email":" Bo.Chen@ACME.Example ","phone":"(020) 7946 0018","country":"uk","source":"ebook_download"}`)
	lead := w.get(api.Rep, "/v1/leads/"+a.is(http.StatusCreated).text("lead_id")).is(http.StatusOK)
	require.Equal(t, "bo.chen@acme.example", lead.text("email"))
	require.Equal(t, "+442079460018", lead.text("phone"))
	require.Equal(t, "GB", lead.text("country"))
	require.Equal(t, "Europe/London", lead.text("time_zone"), "found from the number")
}
