package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/suppression"
)

type suppressionCmd struct {
	Export suppressionExportCmd `cmd:"" help:"Write the list as CSV: kind, hash, via, created_at. It has hashes only."`
	Import suppressionImportCmd `cmd:"" help:"Add a list as CSV: columns kind (email, domain or phone) and value, or kind and hash as exported, and optionally via."`
}

type suppressionExportCmd struct {
	Database database `embed:""`
	File     string   `arg:"" help:"Where to write it; - for the standard output."`
}

func (c suppressionExportCmd) Run(ctx context.Context) error {
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) (err error) {
		out := os.Stdout
		if c.File != "-" {
			if out, err = os.OpenFile(c.File, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
				return fmt.Errorf("write the list: %w", err)
			}
			defer func() { err = errors.Join(err, out.Close()) }()
		}
		w, err := suppression.NewWriter(out)
		if err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
		if err := s.EachSuppression(ctx, w.Add); err != nil {
			return fmt.Errorf("write the list: %w", err)
		}
		return errors.Join(w.End(), noted(ctx, s, "suppressions_exported", ""))
	})
}

type suppressionImportCmd struct {
	Database database `embed:""`
	File     string   `arg:"" help:"The list; - for the standard input."`
}

// Run adds the good rows and fails when there are others.
func (c suppressionImportCmd) Run(ctx context.Context) error {
	var in io.ReadCloser = os.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return fmt.Errorf("read the list: %w", err)
		}
		in = f
	}
	defer in.Close()
	entries, faults, err := suppression.Read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	return withStore(ctx, c.Database.URL, func(s *postgres.Store) error {
		now, err := leadsClock(ctx, s)
		if err != nil {
			return err
		}
		added, err := s.SuppressAll(ctx, entries, operator(), now())
		if err != nil {
			return fmt.Errorf("after %d new entries, which stay: %w", added, err)
		}
		if err := noted(ctx, s, "suppressions_imported", ""); err != nil {
			return err
		}
		fmt.Printf("%s: %d new, %d known before\n", count(len(entries), "good row"), added, len(entries)-added)
		for _, f := range faults {
			fmt.Fprintf(os.Stderr, "%s: %s\n", c.File, f)
		}
		if len(faults) > 0 {
			return fmt.Errorf("%s: %s left out; mend them and import the file again: what is known changes nothing", c.File, count(len(faults), "row"))
		}
		return nil
	})
}
