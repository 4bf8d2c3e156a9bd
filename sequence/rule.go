package sequence

// Rule is the id of a business rule. It stands in every transition, wait and
// explanation that the rule causes.
type Rule string

// The business rules. docs/rules.md says more about each.
const (
	SpeedToLead      Rule = "R01"
	Remind           Rule = "R02"
	BringSomething   Rule = "R03"
	Permission       Rule = "R04"
	Persist          Rule = "R05"
	ValueFirst       Rule = "R06"
	Sources          Rule = "R10"
	SalesReady       Rule = "R11"
	DormantImport    Rule = "R12"
	ColdCalls        Rule = "R13"
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
	Investment       Rule = "R51"
	StillInMarket    Rule = "R52"
	FreshEyes        Rule = "R53"
	EmailThenCall    Rule = "R54"
	CloseYourFile    Rule = "R55"
	NeverAskToBuy    Rule = "R56"
	ExpiredProposal  Rule = "R60"
	TriedHard        Rule = "R61"
	DecidedNo        Rule = "R62"
	EffortTooHigh    Rule = "R63"
	Decisive         Rule = "R64"
	NoIsNoForNow     Rule = "R65"
	CheckInQuarterly Rule = "R70"
	CreativeUses     Rule = "R71"
	StopMeansStop    Rule = "R72"
	BuysOrDies       Rule = "R73"
	FollowUpInTime   Rule = "R80"
	QueueOrder       Rule = "R81"
	HoldingCost      Rule = "R82"
	Inherited        Rule = "R83"
	OutOfOffice      Rule = "R84"
	CallingHours     Rule = "R85"
)

// What is decided by no business rule.
const (
	LateTimers Rule = "late"
	ByHand     Rule = "hand"
	ReplyFirst Rule = "reply"
	Policy     Rule = "policy" // another version of the playbook
	TakenBack  Rule = "undo"
)

// Title is the rule in a few words, for explanations and timelines.
func (r Rule) Title() string {
	for _, d := range Catalogue() {
		if d.ID == r {
			return d.Title
		}
	}
	switch r {
	case LateTimers:
		return "an overdue touch follows the playbook's policy for late timers"
	case ByHand:
		return "decided by a person"
	case ReplyFirst:
		return "a human reply is read by a human before anything else is sent"
	case Policy:
		return "the playbook was changed"
	case TakenBack:
		return "a wrongly recorded outcome was taken back"
	}
	return string(r)
}
