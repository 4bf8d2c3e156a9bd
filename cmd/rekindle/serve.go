package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"

	"github.com/rekindlehq/rekindle/internal/app"
)

type serveCmd struct {
	Database database `embed:""`
	Sender   sender   `embed:""`
	Listen   string   `env:"REKINDLE_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	SSO      sso      `embed:""`
	Proxies  []string `name:"trusted-proxies" env:"REKINDLE_TRUSTED_PROXIES" help:"Addresses or networks (10.0.0.0/8) of the proxies in front: their X-Forwarded-For says who signs in, so that one's failures do not lock out all."`
	Webhooks string   `name:"webhook-secrets" env:"REKINDLE_WEBHOOK_SECRETS" help:"Secrets that sign inbound mail (Standard Webhooks: whsec_...), separated by commas."`
}

// Run serves the API until it is told to stop; requests in flight are finished.
func (c serveCmd) Run(ctx context.Context) error {
	cfg, err := c.Sender.config(ctx, c.Database.URL)
	if err != nil {
		return err
	}
	cfg.Webhooks, cfg.Proxies = c.Webhooks, c.Proxies
	if err := checkProxies(c.Proxies); err != nil {
		return err
	}
	if cfg.SingleSignOn, err = c.SSO.provider(c.Sender.PublicURL); err != nil {
		return err
	}
	a, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	go a.Housekeep(ctx)
	slog.Info("serving", "listen", c.Listen, "version", version)
	return listen(ctx, c.Listen, a.Pages())
}

type workCmd struct {
	Database database `embed:""`
	Sender   sender   `embed:""`
	SMTPURL  string   `name:"smtp-url" env:"SMTP_URL" help:"Submission server of mailboxes without one of their own: smtp://user:password@host:587 or smtps://user:password@host:465"`
	Listen   string   `env:"REKINDLE_LISTEN" default:"127.0.0.1:9090" help:"Address for health checks."`
	Sends    int      `env:"REKINDLE_SENDS" default:"32" help:"Activities at once; each holds a database connection while it sends."`
}

// Run works until it is told to stop; what is being done is finished.
func (c workCmd) Run(ctx context.Context) error {
	cfg, err := c.Sender.config(ctx, c.Database.URL)
	if err != nil {
		return err
	}
	cfg.SMTPURL, cfg.Sends = c.SMTPURL, c.Sends
	a, err := open(ctx, cfg)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go a.Housekeep(ctx)
	go a.WatchMail(ctx)
	var w sdk.Worker
	var working atomic.Bool
	tried := make(chan struct{})
	go func() {
		defer close(tried)
		w = startWorker(ctx, a.Worker)
		working.Store(w != nil)
	}()
	err = listen(ctx, c.Listen, health(a, working.Load)) // it lives, ready or not, while Temporal is away
	cancel()
	if <-tried; w != nil {
		w.Stop()
	}
	return err
}

// startWorker waits for Temporal as long as it takes, and says so; nil when ctx ended
// first. Each attempt takes a worker of its own: one that did not start never does.
func startWorker(ctx context.Context, next func() sdk.Worker) sdk.Worker {
	for {
		w := next()
		err := w.Start()
		if err == nil {
			slog.Info("working", "version", version)
			return w
		}
		slog.Warn("the worker cannot start yet", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(3 * time.Second):
		}
	}
}

// health says whether a worker works: what it needs answers, and it has started.
func health(a *app.App, working func() bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
		defer cancel()
		_, temporal := a.Temporal.CheckHealth(ctx, &client.CheckHealthRequest{})
		h := map[string]bool{"postgres": a.Store.Pool.Ping(ctx) == nil, "temporal": temporal == nil, "working": working()}
		if !h["postgres"] || !h["temporal"] || !h["working"] {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(h)
	})
	return mux
}

// listen serves until ctx ends and then lets requests in flight finish.
func listen(ctx context.Context, address string, h http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s (choose another with --listen): %w", address, err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return fmt.Errorf("serve on %s: %w", address, err)
	case <-ctx.Done():
		finish, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		return server.Shutdown(finish)
	}
}

type healthCmd struct {
	Port string `env:"PORT" default:"8080" help:"Port of the process on this machine."`
}

// Run fails unless the process answers that it is ready.
func (c healthCmd) Run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+c.Port+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	fmt.Fprintln(os.Stdout, "ready")
	return nil
}
