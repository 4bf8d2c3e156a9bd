package sequence_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/sequence"
)

// TestMain has rapid play 10,000 lives unless told otherwise.
func TestMain(m *testing.M) {
	flag.Parse()
	defaults := map[string]string{"rapid.checks": "10000", "rapid.nofailfile": "true"}
	flag.Visit(func(f *flag.Flag) { delete(defaults, f.Name) })
	for name, value := range defaults {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// promise is one invariant, told of every decision of one life in order. The
// words are what is wrong; empty when it holds.
type promise func(decision) string

// promises are what every life keeps, whatever happens in it (DESIGN.md, 4).
func promises() []struct {
	words string
	begin func() promise
} {
	return []struct {
		words string
		begin func() promise
	}{
		{"nothing is sent or asked for after a final stage", nothingIsSentOrAskedForAfterAFinalStage},
		{"a touch has a key of its own and is decided again only when it was not made", aTouchIsDecidedAgainOnlyWhenItWasNotMade},
		{"every email is decided inside the window on a working day", everyEmailIsDecidedInsideTheWindowOnAWorkingDay},
		{"every call is due in calling hours at the lead's place", everyCallIsDueInCallingHoursAtTheLeadsPlace},
		{"a life always has a next deadline or says why not", aLifeAlwaysHasANextDeadlineOrSaysWhyNot},
		{"warm is never left for cold by silence before the minimum", warmIsNeverLeftForColdBySilenceBeforeTheMinimum},
		{"stages change only along the paths", stagesChangeOnlyAlongThePaths},
		{"the timeline is numbered without gaps", theTimelineIsNumberedWithoutGaps},
		{"no step of a play is sent twice unless the play starts again", noStepOfAPlayIsSentTwiceUnlessThePlayStartsAgain},
		{"a reminded call is still to come", aRemindedCallIsStillToCome},
		{"what stands in a calendar is agreed, or is called off once", whatStandsInACalendarIsAgreedOrIsCalledOffOnce},
		{"decide changes nothing it was given and always answers alike", decideChangesNothingItWasGivenAndAlwaysAnswersAlike},
		{"a refusal changes nothing and says what to do", aRefusalChangesNothingAndSaysWhatToDo},
		{"a desk that decides many events decides as Decide does", aDeskDecidesAsDecideDoes},
	}
}

func TestEveryLifeKeepsEveryPromiseAndCanBeExplained(t *testing.T) {
	standard := defaultPlaybook(t)
	rapid.Check(t, func(rt *rapid.T) {
		pb := standard
		if rapid.Bool().Draw(rt, "a playbook of its own") {
			pb = randomPlaybook(rt, standard)
		}
		kept := make([]promise, len(promises()))
		for i, p := range promises() {
			kept[i] = p.begin()
		}
		n := 0
		var told []string
		randomLife(rt, pb, func(d decision) {
			told = append(told, fmt.Sprintf("%s %T %+v", d.at.Format(time.DateTime), d.event, d.event))
			for _, e := range entries(d.actions) {
				told = append(told, fmt.Sprintf("    %s %s%s %s %s", e.What, e.Play, e.To, e.Touch, e.Detail))
			}
			if n++; n%16 == 0 {
				explains(rt, d.after, d.pb, d.at)
			}
			for i, keeps := range kept {
				if wrong := keeps(d); wrong != "" {
					rt.Fatalf("%s: %s\n  event  %T %+v\n  at     %s\n  before %s\n  after  %s\n  actions %+v\n%s",
						promises()[i].words, wrong, d.event, d.event, d.at, mustJSON(d.before), mustJSON(d.after), d.actions, strings.Join(told[max(0, len(told)-40):], "\n"))
				}
			}
		})
	})
}

func nothingIsSentOrAskedForAfterAFinalStage() promise {
	return func(d decision) string {
		if !d.after.Stage.Final() {
			return ""
		}
		sent := playMails(d.actions)
		if d.after.Stage == sequence.DoNotContact {
			sent = only[sequence.SendEmail](d.actions)
		}
		if n := len(sent) + len(only[sequence.CreateTask](d.actions)); n > 0 {
			return "a finished life reaches out"
		}
		if at, ok := d.after.Deadline(); ok {
			return "a finished life wants to be woken at " + at.String()
		}
		if d.before.Stage.Final() && d.after.Stage != d.before.Stage {
			return "a finished life goes on"
		}
		return ""
	}
}

func aTouchIsDecidedAgainOnlyWhenItWasNotMade() promise {
	emails, notMade, tasks := map[string]string{}, map[string]bool{}, map[string]bool{}
	return func(d decision) string {
		if e, ok := d.event.(sequence.TouchPerformed); ok {
			switch e.Status {
			case sequence.Deferred, sequence.NoReason, sequence.Cancelled:
				notMade[e.Touch] = true
			}
		}
		for _, s := range only[sequence.SendEmail](d.actions) {
			mail, again := emails[s.Touch]
			if s.Touch == "" || again && (!notMade[s.Touch] || mail != s.Text+" to "+s.To) {
				return "email touch " + strconv.Quote(s.Touch) + " is no key of its own"
			}
			emails[s.Touch], notMade[s.Touch] = s.Text+" to "+s.To, false
		}
		for _, c := range only[sequence.CreateTask](d.actions) {
			if c.Touch == "" || tasks[c.Touch] {
				return "task touch " + strconv.Quote(c.Touch) + " is no key of its own"
			}
			tasks[c.Touch] = true
		}
		return ""
	}
}

func everyEmailIsDecidedInsideTheWindowOnAWorkingDay() promise {
	return func(d decision) string {
		if len(playMails(d.actions)) == 0 {
			return ""
		}
		local := d.at.In(zoneOf(d.after, d.pb))
		clock := local.Hour()*60 + local.Minute()
		switch {
		case !d.pb.Windows.Email.Days[local.Weekday()]:
			return "an email on a day off: " + local.String()
		case d.pb.Holidays[d.after.Country][sequence.DayOf(local)] != "":
			return "an email on " + d.pb.Holidays[d.after.Country][sequence.DayOf(local)]
		case clock < d.pb.Windows.Email.From || clock >= d.pb.Windows.Email.To:
			return "an email at " + local.String()
		}
		return ""
	}
}

func everyCallIsDueInCallingHoursAtTheLeadsPlace() promise {
	return func(d decision) string {
		for _, c := range only[sequence.CreateTask](d.actions) {
			if c.Kind != sequence.TaskCall {
				continue
			}
			local := c.DueAt.In(zoneOf(d.after, d.pb))
			_, known := sequence.LoadZone(d.after.Zone)
			clock, w := local.Hour()*60+local.Minute(), d.pb.Windows.Call
			switch {
			case local.Hour() < 8 || local.Hour() >= 21:
				return "a call at " + local.String()
			case c.DueAt.Before(d.at):
				return "a call that was due before it was asked for"
			case c.Promised:
			case !w.Days[local.Weekday()] || d.pb.Holidays[d.after.Country][sequence.DayOf(local)] != "":
				return "a call on a day off: " + local.String()
			case c.Rule != "" && (clock < w.From || clock > w.To):
				return "a call outside the playbook's hours at " + local.String()
			case !known && (clock < d.pb.Windows.Unknown.From || clock > d.pb.Windows.Unknown.To):
				return "a call to an unknown place at " + local.String()
			}
		}
		return ""
	}
}

// zoneOf is the lead's zone by the plain words of the rule, apart from the code.
func zoneOf(l sequence.Lead, pb *sequence.Playbook) *time.Location {
	name := l.Zone
	if name == "" || name == "Nowhere/AtAll" {
		name = pb.Zone
	}
	zone, ok := sequence.LoadZone(name)
	if !ok {
		panic("no zone " + name)
	}
	return zone
}

func aLifeAlwaysHasANextDeadlineOrSaysWhyNot() promise {
	return func(d decision) string {
		l := d.after
		if l.Stage.Final() || len(l.InFlight) > 0 {
			return ""
		}
		if l.Pause != nil {
			if l.Pause.Reason == "" {
				return "a pause without a reason"
			}
			return ""
		}
		if _, ok := l.Deadline(); !ok {
			return "a living lead waits for nothing"
		}
		return ""
	}
}

func warmIsNeverLeftForColdBySilenceBeforeTheMinimum() promise {
	touches, channels := 0, map[sequence.Channel]bool{}
	wasTouches, wasChannels := 0, map[sequence.Channel]bool{}
	return func(d decision) string {
		if _, ok := d.event.(sequence.OutcomeRecorded); ok && d.err == nil {
			wasTouches, wasChannels = touches, maps.Clone(channels)
		}
		if _, ok := d.event.(sequence.OutcomeTakenBack); ok && d.err == nil {
			touches, channels = wasTouches, maps.Clone(wasChannels)
		}
		if c, ok := reachedOut(d); ok {
			touches++
			channels[c] = true
		}
		for _, e := range entries(d.actions) {
			if e.What != sequence.StageChanged {
				continue
			}
			silence := true
			if o, spoke := d.event.(sequence.OutcomeRecorded); spoke {
				silence = !o.Outcome.Conversation()
			}
			early := d.at.Before(d.before.EnteredAt.AddDate(0, 0, 7*d.pb.Minimum.Over.N-1)) // weeks, whatever the clocks do
			if e.From == sequence.Warm && e.To == sequence.Cold && silence &&
				(touches < d.pb.Minimum.Touches || len(channels) < d.pb.Minimum.Channels || early) {
				return "given up after " + strconv.Itoa(touches) + " touches"
			}
			touches, channels = 0, map[sequence.Channel]bool{}
		}
		return ""
	}
}

// reachedOut counts touches apart from the code: mail that went out, calls that
// were made, other attempts that were reported.
func reachedOut(d decision) (sequence.Channel, bool) {
	if d.err != nil {
		return "", false
	}
	switch ev := d.event.(type) {
	case sequence.TouchPerformed:
		return sequence.ByEmail, ev.Status == sequence.Sent || ev.Status == sequence.Unknown
	case sequence.SendAbandoned:
		return sequence.ByEmail, slices.ContainsFunc(entries(d.actions), func(e sequence.Entry) bool { return e.What == sequence.TouchMade })
	case sequence.OutcomeRecorded:
		return sequence.ByCall, ev.Outcome == sequence.NoAnswer || ev.Outcome == sequence.Voicemail || ev.Outcome.Conversation()
	case sequence.TaskDone:
		return sequence.ByManual, ev.Kind == sequence.TaskManual
	}
	return "", false
}

func stagesChangeOnlyAlongThePaths() promise {
	return func(d decision) string {
		at := d.before.Stage
		for _, e := range entries(d.actions) {
			if e.What == sequence.OutcomeUndone {
				if e.From != at {
					return "an outcome is taken back in " + string(at) + ", not in " + string(e.From)
				}
				at = e.To
			}
			if e.What != sequence.StageChanged {
				continue
			}
			onMap := slices.ContainsFunc(sequence.Paths(), func(p sequence.Path) bool { return p.From == e.From && p.To == e.To })
			switch {
			case e.From != at:
				return "the life was in " + string(at) + ", not in " + string(e.From)
			case e.Rule == "":
				return "a transition without a rule"
			case e.From.Final() || e.From != "" && !e.To.Final() && !onMap:
				return "no path leads from " + string(e.From) + " to " + string(e.To)
			}
			at = e.To
		}
		if at != d.after.Stage {
			return "the timeline ends in " + string(at) + ", the lead in " + string(d.after.Stage)
		}
		if play := d.after.Play; !at.Final() && !slices.Contains(sequence.PlaysOf(at), play) {
			return string(at) + " has no play " + string(play)
		}
		return ""
	}
}

func theTimelineIsNumberedWithoutGaps() promise {
	n := 0
	return func(d decision) string {
		for _, e := range entries(d.actions) {
			if n++; e.N != n {
				return "entry " + strconv.Itoa(e.N) + " stands where " + strconv.Itoa(n) + " should"
			}
			if e.What == "" || !e.At.Equal(d.at) {
				return "an entry that does not say what or when"
			}
		}
		return ""
	}
}

// A text goes out as often as the play has it, under the version that has it most
// often when the lead changes versions on the way.
func noStepOfAPlayIsSentTwiceUnlessThePlayStartsAgain() promise {
	type mail struct{ text, to string }
	sending, done, allowed := map[string]mail{}, map[mail]int{}, map[string]int{}
	allow := func(d decision) {
		count := map[string]int{}
		for _, s := range d.pb.Steps(d.after.Stage, d.after.Play) {
			count[s.Email]++
			allowed[s.Email] = max(allowed[s.Email], count[s.Email])
		}
	}
	return func(d decision) string {
		if ev, ok := d.event.(sequence.TouchPerformed); ok && (ev.Status == sequence.Sent || ev.Status == sequence.Unknown) {
			if m, ok := sending[ev.Touch]; ok {
				done[m]++
				delete(sending, ev.Touch) // it may be told again
			}
		}
		for _, e := range entries(d.actions) {
			if e.What == sequence.PlayChanged || e.What == sequence.OutcomeUndone {
				clear(sending)
				clear(done)
				clear(allowed)
			}
		}
		allow(d)
		for _, send := range playMails(d.actions) {
			m := mail{send.Text, send.To}
			if send.Rule != sequence.Inherited && done[m] >= allowed[m.text] {
				return m.text + " goes out to " + strconv.Quote(m.to) + " again"
			}
			sending[send.Touch] = m
		}
		return ""
	}
}

func aRemindedCallIsStillToCome() promise {
	return func(d decision) string {
		for _, send := range playMails(d.actions) {
			if send.Rule == sequence.Inherited {
				continue // an introduction is about no call
			}
			s := d.pb.Steps(d.before.Stage, d.before.Play)[d.before.Next.Step]
			if about := s.Invite || !s.Before.IsZero(); about && (d.after.Call == nil || !d.after.Call.At.After(d.at)) {
				return "an invitation or reminder to a call that is over"
			}
		}
		return ""
	}
}

// This one asks four more times, so it looks at every sixteenth decision.
func decideChangesNothingItWasGivenAndAlwaysAnswersAlike() promise {
	n := 0
	return func(d decision) string {
		if _, moved := d.event.(policyChanged); moved {
			return ""
		}
		if n++; n%16 != 0 {
			return ""
		}
		was := mustJSON(d.before)
		var carried sequence.Lead
		if err := json.Unmarshal([]byte(was), &carried); err != nil {
			return err.Error()
		}
		again, actions, err := sequence.Decide(d.before, d.event, d.at, d.pb)
		if !reflect.DeepEqual(again, d.after) || !reflect.DeepEqual(actions, d.actions) || !reflect.DeepEqual(err, d.err) {
			return "asked again, it answers differently"
		}
		if mustJSON(d.before) != was {
			return "the lead that was given has changed from " + was
		}
		carriedAfter, carriedActions, carriedErr := sequence.Decide(carried, d.event, d.at, d.pb)
		if mustJSON(carriedAfter) != mustJSON(d.after) || mustJSON(carriedActions) != mustJSON(d.actions) || !reflect.DeepEqual(carriedErr, d.err) {
			return "carried as JSON, it answers differently"
		}
		return ""
	}
}

func aRefusalChangesNothingAndSaysWhatToDo() promise {
	return func(d decision) string {
		if d.err == nil {
			return ""
		}
		refusal, ok := d.err.(*sequence.Refusal)
		switch {
		case !ok:
			return "an error that is no refusal: " + d.err.Error()
		case refusal.Code == "" || refusal.Message == "" || refusal.Remedy == "":
			return "a refusal that does not help: " + d.err.Error()
		case len(d.actions) > 0 || !reflect.DeepEqual(d.before, d.after):
			return "a refused event has an effect"
		}
		return ""
	}
}
