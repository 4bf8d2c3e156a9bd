package sequence

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

func (c *checker) play(stage Stage, play Play) {
	steps := c.Steps(stage, play)
	at := fmt.Sprintf("stages.%s.%s", stage, play)
	if len(steps) == 0 {
		c.fault(at, "", "the play has no steps, so the stage would be over at once", "give it at least one, if only a rest")
		return
	}
	for i, s := range steps {
		c.step(fmt.Sprintf("%s[%d]", at, i), stage, play, s)
	}
	if play != Quarterly && play != PersistPlay {
		return
	}
	sure := 0.0 // of the waits that come every time
	for _, s := range steps {
		if !s.mayNotHappen() {
			sure += s.After.months()
		}
	}
	if sure < oneDay {
		c.fault(at, "", "this play repeats, and would hardly wait: the stage cannot end", "let its steps without a condition wait for a day at least, with \"after\"")
	}
}

// mailboxName is how a mailbox may be called.
var mailboxName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

func (c *checker) step(at string, stage Stage, play Play, s Step) {
	given := 0
	for _, kind := range []string{s.Email, s.Call, s.Manual, s.Tell, s.Rest} {
		if kind != "" {
			given++
		}
	}
	if given != 1 {
		c.fault(at, "", "a step is one thing", "give exactly one of email, call, manual, tell, rest")
	}
	if s.Email != "" {
		c.text(at+".email", s.Email)
		if t, ok := c.Texts[s.Email]; ok && t.Subject == "" && strings.HasPrefix(s.Email, "voicemail/") {
			c.fault(at+".email", "", "this text is said to a voicemail: it has no subject", "name a text that has one")
		}
		if s.Reason == ReasonNone {
			c.fault(at+".email", BringSomething, "this touch brings no reason to reach out", "add reason: new, reason: opener, or, where the mail is itself an answer or a question that is due, reason: occasion")
		}
	}
	if s.Reason != ReasonNone && s.Email == "" {
		c.fault(at+".reason", BringSomething, "only an email brings a reason", "leave it out")
	}
	c.oneOf(at+".reason", s.Reason == ReasonNone || s.Reason == ReasonOpener || s.Reason == ReasonNew || s.Reason == ReasonOccasion, string(s.Reason), "opener, new or occasion")
	c.oneOf(at+".to", s.To == "" || s.To == Stakeholders, string(s.To), "stakeholders, or leave it out")
	c.oneOf(at+".only", s.Only == "" || s.Only == OnlyPermission || s.Only == OnlyInvested || s.Only == OnlyGoodTerms, string(s.Only), "permission, invested or good_terms")
	if s.Follows && s.Email == "" {
		c.fault(at+".follows", "", "only an email goes on in a thread", "leave it out")
	}
	if s.Voicemail != "" {
		c.text(at+".voicemail", s.Voicemail)
		if c.Texts[s.Voicemail].Subject != "" {
			c.fault(at+".voicemail", "", "what is said to a voicemail has no subject", "name a text under texts/voicemail that has none")
		}
		if s.Call == "" {
			c.fault(at+".voicemail", "", "only a call reaches a voicemail", "leave it out")
		}
	}
	if s.By != "" && s.channel() == "" {
		c.fault(at+".by", "", "nobody makes this step: it is no touch", "leave it out")
	}
	if s.By != "" && !mailboxName.MatchString(s.By) {
		c.fault(at+".by", "", fmt.Sprintf("%q cannot be the name of a mailbox", s.By), "use the name that `rekindle mailbox list` shows: small letters, digits, - and _")
	}
	if s.Rule != "" && !slices.ContainsFunc(Catalogue(), func(r Description) bool { return r.ID == s.Rule }) {
		c.fault(at+".rule", "", fmt.Sprintf("there is no rule %q", s.Rule), "rekindle rules lists them")
	}
	c.when(at, stage, play, s)
}

func (c *checker) oneOf(at string, ok bool, was, remedy string) {
	if !ok {
		c.fault(at, "", fmt.Sprintf("%q means nothing here", was), "use "+remedy)
	}
}

