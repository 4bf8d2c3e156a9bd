package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/workflows"
)

// The lead-year of the budgets (DESIGN.md, 5): 12 touches, 4 outcomes and 6 changes
// of stage, from a question to the first days of check-in.
const (
	yearTouches, yearOutcomes, yearStages = 12, 4, 6

	day = 24 * time.Hour
)

const rowLeadYear = "lead-year (12 touches, 4 outcomes, 6 stage changes)"

// known are the counts above their budgets; docs/performance.md says why.
var known = map[string]float64{rowLeadYear: 49}

// yearNews is what the rep reports in the lead-year. All else happens by itself.
var yearNews = []struct {
	after   time.Duration // since the enrolment
	outcome map[string]any
}{
	{3 * time.Hour, map[string]any{"outcome": "no_answer"}},
	{day + 3*time.Hour, map[string]any{"outcome": "call_scheduled", "next_step": map[string]any{"at": monday.Add(2 * day)}}},
	{2*day + time.Hour, map[string]any{"outcome": "not_now", "next_step": map[string]any{"why_none": "no budget before the summer"}}},
	{64 * day, map[string]any{"outcome": "not_interested", "reason": "they chose somebody else"}},
}

// counts lives the lead-year on a real Temporal and counts its histories. The clock
// is set from one moment of the year to the next.
func counts(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.open(ctx, "counts", onMonday())
	if err != nil {
		return nil, err
	}
	defer w.close()
	if err := errors.Join(w.serve(ctx), w.work()); err != nil {
		return nil, err
	}
	y := &year{world: w}
	if err := y.live(ctx); err != nil {
		return nil, fmt.Errorf("live the lead-year: %w", err)
	}
	return y.rows(ctx)
}

// year is one lead in its year.
type year struct {
	*world
	lead   string
	asleep cost // the most that a sleeping lead took up
}

func (y *year) live(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	y.set(monday)
	enrolment := person(int(time.Now().UnixNano() % 1e8))
	var enrolled api.Accepted
	if err := y.post(ctx, "/v1/leads", enrolment, &enrolled); err != nil {
		return err
	}
	y.lead = enrolled.Lead.String()
	if err := y.sleepsAfter(ctx, monday); err != nil {
		return err
	}
	news := yearNews
	for {
		next, err := y.deadline(ctx)
		if err != nil {
			return err
		}
		switch {
		case len(news) > 0 && next.After(monday.Add(news[0].after)):
			err = y.report(ctx, monday.Add(news[0].after), news[0].outcome)
			news = news[1:]
		case next.After(monday.Add(365 * day)):
			return nil
		default:
			if err = y.hop(ctx, next); err == nil {
				err = y.sleepsAfter(ctx, next)
			}
		}
		if err != nil {
			return err
		}
	}
}

// set sets the clock for what comes from outside.
func (y *year) set(to time.Time) { *y.clock = workflows.Clock{Epoch: time.Now(), Base: to, Speed: 1} }

// hop sets the lead's clock as well, as a development stack does that stood still.
// What is due then happens at once, as if the timer had fired.
func (y *year) hop(ctx context.Context, to time.Time) error {
	y.set(to)
	m := workflows.Message[workflows.Clock]{ID: to.String(), Event: *y.clock}
	if err := y.Temporal.SignalWorkflow(ctx, workflows.WorkflowID(y.lead), "", workflows.ClockSignal, m); err != nil {
		return fmt.Errorf("set the lead's clock: %w", err)
	}
	return nil
}

// report records an outcome at a time.
func (y *year) report(ctx context.Context, at time.Time, outcome map[string]any) error {
	id := workflows.WorkflowID(y.lead)
	before, err := readRun(ctx, y.Temporal, id, "")
	if err != nil {
		return err
	}
	if err := y.hop(ctx, at); err != nil {
		return err
	}
	err = poll(ctx, 10*time.Millisecond, "the lead sleeps on its new clock", func(ctx context.Context) (bool, error) {
		now, err := readRun(ctx, y.Temporal, id, "")
		return err == nil && now.first() != before.first() && now.sleeps(), err
	})
	if err != nil {
		return err
	}
	if err := y.post(ctx, "/v1/leads/"+y.lead+"/outcomes", outcome, nil); err != nil {
		return err
	}
	return y.sleepsAfter(ctx, at)
}

