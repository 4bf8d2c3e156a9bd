package mailservers

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"text/template"
	"time"

	"github.com/rekindlehq/rekindle/internal/devstack"
)

const (
	patience = 20 * time.Second       // for a start, and for a letter
	grace    = 500 * time.Millisecond // to say goodbye; Dovecot would take six seconds now and then
	attempts = 4                      // when another program takes a port first
)

//go:embed config
var configs embed.FS

var templates = template.Must(template.ParseFS(configs, "config/*"))

// Daemon is Postfix or Dovecot.
type Daemon struct {
	t      testing.TB
	name   string
	path   string
	args   []string
	config string           // the template that names its ports
	lines  map[string]*Line // to the ports, by their names there
	fields fields

	mu      sync.Mutex // a test may end the daemon from a goroutine of its own
	running *devstack.Running
}

// fields are what a configuration can name.
type fields struct {
	Dir        string
	Policy, MX int // ports of ours
	ports      map[string]int
}

// Port is the port that the daemon is to listen on under this name.
func (f fields) Port(name string) (int, error) {
	port, ok := f.ports[name]
	if !ok {
		return 0, fmt.Errorf("no port %q", name)
	}
	return port, nil
}

// Start starts it again after Stop, with all it had on disk.
func (d *Daemon) Start() {
	d.t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := d.start(ctx)
		if err == nil {
			return
		}
		if attempt == attempts || ctx.Err() != nil {
			d.t.Fatalf("start %s: %v", d.name, err)
		}
	}
}

// Stop asks it to end: whoever talks to it is hung up on, and told so where the protocol has a word for it (the BYE of
// IMAP). Like Kill, it may be called from any goroutine.
func (d *Daemon) Stop() { d.end(grace) }

// Kill ends it at once and without a word, as a power cut does.
func (d *Daemon) Kill() { d.end(0) }

func (d *Daemon) end(grace time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, line := range d.lines {
		line.lead(0)
	}
	d.running.Stop(ctx)
}

// Restart is Stop and Start.
func (d *Daemon) Restart() {
	d.t.Helper()
	d.Stop()
	d.Start()
}

// start configures the daemon for ports that are free now, runs it, and leads the lines to it when it listens.
func (d *Daemon) start(ctx context.Context) (err error) {
	d.fields.ports = map[string]int{}
	for name := range d.lines {
		if d.fields.ports[name], err = devstack.FreePort(); err != nil {
			return err
		}
	}
	if err := d.configure(d.config); err != nil {
		return err
	}
	output, err := os.Create(filepath.Join(d.fields.Dir, d.name+".out"))
	if err != nil {
		return fmt.Errorf("make room for the output: %w", err)
	}
	defer output.Close()
	if d.running, err = devstack.Run(devstack.Program{Name: d.name, Path: d.path, Args: d.args, Output: output}); err != nil {
		return err
	}
	if err := d.running.Await(ctx, d.listens); err != nil {
		d.running.Stop(ctx)
		return err
	}
	for name, line := range d.lines {
		line.lead(d.fields.ports[name])
	}
	return nil
}

func (d *Daemon) configure(name string) error {
	var text bytes.Buffer
	if err := templates.ExecuteTemplate(&text, name, d.fields); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	file := filepath.Join(d.fields.Dir, name)
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	settled := time.Now().Add(-time.Hour) // Postfix waits two seconds before it trusts a file that is new
	return os.Chtimes(file, settled, settled)
}

func (d *Daemon) listens(ctx context.Context) error {
	for name, port := range d.fields.ports {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_ = conn.Close()
	}
	return nil
}
