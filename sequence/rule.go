package sequence

// Rule is the id of a business rule. It stands in every transition, wait and
// explanation that the rule causes.
type Rule string

// The rules that the code applies today.
const (
	SpeedToLead      Rule = "R01"
	Remind           Rule = "R02"
	BringSomething   Rule = "R03"
	Permission       Rule = "R04"
	Persist          Rule = "R05"
	Sources          Rule = "R10"
	SalesReady       Rule = "R11"
	DormantImport    Rule = "R12"
	NextStepNamed    Rule = "R20"
	BothCalendars    Rule = "R21"
	SendMeSomething  Rule = "R22"
	Prepared         Rule = "R23"
	NoShow           Rule = "R24"
	VoicemailLoop    Rule = "R25"
	InTheirTime      Rule = "R26"
	QuietAfter       Rule = "R30"
	PrimaryFirst     Rule = "R31"
	Objection        Rule = "R32"
	WrongPerson      Rule = "R33"
	AccountCalm      Rule = "R34"
	Diagnose         Rule = "R40"
	Empathy          Rule = "R41"
	BeOfHelp         Rule = "R42"
	LetGo            Rule = "R43"
	QualifiedOnly    Rule = "R50"
	EmailThenCall    Rule = "R54"
	CloseYourFile    Rule = "R55"
	DecidedNo        Rule = "R62"
	EffortTooHigh    Rule = "R63"
	Decisive         Rule = "R64"
	NoIsNoForNow     Rule = "R65"
	CheckInQuarterly Rule = "R70"
	StopMeansStop    Rule = "R72"
	BuysOrDies       Rule = "R73"
	Inherited        Rule = "R83"
	OutOfOffice      Rule = "R84"
	CallingHours     Rule = "R85"
	LateTimers       Rule = "late"
	ByHand           Rule = "hand"
	ReplyFirst       Rule = "reply"
)

// Title is the rule in a few words, for explanations and timelines.
func (r Rule) Title() string {
	for _, t := range titles {
		if t.rule == r {
			return t.title
		}
	}
	return string(r)
}

var titles = []struct {
	rule  Rule
	title string
}{
	{SpeedToLead, "speed to lead: acknowledge at once, call within the limit"},
	{Remind, "remind them what they asked for"},
	{BringSomething, "every touch brings a reason to reach out"},
	{Permission, "a time or permission that the lead gave goes first"},
	{Persist, "persist: never give up before the minimum of touches"},
	{Sources, "each source has its own opener"},
	{SalesReady, "several kinds of engagement make a lead sales-ready"},
	{DormantImport, "a dormant contact enters through revival"},
	{NextStepNamed, "every conversation names its next step"},
	{BothCalendars, "a scheduled call is in both calendars"},
	{SendMeSomething, "information is sent together with a proposed time"},
	{Prepared, "a call is prepared by its brief"},
	{NoShow, "a missed call is re-offered twice, kindly"},
	{VoicemailLoop, "three voicemails in a row change the channel"},
	{InTheirTime, "reminders belong to the lead's time zone"},
	{QuietAfter, "quiet after engaging: others at the account are asked"},
	{PrimaryFirst, "the primary is told first and may object"},
	{Objection, "an objection of the primary calls the outreach off"},
	{WrongPerson, "not the decision maker: others at the account are asked"},
	{AccountCalm, "while one at the account talks, the others are left alone"},
	{Diagnose, "a cold lead is diagnosed"},
	{Empathy, "one honest, guilt-free message"},
	{BeOfHelp, "something that makes their work easier, instead of asking about the sale"},
	{LetGo, "not a fit is let go, with the reason"},
	{QualifiedOnly, "only the qualified are revived"},
	{EmailThenCall, "revival writes first, then calls"},
	{CloseYourFile, "no clear answer: should we close your file?"},
	{DecidedNo, "the decision maker said no with a reason"},
	{EffortTooHigh, "the effort exceeds the opportunity"},
	{Decisive, "one last message seeks a clear answer"},
	{NoIsNoForNow, "a no that is not a stop is a no for now"},
	{CheckInQuarterly, "a quarterly check-in"},
	{StopMeansStop, "stop means stop, everywhere at once"},
	{BuysOrDies, "only a win, a stop, a disqualification or an address that is gone end a life"},
	{Inherited, "a reassigned lead begins with an introduction"},
	{OutOfOffice, "an automatic reply pauses, it is no engagement"},
	{CallingHours, "calls only within legal hours at the lead's place"},
	{LateTimers, "an overdue touch follows the playbook's policy for late timers"},
	{ByHand, "decided by a person"},
	{ReplyFirst, "a human reply is read by a human before anything else is sent"},
}
