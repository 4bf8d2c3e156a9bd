package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/webhooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// Problem is every answer that is not what was asked for (RFC 9457).
type Problem struct {
	Type       string     `json:"type" doc:"Identifies the kind of problem" example:"urn:rekindle:problem:time_in_the_past"`
	Title      string     `json:"title" doc:"The kind of problem in a few words"`
	Status     int        `json:"status" doc:"HTTP status"`
	Code       string     `json:"code" doc:"Stable name of the problem, for programs"`
	Detail     string     `json:"detail" doc:"What is wrong"`
	Remedy     string     `json:"remedy,omitempty" doc:"How to mend it"`
	Errors     []Fault    `json:"errors,omitempty" doc:"The fields at fault"`
	Lead       *uuid.UUID `json:"lead_id,omitempty" doc:"The lead that stands in the way"`
	retryAfter string
}

// Fault is one field at fault.
type Fault struct {
	Field   string `json:"field" doc:"Path in the request" example:"body.next_step.at"`
	Message string `json:"message"`
}

func (p *Problem) Error() string  { return p.Detail }
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the media type of problems.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders lets a problem say when to try again.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

func problem(status int, code, detail, remedy string, faults ...Fault) *Problem {
	return &Problem{
		Type: "urn:rekindle:problem:" + code, Title: http.StatusText(status), Status: status,
		Code: code, Detail: detail, Remedy: remedy, Errors: faults,
	}
}

// newError builds huma's own errors: everything wrong with the form of a request.
func newError(status int, msg string, errs ...error) huma.StatusError {
	p := problem(status, codeOf(status), msg, remedyOf(status))
	for _, err := range errs {
		var d *huma.ErrorDetail
		switch {
		case err == nil:
		case errors.As(err, &d):
			p.Errors = append(p.Errors, faultOf(d))
		default:
			p.Errors = append(p.Errors, Fault{Message: err.Error()})
		}
	}
	if status >= 500 {
		p.Errors = nil // internals are logged, never shown
	}
	return p
}

// faultOf names the field that is missing, where huma names what it is missing from.
func faultOf(d *huma.ErrorDetail) Fault {
	var missing string
	if _, err := fmt.Sscanf(d.Message, validation.MsgExpectedRequiredProperty, &missing); err == nil {
		return Fault{d.Location + "." + missing, "is required"}
	}
	return Fault{d.Location, d.Message}
}

func codeOf(status int) string {
	switch status {
	case http.StatusUnprocessableEntity:
		return "not_valid"
	case http.StatusInternalServerError:
		return "internal"
	}
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
}

func remedyOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "send one well-formed JSON object; see /docs"
	case http.StatusUnprocessableEntity:
		return "mend the fields listed in errors; see /docs"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "see /docs for what there is"
	case http.StatusRequestEntityTooLarge:
		return "send less, or in several requests; most requests may have 1 MiB"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return "send and accept application/json"
	case http.StatusInternalServerError:
		return "try again with the same Idempotency-Key; if it stays, tell the operator the time of the request"
	}
	return ""
}

// under moves the fields that an error names below a field of the body.
func under(field string, err error) error {
	var p *Problem
	var refused *sequence.Refusal
	switch {
	case errors.As(err, &refused) && refused.Field != "":
		moved := *refused
		moved.Field = field + "." + refused.Field
		return &moved
	case errors.As(err, &p):
		for i, f := range p.Errors {
			if inside, ok := strings.CutPrefix(f.Field, "body"); ok {
				p.Errors[i].Field = "body." + field + inside
			}
		}
	}
	return err
}

// foundIn says of what the body names that it is not there; other errors pass.
func foundIn(field string, err error) error {
	if errors.Is(err, postgres.ErrNotFound) {
		return invalid([]Fault{{"body." + field, "there is none of this id; check it"}})
	}
	return err
}

// databaseAway is the answer when the database went away: whatever was done before
// it did, the same request again completes it, once.
func databaseAway() *Problem {
	p := problem(http.StatusServiceUnavailable, "database_away", "the database does not answer, so it is not known whether this took effect",
		"send the same request with the same Idempotency-Key again: it takes effect once")
	p.retryAfter = "5"
	return p
}

