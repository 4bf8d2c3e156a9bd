package sequence

import (
	"fmt"
	"slices"
	"time"
)

// This file holds the rules that lead to the break-up before the touches are
// spent (R60, R61, R63).

// maxWeeks is how many weeks of call attempts are remembered.
const maxWeeks = 8

// tried counts a call attempt that reached nobody.
func (t *turn) tried() {
	l, week := t.lead, weekOf(t.now)
	if l.Tried == nil {
		l.Tried = &Tried{Week: week, Calls: []int{0}}
	} else {
		l.Tried = &Tried{Week: l.Tried.Week, Calls: slices.Clone(l.Tried.Calls)}
	}
	for ; l.Tried.Week < week; l.Tried.Week++ {
		if l.Tried.Calls = append(l.Tried.Calls, 0); len(l.Tried.Calls) > maxWeeks {
			l.Tried.Calls = l.Tried.Calls[1:]
		}
		if week-l.Tried.Week > maxWeeks {
			l.Tried.Week = week - maxWeeks
		}
	}
	l.Tried.Calls[len(l.Tried.Calls)-1]++
}

func weekOf(t time.Time) int { return int((t.Unix()/86400 + 3) / 7) }

// calls is how many call attempts were not returned since the last answer.
func (l *Lead) calls() (n int) {
	if l.Tried != nil {
		for _, c := range l.Tried.Calls {
			n += c
		}
	}
	return n
}

// giveUp enters the break-up when a rule says so, never before warm's minimum
// (R05), and not while a call is agreed or others are being asked.
func (t *turn) giveUp() bool {
	switch l := t.lead; l.Stage {
	case Warm:
		if !t.minimumReached() {
			return false
		}
	case ScheduledCall:
		if l.Call != nil {
			return false
		}
	case Cold:
		if !t.saidHonestly() {
			return false
		}
	case Revival:
	default:
		return false
	}
	rule, evidence := t.enough()
	if rule == "" {
		return false
	}
	t.enter(BreakUp, Farewell, rule, evidence...)
	return true
}

// saidHonestly reports that the first message of cold went out, which is the honest
// one (R41).
func (t *turn) saidHonestly() bool {
	n := t.lead.Next
	return n == nil || n.own() > 0
}

// enough names the rule by which more effort makes no sense, and its evidence.
func (t *turn) enough() (Rule, []string) {
	l, pb := t.lead, t.pb
	if n := pb.TriedHard; n.Calls > 0 && n.Weeks > 0 && l.Tried != nil && len(l.Tried.Calls) >= n.Weeks && l.Tried.Week >= weekOf(t.now)-1 {
		last := l.Tried.Calls[len(l.Tried.Calls)-n.Weeks:]
		hard := true
		for _, c := range last {
			hard = hard && c >= n.Calls
		}
		if hard {
			return TriedHard, []string{fmt.Sprintf("calls a week: %v", last)}
		}
	}
	if x := pb.Expired; x.Calls > 0 && l.Proposal != nil && !l.Proposal.ExpiresAt.IsZero() && l.calls() >= x.Calls &&
		!t.now.Before(x.After.after(l.Proposal.ExpiresAt, t.place, pb.Windows.Call)) {
		return ExpiredProposal, []string{"proposal expired " + l.Proposal.ExpiresAt.Format(time.DateOnly), fmt.Sprintf("calls not returned:%d", l.calls())}
	}
	if l.Amount == 0 || pb.Effort.Share == 0 {
		return "", nil // the typical amount orders the queue, it ends nothing
	}
	spent := pb.cost(l.Spent)
	if limit := int64(pb.Effort.Share.Of(float64(worth(l, t.now, pb).Value))); spent > limit {
		return EffortTooHigh, []string{fmt.Sprintf("effort:%d.%02d", spent/100, spent%100), fmt.Sprintf("%s of the expected value:%d.%02d", pb.Effort.Share, limit/100, limit%100)}
	}
	return "", nil
}
