package workflows

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/sequence"
)

// stand is where a lead stands while something is done for it.
type stand struct {
	*Workflows
	lead  sequence.Lead
	todo  sequence.Actions // decided, not yet done
	begun []Begun          // in a life that is started again
	at    time.Time        // now, on the lead's clock
}

// again says that something is still to be done, in another run: it failed in place
// for a reason that may pass, and the server sees to it from then on until it is done,
// or it is to be tried again later, at an instant of the lead's clock.
type again struct {
	failed attempt
	later  time.Time
}

// attempt is when something was tried: on the lead's clock, and in which turn.
type attempt struct {
	at   time.Time
	turn int
}

func (again) Error() string { return "to be done in another run" }

// playbook is the lead's version. A worker that does not hold it yet fails the
// workflow task, which is retried until it does; the lead itself never fails.
func (s *stand) playbook() *sequence.Playbook { return s.version(s.lead.Playbook) }

func (s *stand) version(id string) *sequence.Playbook {
	pb, ok := s.Playbook(id)
	if !ok {
		panic("playbook " + id + " is not loaded on this worker yet")
	}
	return pb
}

// let lets an event happen at its time.
func (s *stand) let(ev sequence.Event, at time.Time) error {
	next, actions, err := sequence.Decide(s.lead, ev, at, s.playbook())
	if err != nil {
		return err
	}
	s.follow(next, actions)
	return nil
}

// follow goes on with what was decided.
func (s *stand) follow(next sequence.Lead, actions []sequence.Action) {
	s.lead, s.todo = next, slices.Concat(s.todo, actions)
}

// mayGo reports whether an email that was decided is still to go out. What is out
// counts, whatever came since. A pause does not hold the cancellation of a call, nor
// does the end of the life: an invitation stands in somebody's calendar. Only a stop
// does.
func (s *stand) mayGo(a sequence.SendEmail) bool {
	if a.Cancel != nil {
		return s.lead.Stage != sequence.DoNotContact
	}
	return s.wanted(a.Touch) || s.lost(a.Touch) >= 0
}

func (s *stand) wanted(touch string) bool {
	return slices.Contains(s.lead.InFlight, touch) && s.lead.Pause == nil
}

// made tells the core what became of an email. Nothing wakes a finished lead any
// more, so the cancellation of a call is kept in mind there, and tried again until
// the call would begin.
func (s *stand) made(a sequence.SendEmail, performed sequence.TouchPerformed, err error) error {
	_, unfinished := errors.AsType[again](err)
	switch {
	case err == nil:
	case unfinished:
		return err
	case isPermanent(err):
		performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Failed, Detail: reason(err)}
	case a.Cancel != nil: // the workflow is being cancelled
		return err
	default: // only a send that is not wanted any more is not retried
		performed = sequence.TouchPerformed{Touch: a.Touch, Status: sequence.Cancelled}
	}
	if a.Cancel == nil {
		return s.let(performed, s.madeAt(a.Touch))
	}
	if performed.Status == sequence.Deferred && s.lead.Stage.Final() && performed.RetryAt.Before(a.Cancel.At) {
		soon := s.at.Add(time.Minute)
		if performed.RetryAt.After(soon) {
			soon = performed.RetryAt
		}
		return again{later: soon}
	}
	return s.let(performed, s.at)
}

// learn takes in what went out in turns that were lost, and that the lead went on
// without.
func (s *stand) learn(lost []sequence.SendAbandoned) {
	for _, e := range lost {
		_ = s.let(e, s.at) // never refused
	}
}

// park holds the lead where it is, with the reason in sight. A finished lead is
// beyond that.
func (s *stand) park(err error) (parked bool) {
	if s.lead.Stage.Final() {
		return false
	}
	if s.lead.Pause == nil || s.lead.Pause.Reason != sequence.PausedParked {
		_ = s.let(sequence.WorkParked{Detail: reason(err)}, s.at)
	}
	return true
}

// save is what is written down after a turn.
func (s *stand) save(entries []sequence.Entry, recent, news []string, rest sequence.Actions, notBefore, real time.Time) activities.Save {
	return activities.Save{
		Lead: s.lead, Entries: entries, Worth: sequence.WorthOf(s.lead, s.at, s.playbook()).Value,
		Recent: recent, Taken: news, Todo: rest, NotBefore: notBefore, Real: real,
	}
}

// madeAt is when a touch was made: now, unless in a turn that was lost.
func (s *stand) madeAt(touch string) time.Time {
	if i := s.lost(touch); i >= 0 {
		return s.begun[i].At
	}
	return s.at
}

// lost finds a touch that was begun in a turn that was lost; negative for any other.
func (s *stand) lost(touch string) int {
	return slices.IndexFunc(s.begun, func(b Begun) bool { return b.Touch == touch })
}

func reason(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	return err.Error()
}

func isPermanent(err error) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.NonRetryable()
}
