package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// maxKey is the longest Idempotency-Key in bytes.
const maxKey = 200

// onlyOnce gives every POST one effect per Idempotency-Key (the IETF draft): 400
// when it is missing, 409 while the first is in flight, 422 when it comes back
// with another body, else the first answer again.
func (a *API) onlyOnce(ctx huma.Context, next func(huma.Context)) {
	if ctx.Method() != http.MethodPost || ctx.Operation().Metadata["harmless"] != nil {
		next(ctx)
		return
	}
	c := humagin.Unwrap(ctx)
	key := ctx.Header("Idempotency-Key")
	if key == "" || len(key) > maxKey || textFault(key) != "" {
		writeProblem(c, problem(http.StatusBadRequest, "idempotency_key_missing", "a POST needs an Idempotency-Key of 1 to 200 characters",
			"send a fresh UUID in the header Idempotency-Key, and the same one when you repeat the request", Fault{"header.Idempotency-Key", "missing, too long or not text"}))
		return
	}
	read, _ := io.ReadAll(c.Request.Body) // readable has it in memory
	c.Request.Body = io.NopCloser(bytes.NewReader(read))
	sum := sha256.Sum256(append([]byte(c.Request.Method+" "+c.Request.URL.Path+"\n"), read...))
	claim := db.ClaimKeyParams{Principal: callerOf(ctx.Context()).Principal, Key: key, Request: sum[:]}
	if repeated, err := a.Store.ClaimKey(ctx.Context(), claim); err == nil {
		caller := callerOf(ctx.Context())
		caller.Repeats = repeated
		a.first(c, huma.WithValue(ctx, callerKey{}, caller), next, claim)
		return
	} else if !errors.Is(err, pgx.ErrNoRows) {
		writeProblem(c, fail(ctx.Context(), err).(*Problem))
		return
	}
	a.again(c, ctx.Context(), claim)
}

// unkept marks an operation that changes nothing and whose answer quotes people that we
// may know nothing of: the same request, and no other, is answered anew.
const unkept = "unkept"

// first serves the request and keeps its answer. Answers that promise nothing
// (5xx, 202) are not kept: the same request, and no other, may try again.
func (a *API) first(c *gin.Context, ctx huma.Context, next func(huma.Context), claim db.ClaimKeyParams) {
	recorder := &recorder{ResponseWriter: c.Writer}
	c.Writer = recorder
	settled := context.WithoutCancel(ctx.Context())
	defer func() {
		c.Writer = recorder.ResponseWriter
		var err error
		status := recorder.Status()
		if r := recover(); r != nil || status >= 500 || status == http.StatusAccepted || ctx.Operation().Metadata[unkept] == true {
			err = a.Store.ReleaseKey(settled, db.ReleaseKeyParams{Principal: claim.Principal, Key: claim.Key})
			if r != nil {
				panic(r)
			}
		} else {
			err = a.Store.FinishKey(settled, db.FinishKeyParams{
				Status: int32(status), Response: recorder.body.Bytes(), Principal: claim.Principal, Key: claim.Key,
			})
		}
		if err != nil {
			slog.ErrorContext(settled, "an idempotency key cannot be kept", "error", err)
		}
	}()
	next(ctx)
}

// again answers a repeated request.
func (a *API) again(c *gin.Context, ctx context.Context, claim db.ClaimKeyParams) {
	known, err := a.Store.Key(ctx, db.KeyParams{Principal: claim.Principal, Key: claim.Key})
	switch {
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		writeProblem(c, fail(ctx, err).(*Problem))
	case err == nil && !bytes.Equal(known.Request, claim.Request):
		writeProblem(c, problem(http.StatusUnprocessableEntity, "idempotency_key_reused", "this Idempotency-Key came with another request before",
			"use a fresh key for a new request", Fault{"header.Idempotency-Key", "used for another request"}))
	case err != nil || known.Status == nil:
		p := problem(http.StatusConflict, "in_flight", "the same request is being served at this moment", "wait a moment and send it again")
		p.retryAfter = "1"
		writeProblem(c, p)
	default:
		contentType := "application/json"
		if *known.Status >= 400 {
			contentType = "application/problem+json"
		}
		c.Header("Idempotency-Replayed", "true")
		c.Data(int(*known.Status), contentType, known.Response)
		c.Abort()
	}
}

type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}
