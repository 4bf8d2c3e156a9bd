package population

import (
	"math"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// send hands an email over and draws what the one who gets it does.
func (l *life) send(s sequence.SendEmail) error {
	u, v := l.chance.draw(forEmails), l.chance.draw(forEmails)
	if s.To == "" && l.prospect.gone {
		return l.let(sequence.TouchPerformed{Touch: s.Touch, Status: sequence.NoAddress})
	}
	if s.Reason == sequence.ReasonNew {
		if l.brought >= l.published() {
			return l.let(sequence.TouchPerformed{Touch: s.Touch, Status: sequence.NoReason})
		}
		l.brought++
	}
	l.one[emails]++
	if s.Touch == l.planned {
		l.followedUp(l.place.LocalDay(l.now) == l.plannedD)
	}
	tired := l.tired()
	tells := l.lead.Stage == sequence.MultiStakeholder && s.To == ""
	if err := l.let(sequence.TouchPerformed{Touch: s.Touch, Status: sequence.Sent}); err != nil {
		return err
	}
	if !l.prospect.never {
		l.react(s, u, v, tired, tells)
	}
	return nil
}

// published is how many items there are to bring by now.
func (l *life) published() int {
	n := l.crowd.Content.Items
	if l.crowd.news > 0 {
		n += int(l.now.Sub(l.start) / l.crowd.news)
	}
	return n
}

// tired is the share that is left of the chance of an answer.
func (l *life) tired() float64 {
	a := l.crowd.Answers
	return max(float64(a.AtLeast), math.Pow(1-float64(a.Fatigue), float64(l.lead.Unanswered)))
}

// react draws one reaction at most. Nobody answers a reminder of a call that is
// agreed; whoever is told that others will be written to may object (R32).
func (l *life) react(s sequence.SendEmail, u, v, tired float64, tells bool) {
	m := l.mood()
	e := errand{at: l.now.Add(about(v, l.replyTime())), to: s.To}
	stop, reply, click := float64(m.OptOut), float64(m.Reply)*tired, float64(m.Click)*tired
	switch {
	case tells && u < float64(m.Objects):
		e.what = objects
	case u < stop && s.To == "":
		e.what = stops
	case !s.CallAt.IsZero():
		return
	case u < stop+reply:
		e.what = replies
	case u < stop+reply+click && s.To == "":
		e.what = clicks
	case u > 1-float64(m.OutOfOffice) && s.To == "":
		e.what, e.at = autoReplies, l.now.Add(time.Minute)
	default:
		return
	}
	l.plan(e)
}

func (l *life) replyTime() time.Duration {
	return time.Duration(l.crowd.Answers.ReplyHours * float64(time.Hour))
}

func (l *life) mood() *mood {
	if l.inMarket() {
		return &l.crowd.in
	}
	return &l.crowd.out
}

// happen lets an errand happen.
func (l *life) happen(e errand) error {
	switch e.what {
	case repWorks:
		return l.work(e)
	case replies:
		l.humanAnswer()
		return l.let(sequence.ReplyReceived{ID: "r", From: e.to})
	case autoReplies:
		back := l.now.Add(time.Duration(2+8*l.chance.draw(forTasks)) * 24 * time.Hour)
		return l.let(sequence.AutoReplyReceived{ID: "a", Until: back})
	case clicks:
		return l.let(sequence.EngagementRecorded{ID: "c", Kind: l.kind(), At: l.now})
	case stops:
		return l.let(sequence.OptedOut{ID: "o", Via: "link"})
	case engages:
		return l.engage(e)
	case objects:
		return l.object()
	case newsComes:
		l.plan(errand{what: newsComes, at: e.at.Add(l.crowd.news)})
		if l.lead.Stage == sequence.Cold || l.lead.Blocked != nil { // to the others news means nothing yet
			return l.let(sequence.NewsPublished{ID: "n"})
		}
	}
	return nil
}

func (l *life) kind() sequence.Kind {
	by := l.crowd.Answers.EngagesBy
	return by[int(l.chance.draw(forEngagements)*float64(len(by)))]
}

// engage asks once a month whether the prospect does something by itself.
func (l *life) engage(e errand) error {
	e.at = e.at.Add(month)
	l.plan(e)
	if l.prospect.never || l.chance.draw(forEngagements) >= float64(l.mood().Engages) {
		return nil
	}
	return l.let(sequence.EngagementRecorded{ID: "g", Kind: l.kind(), At: l.now})
}

// humanAnswer counts the touches until the first answer of a person.
func (l *life) humanAnswer() {
	if !l.answered {
		l.answered = true
		l.one[answers] = 1
		l.tally.untilAnswer[min(l.lead.Touches, maxTouches)]++
	}
}
