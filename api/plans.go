package api

import (
	"cmp"
	"maps"
	"slices"

	"github.com/rekindlehq/rekindle/sequence"
)

// StagePlan is what a playbook does in one stage.
type StagePlan struct {
	Stage  sequence.Stage  `json:"stage"`
	Begins []sequence.Kind `json:"begins,omitempty" doc:"Kinds of engagement by which a life begins here"`
	Plays  []PlayPlan      `json:"plays"`
}

// PlayPlan is one list of steps, in order.
type PlayPlan struct {
	Play  sequence.Play `json:"play"`
	Steps []StepPlan    `json:"steps"`
}

// StepPlan is one step, where nobody answers.
type StepPlan struct {
	Kind       string          `json:"kind" enum:"email,call,manual,tell,rest"`
	What       string          `json:"what" doc:"The name of the text, or what is said"`
	When       string          `json:"when" doc:"In words"`
	Day        float64         `json:"day" doc:"About so many days after the play begins; with before_call so many days before the agreed call"`
	BeforeCall bool            `json:"before_call,omitempty"`
	Holiday    string          `json:"holiday,omitempty"`
	Only       sequence.Only   `json:"only,omitempty"`
	Once       bool            `json:"once,omitempty"`
	To         sequence.To     `json:"to,omitempty"`
	Reason     sequence.Reason `json:"reason,omitempty"`
	Rule       sequence.Rule   `json:"rule,omitempty"`
}

// plans are the living stages of a playbook in the order in which an unanswered
// lead meets them.
func plans(pb *sequence.Playbook) (all []StagePlan) {
	begins := map[sequence.Stage][]sequence.Kind{}
	for _, kind := range slices.Sorted(maps.Keys(pb.Sources)) {
		enters := cmp.Or(pb.Sources[kind].Enters, sequence.Warm)
		begins[enters] = append(begins[enters], kind)
	}
	for _, stage := range sequence.Stages() {
		if stage.Final() {
			continue
		}
		s := StagePlan{Stage: stage, Begins: begins[stage], Plays: []PlayPlan{}}
		for _, play := range sequence.PlaysOf(stage) {
			if steps := pb.Steps(stage, play); len(steps) > 0 {
				s.Plays = append(s.Plays, PlayPlan{play, stepPlans(steps)})
			}
		}
		all = append(all, s)
	}
	return all
}

func stepPlans(steps []sequence.Step) (all []StepPlan) {
	day := 0.0
	for i, s := range steps {
		p := StepPlan{Only: s.Only, Once: s.Once, To: s.To, Reason: s.Reason, Rule: s.Rule, Holiday: s.Holiday}
		for _, is := range []struct{ kind, what string }{{"email", s.Email}, {"call", s.Call}, {"manual", s.Manual}, {"tell", s.Tell}, {"rest", s.Rest}} {
			if is.what != "" {
				p.Kind, p.What = is.kind, is.what
			}
		}
		switch {
		case !s.Before.IsZero():
			p.BeforeCall, p.Day, p.When = true, s.Before.Days(), s.Before.String()+" before the agreed call"
		case s.AtCall:
			p.BeforeCall, p.When = true, "at the agreed call"
		case s.Holiday != "":
			p.Day, p.When = day, "on the last open day before "+s.Holiday
		default:
			day += s.After.Days()
			p.Day, p.When = day, when(i, s.After)
		}
		all = append(all, p)
	}
	return all
}

func when(i int, after sequence.Wait) string {
	switch {
	case after.IsZero() && i > 0:
		return "directly after that"
	case after.IsZero() || i > 0:
		return after.String() + map[bool]string{true: " later"}[i > 0]
	}
	return after.String() + " after the play begins"
}
