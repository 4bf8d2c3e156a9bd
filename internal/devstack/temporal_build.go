package devstack

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	temporalPackage = "github.com/temporalio/cli/cmd/temporal"
	progressEvery   = 5 * time.Second
)

// BuildTemporal builds the Temporal command pinned by the module in toolsDir to the path out. The first build takes
// minutes: log is told so before it starts, and hears of its progress every few seconds. An interrupted build leaves
// nothing at out.
func BuildTemporal(ctx context.Context, toolsDir, out string, log io.Writer) error {
	fmt.Fprintln(log, "Building the Temporal server from source. The first time this takes some minutes; it is kept in", out)
	if err := buildTool(ctx, toolsDir, temporalPackage, out, log); err != nil {
		return fmt.Errorf("build temporal in %s: %w", toolsDir, err)
	}
	return nil
}

func buildTool(ctx context.Context, toolsDir, pkg, out string, log io.Writer) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return err
	}
	partial := out + ".partial-" + strconv.Itoa(os.Getpid())
	defer os.Remove(partial)

	build := progress{log: log, total: countStale(ctx, toolsDir, pkg), started: time.Now()}
	cmd := goCommand(ctx, toolsDir, "build", "-v", "-o", partial, pkg)
	cmd.Stdout, cmd.Stderr = &build, &build
	stop := build.report(ctx)
	err = cmd.Run()
	stop()
	if err != nil {
		return fmt.Errorf("%w:\n%s", err, build.said.tail())
	}
	if err := os.Rename(partial, out); err != nil {
		return err
	}
	fmt.Fprintf(log, "  built in %s\n", time.Since(build.started).Round(time.Second))
	return nil
}

func goCommand(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) }
	cmd.WaitDelay = pipePatience
	return cmd
}

// countStale counts the packages that the build cache lacks. It is for show: 0 when it cannot be told.
func countStale(ctx context.Context, toolsDir, pkg string) int {
	stale, err := goCommand(ctx, toolsDir, "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", pkg).Output()
	if err != nil {
		return 0
	}
	return len(bytes.Fields(stale))
}

// progress counts the package lines of "go build -v" and tells the log how far the build is.
type progress struct {
	log     io.Writer
	total   int
	started time.Time
	built   atomic.Int64
	said    output
}

func (p *progress) Write(b []byte) (int, error) {
	p.built.Add(int64(bytes.Count(b, []byte("\n"))))
	return p.said.Write(b)
}

// report writes a line every few seconds until the returned function is called.
func (p *progress) report(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				fmt.Fprintln(p.log, p.line(time.Since(p.started)))
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

func (p *progress) line(elapsed time.Duration) string {
	built := int(p.built.Load())
	switch {
	case p.total == 0:
		return fmt.Sprintf("  %s: %d packages compiled", elapsed.Round(time.Second), built)
	case built >= p.total:
		return fmt.Sprintf("  %s: all packages compiled, linking", elapsed.Round(time.Second))
	default:
		return fmt.Sprintf("  %s: %d of %d packages compiled", elapsed.Round(time.Second), built, p.total)
	}
}
