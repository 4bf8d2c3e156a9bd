package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
	"golang.org/x/term"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

type playbookMigrateCmd struct {
	Database database   `embed:""`
	Old      string     `arg:"" optional:"" help:"The version whose living leads move: its id, or its folder."`
	New      string     `arg:"" optional:"" help:"The published version that they shall follow: its id, or its folder."`
	Yes      bool       `short:"y" help:"Do not ask; needed where nobody can be asked."`
	Watch    *uuid.UUID `placeholder:"MOVE" help:"Watch a move that has begun already, by its id."`
}

// Validate is called before Run: a move is begun, or watched.
func (c playbookMigrateCmd) Validate() error {
	switch {
	case c.Watch != nil && c.Old != "":
		return errors.New("give two versions to begin a move, or --watch to follow one, but not both")
	case c.Watch == nil && c.New == "":
		return errors.New("give the version that leads follow and the one that they shall follow")
	}
	return nil
}

// Run shows the impact, asks, begins the move and follows it to its end.
func (c playbookMigrateCmd) Run(ctx context.Context) error {
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error {
		if c.Watch != nil {
			return watch(ctx, p.Store, *c.Watch)
		}
		if !c.Yes && !term.IsTerminal(int(os.Stdin.Fd())) {
			return errors.New("nobody can be asked here: look at rekindle playbook impact, then add --yes")
		}
		from, to, err := c.versions(ctx, p)
		if err != nil {
			return err
		}
		return c.move(ctx, p, from, to)
	})
}

func (c playbookMigrateCmd) versions(ctx context.Context, p policy.Policy) (from, to *sequence.Playbook, err error) {
	if from, err = versionNamed(ctx, p, c.Old); err != nil {
		return nil, nil, err
	}
	if to, err = versionNamed(ctx, p, c.New); err != nil {
		return nil, nil, err
	}
	if from.ID == to.ID {
		return nil, nil, fmt.Errorf("%s and %s are the same version, %s", c.Old, c.New, to.ID)
	}
	for _, pb := range []*sequence.Playbook{from, to} {
		if _, err := p.Version(ctx, pb.ID); err != nil {
			return nil, nil, fmt.Errorf("%w; see rekindle playbook publish", err)
		}
	}
	return from, to, nil
}

func (c playbookMigrateCmd) move(ctx context.Context, p policy.Policy, from, to *sequence.Playbook) error {
	t, err := dialTemporal(ctx)
	if err != nil {
		return err
	}
	defer t.Close()
	p.Mover = engine.Engine{Client: t}
	impact, _, err := compare(ctx, p, from, to, 3)
	if err != nil {
		return err
	}
	fmt.Print(impactText(impact))
	if impact.Leads == 0 {
		return nil
	}
	if !c.Yes {
		if err := confirm(ctx, os.Stdin, os.Stderr, fmt.Sprintf("\nMove %s to %s?", count(impact.Leads, "lead"), to.ID)); err != nil {
			return err
		}
	}
	id := uuid.New()
	if err := p.Begin(ctx, id, from.ID, to.ID, operator()); err != nil {
		return fmt.Errorf("begin move %s: %w", id, err)
	}
	if err := noted(ctx, p.Store, "playbook_move_begun", id.String()); err != nil {
		return err
	}
	fmt.Printf("\nmove %s has begun\n", id)
	return watch(ctx, p.Store, id)
}

func dialTemporal(ctx context.Context) (client.Client, error) {
	o, err := temporalOptions()
	if err != nil {
		return nil, err
	}
	t, err := client.DialContext(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("reach Temporal at %s: %w", o.HostPort, err)
	}
	return t, nil
}

// confirm asks; anything but a yes is an error. The answer is read aside, so that
// Ctrl-C is heard meanwhile.
func confirm(ctx context.Context, in io.Reader, out io.Writer, question string) error {
	fmt.Fprint(out, question+" [y/N] ")
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(in).ReadString('\n') // no answer is a no
		answer <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case a := <-answer:
		if a != "y" && a != "yes" {
			return errors.New("nothing is moved")
		}
		return nil
	}
}

type playbookMovesCmd struct {
	Database database `embed:""`
}

func (c playbookMovesCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		open, err := s.UnfinishedMoves(ctx)
		if err != nil {
			return fmt.Errorf("list the moves: %w", err)
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		for _, o := range open {
			m, err := s.Move(ctx, db.MoveParams{ID: o.ID, Asked: activities.Asked})
			if err != nil {
				return fmt.Errorf("read move %s: %w", o.ID, err)
			}
			fmt.Fprintf(w, "%s\t%s → %s\t%d moved\t%d refused so far\t%d when it began\n", m.ID, m.FromID, m.ToID, m.Moved, m.Refused, m.Total)
		}
		return w.Flush()
	})
}
