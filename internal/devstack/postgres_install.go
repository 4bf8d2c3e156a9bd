package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// InstallPostgres installs Debian's postgresql package when we are root and apt-get is there, and leaves no cluster of
// Debian's own running. Anywhere else it installs nothing: the error, which wraps ErrNoPostgres, carries the one command
// to type.
func InstallPostgres(ctx context.Context, out io.Writer) error {
	apt, err := exec.LookPath("apt-get")
	if err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("%w; %s", ErrNoPostgres, installHint(os.Geteuid() == 0))
	}
	return aptInstall(ctx, out, apt, "/etc/postgresql-common/createcluster.d")
}

func aptInstall(ctx context.Context, out io.Writer, apt, policyDir string) error {
	fmt.Fprintln(out, "PostgreSQL is missing: installing the system's package postgresql with apt-get (about a minute).")
	restore, err := withoutMainCluster(policyDir)
	if err != nil {
		return fmt.Errorf("install postgresql: %w", err)
	}
	defer restore()
	run := func(args ...string) error {
		cmd := exec.CommandContext(ctx, apt, args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "NEEDRESTART_SUSPEND=1")
		cmd.Stdout, cmd.Stderr = out, out
		return cmd.Run()
	}
	// A broken third-party source fails the update without harm to the install, so it counts only when that fails too.
	updateErr := run("-qq", "-o", "DPkg::Lock::Timeout=120", "update")
	err = run("-qq", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "--no-install-recommends", "postgresql")
	if err != nil {
		return fmt.Errorf("install postgresql with apt-get: %w", errors.Join(updateErr, err))
	}
	return nil
}

// withoutMainCluster keeps the package from creating and starting a cluster of its own while it is installed; restore
// takes the rule away again, for whoever wants one later.
func withoutMainCluster(policyDir string) (restore func(), err error) {
	if err := os.MkdirAll(policyDir, 0o755); err != nil {
		return nil, fmt.Errorf("create %s: %w", policyDir, err)
	}
	rule := filepath.Join(policyDir, "rekindle.conf")
	if err := os.WriteFile(rule, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return nil, fmt.Errorf("write %s: %w", rule, err)
	}
	return func() { _ = os.Remove(rule) }, nil
}

// installHint names the one command that installs PostgreSQL here.
func installHint(root bool) string {
	sudo := "sudo "
	if root {
		sudo = ""
	}
	for _, manager := range []struct{ program, command string }{
		{"apt-get", sudo + "apt-get install -y postgresql"},
		{"brew", "brew install postgresql@17"},
		{"dnf", sudo + "dnf install -y postgresql-server"},
		{"pacman", sudo + "pacman -S --noconfirm postgresql"},
		{"apk", sudo + "apk add postgresql"},
	} {
		if _, err := exec.LookPath(manager.program); err == nil {
			return "install it with: " + manager.command
		}
	}
	return "install it from https://www.postgresql.org/download/ and set PG_BIN to the folder with initdb and postgres"
}
