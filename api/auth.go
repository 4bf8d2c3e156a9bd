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
	Principal  string // id of the key
	Role       string
	User       *uuid.UUID // the key's user
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

// authenticate finds the key's owner and checks the role of every route.
func (a *API) authenticate(ctx huma.Context, next func(huma.Context)) {
	refuse := func(status int, code, detail, remedy string) {
		if status == http.StatusUnauthorized {
			ctx.SetHeader("WWW-Authenticate", "Bearer")
		}
		writeProblem(humagin.Unwrap(ctx), problem(status, code, detail, remedy))
	}
	scheme, key, _ := strings.Cut(ctx.Header("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		refuse(http.StatusUnauthorized, "key_missing", "the request carries no API key", "send it as: Authorization: Bearer rk_...")
		return
	}
	row, err := a.Store.KeyByHash(ctx.Context(), HashKey(strings.TrimSpace(key)))
	if errors.Is(err, pgx.ErrNoRows) {
		refuse(http.StatusUnauthorized, "key_unknown", "this API key is unknown or revoked", "make one with: rekindle key create")
		return
	}
	if err != nil {
		writeProblem(humagin.Unwrap(ctx), fail(ctx.Context(), fmt.Errorf("read an API key: %w", err)).(*Problem))
		return
	}
	roles, _ := ctx.Operation().Metadata["roles"].([]string)
	if row.Role != Admin && !slices.Contains(roles, row.Role) {
		refuse(http.StatusForbidden, "role_not_allowed", "a key of role "+row.Role+" may not do this",
			"use a key of role "+strings.Join(roles, " or "))
		return
	}
	c := caller{Principal: row.ID.String(), Role: row.Role, User: row.UserID, RequestKey: ctx.Header("Idempotency-Key")}
	next(huma.WithValue(ctx, callerKey{}, c))
}

func logPanic(c *gin.Context, r any) {
	slog.ErrorContext(c, "request panicked", "route", c.FullPath(), "panic", r, "stack", string(debug.Stack()))
}