// when checks the waits of a step.
func (c *checker) when(at string, stage Stage, play Play, s Step) {
	for key, w := range map[string]Wait{"after": s.After, "before": s.Before, "within": s.Within} {
		if w.tooLong() {
			c.fault(at+"."+key, "", w.String()+" is longer than two years: no lead would be left", "give a shorter wait")
		}
	}
	if strings.HasPrefix(string(s.Before.Unit), "working") && s.Before.Unit != WorkingDays && !s.Before.IsZero() {
		c.fault(at+".before", "", "working time is counted forwards only", "use minutes, hours, days or working days")
	}
	aboutCall := s.Invite || s.AtCall || !s.Before.IsZero()
	if aboutCall && (stage != ScheduledCall || play != Booked && play != Information) {
		c.fault(at, BothCalendars, "no call is agreed in this play", "before, at_call and invite belong to scheduled_call.booked and scheduled_call.information")
	}
	moments := 0
	for _, given := range []bool{!s.After.IsZero(), !s.Before.IsZero(), s.AtCall, s.Holiday != ""} {
		if given {
			moments++
		}
	}
	if moments > 1 {
		c.fault(at, "", "a step has one moment", "give one of after, before, at_call, holiday")
	}
	if !s.Within.IsZero() && s.Call == "" && s.Manual == "" {
		c.fault(at+".within", SpeedToLead, "only a call or a manual touch can be made too late", "leave it out")
	}
	if s.To == Stakeholders && (stage != MultiStakeholder || play != Outreach) {
		c.fault(at+".to", PrimaryFirst, "stakeholders are reached in multi_stakeholder.outreach only, after the primary was told", "move the step there")
	}
	if stage == CheckIn && s.Email != "" && !s.mayNotHappen() && (s.After.months() < 3 || s.After.months() > 6) {
		c.warn(at+".after", CheckInQuarterly, "a check-in comes every 3 to 6 months", "write 3 months, or give the step a condition")
	}
}

// ends: no stage may keep a silent lead for ever, or be left before its minimum
// by no way at all (R05).
func (c *checker) ends() {
	channels, persistTouches := map[Channel]bool{}, false
	for _, play := range PlaysOf(Warm) {
		for _, s := range c.Steps(Warm, play) {
			if s.channel() != "" {
				channels[s.channel()] = true
				persistTouches = persistTouches || play == PersistPlay && !s.mayNotHappen()
			}
		}
	}
	if len(channels) < c.Minimum.Channels {
		c.fault("minimum.channels", Persist, fmt.Sprintf("warm uses %d channels, so %d are never reached: the stage cannot end", len(channels), c.Minimum.Channels),
			"add a touch by another channel to warm, or ask for fewer")
	}
	if c.Minimum.Touches > 0 && len(c.Steps(Warm, PersistPlay)) > 0 && !persistTouches {
		c.fault("stages.warm.persist", Persist, "this play repeats until the minimum of touches is reached, and has none: the stage cannot end", "add a call, an email or a manual touch")
	}
}

// revivalOpens: write first, then call, remind and bring news, and never ask at
// once to buy (R54, R02, R56).
func (c *checker) revivalOpens() {
	steps := c.Steps(Revival, Reopen)
	first := slices.IndexFunc(steps, func(s Step) bool { return s.channel() != "" && !s.mayNotHappen() })
	if first < 0 {
		return
	}
	at := fmt.Sprintf("stages.revival.reopen[%d]", first)
	if steps[first].channel() != ByEmail {
		c.warn(at, EmailThenCall, "a revival writes first, then calls", "begin with an email")
	} else {
		c.reminds(at+".email", steps[first].Email)
		c.asksToBuy(steps[first].Email)
	}
	if steps := c.Steps(Warm, Inbound); len(steps) > 0 && steps[0].Email != "" {
		c.reminds("stages.warm.inbound[0].email", steps[0].Email)
	}
}
