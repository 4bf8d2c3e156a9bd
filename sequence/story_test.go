package sequence_test

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// story is a life for a test: what happens in it succeeds or is refused, and it
// tells by which rules.
type story struct {
	*simulate.Life
	t       testing.TB
	refused []*sequence.Refusal
}

// tell begins a life in Berlin on a Monday at ten.
func tell(t testing.TB, kind sequence.Kind, pb *sequence.Playbook) *story {
	return tellOf(t, sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}, kind, pb)
}

func tellOf(t testing.TB, l sequence.Lead, kind sequence.Kind, pb *sequence.Playbook) *story {
	life, err := simulate.Begin(l, kind, pb, monday)
	require.NoError(t, err)
	return &story{Life: life, t: t}
}

// copyOf is the default playbook, to be changed at will.
func copyOf(t testing.TB) *sequence.Playbook {
	pb := *defaultPlaybook(t)
	pb.Sources, pb.Texts = maps.Clone(pb.Sources), maps.Clone(pb.Texts)
	pb.Opportunity.WinRates = maps.Clone(pb.Opportunity.WinRates)
	stages := map[sequence.Stage]map[sequence.Play][]sequence.Step{}
	for stage, plays := range pb.Stages {
		stages[stage] = map[sequence.Play][]sequence.Step{}
		for play, steps := range plays {
			stages[stage][play] = slices.Clone(steps)
		}
	}
	pb.Stages = stages
	return &pb
}

// let lets an event happen; a refusal is kept.
func (s *story) let(ev sequence.Event) *story {
	err := s.Let(ev)
	if refusal := new(sequence.Refusal); errors.As(err, &refusal) {
		s.refused = append(s.refused, refusal)
		return s
	}
	require.NoError(s.t, err)
	return s
}

func (s *story) outcome(o sequence.Outcome) *story {
	return s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: o, WhyNone: true, Reason: true})
}

// agreed records an outcome with a time for the next call.
func (s *story) agreed(o sequence.Outcome, at time.Time) *story {
	return s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: o, NextAt: at})
}

func (s *story) at(t time.Time) *story {
	require.NoError(s.t, s.Until(t))
	return s
}

func (s *story) wait(d time.Duration) *story { return s.at(s.Now.Add(d)) }

func (s *story) days(n int) *story { return s.wait(time.Duration(n) * day) }

const day = 24 * time.Hour

// diligent lives until it is enough, or for two years at most, with an owner who
// does so many of the tasks that are no promise and reaches nobody.
func (s *story) diligent(tasks int, enough func(sequence.Lead) bool) *story {
	end := s.Now.AddDate(2, 0, 0)
	for !enough(s.Lead) {
		at, ok := s.Lead.Deadline()
		require.True(s.t, ok && at.Before(end), "it never comes: %s", mustJSON(s.Lead))
		s.Now = at
		before := len(s.Actions)
		s.let(sequence.DeadlineReached{})
		for _, task := range only[sequence.CreateTask](s.Actions[before:]) {
			if tasks > 0 && s.does(task) {
				tasks--
			}
		}
	}
	return s
}

func (s *story) does(task sequence.CreateTask) bool {
	switch task.Kind {
	case sequence.TaskCall:
		s.let(sequence.OutcomeRecorded{By: rep, ID: "o", Outcome: sequence.NoAnswer, With: task.To})
		return true
	case sequence.TaskManual:
		s.let(sequence.TaskDone{By: rep, ID: "k", Kind: sequence.TaskManual})
		return true
	case sequence.TaskReply, sequence.TaskDiagnose, sequence.TaskFindOthers, sequence.TaskEngaged:
	}
	return false
}

func in(stage sequence.Stage) func(sequence.Lead) bool {
	return func(l sequence.Lead) bool { return l.Stage == stage }
}

// seen are the rules of the entries that are meant.
func (s *story) seen(meant func(sequence.Entry) bool) []sequence.Rule {
	rules := []sequence.Rule{}
	for _, e := range s.Timeline {
		if meant(e) {
			rules = append(rules, e.Rule)
		}
	}
	return rules
}

func (s *story) of(what ...sequence.What) []sequence.Rule {
	return s.seen(func(e sequence.Entry) bool { return slices.Contains(what, e.What) })
}

func (s *story) stages() []sequence.Rule  { return s.of(sequence.StageChanged) }
func (s *story) touches() []sequence.Rule { return s.of(sequence.TouchMade, sequence.TaskAsked) }
func (s *story) emails() []sequence.Rule  { return s.of(sequence.TouchMade) }
func (s *story) told() []sequence.Rule    { return s.of(sequence.PersonTold) }
func (s *story) pauses() []sequence.Rule  { return s.of(sequence.PauseBegan) }
func (s *story) noted() []sequence.Rule   { return s.of(sequence.SomethingKnown) }

func (s *story) entering(stage sequence.Stage) []sequence.Rule {
	return s.seen(func(e sequence.Entry) bool { return e.What == sequence.StageChanged && e.To == stage })
}

func (s *story) playing(play sequence.Play) []sequence.Rule {
	return s.seen(func(e sequence.Entry) bool { return e.What == sequence.PlayChanged && e.Play == play })
}

// because are the rules that explain where the lead stands.
func (s *story) because() []sequence.Rule {
	rules := []sequence.Rule{}
	for _, g := range sequence.Explain(s.Lead, s.Playbook, s.Now).Because {
		rules = append(rules, g.Rule)
	}
	return rules
}

var namesRule = regexp.MustCompile(`^R\d\d`)

func (s *story) refusals() []sequence.Rule {
	rules := []sequence.Rule{}
	for _, r := range s.refused {
		rules = append(rules, sequence.Rule(namesRule.FindString(r.Message)))
	}
	return rules
}
