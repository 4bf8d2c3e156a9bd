package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

type setupCmd struct {
	Tools  string `default:"tools" help:"The nested module that Temporal is built from."`
	BinDir string `default:"bin" help:"Where built tools are kept."`
}

// Run makes sure that the servers which development and tests need are there.
func (c setupCmd) Run(ctx context.Context) error {
	pg, err := findPostgres(ctx)
	if err != nil {
		return err
	}
	temporal, err := findTemporal(ctx, c.Tools, c.BinDir)
	if err != nil {
		return err
	}
	fmt.Printf("· Postgres is in %s, Temporal is %s\n", pg, temporal)
	return nil
}

// findPostgres finds Postgres' binaries, or installs them where it may.
func findPostgres(ctx context.Context) (string, error) {
	bin, err := devstack.FindPostgres()
	if !errors.Is(err, devstack.ErrNoPostgres) {
		return bin, err
	}
	if err := devstack.InstallPostgres(ctx, os.Stdout); err != nil {
		return "", err
	}
	return devstack.FindPostgres()
}

// findTemporal finds the Temporal server, or builds it.
func findTemporal(ctx context.Context, tools, binDir string) (string, error) {
	bin, err := devstack.FindTemporal(binDir)
	if !errors.Is(err, devstack.ErrNoTemporal) {
		return bin, err
	}
	if err := devstack.BuildTemporal(ctx, tools, filepath.Join(binDir, "temporal"), os.Stdout); err != nil {
		return "", err
	}
	return devstack.FindTemporal(binDir)
}
