package api

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// noted registers a handler whose success is written down among the acts that are
// about no lead. The same request, sent again, is one act.
func noted[I, O any](a *API, api huma.API, op huma.Operation, act string, about func(*I, *O) string, handle func(context.Context, *I) (*O, error)) {
	route(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil {
			err = a.note(ctx, act, about(in, out))
		}
		return out, err
	})
}

// note writes down an act of the caller's.
func (a *API) note(ctx context.Context, act, about string) error {
	id := derivedID(ctx, "act "+act)
	if callerOf(ctx).RequestKey == "" {
		id = uuid.Must(uuid.NewV7())
	}
	err := a.Store.InsertAct(ctx, db.InsertActParams{ID: id, At: a.now(), Actor: callerOf(ctx).actor(), Act: act, About: about})
	if err != nil {
		return fmt.Errorf("write down who did it: %w", err)
	}
	return nil
}

// nothing it was about.
func unnamed[I, O any](*I, *O) string { return "" }
