package sequence

import "time"

// Action is something to be done outside: the core says what, the workflow sees
// to it. Actions name people by id only.
type Action interface{ isAction() }

// SendEmail sends one email touch. What became of it comes back as TouchPerformed.
type SendEmail struct {
	Touch   string      `json:"touch"` // unique in the life of the lead: the ledger's key
	Text    string      `json:"text"`
	To      string      `json:"to,omitempty"` // id of a stakeholder; empty: the lead
	Reason  Reason      `json:"reason,omitempty"`
	CallAt  time.Time   `json:"call_at,omitzero"`  // of the scheduled call, where there is one
	Invite  *CallSlot   `json:"invite,omitempty"`  // carries the invitation to it
	Cancel  *Invitation `json:"cancel,omitempty"`  // calls that one off
	By      string      `json:"by,omitempty"`      // name of the mailbox it goes out from; empty: the lead's
	Follows bool        `json:"follows,omitempty"` // goes on in the thread of the email before it
	Rule    Rule        `json:"rule"`
}

// TaskKind is the kind of work a task asks for.
type TaskKind string

// The kinds of tasks.
const (
	TaskCall       TaskKind = "call"
	TaskManual     TaskKind = "manual"
	TaskReply      TaskKind = "reply"       // read what they wrote and answer it
	TaskDiagnose   TaskKind = "diagnose"    // R40
	TaskFindOthers TaskKind = "find_others" // R30
	TaskEngaged    TaskKind = "engaged"     // they did something while we talk to them
)

// CreateTask asks the owner to do something.
type CreateTask struct {
	Touch     string    `json:"touch"`
	Kind      TaskKind  `json:"kind"`
	DueAt     time.Time `json:"due_at"`
	Promised  bool      `json:"promised,omitempty"` // the lead was told this time (R81)
	Hot       bool      `json:"hot,omitempty"`      // sales-ready (R11)
	Prompt    string    `json:"prompt,omitempty"`
	To        string    `json:"to,omitempty"`        // id of a stakeholder; empty: the lead
	Voicemail string    `json:"voicemail,omitempty"` // the text to say to one that answers
	By        string    `json:"by,omitempty"`        // name of a mailbox: for the one whose it is; empty: the owner
	Call      *CallSlot `json:"call,omitempty"`      // the agreed call, as it stands in the calendars
	Rule      Rule      `json:"rule"`
}

// CancelTasks takes back every open task of the lead, or those of one kind, up to
// a touch number: what is asked for later in the same turn stays, even when the
// turn is performed a second time.
type CancelTasks struct {
	Kind  TaskKind `json:"kind,omitempty"`
	After int      `json:"after,omitempty"` // those with a higher touch number only
	UpTo  int      `json:"up_to"`
	To    string   `json:"to,omitempty"` // id of a stakeholder, or TheLead; empty: everybody
	Why   string   `json:"why"`
}

// ReopenTasks puts tasks up to a touch number that were closed since an instant
// back into the queue: the outcome that closed them was taken back.
type ReopenTasks struct {
	UpTo  int       `json:"up_to"`
	Since time.Time `json:"since"`
}

// CalmAccount tells the other leads at the account that this one is in
// conversation, or no longer (R34).
type CalmAccount struct {
	Talking bool `json:"talking"`
}

// TheLead stands for the lead's own person where an empty id means everybody.
const TheLead = "lead"

// MoveTasks gives the lead's open tasks to its new owner (R83).
type MoveTasks struct {
	Owner string `json:"owner"`
}

// Audience is who is told.
type Audience string

// Who can be told.
const (
	TheOwner   Audience = "owner"
	TheManager Audience = "manager"
)

// Notify tells the owner or the managers something.
type Notify struct {
	Who   Audience `json:"who"`
	About string   `json:"about"`
	Rule  Rule     `json:"rule"`
}

// StartOutreach marks stakeholders as being written to, so that what they answer
// finds its way to this lead.
type StartOutreach struct {
	Stakeholders []string `json:"stakeholders"`
}

// Suppress stops every channel to the person, for every lead of theirs (R72).
type Suppress struct {
	Why string `json:"why"`
}

func (SendEmail) isAction()     {}
func (CreateTask) isAction()    {}
func (CancelTasks) isAction()   {}
func (ReopenTasks) isAction()   {}
func (CalmAccount) isAction()   {}
func (MoveTasks) isAction()     {}
func (Notify) isAction()        {}
func (StartOutreach) isAction() {}
func (Suppress) isAction()      {}
func (Entry) isAction()         {}

// What an entry of the timeline tells.
type What string

// The kinds of entries.
const (
	StageChanged   What = "stage_changed"
	PlayChanged    What = "play_changed"
	TouchPlanned   What = "touch_planned"
	TouchMade      What = "touch_made"
	TouchPutOff    What = "touch_put_off"
	TouchDropped   What = "touch_dropped"
	TaskAsked      What = "task_asked"
	PersonTold     What = "person_told"
	PauseBegan     What = "pause_began"
	PauseEnded     What = "pause_ended"
	OutcomeUndone  What = "outcome_undone"
	PolicyChanged  What = "policy_changed"
	SomethingKnown What = "recorded" // an event that changed what is known
)

// Entry is one line of the lead's timeline and audit trail: what happened, by
// which rule, on which evidence.
type Entry struct {
	N        int       `json:"n"` // in order, from 1, without gaps
	At       time.Time `json:"at"`
	What     What      `json:"what"`
	Actor    string    `json:"actor"` // id of a user, or "lead", "rekindle"
	Rule     Rule      `json:"rule,omitempty"`
	From     Stage     `json:"from,omitempty"`
	To       Stage     `json:"to,omitempty"`
	Play     Play      `json:"play,omitempty"`
	Touch    string    `json:"touch,omitempty"`
	Until    time.Time `json:"until,omitzero"`
	Evidence []string  `json:"evidence,omitempty"`
	Detail   string    `json:"detail,omitempty"`
}
