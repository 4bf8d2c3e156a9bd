package engine

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"

	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/stats"
)

// Options are those of a client that can tell whether a question without an answer
// has left for Temporal: then the lead may have taken it.
func Options(o client.Options) client.Options {
	o.ConnectionOptions.DialOptions = append(slices.Clip(o.ConnectionOptions.DialOptions), grpc.WithStatsHandler(departures{}))
	return o
}

// departures notes on a question that it left.
type departures struct{}

type (
	leftKey   struct{} // of a question: an *atomic.Bool
	updateKey struct{} // of the call that carries it
)

// departing is a context in which a question's leaving is noted.
func departing(ctx context.Context) (context.Context, *atomic.Bool) {
	left := new(atomic.Bool)
	return context.WithValue(ctx, leftKey{}, left), left
}

// TagRPC implements stats.Handler: of all that is said to Temporal, an update is
// the question itself.
func (departures) TagRPC(ctx context.Context, call *stats.RPCTagInfo) context.Context {
	return context.WithValue(ctx, updateKey{}, strings.HasSuffix(call.FullMethodName, "/UpdateWorkflowExecution"))
}

// HandleRPC implements stats.Handler.
func (departures) HandleRPC(ctx context.Context, s stats.RPCStats) {
	left, asked := ctx.Value(leftKey{}).(*atomic.Bool)
	update, _ := ctx.Value(updateKey{}).(bool)
	if _, out := s.(*stats.OutPayload); out && asked && update {
		left.Store(true)
	}
}

// TagConn implements stats.Handler.
func (departures) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (departures) HandleConn(context.Context, stats.ConnStats) {}
