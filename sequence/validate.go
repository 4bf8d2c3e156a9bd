package sequence

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fault is one thing wrong with a playbook. At is the path of the key at fault,
// such as "stages.warm.inbound[2].email"; Text and Phrase point into an email text
// instead. A warning does not keep the playbook from running.
type Fault struct {
	At      string `json:"at,omitempty"`
	Text    string `json:"text,omitempty"`
	Phrase  string `json:"phrase,omitempty"`
	Rule    Rule   `json:"rule,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy"`
	Warning bool   `json:"warning,omitempty"`
}

// checker gathers faults.
type checker struct {
	*Playbook
	faults []Fault
}

func (c *checker) fault(at string, rule Rule, message, remedy string) {
	c.faults = append(c.faults, Fault{At: at, Rule: rule, Message: message, Remedy: remedy})
}

func (c *checker) warn(at string, rule Rule, message, remedy string) {
	c.faults = append(c.faults, Fault{At: at, Rule: rule, Message: message, Remedy: remedy, Warning: true})
}

// Check names every fault: those that would keep a life from going on under this
// playbook, and, as warnings, what goes against a rule.
func (p *Playbook) Check() []Fault {
	c := &checker{Playbook: p}
	if p.Name == "" {
		c.fault("name", "", "the playbook has no name", "give it one, such as name: standard")
	}
	if strings.Trim(p.Name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		c.fault("name", "", fmt.Sprintf("%q is no name for a playbook", p.Name), "use small letters, digits, - and _, so that it can stand in an address")
	}
	if _, ok := LoadZone(p.Zone); !ok {
		c.fault("zone", InTheirTime, fmt.Sprintf("%q is not an IANA time zone", p.Zone), "write one such as Europe/Berlin or America/New_York")
	}
	c.windows()
	c.waits()
	c.thresholds()
	for _, name := range slices.Sorted(maps.Keys(p.Sources)) {
		c.source("sources."+string(name), p.Sources[name])
	}
	if len(p.Sources) == 0 {
		c.fault("sources", Sources, "no kind of engagement is known, so no lead can enter", "name at least one, such as info_request, with its opener")
	}
	for _, stage := range slices.Sorted(maps.Keys(p.Stages)) {
		for _, play := range slices.Sorted(maps.Keys(p.Stages[stage])) {
			if !slices.Contains(PlaysOf(stage), play) {
				c.fault(fmt.Sprintf("stages.%s.%s", stage, play), "", fmt.Sprintf("the stage %s has no play %q", stage, play), fmt.Sprintf("its plays are %v", PlaysOf(stage)))
			}
		}
	}
	for _, stage := range Stages() {
		for _, play := range PlaysOf(stage) {
			c.play(stage, play)
		}
	}
	c.ends()
	c.revivalOpens()
	c.phrases()
	slices.SortStableFunc(c.faults, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Text, b.Text)) })
	return c.faults
}

func (c *checker) windows() {
	for _, w := range []struct {
		key string
		w   Window
	}{
		{"email", c.Windows.Email},
		{"call", c.Windows.Call.within(LegalCallingHours())},
		{"unknown_place", c.Windows.Call.within(c.Windows.Unknown).within(LegalCallingHours())},
	} {
		if !opens(w.w) {
			c.fault("windows."+w.key, CallingHours, "this window never opens", "name at least one day, and for calls hours between 08:00 and 21:00")
		}
	}
}

func opens(w Window) bool { return w.From < w.To && slices.Contains(w.Days[:], true) }

func (c *checker) waits() {
	for _, n := range []struct {
		key      string
		w        Wait
		required bool
	}{
		{"out_of_office", c.OutOfOffice, true},
		{"reply_within", c.ReplyWithin, true},
		{"outcome_within", c.OutcomeWithin, true},
		{"reason_recheck_after", c.ReasonRecheck, true},
		{"late.after", c.Late.After, true},
		{"sales_ready.within", c.SalesReady.Within, c.SalesReady.Kinds > 0},
		{"minimum.over", c.Minimum.Over, false},
		{"quiet_after_engaging.over", c.Quiet.Over, false},
		{"undo_within", c.UndoWithin, false},
		{"expired_proposal.after", c.Expired.After, c.Expired.Calls > 0},
		{"fresh_eyes.after", c.FreshEyes.After, c.FreshEyes.News},
		{"effort.stagnant_after", c.Effort.Stagnant, false},
		{"managing.follow_up_within", c.Managing.FollowUp, false},
		{"spread", c.Spread, false},
	} {
		switch {
		case n.required && n.w.IsZero():
			c.fault(n.key, "", "must be longer than nothing", "give a wait, such as 1 working day")
		case n.w.tooLong():
			c.fault(n.key, "", n.w.String()+" is longer than two years: no lead would be left", "give a shorter wait")
		}
	}
	if w := c.Spread; !w.IsZero() && w.Unit != Minutes && w.Unit != Hours {
		c.fault("spread", "", "touches are spread within a day", "write hours or minutes, such as 6 hours")
	}
	if !slices.Contains([]LatePolicy{LateSend, LateSkip, LateNextWindow, LateSpread, LateAskOwner}, c.Late.Policy) {
		c.fault("late.policy", LateTimers, fmt.Sprintf("%q is no policy for late touches", c.Late.Policy), "use one of send, skip, next_window, spread, ask_owner")
	}
}

