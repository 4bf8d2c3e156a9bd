package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

// play runs the product on the stack, on a virtual clock, until it is told to
// stop or a part dies.
func (c devCmd) play(ctx context.Context, s *stack, began time.Time) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	a, err := c.openApp(ctx, s)
	if err != nil {
		return err
	}
	defer a.Close()
	api := local(c.Listen)
	var parts sync.WaitGroup
	defer parts.Wait()
	defer cancel(nil)
	parts.Go(func() {
		if err := listen(ctx, api, a.Pages()); err != nil {
			cancel(err)
		}
	})
	parts.Go(func() { a.Housekeep(ctx) })
	parts.Go(func() { a.WatchMail(ctx) })
	parts.Go(func() { demo.Tick(ctx, a.Store) })
	w := a.Worker()
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	defer w.Stop()
	if err := c.startDemo(ctx, s, a, &parts, began); err != nil {
		return err
	}
	err = waitForEnd(ctx, s.exited)
	fmt.Println("\n· stopping; the next run goes on from here")
	return err
}

func (c devCmd) openApp(ctx context.Context, s *stack) (*app.App, error) {
	store, err := postgres.Open(ctx, s.databaseURL, 4)
	if err != nil {
		return nil, err
	}
	defer store.Close()
	clock, err := demo.Clock(ctx, store, c.Day)
	if err != nil {
		return nil, err
	}
	t, err := client.DialContext(ctx, s.temporal)
	if err != nil {
		return nil, fmt.Errorf("reach Temporal at %s: %w", s.temporal.HostPort, err)
	}
	defer t.Close()
	if err := engine.Register(ctx, t, s.temporal.Namespace); err != nil {
		return nil, err
	}
	if err := demo.Reset(ctx, store, engine.Engine{Client: t}, clock); err != nil {
		return nil, err
	}
	secret, err := secretKey(c.DataDir)
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, app.Config{
		DatabaseURL: s.databaseURL, SMTPURL: s.smtpURL, PublicURL: "http://" + local(c.Listen), Company: "Rekindle Demo",
		PostalAddress: "1 Example Street, Exampletown", LeadURL: "http://" + local(c.Listen) + "/leads/", TemporalUI: workflowsOf(s),
		Temporal: s.temporal, Clock: clock, Version: version, SecretKey: secret, Loopback: c.Loopback,
	})
}

func (c devCmd) startDemo(ctx context.Context, s *stack, a *app.App, parts *sync.WaitGroup, began time.Time) error {
	if err := demo.Team(ctx, a.Store); err != nil {
		return err
	}
	if s.imap != "" {
		if err := demo.Mailboxes(ctx, a.Room(), s.imap); err != nil {
			return err
		}
	}
	const name = "development, this run"
	if err := a.Store.RevokeKeysNamed(ctx, name); err != nil {
		return fmt.Errorf("revoke the keys of the last run: %w", err)
	}
	keys := map[string]string{}
	for role, user := range map[string]string{"rep": demo.You, "manager": "morgan@rekindle.example", "integration": ""} {
		key, err := createKey(ctx, a.Store, name, role, user)
		if err != nil {
			return err
		}
		keys[role] = key
	}
	links := map[string]string{}
	for role, user := range map[string]string{"rep": demo.You, "manager": "morgan@rekindle.example"} {
		link, err := signInLink(ctx, a.Store, "http://"+local(c.Listen), user, 24*time.Hour)
		if err != nil {
			return err
		}
		links[role] = link
	}
	c.printAddresses(s, keys, links)
	if s.onMail != nil {
		s.onMail.First(func() {
			say("the first mail of this run is in the mailbox, %s after the start", time.Since(began).Round(100*time.Millisecond))
		})
	}
	parts.Go(func() { demo.Tell(ctx, a.Store, os.Stdout) })
	if c.NoDemo {
		return nil
	}
	cast := &demo.Cast{Client: demo.Client{Base: "http://" + local(c.Listen), Key: keys["manager"]}, Store: a.Store, Clock: a.Door.Clock, Mail: s.onMail, Watch: s.imap != ""}
	if err := cast.Client.WaitReady(ctx); err != nil {
		return err
	}
	cast.ReadMail(ctx) // the first mail comes while leads are still being seeded
	n, err := demo.Seed(ctx, a.Store, cast.Client)
	if err != nil {
		return err
	}
	if n > 0 {
		say("seeded %d leads; a day takes %s", n, c.Day)
		if s.imap != "" {
			if err := demo.Inquire(s.onMail, a.Door.Now()); err != nil {
				return err
			}
		}
	}
	parts.Go(func() { cast.Play(ctx) })
	return nil
}

// workflowsOf is where the Temporal UI shows the workflows of leads.
func workflowsOf(s *stack) string {
	if s.temporalUI == "" {
		return ""
	}
	return s.temporalUI + "/namespaces/" + s.temporal.Namespace + "/workflows/"
}

func (c devCmd) printAddresses(s *stack, keys, links map[string]string) {
	base := "http://" + local(c.Listen)
	fmt.Printf(`
  Your desk        %s
  A manager's view %s
                   (each link signs one browser in, once; more: rekindle user link)

  API              %s/docs
  Mailbox          %s
  IMAP             %s, any address with any password
  Temporal UI      %s
  Postgres         %s
  Log              %s/rekindle.log

  Keys of this run (send as Authorization: Bearer KEY):
    rep            %s
    manager        %s
    integration    %s

  Calls of "Alex You" wait for you:
    curl -s -H "Authorization: Bearer %s" %s/v1/queue
  Ctrl-C stops everything; data stays.

`, links["rep"], links["manager"], base, orDash(s.mailbox), orDash(s.imap), orDash(s.temporalUI), hidePassword(s.databaseURL), c.DataDir, keys["rep"], keys["manager"], keys["integration"], keys["rep"], base)
}

func orDash(s string) string {
	if s == "" {
		return "(yours)"
	}
	return s
}

func hidePassword(url string) string {
	head, tail, ok := strings.Cut(url, "@")
	i := strings.LastIndex(head, ":")
	if !ok || i < len("postgres://") {
		return url
	}
	return head[:i] + ":***@" + tail
}

// waitForEnd returns when the run is told to stop, or a part of the stack died.
func waitForEnd(ctx context.Context, exited []<-chan error) error {
	cases := []reflect.SelectCase{{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ctx.Done())}}
	for _, ch := range exited {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)})
	}
	i, v, _ := reflect.Select(cases)
	if i == 0 {
		if cause := context.Cause(ctx); cause != context.Canceled {
			return cause
		}
		return nil
	}
	if err, ok := v.Interface().(error); ok {
		return err
	}
	return nil
}

// secretKey is the key under which this stack's mailboxes keep their secrets.
func secretKey(dir string) (string, error) {
	path := filepath.Join(dir, "secret.key")
	kept, err := os.ReadFile(path)
	if err == nil {
		return strings.TrimSpace(string(kept)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the key of the mailboxes: %w", err)
	}
	key := mailbox.NewKey()
	if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the key of the mailboxes: %w", err)
	}
	return key, nil
}
