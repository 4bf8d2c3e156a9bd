// Package policy changes the playbook that leads follow: it publishes versions,
// releases one for new leads, says what a change would do to the leads in flight,
// and moves them. It knows the records, the playbooks and, through a port, the
// running moves; what a version means for a lead is known to package sequence.
package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing/fstest"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// Mover begins the move of leads to another version; nil when it runs already.
type Mover interface {
	Move(ctx context.Context, move, from, to string) error
}

// Policy is everything a change of the playbook needs.
type Policy struct {
	Store   *postgres.Store
	Library *playbooks.Library
	Mover   Mover
	Now     func() time.Time // on the leads' clock
}

// ErrFaults says that the files are no playbook that may be published.
var ErrFaults = errors.New("the playbook has faults")

// ErrUnknownVersion says that no version of that id was published.
var ErrUnknownVersion = errors.New("no playbook of this id was published")

// Publish keeps the files as an immutable version, named by its content, and
// reports what is wrong with them. Publishing the same files again changes
// nothing, and who published them first stays. ErrFaults when a problem is more
// than a warning.
func (p Policy) Publish(ctx context.Context, files map[string]string, by string) (*sequence.Playbook, []playbooks.Problem, error) {
	pb, problems := playbooks.Inspect(folder(files))
	for _, fault := range problems {
		if !fault.Warning {
			return nil, problems, ErrFaults
		}
	}
	encoded, err := json.Marshal(files)
	if err != nil {
		return nil, problems, fmt.Errorf("encode playbook %s: %w", pb.ID, err)
	}
	if err := p.Store.PublishPlaybook(ctx, db.PublishPlaybookParams{ID: pb.ID, Name: pb.Name, Files: encoded, PublishedBy: by}); err != nil {
		return nil, problems, fmt.Errorf("publish playbook %s: %w", pb.ID, err)
	}
	p.Library.Add(pb)
	return pb, problems, nil
}

func folder(files map[string]string) fstest.MapFS {
	dir := fstest.MapFS{}
	for name, content := range files {
		dir[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return dir
}

// Release makes a published version the one for new leads; leads in flight keep
// theirs. ErrUnknownVersion when there is none.
func (p Policy) Release(ctx context.Context, id, by string) error {
	pb, err := p.Version(ctx, id)
	if err != nil {
		return err
	}
	if err := p.Store.ReleasePlaybook(ctx, db.ReleasePlaybookParams{Playbook: pb.ID, ReleasedBy: by}); err != nil {
		return fmt.Errorf("release playbook %s: %w", id, err)
	}
	p.Library.Release(pb.ID)
	return nil
}

// Version finds a published version, in memory or in the records.
func (p Policy) Version(ctx context.Context, id string) (*sequence.Playbook, error) {
	if pb, ok := p.Library.Get(id); ok {
		return pb, nil
	}
	encoded, err := p.Store.PlaybookFiles(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("%w: %s", ErrUnknownVersion, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read playbook %s: %w", id, err)
	}
	var files map[string]string
	if err := json.Unmarshal(encoded, &files); err != nil {
		return nil, fmt.Errorf("decode playbook %s: %w", id, err)
	}
	pb, err := playbooks.Load(folder(files))
	if err == nil {
		p.Library.Add(pb)
	}
	return pb, err
}

// Begin starts the move of every living lead of one version to another. The same
// id begins it once. A move that is written down begins, now or when the engine is
// back (GoOn).
func (p Policy) Begin(ctx context.Context, id uuid.UUID, from, to, by string) error {
	for _, version := range []string{from, to} {
		if _, err := p.Version(ctx, version); err != nil {
			return err
		}
	}
	if err := p.Store.InsertMove(ctx, db.InsertMoveParams{ID: id, FromID: from, ToID: to, StartedBy: by}); err != nil {
		return fmt.Errorf("write down the move: %w", postgres.Translate(err))
	}
	if err := p.Mover.Move(ctx, id.String(), from, to); err != nil {
		slog.WarnContext(ctx, "a move begins later", "move", id, "error", err)
	}
	return nil
}

// GoOn begins the moves that are written down and not finished: the engine was
// away when they were asked for, or has lost what it knew. Those that run already
// are left alone.
func (p Policy) GoOn(ctx context.Context) error {
	moves, err := p.Store.UnfinishedMoves(ctx)
	if err != nil {
		return fmt.Errorf("read the moves of playbooks: %w", err)
	}
	for _, m := range moves {
		if err := p.Mover.Move(ctx, m.ID.String(), m.FromID, m.ToID); err != nil {
			return fmt.Errorf("begin move %s: %w", m.ID, err)
		}
	}
	return nil
}

// Inspect reads files that are not published; nil when they are no playbook.
func Inspect(files map[string]string) (*sequence.Playbook, []playbooks.Problem) {
	return playbooks.Inspect(folder(files))
}
