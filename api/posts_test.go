package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// good is one request that is taken, as an admin: where to, and which body.
type good struct{ path, body string }

// list and leadsFile are the bodies that are no JSON.
const (
	leadsFile = "Name;E-Mail\nBo;bo@acme.example\nCy;cy@acme.example\n"
	list      = "kind,value,via\nemail,bo@acme.example,import\ndomain,other.example,\n"
)

// goods prepares a good request for every POST. A new route fails the tests until
// it is here.
var goods = map[string]func(w *world) good{
	"POST /v1/leads": func(*world) good {
		return good{"/v1/leads", `{"name":"Bo","email":"bo@acme.example","phone":"+493087654321","account":"Acme","title":"CFO","time_zone":"Europe/Berlin","country":"DE","basis":"consent","source":"ebook_download","detail":"How to","amount":500000}`}
	},
	"POST /v1/leads/bulk": func(*world) good {
		return good{"/v1/leads/bulk", `{"leads":[{"email":"bo@acme.example","account":"Acme","source":"ebook_download"},{"phone":"+493087654321","source":"site_chat"}]}`}
	},
	"POST /v1/engagements": func(*world) good {
		return good{"/v1/engagements", `{"name":"Bo","email":"bo@acme.example","account":"Acme","kind":"webinar_attended","detail":"Live","external_id":"crm-7"}`}
	},
	"POST /v1/replies": func(w *world) good {
		w.lead("ann")
		return good{"/v1/replies", `{"email":"ann@acme.example","text":"Yes, please call me."}`}
	},
	"POST /v1/opt-outs": func(*world) good { return good{"/v1/opt-outs", `{"email":"stop@acme.example","via":"phone"}`} },
	"POST /v1/content": func(*world) good {
		return good{"/v1/content", `{"kind":"article","title":"News","summary":"What is new","url":"https://example.com/news","sources":["ebook_download"]}`}
	},
	"POST /v1/leads/{id}/opt-out":   below("/opt-out", `{"via":"phone"}`),
	"POST /v1/leads/{id}/addresses": below("/addresses", `{"email":"ann@elsewhere.example","phone":"+493055555555"}`),
	"POST /v1/leads/{id}/outcomes": below("/outcomes",
		`{"outcome":"interested","discussed":"They like it","next_step":{"why_none":"the boss is away"},"reason":"none"}`),
	"POST /v1/leads/{id}/snooze":       below("/snooze", `{"until":"2026-04-01T10:00:00Z"}`),
	"POST /v1/leads/{id}/pause":        below("/pause", `{"reason":"owner_on_leave"}`),
	"POST /v1/leads/{id}/win":          below("/win", `{"amount":700000}`),
	"POST /v1/leads/{id}/disqualify":   below("/disqualify", `{"reason":"not_a_fit"}`),
	"POST /v1/leads/{id}/stakeholders": below("/stakeholders", `{"name":"Cy","email":"cy@acme.example","title":"CTO"}`),
	"POST /v1/leads/{id}/proposals":    below("/proposals", `{"amount":900000,"expires_at":"2026-05-01T10:00:00Z"}`),
	"POST /v1/leads/{id}/permissions":  below("/permissions", `{"channel":"email","every":"2 months","until":"2027-01-01T00:00:00Z"}`),
	"POST /v1/leads/{id}/resume": func(w *world) good {
		lead := w.lead("ann")
		w.post(api.Rep, lead+"/pause", `{}`).is(http.StatusOK)
		return good{lead + "/resume", `{}`}
	},
	"POST /v1/leads/{id}/reassign": func(w *world) good {
		return good{w.lead("ann") + "/reassign", `{"owner_id":"` + w.user("Kim", "rep").String() + `"}`}
	},
	"POST /v1/leads/{id}/diagnosis": func(w *world) good { return good{w.cold("ann") + "/diagnosis", `{"diagnosis":"too_fast"}`} },
	"POST /v1/leads/{id}/amount":    below("/amount", `{"amount":1200000}`),
	"POST /v1/leads/{id}/outcomes/{outcome_id}/undo": func(w *world) good {
		lead := w.lead("ann")
		return good{lead + "/outcomes/" + w.post(api.Rep, lead+"/outcomes", `{"outcome":"voicemail"}`).is(http.StatusOK).text("outcome_id") + "/undo", `{}`}
	},
	"POST /v1/playbooks":              func(w *world) good { return good{"/v1/playbooks", w.files(patient)} },
	"POST /v1/playbooks/{id}/release": func(w *world) good { return good{"/v1/playbooks/" + w.publish(patient) + "/release", `{}`} },
	"POST /v1/playbooks/impact": func(w *world) good {
		w.lead("ann")
		return good{"/v1/playbooks/impact", `{"from":"` + w.current() + `","to":"` + w.publish(patient) + `","examples":3}`}
	},
	"POST /v1/playbooks/check": func(w *world) good { return good{"/v1/playbooks/check", w.files(faulty)} },
	"POST /v1/simulations": func(w *world) good {
		return good{"/v1/simulations", `{"playbook":"` + w.publish(patient) + `","against":"` + w.current() + `","leads":20,"months":2,"seed":3}`}
	},
	"POST /v1/playbook-moves": func(w *world) good {
		w.lead("ann")
		return good{"/v1/playbook-moves", `{"from":"` + w.current() + `","to":"` + w.publish(patient) + `"}`}
	},
	"POST /v1/rehearsals": func(*world) good { return good{"/v1/rehearsals", `{"script":` + quoted(shortScript) + `}`} },
	"POST /v1/leads/{id}/sends/{touch}/settle": func(w *world) good {
		lead := w.lead("ann")
		return good{lead + "/sends/" + w.unknownSend(lead) + "/settle", `{"went_out":true}`}
	},
	"POST /v1/inbound-messages/{id}/assign": func(w *world) good {
		return good{w.message(stranger) + "/assign", `{"lead_id":"` + idOf(w.lead("ann")) + `"}`}
	},
	"POST /v1/inbound-messages/{id}/dismiss": func(w *world) good { return good{w.message(stranger) + "/dismiss", `{}`} },
	"POST /v1/mailboxes/{name}/park":         func(w *world) good { return good{w.mailbox("robin") + "/park", `{"why":"moving house"}`} },
	"POST /v1/mailboxes/{name}/resume": func(w *world) good {
		box := w.mailbox("robin")
		w.post(api.Manager, box+"/park", `{}`).is(http.StatusOK)
		return good{box + "/resume", `{}`}
	},
	"POST /v1/suppressions": func(w *world) good {
		w.lead("ann")
		return good{"/v1/suppressions", `{"kind":"domain","value":"acme.example","via":"phone"}`}
	},
	"POST /v1/people/{id}/erasure": func(w *world) good {
		return good{"/v1/people/" + w.get(api.Manager, w.lead("ann")).is(http.StatusOK).text("person_id") + "/erasure", `{"ground":"objection"}`}
	},
	"POST /v1/suppressions/import": func(*world) good { return good{"/v1/suppressions/import", list} },
	"POST /v1/batches":             func(*world) good { return good{"/v1/batches", `{"act":"pause","choice":{"stage":"warm"}}`} },
	"POST /v1/batches/{id}/terms":  func(w *world) good { return good{w.chosen("pause") + "/terms", `{"reason":"manual"}`} },
	"POST /v1/batches/{id}/start":  func(w *world) good { return good{w.chosen("pause") + "/start", `{}`} },
	"POST /v1/batches/{id}/stop": func(w *world) good {
		at := w.chosen("pause")
		w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
		return good{at + "/stop", `{}`}
	},
	"POST /v1/batches/{id}/undo": func(w *world) good {
		w.lead("ann")
		return good{w.paused() + "/undo", `{}`}
	},
	"POST /v1/imports":            func(*world) good { return good{"/v1/imports?name=fair.csv", leadsFile} },
	"POST /v1/imports/{id}/plan":  func(w *world) good { return good{w.imported(leadsFile) + "/plan", fairPlan} },
	"POST /v1/imports/{id}/check": func(w *world) good { return good{w.planned() + "/check", `{}`} },
	"POST /v1/imports/{id}/start": func(w *world) good { return good{w.planned() + "/start", `{}`} },
	"POST /v1/imports/{id}/stop": func(w *world) good {
		at := w.planned()
		w.post(api.Manager, at+"/start", `{}`).is(http.StatusOK)
		return good{at + "/stop", `{}`}
	},
	"POST /v1/webhooks/{name}/ping": func(w *world) good { return good{w.webhook("crm") + "/ping", `{}`} },
	"POST /v1/webhooks/{name}/park": func(w *world) good { return good{w.webhook("crm") + "/park", `{"why":"moving house"}`} },
	"POST /v1/webhooks/{name}/resume": func(w *world) good {
		hook := w.webhook("crm")
		w.post(api.Manager, hook+"/park", `{}`).is(http.StatusOK)
		return good{hook + "/resume", `{}`}
	},
	"POST /v1/webhooks/{name}/replay": func(w *world) good {
		hook := w.webhook("crm")
		w.lead("ann")
		return good{hook + "/replay", `{"since":"2026-01-01T00:00:00Z"}`}
	},
	"POST /v1/webhooks/{name}/deliveries/{n}/replay": func(w *world) good {
		hook := w.webhook("crm")
		w.lead("ann")
		return good{fmt.Sprintf("%s/deliveries/%d/replay", hook, w.number("SELECT min(n) FROM webhook_deliveries")), `{}`}
	},
	"POST /v1/hooks/{name}/deliveries/{id}/again": func(w *world) good {
		w.source("form", "typeform", "")
		id := w.fromTypeform("form", typeformResponse("e1", "t1", `{"type":"text","text":"bo@acme.example","field":{"id":"q1","type":"short_text","ref":"your_mail"}}`)).is(http.StatusOK).text("delivery_id")
		w.source("form", "typeform", `"mapping":{"email":["your_mail"]}`)
		return good{"/v1/hooks/form/deliveries/" + id + "/again", `{}`}
	},
	"POST /v1/hooks/{name}/again": func(w *world) good {
		w.source("form", "typeform", "")
		w.became("form", "failed", w.fromTypeform("form", typeformResponse("e1", "t1", `{"type":"text","text":"Bo","field":{"id":"q1","type":"short_text","ref":"name"}}`)))
		return good{"/v1/hooks/form/again", `{}`}
	},
	"POST /v1/hook-trials": func(*world) good {
		return good{"/v1/hook-trials", `{"kind":"generic","mapping":{"email":["data.mail"]},"body":"{\"data\":{\"mail\":\"bo@acme.example\"}}"}`}
	},
	"POST /v1/tasks/{id}/snooze": func(w *world) good {
		return good{w.open(w.lead("ann"), sequence.TaskCall) + "/snooze", `{"until":"2026-03-03T09:00:00Z"}`}
	},
	"POST /v1/tasks/{id}/hand-over": func(w *world) good {
		return good{w.open(w.lead("ann"), sequence.TaskCall) + "/hand-over", `{"owner_id":"` + w.user("Kim", "rep").String() + `"}`}
	},
	"POST /v1/notifications/{id}/read": func(w *world) good {
		return good{"/v1/notifications/" + w.told(w.lead("ann")) + "/read", `{"and_older":true}`}
	},
	"POST /v1/tasks/{id}/complete": func(w *world) good {
		return good{w.open(w.lead("ann"), sequence.TaskCall) + "/complete", `{"note":"done","outcome":{"outcome":"no_answer","discussed":"rang twice"}}`}
	},
}