// deadline is when the lead wakes next.
func (y *year) deadline(ctx context.Context) (at time.Time, err error) {
	err = y.Store.Pool.QueryRow(ctx, "SELECT coalesce(next_at, 'epoch') FROM leads WHERE id = $1", y.lead).Scan(&at)
	return at, err
}

// sleepsAfter waits until the lead sleeps towards a moment after at, and looks how
// much a sleeping lead takes up.
func (y *year) sleepsAfter(ctx context.Context, at time.Time) error {
	id := workflows.WorkflowID(y.lead)
	var next time.Time
	var d *workflowservice.DescribeWorkflowExecutionResponse
	err := poll(ctx, 10*time.Millisecond, "the lead sleeps", func(ctx context.Context) (_ bool, err error) {
		next, err = y.deadline(ctx)
		if err != nil || !next.After(at) {
			return false, err
		}
		r, err := readRun(ctx, y.Temporal, id, "")
		if err != nil || !r.sleeps() {
			return false, err
		}
		d, err = y.Temporal.DescribeWorkflowExecution(ctx, id, "")
		return err == nil, err
	})
	if err != nil {
		return fmt.Errorf("measure a sleeping lead: %w", err)
	}
	if next.Sub(at) < workflows.ShortSleep+day {
		return nil // it may nap, or not
	}
	y.asleep.Events = max(y.asleep.Events, int(d.GetWorkflowExecutionInfo().GetHistoryLength()))
	y.asleep.Bytes = max(y.asleep.Bytes, int(d.GetWorkflowExecutionInfo().GetHistorySizeBytes()))
	return nil
}

func (y *year) rows(ctx context.Context) ([]Row, error) {
	runs, err := chain(ctx, y.Temporal, workflows.WorkflowID(y.lead))
	if err != nil {
		return nil, err
	}
	var whole, touches cost
	sent := 0
	for _, t := range turns(runs) {
		if t = t.unset(); t == nil {
			continue
		}
		whole = whole.plus(t.cost())
		if t.isTouch() {
			touches, sent = touches.plus(t.cost()), sent+t.sends()
		}
	}
	if err := y.isTheYear(ctx); err != nil {
		return nil, err
	}
	if sent == 0 {
		return nil, errors.New("no turn of the year was an automated touch alone")
	}
	row := func(name, unit string, value, atMost float64) Row {
		r := Row{Name: name, Unit: unit, Ours: sampleOf(value)}
		if atMost > 0 {
			return r.against(Budget{AtMost: atMost, Count: true, Known: known[name]})
		}
		return r
	}
	each := func(n int) float64 { return float64(n) / float64(sent) }
	return []Row{
		row("history of a lead asleep", "events", float64(y.asleep.Events), 5),
		row("history of a lead asleep", "bytes", float64(y.asleep.Bytes), 3<<10),
		row("automated touch", "actions", each(touches.Actions), 3),
		row("automated touch", "events", each(touches.Events), 14),
		row("automated touch", "bytes", each(touches.Bytes), 0),
		row(rowLeadYear, "actions", float64(whole.Actions), 45),
		row("lead-year", "events", float64(whole.Events), 0),
		row("lead-year", "bytes", float64(whole.Bytes), 0),
	}, nil
}

// isTheYear checks that what was lived is what the budget is about.
func (y *year) isTheYear(ctx context.Context) error {
	var touches, outcomes, stages int
	err := y.Store.Pool.QueryRow(ctx, `SELECT count(*) FILTER (WHERE what IN ('touch_made', 'task_asked')), (SELECT count(*) FROM outcomes WHERE lead_id = $1),
		count(*) FILTER (WHERE what = 'stage_changed') FROM audit WHERE lead_id = $1`, y.lead).Scan(&touches, &outcomes, &stages)
	if err != nil {
		return fmt.Errorf("read the year's timeline: %w", err)
	}
	if touches != yearTouches || outcomes != yearOutcomes || stages != yearStages {
		return fmt.Errorf("the year had %d touches, %d outcomes and %d changes of stage; the budget is for %d, %d and %d",
			touches, outcomes, stages, yearTouches, yearOutcomes, yearStages)
	}
	return nil
}
