package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/batch"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

type batchCmd struct {
	Database database `embed:""`
	Act      string   `arg:"" optional:"" enum:"pause,resume,snooze,reassign,enrol," default:"" help:"What is done to the leads: pause, resume, snooze, reassign, or enrol those again whose life is over."`

	Stage         string    `help:"Leads in this stage." placeholder:"STAGE" group:"Which leads"`
	Owner         string    `help:"Leads of this user." placeholder:"EMAIL" group:"Which leads"`
	Account       string    `help:"Leads at this account." placeholder:"NAME" group:"Which leads"`
	CameAs        string    `help:"Leads from this source." placeholder:"SOURCE" group:"Which leads"`
	HeldBy        string    `help:"Leads that are held by this, such as parked or owner_on_leave." placeholder:"REASON" group:"Which leads"`
	CreatedFrom   time.Time `help:"Leads that came on this day (UTC) or later." format:"2006-01-02" placeholder:"DAY" group:"Which leads"`
	CreatedBefore time.Time `help:"Leads that came before this day (UTC)." format:"2006-01-02" placeholder:"DAY" group:"Which leads"`
	All           bool      `help:"All leads; needed where nothing else chooses." group:"Which leads"`

	Until  time.Time            `help:"snooze, pause: when to go on." format:"2006-01-02T15:04Z07:00" placeholder:"TIME" group:"What is done"`
	Reason sequence.PauseReason `help:"pause: manual, owner_on_leave or colleague_in_conversation." placeholder:"REASON" group:"What is done"`
	To     string               `help:"reassign, enrol: the new owner." placeholder:"EMAIL" group:"What is done"`
	As     sequence.Kind        `help:"enrol: as what they come in, one of the playbook's sources." placeholder:"SOURCE" group:"What is done"`
	Detail string               `help:"enrol: such as the campaign." group:"What is done"`
	Basis  string               `help:"enrol: the legal basis." group:"What is done"`

	Yes    bool       `short:"y" help:"Do not ask; needed where nobody can be asked."`
	Resume *uuid.UUID `placeholder:"BATCH" help:"Go on with a batch that was stopped, or watch one that runs."`
	Stop   *uuid.UUID `placeholder:"BATCH" help:"Stop a batch; --resume goes on."`
	Undo   *uuid.UUID `placeholder:"BATCH" help:"Take a batch back, for leads that still stand as it left them."`
}

// Validate is called before Run: there is one thing to do.
func (c batchCmd) Validate() error {
	n := 0
	for _, given := range []bool{c.Act != "", c.Resume != nil, c.Stop != nil, c.Undo != nil} {
		if given {
			n++
		}
	}
	if n != 1 {
		return errors.New("say what to do (pause, resume, snooze, reassign, enrol), or give --resume, --stop or --undo with the id of a batch")
	}
	if c.Act != "" && !c.All && c.query() == (batch.Choice{}) && c.Owner == "" {
		return errors.New("say which leads, such as --stage cold or --owner robin@seller.example; or --all")
	}
	return nil
}

// query is what chooses the leads, but for their owner.
func (c batchCmd) query() batch.Choice {
	return batch.Choice{Stage: sequence.Stage(c.Stage), Account: c.Account, Source: c.CameAs, Blocked: c.HeldBy, From: c.CreatedFrom, Before: c.CreatedBefore}
}

// Run has many leads do one thing, and watches until they have answered.
func (c batchCmd) Run(ctx context.Context) error {
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error {
		b, done, err := batches(ctx, p)
		if err != nil {
			return err
		}
		defer done()
		switch {
		case c.Stop != nil:
			return errors.Join(b.Stop(ctx, *c.Stop), noted(ctx, b.Store, "batch_stopped", c.Stop.String()))
		case c.Resume != nil:
			return c.resume(ctx, b)
		case c.Undo != nil:
			id, err := b.Undo(ctx, uuid.New(), *c.Undo, operator())
			if err != nil {
				return err
			}
			return c.begin(ctx, b, id)
		}
		return c.makeOne(ctx, b)
	})
}

func batches(ctx context.Context, p policy.Policy) (batch.Batches, func(), error) {
	i, done, err := imports(ctx, p)
	if err != nil {
		return batch.Batches{}, nil, err
	}
	playbook := func(id string) (*sequence.Playbook, bool) { pb, err := p.Version(ctx, id); return pb, err == nil }
	return batch.Batches{Store: p.Store, Door: i.Door, Lives: i.Runner.(engine.Engine), Playbook: playbook}, done, nil
}

func (c batchCmd) makeOne(ctx context.Context, b batch.Batches) error {
	choice, terms := c.query(), batch.Terms{Until: c.Until, Reason: c.Reason, Source: c.As, Detail: c.Detail, Basis: c.Basis}
	for _, named := range []struct {
		flag, email string
		to          *uuid.UUID
	}{{"--owner", c.Owner, &choice.Owner}, {"--to", c.To, &terms.Owner}} {
		if named.email == "" {
			continue
		}
		u, err := b.Store.UserByEmail(ctx, strings.ToLower(named.email))
		if errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("%s %s: there is no such user", named.flag, named.email)
		}
		if err != nil {
			return fmt.Errorf("look for %s: %w", named.flag, err)
		}
		*named.to = u.ID
	}
	id := uuid.New()
	if err := flagged(b.Make(ctx, id, batch.Act(c.Act), terms, choice, operator())); err != nil {
		return err
	}
	return c.begin(ctx, b, id)
}

