package bench

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a part of the product in a process of its own.
type process struct {
	cmd *exec.Cmd
	log bytes.Buffer // to be read once it has ended
}

// spawn runs a command of the program in this world, until the world is closed.
func (w *world) spawn(ctx context.Context, command string, env ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, w.b.Program, command)}
	p.cmd.Env = append(os.Environ(), append(env,
		"DATABASE_URL="+w.database, "TEMPORAL_ADDRESS="+w.b.servers.temporal, "TEMPORAL_NAMESPACE="+w.namespace, "SMTP_URL=smtp://"+w.sink.addr,
		"REKINDLE_PUBLIC_URL=http://rekindle.example", "REKINDLE_COMPANY=Example", "REKINDLE_POSTAL_ADDRESS=1 Street")...)
	p.cmd.Stdout, p.cmd.Stderr = &p.log, &p.log
	p.cmd.Cancel = func() error { return p.cmd.Process.Signal(syscall.SIGTERM) }
	p.cmd.WaitDelay = 20 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start rekindle %s: %w", command, err)
	}
	w.stops = append(w.stops, func() {
		_ = p.cmd.Cancel()
		_ = p.cmd.Wait() // that it was told to end is no news
	})
	return p, nil
}

// memory is what a process holds, in MB, as the system sees it.
func (p *process) memory(ctx context.Context) (float64, error) {
	out, err := exec.CommandContext(ctx, "ps", "-o", "rss=", "-p", strconv.Itoa(p.cmd.Process.Pid)).Output()
	if err != nil {
		return 0, fmt.Errorf("measure the memory of %s: %w", p.cmd.Args[1], err)
	}
	kilobytes, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
	return kilobytes / 1024, err
}

// freeAddress is one that nobody listens on now.
func freeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
