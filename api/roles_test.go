package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

// mayUse is who may use each operation. It is written by hand: a new route fails
// the test until somebody has thought about it here.
var mayUse = map[string]string{
	"GET /v1/leads":                                          "rep manager integration admin",
	"POST /v1/leads":                                         "rep manager integration admin",
	"POST /v1/leads/bulk":                                    "rep manager integration admin",
	"GET /v1/leads/{id}":                                     "rep manager integration admin",
	"GET /v1/leads/{id}/explanation":                         "rep manager integration admin",
	"GET /v1/leads/{id}/timeline":                            "rep manager integration admin",
	"GET /v1/leads/{id}/ahead":                               "rep manager integration admin",
	"GET /v1/leads/{id}/stakeholders":                        "rep manager admin",
	"GET /v1/me":                                             "rep manager integration admin",
	"GET /v1/users":                                          "rep manager admin",
	"POST /v1/tasks/{id}/snooze":                             "rep manager admin",
	"POST /v1/tasks/{id}/hand-over":                          "rep manager admin",
	"POST /v1/engagements":                                   "rep manager integration admin",
	"POST /v1/replies":                                       "rep manager integration admin",
	"POST /v1/opt-outs":                                      "rep manager integration admin",
	"POST /v1/leads/{id}/opt-out":                            "rep manager integration admin",
	"POST /v1/leads/{id}/addresses":                          "rep manager admin",
	"POST /v1/leads/{id}/outcomes":                           "rep manager admin",
	"POST /v1/leads/{id}/snooze":                             "rep manager admin",
	"POST /v1/leads/{id}/pause":                              "rep manager admin",
	"POST /v1/leads/{id}/resume":                             "rep manager admin",
	"POST /v1/leads/{id}/win":                                "rep manager admin",
	"POST /v1/leads/{id}/disqualify":                         "rep manager admin",
	"POST /v1/leads/{id}/stakeholders":                       "rep manager admin",
	"POST /v1/leads/{id}/proposals":                          "rep manager admin",
	"POST /v1/leads/{id}/permissions":                        "rep manager admin",
	"POST /v1/leads/{id}/diagnosis":                          "rep manager admin",
	"POST /v1/leads/{id}/reassign":                           "manager admin",
	"GET /v1/queue":                                          "rep manager admin",
	"GET /v1/tasks/{id}":                                     "rep manager admin",
	"POST /v1/tasks/{id}/complete":                           "rep manager admin",
	"GET /v1/notifications":                                  "rep manager admin",
	"GET /v1/content":                                        "rep manager admin",
	"POST /v1/content":                                       "manager admin",
	"POST /v1/leads/{id}/amount":                             "rep manager admin",
	"POST /v1/leads/{id}/outcomes/{outcome_id}/undo":         "rep manager admin",
	"GET /v1/playbooks":                                      "rep manager admin",
	"GET /v1/playbooks/{id}":                                 "rep manager admin",
	"POST /v1/playbooks":                                     "manager admin",
	"POST /v1/playbooks/{id}/release":                        "manager admin",
	"POST /v1/playbooks/impact":                              "manager admin",
	"POST /v1/playbook-moves":                                "manager admin",
	"GET /v1/playbook-moves":                                 "manager admin",
	"GET /v1/playbook-moves/{id}":                            "manager admin",
	"POST /v1/playbooks/check":                               "manager admin",
	"POST /v1/simulations":                                   "manager admin",
	"GET /v1/leads/{id}/outcomes":                            "rep manager admin",
	"GET /v1/board":                                          "manager admin",
	"GET /v1/reports/managing":                               "manager admin",
	"GET /v1/rules":                                          "rep manager integration admin",
	"POST /v1/rehearsals":                                    "rep manager admin",
	"PUT /v1/users/{user}/calendar-feed":                     "rep manager admin",
	"DELETE /v1/users/{user}/calendar-feed":                  "rep manager admin",
	"GET /v1/leads/{id}/permissions":                         "rep manager admin",
	"GET /v1/leads/{id}/messages":                            "rep manager admin",
	"GET /v1/sends":                                          "rep manager admin",
	"POST /v1/leads/{id}/sends/{touch}/settle":               "rep manager admin",
	"GET /v1/inbound-messages":                               "rep manager admin",
	"GET /v1/inbound-messages/{id}":                          "rep manager admin",
	"GET /v1/inbound-messages/{id}/raw":                      "rep manager admin",
	"POST /v1/inbound-messages/{id}/assign":                  "rep manager admin",
	"POST /v1/inbound-messages/{id}/dismiss":                 "rep manager admin",
	"GET /v1/hooks":                                          "manager admin",
	"PUT /v1/hooks/{name}":                                   "manager admin",
	"GET /v1/hooks/{name}":                                   "manager admin",
	"PUT /v1/hooks/{name}/secret":                            "manager admin",
	"POST /v1/hooks/{name}/again":                            "manager admin",
	"POST /v1/hook-trials":                                   "manager admin",
	"DELETE /v1/hooks/{name}":                                "manager admin",
	"GET /v1/hooks/{name}/deliveries":                        "manager admin",
	"GET /v1/hooks/{name}/deliveries/{id}":                   "manager admin",
	"POST /v1/hooks/{name}/deliveries/{id}/again":            "manager admin",
	"GET /v1/mailboxes":                                      "rep manager admin",
	"PUT /v1/mailboxes/{name}":                               "manager admin",
	"POST /v1/mailboxes/{name}/park":                         "manager admin",
	"POST /v1/mailboxes/{name}/resume":                       "manager admin",
	"GET /v1/suppressions":                                   "manager admin",
	"GET /v1/suppressions.csv":                               "manager admin",
	"POST /v1/suppressions":                                  "manager admin",
	"POST /v1/suppressions/import":                           "manager admin",
	"GET /v1/batches":                                        "manager admin",
	"POST /v1/batches":                                       "manager admin",
	"GET /v1/batches/{id}":                                   "manager admin",
	"GET /v1/batches/{id}/leads":                             "manager admin",
	"POST /v1/batches/{id}/terms":                            "manager admin",
	"POST /v1/batches/{id}/start":                            "manager admin",
	"POST /v1/batches/{id}/stop":                             "manager admin",
	"POST /v1/batches/{id}/undo":                             "manager admin",
	"GET /v1/imports":                                        "manager admin",
	"POST /v1/imports":                                       "manager admin",
	"GET /v1/imports/{id}":                                   "manager admin",
	"POST /v1/imports/{id}/plan":                             "manager admin",
	"POST /v1/imports/{id}/check":                            "manager admin",
	"POST /v1/imports/{id}/start":                            "manager admin",
	"POST /v1/imports/{id}/stop":                             "manager admin",
	"GET /v1/imports/{id}/rows":                              "manager admin",
	"GET /v1/imports/{id}/result.csv":                        "manager admin",
	"GET /v1/leads/{id}/origin":                              "rep manager admin",
	"GET /v1/people":                                         "manager admin",
	"GET /v1/people/{id}/export":                             "manager admin",
	"GET /v1/people/{id}/erasure":                            "manager admin",
	"POST /v1/people/{id}/erasure":                           "manager admin",
	"GET /v1/audit":                                          "manager admin",
	"GET /v1/audit.csv":                                      "manager admin",
	"GET /v1/webhooks":                                       "manager admin",
	"GET /v1/webhooks/{name}":                                "manager admin",
	"PUT /v1/webhooks/{name}":                                "manager admin",
	"DELETE /v1/webhooks/{name}":                             "manager admin",
	"PUT /v1/webhooks/{name}/secret":                         "manager admin",
	"POST /v1/webhooks/{name}/ping":                          "manager admin",
	"POST /v1/webhooks/{name}/park":                          "manager admin",
	"POST /v1/webhooks/{name}/resume":                        "manager admin",
	"POST /v1/webhooks/{name}/replay":                        "manager admin",
	"GET /v1/webhooks/{name}/deliveries":                     "manager admin",
	"POST /v1/webhooks/{name}/deliveries/{n}/replay":         "manager admin",
	"POST /v1/leads/{id}/opt-out/preview":                    "rep manager integration admin",
	"POST /v1/leads/{id}/addresses/preview":                  "rep manager admin",
	"POST /v1/leads/{id}/outcomes/preview":                   "rep manager admin",
	"POST /v1/leads/{id}/snooze/preview":                     "rep manager admin",
	"POST /v1/leads/{id}/pause/preview":                      "rep manager admin",
	"POST /v1/leads/{id}/resume/preview":                     "rep manager admin",
	"POST /v1/leads/{id}/win/preview":                        "rep manager admin",
	"POST /v1/leads/{id}/disqualify/preview":                 "rep manager admin",
	"POST /v1/leads/{id}/stakeholders/preview":               "rep manager admin",
	"POST /v1/leads/{id}/proposals/preview":                  "rep manager admin",
	"POST /v1/leads/{id}/permissions/preview":                "rep manager admin",
	"POST /v1/leads/{id}/diagnosis/preview":                  "rep manager admin",
	"POST /v1/leads/{id}/reassign/preview":                   "manager admin",
	"POST /v1/tasks/{id}/complete/preview":                   "rep manager admin",
	"POST /v1/notifications/{id}/read":                       "rep manager admin",
	"POST /v1/leads/{id}/amount/preview":                     "rep manager admin",
	"POST /v1/leads/{id}/outcomes/{outcome_id}/undo/preview": "rep manager admin",
}

