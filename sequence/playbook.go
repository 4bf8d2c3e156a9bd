package sequence

import (
	"strconv"
	"time"
)

// Playbook is one published version of the policy: what is done in each stage,
// with which waits, windows, thresholds and texts. It is immutable. A threshold
// that is left out switches its rule off. The doc tags are the reference that
// users read, and the descriptions of the JSON Schema.
type Playbook struct {
	ID       string   `yaml:"-"` // name and hash of the content
	Holidays Holidays `yaml:"-"` // filled in when the playbook is read

	Name    string  `yaml:"name" doc:"The playbook's name; a version is called by it and a hash of its content."`
	Zone    string  `yaml:"zone" doc:"The IANA time zone of a lead whose place is unknown."`
	Windows Windows `yaml:"windows" doc:"When people may be reached, at their own place; never on a weekend day that is not named, never on a public holiday."`
	Spread  Wait    `yaml:"spread" doc:"Touches due on the same day are spread over this long from its opening."`
	Late    Late    `yaml:"late" doc:"What becomes of a touch that is overdue after an outage."`

	Minimum       Minimum     `yaml:"minimum" doc:"R05: warm does not end by silence before this much was tried."`
	Quiet         Quiet       `yaml:"quiet_after_engaging" doc:"R30: after a conversation, this much silence brings in others at the account."`
	SalesReady    Readiness   `yaml:"sales_ready" doc:"R11: so many distinct kinds of engagement make a lead sales-ready."`
	Voicemails    int         `yaml:"voicemails_in_a_row" doc:"R25: after so many voicemails in a row the channel changes."`
	NoShows       int         `yaml:"no_shows" doc:"R24: a missed call is offered again so often."`
	OutOfOffice   Wait        `yaml:"out_of_office" doc:"R84: how long an automatic reply pauses that names no date."`
	ReplyWithin   Wait        `yaml:"reply_within" doc:"How long the owner has to answer a human reply, or to do what else is asked."`
	OutcomeWithin Wait        `yaml:"outcome_within" doc:"How long the owner has to record the outcome of an agreed call."`
	ReasonRecheck Wait        `yaml:"reason_recheck_after" doc:"R03: how long a touch waits when there is nothing new to bring."`
	UndoWithin    Wait        `yaml:"undo_within" doc:"How long a recorded outcome can be taken back."`
	Introduction  string      `yaml:"introduction" doc:"R83: the text with which a new owner introduces themself."`
	Cancellation  string      `yaml:"cancellation" doc:"R21: the text with which a call that falls away is called off."`
	AccountCalm   Calm        `yaml:"account_calm" doc:"R34: what happens to the others at an account while one of them is in conversation." enum:"nothing,pause,stop"`
	FreshEyes     Reopening   `yaml:"fresh_eyes" doc:"R53: what reopens a cold case early."`
	Expired       Expired     `yaml:"expired_proposal" doc:"R60: an expired proposal and unreturned calls end in the break-up."`
	TriedHard     Attempts    `yaml:"tried_hard" doc:"R61: this many calls without a response end in the break-up."`
	Effort        Effort      `yaml:"effort" doc:"R63, R82: what effort costs, and how much of it an opportunity is worth."`
	Opportunity   Opportunity `yaml:"opportunity" doc:"R51, R52, R63, R81: what a lead is worth."`
	CheckIns      CheckIns    `yaml:"check_ins" doc:"R71: what becomes of leads that stay silent in check-in."`
	Managing      Managing    `yaml:"managing" doc:"R13, R80: the norms that the manager is told about."`

	Sources map[Kind]Source           `yaml:"sources" doc:"R10: the kinds of engagement, each with its opener and weight."`
	Stages  map[Stage]map[Play][]Step `yaml:"stages" doc:"What is done in each stage: its plays, and their steps in order."`
	Texts   map[string]Text           `yaml:"-"`
}

// Windows are the hours in which people may be reached.
type Windows struct {
	Email   Window `yaml:"email" doc:"Days and hours for email."`
	Call    Window `yaml:"call" doc:"Days and hours for calls and manual touches; the legal hours of R85 hold besides."`
	Unknown Window `yaml:"unknown_place" doc:"R85: hours for calls where the time zone is a guess."`
}

// Late is the policy for touches that are overdue after an outage.
type Late struct {
	After  Wait       `yaml:"after" doc:"A touch later than this is overdue."`
	Policy LatePolicy `yaml:"policy" doc:"What becomes of it." enum:"send,skip,next_window,spread,ask_owner"`
	Over   Wait       `yaml:"over" doc:"For spread: the working days to spread over."`
}

