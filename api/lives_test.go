package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// lives stands in for Temporal: it keeps one state per lead, lets the real core
// decide, has the real activities done on the real records, and takes every id
// once, as the workflow does.
type lives struct {
	mu       sync.Mutex
	acts     *activities.Activities
	playbook func(id string) (*sequence.Playbook, bool)
	now      func() time.Time
	leads    map[string]*life
	away     bool           // nothing gets through
	mute     bool           // everything gets through, and no answer comes back
	slow     bool           // an update is taken, its answer comes too late
	effects  map[string]int // decisions taken, by lead and kind
	moves    []string       // begun
}

type life struct {
	lead  sequence.Lead
	taken []string // ids
}

func (one *life) knows(id string) bool { return slices.Contains(one.taken, id) }

func (one *life) recent() (keys []string) {
	for _, id := range one.taken {
		keys = append(keys, workflows.MessageKey(id))
	}
	return keys
}

// post sends every mail at once.
type post struct{}

type letter string

func (l letter) ID() string { return string(l) }

func (post) Write(l activities.Letter) (activities.Message, error) { return letter(l.MessageID), nil }

func (post) Send(context.Context, activities.Message, activities.Begin) activities.Verdict {
	return activities.Verdict{Status: sequence.Sent}
}

func (l *lives) Ready(context.Context) error {
	if l.away {
		return engine.ErrAway
	}
	return nil
}

func (l *lives) Start(ctx context.Context, in workflows.Input) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return engine.ErrAway
	}
	if l.leads[in.Lead.ID] != nil {
		return nil
	}
	one := &life{lead: in.Lead, taken: []string{workflows.StartMessage}}
	l.leads[in.Lead.ID] = one
	_, err := l.decide(ctx, one, *in.Enrolled)
	return l.answer(err)
}

// answer is what the caller hears of an answer.
func (l *lives) answer(err error) error {
	if l.mute {
		return fmt.Errorf("%w: %w", engine.ErrAway, engine.ErrUnanswered)
	}
	return err
}

func (l *lives) Signal(ctx context.Context, lead, name string, payload json.RawMessage) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.leads[lead]
	switch {
	case l.away:
		return engine.ErrAway
	case one == nil || one.lead.Stage.Final():
		return door.ErrNoWorkflow
	}
	id, event, err := decode(name, payload)
	if err != nil || one.knows(id) {
		return l.answer(err)
	}
	one.taken = append(one.taken, id)
	var refused *sequence.Refusal
	if _, err = l.decide(ctx, one, event); errors.As(err, &refused) {
		err = nil // too late to matter
	}
	return l.answer(err)
}

func decode(name string, payload json.RawMessage) (string, sequence.Event, error) {
	switch name {
	case workflows.EngagementSignal:
		return message[sequence.EngagementRecorded](payload)
	case workflows.ReplySignal:
		return message[sequence.ReplyReceived](payload)
	case workflows.AutoReplySignal:
		return message[sequence.AutoReplyReceived](payload)
	case workflows.InvitationSignal:
		return message[sequence.InvitationAnswered](payload)
	case workflows.ColleagueSignal:
		return message[sequence.ColleagueTalks](payload)
	case workflows.NewsSignal:
		return message[sequence.NewsPublished](payload)
	case workflows.AddressFailedSignal:
		return message[sequence.AddressFailed](payload)
	case workflows.AddressFoundSignal:
		return message[sequence.AddressFound](payload)
	case workflows.SlotSignal:
		return message[sequence.SlotGiven](payload)
	case workflows.AbandonedSignal:
		return message[sequence.SendAbandoned](payload)
	case workflows.OptOutSignal:
		return message[sequence.OptedOut](payload)
	}
	return "", nil, fmt.Errorf("nobody listens to the signal %q", name)
}

func message[E sequence.Event](payload json.RawMessage) (string, sequence.Event, error) {
	var m workflows.Message[E]
	err := json.Unmarshal(payload, &m)
	return m.ID, m.Event, err
}

func (l *lives) Ask(ctx context.Context, lead, _, id string, event sequence.Event) (sequence.Lead, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.leads[lead]
	switch {
	case l.away:
		return sequence.Lead{}, fmt.Errorf("%w: connection refused", engine.ErrAway)
	case one == nil:
		return sequence.Lead{}, engine.ErrNotRunning
	}
	answer := one.lead
	if !one.knows(id) {
		before := one.taken
		one.taken = append(slices.Clone(before), id)
		var err error
		if answer, err = l.decide(ctx, one, event); err != nil {
			one.taken = before
			return sequence.Lead{}, err
		}
	}
	if l.slow {
		return sequence.Lead{}, engine.ErrPending
	}
	return answer, l.answer(nil)
}

