package workflows

import (
	"encoding/json"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/sequence"
)

// This file takes up what was lost with Temporal: a life that is started again
// stands where its row says, which may be one turn behind.

// ruling takes a decision, as of the time at which it was agreed to.
type ruling func(ctx workflow.Context, question json.RawMessage, at time.Time) error

// decisionDoor takes decisions that the lead agreed to in a turn that was lost.
func decisionDoor(l *life, ctx workflow.Context) door {
	ch := workflow.GetSignalChannel(ctx, DecisionSignal)
	return door{waiting: ch.Len, take: func(ctx workflow.Context) bool {
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
	}}
}

// read decodes what an update carried, as the SDK would have.
func read(question json.RawMessage, q any) error {
	return converter.GetDefaultDataConverter().FromPayload(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(converter.MetadataEncodingJSON)}, Data: question,
	}, q)
}

// deadlinesAtOnce is more than can come before a touch: the end of a pause, a word
// to somebody who owes something.
const deadlinesAtOnce = 5

// takeAgain takes a turn once more, as of its own time: what it did outside is
// found done there, and the plan goes on from then.
func (l *life) takeAgain(ctx workflow.Context, begun Begun) {
	for range deadlinesAtOnce {
		at, ok := l.lead.Deadline()
		if !ok || begun.At.Before(at) || l.lead.Next == nil || l.lead.Next.Touch != begun.Touch {
			return
		}
		l.begun = begun
		if err := l.decideAsOf(ctx, sequence.DeadlineReached{}, begun.At); err != nil {
			panic("a deadline was refused: " + err.Error())
		}
	}
}

// madeAt is the time of a touch: now, unless it was made in a turn that was lost.
func (l *life) madeAt(ctx workflow.Context, touch string) time.Time {
	if touch == l.begun.Touch {
		return l.begun.At
	}
	return l.now(ctx)
}
