package sequence

import (
	"fmt"
	"slices"
)

// Check names every fault that would keep a life from going on under this
// playbook: a play that is missing or empty, a step that is not exactly one
// thing, a text that does not exist, a stage that would spin without waiting.
func (p *Playbook) Check() []string {
	var faults []string
	fault := func(format string, a ...any) { faults = append(faults, fmt.Sprintf(format, a...)) }
	if _, ok := LoadZone(p.Zone); !ok {
		fault("zone: %q is not an IANA time zone", p.Zone)
	}
	for name, w := range map[string]Window{"email": p.Windows.Email, "call": p.Windows.Call, "unknown_place": p.Windows.Call.within(p.Windows.Unknown)} {
		if !opens(w.within(LegalCallingHours())) {
			fault("windows.%s: never opens", name)
		}
	}
	for _, n := range []struct {
		key string
		w   Wait
	}{
		{"out_of_office", p.OutOfOffice},
		{"reply_within", p.ReplyWithin},
		{"outcome_within", p.OutcomeWithin},
		{"reason_recheck_after", p.ReasonRecheck},
		{"late.after", p.Late.After},
		{"sales_ready.within", p.SalesReady.Within},
	} {
		if n.w.IsZero() {
			fault("%s: must be longer than nothing", n.key)
		}
	}
	if !slices.Contains([]LatePolicy{LateSend, LateSkip, LateNextWindow, LateSpread, LateAskOwner}, p.Late.Policy) {
		fault("late.policy: %q is not one of send, skip, next_window, spread, ask_owner", p.Late.Policy)
	}
	for _, stage := range Stages() {
		for _, play := range PlaysOf(stage) {
			p.checkPlay(stage, play, fault)
		}
	}
	slices.Sort(faults)
	return faults
}

func opens(w Window) bool { return w.From < w.To && slices.Contains(w.Days[:], true) }

func (p *Playbook) checkPlay(stage Stage, play Play, fault func(string, ...any)) {
	steps := p.Steps(stage, play)
	at := fmt.Sprintf("stages.%s.%s", stage, play)
	if len(steps) == 0 {
		fault("%s: has no steps", at)
	}
	waits := false
	for i, s := range steps {
		given := 0
		for _, kind := range []string{s.Email, s.Call, s.Manual, s.Tell, s.Rest} {
			if kind != "" {
				given++
			}
		}
		if given != 1 {
			fault("%s[%d]: give exactly one of email, call, manual, tell, rest", at, i)
		}
		if _, ok := p.Texts[s.Email]; s.Email != "" && !ok {
			fault("%s[%d].email: there is no text %q", at, i, s.Email)
		}
		if s.To != "" && s.To != Stakeholders {
			fault("%s[%d].to: %q is nobody; leave it out or write stakeholders", at, i, s.To)
		}
		if !slices.Contains([]Reason{ReasonNone, ReasonOpener, ReasonNew}, s.Reason) {
			fault("%s[%d].reason: %q is not opener or new", at, i, s.Reason)
		}
		waits = waits || !s.After.IsZero()
	}
	if !waits && (play == Quarterly || play == PersistPlay) {
		fault("%s: repeats, and would never wait: give a step an \"after\"", at)
	}
}
