package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/signin"
)

// The roles of a key.
const (
	Rep         = "rep"
	Manager     = "manager"
	Integration = "integration"
	Admin       = "admin"
)

// The groups that routes are open to; an admin may do everything.
var (
	everybody = []string{Rep, Manager, Integration, Admin}
	people    = []string{Rep, Manager, Admin}
	managers  = []string{Manager, Admin}
)

// caller is who makes the request.
type caller struct {
	Principal  string // id of the key, or of the user who has signed in
	Role       string
	User       *uuid.UUID // the key's user
	OwnOnly    bool       // sees only leads of their own
	RequestKey string     // the Idempotency-Key
	Repeats    bool       // the same request came before, and its result is not known
}

// actor is the id that stands in the audit trail.
func (c caller) actor() string {
	if c.User != nil {
		return c.User.String()
	}
	return "key:" + c.Principal
}

type callerKey struct{}

func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

// HashKey is how an API key is kept.
func HashKey(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return sum[:]
}

// authenticate finds who calls, and checks the role of every route.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	c, err := a.identify(ctx)
	if err != nil {
		p := fail(ctx.Context(), err).(*Problem)
		if p.Status == http.StatusUnauthorized {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
		}
		writeProblem(humagin.Unwrap(ctx), p)
		return
	}
	roles, _ := ctx.Operation().Metadata["roles"].([]string)
	if c.Role != Admin && !slices.Contains(roles, c.Role) {
		writeProblem(humagin.Unwrap(ctx), problem(http.StatusForbidden, "role_not_allowed", "a key of role "+c.Role+" may not do this",
			"use a key of role "+strings.Join(roles, " or ")))
		return
	}
	c.RequestKey = ctx.Header("Idempotency-Key")
	next(huma.WithValue(ctx, callerKey{}, c))
}

// identify finds the owner of the key, or of the session that a browser sends.
func (a *API) identify(ctx huma.Context) (caller, error) {
	if scheme, key, _ := strings.Cut(ctx.Header("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		row, err := a.Store.KeyByHash(ctx.Context(), HashKey(strings.TrimSpace(key)))
		if errors.Is(err, pgx.ErrNoRows) {
			return caller{}, problem(http.StatusUnauthorized, "key_unknown", "this API key is unknown or revoked", "make one with: rekindle key create")
		}
		if err != nil {
			return caller{}, fmt.Errorf("read an API key: %w", err)
		}
		return caller{Principal: row.ID.String(), Role: row.Role, User: row.UserID, OwnOnly: row.OwnOnly && row.Role == Rep}, nil
	}
	session, err := humagin.Unwrap(ctx).Cookie(signin.Cookie)
	if err != nil {
		return caller{}, problem(http.StatusUnauthorized, "key_missing", "the request carries no API key", "send it as: Authorization: Bearer rk_...")
	}
	who, err := a.SignIn.Who(ctx.Context(), session)
	if errors.Is(err, signin.ErrWrong) {
		return caller{}, problem(http.StatusUnauthorized, "session_over", "this session is over", "sign in again")
	}
	return caller{Principal: "user:" + who.User.String(), Role: who.Role, User: &who.User, OwnOnly: who.OwnOnly}, err
}

func logPanic(c *gin.Context, r any) {
	slog.ErrorContext(c, "request panicked", "route", c.FullPath(), "panic", r, "stack", string(debug.Stack()))
}
