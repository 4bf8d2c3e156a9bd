package population

import (
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// call makes a call: the agreed one, or an attempt. Every call takes the same
// number of draws, whatever comes of it.
func (l *life) call(e errand) error {
	u, tired, m := l.chance.draw(forCalls), l.tired(), l.mood()
	agreed := e.promised && l.lead.Call != nil && !l.lead.Call.At.After(l.now)
	l.tally.called(l)
	switch {
	case l.prospect.wrongNum && e.to == "" && !l.lead.NoPhone && !agreed:
		return l.report(sequence.OutcomeRecorded{Outcome: sequence.WrongNumber})
	case agreed && u >= float64(m.ShowsUp):
		return l.report(sequence.OutcomeRecorded{Outcome: sequence.MissedByLead})
	case agreed:
		return l.talk(e.to)
	case !l.prospect.never && u < float64(m.PickUp)*tired:
		return l.talk(e.to)
	case u > 1-float64(m.Voicemail):
		return l.report(sequence.OutcomeRecorded{Outcome: sequence.Voicemail, With: e.to})
	}
	return l.report(sequence.OutcomeRecorded{Outcome: sequence.NoAnswer, With: e.to})
}

func (l *life) report(o sequence.OutcomeRecorded) error {
	o.ID, o.Actor = "x", "rep"
	return l.let(o)
}

// talk is a conversation. Four draws: a deal, what is said, when to go on, and
// whether a proposal follows.
func (l *life) talk(with string) error {
	var u [4]float64
	for i := range u {
		u[i] = l.chance.draw(forTalks)
	}
	l.humanAnswer()
	l.one[talks]++
	l.spoken = l.spoken || with != ""
	buy := l.crowd.Market.Buy
	serious := l.inMarket() && l.spoken && l.lead.Talks+1 >= buy.Talks
	if serious && u[0] < float64(buy.Chance) {
		return l.report(sequence.OutcomeRecorded{Outcome: sequence.WonOutcome, With: with})
	}
	if err := l.report(l.said(with, u[1], u[2])); err != nil {
		return err
	}
	if p := l.crowd.Market.Proposal; serious && l.lead.Proposal == nil && !l.lead.Stage.Final() && u[3] < float64(p.Chance) {
		return l.let(sequence.ProposalSent{ID: "p", Amount: l.prospect.amount * 100, ExpiresAt: l.now.AddDate(0, 0, p.Days)})
	}
	return nil
}

// said is the outcome of a conversation without a deal.
func (l *life) said(with string, u, v float64) sequence.OutcomeRecorded {
	o := sequence.OutcomeRecorded{Outcome: saidOutcomes[pick(u, l.mood().says)], With: with, Reason: true}
	switch o.Outcome {
	case sequence.CallScheduled, sequence.SendInfo:
		o.NextAt = l.workTime(l.now.Add(time.Duration(2+8*v) * 24 * time.Hour))
	case sequence.Interested, sequence.NonCommittal:
		o.WhyNone = true
	case sequence.NotNow:
		if names := float64(l.crowd.Answers.NamesTime); v < names {
			o.NextAt = l.now.Add(month + time.Duration(v/names*5*float64(month)))
		}
	case sequence.NotInterested:
		o.DecisionMaker = l.prospect.decides || with != ""
	case sequence.NotTheOne:
		if l.prospect.decides || with != "" {
			o.Outcome, o.WhyNone = sequence.NonCommittal, true
		}
	case sequence.StayInTouch:
		o.Grant = &sequence.Grant{Channel: sequence.ByEmail, Until: l.now.AddDate(1, 0, 0)}
	}
	return o
}

// object is the primary ringing up before others are written to (R32).
func (l *life) object() error {
	if l.lead.Stage != sequence.MultiStakeholder {
		return nil
	}
	l.humanAnswer()
	l.one[talks]++
	o := sequence.OutcomeRecorded{Outcome: sequence.PrimaryObject, NextAt: l.workTime(l.now.Add(72 * time.Hour))}
	return l.report(o)
}