// Minimum is how much is tried before silence ends warm (R05).
type Minimum struct {
	Touches  int  `yaml:"touches" doc:"Touches at least."`
	Over     Wait `yaml:"over" doc:"Over this long at least."`
	Channels int  `yaml:"channels" doc:"Over so many channels at least (email, call, manual)."`
}

// Quiet is when somebody who talked with us counts as silent (R30).
type Quiet struct {
	Touches int  `yaml:"touches" doc:"Touches unanswered since the conversation."`
	Over    Wait `yaml:"over" doc:"And this long since it."`
}

// Readiness is the threshold of R11.
type Readiness struct {
	Kinds  int  `yaml:"kinds" doc:"Distinct kinds of engagement."`
	Within Wait `yaml:"within" doc:"Within this long."`
}

// Calm is what happens to the others at an account while one talks (R34).
type Calm string

// The ways to keep an account calm.
const (
	CalmNothing Calm = "nothing"
	CalmPause   Calm = "pause" // until the conversation is over
	CalmStop    Calm = "stop"  // until somebody resumes them
)

// Reopening says what reopens a cold case early (R53).
type Reopening struct {
	After        Wait `yaml:"after" doc:"News and new stakeholders reopen a case that has been cold for this long."`
	News         bool `yaml:"news" doc:"A new item of the content library reopens it."`
	AnotherOwner bool `yaml:"another_owner" doc:"When a case is reopened, the manager is asked whether another owner should take it."`
}

// Expired is the threshold of R60.
type Expired struct {
	After Wait `yaml:"after" doc:"This long after the proposal's end."`
	Calls int  `yaml:"calls" doc:"And so many calls not returned."`
}

// Attempts is the threshold of R61.
type Attempts struct {
	Calls int `yaml:"calls" doc:"Call attempts a week."`
	Weeks int `yaml:"weeks" doc:"In so many weeks in a row."`
}

// Effort says what touches cost (R63, R82).
type Effort struct {
	Email      int     `yaml:"email_minutes" doc:"Minutes that an email touch takes the owner."`
	Call       int     `yaml:"call_minutes" doc:"Minutes that a call takes."`
	Attempt    int     `yaml:"attempt_minutes" doc:"Minutes that a call takes which reaches nobody."`
	Manual     int     `yaml:"manual_minutes" doc:"Minutes that a manual touch takes."`
	HourlyCost int     `yaml:"hourly_cost" doc:"What an hour of the owner costs, in whole units of your currency."`
	Share      Percent `yaml:"share" doc:"R63: effort beyond this share of the expected value ends in the break-up."`
	Holding    int     `yaml:"holding_cost" doc:"R82: what it costs to hold a lead for a month, in whole units."`
	Stagnant   Wait    `yaml:"stagnant_after" doc:"R82: a lead without a sign of life for this long is stagnant."`
}

// Opportunity says what a lead is worth: amount x still in market x win rate.
type Opportunity struct {
	Typical      int               `yaml:"typical_amount" doc:"The amount of a deal where the lead's is not known, in whole units; it orders the queue and never ends a life."`
	WinRates     map[Stage]Percent `yaml:"win_rates" doc:"R63: share of the leads in a stage that buy in the end."`
	StillIn      []Remaining       `yaml:"still_in_market" doc:"R52: of the people who say they want to buy, how many still do, by the time since; log-linear between."`
	Conversation Percent           `yaml:"conversation" doc:"R51: each conversation raises the priority by this much."`
	Proposal     Percent           `yaml:"proposal" doc:"R51: a proposal raises it by this much."`
	Invested     int               `yaml:"invested" doc:"R51: a lead with so many conversations, or a proposal, counts as invested (see only)."`
}

// Remaining is one point of the still-in-market curve (R52).
type Remaining struct {
	After Wait    `yaml:"after" doc:"Time since they said so."`
	Share Percent `yaml:"share" doc:"Share that still wants to buy."`
}

// CheckIns are the thresholds of check-in (R71).
type CheckIns struct {
	TrainingPool int `yaml:"training_pool_after" doc:"R71: after so many check-ins without an answer the manager is told that new reps could practise with the lead."`
}

