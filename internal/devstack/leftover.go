package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const leftoverPatience = 20 * time.Second

// leftover is a server that outlived the run that started it. Since process ids are reused, ours must look at the
// process itself each time, never at the id alone.
type leftover struct {
	name string
	pid  int
	ours func() bool
}

// stop sends the signals one after the other, each with its share of patience, until the process is gone.
func (l leftover) stop(ctx context.Context, signals ...syscall.Signal) error {
	for _, signal := range signals {
		if !l.ours() {
			return nil
		}
		if err := syscall.Kill(l.pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the %s left over from an earlier run (process %d): %w", l.name, l.pid, err)
		}
		if l.gone(ctx, leftoverPatience/time.Duration(len(signals))) {
			return nil
		}
	}
	return fmt.Errorf("stop the %s left over from an earlier run: process %d does not end", l.name, l.pid)
}

func (l leftover) gone(ctx context.Context, within time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for l.ours() {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return true
}

// lock takes the file for this process; the kernel gives it back when the process ends, however it ends. It tells a
// server that was left over (stop it) from one that another living rekindle still uses (leave it alone).
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, ErrInUse
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return file, nil
}
