package policy

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"sync"
	"time"

	"github.com/bytedance/sonic"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// page is a stretch of leads in the order of their ids, as they are kept.
type page struct {
	rows []db.StatesUnderRow
	err  error
}

const pageSize = 2000

// pages reads every living lead of a version, one page ahead of whoever works on
// them: the database is as busy with a page as we are.
func (p Policy) pages(ctx context.Context, version string) iter.Seq[page] {
	return func(yield func(page) bool) {
		ctx, stop := context.WithCancel(ctx)
		ahead := make(chan page)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer close(ahead)
			p.read(ctx, version, ahead)
		}()
		defer func() { stop(); <-ended }()
		for one := range ahead {
			if !yield(one) {
				return
			}
		}
	}
}

func (p Policy) read(ctx context.Context, version string, ahead chan<- page) {
	after := uuid.Nil
	for {
		rows, err := p.Store.StatesUnder(ctx, db.StatesUnderParams{Playbook: version, After: after, Most: pageSize})
		if err != nil {
			err = fmt.Errorf("read the leads of %s: %w", version, err)
		}
		select {
		case ahead <- page{rows, err}:
		case <-ctx.Done():
			return
		}
		if err != nil || len(rows) < pageSize {
			return
		}
		after = rows[len(rows)-1].ID
	}
}

// Decode reads a lead as it is kept. Who reads many leads spends most of the time
// here: the standard library takes three times as long.
func Decode(state []byte) (l sequence.Lead, err error) {
	err = sonic.Unmarshal(state, &l)
	return l, err
}

// compare decides the leads of a page under both versions, on every core: reading
// their states costs far more than deciding.
func compare(p page, from, to *sequence.Playbook, now time.Time) ([]sequence.Change, error) {
	if p.err != nil {
		return nil, p.err
	}
	changes := make([]sequence.Change, len(p.rows))
	cores := runtime.GOMAXPROCS(0)
	faults := make([]error, cores)
	var work sync.WaitGroup
	for core := range cores {
		work.Go(func() {
			for i := core; i < len(p.rows) && faults[core] == nil; i += cores {
				l, err := Decode(p.rows[i].State)
				if err != nil {
					faults[core] = fmt.Errorf("decode lead %s: %w", p.rows[i].ID, err)
					return
				}
				changes[i] = sequence.Compare(l, from, to, now)
			}
		})
	}
	work.Wait()
	return changes, errors.Join(faults...)
}
