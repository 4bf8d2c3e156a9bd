package sequence

import "time"

// Playbook is one published version of the policy: what is done in each stage,
// with which waits, windows, thresholds and texts. It is immutable.
type Playbook struct {
	ID       string   `yaml:"-"` // name and hash of the content
	Holidays Holidays `yaml:"-"` // filled in when the playbook is read

	Name    string `yaml:"name"`
	Zone    string `yaml:"zone"` // for a lead whose place is unknown
	Windows struct {
		Email   Window `yaml:"email"`
		Call    Window `yaml:"call"`
		Unknown Window `yaml:"unknown_place"` // calls where the zone is unknown (R85)
	} `yaml:"windows"`
	Spread Wait `yaml:"spread"` // touches due together are spread over this long
	Late   struct {
		After  Wait       `yaml:"after"`
		Policy LatePolicy `yaml:"policy"`
		Over   Wait       `yaml:"over"` // working days to spread over
	} `yaml:"late"`

	Minimum struct { // R05
		Touches  int  `yaml:"touches"`
		Over     Wait `yaml:"over"`
		Channels int  `yaml:"channels"`
	} `yaml:"minimum"`
	Quiet struct { // R30
		Touches int  `yaml:"touches"`
		Over    Wait `yaml:"over"`
	} `yaml:"quiet_after_engaging"`
	SalesReady struct { // R11
		Kinds  int  `yaml:"kinds"`
		Within Wait `yaml:"within"`
	} `yaml:"sales_ready"`
	Voicemails    int  `yaml:"voicemails_in_a_row"`  // R25
	OutOfOffice   Wait `yaml:"out_of_office"`        // R84, when no date is named
	ReplyWithin   Wait `yaml:"reply_within"`         // for the owner to answer a human reply
	OutcomeWithin Wait `yaml:"outcome_within"`       // to record a call's outcome
	ReasonRecheck Wait `yaml:"reason_recheck_after"` // R03, when there is nothing new to bring

	Sources map[Kind]Source           `yaml:"sources"`
	Stages  map[Stage]map[Play][]Step `yaml:"stages"`
	Texts   map[string]Text           `yaml:"-"`
}

// LatePolicy says what becomes of a touch that is overdue after an outage.
type LatePolicy string

// The policies for late touches.
const (
	LateSend       LatePolicy = "send"        // at once, if the window is open
	LateSkip       LatePolicy = "skip"        // leave it out and plan the one after it
	LateNextWindow LatePolicy = "next_window" // in the next window
	LateSpread     LatePolicy = "spread"      // over the next windows, the default
	LateAskOwner   LatePolicy = "ask_owner"   // pause until the owner resumes
)

// Kind is the kind of an engagement (R10).
type Kind string

// Source is what the playbook knows about one kind of engagement.
type Source struct {
	Opener    string `yaml:"opener"` // what the lead did, completing "You ..."
	Weight    int    `yaml:"weight"`
	Enters    Stage  `yaml:"enters"` // warm when empty; revival for dormant imports (R12)
	Qualified bool   `yaml:"qualified"`
}

// Text is one email: a subject line and a markdown body, both templates.
type Text struct{ Subject, Body string }

// Channel is a way to reach a person.
type Channel string

// The channels.
const (
	ByEmail  Channel = "email"
	ByCall   Channel = "call"
	ByManual Channel = "manual"
)

// Play names one of a stage's lists of steps.
type Play string

// The plays of each stage; a playbook must define every one of them.
const (
	Inbound     Play = "inbound"     // warm: they came to us
	Resume      Play = "resume"      // warm: interested, no time agreed yet
	PersistPlay Play = "persist"     // warm: touches spent, minimum not reached
	Booked      Play = "booked"      // scheduled call: a time is agreed
	Information Play = "information" // scheduled call: send something and call back
	Arrange     Play = "arrange"     // scheduled call: somebody wants to talk, no time yet
	MissedCall  Play = "no_show"     // scheduled call: they did not come
	FollowUp    Play = "follow_up"   // scheduled call: talked, no next time
	FindOthers  Play = "find_others" // scheduled call: quiet, and nobody else is known
	TellPrimary Play = "tell_primary"
	Outreach    Play = "outreach"
	Rest        Play = "rest"
	Slower      Play = "slower"
	Faster      Play = "faster"
	Value       Play = "value"
	Reopen      Play = "reopen"
	CloseFile   Play = "close_file"
	Farewell    Play = "farewell"
	Quarterly   Play = "quarterly"
)

// PlaysOf lists the plays of a living stage, the one it starts with first.
func PlaysOf(s Stage) []Play {
	switch s {
	case Warm:
		return []Play{Inbound, Resume, PersistPlay}
	case ScheduledCall:
		return []Play{Booked, Information, Arrange, MissedCall, FollowUp, FindOthers}
	case MultiStakeholder:
		return []Play{TellPrimary, Outreach}
	case Cold:
		return []Play{Rest, Slower, Faster, Value}
	case Revival:
		return []Play{Reopen, CloseFile}
	case BreakUp:
		return []Play{Farewell}
	case CheckIn:
		return []Play{Quarterly}
	case Won, Disqualified, DoNotContact:
		return nil
	}
	return nil
}

// Step is one line of a play: a touch, a rest or a word to the owner. Exactly one
// of Email, Call, Manual, Tell and Rest is given.
type Step struct {
	Email  string `yaml:"email"`  // name of a text
	Call   string `yaml:"call"`   // suggested opening
	Manual string `yaml:"manual"` // what the owner is asked to do
	Tell   string `yaml:"tell"`   // what the owner is told
	Rest   string `yaml:"rest"`   // why nothing happens now

	After  Wait   `yaml:"after"`  // after the step before it, or the start of the play
	Before Wait   `yaml:"before"` // before the scheduled call instead
	AtCall bool   `yaml:"at_call"`
	To     To     `yaml:"to"`
	Reason Reason `yaml:"reason"` // R03
	Within Wait   `yaml:"within"` // a call made later than this is escalated (R01)
	Invite bool   `yaml:"invite"` // carries the .ics of the scheduled call (R21)
	Rule   Rule   `yaml:"rule"`
}

// To is whom a touch reaches; the lead itself when empty.
type To string

// Stakeholders sends the step to every stakeholder who has not answered.
const Stakeholders To = "stakeholders"

// Reason is the reason to reach out that a touch brings (R03).
type Reason string

// The reasons a step can ask for.
const (
	ReasonNone   Reason = ""       // the occasion itself: an invitation, an answer
	ReasonOpener Reason = "opener" // what the lead did, by its source
	ReasonNew    Reason = "new"    // an unseen item of the content library
)

func (s Step) channel() Channel {
	switch {
	case s.Email != "":
		return ByEmail
	case s.Call != "":
		return ByCall
	case s.Manual != "":
		return ByManual
	}
	return ""
}

// Steps are the steps of a play; none for a play that does not exist.
func (p *Playbook) Steps(s Stage, play Play) []Step { return p.Stages[s][play] }

func (p *Playbook) spread() time.Duration {
	zero := time.Time{}
	return p.Spread.after(zero, Place{Zone: time.UTC}, Window{}).Sub(zero)
}
