package managing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/sequence"
)

// Board is what managers look at first. It is drawn up in the background, because it
// takes a walk over all living leads.
type Board struct {
	AsOf       time.Time          `json:"as_of"`
	Stages     []StageLeads       `json:"stages" doc:"Leads by stage, now"`
	Held       []HeldLeads        `json:"held" doc:"Living leads to whom nothing goes out, and why"`
	Weeks      []StageWeek        `json:"weeks" doc:"Leads by stage at the end of each week; the last is now"`
	Flows      []Flow             `json:"flows" doc:"Moves between stages in the last four weeks"`
	FollowUps  sequence.FollowUps `json:"follow_ups" doc:"Tasks due in the last 30 days, and done in time (R80)"`
	Coverage   float64            `json:"coverage" doc:"Their share, 0 to 1"`
	Answers    []Answer           `json:"answers" doc:"Touches until the first answer, of leads that came in the last 180 days"`
	ColdCalls  []Rep              `json:"cold_calls" doc:"Call time of each rep in the last seven days (R13)"`
	Holding    StagnantLeads      `json:"holding" doc:"What stagnant leads cost (R82)"`
	SalesReady int                `json:"sales_ready" doc:"R11"`
	Overdue    int                `json:"overdue_first_calls" doc:"First calls that are late, before anything came of them (R01)"`
	Load       []RepLoad          `json:"load" doc:"Tasks of each rep in the coming weeks, if nothing is heard; the overdue ones are in the first"`
}

// StageLeads is how many leads are in a stage.
type StageLeads struct {
	Stage sequence.Stage `json:"stage"`
	Leads int            `json:"leads"`
}

// HeldLeads is how many leads are held for a reason.
type HeldLeads struct {
	Reason string `json:"reason"`
	Leads  int    `json:"leads"`
}

// StageWeek is how many leads were in each stage when a week ended.
type StageWeek struct {
	Ends   time.Time              `json:"ends"`
	Stages map[sequence.Stage]int `json:"stages"`
}

// Flow is how many leads moved from one stage to another; from none, they were
// enrolled.
type Flow struct {
	From  sequence.Stage `json:"from,omitempty"`
	To    sequence.Stage `json:"to"`
	Leads int            `json:"leads"`
}

// Answer is how many leads answered after so many touches.
type Answer struct {
	Touches int `json:"touches"`
	Leads   int `json:"leads"`
}

// RepLoad is how many tasks a rep has in each of the coming weeks.
type RepLoad struct {
	ID    uuid.UUID `json:"id"`
	Name  string    `json:"name"`
	Weeks []int     `json:"weeks"`
}

// The figures that have leads behind them which no filter finds.
const (
	FigureSalesReady = "sales_ready"
	FigureOverdue    = "overdue_first_calls"
	FigureStagnant   = "stagnant"
)

// What a board looks at.
const (
	weeksBack   = 26
	weeksAhead  = 4
	flowWeeks   = 4
	behindAFew  = 500 // leads listed behind a figure
	answersBack = 180 * 24 * time.Hour
)

// Leads are those behind the figures, the most pressing first.
type Leads map[string][]uuid.UUID

// Draw draws up the board.
func (r Reports) Draw(ctx context.Context) (b Board, behind Leads, err error) {
	b.AsOf, behind = r.Now(), Leads{}
	for _, part := range []func(context.Context, *Board, Leads) error{r.walk, r.stages, r.tasks} {
		if err := part(ctx, &b, behind); err != nil {
			return b, behind, err
		}
	}
	return b, behind, nil
}

