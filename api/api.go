// Package api is the HTTP interface: it checks requests, hands them to the door,
// to the leads or to the records, and answers in JSON. One file per resource, and
// every failure leaves through errors.go.
//
// It knows the workflow's messages through the ports below; it must not know
// Temporal's client, SQL or what a rule means.
package api

import (
	"context"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/swaggest/swgui/v5emb"

	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/signin"
	"github.com/rekindlehq/rekindle/internal/webhooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// Lives are the running leads.
type Lives interface {
	// Ask lets a decision reach a lead and returns the lead as it is then. Errors:
	// *sequence.Refusal, engine.ErrAway, engine.ErrUnanswered, engine.ErrPending, engine.ErrNotRunning.
	Ask(ctx context.Context, lead, update, id string, event sequence.Event) (sequence.Lead, error)
	// Ready reports whether the engine answers.
	Ready(ctx context.Context) error
}

// API is everything a handler needs.
type API struct {
	Store     *postgres.Store
	Door      *door.Door
	Lives     Lives
	Playbook  func(id string) (*sequence.Playbook, bool)
	Policy    policy.Policy
	SignIn    signin.SignIn // people who have signed in may use it from the pages
	Imports   importing.Imports
	Batches   batch.Batches
	Version   string
	Company   string // as what is said to a voicemail names it
	PublicURL string // where the world reaches it; addresses of calendars begin with it
	Room      mailroom.Room
	Webhooks  webhooks.Webhooks
	Hooks     hook.Hooks // what other services report by webhook

	// WebhookSecrets sign mail that a webhook brings; any of them counts, so that
	// they can be changed one after the other. Without one no webhook is served.
	WebhookSecrets []string

	simulating sync.Mutex    // a simulation takes a core for seconds
	refused    hook.Refusals // webhooks that were turned away
}

// maxBody is the largest request body in bytes.
const maxBody = 1 << 20

// hooks sets huma's, which are variables of its package, once.
var hooks sync.Once

// Handler builds the whole interface.
func (a *API) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.Use(recoverToProblem, secureHeaders)
	router.NoRoute(plainProblem(http.StatusNotFound, "there is nothing here"))
	router.NoMethod(plainProblem(http.StatusMethodNotAllowed, "this address does not take that method"))

	hooks.Do(func() {
		huma.NewError = newError
		huma.ValidateStrictCasing = true
	})
	config := huma.DefaultConfig("Rekindle", a.Version)
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", nil
	config.RejectUnknownQueryParameters = true
	config.Info.Description = "Keep every lead alive: enrol, report outcomes, ask why and what comes next. " +
		"Every POST needs an Idempotency-Key header; the same key and body again give the same answer, once."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key made by `rekindle key create`"},
	}
	api := humagin.New(router, config)
	api.UseMiddleware(a.authenticate, readable, a.onlyOnce)

	a.leads(api)
	a.engagements(api)
	a.outcomes(api)
	a.decisions(api)
	a.tasks(api)
	a.notifications(api)
	a.readers(api)
	a.content(api)
	a.playbooks(api)
	a.drafts(api)
	a.rules(api)
	a.reports(api)
	a.stops(api, router)
	a.addresses(api)
	a.calendars(api, router)
	a.permissions(api)
	a.mailboxes(api)
	a.inbound(api)
	a.sends(api)
	a.suppressions(api)
	a.imports(api)
	a.batches(api)
	a.rights(api)
	a.audit(api)
	a.webhooks(api)
	a.hookSources(api)
	a.hookTrials(api)
	a.hooked(router)
	a.webhook(router)
	a.health(router)
	docs := v5emb.New("Rekindle", "/openapi.json", "/docs/")
	router.GET("/docs/*any", gin.WrapH(docs))
	router.GET("/docs", func(c *gin.Context) { c.Redirect(http.StatusFound, "/docs/") })
	return router
}

// operation describes one route: who may use it, and that it has one effect.
func operation(method, path, id, summary string, roles ...string) huma.Operation {
	op := huma.Operation{
		Method: method, Path: "/v1" + path, OperationID: id, Summary: summary,
		Tags:     []string{strings.Split(path, "/")[1]},
		Metadata: map[string]any{"roles": roles}, MaxBodyBytes: maxBody,
		Security: []map[string][]string{{"key": {}}},
		Errors:   []int{400, 401, 403, 404, 409, 422, 503},
	}
	if method == http.MethodPost {
		op.Parameters = []*huma.Param{{
			Name: "Idempotency-Key", In: "header", Required: true, Example: "7e1c3a52-2f39-4f0e-9a52-6b1f0d0c7a11",
			Description: "A fresh UUID per request, the same one when the request is repeated",
			Schema:      &huma.Schema{Type: huma.TypeString},
		}}
	}
	return op
}

// beside is the route that says what an action would do now. It takes the body of the
// action and is open to the same roles; because it has no effect, it needs no
// Idempotency-Key and takes none.
func beside(op huma.Operation) huma.Operation {
	op.Path, op.OperationID, op.Summary = op.Path+"/preview", op.OperationID+"Preview", "What this would do now; nothing is done: "+op.Summary
	op.Parameters = nil
	op.Metadata = map[string]any{"roles": op.Metadata["roles"], "harmless": true}
	return op
}

// route registers a handler whose errors leave through fail.
func route[I, O any](api huma.API, op huma.Operation, handle func(context.Context, *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		return out, fail(ctx, err)
	})
}

// body is a response that is only a body.
type body[T any] struct {
	Status int `json:"-"`
	Body   T
}

func reply[T any](v T) *body[T] { return &body[T]{Status: http.StatusOK, Body: v} }

func created[T any](v T) *body[T] { return &body[T]{Status: http.StatusCreated, Body: v} }

// homes are packages whose types have short names there.
var homes = map[string]string{"batch": "Batch", "importing": "Import", "hook": "Hook", "population": "Simulation", "playbooks": "Playbook"}

// schemaName tells types whose names are short at home from others.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return homes[path.Base(t.PkgPath())] + name
}

func (a *API) now() time.Time { return a.Door.Now() }

// derivedID gives the same id for the same request of the same caller, so that a
// repeated request writes the same row.
func derivedID(ctx context.Context, what string) uuid.UUID {
	c := callerOf(ctx)
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("rekindle:"+what+":"+c.Principal+":"+c.RequestKey))
}

func plainProblem(status int, detail string) gin.HandlerFunc {
	return func(c *gin.Context) { writeProblem(c, newError(status, detail).(*Problem)) }
}

func writeProblem(c *gin.Context, p *Problem) {
	c.Header("Content-Type", "application/problem+json")
	if p.retryAfter != "" {
		c.Header("Retry-After", p.retryAfter)
	}
	c.AbortWithStatusJSON(p.Status, p)
}

func recoverToProblem(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler { //nolint:errorlint // a value, not a chain: the server breaks the answer off
				panic(r)
			}
			logPanic(c, r)
			if !c.Writer.Written() {
				writeProblem(c, newError(http.StatusInternalServerError, "something went wrong on our side").(*Problem))
			}
		}
	}()
	c.Next()
}

func secureHeaders(c *gin.Context) {
	c.Header("X-Content-Type-Options", "nosniff")
	c.Header("Referrer-Policy", "no-referrer")
	c.Next()
}
