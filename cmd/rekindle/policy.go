package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// withPolicy opens the records of the playbooks. Temporal is not needed for them.
func withPolicy(ctx context.Context, url string, do func(policy.Policy) error) error {
	return withStore(ctx, url, func(s *postgres.Store) error {
		now, err := leadsClock(ctx, s)
		if err != nil {
			return err
		}
		return do(policy.Policy{Store: s, Library: new(playbooks.Library), Now: now})
	})
}

// leadsClock is the clock that the leads live by. That of a development stack
// stands still when the stack does.
func leadsClock(ctx context.Context, s *postgres.Store) (func() time.Time, error) {
	row, err := s.VirtualClock(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return func() time.Time { return time.Now().UTC() }, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the database (is it migrated? rekindle migrate): %w", err)
	}
	clock := workflows.Clock{Epoch: row.Epoch, Base: row.Base, Speed: row.Speed}
	if time.Since(row.Seen) > 5*time.Second { // a running stack is seen every second
		return func() time.Time { return clock.At(row.Seen).UTC() }, nil
	}
	return func() time.Time { return clock.At(time.Now()).UTC() }, nil
}

// versionNamed is the published version of that id or, where there is none, the
// playbook in that folder, published or not.
func versionNamed(ctx context.Context, p policy.Policy, name string) (*sequence.Playbook, error) {
	pb, err := p.Version(ctx, name)
	if !errors.Is(err, policy.ErrUnknownVersion) {
		return pb, err
	}
	if _, err := os.Stat(name); err != nil {
		return nil, fmt.Errorf("%q is neither a published version (rekindle playbook list) nor a folder", name)
	}
	dir, err := playbookFolder(name)
	if err != nil {
		return nil, err
	}
	pb, problems := inspect(dir)
	if faults, _ := countFaults(problems); faults > 0 {
		return nil, complain(name, problems)
	}
	return pb, nil
}

// complain names every problem; the error counts them. nil where there are only
// warnings.
func complain(path string, problems []playbooks.Problem) error {
	for _, p := range problems {
		fmt.Fprintln(os.Stderr, p)
	}
	if faults, warnings := countFaults(problems); faults > 0 {
		return fmt.Errorf("%s: %s, %s", path, count(faults, "fault"), count(warnings, "warning"))
	}
	return nil
}

// operator is who gives a command here, for the records.
func operator() string {
	u, err := user.Current()
	if err != nil || u.Username == "" {
		return "cli"
	}
	return "cli:" + u.Username
}
