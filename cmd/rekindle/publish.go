package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
)

type playbookListCmd struct {
	Database database `embed:""`
}

func (c playbookListCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		all, err := s.PlaybookVersions(ctx)
		if err != nil {
			return fmt.Errorf("list the playbooks (is the database migrated? rekindle migrate): %w", err)
		}
		current, err := released(ctx, s)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Fprintln(os.Stderr, "nothing is published yet: publish a folder, or start serve or work, which publish the default playbook")
		}
		return printVersions(os.Stdout, all, current)
	})
}

func printVersions(out io.Writer, all []db.PlaybookVersionsRow, current string) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tPUBLISHED\tLEADS\tNEW LEADS")
	for _, v := range all {
		mark := "-"
		if v.ID == current {
			mark = "current"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\n", v.ID, v.Name, v.PublishedAt.UTC().Format("2006-01-02 15:04 MST"), v.Leads, mark)
	}
	return w.Flush()
}

// released is the version that new leads follow; none on a fresh database.
func released(ctx context.Context, s *postgres.Store) (string, error) {
	r, err := s.ReleasedPlaybook(ctx)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("read the released playbook: %w", err)
	}
	return r.Playbook, nil
}

type playbookPublishCmd struct {
	Database database `embed:""`
	Path     string   `arg:"" help:"The folder of the playbook, or the playbook.yaml in it."`
	Release  bool     `help:"Let new leads follow it from now on."`
}

// Run prints the id alone on standard output, so that a script can take it.
func (c playbookPublishCmd) Run(ctx context.Context) error {
	dir, err := playbookFolder(c.Path)
	if err != nil {
		return err
	}
	_, problems := inspect(dir)
	if err := complain(c.Path, problems); err != nil {
		return fmt.Errorf("nothing is published: %w", err)
	}
	files, err := playbooks.Files(os.DirFS(dir))
	if err != nil {
		return err
	}
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error {
		pb, _, err := p.Publish(ctx, files, operator())
		if err != nil {
			return err
		}
		fmt.Println(pb.ID)
		if err := noted(ctx, p.Store, "playbook_published", pb.ID); err != nil {
			return err
		}
		if c.Release {
			return release(ctx, p, pb.ID)
		}
		return nil
	})
}

type playbookReleaseCmd struct {
	Database database `embed:""`
	ID       string   `arg:"" help:"Id of a published version, see rekindle playbook list."`
}

func (c playbookReleaseCmd) Run(ctx context.Context) error {
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error { return release(ctx, p, c.ID) })
}

// noticedWithin is how long a running process may go on with the version before.
const noticedWithin = 10 * time.Second

func release(ctx context.Context, p policy.Policy, id string) error {
	err := p.Release(ctx, id, operator())
	if errors.Is(err, policy.ErrUnknownVersion) {
		return fmt.Errorf("%w; see rekindle playbook list", err)
	}
	if err == nil {
		err = noted(ctx, p.Store, "playbook_released", id)
	}
	if err == nil {
		fmt.Fprintf(os.Stderr, "new leads follow %s; running processes notice within %s, leads in flight keep their version\n", id, noticedWithin)
	}
	return err
}