// walk looks at every living lead once: at what it costs, whether it is ready, and at
// the work it will bring in the coming weeks, by the code that runs it.
func (r Reports) walk(ctx context.Context, b *Board, behind Leads) error {
	held := map[string]int{}
	load := map[string][]int{}
	worth := map[uuid.UUID]int64{}
	err := r.living(ctx, func(id uuid.UUID, l sequence.Lead, pb *sequence.Playbook) error {
		if reason := l.BlockedReason(); reason != "" {
			held[reason]++
		}
		if sequence.SalesReadyAt(l, b.AsOf, pb) {
			b.SalesReady++
			worth[id] = sequence.WorthOf(l, b.AsOf, pb).Value
			behind[FigureSalesReady] = append(behind[FigureSalesReady], id)
		}
		b.Holding.add(id, l, b.AsOf, pb, behindAFew)
		return coming(l, pb, b.AsOf, load)
	})
	if err != nil {
		return err
	}
	slices.SortStableFunc(behind[FigureSalesReady], func(x, y uuid.UUID) int { return int(max(-1, min(1, worth[y]-worth[x]))) })
	behind[FigureSalesReady] = behind[FigureSalesReady][:min(behindAFew, b.SalesReady)]
	for _, s := range b.Holding.Most {
		behind[FigureStagnant] = append(behind[FigureStagnant], s.Lead)
	}
	b.Holding.Most = b.Holding.Most[:min(5, len(b.Holding.Most))]
	for reason, n := range held {
		b.Held = append(b.Held, HeldLeads{reason, n})
	}
	slices.SortFunc(b.Held, func(x, y HeldLeads) int { return y.Leads - x.Leads })
	return r.load(ctx, b, load)
}

// coming counts the tasks that a lead will ask for, by owner and week.
func coming(l sequence.Lead, pb *sequence.Playbook, now time.Time, load map[string][]int) error {
	until := now.AddDate(0, 0, 7*weeksAhead)
	if at, ok := l.Deadline(); !ok || at.After(until) {
		return nil
	}
	entries, err := rehearse.Ahead(l, nil, pb, now, until)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if week := weekOf(now, e.At); e.What == sequence.TaskAsked && week < weeksAhead {
			weeks := load[l.Owner]
			if weeks == nil {
				weeks = make([]int, weeksAhead)
				load[l.Owner] = weeks
			}
			weeks[week]++
		}
	}
	return nil
}

// weekOf is the week, from now on, in which an instant lies; what is overdue is in
// the first.
func weekOf(now, at time.Time) int { return max(0, int(at.Sub(now).Hours()/24/7)) }

func (r Reports) load(ctx context.Context, b *Board, load map[string][]int) error {
	open, err := r.Store.OpenTasksByOwner(ctx, b.AsOf.AddDate(0, 0, 7*weeksAhead))
	if err != nil {
		return fmt.Errorf("read the open tasks: %w", err)
	}
	users, err := r.Store.Users(ctx)
	if err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	for _, u := range users {
		weeks := load[u.ID.String()]
		if weeks == nil {
			weeks = make([]int, weeksAhead)
		}
		for _, t := range open {
			if t.OwnerID == u.ID {
				weeks[min(weeksAhead-1, weekOf(b.AsOf, t.DueAt))]++
			}
		}
		if slices.Max(weeks) > 0 {
			b.Load = append(b.Load, RepLoad{u.ID, u.Name, weeks})
		}
	}
	return nil
}

// stages counts the leads in each stage now, and goes back from there by the moves
// that were made.
func (r Reports) stages(ctx context.Context, b *Board, _ Leads) error {
	rows, err := r.Store.StagesNow(ctx)
	if err != nil {
		return fmt.Errorf("count the leads by stage: %w", err)
	}
	now := map[sequence.Stage]int{}
	for _, row := range rows {
		now[sequence.Stage(row.Stage)] = int(row.Leads)
	}
	for _, s := range sequence.Stages() {
		b.Stages = append(b.Stages, StageLeads{s, now[s]})
	}
	monday := MondayOf(b.AsOf)
	if err := r.countFlow(ctx, monday); err != nil {
		return err
	}
	flow, err := r.Store.StageFlowSince(ctx, date(monday.AddDate(0, 0, -7*weeksBack)))
	if err != nil {
		return fmt.Errorf("read the moves between stages: %w", err)
	}
	b.Weeks = weeks(now, flow, b.AsOf, monday)
	b.Flows = flows(flow, monday.AddDate(0, 0, -7*(flowWeeks-1)))
	return nil
}

// countFlow counts the moves of the weeks that are not counted for good: this one and
// the last, and all before the first time.
func (r Reports) countFlow(ctx context.Context, monday time.Time) error {
	last, err := r.Store.LastFlowWeek(ctx)
	if err != nil {
		return fmt.Errorf("read the moves between stages: %w", err)
	}
	since := monday.AddDate(0, 0, -7*weeksBack)
	if before := last.Time.AddDate(0, 0, -7); before.After(since) {
		since = before
	}
	if err := r.Store.CountStageFlow(ctx, since); err != nil {
		return fmt.Errorf("count the moves between stages: %w", err)
	}
	return nil
}

