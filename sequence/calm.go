package sequence

import (
	"slices"
	"time"
)

// This file keeps an account calm: while one person there is in conversation with
// us, the others are left alone (R34).

// ColleagueTalks says that another lead at the account is in conversation now, or
// no longer.
type ColleagueTalks struct {
	byRekindle
	Lead string `json:"lead"`
	Over bool   `json:"over,omitempty"`
}

func (e ColleagueTalks) decide(t *turn) error {
	l := t.lead
	i := slices.Index(l.Talking, e.Lead)
	switch {
	case e.Over && i >= 0:
		l.Talking = lessOne(l.Talking, i)
		if len(l.Talking) == 0 && t.pb.AccountCalm == CalmPause {
			t.resumeFrom(PausedColleague, AccountCalm)
		}
	case !e.Over && i < 0:
		l.Talking = append(l.Talking, e.Lead)
		t.keepCalm()
	}
	return nil
}

// calmer tells the others at the account when this lead begins or ends a
// conversation, and falls silent itself where a colleague is still in one.
func (t *turn) calmer(from, to Stage) {
	if c := t.pb.AccountCalm; c == "" || c == CalmNothing || t.lead.Account == "" {
		return
	}
	if (from == ScheduledCall) != (to == ScheduledCall) {
		t.do(CalmAccount{Talking: to == ScheduledCall})
	}
	if from != to {
		t.keepCalm()
	}
}

func (t *turn) keepCalm() {
	l := t.lead
	if len(l.Talking) == 0 || l.Pause != nil || l.Stage == ScheduledCall || l.Stage.Final() || t.pb.AccountCalm == CalmNothing || t.pb.AccountCalm == "" {
		return
	}
	t.pauseFor(PausedColleague, "lead:"+l.Talking[0], time.Time{}, AccountCalm)
}
