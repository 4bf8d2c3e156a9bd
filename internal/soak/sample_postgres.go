package soak

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/workflows"
)

// Table is one table of the product, with what its indexes take.
type Table struct {
	Name    string `json:"name"`
	Rows    int64  `json:"rows"`
	Bytes   int64  `json:"bytes"` // without indexes
	Indexes int64  `json:"index_bytes"`
	Dead    int64  `json:"dead_rows"`
	Updates int64  `json:"updates"`
	Hot     int64  `json:"hot_updates"`   // of them, those that touched no index
	Read    int64  `json:"rows_read_all"` // by reading the whole table
	Scans   int64  `json:"times_read_all"`
}

// Index is one index.
type Index struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
	Scans int64  `json:"scans"` // since the beginning
}

const tablesSQL = `
SELECT relname, n_live_tup, pg_table_size(relid), pg_indexes_size(relid), n_dead_tup, n_tup_upd, n_tup_hot_upd, coalesce(seq_tup_read, 0), coalesce(seq_scan, 0)
FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname <> 'goose_db_version' ORDER BY relname`

const indexesSQL = `
SELECT indexrelname, pg_relation_size(indexrelid), idx_scan FROM pg_stat_user_indexes
WHERE schemaname = 'public' AND relname <> 'goose_db_version' ORDER BY indexrelname`

const countsSQL = `
SELECT count(*), count(*) FILTER (WHERE NOT final), count(*) FILTER (WHERE NOT final AND next_at < $1::timestamptz - interval '1 day'),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),
    (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database())
FROM leads`

// How late a touch was made against the plan before it. Every lead's timeline is
// read by its key; every so many leads stand for all.
const latenessSQL = `
SELECT greatest(0, extract(epoch FROM m.at - p.until) / 3600)::float8
FROM (SELECT id FROM leads WHERE NOT final ORDER BY md5(id::text) LIMIT 200) l
JOIN audit m ON m.lead_id = l.id AND m.what = 'touch_made' AND m.at > $1
JOIN LATERAL (SELECT (e.entry->>'until')::timestamptz AS until FROM audit e
    WHERE e.lead_id = m.lead_id AND e.n < m.n AND e.what IN ('touch_planned', 'touch_put_off') ORDER BY e.n DESC LIMIT 1) p ON true`

// samplePostgres measures the records.
func (p *people) samplePostgres(ctx context.Context, s *Sample) error {
	pool := p.store.Pool
	rows, err := pool.Query(ctx, tablesSQL)
	if err != nil {
		return fmt.Errorf("measure the tables: %w", err)
	}
	if s.Tables, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Table]); err != nil {
		return fmt.Errorf("measure the tables: %w", err)
	}
	for i := range s.Tables { // what the statistics say is about right; this is exact
		if err := pool.QueryRow(ctx, "SELECT count(*) FROM "+pgx.Identifier{s.Tables[i].Name}.Sanitize()).Scan(&s.Tables[i].Rows); err != nil {
			return fmt.Errorf("count %s: %w", s.Tables[i].Name, err)
		}
	}
	if rows, err = pool.Query(ctx, indexesSQL); err != nil {
		return fmt.Errorf("measure the indexes: %w", err)
	}
	if s.Indexes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Index]); err != nil {
		return fmt.Errorf("measure the indexes: %w", err)
	}
	if err := pool.QueryRow(ctx, countsSQL, s.At).Scan(&s.Leads, &s.Living, &s.Overdue, &s.Conns, &s.Deadlocks); err != nil {
		return fmt.Errorf("count the leads: %w", err)
	}
	if s.State, err = p.spread(ctx, "SELECT length(state::text)::float8 FROM leads WHERE NOT final AND state IS NOT NULL"); err != nil {
		return err
	}
	s.Lateness, err = p.spread(ctx, latenessSQL, s.At.Add(-month))
	return err
}

func (p *people) spread(ctx context.Context, query string, args ...any) (Spread, error) {
	rows, err := p.store.Pool.Query(ctx, query, args...)
	if err != nil {
		return Spread{}, fmt.Errorf("measure: %w", err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[float64])
	if err != nil {
		return Spread{}, fmt.Errorf("measure: %w", err)
	}
	return spreadOf(values), nil
}

// someLeads are up to so many living leads, the same ones for as long as they live.
func (p *people) someLeads(ctx context.Context, n int) ([]string, error) {
	rows, err := p.store.Pool.Query(ctx, "SELECT id::text FROM leads WHERE NOT final ORDER BY md5(id::text) LIMIT $1", n)
	if err != nil {
		return nil, fmt.Errorf("choose leads: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// sleepers are some leads that sleep for so long that they do it in a run of its own,
// and how far they are.
func (p *people) sleepers(ctx context.Context, n int) (map[string]int32, error) {
	return p.turnsOf(ctx, "NOT final AND next_at > updated_at + make_interval(secs => $1) ORDER BY md5(id::text) LIMIT $2", workflows.ShortSleep.Seconds(), n)
}

// turns is how far leads are.
func (p *people) turns(ctx context.Context, leads []string) (map[string]int32, error) {
	return p.turnsOf(ctx, "id = ANY($1::uuid[])", leads)
}

// turnsOf is how far the leads are that a condition chooses, by id.
func (p *people) turnsOf(ctx context.Context, which string, args ...any) (map[string]int32, error) {
	rows, err := p.store.Pool.Query(ctx, "SELECT id::text, turn FROM leads WHERE "+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read how far leads are: %w", err)
	}
	turns, id, turn := map[string]int32{}, "", int32(0)
	_, err = pgx.ForEachRow(rows, []any{&id, &turn}, func() error { turns[id] = turn; return nil })
	return turns, err
}

// watchLocks notes, until ctx ends, how many sessions wait for locks at the worst.
func (p *people) watchLocks(ctx context.Context) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		var n int64
		err := p.store.Pool.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&n)
		if err == nil && n > p.lockWaits.Load() {
			p.lockWaits.Store(n) // only here it grows
		}
	}
}