// fail is the one exit for errors: what a caller can mend is said, everything
// else is logged and not shown.
func fail(ctx context.Context, err error) error {
	var p *Problem
	var refused *sequence.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p):
		return p
	case errors.As(err, &refused):
		if refused.Field != "" {
			return problem(http.StatusUnprocessableEntity, refused.Code, refused.Message, refused.Remedy, Fault{"body." + refused.Field, refused.Message})
		}
		return problem(http.StatusConflict, refused.Code, refused.Message, refused.Remedy)
	}
	for _, known := range []struct {
		err          error
		status       int
		code, remedy string
		retryAfter   string
		faults       []Fault
	}{
		{postgres.ErrNotFound, http.StatusNotFound, "not_found", "check the id", "", nil},
		{postgres.ErrTaken, http.StatusConflict, "taken", "somebody made the same thing at the same moment; try again with a fresh Idempotency-Key", "", nil},
		{postgres.ErrInvalid, http.StatusUnprocessableEntity, "not_valid", "check the fields; see /docs", "", nil},
		{policy.ErrUnknownVersion, http.StatusNotFound, "unknown_playbook", "GET /v1/playbooks lists the published versions", "", nil},
		{door.ErrStopped, http.StatusConflict, "person_said_stop", "nothing may be sent to them; only they can change that", "", nil},
		{door.ErrErased, http.StatusConflict, "person_erased", "somebody who comes again by themself comes in as new: POST /v1/leads", "", nil},
		{door.ErrOwner, http.StatusUnprocessableEntity, "unknown_owner", "name an active user, or leave owner_id out", "", []Fault{{"body.owner_id", "is no active user"}}},
		{door.ErrNoRep, http.StatusConflict, "no_rep", "create a rep first: rekindle user add", "", nil},
		{mailroom.ErrNoMailbox, http.StatusNotFound, "unknown_mailbox", "GET /v1/mailboxes lists them; PUT /v1/mailboxes/{name} makes one", "", nil},
		{mailroom.ErrHandled, http.StatusConflict, "message_handled", "read the message again: GET /v1/inbound-messages/{id}", "", nil},
		{mailroom.ErrNoEffect, http.StatusConflict, "message_without_effect", "give it to another lead, or dismiss it", "", nil},
		{webhooks.ErrNoEndpoint, http.StatusNotFound, "unknown_webhook", "GET /v1/webhooks lists them; PUT /v1/webhooks/{name} makes one", "", nil},
		{webhooks.ErrNoDelivery, http.StatusNotFound, "unknown_delivery", "GET /v1/webhooks/{name}/deliveries lists them", "", nil},
		{mailbox.ErrNoKey, http.StatusServiceUnavailable, "secret_key_missing", "the operator sets REKINDLE_SECRET_KEY and starts the server again", "", nil},
		{mailbox.ErrSealed, http.StatusServiceUnavailable, "secret_key_unknown", "the operator adds the former key to REKINDLE_SECRET_KEY, after the new one, and starts the server again", "", nil},
		{postgres.ErrHandingOver, http.StatusServiceUnavailable, "mail_on_its_way", "wait a moment and send the same request again", "5", nil},
		{importing.ErrNotOpen, http.StatusConflict, "import_not_open", "look how far it is: GET /v1/imports/{id}", "", nil},
		{importing.ErrForgotten, http.StatusConflict, "import_forgotten", "send the file again; what it brought before is known and changes nothing", "", nil},
		{batch.ErrNotOpen, http.StatusConflict, "batch_not_open", "look how far it is: GET /v1/batches/{id}", "", nil},
		{batch.ErrNotUndoable, http.StatusConflict, "batch_not_undoable", "a batch that has begun and stopped or ended can be taken back once, unless it enrolled people", "", nil},
		{hook.ErrNoSource, http.StatusNotFound, "unknown_hook", "GET /v1/hooks lists the sources; PUT /v1/hooks/{name} makes one", "", nil},
		{hook.ErrNotAgain, http.StatusConflict, "delivery_not_open", "look what came of it: GET /v1/hooks/{name}/deliveries/{id}; have the service send anew what is no longer kept", "", nil},
		{engine.ErrAway, http.StatusServiceUnavailable, "engine_away", "send the same request with the same Idempotency-Key again: it takes effect once", "5", nil},
		{engine.ErrNotRunning, http.StatusServiceUnavailable, "lead_begins_soon", "the lead is accepted and its life begins in a moment; send the same request again", "2", nil},
	} {
		if errors.Is(err, known.err) {
			p := problem(known.status, known.code, known.err.Error(), known.remedy, known.faults...)
			p.retryAfter = known.retryAfter
			return p
		}
	}
	if postgres.Away(err) {
		slog.WarnContext(ctx, "the database does not answer", "error", err)
		return databaseAway()
	}
	slog.ErrorContext(ctx, "request failed", "error", err)
	return newError(http.StatusInternalServerError, "something went wrong on our side")
}