// begin shows which leads, asks, and begins.
func (c batchCmd) begin(ctx context.Context, b batch.Batches, id uuid.UUID) error {
	v, err := b.Look(ctx, id)
	if err != nil {
		return err
	}
	if v.State == batch.Open && v.Leads > 0 {
		first, err := b.Leads(ctx, id, "", uuid.Nil, namedLeads)
		if err != nil {
			return err
		}
		fmt.Print(chosenText(v, first))
	}
	if v.Leads == 0 {
		fmt.Println("no lead is like that; nothing is done")
		return nil
	}
	if v.State == batch.Open && !c.Yes {
		if err := confirm(ctx, os.Stdin, os.Stderr, fmt.Sprintf("\n%s: %s?", doing(v), count(v.Leads, "lead"))); err != nil {
			return err
		}
	}
	if v.State == batch.Open {
		if err := errors.Join(flagged(b.Begin(ctx, id)), noted(ctx, b.Store, "batch_begun", id.String())); err != nil {
			return err
		}
	}
	return c.watch(ctx, b, id)
}

func doing(v batch.View) string {
	if v.Undoes != nil {
		return "take back " + string(v.Act)
	}
	return string(v.Act)
}

// flagged says what is wrong in the words of the command.
func flagged(err error) error {
	var unsound batch.Unsound
	if errors.Is(err, door.ErrOwner) {
		return errors.New("--to: that is no active user")
	}
	if !errors.As(err, &unsound) {
		return err
	}
	flags := map[string]string{
		"terms.until": "--until", "terms.reason": "--reason", "terms.owner_id": "--to", "terms.source": "--as", "terms.detail": "--detail", "terms.basis": "--basis",
		"choice.created_before": "--created-before", "choice.stage": "--stage",
	}
	var all []string
	for _, f := range unsound.Faults {
		all = append(all, flags[f.Field]+": "+f.Message)
	}
	return errors.New(strings.Join(all, "\n"))
}

// chosenText is which leads were chosen. Names are for people who may see them.
func chosenText(v batch.View, first []batch.Chosen) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s chosen (batch %s)\n", count(v.Leads, "lead"), v.ID)
	for _, l := range first {
		fmt.Fprintf(&t, "  %s  %-16s %s", l.Lead, l.Stage, l.Name)
		if l.Detail != "" {
			fmt.Fprintf(&t, "  would refuse: %s", l.Detail)
		}
		fmt.Fprintln(&t)
	}
	if more := v.Leads - len(first); more > 0 {
		fmt.Fprintf(&t, "  and %d more\n", more)
	}
	return t.String()
}

func (c batchCmd) resume(ctx context.Context, b batch.Batches) error {
	v, err := b.Look(ctx, *c.Resume)
	if err != nil {
		return err
	}
	if v.State == batch.Open || v.State == batch.Stopped {
		if err := errors.Join(flagged(b.Begin(ctx, v.ID)), noted(ctx, b.Store, "batch_begun", v.ID.String())); err != nil {
			return err
		}
	}
	return c.watch(ctx, b, v.ID)
}

// watch follows a batch in the records. The batch does not need it: Ctrl-C only looks
// away.
func (c batchCmd) watch(ctx context.Context, b batch.Batches, id uuid.UUID) error {
	v, err := b.Look(ctx, id)
	if err != nil {
		return err
	}
	err = pursue(ctx, int64(v.Leads), "asking the leads", func() (done int64, over bool, err error) {
		if v, err = b.Look(ctx, id); err != nil {
			return 0, false, err
		}
		return int64(v.Leads - v.Results[batch.Waiting] - v.Results[batch.Asked]), v.State != batch.Running, nil
	})
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "\nthe batch goes on; watch it again: rekindle batch --resume %s\n", id)
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	refused, err := b.Leads(ctx, id, batch.Refused, uuid.Nil, namedRows)
	if err != nil {
		return err
	}
	fmt.Print(batchText(v, refused))
	if n := v.Results[batch.Refused]; n > 0 {
		return fmt.Errorf("%s refused", count(n, "lead"))
	}
	return nil
}

// batchText is what came of a batch.
func batchText(v batch.View, refused []batch.Chosen) string {
	var t strings.Builder
	fmt.Fprintf(&t, "%s (batch %s), %s\n", doing(v), v.ID, v.State)
	for _, result := range batch.Results {
		if n := v.Results[result]; n > 0 {
			fmt.Fprintf(&t, "  %6d %s\n", n, strings.ReplaceAll(result, "_", " "))
		}
	}
	for _, l := range refused {
		fmt.Fprintf(&t, "  %s  %s\n", l.Lead, l.Detail)
	}
	if v.Undoable() {
		fmt.Fprintf(&t, "take it back: rekindle batch --undo %s\n", v.ID)
	}
	return t.String()
}
