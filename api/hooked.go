package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// HookKept is the answer to a webhook: it is written down, and has its effect now or
// later, once.
type HookKept struct {
	ID uuid.UUID `json:"delivery_id"`
}

// handledWithin is how long a service waits for us to make something of what it brought.
// It is written down before; what takes longer is done afterwards.
const handledWithin = 3 * time.Second

// hooked registers the way in for services that report by webhook. Whoever calls has no
// key: the call is signed as the service signs.
func (a *API) hooked(router *gin.Engine) {
	router.POST("/v1/hooks/:name", func(c *gin.Context) {
		id, err := a.keepHook(c)
		if err != nil {
			var p *Problem
			if errors.As(fail(c, err), &p) {
				writeProblem(c, p)
			}
			return
		}
		a.handleSoon(c, id)
		c.JSON(http.StatusOK, HookKept{id})
	})
}

func (a *API) keepHook(c *gin.Context) (uuid.UUID, error) {
	source, secrets, err := a.Hooks.Open(c, c.Param("name"))
	if err != nil && !errors.Is(err, hook.ErrNoSource) {
		return uuid.Nil, err
	}
	if err != nil || !source.Active {
		return uuid.Nil, hook.ErrNoSource
	}
	if !hook.Carries(source.Kind, c.Request.Header) { // a stranger's body is not even read
		return uuid.Nil, a.hookRefused(c, source, hook.ErrUnsigned)
	}
	content, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return uuid.Nil, newError(http.StatusRequestEntityTooLarge, "the webhook is larger than 1 MiB")
	case err != nil:
		return uuid.Nil, newError(http.StatusBadRequest, "the request body ended too soon")
	}
	call := hook.Call{Method: c.Request.Method, URL: hook.URL(a.PublicURL, source.Name), Header: c.Request.Header, Body: content}
	if err := hook.Verify(source.Kind, secrets, call, time.Now()); err != nil {
		return uuid.Nil, a.hookRefused(c, source, err)
	}
	return a.Hooks.Keep(c, source, call)
}

// hookRefused notes that somebody called who may not, or too late; nothing of the call is
// kept.
func (a *API) hookRefused(ctx context.Context, source db.InboundSource, err error) error {
	slog.WarnContext(ctx, "a webhook was refused", "source", source.Name, "why", err)
	why, refusal := hook.NotSigned, problem(http.StatusUnauthorized, "webhook_not_signed", err.Error(),
		"give the service the secret of the source and exactly its address; docs/inbound-webhooks.md says where")
	if errors.Is(err, hook.ErrOutOfTime) {
		why, refusal = hook.OutOfTime, problem(http.StatusBadRequest, "webhook_out_of_time", err.Error(), "sign it anew when it is sent again, and set the clock of the sender")
	}
	if err := a.Hooks.Refuse(ctx, &a.refused, source.ID, why); err != nil { // it is refused all the same
		slog.WarnContext(ctx, "a webhook that was refused is not counted", "source", source.Name, "error", err)
	}
	return refusal
}

// handleSoon handles one delivery now if that is quick; housekeeping handles it otherwise.
func (a *API) handleSoon(ctx context.Context, id uuid.UUID) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handledWithin)
	defer cancel()
	if _, err := a.handle(ctx, &id, 1); err != nil {
		slog.InfoContext(ctx, "a webhook is handled later", "delivery", id, "error", err)
	}
}

// HandleHooks handles the webhooks that wait. Whoever keeps house calls it; any number
// may at once.
func (a *API) HandleHooks(ctx context.Context) error {
	for {
		n, err := a.handle(ctx, nil, 5) // few, because they are taken for a minute
		if err != nil || n == 0 {
			return err
		}
	}
}

// handle takes some deliveries and reports how many it was through with. It stops when
// what it needs is away.
func (a *API) handle(ctx context.Context, id *uuid.UUID, most int) (n int, err error) {
	claimed, err := a.Hooks.Claim(ctx, id, most)
	if err != nil {
		return 0, err
	}
	for _, d := range claimed {
		settled, err := a.effect(ctx, d)
		var p *Problem
		switch {
		case err == nil:
		case errors.As(fail(ctx, err), &p) && p.Status < http.StatusInternalServerError && !errors.Is(err, postgres.ErrTaken):
			settled = hook.Settled{State: hook.Failed, Reason: saidBy(p), Remedy: p.Remedy}
		default: // for a cause that passes
			putOff := a.Hooks.PutOff(context.WithoutCancel(ctx), d, p.Detail)
			if p.Code == "engine_away" || p.Code == "database_away" {
				return n, errors.Join(err, putOff)
			}
			continue
		}
		if err := a.Hooks.Settle(context.WithoutCancel(ctx), d.ID, settled); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// saidBy is what a problem says, with the fields at fault.
func saidBy(p *Problem) string {
	says := p.Detail
	for _, f := range p.Errors {
		says += "; " + f.Field + " " + f.Message
	}
	return says
}
