package web

import (
	"fmt"
	"strings"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/sequence"
)

// words makes a name of the code readable.
func words(name any) string { return strings.ReplaceAll(fmt.Sprint(name), "_", " ") }

func stageWord(s any) string {
	switch sequence.Stage(fmt.Sprint(s)) {
	case sequence.MultiStakeholder:
		return "Multi-stakeholder"
	case sequence.BreakUp:
		return "Break-up"
	case sequence.CheckIn:
		return "Check-in"
	}
	return capital(words(s))
}

func outcomeWord(o any) string {
	switch sequence.Outcome(fmt.Sprint(o)) {
	case sequence.CallScheduled:
		return "Next call agreed"
	case sequence.SendInfo:
		return "Wants information"
	case sequence.MissedByLead:
		return "Did not show up"
	case sequence.PrimaryObject:
		return "Objects: talk to me first"
	case sequence.StopOutcome:
		return "Stop: never again"
	}
	return capital(words(o))
}

func kindWord(k any) string {
	switch sequence.TaskKind(fmt.Sprint(k)) {
	case sequence.TaskReply:
		return "Reply to read"
	case sequence.TaskDiagnose:
		return "Why did it go cold?"
	case sequence.TaskManual:
		return "To do"
	}
	return capital(words(k))
}

// importState is how far a list is.
func importState(v importing.View) string {
	switch {
	case v.State == importing.Running && v.Dry:
		return "Being checked"
	case v.State == importing.Running:
		return "Coming in"
	case v.State == importing.Stopped:
		return "Stopped"
	case v.State == importing.Ended:
		return "Came in"
	case v.Pass > 0:
		return "Checked; nothing has changed yet"
	}
	return "Not begun"
}

// sourceStates are those of what came by webhook.
var sourceStates = map[string]string{hook.Received: "waits", hook.Done: "done", hook.Failed: "failed", hook.Ignored: "ignored"}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// money is an amount of cents in whole units.
func money(cents any) string {
	var n int64
	switch c := cents.(type) {
	case int64:
		n = c
	case *int64:
		if c == nil {
			return ""
		}
		n = *c
	}
	whole := fmt.Sprint((n + 50) / 100)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	return whole
}

func factor(f float64) string { return fmt.Sprintf("× %.1f", f) }

// SaysOf is the same of an entry that may be missing.
func (v *visit) SaysOf(e *sequence.Entry) string { return v.Says(*e) }

// Says is an entry of a timeline in words.
func (v *visit) Says(e sequence.Entry) string {
	said := capital(words(e.What))
	switch {
	case e.What == sequence.OutcomeUndone:
	case e.To != "" && e.From == "":
		said = "Began as " + stageWord(e.To)
	case e.To != "":
		said = stageWord(e.From) + " → " + stageWord(e.To)
	case e.What == sequence.PlayChanged:
		said = "Play: " + words(e.Play)
	}
	if e.Detail != "" {
		said += ": " + e.Detail
	}
	if !e.Until.IsZero() {
		said += ", " + v.short(e.Until)
	}
	if len(e.Evidence) > 0 {
		said += " (" + strings.Join(e.Evidence, ", ") + ")"
	}
	return said
}
