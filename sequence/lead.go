package sequence

import (
	"slices"
	"time"
)

// Lead is the whole state of one life, compact enough to be carried for years:
// ids, times and counts, never a name or an address. Times are absolute.
type Lead struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Owner    string `json:"owner"`
	Source   Kind   `json:"source"`
	Zone     string `json:"zone,omitempty"`    // IANA name; empty when unknown
	Country  string `json:"country,omitempty"` // ISO 3166 alpha-2
	Playbook string `json:"playbook"`          // id of the version

	Stage     Stage     `json:"stage,omitempty"`
	Play      Play      `json:"play,omitempty"` // which of the stage's lists of touches
	EnteredAt time.Time `json:"entered_at,omitzero"`
	Because   Because   `json:"because,omitzero"` // why it is in this stage and play

	Next     *Planned     `json:"next,omitempty"`  // the next touch or rest
	Watch    *Watch       `json:"watch,omitempty"` // what a person is expected to do
	Pause    *Pause       `json:"pause,omitempty"`
	Blocked  *Blocked     `json:"blocked,omitempty"`   // why Next could not be done yet
	InFlight []string     `json:"in_flight,omitempty"` // touches being performed now
	Call     *CallSlot    `json:"call,omitempty"`      // the scheduled call
	Invited  []Invitation `json:"invited,omitempty"`   // what stands in others' calendars

	NoEmail     bool          `json:"no_email,omitempty"` // no address, or it is gone
	NoPhone     bool          `json:"no_phone,omitempty"`
	Engaged     []Engaged     `json:"engaged,omitempty"` // latest of each kind
	Others      []Stakeholder `json:"others,omitempty"`
	Proposal    *Proposal     `json:"proposal,omitempty"`
	Grant       *Grant        `json:"grant,omitempty"`
	Diagnosis   Diagnosis     `json:"diagnosis,omitempty"`
	Amount      int64         `json:"amount,omitempty"`    // of the deal in cents; 0 when not known
	WantedAt    time.Time     `json:"wanted_at,omitzero"`  // last sign that they want to buy (R52)
	HardNo      bool          `json:"hard_no,omitempty"`   // the decision maker said no
	Talking     []string      `json:"talking,omitempty"`   // colleagues' leads in conversation (R34)
	With        string        `json:"with,omitempty"`      // the stakeholder with whom we are in conversation; empty: the lead
	Away        time.Time     `json:"away,omitzero"`       // out of office until, while another pause holds (R84)
	Introduce   bool          `json:"introduce,omitempty"` // the next touch introduces a new owner (R83)
	Undo        *Undo         `json:"undo,omitempty"`      // the last outcome, while it can be taken back
	Qualified   bool          `json:"qualified,omitempty"`
	EndedBy     string        `json:"ended_by,omitempty"` // reason of a final stage
	SpokenAt    time.Time     `json:"spoken_at,omitzero"`
	AskedOthers bool          `json:"asked_others,omitempty"`

	Touches      int       `json:"touches,omitempty"`       // made in this life
	StageTouches int       `json:"stage_touches,omitempty"` // made since the stage was entered
	Channels     []Channel `json:"channels,omitempty"`      // used since the stage was entered
	Unanswered   int       `json:"unanswered,omitempty"`    // made since the last human answer
	Voicemails   int       `json:"voicemails,omitempty"`    // in a row
	Tried        *Tried    `json:"tried,omitempty"`         // call attempts since the last human answer
	Talks        int       `json:"talks,omitempty"`         // conversations in this life
	Effort       int       `json:"effort,omitempty"`        // minutes spent on this life
	Spent        int       `json:"spent,omitempty"`         // minutes of it since the last sign of life (R63)
	QuietAt      time.Time `json:"quiet_at,omitzero"`       // the first touch since then that was not answered
	CheckIns     int       `json:"check_ins,omitempty"`     // made since the last sign of life
	Once         []string  `json:"once,omitempty"`          // steps done that are done once only
	Did          []string  `json:"did,omitempty"`           // touches of the play that earlier versions of it made
	DidFrom      int       `json:"did_from,omitempty"`      // the step from which this version goes on
	NoShows      int       `json:"no_shows,omitempty"`      // in a row
	TouchSeq     int       `json:"touch_seq,omitempty"`     // numbers touches for life
	EntrySeq     int       `json:"entry_seq,omitempty"`     // numbers timeline entries for life
}

// Because names the rule behind something and the events that show it.
type Because struct {
	Rule     Rule      `json:"rule"`
	Evidence []string  `json:"evidence,omitempty"`
	At       time.Time `json:"at,omitzero"`
}

// Planned is the step of the play that comes next and when. A step for the
// stakeholders writes to one after the other, so that a retry reaches nobody twice.
type Planned struct {
	Step  int       `json:"step"` // index in the play, or introduction
	At    time.Time `json:"at"`
	From  time.Time `json:"from,omitzero"`  // from when its wait is counted
	Back  int       `json:"back,omitempty"` // after an introduction: the step it came before
	Rule  Rule      `json:"rule"`
	Touch string    `json:"touch,omitempty"` // its number; none for a rest
	To    string    `json:"to,omitempty"`    // the stakeholder who is being written to
	Done  []string  `json:"done,omitempty"`  // the stakeholders who have been
	Late  bool      `json:"late,omitempty"`  // it was put off for coming up late, once
}

