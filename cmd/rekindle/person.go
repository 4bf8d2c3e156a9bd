package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rights"
	"github.com/rekindlehq/rekindle/internal/suppression"
	"github.com/rekindlehq/rekindle/workflows"
)

type personCmd struct {
	Export personExportCmd `cmd:"" help:"Write everything that is known about a person as JSON, for them to have."`
	Erase  personEraseCmd  `cmd:"" help:"Say what erasing a person would remove; with --yes stop all contact and forget everything about them but the hashes that keep it so."`
}

// known is a person who is followed up, or named by one who is.
type known struct {
	Database database `embed:""`
	Who      string   `arg:"" name:"address" help:"Their mail address, their number with its country, or their id."`
}

// with finds the person, and lets what is done about them be told to their leads.
func (k known) with(ctx context.Context, do func(rights.Rights, db.Person) error) error {
	return withStore(ctx, k.Database.URL, func(s *postgres.Store) error {
		p, err := k.find(ctx, s)
		if err != nil {
			return err
		}
		d := &door.Door{Store: s, Workflows: later{}}
		row, err := s.VirtualClock(ctx)
		switch {
		case err == nil:
			d.Clock = &workflows.Clock{Epoch: row.Epoch, Base: row.Base, Speed: row.Speed}
		case !errors.Is(err, pgx.ErrNoRows):
			return fmt.Errorf("read the virtual clock: %w", err)
		}
		return do(rights.Rights{Store: s, Door: d}, p)
	})
}

func (k known) find(ctx context.Context, s *postgres.Store) (db.Person, error) {
	if id, err := uuid.Parse(k.Who); err == nil {
		p, err := s.Person(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return p, fmt.Errorf("nobody has the id %s", id)
		}
		return p, err
	}
	kind := postgres.KindPhone
	if strings.Contains(k.Who, "@") {
		kind = postgres.KindEmail
	}
	address, says := suppression.Normal(kind, k.Who)
	if says != "" {
		return db.Person{}, fmt.Errorf("%q %s", k.Who, says)
	}
	all, err := s.PeopleOfAddress(ctx, address)
	switch {
	case err != nil:
		return db.Person{}, fmt.Errorf("find who has this address: %w", err)
	case len(all) == 0:
		return db.Person{}, errors.New("nobody here has this address")
	case len(all) > 1:
		ids := []string{"people share this number; name one by id:"}
		for _, p := range all {
			ids = append(ids, p.ID.String())
		}
		return db.Person{}, errors.New(strings.Join(ids, "\n  "))
	}
	return all[0], nil
}

// later leaves every message to the relay of serve and work.
type later struct{}

var errLater = errors.New("the relay of rekindle serve or work hands this over")

func (later) Start(context.Context, workflows.Input) error { return errLater }

func (later) Signal(context.Context, string, string, json.RawMessage) error { return errLater }

type personExportCmd struct {
	Known known  `embed:""`
	Out   string `default:"-" help:"Where to write it; - for the standard output."`
}

func (c personExportCmd) Run(ctx context.Context) error {
	return c.Known.with(ctx, func(r rights.Rights, p db.Person) (err error) {
		d, err := r.Export(ctx, p.ID, operator())
		if err != nil {
			return err
		}
		var out io.WriteCloser = os.Stdout
		if c.Out != "-" {
			if out, err = os.OpenFile(c.Out, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600); err != nil {
				return fmt.Errorf("write the export: %w", err)
			}
			defer func() { err = errors.Join(err, out.Close()) }()
		}
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		return e.Encode(d)
	})
}

type personEraseCmd struct {
	Known  known  `embed:""`
	Ground string `enum:"request,consent_withdrawn,objection,no_longer_needed,unlawful" default:"request" help:"Why: request, consent_withdrawn, objection, no_longer_needed or unlawful (GDPR, article 17)."`
	Yes    bool   `help:"Do it. It cannot be undone."`
}

func (c personEraseCmd) Run(ctx context.Context) error {
	return c.Known.with(ctx, func(r rights.Rights, p db.Person) error {
		var e rights.Erasure
		var err error
		if c.Yes {
			e, err = r.Erase(ctx, p.ID, c.Ground, operator())
		} else {
			e, err = r.Erasure(ctx, p.ID)
		}
		if err != nil {
			return err
		}
		fmt.Print(erasureText(e))
		return nil
	})
}

// erasureText says how far an erasure is, or what it would remove.
func erasureText(e rights.Erasure) string {
	var b strings.Builder
	running := 0
	for _, l := range e.Leads {
		if l.Runs {
			running++
		}
	}
	fmt.Fprintf(&b, "person %s, %s, %d of them running\n", e.Person, count(len(e.Leads), "lead"), running)
	does := map[string]string{"none": "would lose their values", "waiting": "lose their values once no lead runs any more", "done": "lost their values"}[e.State]
	for _, table := range slices.Sorted(maps.Keys(e.Removed)) {
		fmt.Fprintf(&b, "  %6d rows of %s %s\n", e.Removed[table], table, does)
	}
	switch e.State {
	case "none":
		b.WriteString("nothing is changed; --yes stops all contact and erases them, for good\n")
	case "waiting":
		b.WriteString("nothing goes out to them any more; the rest is done while rekindle serve or work runs, and Temporal\n")
	case "done":
		fmt.Fprintf(&b, "erased %s; what is left are hashes that keep it so\n", e.DoneAt.UTC().Format("2006-01-02 15:04 MST"))
	}
	return b.String()
}

// noted writes down what the operator did that is about no lead.
func noted(ctx context.Context, s *postgres.Store, act, about string) error {
	now, err := leadsClock(ctx, s)
	if err == nil {
		err = s.InsertAct(ctx, db.InsertActParams{ID: uuid.Must(uuid.NewV7()), At: now(), Actor: operator(), Act: act, About: about})
	}
	if err != nil {
		return fmt.Errorf("write down who did it: %w", err)
	}
	return nil
}
