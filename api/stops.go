package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/web/unsubscribe"
)

// OptOutBody is a stop that somebody passes on.
type OptOutBody struct {
	Via string `json:"via,omitempty" enum:"rep,reply,phone,complaint" default:"rep" doc:"How it came"`
}

// AddressOptOutBody is a stop by address.
type AddressOptOutBody struct {
	Email string `json:"email" maxLength:"254"`
	Via   string `json:"via,omitempty" enum:"rep,reply,phone,complaint" default:"reply"`
}

// Stopped acknowledges a stop.
type Stopped struct {
	Status string `json:"status" enum:"stopped"`
}

// stops registers every way in which a person can say stop. They all end in the
// same place at once, and none of them needs Temporal (R72).
func (a *API) stops(api huma.API, router *gin.Engine) {
	type said struct {
		LeadPath
		Body OptOutBody
	}
	stop := operation(http.MethodPost, "/leads/{id}/opt-out", "optOut", "The lead says stop: nothing is sent any more, on any channel, for any lead of theirs", everybody...)
	route(api, stop, func(ctx context.Context, in *said) (*answer, error) {
		r, err := a.lead(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return a.stop(ctx, r, r.PersonID, in.Body.Via)
	})
	route(api, beside(stop), func(ctx context.Context, in *said) (*body[Preview], error) {
		r, err := a.lead(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return a.preview(ctx, r, stopping(ctx, r, r.PersonID, in.Body.Via))
	})
	route(api, operation(http.MethodPost, "/opt-outs", "optOutAddress", "An address says stop, known or not", everybody...),
		func(ctx context.Context, in *struct{ Body AddressOptOutBody }) (*body[Stopped], error) {
			p, faults := PersonBody{Email: in.Body.Email}.person()
			if len(faults) > 0 {
				return nil, invalid(faults)
			}
			err := a.Door.StopAddress(ctx, p.Email, in.Body.Via, callerOf(ctx).actor())
			return reply(Stopped{"stopped"}), err
		})
	router.GET("/unsubscribe/:token", a.unsubscribePage)
	router.POST("/unsubscribe/:token", a.unsubscribe)
}

// unsubscribePage asks; a GET must not unsubscribe, because scanners follow links
// (RFC 8058).
func (a *API) unsubscribePage(c *gin.Context) {
	if _, err := a.Store.PersonByToken(c, c.Param("token")); err != nil {
		a.noSuchLink(c, err)
		return
	}
	unsubscribe.Write(c.Writer, http.StatusOK, unsubscribe.Ask)
}

// unsubscribe takes one click, from the page or from a mail program, without
// cookie or login.
func (a *API) unsubscribe(c *gin.Context) {
	p, err := a.Store.PersonByToken(c, c.Param("token"))
	if err != nil {
		a.noSuchLink(c, err)
		return
	}
	if err := a.Door.Stop(c, p.ID, "link", "lead"); err != nil {
		slog.ErrorContext(c, "a stop could not be stored", "person", p.ID, "error", err)
		tryAgain(c)
		return
	}
	unsubscribe.Write(c.Writer, http.StatusOK, unsubscribe.Done)
}

func (a *API) noSuchLink(c *gin.Context, err error) {
	if err = postgres.Translate(err); !errors.Is(err, postgres.ErrNotFound) && !errors.Is(err, postgres.ErrInvalid) {
		slog.ErrorContext(c, "an unsubscribe link cannot be looked up", "error", err)
		tryAgain(c)
		return
	}
	unsubscribe.Write(c.Writer, http.StatusNotFound, unsubscribe.NoSuchLink)
}

// tryAgain says that the stop is not stored; a mail program comes again by itself.
func tryAgain(c *gin.Context) {
	c.Header("Retry-After", "30")
	unsubscribe.Write(c.Writer, http.StatusServiceUnavailable, unsubscribe.TryAgain)
}
