package api_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/rights"
)

// quirina is somebody of whom everything can be found again: what is about her has a
// word that stands nowhere else.
const (
	quirina = `{"name":"Quirina Zephyr","email":"quirina@zephyrhaus.example","phone":"+4930555000111","account":"Zephyrhaus GmbH","title":"marktitle","time_zone":"Europe/Berlin","country":"DE","basis":"markbasis: consent at the fair","source":"ebook_download","detail":"markdetail"}`
	hers    = "quirina@zephyrhaus.example"
)

// marks are what is hers, and in what she is given; called is what she is called, also
// where it is about others.
var (
	marks = []string{
		"Quirina Zephyr", "quirina@new.example", "+4930555000111", "marktitle", "markbasis", "markdetail", "marktalk", "markwhy", "marknote",
		"markbody", "marksubject", "markletter", "markreply", "markunknown", "markengaged", "markrow", "every 2 months",
	}
	called = []string{"quirina@zephyrhaus.example", "@zephyrhaus", "quirina", "zephyr "}
)

// livedThrough brings her through everything that leaves a trace, and gives her path
// and her lead's.
func livedThrough(w *world) (person, lead string) {
	w.Helper()
	lead = "/v1/leads/" + w.post(api.Integration, "/v1/leads", quirina).is(http.StatusCreated).text("lead_id")
	person = w.get(api.Manager, lead).is(http.StatusOK).text("person_id")
	w.postf(api.Integration, "/v1/engagements", `{"email":"%s","kind":"webinar_attended","detail":"markengaged","basis":"legitimate interest"}`, hers).is(http.StatusOK)
	w.post(api.Rep, lead+"/permissions", `{"channel":"email","every":"2 months"}`).is(http.StatusOK)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"interested","discussed":"marktalk","next_step":{"why_none":"markwhy"},"reason":"markreason"}`).is(http.StatusOK)
	w.exec(`INSERT INTO tasks (id, lead_id, touch, kind, owner_id, person_id, state, due_at, prompt, result, created_at, closed_at)
		SELECT $1, $2, 't900', 'manual', $3, $4, 'done', now(), 'marknote', 'marknote', now(), now()`, uuid.New(), idOf(lead), w.robin, person)
	w.exec(`INSERT INTO send_ledger (lead_id, touch, person_id, message_id, text_name, state, attempt, subject, body, refs, reserved_at, sent_at)
		SELECT $1, 't901', $2, 't901.'||$3||'@example.com', 'warm/x', 'sent', $4, 'marksubject', 'Dear Quirina, markbody', '<a@zephyrhaus.example>', now(), now()`, idOf(lead), person, idOf(lead), uuid.New())
	w.postf(api.Integration, "/v1/replies", `{"email":"%s","text":"markreply"}`, hers).is(http.StatusOK)
	w.message(letterFrom("Quirina Zephyr <"+hers+">", "m1@zephyrhaus.example", "markletter"))
	w.message("From: Quirina <" + hers + ">\r\nSubject: Delivery\r\nMessage-ID: <m2@x.example>\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nmarkunknown\r\n--b--\r\n")

	// She stands in two files: one whose rows came in, and one that was only sent.
	list := w.imported("Name;E-Mail;Note\nQuirina Zephyr;" + hers + ";markrow\nDi;di@acme.example;\n")
	w.post(api.Manager, list+"/plan", strings.Replace(fairPlan, `"email"`, `"email",""`, 1)).is(http.StatusOK)
	w.post(api.Manager, list+"/start", `{}`).is(http.StatusOK)
	w.goThrough(list)
	w.imported("E-Mail,Note\nQuirina@Zephyrhaus.example ,markrow\n")

	// She is named where it is about others, and by a former address.
	colleague := w.post(api.Integration, "/v1/leads", `{"name":"Bo Berg","email":"bo@other.example","account":"Zephyrhaus GmbH","source":"ebook_download"}`).is(http.StatusCreated).text("lead_id")
	friend := w.lead("cy")
	w.postf(api.Rep, friend+"/stakeholders", `{"name":"Quirina Zephyr","email":"%s"}`, hers).is(http.StatusOK)
	w.postf(api.Rep, "/v1/leads/"+colleague+"/outcomes", `{"outcome":"voicemail","discussed":"Ask Quirina Zephyr (%s), not the zephyrus"}`, hers).is(http.StatusOK)
	w.postf(api.Rep, friend+"/outcomes", `{"outcome":"voicemail","discussed":"quirina zephyr decides"}`).is(http.StatusOK)
	w.exec(`UPDATE idempotency_keys SET response = convert_to('{"name":"Quirina Zephyr"}', 'UTF8') WHERE (principal, key) IN (SELECT principal, key FROM idempotency_keys ORDER BY started_at LIMIT 1)`)
	w.post(api.Rep, lead+"/addresses", `{"email":"quirina@new.example"}`).is(http.StatusOK)
	w.relay()
	return "/v1/people/" + person, lead
}

// found says in which columns of the whole database something stands.
func (w *world) found(what string) (places []string) {
	w.Helper()
	rows, err := w.store.Pool.Query(w.Context(), `SELECT ARRAY[table_name, column_name, data_type]::text[] FROM information_schema.columns
		WHERE table_schema = 'public' AND data_type IN ('text', 'jsonb', 'bytea', 'ARRAY') ORDER BY table_name, column_name`)
	require.NoError(w, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[[]string])
	require.NoError(w, err)
	require.NotEmpty(w, all)
	for _, c := range all {
		value := `"` + c[1] + `"::text`
		if c[2] == "bytea" {
			value = `encode("` + c[1] + `", 'escape')`
		}
		if w.number(fmt.Sprintf(`SELECT count(*) FROM %s WHERE position(lower($1) IN lower(%s)) > 0`, c[0], value), what) > 0 {
			places = append(places, c[0]+"."+c[1])
		}
	}
	return places
}

func TestAPersonIsErasedFromEveryColumnAndStaysStopped(t *testing.T) {
	w := newWorld(t)
	person, lead := livedThrough(w)
	for _, mark := range append(slices.Clone(marks), called...) {
		if mark != "every 2 months" {
			require.NotEmpty(t, w.found(mark), "%s was never there, so nothing is shown by its being gone", mark)
		}
	}
	preview := w.get(api.Manager, person+"/erasure").is(http.StatusOK)
	require.Equal(t, "none", preview.text("state"))
	require.EqualValues(t, 1, preview.at("removed.people"))
	require.EqualValues(t, 2, preview.at("removed.inbound_messages"))
	before := w.found("quirina")
	require.Equal(t, before, w.found("quirina"), "looking changes nothing")

	a := w.post(api.Manager, person+"/erasure", `{"ground":"consent_withdrawn"}`).is(http.StatusOK)
	require.Equal(t, "done", a.text("state"))
	require.Equal(t, preview.at("removed"), a.at("removed"), "what was said would go is what went")
	for _, mark := range append(slices.Clone(marks), called...) {
		require.Empty(t, w.found(mark), mark)
	}
	require.Equal(t, "Ask [erased] ([erased]), not the zephyrus", w.textOf(`SELECT discussed FROM outcomes WHERE discussed LIKE 'Ask%'`), "others' records stay, without her")

	require.Equal(t, []string{"accounts.name"}, w.found("Zephyrhaus"), "a company to which others belong is theirs, too")
	bo := w.get(api.Manager, "/v1/people?address=bo@other.example").is(http.StatusOK).text("people.0.person_id")
	w.post(api.Manager, "/v1/people/"+bo+"/erasure", `{}`).is(http.StatusOK)
	require.Empty(t, w.found("Zephyrhaus"))

	require.Equal(t, "do_not_contact", w.get(api.Rep, lead).is(http.StatusOK).text("stage"))
	require.Equal(t, true, w.get(api.Rep, lead).at("erased"))
	w.get(api.Rep, lead+"/explanation").is(http.StatusOK)
	w.get(api.Rep, lead+"/timeline").is(http.StatusOK)
	w.get(api.Rep, lead+"/messages").is(http.StatusOK)
	require.Equal(t, 2, w.number(`SELECT count(*) FROM suppressions WHERE kind = 'email' AND value_hash = ANY($1)`, [][]byte{postgres.Hash(hers), postgres.Hash("quirina@new.example")}))
	require.Zero(t, w.number(`SELECT count(*) FROM suppressions WHERE person_id IS NOT NULL`), "nothing leads from her address to what is left")
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE person_id = $1 AND state = 'open'`, idOf(person)))

	again := w.post(api.Admin, person+"/erasure", `{}`).is(http.StatusOK)
	require.Equal(t, "consent_withdrawn", again.text("ground"), "asked again, it is what it was")
	require.Equal(t, a.text("done_at"), again.text("done_at"))
	require.Equal(t, []string{"erasure_asked", "person_erased"}, w.acts(idOf(person)))
}

