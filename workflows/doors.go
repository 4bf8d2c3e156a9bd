package workflows

import (
	"encoding/json"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/sequence"
)

// door is one kind of signal: it takes the next one, if there is one.
type door func(ctx workflow.Context) bool

// openDoors declares everything that can be said to a lead.
func (l *life) openDoors(ctx workflow.Context) error {
	l.doors = []door{
		clockDoor(l, ctx),
		decisionDoor(l, ctx),
		signal[sequence.OptedOut](l, ctx, OptOutSignal),
		signal[sequence.ReplyReceived](l, ctx, ReplySignal),
		signal[sequence.EngagementRecorded](l, ctx, EngagementSignal),
		signal[sequence.AutoReplyReceived](l, ctx, AutoReplySignal),
		signal[sequence.InvitationAnswered](l, ctx, InvitationSignal),
		signal[sequence.AddressFailed](l, ctx, AddressFailedSignal),
		signal[sequence.AddressFound](l, ctx, AddressFoundSignal),
		signal[sequence.ColleagueTalks](l, ctx, ColleagueSignal),
		signal[sequence.NewsPublished](l, ctx, NewsSignal),
		signal[sequence.SlotGiven](l, ctx, SlotSignal),
		signal[sequence.SendAbandoned](l, ctx, AbandonedSignal),
	}
	for _, err := range []error{
		update[sequence.OutcomeRecorded](l, ctx, RecordOutcome, "what happened on a call or meeting"),
		update[sequence.Snoozed](l, ctx, Snooze, "the lead wants to be left alone until a time"),
		update[sequence.Paused](l, ctx, Pause, "hold every touch"),
		update[sequence.Resumed](l, ctx, Resume, "lift the pause"),
		update[sequence.Reassigned](l, ctx, Reassign, "give the lead to another owner"),
		update[sequence.DealWon](l, ctx, Win, "they bought"),
		update[sequence.LeadDisqualified](l, ctx, Disqualify, "there is nothing to sell here"),
		update[sequence.StakeholderNamed](l, ctx, NameStakeholder, "another person at the account"),
		update[sequence.ProposalSent](l, ctx, ReportProposal, "a proposal went out"),
		update[sequence.PermissionGranted](l, ctx, GrantPermission, "the lead's yes to stay in touch"),
		update[sequence.Diagnosed](l, ctx, GiveDiagnosis, "why the lead went cold"),
		update[sequence.TaskDone](l, ctx, CompleteTask, "the owner did what a task asked for"),
		update[sequence.OutcomeTakenBack](l, ctx, TakeBackOutcome, "the last outcome was recorded wrongly"),
		update[sequence.AmountEstimated](l, ctx, EstimateAmount, "what the deal would be worth"),
		l.openPlaybookDoor(ctx),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// signal opens a door for one kind of machine event. A refusal is no error: the
// event is too late to matter, and what it reports is in the records.
func signal[E sequence.Event](l *life, ctx workflow.Context, name string) door {
	ch := workflow.GetSignalChannel(ctx, name)
	return func(ctx workflow.Context) bool {
		var m Message[E]
		if !ch.ReceiveAsync(&m) {
			return false
		}
		if !l.taken(m.ID) {
			if err := l.decide(ctx, m.Event); err != nil {
				workflow.GetLogger(ctx).Info("signal without effect", "signal", name, "reason", err.Error())
			}
		}
		l.changed = true // the signal is in this history; the next run starts clean
		return true
	}
}

// clockDoor sets the virtual clock anew after a development stack stood still.
func clockDoor(l *life, ctx workflow.Context) door {
	ch := workflow.GetSignalChannel(ctx, ClockSignal)
	return func(workflow.Context) bool {
		var m Message[Clock]
		if !ch.ReceiveAsync(&m) {
			return false
		}
		if l.clock != nil {
			l.clock = &m.Event
		}
		l.changed = true
		return true
	}
}

// takeSignals takes what came in. A signal that only a later release knows fails the
// task, which is tried again until a worker of that release takes it: it is not lost.
func (l *life) takeSignals(ctx workflow.Context) {
	for _, take := range l.doors {
		for take(ctx) {
		}
	}
	if unknown := workflow.GetUnhandledSignalNames(ctx); len(unknown) > 0 {
		panic(fmt.Sprintf("this worker does not know the signal %s yet", unknown[0]))
	}
}

func signalled(ctx workflow.Context) bool { return len(workflow.GetUnhandledSignalNames(ctx)) > 0 }

// update opens a door for a person's decision. The validator refuses what cannot
// be before anything is written; the handler only changes the state. The same
// update id takes effect once, across hibernations.
func update[E sequence.Event](l *life, ctx workflow.Context, name, description string) error {
	return ask(l, ctx, name, description,
		func(ctx workflow.Context, e E, at time.Time) error { return l.decideAsOf(ctx, e, at) },
		func(ctx workflow.Context, e E) error {
			_, _, err := sequence.Decide(l.lead, e, l.now(ctx), l.playbook())
			return err
		})
}

// openPlaybookDoor lets a lead change to another version of its playbook, which
// this worker must hold.
func (l *life) openPlaybookDoor(ctx workflow.Context) error {
	return ask(l, ctx, ChangePlaybook, "follow another version of the playbook",
		func(ctx workflow.Context, c PlaybookChange, at time.Time) error {
			next, actions, err := sequence.Migrate(l.lead, l.playbook(), l.version(c.To), at)
			if err != nil {
				return err
			}
			l.take(ctx, next, actions)
			return nil
		},
		func(ctx workflow.Context, c PlaybookChange) error {
			to, ok := l.Playbook(c.To)
			if !ok {
				return &sequence.Refusal{Code: "playbook_not_loaded", Message: "this worker does not hold the playbook " + c.To + " yet", Remedy: "try again in a moment"}
			}
			if c.From != l.lead.Playbook && c.To != l.lead.Playbook {
				return &sequence.Refusal{Code: "another_playbook", Message: "this lead follows " + l.lead.Playbook + ", not " + c.From, Remedy: "read its playbook again"}
			}
			_, _, err := sequence.Migrate(l.lead, l.playbook(), to, l.now(ctx))
			return err
		})
}

// ask opens a door for one kind of question, which may come again as a decision.
func ask[Q any](l *life, ctx workflow.Context, name, description string,
	take func(workflow.Context, Q, time.Time) error, check func(workflow.Context, Q) error,
) error {
	l.rulings[name] = func(ctx workflow.Context, question json.RawMessage, at time.Time) error {
		var q Q
		if err := read(question, &q); err != nil {
			return err
		}
		return take(ctx, q, at)
	}
	handle := func(ctx workflow.Context, q Q) (Answer, error) {
		if err := workflow.Await(ctx, func() bool { return !l.turning }); err != nil {
			return Answer{}, err
		}
		if !l.taken(workflow.GetCurrentUpdateInfo(ctx).ID) {
			if err := take(ctx, q, l.now(ctx)); err != nil {
				return Answer{}, refusal(err)
			}
		}
		l.changed = true
		return Answer{Lead: l.lead}, nil
	}
	validate := func(ctx workflow.Context, q Q) error {
		if l.knows(workflow.GetCurrentUpdateInfo(ctx).ID) {
			return nil
		}
		return refusal(check(ctx, q))
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, name, handle, workflow.UpdateHandlerOptions{
		Validator: validate, Description: description,
	})
}
