package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/sequence"
)

type importCmd struct {
	Database database          `embed:""`
	File     string            `arg:"" optional:"" help:"A list of leads as CSV, in any delimiter and encoding; - for the standard input."`
	Map      map[string]string `placeholder:"COLUMN=FIELD" help:"What a column means, by its title; an empty field leaves it out. What is not said is guessed."`
	Set      map[string]string `placeholder:"FIELD=VALUE" help:"What holds for every row that does not say it itself, such as source=crm_dormant or basis='consent: fair'."`
	Known    importing.Known   `enum:"complete,engage,leave" default:"complete" help:"What a row does whose person is known: fill in what was missing, wake their lead, or nothing."`
	Dates    string            `enum:"day_first,month_first,guess" default:"guess" help:"How a date such as 03/04/2026 is read."`
	Check    bool              `help:"Only say what would come of each row."`
	Yes      bool              `short:"y" help:"Do not ask; needed where nobody can be asked."`
	Result   string            `placeholder:"FILE" help:"Write the file again, with what came of each row."`
	Resume   *uuid.UUID        `placeholder:"IMPORT" help:"Go on with an import that was stopped, or watch one that runs."`
	Stop     *uuid.UUID        `placeholder:"IMPORT" help:"Stop an import; --resume goes on."`
}

// Validate is called before Run: there is one thing to do.
func (c importCmd) Validate() error {
	n := 0
	for _, given := range []bool{c.File != "", c.Resume != nil, c.Stop != nil} {
		if given {
			n++
		}
	}
	if n != 1 {
		return errors.New("give a file, or --resume, or --stop")
	}
	return nil
}

// Run lets a list in, and watches until it is.
func (c importCmd) Run(ctx context.Context) error {
	return withPolicy(ctx, c.Database.URL, func(p policy.Policy) error {
		i, done, err := imports(ctx, p)
		if err != nil {
			return err
		}
		defer done()
		switch {
		case c.Stop != nil:
			return i.Stop(ctx, *c.Stop)
		case c.Resume != nil:
			return c.resume(ctx, i)
		}
		return c.begin(ctx, i)
	})
}

func imports(ctx context.Context, p policy.Policy) (importing.Imports, func(), error) {
	current, err := released(ctx, p.Store)
	if err != nil {
		return importing.Imports{}, nil, err
	}
	pb, err := p.Version(ctx, current)
	if err != nil {
		return importing.Imports{}, nil, err
	}
	t, err := dialTemporal(ctx)
	if err != nil {
		return importing.Imports{}, nil, err
	}
	d := &door.Door{Store: p.Store, Playbook: func() *sequence.Playbook { return pb }}
	return importing.Imports{Store: p.Store, Door: d, Runner: engine.Engine{Client: t}}, t.Close, nil
}

func (c importCmd) begin(ctx context.Context, i importing.Imports) error {
	content, err := c.read()
	if err != nil {
		return fmt.Errorf("read the list: %w", err)
	}
	id := uuid.New()
	if err := i.Take(ctx, id, filepath.Base(c.File), operator(), content); err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	v, err := i.Look(ctx, id)
	if err != nil {
		return err
	}
	plan, err := c.plan(v)
	if err != nil {
		return err
	}
	if err := explained(i.Plan(ctx, id, plan)); err != nil {
		return err
	}
	if v, err = i.Look(ctx, id); err != nil {
		return err
	}
	fmt.Print(planText(v))
	if !c.Check && !c.Yes {
		if err := confirm(ctx, os.Stdin, os.Stderr, fmt.Sprintf("\nLet in %s?", count(v.Rows, "row"))); err != nil {
			return fmt.Errorf("%w; see what would come of each row with --check", err)
		}
	}
	if err := explained(i.Begin(ctx, id, c.Check)); err != nil {
		return err
	}
	return c.watch(ctx, i, id)
}

func (c importCmd) read() ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(io.LimitReader(os.Stdin, importing.MostBytes))
	}
	info, err := os.Stat(c.File)
	if err == nil && info.Size() > importing.MostBytes {
		return nil, fmt.Errorf("the file is larger than %d MB; divide it", importing.MostBytes>>20)
	}
	return os.ReadFile(c.File)
}

