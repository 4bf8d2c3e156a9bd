package workflows

import (
	"encoding/json"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

// This file takes up what was lost with Temporal: a life that is started again
// stands where its row says, which may be one turn behind.

// ruling takes a decision, as of the time at which it was agreed to.
type ruling func(ctx workflow.Context, question json.RawMessage, at time.Time) error

// decisionDoor takes decisions that the lead agreed to in a turn that was lost.
func decisionDoor(l *life, ctx workflow.Context) door {
	ch := workflow.GetSignalChannel(ctx, DecisionSignal)
	return func(ctx workflow.Context) bool {
		var m Message[Decision]
		if !ch.ReceiveAsync(&m) {
			return false
		}
		l.changed = true
		rule, known := l.rulings[m.Event.Update]
		if !known {
			l.unsaved = true // it is asked to write its row
			return true
		}
		if l.taken(m.ID) {
			return true
		}
		at := l.now(ctx)
		if !m.Event.At.IsZero() && m.Event.At.Before(at) {
			at = m.Event.At
		}
		if err := rule(ctx, m.Event.Event, at); err != nil {
			workflow.GetLogger(ctx).Warn("a decision has no effect any more", "update", m.Event.Update, "reason", err.Error())
		}
		return true
	}
}

// read decodes what an update carried, as the SDK would have.
func read(question json.RawMessage, q any) error {
	return converter.GetDefaultDataConverter().FromPayload(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)}, Data: question,
	}, q)
}

// stepsAtOnce is more than come before a touch in one turn: the end of a pause, a
// word to somebody.
const stepsAtOnce = 5

// takeAgain decides a turn that was lost once more, before anything that came later.
func (l *life) takeAgain(ctx workflow.Context) {
	for range stepsAtOnce {
		at, ok := l.lead.Deadline()
		if !ok || l.begunAfter(at) < 0 {
			return
		}
		l.wake(ctx, at)
	}
}

// wokeAt is when the lead woke for a deadline: now, unless a turn after it was lost,
// which is then taken again as of its own time.
func (l *life) wokeAt(ctx workflow.Context, deadline time.Time) time.Time {
	if i := l.begunAfter(deadline); i >= 0 {
		return l.begun[i].At
	}
	return l.now(ctx)
}

func (l *life) begunAfter(deadline time.Time) int {
	return slices.IndexFunc(l.begun, func(b Begun) bool { return !b.At.Before(deadline) })
}