func (g good) isList() bool { return g.body == list || g.body == leadsFile }

func below(path, body string) func(*world) good {
	return func(w *world) good { return good{w.lead("ann") + path, body} }
}

// cold is a lead that went cold: a call with the wrong person, and nobody else
// was named.
func (w *world) cold(name string) string {
	lead := w.lead(name)
	w.postf(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"%s"}}`, w.in(time.Hour)).is(http.StatusOK)
	w.pass(time.Hour)
	w.post(api.Rep, lead+"/outcomes", `{"outcome":"wrong_person"}`).is(http.StatusOK)
	w.pass(8 * 24 * time.Hour)
	require.Equal(w, "cold", w.get(api.Rep, lead).is(http.StatusOK).text("stage"))
	return lead
}

// previews are those that say what another one would do: preview_test.go.
func previews(operation string) bool { return strings.HasSuffix(operation, "/preview") }

// posts lists every POST that the API has and that does something.
func (w *world) posts() (all []string) {
	w.Helper()
	for _, operation := range w.operations() {
		if strings.HasPrefix(operation, http.MethodPost) && !previews(operation) {
			require.Contains(w, goods, operation, "a new POST: write down a good request for it")
			all = append(all, operation)
		}
	}
	require.Len(w, all, len(goods))
	return all
}

// eachPost runs a test for every POST in a world of its own.
func eachPost(t *testing.T, test func(w *world, g request)) {
	for _, operation := range newWorld(t).posts() {
		t.Run(operation, func(t *testing.T) {
			w := newWorld(t)
			g := goods[operation](w)
			r := request{method: http.MethodPost, path: g.path, body: g.body, key: w.keys[api.Admin], once: uuid.NewString()}
			if g.isList() {
				r.contentType = "text/csv"
			}
			test(w, r)
		})
	}
}

func TestAPostWithoutAnIdempotencyKeyIsRefused(t *testing.T) {
	eachPost(t, func(w *world, r request) {
		before := w.records()
		for _, once := range []string{"", strings.Repeat("k", 201), "\xff\xfe"} {
			r.once = once
			w.send(r).problem(http.StatusBadRequest, "idempotency_key_missing", "header.Idempotency-Key")
		}
		w.unchanged(before)
	})
}

func TestTheSameRequestAgainGivesTheSameAnswerAndHasOneEffect(t *testing.T) {
	eachPost(t, func(w *world, r request) {
		first := w.send(r)
		require.Contains(w, []int{http.StatusOK, http.StatusCreated}, first.status, "%s", first.body)
		require.Empty(w, first.header.Get("Idempotency-Replayed"))
		after := w.records()
		replayed := "true"
		if strings.HasSuffix(r.path, "/hook-trials") { // it is answered anew, and the same
			replayed = ""
			require.Zero(w, w.number(`SELECT count(*) FROM idempotency_keys WHERE response IS NOT NULL AND convert_from(response, 'UTF8') LIKE '%bo@acme.example%'`), "nobody of an example is kept")
		}
		for range 2 {
			again := w.send(r).is(first.status)
			require.Equal(w, replayed, again.header.Get("Idempotency-Replayed"))
			require.Equal(w, first.header.Get("Content-Type"), again.header.Get("Content-Type"))
			require.Equal(w, string(first.body), string(again.body))
		}
		w.unchanged(after)
	})
}

func TestAnIdempotencyKeyIsNotTakenForAnotherRequest(t *testing.T) {
	eachPost(t, func(w *world, r request) {
		first := w.send(r)
		after := w.records()
		r.body += "\n"
		w.send(r).problem(http.StatusUnprocessableEntity, "idempotency_key_reused", "header.Idempotency-Key")
		r.path += "?again=1"
		w.send(r).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
		w.unchanged(after)
		require.Less(w, first.status, 300)
	})
}

func TestTheSameRequestInFlightIsToldToWait(t *testing.T) {
	w := newWorld(t)
	r := request{method: http.MethodPost, path: "/v1/opt-outs", key: w.keys[api.Integration], once: "k1", body: `{"email":"a@b.example"}`}
	w.send(r).is(http.StatusOK)
	w.exec(`UPDATE idempotency_keys SET status = NULL, response = NULL`)

	a := w.send(r)
	a.problem(http.StatusConflict, "in_flight")
	require.Equal(t, "1", a.header.Get("Retry-After"))

	w.exec(`UPDATE idempotency_keys SET started_at = started_at - interval '3 minutes'`)
	require.Empty(t, w.send(r).is(http.StatusOK).header.Get("Idempotency-Replayed"), "whoever held the key is gone: the request is served")
}

func TestTheKeysOfTwoCallersDoNotCollide(t *testing.T) {
	w := newWorld(t)
	for role, email := range map[string]string{api.Rep: "one@acme.example", api.Integration: "two@acme.example"} {
		a := w.send(request{
			method: http.MethodPost, path: "/v1/leads", key: w.keys[role], once: "the-same",
			body: `{"email":"` + email + `","source":"ebook_download"}`,
		}).is(http.StatusCreated)
		require.Empty(t, a.header.Get("Idempotency-Replayed"))
	}
	require.Equal(t, 2, w.number(`SELECT count(*) FROM leads`))
}

func TestARefusalIsRememberedToo(t *testing.T) {
	w := newWorld(t)
	r := request{method: http.MethodPost, path: "/v1/leads", key: w.keys[api.Rep], once: "k1", body: `{"source":"ebook_download"}`}
	first := w.send(r)
	first.problem(http.StatusUnprocessableEntity, "not_valid", "body.email")
	again := w.send(r)
	again.problem(http.StatusUnprocessableEntity, "not_valid", "body.email")
	require.Equal(t, "true", again.header.Get("Idempotency-Replayed"))
}

func TestAnAnswerThatPromisesNothingIsNotKept(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann")
	r := request{method: http.MethodPost, path: lead + "/snooze", key: w.keys[api.Rep], once: "k1", body: `{"until":"2026-04-01T10:00:00Z"}`}

	w.engine(true)
	w.send(r).problem(http.StatusServiceUnavailable, "engine_away")
	other := r
	other.body = `{"until":"2026-05-01T10:00:00Z"}`
	w.send(other).problem(http.StatusUnprocessableEntity, "idempotency_key_reused", "header.Idempotency-Key")
	w.engine(false)

	w.lives.slow = true
	require.Equal(t, true, w.send(r).is(http.StatusAccepted).at("pending"))
	w.send(other).problem(http.StatusUnprocessableEntity, "idempotency_key_reused", "header.Idempotency-Key")
	w.lives.slow = false

	require.NoError(t, w.store.ForgetKeys(t.Context(), db.ForgetKeysParams{Before: time.Now().AddDate(0, 0, -7), Most: 100}), "housekeeping goes on meanwhile")
	a := w.send(r).is(http.StatusOK)
	require.Empty(t, a.header.Get("Idempotency-Replayed"))
	require.Equal(t, "2026-04-01T10:00:00Z", a.text("next_at"))
	require.Equal(t, 1, count[sequence.Snoozed](w.lives, idOf(lead)))
	require.Equal(t, "true", w.send(r).is(http.StatusOK).header.Get("Idempotency-Replayed"))
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	_, err := w.store.Pool.Exec(w.Context(), query, args...)
	require.NoError(w, err)
}