// plan is what was guessed, and what was said instead.
func (c importCmd) plan(v importing.View) (importing.Plan, error) {
	p := v.Plan
	p.Known = c.Known
	if c.Dates != "guess" {
		p.Dates = importing.Order(c.Dates)
	}
	for _, column := range slices.Sorted(maps.Keys(c.Map)) {
		at := slices.IndexFunc(v.Header, func(title string) bool { return strings.EqualFold(title, column) })
		if at < 0 {
			return p, fmt.Errorf("--map %s: there is no such column; there are %s", column, strings.Join(v.Header, ", "))
		}
		for n, f := range p.Columns {
			if f == importing.Field(c.Map[column]) {
				p.Columns[n] = "" // it was guessed
			}
		}
		p.Columns[at] = importing.Field(c.Map[column])
	}
	p.Fixed = map[importing.Field]string{}
	for f, value := range c.Set {
		p.Fixed[importing.Field(f)] = value
	}
	return p, nil
}

// explained says what is wrong with a plan in the words of the command.
func explained(err error) error {
	var unsound importing.Unsound
	if !errors.As(err, &unsound) {
		return err
	}
	var all []string
	for _, f := range unsound.Faults {
		flag := "--map"
		if field, fixed := strings.CutPrefix(f.Field, "fixed."); fixed {
			flag = "--set " + field
		}
		all = append(all, flag+": "+f.Message)
	}
	return errors.New(strings.Join(all, "\n"))
}

// planText is how the file is read.
func planText(v importing.View) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, delimiter %q, %s\n", v.Name, v.Encoding, v.Delimiter, count(v.Rows, "row"))
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for n, title := range v.Header {
		fmt.Fprintf(w, "  %s\t→ %s", title, cmp.Or(string(v.Plan.Columns[n]), "–"))
		for _, r := range v.Preview[:min(len(v.Preview), 3)] {
			fmt.Fprintf(w, "\t%s", r.Says[v.Plan.Columns[n]])
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // into memory
	return b.String()
}

func (c importCmd) resume(ctx context.Context, i importing.Imports) error {
	v, err := i.Look(ctx, *c.Resume)
	if err != nil {
		return err
	}
	if v.State == importing.Stopped {
		if err := i.Begin(ctx, v.ID, false); err != nil {
			return err
		}
	}
	return c.watch(ctx, i, v.ID)
}

// watch follows an import in the records. The import does not need it: Ctrl-C only
// looks away.
func (c importCmd) watch(ctx context.Context, i importing.Imports, id uuid.UUID) error {
	v, err := c.follow(ctx, i, id)
	if ctx.Err() != nil {
		fmt.Fprintf(os.Stderr, "\nthe import goes on; watch it again: rekindle import --resume %s\n", id)
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	fmt.Print(resultText(v))
	if c.Result != "" {
		if err := writeResult(ctx, i, id, c.Result); err != nil {
			return err
		}
	}
	refused, err := i.Rows(ctx, id, importing.Refused, 0, namedRows+1)
	if err != nil {
		return err
	}
	for _, r := range refused[:min(len(refused), namedRows)] {
		fmt.Fprintf(os.Stderr, "%s:%d: %s\n", v.Name, r.Line, r.Wrong())
	}
	if n := v.Results[importing.Refused]; n > 0 {
		return fmt.Errorf("%s refused; mend them and import the file again: what is known changes nothing (all of them: --resume %s --result FILE)", count(n, "row"), id)
	}
	return nil
}

// namedRows is how many rows are named that were refused.
const namedRows = 20

func (c importCmd) follow(ctx context.Context, i importing.Imports, id uuid.UUID) (importing.View, error) {
	v, err := i.Look(ctx, id)
	if err != nil {
		return v, err
	}
	return v, pursue(ctx, int64(v.Rows), "going through the rows", func() (done int64, over bool, err error) {
		if v, err = i.Look(ctx, id); err != nil {
			return 0, false, err
		}
		for _, came := range v.Results {
			done += int64(came)
		}
		return done, v.State != importing.Running, nil
	})
}

func resultText(v importing.View) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (import %s)\n", v.Name, v.ID)
	for _, m := range importing.Meanings {
		if n := v.Results[m.Result]; n > 0 {
			fmt.Fprintf(&b, "  %6d %s\n", n, m.Says(v))
		}
	}
	return b.String()
}

func writeResult(ctx context.Context, i importing.Imports, id uuid.UUID, name string) (err error) {
	out, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write what came of the rows: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return i.Write(ctx, id, out)
}