func date(t time.Time) pgtype.Date { return pgtype.Date{Time: t, Valid: true} }

// weeks goes back from now, week by week.
func weeks(now map[sequence.Stage]int, flow []db.StageFlow, asOf, monday time.Time) []StageWeek {
	all := []StageWeek{{asOf, now}}
	for i := range weeksBack - 1 {
		week := monday.AddDate(0, 0, -7*i)
		before := map[sequence.Stage]int{}
		for s, n := range all[i].Stages {
			before[s] = n
		}
		for _, f := range flow {
			if f.Week.Time.Equal(week) {
				before[sequence.Stage(f.ToStage)] -= int(f.Leads)
				if f.FromStage != "" {
					before[sequence.Stage(f.FromStage)] += int(f.Leads)
				}
			}
		}
		all = append(all, StageWeek{week, before})
	}
	slices.Reverse(all)
	return all
}

func flows(all []db.StageFlow, since time.Time) []Flow {
	sum := map[Flow]int{}
	for _, f := range all {
		if !f.Week.Time.Before(since) {
			sum[Flow{From: sequence.Stage(f.FromStage), To: sequence.Stage(f.ToStage)}] += int(f.Leads)
		}
	}
	list := []Flow{}
	for f, n := range sum {
		list = append(list, Flow{f.From, f.To, n})
	}
	order := func(s sequence.Stage) int { return slices.Index(sequence.Stages(), s) }
	slices.SortFunc(list, func(x, y Flow) int {
		if d := order(x.From) - order(y.From); d != 0 {
			return d
		}
		return order(x.To) - order(y.To)
	})
	return list
}

// tasks reads what is counted in the records.
func (r Reports) tasks(ctx context.Context, b *Board, behind Leads) (err error) {
	if b.FollowUps, err = r.FollowUps(ctx, b.AsOf.AddDate(0, 0, -30)); err != nil {
		return err
	}
	b.Coverage = b.FollowUps.Share()
	if b.ColdCalls, err = r.ColdCalls(ctx, b.AsOf); err != nil {
		return err
	}
	var silent []string
	for _, o := range sequence.Outcomes() {
		if !o.Conversation() {
			silent = append(silent, string(o))
		}
	}
	answers, err := r.Store.TouchesUntilAnswer(ctx, db.TouchesUntilAnswerParams{Since: b.AsOf.Add(-answersBack), Silent: silent})
	if err != nil {
		return fmt.Errorf("count touches until an answer: %w", err)
	}
	for _, a := range answers {
		b.Answers = append(b.Answers, Answer{int(a.Touches), int(a.Leads)})
	}
	overdue, err := r.Store.OverdueFirstCalls(ctx, db.OverdueFirstCallsParams{Now: b.AsOf, Most: 10_000})
	if err != nil {
		return fmt.Errorf("read the overdue first calls: %w", err)
	}
	b.Overdue, behind[FigureOverdue] = len(overdue), overdue[:min(len(overdue), behindAFew)]
	return nil
}

// How often the board is drawn up: once a minute, and never so that it takes more
// than a fiftieth of a core.
const (
	drawEvery = time.Minute
	drawShare = 50.0
)

// Keep draws the board up when the last one is old, in one process at a time.
func (r Reports) Keep(ctx context.Context) error {
	began := time.Now()
	n, err := r.Store.ClaimBoard(ctx, db.ClaimBoardParams{Now: began, LeastSeconds: drawEvery.Seconds(), Share: drawShare})
	if err != nil || n == 0 {
		return postgres.Translate(err)
	}
	b, behind, err := r.Draw(ctx)
	if err != nil {
		return fmt.Errorf("draw up the board: %w", err)
	}
	figures, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode the board: %w", err)
	}
	return r.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.ClearBoardLeads(ctx); err != nil {
			return err
		}
		for figure, leads := range behind {
			if err := q.SaveBoardLeads(ctx, db.SaveBoardLeadsParams{Figure: figure, Leads: leads}); err != nil {
				return err
			}
		}
		return q.SaveBoard(ctx, db.SaveBoardParams{AsOf: &b.AsOf, Figures: figures, Took: time.Since(began).Seconds()})
	})
}