// Watch waits for a person: the owner, who has something to do, and after that
// the manager, who is told.
type Watch struct {
	For   WatchKind `json:"for"`
	At    time.Time `json:"at"`
	Touch string    `json:"touch,omitempty"`
	Rule  Rule      `json:"rule"`
	Times int       `json:"times,omitempty"` // how often told already
}

// WatchKind is what a person is expected to do.
type WatchKind string

// The things that are watched.
const (
	WatchFirstCall WatchKind = "first_call"
	WatchReply     WatchKind = "reply"
	WatchOutcome   WatchKind = "outcome"
)

// PauseReason says why nothing goes out.
type PauseReason string

// The reasons for a pause.
const (
	PausedOutOfOffice PauseReason = "out_of_office"
	PausedSnoozed     PauseReason = "snoozed"
	PausedReply       PauseReason = "reply_waiting"
	PausedMailbox     PauseReason = "mailbox_parked"
	PausedColleague   PauseReason = "colleague_in_conversation"
	PausedOwnerAway   PauseReason = "owner_on_leave"
	PausedByHand      PauseReason = "manual"
	PausedParked      PauseReason = "parked"
)

// Pause holds every touch until it ends or is lifted.
type Pause struct {
	Reason PauseReason `json:"reason"`
	Since  time.Time   `json:"since"`
	Until  time.Time   `json:"until,omitzero"` // zero: until somebody resumes
	Detail string      `json:"detail,omitempty"`
	Rule   Rule        `json:"rule,omitempty"`
}

// Blocked says why the planned touch could not be made and was put off.
type Blocked struct {
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
	Times  int       `json:"times"`
}

// The reasons for which a planned touch is put off.
const (
	NothingNew    = "no_reason"      // the content library has nothing new (R03)
	MailServer    = "mail_server"    // it did not take the mail
	MailboxFull   = "mailbox_full"   // its next free slot is later
	NewsWaits     = "news_waits"     // something came in that the lead has not been told yet
	MailboxParked = "mailbox_parked" // it sends nothing until somebody resumes it
)

// CallSlot is the call or meeting that stands in both calendars (R21).
type CallSlot struct {
	UID string    `json:"uid"`
	Seq int       `json:"seq,omitempty"` // RFC 5545 SEQUENCE
	At  time.Time `json:"at"`
}

// Engaged is the latest engagement of one kind.
type Engaged struct {
	Kind Kind      `json:"kind"`
	At   time.Time `json:"at"`
}

// Stakeholder is another person at the account.
type Stakeholder struct {
	ID     string `json:"id"`
	Closed bool   `json:"closed,omitempty"` // answered, or not to be reached
	Later  bool   `json:"later,omitempty"`  // named during an outreach: the primary is told before (R31)
}

// Proposal is the last one sent.
type Proposal struct {
	At        time.Time `json:"at"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// Tried counts call attempts by week, the latest week last (R60, R61).
type Tried struct {
	Week  int   `json:"week"` // of the last count: weeks since 1970, from Monday
	Calls []int `json:"calls"`
}

// Grant is the lead's yes to stay in touch (R04).
type Grant struct {
	Channel Channel   `json:"channel"`
	Every   Wait      `json:"every,omitzero"`
	Until   time.Time `json:"until,omitzero"`
}

// Deadline is the instant at which the lead wants to be woken; false when it
// waits for a person without limit, or is final.
func (l *Lead) Deadline() (time.Time, bool) {
	if l.Stage.Final() || l.Stage == "" {
		return time.Time{}, false
	}
	var at time.Time
	earlier := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if l.Pause != nil {
		earlier(l.Pause.Until)
	} else if l.Next != nil && len(l.InFlight) == 0 {
		earlier(l.Next.At)
	}
	if l.Watch != nil {
		earlier(l.Watch.At)
	}
	for _, i := range l.Invited {
		earlier(i.RetryAt)
	}
	return at, !at.IsZero()
}

// BlockedReason is the one word for why no touch goes out now; empty when the
// lead simply waits for its next deadline.
func (l Lead) BlockedReason() string {
	switch {
	case l.Pause != nil:
		return string(l.Pause.Reason)
	case l.Blocked != nil:
		return l.Blocked.Reason
	}
	return ""
}

// own makes a copy of a lead one that may be changed: what is appended to gets room
// of its own. Everything else is replaced, never changed in place: a life is decided
// a thousand times, and most of it stays as it is.
func (l *Lead) own() {
	l.InFlight, l.Engaged, l.Others = slices.Clip(l.InFlight), slices.Clip(l.Engaged), slices.Clip(l.Others)
	l.Invited = slices.Clip(l.Invited)
	l.Channels, l.Once, l.Did, l.Talking = slices.Clip(l.Channels), slices.Clip(l.Once), slices.Clip(l.Did), slices.Clip(l.Talking)
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
