package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing/fstest"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

func (a *App) publish(ctx context.Context, pb *sequence.Playbook) error {
	files, err := playbooks.DefaultFiles()
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(files)
	if err != nil {
		return fmt.Errorf("encode playbook %s: %w", pb.ID, err)
	}
	if err := a.Store.PublishPlaybook(ctx, db.PublishPlaybookParams{ID: pb.ID, Name: pb.Name, Files: encoded, PublishedBy: sequence.ActorRekindle}); err != nil {
		return fmt.Errorf("publish the default playbook: %w", err)
	}
	released, err := a.Store.ReleasedPlaybook(ctx)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
	case err != nil:
		return fmt.Errorf("read the released playbook: %w", err)
	case released.Playbook == pb.ID || released.ReleasedBy != sequence.ActorRekindle:
		return nil // what a person released stays
	}
	return a.Store.ReleasePlaybook(ctx, db.ReleasePlaybookParams{Playbook: pb.ID, ReleasedBy: sequence.ActorRekindle})
}

// errLaterPlaybook says that a version was published by a release that knows more
// than this one does. The others are in memory.
var errLaterPlaybook = errors.New("this release cannot read the playbook")

// LoadPlaybooks brings versions published since into memory.
func (a *App) LoadPlaybooks(ctx context.Context) error {
	published, err := a.Store.PublishedPlaybooks(ctx)
	if err != nil {
		return fmt.Errorf("read the published playbooks: %w", err)
	}
	var unread []error
	for _, p := range published {
		if _, known := a.Library.Get(p.ID); known {
			continue
		}
		pb, err := readPlaybook(p)
		if err != nil {
			unread = append(unread, err)
			continue
		}
		a.Library.Add(pb)
	}
	released, err := a.Store.ReleasedPlaybook(ctx)
	if err != nil {
		return fmt.Errorf("read the released playbook: %w", err)
	}
	a.Library.Release(released.Playbook)
	return errors.Join(unread...)
}

func readPlaybook(p db.PublishedPlaybooksRow) (*sequence.Playbook, error) {
	var files map[string]string
	if err := json.Unmarshal(p.Files, &files); err != nil {
		return nil, fmt.Errorf("%w %s: %w", errLaterPlaybook, p.ID, err)
	}
	dir := fstest.MapFS{}
	for name, content := range files {
		dir[name] = &fstest.MapFile{Data: []byte(content)}
	}
	pb, err := playbooks.Load(dir)
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", errLaterPlaybook, p.ID, err)
	}
	if pb.ID != p.ID {
		return nil, fmt.Errorf("%w %s: it has the content of %s", errLaterPlaybook, p.ID, pb.ID)
	}
	return pb, nil
}
