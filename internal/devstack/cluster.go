package devstack

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// cluster is a PostgreSQL data folder: who owns it, and what lies beside it.
type cluster struct {
	dir    string
	binDir string
	as     *account
	unsafe bool
}

func openCluster(opts PostgresOptions) (cluster, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return cluster{}, err
	}
	as, err := accountFor(dir)
	if err != nil {
		return cluster{}, err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return cluster{}, err
	}
	if closed := as.closedTo(filepath.Dir(dir)); closed != "" {
		choose := "choose a data folder elsewhere"
		if opts.DirFlag != "" {
			choose += " with " + opts.DirFlag
		}
		return cluster{}, fmt.Errorf("PostgreSQL does not run as root, and user %s may not enter %s; "+
			"%s (/var/lib/rekindle, say), or run as an ordinary user", as.name, closed, choose)
	}
	return cluster{dir: dir, binDir: opts.BinDir, as: as, unsafe: opts.Unsafe}, nil
}

func (c cluster) passwordFile() string { return c.dir + ".password" }

// environment is the whole environment of the server's programs: PGDATA, PGPORT and the like must not reach them.
func (c cluster) environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
}

// prepare returns the superuser's password, and creates the cluster when there is none. It is created beside its place
// and moved there when complete, so an interrupted start leaves nothing half made.
func (c cluster) prepare(ctx context.Context) (password string, err error) {
	if _, err := os.Stat(filepath.Join(c.dir, "PG_VERSION")); err == nil {
		return c.readPassword()
	}
	password = rand.Text()
	if err := c.writePassword(password); err != nil {
		return "", err
	}
	fresh := c.dir + ".new"
	if err := errors.Join(os.RemoveAll(fresh), os.Mkdir(fresh, 0o700), c.as.own(fresh)); err != nil {
		return "", fmt.Errorf("create a cluster beside %s: %w", c.dir, err)
	}
	if err := c.initdb(ctx, fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, c.dir); err != nil {
		return "", fmt.Errorf("move the new cluster to %s, which must be missing or empty: %w", c.dir, err)
	}
	return password, nil
}

// initdb prefers a UTF-8 locale that compares by code point, and takes plain C where the system has none.
func (c cluster) initdb(ctx context.Context, dir string) error {
	var out []byte
	var err error
	for _, locale := range []string{"C.UTF-8", "C"} {
		args := []string{
			"--pgdata=" + dir, "--username=" + role, "--pwfile=" + c.passwordFile(), "--auth=scram-sha-256",
			"--encoding=UTF8", "--locale=" + locale,
		}
		if c.unsafe {
			args = append(args, "--no-sync")
		}
		cmd := exec.CommandContext(ctx, filepath.Join(c.binDir, "initdb"), args...)
		cmd.Env, cmd.Dir = c.environment(), "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.as.credential()}
		if out, err = cmd.CombinedOutput(); err == nil {
			return nil
		}
		if !strings.Contains(string(out), "invalid locale") {
			break
		}
	}
	return fmt.Errorf("initdb %s: %w:\n%s", c.dir, err, out)
}

func (c cluster) readPassword() (string, error) {
	raw, err := os.ReadFile(c.passwordFile())
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("the password of the cluster in %s is gone: put %s back, or remove the cluster to begin anew",
			c.dir, c.passwordFile())
	}
	if err != nil {
		return "", fmt.Errorf("read the cluster's password: %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
}

func (c cluster) writePassword(password string) error {
	path := c.passwordFile()
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", path, err)
	}
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return fmt.Errorf("keep the cluster's password: %w", err)
	}
	return c.as.own(path) // initdb reads it as that user
}
