// Package door lets in what comes from outside without waiting for Temporal: an
// inbound lead, an engagement, a reply, a stop. What it has acknowledged is in
// Postgres, together with the message that the lead's workflow still has to get;
// the relay hands such messages over, at once if it can, later if it must.
//
// It knows the records and the workflow's messages; it must not know HTTP or
// Temporal's client.
package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// ErrNoWorkflow is returned by Workflows.Signal when none runs under that id.
var ErrNoWorkflow = errors.New("no workflow runs for this lead")

// Workflows hands messages to lives.
type Workflows interface {
	// Start begins a life; nil when it has begun already.
	Start(ctx context.Context, in workflows.Input) error
	// Signal tells a running life something; ErrNoWorkflow when there is none.
	Signal(ctx context.Context, lead, name string, payload json.RawMessage) error
}

// Door takes messages in.
type Door struct {
	Store     *postgres.Store
	Workflows Workflows
	Playbook  func() *sequence.Playbook // for new leads, as released
	Clock     *workflows.Clock          // nil in production
	Bell      Bell                      // rung when there is much for the relay; nil: it looks at every interval only
}

// Errors that a caller can mend.
var (
	// ErrStopped: the person said stop and is never contacted again. By Enrol and NameStakeholder.
	ErrStopped = errors.New("this person said stop")
	// ErrNoRep: there is nobody to own the lead. By Enrol and Engage.
	ErrNoRep = errors.New("no active rep exists")
	// ErrErased: nothing is known of the person any more, and nothing is written into their row. By ChangeAddress.
	ErrErased = errors.New("this person was erased")
	// ErrOwner: the named owner does not exist. By Enrol.
	ErrOwner = errors.New("the owner is not an active user")
)

// AlreadyEnrolled says that the person has a living lead.
type AlreadyEnrolled struct{ Lead uuid.UUID }

func (e AlreadyEnrolled) Error() string {
	return "this person is enrolled already, as lead " + e.Lead.String()
}

// Now is the time on the leads' clock.
func (d *Door) Now() time.Time { return d.Clock.At(time.Now()).UTC() }

// dispatch writes down a message for a lead's workflow, in the transaction of q.
func dispatch(ctx context.Context, q *db.Queries, lead uuid.UUID, message string, payload any) (db.Dispatch, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return db.Dispatch{}, err
	}
	encoded, err := json.Marshal(payload)
	if err != nil {
		return db.Dispatch{}, fmt.Errorf("encode %s for lead %s: %w", message, lead, err)
	}
	m := db.Dispatch{ID: id, LeadID: lead, Message: message, Payload: encoded}
	return m, q.InsertDispatch(ctx, db.InsertDispatchParams{ID: id, LeadID: lead, Message: message, Payload: encoded})
}

// tell writes down a signal under an id of its own, by which the workflow knows
// it again.
func tell[E any](ctx context.Context, q *db.Queries, lead uuid.UUID, signal string, event E) (db.Dispatch, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return db.Dispatch{}, err
	}
	return dispatch(ctx, q, lead, signal, workflows.Message[E]{ID: id.String(), Event: event})
}
