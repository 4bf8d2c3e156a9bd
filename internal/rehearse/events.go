package rehearse

import (
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// kind is one thing that can happen: how a line names it, what a value must be,
// and the event of the core that it is.
type kind struct {
	key   string
	value func(Happening) string // empty when the line does not name it
	check func(faulty, Happening)
	event func(*performance, Happening) sequence.Event
}

// kinds lists them all.
func kinds() []kind { return append(saidByLead(), saidByUs()...) }

func saidByLead() []kind {
	return []kind{
		{"engagement", func(h Happening) string { return h.Engagement }, nil, func(p *performance, h Happening) sequence.Event {
			return sequence.EngagementRecorded{ID: p.id("e"), Kind: sequence.Kind(h.Engagement), At: p.life.Now}
		}},
		{"reply", func(h Happening) string { return yes(h.Reply) }, nil, func(p *performance, h Happening) sequence.Event {
			return sequence.ReplyReceived{ID: p.id("r"), From: h.From}
		}},
		{"invitation", func(h Happening) string { return h.Invitation }, func(f faulty, h Happening) {
			oneOf(f, "invitation", h.Invitation, sequence.InvitationAnswers()...)
			f.moment("next", h.Next)
		}, invitation},
		{"out_of_office", func(h Happening) string { return no(h.OutOfOffice) }, momentUnlessTrue, func(p *performance, h Happening) sequence.Event {
			return sequence.AutoReplyReceived{ID: p.id("a"), Until: p.instant(h.OutOfOffice)}
		}},
		{"bounce", func(h Happening) string { return h.Bounce }, func(f faulty, h Happening) {
			oneOf(f, "bounce", h.Bounce, sequence.ByEmail, sequence.ByCall)
		}, func(p *performance, h Happening) sequence.Event {
			return sequence.AddressFailed{ID: p.id("b"), Channel: sequence.Channel(h.Bounce)}
		}},
		{"stop", func(h Happening) string { return h.Stop }, func(f faulty, h Happening) {
			oneOf(f, "stop", h.Stop, "link", "reply", "rep", "complaint")
		}, func(p *performance, h Happening) sequence.Event {
			by := sequence.By{Actor: sequence.ActorLead}
			if h.Stop == "rep" {
				by = p.owner()
			}
			return sequence.OptedOut{By: by, ID: p.id("x"), Via: h.Stop}
		}},
		{"snooze", func(h Happening) string { return h.Snooze }, func(f faulty, h Happening) { f.moment("snooze", h.Snooze) }, func(p *performance, h Happening) sequence.Event {
			return sequence.Snoozed{By: sequence.By{Actor: sequence.ActorLead}, Until: p.instant(h.Snooze)}
		}},
		{"colleague_talks", func(h Happening) string { return h.Talks }, nil, func(_ *performance, h Happening) sequence.Event {
			return sequence.ColleagueTalks{Lead: h.Talks}
		}},
		{"colleague_done", func(h Happening) string { return h.TalkOver }, nil, func(_ *performance, h Happening) sequence.Event {
			return sequence.ColleagueTalks{Lead: h.TalkOver, Over: true}
		}},
		{"news", func(h Happening) string { return h.News }, nil, func(_ *performance, h Happening) sequence.Event {
			return sequence.NewsPublished{ID: h.News}
		}},
		{"won", func(h Happening) string { return yes(h.Won) }, nil, func(p *performance, _ Happening) sequence.Event {
			return sequence.DealWon{By: p.owner(), ID: p.id("w")}
		}},
	}
}

func saidByUs() []kind {
	return []kind{
		{"outcome", func(h Happening) string { return h.Outcome }, checkOutcome, outcome},
		{"taken_back", func(h Happening) string { return yes(h.TakenBack) }, nil, func(p *performance, _ Happening) sequence.Event {
			return sequence.OutcomeTakenBack{By: p.owner(), ID: p.outcome}
		}},
		{"pause", func(h Happening) string { return h.Pause }, func(f faulty, h Happening) {
			oneOf(f, "pause", h.Pause, sequence.PausedByHand, sequence.PausedOwnerAway, sequence.PausedColleague)
			f.moment("until", h.Until)
		}, func(p *performance, h Happening) sequence.Event {
			return sequence.Paused{By: p.owner(), Reason: sequence.PauseReason(h.Pause), Until: p.instant(h.Until)}
		}},
		{"resume", func(h Happening) string { return yes(h.Resume) }, nil, func(p *performance, _ Happening) sequence.Event {
			return sequence.Resumed{By: p.owner()}
		}},
		{"reassign", func(h Happening) string { return h.Reassign }, nil, func(_ *performance, h Happening) sequence.Event {
			return sequence.Reassigned{By: sequence.By{Actor: "manager-1"}, Owner: h.Reassign}
		}},
		{"stakeholder", func(h Happening) string { return h.Stakeholder }, nil, func(p *performance, h Happening) sequence.Event {
			return sequence.StakeholderNamed{By: p.owner(), ID: h.Stakeholder}
		}},
		{"proposal", func(h Happening) string { return yes(h.Proposal != nil) }, func(f faulty, h Happening) {
			f.moment("proposal.expires", h.Proposal.Expires)
		}, func(p *performance, h Happening) sequence.Event {
			return sequence.ProposalSent{By: p.owner(), ID: p.id("q"), ExpiresAt: p.instant(h.Proposal.Expires), Amount: h.Proposal.Amount * 100}
		}},
		{"permission", func(h Happening) string { return yes(h.Permission != nil && h.Outcome == "") }, func(f faulty, h Happening) {
			h.Permission.check(f)
		}, func(p *performance, h Happening) sequence.Event {
			g := p.grant(h.Permission)
			return sequence.PermissionGranted{By: p.owner(), ID: p.id("g"), Channel: g.Channel, Every: g.Every, Until: g.Until}
		}},
		{"diagnosis", func(h Happening) string { return h.Diagnosis }, func(f faulty, h Happening) {
			oneOf(f, "diagnosis", h.Diagnosis, sequence.Diagnoses()...)
		}, func(p *performance, h Happening) sequence.Event {
			return sequence.Diagnosed{By: p.owner(), ID: p.id("d"), Diagnosis: sequence.Diagnosis(h.Diagnosis)}
		}},
		{"done", func(h Happening) string { return h.Done }, func(f faulty, h Happening) {
			oneOf(f, "done", h.Done, sequence.TaskManual, sequence.TaskReply, sequence.TaskDiagnose, sequence.TaskFindOthers, sequence.TaskEngaged)
		}, func(p *performance, h Happening) sequence.Event {
			return p.tasks.done(p.owner(), sequence.TaskKind(h.Done))
		}},
		{"disqualified", func(h Happening) string { return h.Disqualified }, nil, func(p *performance, h Happening) sequence.Event {
			return sequence.LeadDisqualified{By: p.owner(), Reason: h.Disqualified}
		}},
		{"amount", func(h Happening) string { return yes(h.Amount != nil) }, nil, func(p *performance, h Happening) sequence.Event {
			return sequence.AmountEstimated{By: p.owner(), Amount: *h.Amount * 100}
		}},
	}
}

func outcome(p *performance, h Happening) sequence.Event {
	p.outcome = p.id("o")
	o := sequence.OutcomeRecorded{
		By: p.owner(), ID: p.outcome, Outcome: sequence.Outcome(h.Outcome), With: h.With, NextAt: p.instant(h.Next),
		WhyNone: no(h.WhyNone) != "", Reason: no(h.Reason) != "", DecisionMaker: h.DecisionMaker,
	}
	if h.Permission != nil {
		g := p.grant(h.Permission)
		o.Grant = &g
	}
	return o
}

// invitation answers the one to the call that stands.
func invitation(p *performance, h Happening) sequence.Event {
	ev := sequence.InvitationAnswered{ID: p.id("i"), Answer: sequence.InvitationAnswer(h.Invitation), From: h.From, At: p.instant(h.Next)}
	if c := p.life.Lead.Call; c != nil {
		ev.UID, ev.Seq = c.UID, c.Seq
	}
	return ev
}

// instant reads a moment that Parse has checked; zero for none and for "true".
func (p *performance) instant(text string) time.Time {
	if notTrue(no(text)) == "" {
		return time.Time{}
	}
	m, err := parseMoment(text)
	if err != nil {
		return time.Time{}
	}
	return m.of(p.began, p.life.Now.In(p.began.Location()))
}

func (p *performance) grant(l *Leave) sequence.Grant {
	every, _ := parseLength(l.Every)
	return sequence.Grant{Channel: sequence.Channel(l.Channel), Every: every, Until: p.instant(l.Until)}
}

func (p *performance) owner() sequence.By { return sequence.By{Actor: p.life.Lead.Owner} }

// id numbers the records of a kind.
func (p *performance) id(prefix string) string {
	p.ids[prefix]++
	return fmt.Sprint(prefix, p.ids[prefix])
}

func yes(is bool) string {
	if is {
		return "true"
	}
	return ""
}

func no(text string) string {
	if text == "false" {
		return ""
	}
	return text
}

func notTrue(text string) string {
	if text == "true" {
		return ""
	}
	return text
}
