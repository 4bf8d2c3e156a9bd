package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/workflows"
)

// PartVariable tells a process which part of the product it is to be, as JSON.
const PartVariable = "REKINDLE_SOAK_PART"

// The parts of the product, each a process.
const (
	serves = "serve"
	works  = "work"
)

// part is what a process of the product is told.
type part struct {
	Role      string
	Database  string
	Temporal  string
	SMTP      string
	Listen    string // of the API
	SecretKey string
	Webhooks  string
	Clock     workflows.Clock
}

// place is where a part that has started can be reached, as it prints it.
type place struct{ Vitals string }

// Vitals is how a process fares.
type Vitals struct {
	Memory     float64 `json:"memory_mb"` // resident
	Heap       float64 `json:"heap_mb"`   // live, after a collection
	Goroutines int     `json:"goroutines"`
}

// Play runs the part of the product that PartVariable describes, until its standard
// input ends: a part does not outlive whoever started it.
func Play(ctx context.Context) error {
	var p part
	if err := json.Unmarshal([]byte(os.Getenv(PartVariable)), &p); err != nil {
		return fmt.Errorf("read %s, which rekindle soak sets: %w", PartVariable, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	return p.run(ctx)
}

func (p part) run(ctx context.Context) error {
	a, err := app.Open(ctx, app.Config{
		DatabaseURL: p.Database, SMTPURL: "smtp://" + p.SMTP, Webhooks: p.Webhooks, SecretKey: p.SecretKey, Version: "soak", Clock: &p.Clock,
		PublicURL: "http://" + p.Listen, LeadURL: "http://" + p.Listen + "/v1/leads/", Company: "Soak", PostalAddress: "1 Example Street",
		Temporal: client.Options{HostPort: p.Temporal, Logger: log.NewStructuredLogger(slog.Default())},
	})
	if err != nil {
		return err
	}
	defer a.Close()
	var background sync.WaitGroup
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	background.Go(func() { a.Housekeep(ctx) })
	switch p.Role {
	case serves:
		l, err := net.Listen("tcp", p.Listen)
		if err != nil {
			return fmt.Errorf("serve the API: %w", err)
		}
		background.Go(func() { serve(ctx, l, a.API()) })
	case works:
		w := a.Worker()
		if err := w.Start(); err != nil {
			return fmt.Errorf("start the worker: %w", err)
		}
		defer w.Stop()
		background.Go(func() { a.WatchMail(ctx) })
	default:
		return fmt.Errorf("there is no part %q", p.Role)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("show the vitals: %w", err)
	}
	background.Go(func() { serve(ctx, l, http.HandlerFunc(showVitals)) })
	if err := json.NewEncoder(os.Stdout).Encode(place{Vitals: l.Addr().String()}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// serve answers until ctx ends, and lets requests in flight finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with Shutdown
	<-ctx.Done()
	finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(finish); err != nil {
		slog.Warn("requests were cut off", "error", err)
	}
}

func showVitals(w http.ResponseWriter, _ *http.Request) {
	memory := resident()
	runtime.GC()
	runtime.GC() // what the first one finalised
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_ = json.NewEncoder(w).Encode(Vitals{Memory: memory, Heap: float64(m.HeapAlloc) / megabyte, Goroutines: runtime.NumGoroutine()})
}

const megabyte = 1 << 20

// resident is this process' resident memory in megabytes; 0 where the system does
// not tell (proc(5)).
func resident() float64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(raw))
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {
		return 0
	}
	return pages * float64(os.Getpagesize()) / megabyte
}
