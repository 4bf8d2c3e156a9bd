package sequence_test

import (
	"maps"
	"slices"
	"strconv"

	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/sequence"
)

// randomPlaybook changes a playbook here and there: other waits, windows and
// thresholds, steps left out, moved, doubled and made conditional. What it gives
// passes Check.
func randomPlaybook(rt *rapid.T, was *sequence.Playbook) *sequence.Playbook {
	for range 20 {
		pb := *was
		pb.Texts = map[string]sequence.Text{} // their words decide nothing, and reading them takes time
		for name := range was.Texts {
			pb.Texts[name] = sequence.Text{Subject: name, Body: "{{.Asked}}"}
		}
		pb.ID = "random-" + strconv.Itoa(rapid.IntRange(0, 1<<30).Draw(rt, "version"))
		changeThresholds(rt, &pb)
		pb.Stages = map[sequence.Stage]map[sequence.Play][]sequence.Step{}
		for _, stage := range sequence.Stages() {
			plays := map[sequence.Play][]sequence.Step{}
			for _, play := range sequence.PlaysOf(stage) {
				plays[play] = was.Steps(stage, play)
				if rapid.IntRange(0, 3).Draw(rt, "change the play") == 0 {
					plays[play] = changeSteps(rt, plays[play])
				}
			}
			if len(plays) > 0 {
				pb.Stages[stage] = plays
			}
		}
		if !slices.ContainsFunc(pb.Check(), func(f sequence.Fault) bool { return !f.Warning }) {
			return &pb
		}
	}
	same := *was
	same.ID += "x"
	return &same
}

func changeThresholds(rt *rapid.T, pb *sequence.Playbook) {
	n := func(what string, most int) int { return rapid.IntRange(0, most).Draw(rt, what) }
	window := func(what string) sequence.Window {
		w := sequence.Window{From: 60 * rapid.IntRange(6, 14).Draw(rt, what+" from")}
		w.To = w.From + 30*rapid.IntRange(1, 14).Draw(rt, what+" hours")
		for d := range w.Days {
			w.Days[d] = rapid.IntRange(0, 4).Draw(rt, what+" day") > 0
		}
		return w
	}
	if n("windows", 2) == 0 {
		pb.Windows = sequence.Windows{Email: window("email"), Call: window("call"), Unknown: window("unknown")}
	}
	pb.Spread = sequence.Wait{N: n("spread", 12), Unit: sequence.Hours}
	pb.Late.Policy = rapid.SampledFrom([]sequence.LatePolicy{sequence.LateSend, sequence.LateSkip, sequence.LateNextWindow, sequence.LateSpread, sequence.LateAskOwner}).Draw(rt, "late")
	pb.Late.Over = sequence.Wait{N: n("over", 5), Unit: sequence.WorkingDays}
	pb.Minimum.Touches, pb.Minimum.Channels = n("touches", 12), n("channels", 2)
	pb.Quiet.Touches, pb.NoShows, pb.Voicemails = 1+n("quiet", 5), n("no shows", 3), n("voicemails", 4)
	pb.TriedHard = sequence.Attempts{Calls: n("calls", 4), Weeks: n("weeks", 3)}
	pb.Expired.Calls = n("expired", 3)
	pb.Effort.Share = sequence.Percent(n("share", 30))
	pb.AccountCalm = rapid.SampledFrom([]sequence.Calm{"", sequence.CalmNothing, sequence.CalmPause, sequence.CalmStop}).Draw(rt, "calm")
	if n("no introduction", 3) == 0 {
		pb.Introduction = ""
	}
	if n("no cancellation", 5) == 0 {
		pb.Cancellation = ""
	}
	pb.Opportunity.WinRates = maps.Clone(pb.Opportunity.WinRates)
}

func changeSteps(rt *rapid.T, steps []sequence.Step) []sequence.Step {
	changed := slices.Clone(steps)
	for range rapid.IntRange(1, 4).Draw(rt, "changes") {
		if len(changed) == 0 {
			break
		}
		i, j := rapid.IntRange(0, len(changed)-1).Draw(rt, "step"), rapid.IntRange(0, len(changed)-1).Draw(rt, "other step")
		switch rapid.IntRange(0, 5).Draw(rt, "change") {
		case 0:
			changed = slices.Delete(changed, i, i+1)
		case 1:
			changed[i], changed[j] = changed[j], changed[i]
		case 2:
			changed = slices.Insert(changed, i, changed[j])
		case 3:
			if s := &changed[i]; s.Before.IsZero() && !s.AtCall && s.Holiday == "" {
				s.After = aWait(rt)
			}
		case 4:
			changed[i].Only = rapid.SampledFrom([]sequence.Only{"", sequence.OnlyPermission, sequence.OnlyInvested, sequence.OnlyGoodTerms}).Draw(rt, "only")
		case 5:
			changed[i].Once = !changed[i].Once
		}
	}
	return changed
}

func aWait(rt *rapid.T) sequence.Wait {
	return sequence.Wait{N: rapid.IntRange(0, 20).Draw(rt, "wait"), Unit: rapid.SampledFrom([]sequence.Unit{
		sequence.Minutes, sequence.Hours, sequence.Days, sequence.Weeks, sequence.Months,
		sequence.WorkingMinutes, sequence.WorkingHours, sequence.WorkingDays,
	}).Draw(rt, "unit")}
}
