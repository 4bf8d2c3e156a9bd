package sequence

import "time"

// Event is anything that happens to a lead: a deadline, a message, a decision of
// a person. Each type says itself what it does (events_*.go).
type Event interface {
	// decide changes the turn's lead and adds its actions. A Refusal means that
	// the event cannot happen now; nothing has changed then.
	decide(t *turn) error
	// actor is the id of whoever caused it, "lead" or "rekindle".
	actor() string
}

// Who caused an event when it was no user.
const (
	ActorLead     = "lead"
	ActorRekindle = "rekindle"
)

// By is embedded in events that a person causes.
type By struct {
	Actor string `json:"actor,omitempty"` // id of the user
}

func (b By) actor() string { return b.Actor }

type byLead struct{}

func (byLead) actor() string { return ActorLead }

type byRekindle struct{}

func (byRekindle) actor() string { return ActorRekindle }

// Enrolled is the first event of a life.
type Enrolled struct {
	By
	ID      string   `json:"id"` // of the engagement
	Kind    Kind     `json:"kind"`
	Talking []string `json:"talking,omitempty"` // colleagues' leads in conversation (R34)
}

// DeadlineReached says that Lead.Deadline has come.
type DeadlineReached struct{ byRekindle }

// TouchPerformed says what became of a SendEmail.
type TouchPerformed struct {
	byRekindle
	Touch   string     `json:"touch"`
	Status  SendStatus `json:"status"`
	RetryAt time.Time  `json:"retry_at,omitzero"`
	Why     string     `json:"why,omitempty"`    // of a deferral: what the lead waits for, as Blocked names it; the mail server when empty
	Detail  string     `json:"detail,omitempty"` // never a name or an address
}

// SendStatus is the end of one attempt to send.
type SendStatus string

// The ends of an attempt.
const (
	Sent       SendStatus = "sent"
	Unknown    SendStatus = "unknown"    // perhaps sent: counts as sent, never sent again
	Suppressed SendStatus = "suppressed" // the person said stop
	NoAddress  SendStatus = "no_address" // the address is gone or never was
	Deferred   SendStatus = "deferred"   // try again at RetryAt
	NoReason   SendStatus = "no_reason"  // nothing new to bring (R03)
	Failed     SendStatus = "failed"     // cannot be sent as it is; a person must look
	Cancelled  SendStatus = "cancelled"  // called off before it was tried
)

// EngagementRecorded is something the lead did.
type EngagementRecorded struct {
	byLead
	ID   string    `json:"id"`
	Kind Kind      `json:"kind"`
	At   time.Time `json:"at"`
}

// ReplyReceived is a human answer by mail.
type ReplyReceived struct {
	byLead
	ID   string `json:"id"`
	From string `json:"from,omitempty"` // id of a stakeholder; empty: the lead
}

// AutoReplyReceived is an out-of-office answer (R84).
type AutoReplyReceived struct {
	byLead
	ID    string    `json:"id"`
	Until time.Time `json:"until,omitzero"` // zero when it named no date
}

// AddressFailed says that a way to reach the lead no longer exists.
type AddressFailed struct {
	byLead
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
}

// AddressFound says that there is a way again, or another one, to reach the lead.
type AddressFound struct {
	By
	ID      string  `json:"id"`
	Channel Channel `json:"channel"`
}

// OptedOut is the lead's own stop, however it came (R72).
type OptedOut struct {
	By
	ID  string `json:"id"`
	Via string `json:"via"` // link, reply, rep, complaint
}

// Snoozed is the lead's wish to be left alone until a time.
type Snoozed struct {
	By
	Until time.Time `json:"until"`
}

// Paused is a person's decision to hold every touch.
type Paused struct {
	By
	Reason PauseReason `json:"reason"`
	Until  time.Time   `json:"until,omitzero"`
	Detail string      `json:"detail,omitempty"` // of a pause that is restored
}

// Resumed lifts a pause.
type Resumed struct{ By }

// Reassigned gives the lead to another owner (R83).
type Reassigned struct {
	By
	Owner string `json:"owner"`
}

// StakeholderNamed adds another person at the account.
type StakeholderNamed struct {
	By
	ID string `json:"id"`
}

// ProposalSent says that a proposal went out.
type ProposalSent struct {
	By
	ID        string    `json:"id"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
	Amount    int64     `json:"amount,omitempty"` // cents; 0: not known
}

// AmountEstimated says what the deal would be worth, in cents.
type AmountEstimated struct {
	By
	Amount int64 `json:"amount"`
}

// NewsPublished says that the content library has something new for this lead
// (R53).
type NewsPublished struct {
	byRekindle
	ID string `json:"id"` // of the item
}

// PermissionGranted is the lead's yes to stay in touch (R04).
type PermissionGranted struct {
	By
	ID      string    `json:"id"`
	Channel Channel   `json:"channel"`
	Every   Wait      `json:"every,omitzero"`
	Until   time.Time `json:"until,omitzero"`
}

// Diagnosed is the owner's answer to why the lead went cold (R40).
type Diagnosed struct {
	By
	ID        string    `json:"id"`
	Diagnosis Diagnosis `json:"diagnosis"`
}

// Diagnosis is why a lead went cold.
type Diagnosis string

// The diagnoses of R40.
const (
	WrongPersonFound Diagnosis = "wrong_person"
	TooFast          Diagnosis = "too_fast"
	TooSlow          Diagnosis = "too_slow"
	ValueNotSeen     Diagnosis = "value_not_seen"
	NeverWarm        Diagnosis = "never_warm"
	Timing           Diagnosis = "timing"
	NotKnown         Diagnosis = "unknown"
)

// Diagnoses lists them all.
func Diagnoses() []Diagnosis {
	return []Diagnosis{WrongPersonFound, TooFast, TooSlow, ValueNotSeen, NeverWarm, Timing, NotKnown}
}

// TaskDone says that the owner did what a task asked for, other than a call.
type TaskDone struct {
	By
	ID    string   `json:"id"`
	Kind  TaskKind `json:"kind"`
	Touch string   `json:"touch,omitempty"`
}

// DealWon ends the life in the best way.
type DealWon struct {
	By
	ID string `json:"id"`
}

// LeadDisqualified ends it because there is nothing to sell here (R43).
type LeadDisqualified struct {
	By
	Reason string `json:"reason"` // a code, not prose: not_a_fit, never_qualified, duplicate, ...
}
