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
	Server bool   `help:"Also build the Temporal server that keeps its state in Postgres, for rekindle bench and rekindle chaos."`
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
	if c.Server {
		_, _, err = findTemporalServer(ctx, c.Tools, c.BinDir)
	}
	return err
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

// findTemporalServer finds the Temporal server for Postgres and its schema tool, or builds them.
func findTemporalServer(ctx context.Context, tools, binDir string) (server, sqlTool string, err error) {
	server, sqlTool, err = devstack.FindTemporalServer(binDir)
	if !errors.Is(err, devstack.ErrNoTemporal) {
		return server, sqlTool, err
	}
	if err := devstack.BuildTemporalServer(ctx, tools, binDir, os.Stdout); err != nil {
		return "", "", err
	}
	return devstack.FindTemporalServer(binDir)
}
