package engine_test

import (
	"context"
	"encoding/json"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// connect makes an engine on an address where no Temporal is.
func connect(t *testing.T, address string) engine.Engine {
	c, err := client.NewLazyClient(engine.Options(client.Options{HostPort: address, Logger: silent{}}))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return engine.Engine{Client: c}
}

type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

func listen(t *testing.T) net.Listener {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestATemporalThatIsNotThereIsAway(t *testing.T) {
	l := listen(t)
	require.NoError(t, l.Close())
	saysAway(t, l.Addr().String())
}

func TestATemporalThatAcceptsAndKeepsSilentIsAway(t *testing.T) {
	saysAway(t, listen(t).Addr().String()) // the kernel accepts, nobody answers
}

func saysAway(t *testing.T, address string) {
	e := connect(t, address)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.Error(t, e.Ready(ctx))
	for name, call := range map[string]func(context.Context) error{
		"ask": func(ctx context.Context) error {
			_, err := e.Ask(ctx, "l1", workflows.Pause, "u1", sequence.Paused{})
			return err
		},
		"start": func(ctx context.Context) error { return e.Start(ctx, workflows.Input{Lead: sequence.Lead{ID: "l1"}}) },
		"signal": func(ctx context.Context) error {
			return e.Signal(ctx, "l1", workflows.ReplySignal, json.RawMessage(`{}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			err := call(ctx)
			require.ErrorIs(t, err, engine.ErrAway)
			require.NotErrorIs(t, err, engine.ErrUnanswered, "nothing has left")
		})
	}
}
