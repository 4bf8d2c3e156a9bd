package sequence

import "slices"

// Stage says where a lead stands in its life.
type Stage string

// The stages of a life, in the order in which an unanswered lead meets them, and
// the three final ones.
const (
	Warm             Stage = "warm"
	ScheduledCall    Stage = "scheduled_call"
	MultiStakeholder Stage = "multi_stakeholder"
	Cold             Stage = "cold"
	Revival          Stage = "revival"
	BreakUp          Stage = "break_up"
	CheckIn          Stage = "check_in"

	Won          Stage = "won"
	Disqualified Stage = "disqualified"
	DoNotContact Stage = "do_not_contact"
)

// Stages lists every stage, living ones first.
func Stages() []Stage {
	return []Stage{
		Warm, ScheduledCall, MultiStakeholder, Cold, Revival, BreakUp, CheckIn,
		Won, Disqualified, DoNotContact,
	}
}

// Final reports whether the life ends here (R73): nothing is sent afterwards.
func (s Stage) Final() bool {
	return s == Won || s == Disqualified || s == DoNotContact
}

// Known reports whether s is one of Stages.
func (s Stage) Known() bool { return slices.Contains(Stages(), s) }

// Path is one way from stage to stage and the words for it on the map.
type Path struct {
	From, To Stage
	When     string
}

// Paths is the map of a life: a transition that is not here cannot happen.
// docs/stages.md draws it; a test keeps the two alike. Every living stage also
// leads to the three final ones.
func Paths() []Path { return paths }

var paths = []Path{
	{Warm, ScheduledCall, "a call is booked"},
	{Warm, MultiStakeholder, "quiet after engaging, or the wrong person"},
	{Warm, Cold, "touches spent, never before the minimum"},
	{Warm, BreakUp, "the decision maker said no, or more effort makes no sense"},
	{Warm, CheckIn, "nothing to buy now, and leave to stay in touch"},
	{ScheduledCall, Warm, "interested, no time agreed yet"},
	{ScheduledCall, MultiStakeholder, "went quiet after engaging, or the wrong person"},
	{ScheduledCall, Cold, "went quiet and nobody else is known, or not now"},
	{ScheduledCall, BreakUp, "the decision maker said no, or more effort makes no sense"},
	{ScheduledCall, CheckIn, "nothing to buy now, and leave to stay in touch"},
	{MultiStakeholder, ScheduledCall, "anyone answers, or the primary objects"},
	{MultiStakeholder, Warm, "interested, no time agreed yet"},
	{MultiStakeholder, Cold, "all silent, or not now"},
	{MultiStakeholder, BreakUp, "the decision maker said no"},
	{MultiStakeholder, CheckIn, "nothing to buy now, and leave to stay in touch"},
	{Cold, Warm, "a sign of life"},
	{Cold, ScheduledCall, "a call is booked"},
	{Cold, MultiStakeholder, "diagnosed: wrong person, or a new witness"},
	{Cold, Revival, "rested, qualified, or news"},
	{Cold, BreakUp, "rested, not qualified, the decision maker said no, or more effort makes no sense"},
	{Cold, CheckIn, "nothing to buy now, and leave to stay in touch"},
	{Revival, Warm, "interest"},
	{Revival, ScheduledCall, "a call is booked"},
	{Revival, MultiStakeholder, "the wrong person"},
	{Revival, BreakUp, "no answer, or no"},
	{Revival, CheckIn, "not now, or leave to stay in touch"},
	{BreakUp, Warm, "yes"},
	{BreakUp, ScheduledCall, "a call is booked"},
	{BreakUp, CheckIn, "no for now, or silence"},
	{CheckIn, Warm, "any sign of life"},
	{CheckIn, ScheduledCall, "a call is booked"},
}

func leads(from, to Stage) bool {
	if from.Final() {
		return false
	}
	return from == "" || from == to || to.Final() ||
		slices.ContainsFunc(paths, func(p Path) bool { return p.From == from && p.To == to })
}