// tooLong reports an impossible wait.
func (w Wait) tooLong() bool {
	perUnit := map[Unit]int{Minutes: 1 << 20, Hours: 18_000, WorkingMinutes: 250_000, WorkingHours: 4_200, Days: 731, WorkingDays: 520, Weeks: 105, Months: 24}
	return !w.IsZero() && w.N > perUnit[w.Unit]
}

func (c *checker) thresholds() {
	for _, n := range []struct {
		key      string
		n        int
		from, to int
	}{
		{"minimum.touches", c.Minimum.Touches, 0, 100},
		{"minimum.channels", c.Minimum.Channels, 0, 3},
		{"quiet_after_engaging.touches", c.Quiet.Touches, 0, 100},
		{"sales_ready.kinds", c.SalesReady.Kinds, 0, len(c.Sources)},
		{"voicemails_in_a_row", c.Voicemails, 0, 100},
		{"no_shows", c.NoShows, 0, 10},
		{"expired_proposal.calls", c.Expired.Calls, 0, 100},
		{"tried_hard.calls", c.TriedHard.Calls, 0, 100},
		{"tried_hard.weeks", c.TriedHard.Weeks, 0, maxWeeks},
		{"effort.email_minutes", c.Effort.Email, 0, 480},
		{"effort.call_minutes", c.Effort.Call, 0, 480},
		{"effort.attempt_minutes", c.Effort.Attempt, 0, 480},
		{"effort.manual_minutes", c.Effort.Manual, 0, 480},
		{"effort.hourly_cost", c.Effort.HourlyCost, 0, 100_000},
		{"effort.holding_cost", c.Effort.Holding, 0, 100_000},
		{"opportunity.typical_amount", c.Opportunity.Typical, 0, 1_000_000_000},
		{"opportunity.invested", c.Opportunity.Invested, 0, 100},
		{"check_ins.training_pool_after", c.CheckIns.TrainingPool, 0, 100},
	} {
		if n.n < n.from || n.n > n.to {
			c.fault(n.key, "", fmt.Sprintf("%d is not between %d and %d", n.n, n.from, n.to), "give a number in that range")
		}
	}
	if !slices.Contains([]Calm{"", CalmNothing, CalmPause, CalmStop}, c.AccountCalm) {
		c.fault("account_calm", AccountCalm, fmt.Sprintf("%q is no way to keep an account calm", c.AccountCalm), "use nothing, pause or stop")
	}
	if t := c.Introduction; t != "" {
		c.text("introduction", t)
	}
	if t := c.Cancellation; t != "" {
		c.text("cancellation", t)
	}
	for stage, share := range c.Opportunity.WinRates {
		if !stage.Known() || stage.Final() {
			c.fault("opportunity.win_rates."+string(stage), EffortTooHigh, fmt.Sprintf("%q is no living stage", stage), "use warm, scheduled_call, multi_stakeholder, cold, revival, break_up, check_in")
		} else if share > 100 {
			c.fault("opportunity.win_rates."+string(stage), EffortTooHigh, share.String()+" is more than all", "give 0% to 100%")
		}
	}
	c.curve()
}

// curve: each point of the still-in-market curve lies later and lower.
func (c *checker) curve() {
	share, months := Percent(100), 0.0
	for i, r := range c.Opportunity.StillIn {
		at := fmt.Sprintf("opportunity.still_in_market[%d]", i)
		if r.After.months() <= months {
			c.fault(at+".after", StillInMarket, "comes no later than the point before it", "order the points by time")
		}
		if r.Share <= 0 || r.Share > share {
			c.fault(at+".share", StillInMarket, r.Share.String()+" is not between 1% and the share before it, "+share.String(), "people leave the market, they do not come back into it")
		}
		share, months = r.Share, r.After.months()
	}
}

func (c *checker) source(at string, s Source) {
	if s.Opener == "" {
		c.fault(at+".opener", Sources, "there is no opener", "say what the lead did, completing \"You ...\": \"downloaded our eBook\"")
	}
	if s.Weight < 0 || s.Weight > 10 {
		c.fault(at+".weight", Sources, fmt.Sprintf("%d is not between 0 and 10", s.Weight), "give a number in that range")
	}
	if s.Enters != "" && s.Enters != Warm && s.Enters != Revival {
		c.fault(at+".enters", DormantImport, fmt.Sprintf("a life cannot begin in %q", s.Enters), "use warm, or revival for those who were in touch before")
	}
}

func (c *checker) text(at, name string) {
	if _, ok := c.Texts[name]; !ok {
		c.fault(at, "", fmt.Sprintf("there is no text %q", name), "write the file texts/"+name+".md, or name one that exists")
	}
}
