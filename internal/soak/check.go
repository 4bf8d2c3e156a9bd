package soak

import (
	"context"
	"fmt"
	"time"
)

// Check is something that must hold at the end.
type Check struct {
	What  string `json:"what"`
	Found int64  `json:"found"` // against it
}

// checks are questions to the records whose answer must be 0. $1 is the time on the
// leads' clock, or for what is behind, the time of a while ago.
var checks = []struct{ what, query string }{
	{"living leads without a deadline or a reason", "SELECT count(*) FROM leads WHERE NOT final AND next_at IS NULL AND blocked = '' AND $1::timestamptz IS NOT NULL"},
	{behind, "SELECT count(*) FROM leads WHERE NOT final AND next_at < $1"},
	{"parked leads", "SELECT count(*) FROM leads WHERE blocked = 'parked' AND $1::timestamptz IS NOT NULL"},
	{"messages that wait to be handed over", "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL AND $1::timestamptz IS NOT NULL"},
	{"mail that may or may not have been sent", "SELECT count(*) FROM send_ledger WHERE state = 'unknown' AND $1::timestamptz IS NOT NULL"},
	{"mail after a stop", `SELECT count(*) FROM send_ledger s JOIN suppressions n ON n.person_id = s.person_id AND n.kind = 'email'
		WHERE s.sent_at > n.created_at AND s.sent_at < $1`},
	{"mail after the end of a life", `SELECT count(*) FROM send_ledger s JOIN leads l ON l.id = s.lead_id
		JOIN audit a ON a.lead_id = l.id AND a.what = 'stage_changed' AND a.entry->>'to' IN ('won', 'disqualified', 'do_not_contact')
		WHERE s.reserved_at > a.at AND s.text_name NOT LIKE '%cancelled' AND s.state = 'sent' AND s.sent_at < $1`},
	{"gaps in timelines", `SELECT count(*) FROM (SELECT 1 FROM audit WHERE at < $1 GROUP BY lead_id HAVING count(DISTINCT n) <> max(n)) gaps`},
}

// A lead is behind its deadline when it has not met it for so long: two weeks of its
// own time, and a minute of ours.
const (
	behind     = "living leads that do not get on"
	behindOwn  = 14 * 24 * time.Hour
	behindOurs = time.Minute
)

// settles is how long the product may take to come to rest.
const settles = time.Minute

// check asks everything, again and again until it holds, for a while.
func (p *people) check(ctx context.Context, r *Report) error {
	give := time.Now().Add(settles)
	for {
		found, err := p.ask(ctx)
		if err != nil {
			return err
		}
		against := int64(0)
		for _, c := range found {
			against += c.Found
		}
		if r.Checks = found; against == 0 || time.Now().After(give) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}

func (p *people) ask(ctx context.Context) ([]Check, error) {
	var all []Check
	now := p.told.Clock.At(time.Now())
	for _, c := range checks {
		one, at := Check{What: c.what}, now
		if c.what == behind {
			at = now.Add(-max(behindOwn, time.Duration(float64(behindOurs)*p.told.Clock.Speed)))
		}
		if err := p.store.Pool.QueryRow(ctx, c.query, at).Scan(&one.Found); err != nil {
			return nil, fmt.Errorf("count %s: %w", c.what, err)
		}
		all = append(all, one)
	}
	messages, twice := p.sink.counts()
	var sent, living int64
	if err := p.store.Pool.QueryRow(ctx, "SELECT (SELECT count(*) FROM send_ledger WHERE state = 'sent'), (SELECT count(*) FROM leads WHERE NOT final)").Scan(&sent, &living); err != nil {
		return nil, fmt.Errorf("count what was sent: %w", err)
	}
	running, err := p.countRuns(ctx, "ExecutionStatus = 'Running' AND WorkflowType = 'Lead'")
	if err != nil {
		return nil, err
	}
	return append(
		all,
		Check{"mail that arrived twice", int64(twice)},
		Check{"difference of what arrived and what the ledger says was sent", distance(int64(messages), sent)},
		Check{"difference of living leads and running workflows", distance(living, running)},
	), nil
}

func distance(a, b int64) int64 { return max(a-b, b-a) }