func (w *world) textOf(query string, args ...any) (s string) {
	w.Helper()
	require.NoError(w, w.store.Pool.QueryRow(w.Context(), query, args...).Scan(&s))
	return s
}

// acts are those about something, in order.
func (w *world) acts(about string) []string {
	w.Helper()
	rows, err := w.store.Pool.Query(w.Context(), `SELECT act FROM admin_acts WHERE about = $1 ORDER BY at, id`, about)
	require.NoError(w, err)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(w, err)
	return all
}

func TestNothingThatComesLaterBringsBackWhoWasErased(t *testing.T) {
	w := newWorld(t)
	person, lead := livedThrough(w)
	link := w.link(lead)
	w.post(api.Manager, person+"/erasure", `{}`).is(http.StatusOK)
	people := w.number(`SELECT count(*) FROM people`)

	for _, email := range []string{hers, "quirina@new.example"} {
		a := w.postf(api.Integration, "/v1/engagements", `{"name":"Quirina Zephyr","email":"%s","account":"Zephyrhaus GmbH","kind":"webinar_attended","detail":"markdetail"}`, email).is(http.StatusOK)
		require.Equal(t, "suppressed", a.text("status"))
		require.Nil(t, a.at("engagement_id"))
		w.postf(api.Integration, "/v1/leads", `{"email":"%s","source":"ebook_download"}`, email).problem(http.StatusConflict, "person_said_stop")
		w.postf(api.Rep, w.lead("dee "+email[8:11])+"/stakeholders", `{"name":"Quirina Zephyr","email":"%s"}`, email).problem(http.StatusConflict, "person_said_stop")
		bulk := w.postf(api.Integration, "/v1/leads/bulk", `{"leads":[{"name":"Quirina Zephyr","email":"%s","source":"ebook_download"}]}`, email).is(http.StatusOK)
		require.Equal(t, "person_said_stop", bulk.text("leads.0.problem.code"))
		w.postf(api.Integration, "/v1/replies", `{"email":"%s","text":"markreply"}`, email).problem(http.StatusNotFound, "nobody")
	}
	w.post(api.Rep, lead+"/addresses", `{"email":"quirina@third.example"}`).problem(http.StatusConflict, "person_erased")
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"voicemail","discussed":"marktalk"}`)
	w.message("From: Quirina Zephyr <quirina@third.example>\r\nTo: robin@seller.example\r\nSubject: Re: hello\r\nMessage-ID: <late@zephyrhaus.example>\r\nIn-Reply-To: <t901." + idOf(lead) + "@example.com>\r\n\r\nmarkletter\r\n")
	w.send(request{method: http.MethodPost, path: link}).page(http.StatusNotFound, "")
	w.relay()
	for _, mark := range append(slices.Clone(marks), called...) {
		if mark == "every 2 months" {
			continue
		}
		require.Empty(t, w.found(mark), mark)
	}
	require.Equal(t, people+2, w.number(`SELECT count(*) FROM people`), "only the two who named her are new")
	require.Equal(t, "do_not_contact", w.get(api.Rep, lead).text("stage"))
}

func TestAnErasureThatTemporalCannotHearStopsAtOnceAndIsDoneLater(t *testing.T) {
	w := newWorld(t)
	person, lead := livedThrough(w)
	w.engine(true)
	a := w.post(api.Manager, person+"/erasure", `{}`).is(http.StatusOK)
	require.Equal(t, "waiting", a.text("state"))
	require.Equal(t, true, a.at("leads.0.runs"))
	require.Equal(t, 1, w.number(`SELECT count(*) FROM suppressions WHERE value_hash = $1`, postgres.Hash("quirina@new.example")), "nothing goes out from here on")
	require.NoError(t, w.rights().GoOn(t.Context()))
	require.NotEmpty(t, w.found("quirina"), "the next turn would write again what is forgotten")
	w.post(api.Manager, person+"/erasure", `{}`).is(http.StatusOK)
	require.Equal(t, 1, w.number(`SELECT count(*) FROM dispatches WHERE message = 'opt_out'`), "the lead is told once")

	w.engine(false)
	w.relay()
	require.NoError(t, w.rights().GoOn(t.Context()))
	require.Equal(t, "done", w.get(api.Manager, person+"/erasure").is(http.StatusOK).text("state"))
	require.Empty(t, w.found("quirina"))
	require.Equal(t, "do_not_contact", w.get(api.Rep, lead).text("stage"))
	require.NoError(t, w.rights().GoOn(t.Context()), "there is nothing left to do")
}

func (w *world) rights() rights.Rights { return rights.Rights{Store: w.store, Door: w.door} }

func TestAnExportHasEverythingAndIsWrittenDown(t *testing.T) {
	w := newWorld(t)
	person, lead := livedThrough(w)
	a := w.get(api.Manager, person+"/export").is(http.StatusOK)
	require.Contains(t, a.header.Get("Content-Disposition"), "attachment")
	said := string(a.body)
	for _, s := range a.list("sections") {
		for _, row := range s.(map[string]any)["rows"].([]any) {
			if raw, ok := row.(map[string]any)["raw"].(string); ok {
				whole, err := base64.StdEncoding.DecodeString(raw)
				require.NoError(t, err)
				said += string(whole)
			}
		}
	}
	for _, mark := range marks {
		if mark == "every 2 months" {
			mark = "2 months"
		}
		require.Contains(t, said, mark)
	}
	require.Contains(t, said, "Zephyrhaus GmbH")
	require.NotContains(t, said, "bo@other.example", "what is about others is theirs")
	require.Equal(t, []string{"person_exported"}, w.acts(idOf(person)))

	origin := w.get(api.Rep, lead+"/origin").is(http.StatusOK)
	require.Equal(t, "markbasis: consent at the fair", origin.text("basis"))
	require.Equal(t, "integration", origin.text("grounds.0.reporter"))
	require.Equal(t, "legitimate interest", origin.text("grounds.1.basis"))

	found := w.get(api.Manager, "/v1/people?address=Quirina@new.example").is(http.StatusOK)
	require.Equal(t, idOf(person), found.text("people.0.person_id"))
	require.Len(t, found.list("people.0.leads"), 2, "her own, and the one in which she is named")
	require.Empty(t, w.get(api.Manager, "/v1/people?address=nobody@new.example").is(http.StatusOK).list("people"))
	w.get(api.Manager, "/v1/people?address=nobody").problem(http.StatusUnprocessableEntity, "not_valid", "query.address")
	w.get(api.Manager, "/v1/people/"+uuid.NewString()+"/export").problem(http.StatusNotFound, "not_found")
}

func TestAStakeholderWhoIsNoLeadHasTheSameRights(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/stakeholders", `{"name":"Quirina Zephyr","email":"`+hers+`","basis":"named by Ann"}`).is(http.StatusOK)
	person := "/v1/people/" + w.get(api.Manager, "/v1/people?address="+hers).is(http.StatusOK).text("people.0.person_id")
	require.Contains(t, string(w.get(api.Manager, person+"/export").is(http.StatusOK).body), "named by Ann")
	require.Equal(t, "done", w.post(api.Manager, person+"/erasure", `{}`).is(http.StatusOK).text("state"), "the lead of another goes on")
	require.Empty(t, w.found("quirina"))
	require.Empty(t, w.get(api.Rep, lead+"/stakeholders").is(http.StatusOK).list("stakeholders"))
	require.Equal(t, "warm", w.get(api.Rep, lead).text("stage"))
	w.pass(60 * 24 * time.Hour)
	require.Empty(t, w.found("quirina"))
	require.Zero(t, w.number(`SELECT count(*) FROM tasks WHERE person_id = $1`, idOf(person)), "nobody is asked to call somebody who is not known")
}

func TestWhoIsLongGoneIsErasedAndMayComeAgain(t *testing.T) {
	w := newWorld(t)
	gone, kept, living := w.lead("quirina"), w.lead("bea"), w.lead("cy")
	w.post(api.Rep, gone+"/win", `{}`).is(http.StatusOK)
	w.post(api.Rep, kept+"/win", `{}`).is(http.StatusOK)
	w.exec(`UPDATE people SET created_at = '2020-01-01'`)
	w.exec(`UPDATE engagements SET occurred_at = '2020-01-01'`)
	w.exec(`UPDATE leads SET updated_at = '2024-01-01' WHERE id = ANY($1::uuid[])`, []string{idOf(gone), idOf(living)})
	require.NoError(t, w.rights().Retain(t.Context(), rights.Keep{}))
	require.NotEmpty(t, w.found("quirina"), "nothing is forgotten unless the house says so")
	require.NoError(t, w.rights().Retain(t.Context(), rights.Keep{Closed: 365 * 24 * time.Hour}))
	require.Empty(t, w.found("quirina"))
	require.NotEmpty(t, w.found("bea@acme.example"), "the lead ended lately")
	require.NotEmpty(t, w.found("cy@acme.example"), "the lead lives")
	require.Zero(t, w.number(`SELECT count(*) FROM suppressions`), "who was not asked has not said stop")
	require.Equal(t, "won", w.get(api.Rep, gone).is(http.StatusOK).text("stage"))
	require.NotEqual(t, gone, w.lead("quirina"), "they come in as new")
}

func TestMailIsForgottenAfterItsTime(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.message(letterFrom("Ann <ann@acme.example>", "a1@acme.example", "oldwords"))
	w.post(api.Integration, "/v1/replies", `{"email":"ann@acme.example","text":"oldreply"}`).is(http.StatusOK)
	w.exec(`UPDATE send_ledger SET body = 'oldsent', state = 'sent', sent_at = reserved_at WHERE lead_id = $1`, idOf(lead))
	w.message(stranger)
	w.pass(100 * 24 * time.Hour)
	w.message(letterFrom("Ann <ann@acme.example>", "a2@acme.example", "newwords"))
	require.NoError(t, w.rights().Retain(t.Context(), rights.Keep{Mail: 90 * 24 * time.Hour, Strangers: 101 * 24 * time.Hour}))
	for _, old := range []string{"oldwords", "oldreply", "oldsent"} {
		require.Empty(t, w.found(old), old)
	}
	require.NotEmpty(t, w.found("newwords"))
	require.NotEmpty(t, w.found("dee@elsewhere.example"), "a stranger's is kept for longer")
	require.NoError(t, w.rights().Retain(t.Context(), rights.Keep{Strangers: 99 * 24 * time.Hour}))
	require.Empty(t, w.found("dee@elsewhere.example"))
	require.NotEmpty(t, w.found("ann@acme.example"), "who is followed up is known all the same")
}

func TestManagersReadWhoDidWhat(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	w.post(api.Rep, lead+"/pause", `{}`).is(http.StatusOK)
	w.pass(time.Hour)
	w.post(api.Manager, "/v1/suppressions", `{"kind":"email","value":"x@y.example"}`).is(http.StatusOK)
	w.lead("bea")
	w.get(api.Rep, "/v1/audit").problem(http.StatusForbidden, "role_not_allowed")

	lines := func(query string) (kinds []string) {
		for i := range w.get(api.Manager, "/v1/audit?"+query).is(http.StatusOK).list("lines") {
			kinds = append(kinds, w.get(api.Manager, "/v1/audit?"+query).text(fmt.Sprintf("lines.%d.kind", i)))
		}
		return kinds
	}
	robins := w.get(api.Manager, "/v1/audit?actor="+w.robin.String()).is(http.StatusOK)
	require.NotEmpty(t, robins.list("lines"))
	require.Equal(t, "Robin", robins.text("lines.0.actor_name"))
	require.Equal(t, "ann", robins.text("lines.0.lead_name"))
	require.Equal(t, idOf(lead), robins.text("lines.0.lead_id"))
	require.Equal(t, []string{"suppression_added"}, lines("actor="+w.mo.String()))
	require.Equal(t, []string{"suppression_added"}, lines("kind=suppression_added"))
	require.Contains(t, lines("kind=pause_began"), "pause_began")
	require.Empty(t, lines("kind=pause_began&from="+w.now().Add(-time.Minute).Format(time.RFC3339)))
	require.NotContains(t, lines("until="+w.now().Format(time.RFC3339)), "suppression_added")
	automatic := lines("lead_id=" + idOf(lead) + "&automatic=true")
	require.Equal(t, w.number(`SELECT count(*) FROM audit WHERE lead_id = $1`, idOf(lead)), len(automatic))
	require.Less(t, len(lines("lead_id="+idOf(lead))), len(automatic), "what goes by itself is left out unless it is asked for")
	w.get(api.Manager, "/v1/audit?automatic=true").problem(http.StatusUnprocessableEntity, "not_valid", "query.automatic")
	w.get(api.Manager, "/v1/audit?after=x").problem(http.StatusUnprocessableEntity, "not_valid", "query.after")

	whole, paged, next := lines(""), []string{}, ""
	require.Greater(t, len(whole), 3)
	for {
		page := w.get(api.Manager, "/v1/audit?limit=1"+next).is(http.StatusOK)
		paged = append(paged, page.text("lines.0.kind"))
		if page.at("next") == nil {
			break
		}
		require.Contains(t, page.header.Get("Link"), `rel="next"`)
		next = "&after=" + page.text("next")
	}
	require.Equal(t, whole, paged, "page by page it is the same")

	file := w.get(api.Manager, "/v1/audit.csv").is(http.StatusOK)
	require.Contains(t, file.header.Get("Content-Type"), "text/csv")
	require.Len(t, strings.Split(strings.TrimSpace(string(file.body)), "\n"), len(whole)+1)
	_, err := w.store.Pool.Exec(t.Context(), `DELETE FROM admin_acts`)
	require.ErrorContains(t, err, "append-only")
}
