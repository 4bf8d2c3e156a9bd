// Package workflows runs a lead's life: one workflow per lead, a thin interpreter
// that waits for the next deadline or a message, asks package sequence what it
// means, has the activities done, and sleeps. This file is its whole outside:
// names, inputs and answers, which the API and the pages may know.
//
// It must not know the database, HTTP or anything in internal/, and everything in
// it must give the same result when replayed.
package workflows

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/rekindlehq/rekindle/sequence"
)

// TaskQueue is where the workers listen.
const TaskQueue = "leads"

// LeadWorkflow is the type of the one workflow that there is per lead.
const LeadWorkflow = "Lead"

// MoveWorkflow is the type of the workflow that moves leads from one version of
// their playbook to another.
const MoveWorkflow = "MovePlaybook"

// ImportWorkflow is the type of the workflow that goes through a file of leads.
const ImportWorkflow = "ImportRows"

// WebhookWorkflow is the type of the workflow that delivers what waits for a webhook.
const WebhookWorkflow = "DeliverWebhooks"

// WebhookWoken is the signal that something new waits for a webhook. It has no content.
const WebhookWoken = "webhook_woken"

// WebhookID is the id of the workflow of a webhook.
func WebhookID(endpoint string) string { return "webhook-" + endpoint }

// TurnTimeout is how long a lead's workflow task may take. It is more than anything
// that is done in place: so a turn is in the history as a whole or not at all, and
// no other release has to go on with half of it. A turn whose worker was killed is
// taken again after it.
const TurnTimeout = time.Minute

// MoveID is the id of a move's workflow.
func MoveID(move string) string { return "move-" + move }

// BatchWorkflow is the type of the workflow that does one thing to many leads.
const BatchWorkflow = "AskLeads"

// BatchID is the id of the workflow of a pass over the leads of a batch.
func BatchID(id string, pass int) string { return "batch-" + id + "-" + strconv.Itoa(pass) }

// ImportID is the id of the workflow of a pass over a file.
func ImportID(id string, pass int) string { return "import-" + id + "-" + strconv.Itoa(pass) }

// WorkflowID is the id of a lead's workflow.
func WorkflowID(lead string) string { return leadPrefix + lead }

// LeadOf is the lead of a workflow; empty for another kind of workflow.
func LeadOf(workflow string) string {
	lead, ok := strings.CutPrefix(workflow, leadPrefix)
	if !ok {
		return ""
	}
	return lead
}

const leadPrefix = "lead-"

// The updates: a person waits for the answer.
const (
	RecordOutcome    = "record_outcome"
	Snooze           = "snooze"
	Pause            = "pause"
	Resume           = "resume"
	Reassign         = "reassign"
	Win              = "win"
	Disqualify       = "disqualify"
	NameStakeholder  = "name_stakeholder"
	ReportProposal   = "report_proposal"
	GrantPermission  = "grant_permission"
	GiveDiagnosis    = "give_diagnosis"
	CompleteTask     = "complete_task"
	TakeBackOutcome  = "take_back_outcome"
	EstimateAmount   = "estimate_amount"
	ChangePlaybook   = "change_playbook"
	RefusalErrorType = "Refusal" // of the error that carries a *sequence.Refusal
)

// The signals: a machine reports and goes on.
const (
	EngagementSignal    = "engagement"
	ReplySignal         = "reply"
	AutoReplySignal     = "auto_reply"
	InvitationSignal    = "invitation_answer"
	AddressFailedSignal = "address_failed"
	AddressFoundSignal  = "address_found"
	OptOutSignal        = "opt_out"
	ColleagueSignal     = "colleague"
	NewsSignal          = "news"
	SlotSignal          = "slot"
	DecisionSignal      = "decision" // agreed to before, and lost with Temporal
	AbandonedSignal     = "send_abandoned"
	ClockSignal         = "clock_set" // development only
)

