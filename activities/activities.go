// Package activities performs what the core decided: it sends mail, creates and
// cancels tasks, tells people, and writes the lead's row and audit trail. It
// declares the ports it needs; Postgres and SMTP stand behind them in internal/.
// It must not decide anything about a lead: that is package sequence's.
//
// Every activity can be run twice with the same effect as once, because Temporal
// may do so. Errors are of two kinds: permanent ones are application errors of
// type Permanent, which are not retried and park the lead with their message;
// everything else is retried.
package activities

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/rekindlehq/rekindle/sequence"
)

// The names under which the activities are registered.
const (
	SendEmail     = "SendEmail"
	CreateTask    = "CreateTask"
	CancelTasks   = "CancelTasks"
	MoveTasks     = "MoveTasks"
	Notify        = "Notify"
	StartOutreach = "StartOutreach"
	Suppress      = "Suppress"
	SaveLead      = "SaveLead"
	ReopenTasks   = "ReopenTasks"
	CalmAccount   = "CalmAccount"
	MoveBatch     = "MoveBatch"
	FinishMove    = "FinishMove"
	ImportBatch   = "ImportBatch"
	AskChosen     = "AskChosen"
	FinishBatch   = "FinishBatch"
)

// Permanent is the type of an error that no retry can mend.
const Permanent = "Permanent"

// Job is the input of every activity: what to do, for which lead, at which time
// of the lead's clock. Ids only.
type Job[T any] struct {
	Lead string    `json:"lead"`
	At   time.Time `json:"at"`
	Turn int       `json:"turn,omitempty"` // number of the lead's latest timeline entry, by which the same job is known again
	Do   T         `json:"do"`
}

// Save is the state of a lead after a turn, the new lines of its timeline, and what
// else it takes to start the workflow again from there.
type Save struct {
	Lead      sequence.Lead    `json:"lead"`
	Entries   []sequence.Entry `json:"entries,omitempty"`
	Worth     int64            `json:"worth,omitempty"`  // expected value in cents
	Recent    []string         `json:"recent,omitempty"` // as the next run gets them
	Taken     []string         `json:"taken,omitempty"`  // ids of the messages that this turn took in
	Todo      sequence.Actions `json:"todo,omitempty"`   // what is left to do, not before
	NotBefore time.Time        `json:"not_before,omitzero"`
	Real      time.Time        `json:"real,omitzero"`  // when the turn was taken, whatever the lead's clock shows
	Since     time.Time        `json:"since,omitzero"` // when the turn before was taken, on the lead's clock
}

// Records is what the activities need of the database. Methods return
// sequence-level facts; an error wraps ErrGone when the lead's row is not there.
type Records interface {
	CreateTask(ctx context.Context, lead string, at time.Time, task sequence.CreateTask) error
	CancelTasks(ctx context.Context, lead string, at time.Time, c sequence.CancelTasks) error
	MoveTasks(ctx context.Context, lead string, owner string) error
	ReopenTasks(ctx context.Context, lead string, r sequence.ReopenTasks) error
	CalmAccount(ctx context.Context, lead string, talking bool) error
	Notify(ctx context.Context, lead string, at time.Time, occasion string, n sequence.Notify) error
	StartOutreach(ctx context.Context, lead string, at time.Time, people []string) error
	Suppress(ctx context.Context, lead string, at time.Time, via string) error
	// SaveLead returns the emails that went out since s.Since and that no timeline
	// tells of: their turns were lost with their workers.
	SaveLead(ctx context.Context, at time.Time, s Save) (lost []sequence.SendAbandoned, err error)
}

// ErrGone says that the lead, or the person a touch is for, has no row any more.
const ErrGone = gone("the record is gone")

type gone string

func (g gone) Error() string { return string(g) }

// Activities holds the ports.
type Activities struct {
	Records  Records
	Ledger   Ledger
	Mailer   Mailer
	Moves    Moves
	Imports  Imports
	Batches  Batches
	Webhooks Webhooks
}

// CreateTask puts a task into the owner's queue, once per touch.
func (a *Activities) CreateTask(ctx context.Context, j Job[sequence.CreateTask]) error {
	return permanent(a.Records.CreateTask(ctx, j.Lead, j.At, j.Do))
}

// CancelTasks takes back open tasks.
func (a *Activities) CancelTasks(ctx context.Context, j Job[sequence.CancelTasks]) error {
	return permanent(a.Records.CancelTasks(ctx, j.Lead, j.At, j.Do))
}

// MoveTasks gives open tasks to a new owner.
func (a *Activities) MoveTasks(ctx context.Context, j Job[sequence.MoveTasks]) error {
	return permanent(a.Records.MoveTasks(ctx, j.Lead, j.Do.Owner))
}

// ReopenTasks puts tasks back that an outcome closed which was taken back.
func (a *Activities) ReopenTasks(ctx context.Context, j Job[sequence.ReopenTasks]) error {
	return permanent(a.Records.ReopenTasks(ctx, j.Lead, j.Do))
}

// CalmAccount tells the other leads at the account that this one is in
// conversation, or no longer.
func (a *Activities) CalmAccount(ctx context.Context, j Job[sequence.CalmAccount]) error {
	return permanent(a.Records.CalmAccount(ctx, j.Lead, j.Do.Talking))
}

// Notify leaves a notification for the owner or the managers.
func (a *Activities) Notify(ctx context.Context, j Job[sequence.Notify]) error {
	return permanent(a.Records.Notify(ctx, j.Lead, j.At, "turn "+strconv.Itoa(j.Turn), j.Do))
}

// StartOutreach marks stakeholders as being written to.
func (a *Activities) StartOutreach(ctx context.Context, j Job[sequence.StartOutreach]) error {
	return permanent(a.Records.StartOutreach(ctx, j.Lead, j.At, j.Do.Stakeholders))
}

// Suppress stops every channel to the lead's person.
func (a *Activities) Suppress(ctx context.Context, j Job[sequence.Suppress]) error {
	return permanent(a.Records.Suppress(ctx, j.Lead, j.At, j.Do.Why))
}

// SaveLead writes the lead's row and appends to its audit trail. It returns what went
// out in turns that were lost.
func (a *Activities) SaveLead(ctx context.Context, j Job[Save]) ([]sequence.SendAbandoned, error) {
	lost, err := a.Records.SaveLead(ctx, j.At, j.Do)
	return lost, permanent(err)
}

// permanent marks errors that no retry can mend.
func permanent(err error) error {
	if err == nil || !isGone(err) {
		return err
	}
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf("cannot be done: %v", err), Permanent, nil)
}
