package testdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

// openPrivate starts a server that lives as long as this process, in a folder that goes with it. It forgets its data on
// a power cut, which makes it fast.
func openPrivate(ctx context.Context) (*server, error) {
	binDir, err := devstack.FindPostgres()
	if err != nil {
		return nil, err
	}
	folder, err := devstack.ProcessFolder("rekindle-testdb-")
	if err != nil {
		return nil, fmt.Errorf("find room for the test server: %w", err)
	}
	dir := filepath.Join(folder, "postgres")
	pg, err := devstack.StartPostgres(ctx, devstack.PostgresOptions{
		Dir: dir, DirFlag: "$TMPDIR", BinDir: binDir, Unsafe: true,
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	base, err := url.Parse(pg.URL())
	if err != nil {
		return nil, fmt.Errorf("read the test server's address: %w", err)
	}
	stop := func(ctx context.Context) error { return errors.Join(pg.Stop(ctx), os.RemoveAll(folder)) }
	return &server{base: base, stop: stop, templates: map[uintptr]string{}}, nil
}