// Message is what a signal carries. The same ID takes effect once.
type Message[E any] struct {
	ID    string `json:"id"`
	Event E      `json:"event"`
}

// StartMessage stands for the message that a life begins with; it has no id.
const StartMessage = "start"

// Decision is an update that a lead agreed to, told once more because its turn was
// lost with Temporal. The empty one asks the lead to write its row and nothing else.
type Decision struct {
	Update string          `json:"update"`
	At     time.Time       `json:"at,omitzero"` // on the lead's clock, when it was agreed to
	Event  json.RawMessage `json:"event"`       // what the update carried
}

// Begun is a touch that a turn had begun to make and that was lost with Temporal.
type Begun struct {
	Touch string    `json:"touch"`
	At    time.Time `json:"at"`
}

// Answer is what an update returns: the lead as it is now.
type Answer struct {
	Lead sequence.Lead `json:"lead"`
}

// PlaybookChange asks a lead to follow another version of its playbook.
type PlaybookChange struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Input is what a run of the workflow starts with, the first one or any after a
// hibernation.
type Input struct {
	Form     int                `json:"form,omitempty"` // of the state, see form.go
	Lead     sequence.Lead      `json:"lead"`
	Enrolled *sequence.Enrolled `json:"enrolled,omitempty"` // in the first run
	Clock    *Clock             `json:"clock,omitempty"`    // virtual, development only
	Recent   []string           `json:"recent,omitempty"`   // ids of messages taken lately, short

	// Todo is what an earlier run decided and could not do. Either the first of it
	// failed in place at TriedAt, and the server sees to it now; or it is not tried
	// again before NotBefore. Both on the lead's clock.
	Todo      sequence.Actions `json:"todo,omitempty"`
	TriedAt   time.Time        `json:"tried_at,omitzero"`
	TriedTurn int              `json:"tried_turn,omitempty"` // see activities.Job
	NotBefore time.Time        `json:"not_before,omitzero"`

	Unsaved bool     `json:"unsaved,omitempty"` // the row lags behind
	News    []string `json:"news,omitempty"`    // ids of the messages that are not in it
	Begun   []Begun  `json:"begun,omitempty"`   // in a life that is started again, in order

	later  map[string]json.RawMessage // fields of the lead from a later release
	unread error                      // why the state cannot be understood
}

// The search attributes: what a manager filters by in the Temporal UI.
var (
	LeadStage     = temporal.NewSearchAttributeKeyKeyword("LeadStage")
	LeadOwner     = temporal.NewSearchAttributeKeyKeyword("LeadOwner")
	LeadSource    = temporal.NewSearchAttributeKeyKeyword("LeadSource")
	Playbook      = temporal.NewSearchAttributeKeyKeyword("Playbook")
	BlockedReason = temporal.NewSearchAttributeKeyKeyword("BlockedReason")
)

// SearchAttributes lists them with their Temporal types, for registration.
func SearchAttributes() map[string]string {
	return map[string]string{
		LeadStage.GetName(): "Keyword", LeadOwner.GetName(): "Keyword", LeadSource.GetName(): "Keyword",
		Playbook.GetName(): "Keyword", BlockedReason.GetName(): "Keyword",
	}
}

// Clock is a virtual clock: at Epoch of real time it shows Base, and from there
// runs Speed times as fast. The nil clock is real time.
type Clock struct {
	Epoch time.Time `json:"epoch"`
	Base  time.Time `json:"base"`
	Speed float64   `json:"speed"`
}

// At is what the clock shows at an instant of real time.
func (c *Clock) At(real time.Time) time.Time {
	if c == nil {
		return real
	}
	return c.Base.Add(time.Duration(float64(real.Sub(c.Epoch)) * c.Speed))
}

// Until is how long it takes, in real time, until the clock shows an instant.
func (c *Clock) Until(virtual, real time.Time) time.Duration {
	if c == nil {
		return virtual.Sub(real)
	}
	return time.Duration(float64(virtual.Sub(c.At(real))) / c.Speed)
}
