package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// busy is a Temporal whose workflow is not ready for the first requests.
type busy struct {
	client.Client
	times int
	asked []string
}

func (b *busy) UpdateWorkflow(_ context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	b.asked = append(b.asked, o.UpdateID)
	if len(b.asked) <= b.times {
		return nil, serviceerror.NewWorkflowNotReady("Unable to perform workflow execution update due to unexpected workflow task failure.")
	}
	return answered{}, nil
}

type answered struct{ client.WorkflowUpdateHandle }

func (answered) Get(_ context.Context, answer any) error {
	answer.(*workflows.Answer).Lead = sequence.Lead{ID: "l1"}
	return nil
}

func TestALeadThatIsNotReadyIsAskedAgainUnderTheSameID(t *testing.T) {
	b := &busy{times: 3}
	l, err := engine.Engine{Client: b}.Ask(t.Context(), "l1", workflows.Pause, "u1", sequence.Paused{})
	require.NoError(t, err)
	require.Equal(t, "l1", l.ID)
	require.Equal(t, []string{"u1", "u1", "u1", "u1"}, b.asked)
}

func TestALeadThatDoesNotGetReadyInTimeIsAway(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := engine.Engine{Client: &busy{times: 1000}}.Ask(ctx, "l1", workflows.Pause, "u1", sequence.Paused{})
	require.ErrorIs(t, err, engine.ErrAway)
}
