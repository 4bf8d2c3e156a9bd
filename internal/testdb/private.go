package testdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

const folderPrefix = "rekindle-testdb-"

// openPrivate starts a server that lives as long as this process, in a folder that goes with it. It forgets its data on
// a power cut, which makes it fast.
func openPrivate(ctx context.Context) (*server, error) {
	binDir, err := devstack.FindPostgres()
	if err != nil {
		return nil, err
	}
	temp := tempFolder()
	sweep(temp)
	folder, err := os.MkdirTemp(temp, folderPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the test server: %w", err)
	}
	if err := os.Chmod(folder, 0o755); err != nil { // as root, the server runs as another user
		return nil, fmt.Errorf("open the test server's folder: %w", err)
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

// tempFolder prefers memory where there is plenty: a database is some 300 files, and copying them is five times faster
// there. $TMPDIR overrules it.
func tempFolder() string {
	const plenty = 4 << 30
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs("/dev/shm", &fs) == nil && fs.Bavail*uint64(fs.Bsize) > plenty {
		return "/dev/shm"
	}
	return os.TempDir()
}

// sweep removes the folders of test processes that were killed before they could; their servers died with them.
func sweep(temp string) {
	folders, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder)
		}
	}
}
