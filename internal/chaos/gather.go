package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
	"github.com/rekindlehq/rekindle/internal/chaos/sink"
	"github.com/rekindlehq/rekindle/internal/holidays"
	"github.com/rekindlehq/rekindle/sequence"
)

// gather collects what the run left behind.
func (w *world) gather(ctx context.Context, acks []judge.Ack) (*judge.Evidence, error) {
	e := &judge.Evidence{Acks: acks, Blows: w.blows, Now: w.now(), Late: time.Duration(float64(late) * w.clock.Speed)}
	mails, _, err := sink.Read(w.sinkDir, 0)
	if err != nil {
		return nil, err
	}
	for _, m := range mails {
		e.Mails = append(e.Mails, judge.Mail{DataAt: m.DataAt, EndAt: m.EndAt, To: m.To, MessageID: m.MessageID, Kept: m.Kept})
	}
	conn, err := pgx.Connect(ctx, w.databaseURL)
	if err != nil {
		return nil, fmt.Errorf("read the database: %w", err)
	}
	defer conn.Close(ctx)
	g := gathering{conn: conn, e: e}
	for what, read := range map[string]func(context.Context) error{
		"sends": g.sends, "steps": g.steps, "entries": g.entries, "leads": g.leads, "mailboxes": g.mailboxes, "records": g.records, "door": g.door,
	} {
		if err := read(ctx); err != nil {
			return nil, fmt.Errorf("gather the %s: %w", what, err)
		}
	}
	if err := w.lives(ctx, e); err != nil {
		return nil, err
	}
	leaks, err := w.leaks()
	e.Leaks, e.Searched = append(e.Leaks, leaks...), e.Searched+len(w.logs)
	return e, err
}

type gathering struct {
	conn *pgx.Conn
	e    *judge.Evidence
}

// rows reads the rows of a query into variables and lets take keep them.
func (g gathering) rows(ctx context.Context, sql string, into []any, take func()) error {
	rows, err := g.conn.Query(ctx, sql)
	if err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		take()
		return nil
	})
	return err
}

func (g gathering) sends(ctx context.Context) error {
	var s judge.Send
	var zone, country string
	var slot *time.Time
	off := holidays.Tables()
	return g.rows(ctx, `
		SELECT s.lead_id::text, s.touch, s.message_id, s.text_name, s.state, s.begun_at IS NOT NULL, s.reserved_at, coalesce(m.name, ''), s.slot_at, p.zone, p.country
		FROM send_ledger s JOIN people p ON p.id = s.person_id LEFT JOIN mailboxes m ON m.id = s.mailbox_id`,
		[]any{&s.Lead, &s.Touch, &s.MessageID, &s.Text, &s.State, &s.Begun, &s.At, &s.Mailbox, &slot, &zone, &country},
		func() {
			s.Slot = time.Time{}
			if slot != nil {
				s.Slot = *slot
			}
			s.Open = s.Text == cancellation || office(s.At, zone, off[country])
			g.e.Sends = append(g.e.Sends, s)
		})
}

// cancellation is the one mail that does not wait for office hours: the call that it
// calls off may begin before.
const cancellation = "scheduled_call/cancelled"

// office reports whether mail may arrive: from Monday to Friday, 9 to 17, but on
// holidays, as the default playbook has it.
func office(at time.Time, zone string, off map[sequence.Day]string) bool {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return false
	}
	there := at.In(place)
	_, holiday := off[sequence.DayOf(there)]
	return there.Weekday() >= time.Monday && there.Weekday() <= time.Friday && there.Hour() >= 9 && there.Hour() < 17 && !holiday
}

func (g gathering) steps(ctx context.Context) error {
	var s judge.Step
	return g.rows(ctx, "SELECT lead_id::text, touch, state, begun, by, at FROM chaos_ledger_log ORDER BY at",
		[]any{&s.Lead, &s.Touch, &s.State, &s.Begun, &s.By, &s.At}, func() { g.e.Steps = append(g.e.Steps, s) })
}

func (g gathering) entries(ctx context.Context) error {
	var e sequence.Entry
	var lead string
	var written time.Time
	return g.rows(ctx, "SELECT lead_id::text, written, entry FROM audit ORDER BY lead_id, n, written", []any{&lead, &written, &e}, func() {
		g.e.Entries = append(g.e.Entries, judge.Entry{
			Lead: lead, N: e.N, Written: written, What: string(e.What), To: string(e.To), Touch: e.Touch, Detail: e.Detail, Evidence: e.Evidence,
		})
		e = sequence.Entry{}
	})
}

func (g gathering) leads(ctx context.Context) error {
	var l judge.Lead
	var next *time.Time
	return g.rows(ctx, "SELECT l.id::text, coalesce(p.email, ''), l.stage, l.final, l.blocked, l.next_at, l.turn FROM leads l JOIN people p ON p.id = l.person_id ORDER BY l.id",
		[]any{&l.ID, &l.Email, &l.Stage, &l.Final, &l.Blocked, &next, &l.Turn}, func() {
			l.NextAt = time.Time{}
			if next != nil {
				l.NextAt = *next
			}
			g.e.Leads = append(g.e.Leads, l)
		})
}

func (g gathering) mailboxes(ctx context.Context) error {
	var m judge.Mailbox
	var zone string
	var gap int
	return g.rows(ctx, "SELECT name, zone, daily_limit, gap_seconds FROM mailboxes", []any{&m.Name, &zone, &m.Daily, &gap}, func() {
		m.Zone, _ = time.LoadLocation(zone)
		m.Gap = time.Duration(gap) * time.Second
		g.e.Mailboxes = append(g.e.Mailboxes, m)
	})
}

func (g gathering) records(ctx context.Context) error {
	var id, word string
	g.e.Records, g.e.Replies = map[string]bool{}, map[string]string{}
	err := g.rows(ctx, "SELECT id::text FROM engagements UNION ALL SELECT id::text FROM outcomes", []any{&id}, func() { g.e.Records[id] = true })
	if err != nil {
		return err
	}
	return g.rows(ctx, "SELECT id::text, body FROM replies", []any{&id, &word}, func() { g.e.Replies[word] = id })
}

func (g gathering) door(ctx context.Context) error {
	var id string
	var at time.Time
	g.e.Suppressed, g.e.Delivered = map[string]bool{}, map[string]time.Time{}
	err := g.rows(ctx, `
		SELECT p.email FROM people p JOIN suppressions s ON s.kind = 'email'
		AND s.value_hash = sha256(convert_to('rekindle suppression: ' || p.email, 'UTF8')) AND s.via <> 'bounce'`,
		[]any{&id}, func() { g.e.Suppressed[id] = true })
	if err != nil {
		return err
	}
	err = g.rows(ctx, "SELECT payload->'event'->>'id', delivered_at FROM dispatches WHERE delivered_at IS NOT NULL AND payload->'event' ? 'id'",
		[]any{&id, &at}, func() { g.e.Delivered[id] = at })
	if err != nil {
		return err
	}
	return g.conn.QueryRow(ctx, "SELECT count(*) FROM dispatches WHERE delivered_at IS NULL").Scan(&g.e.Waiting)
}