func TestEveryOperationIsOpenToItsRolesAndNobodyElse(t *testing.T) {
	w := newWorld(t)
	for _, operation := range w.operations() {
		roles, known := mayUse[operation]
		require.True(t, known, "%s is new: write down who may use it", operation)
		for _, role := range []string{api.Rep, api.Manager, api.Integration, api.Admin} {
			t.Run(operation+" as "+role, func(t *testing.T) {
				a := w.send(try(operation, w.keys[role]))
				a.TB = t
				if strings.Contains(roles, role) {
					require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden}, a.status, "%s", a.body)
					require.Less(t, a.status, 500, "%s", a.body)
					return
				}
				p := a.problem(http.StatusForbidden, "role_not_allowed")
				require.Contains(t, p.Detail, role)
			})
		}
	}
	require.Len(t, w.operations(), len(mayUse), "a route in the table exists no more")
}

func TestNoOperationIsOpenWithoutAValidKey(t *testing.T) {
	w := newWorld(t)
	revoked := w.key("admin", nil)
	key := w.keys["admin"]
	n, err := w.store.RevokeKey(t.Context(), revoked)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	gone := w.user("Gone", "rep")
	w.key("rep", &gone)
	_, err = w.store.Pool.Exec(t.Context(), `UPDATE users SET active = false WHERE id = $1`, gone)
	require.NoError(t, err)

	before := w.records()
	for _, operation := range w.operations() {
		for name, c := range map[string]struct{ key, code string }{
			"no key":                   {"", "key_missing"},
			"an unknown key":           {"rk_unknown", "key_unknown"},
			"a revoked key":            {key, "key_unknown"},
			"the key of somebody gone": {w.keys["rep"], "key_unknown"},
		} {
			t.Run(operation+" with "+name, func(t *testing.T) {
				a := w.send(try(operation, c.key))
				a.TB = t
				a.problem(http.StatusUnauthorized, c.code)
				require.Equal(t, "Bearer", a.header.Get("WWW-Authenticate"))
			})
		}
	}
	w.unchanged(before)
	require.Zero(t, w.number(`SELECT count(*) FROM idempotency_keys`), "a stranger takes no Idempotency-Key")
}

func TestAKeyIsTakenWhateverTheCaseOfItsScheme(t *testing.T) {
	w := newWorld(t)
	for scheme, status := range map[string]int{"Bearer ": 200, "bearer ": 200, "BEARER  ": 200, "Basic ": 401, "": 401} {
		r := request{method: http.MethodGet, path: "/v1/leads"}
		q, rec := r.with("Authorization", scheme+w.keys["rep"])
		w.api.ServeHTTP(rec, q)
		require.Equal(t, status, rec.Code, "%q", scheme)
	}
}

// try is a request to an operation for a lead or task that does not exist.
func try(operation, key string) request {
	method, path, _ := strings.Cut(operation, " ")
	r := request{method: method, path: strings.NewReplacer("{id}", uuid.NewString(), "{outcome_id}", uuid.NewString(), "{user}", uuid.NewString(), "{name}", "nobody", "{touch}", "t1", "{n}", "7").Replace(path), key: key}
	if method == http.MethodPost {
		r.once, r.body = uuid.NewString(), "{}"
	}
	return r
}