// Managing holds the norms that managers are told about.
type Managing struct {
	ColdCalls Percent `yaml:"cold_call_share" doc:"R13: calls to leads without any engagement may take this share of a rep's call time in a week."`
	FollowUp  Wait    `yaml:"follow_up_within" doc:"R80: a follow-up this long after it was due is still in time."`
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
	Opener    string `yaml:"opener" doc:"What the lead did, completing \"You ...\"."`
	Weight    int    `yaml:"weight" doc:"How much this kind of engagement says about interest, 1 to 10; raises the priority."`
	Enters    Stage  `yaml:"enters" doc:"R12: the stage that such leads enter: warm, or revival for those who were in touch before." enum:"warm,revival"`
	Qualified bool   `yaml:"qualified" doc:"R50: whether such a lead counts as qualified from the start."`
	Cold      bool   `yaml:"cold" doc:"R13: whether a call to such a lead, who did nothing else, is a cold call."`
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
	Email  string `yaml:"email" doc:"Send this text: the name of a file under texts, without .md."`
	Call   string `yaml:"call" doc:"Ask the owner to call; the suggested opening."`
	Manual string `yaml:"manual" doc:"Ask the owner to do something else; what."`
	Tell   string `yaml:"tell" doc:"Tell the owner something."`
	Rest   string `yaml:"rest" doc:"Wait; why nothing happens."`

	Voicemail string `yaml:"voicemail" doc:"What the owner may say to a voicemail that answers this call: the name of a file under texts/voicemail, such as voicemail/first. It has no subject."`

	After   Wait   `yaml:"after" doc:"This long after the step before it, or after the start of the play; at once if left out."`
	Before  Wait   `yaml:"before" doc:"This long before the scheduled call instead; left out when that has passed."`
	AtCall  bool   `yaml:"at_call" doc:"At the scheduled call instead."`
	Holiday string `yaml:"holiday" doc:"R70: on the last open day before the next public holiday of this name in the lead's country; left out when there is none within three months."`
	Only    Only   `yaml:"only" doc:"Only if: permission (R04: the lead gave leave to write), invested (R51), good_terms (R71: there was a conversation, and no hard no)." enum:"permission,invested,good_terms"`
	Once    bool   `yaml:"once" doc:"Once in the life of the lead, however often the play repeats."`
	To      To     `yaml:"to" doc:"Whom it reaches: stakeholders, or the lead if left out." enum:"stakeholders"`
	Reason  Reason `yaml:"reason" doc:"R03: the reason to reach out that an email brings: opener (what the lead did), new (an unseen item of the content library), occasion (the email is itself an answer, an invitation or a question that is due)." enum:"opener,new,occasion"`
	Within  Wait   `yaml:"within" doc:"R01: a first call made later than this is escalated to the manager."`
	By      string `yaml:"by" doc:"R53, R83: who makes this touch when it is not the owner: the name of a mailbox. An email goes out from it, a call goes to the one whose mailbox it is."`
	Follows bool   `yaml:"follows" doc:"The email goes on in the thread of the one before it to the same person: as an answer to it, under its subject. Where there is none, it begins a thread under its own."`
	Invite  bool   `yaml:"invite" doc:"R21: carries the invitation to the scheduled call."`
	Rule    Rule   `yaml:"rule" doc:"The rule behind the step; it stands in the timeline."`
}

// To is whom a touch reaches; the lead itself when empty.
type To string

// Stakeholders sends the step to every stakeholder who has not answered.
const Stakeholders To = "stakeholders"

// Only is a condition of a step.
type Only string

// The conditions.
const (
	OnlyPermission Only = "permission" // R04
	OnlyInvested   Only = "invested"   // R51
	OnlyGoodTerms  Only = "good_terms" // R71
)

// Reason is the reason to reach out that a touch brings (R03).
type Reason string

// The reasons a step can ask for.
const (
	ReasonNone     Reason = ""         // for steps that send nothing
	ReasonOpener   Reason = "opener"   // what the lead did, by its source
	ReasonNew      Reason = "new"      // an unseen item of the content library
	ReasonOccasion Reason = "occasion" // the touch itself: an invitation, an answer, a question that is due
)

func (s *Step) channel() Channel {
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

// key tells a step from the others of its life.
func (s *Step) key() string {
	h := uint32(2166136261) // FNV-1a
	for _, text := range [...]string{s.Email, s.Call, s.Manual, s.Tell, s.Rest} {
		for i := range len(text) {
			h = (h ^ uint32(text[i])) * 16777619
		}
	}
	return strconv.FormatUint(uint64(h), 36)
}

// aboutCall reports an invitation or a reminder: it says nothing of interest if
// nobody answers it.
func (s *Step) aboutCall() bool { return s.Invite || !s.Before.IsZero() || s.AtCall }

// mayNotHappen reports a step that is left out where its moment or its condition
// is missing, so that a play cannot count on its wait.
func (s *Step) mayNotHappen() bool {
	return s.Only != "" || s.Once || s.AtCall || s.Holiday != "" || !s.Before.IsZero()
}

// Steps are the steps of a play; none for a play that does not exist.
func (p *Playbook) Steps(s Stage, play Play) []Step { return p.Stages[s][play] }

func (p *Playbook) spread() time.Duration {
	zero := time.Time{}
	return p.Spread.after(zero, Place{Zone: time.UTC}, Window{}).Sub(zero)
}
