package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// temporalState is the folder of a server that keeps its state; the zero value is a server that does not.
type temporalState struct {
	file    string
	pidFile string
	held    *os.File
}

func openState(ctx context.Context, dir string) (temporalState, error) {
	if dir == "" {
		return temporalState{}, nil
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return temporalState{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return temporalState{}, err
	}
	held, err := lock(filepath.Join(dir, "temporal.lock"))
	if err != nil {
		return temporalState{}, err
	}
	state := temporalState{
		file: filepath.Join(dir, "temporal.db"), pidFile: filepath.Join(dir, "temporal.pid"), held: held,
	}
	if err := state.clearLeftover(ctx); err != nil {
		state.close()
		return temporalState{}, err
	}
	return state, nil
}

// clearLeftover stops a server that outlived an earlier run.
func (s temporalState) clearLeftover(ctx context.Context) error {
	raw, err := os.ReadFile(s.pidFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", s.pidFile, err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || pid <= 1 {
		return nil // cut short while it was written; notePID replaces it
	}
	ours := func() bool {
		line := commandLine(pid)
		return strings.Contains(line, " server start-dev ") && strings.Contains(line+" ", " "+s.file+" ")
	}
	return leftover{name: "Temporal server", pid: pid, ours: ours}.stop(ctx, syscall.SIGTERM, syscall.SIGKILL)
}

func (s temporalState) notePID(pid int) error {
	if s.pidFile == "" {
		return nil
	}
	if err := os.WriteFile(s.pidFile, []byte(strconv.Itoa(pid)+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the server's process: %w", err)
	}
	return nil
}

// close forgets the process and gives the folder back.
func (s temporalState) close() {
	if s.held == nil {
		return
	}
	_ = os.Remove(s.pidFile)
	_ = s.held.Close()
}