// decide lets an event happen and does what follows at once. It returns the lead
// as it was right after the decision, which is what an update answers.
func (l *lives) decide(ctx context.Context, one *life, event sequence.Event) (sequence.Lead, error) {
	pb, ok := l.playbook(one.lead.Playbook)
	if !ok {
		return one.lead, fmt.Errorf("the playbook %s is not loaded", one.lead.Playbook)
	}
	next, todo, err := sequence.Decide(one.lead, event, l.now(), pb)
	if err != nil {
		return one.lead, err
	}
	one.lead = next
	l.effects[fmt.Sprintf("%s %T", next.ID, event)]++
	if err := l.perform(ctx, one, todo); err != nil {
		return next, err
	}
	if at, ok := one.lead.Deadline(); ok && !l.now().Before(at) {
		_, err = l.decide(ctx, one, sequence.DeadlineReached{})
	}
	return next, err
}

func (l *lives) perform(ctx context.Context, one *life, todo []sequence.Action) error {
	var entries []sequence.Entry
	var sent []sequence.TouchPerformed
	for _, action := range todo {
		if e, ok := action.(sequence.Entry); ok {
			entries = append(entries, e)
			continue
		}
		performed, err := l.act(ctx, one.lead.ID, action)
		if err != nil {
			return err
		}
		if performed != nil {
			sent = append(sent, *performed)
		}
	}
	pb, _ := l.playbook(one.lead.Playbook)
	save := activities.Save{Lead: one.lead, Entries: entries, Worth: sequence.WorthOf(one.lead, l.now(), pb).Value, Recent: one.recent()}
	if _, err := l.acts.SaveLead(ctx, job(l, one.lead.ID, save)); err != nil {
		return err
	}
	for _, performed := range sent {
		if _, err := l.decide(ctx, one, performed); err != nil {
			return err
		}
	}
	return nil
}

func (l *lives) act(ctx context.Context, lead string, action sequence.Action) (*sequence.TouchPerformed, error) {
	switch a := action.(type) {
	case sequence.SendEmail:
		performed, err := l.acts.SendEmail(ctx, job(l, lead, a))
		return &performed, err
	case sequence.CreateTask:
		return nil, l.acts.CreateTask(ctx, job(l, lead, a))
	case sequence.CancelTasks:
		return nil, l.acts.CancelTasks(ctx, job(l, lead, a))
	case sequence.ReopenTasks:
		return nil, l.acts.ReopenTasks(ctx, job(l, lead, a))
	case sequence.CalmAccount:
		return nil, l.acts.CalmAccount(ctx, job(l, lead, a))
	case sequence.MoveTasks:
		return nil, l.acts.MoveTasks(ctx, job(l, lead, a))
	case sequence.Notify:
		return nil, l.acts.Notify(ctx, job(l, lead, a))
	case sequence.StartOutreach:
		return nil, l.acts.StartOutreach(ctx, job(l, lead, a))
	case sequence.Suppress:
		return nil, l.acts.Suppress(ctx, job(l, lead, a))
	}
	return nil, fmt.Errorf("nobody performs a %T", action)
}

func job[T any](l *lives, lead string, do T) activities.Job[T] {
	return activities.Job[T]{Lead: lead, At: l.now(), Do: do}
}

// next is the earliest deadline of any lead.
func (l *lives) next() (at time.Time, ids []string) {
	for id, one := range l.leads {
		d, ok := one.lead.Deadline()
		switch {
		case !ok:
		case at.IsZero() || d.Before(at):
			at, ids = d, []string{id}
		case d.Equal(at):
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return at, ids
}

// wake lets the deadline of a lead be reached.
func (l *lives) wake(ctx context.Context, id string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err := l.decide(ctx, l.leads[id], sequence.DeadlineReached{})
	return err
}

// count is how often an event of E's type was decided for a lead.
func count[E sequence.Event](l *lives, lead string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	var e E
	return l.effects[fmt.Sprintf("%s %T", lead, e)]
}

// AskChosen is the engine's: a lead that does not answer now is asked again.
func (l *lives) AskChosen(ctx context.Context, lead, update, id string, event sequence.Event) (sequence.Lead, error) {
	one, err := l.Ask(ctx, lead, update, id, event)
	if errors.Is(err, engine.ErrNotRunning) || errors.Is(err, engine.ErrPending) {
		err = &sequence.Refusal{Code: activities.NoAnswerYet, Message: "this lead has not answered yet"}
	}
	return one, err
}

// RunBatch is the engine's; here the test asks the leads itself.
func (l *lives) RunBatch(ctx context.Context, id string, pass int) error {
	return l.RunImport(ctx, id, pass)
}

// RunImport is the engine's; here the test goes through the file itself.
func (l *lives) RunImport(context.Context, string, int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return engine.ErrAway
	}
	return nil
}

// Move is the engine's; here the test asks for each lead itself.
func (l *lives) Move(_ context.Context, move, _, _ string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.away {
		return engine.ErrAway
	}
	if !slices.Contains(l.moves, move) {
		l.moves = append(l.moves, move)
	}
	return l.answer(nil)
}
