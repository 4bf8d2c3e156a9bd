package postgres

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// The kinds of what may be suppressed.
const (
	KindEmail  = "email"
	KindDomain = "domain"
	KindPhone  = "phone"
)

// ViaBounce says that an address does not exist, where every other way says that
// somebody wants to be left alone.
const ViaBounce = "bounce"

// Suppression is one entry of the list.
type Suppression struct {
	Kind string
	Hash []byte // by Hash
	Via  string
}

// ErrHandingOver: a mail is on its way to the server at this moment, and a stop
// would not hold for it. Try again. Returned by SuppressAll.
var ErrHandingOver = errors.New("a mail is being handed over to what is to be stopped")

// suppressAtOnce is how many entries go into one transaction: each holds a lock.
const suppressAtOnce = 1000

// StopWaits is how long a stop waits for mail that is being handed over.
const StopWaits = 20 * time.Second

// SuppressAll adds entries to the list and leaves a message for every living lead
// they concern, for the relay to hand over. When it returns nil, no send begins
// any more to any of them. Entries that are there already change nothing; how many
// are new is returned, also with an error: what was added before it stays. The lead
// of somebody who is enrolled meanwhile learns of it when its first mail is refused.
func (s *Store) SuppressAll(ctx context.Context, all []Suppression, by string, at time.Time) (added int, err error) {
	all = inOrder(all)
	people, err := s.concernedBy(ctx, all)
	if err != nil {
		return 0, fmt.Errorf("find whom the suppressions concern: %w", err)
	}
	for chunk := range slices.Chunk(all, suppressAtOnce) {
		var news []db.AddSuppressionsRow
		err := s.Tx(ctx, func(tx pgx.Tx, q *db.Queries) (err error) {
			if news, err = suppress(ctx, tx, q, chunk, at); err != nil {
				return err
			}
			return tellSuppressed(ctx, q, news, people, by, at)
		})
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "55P03" {
			return added, ErrHandingOver
		}
		if err != nil {
			return added, fmt.Errorf("add to the suppression list: %w", err)
		}
		added += len(news)
	}
	return added, nil
}

// inOrder sorts entries so that locks are always taken in the same order, with
// addresses before domains, and leaves each out that comes again: a stop stays
// where an address bounced too.
func inOrder(all []Suppression) []Suppression {
	rank := map[string]int{KindEmail: 0, KindDomain: 1, KindPhone: 2}
	bounced := map[bool]int{true: 1}
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Suppression) int {
		return cmp.Or(rank[a.Kind]-rank[b.Kind], bytes.Compare(a.Hash, b.Hash), bounced[a.Via == ViaBounce]-bounced[b.Via == ViaBounce])
	})
	return slices.CompactFunc(all, func(a, b Suppression) bool { return a.Kind == b.Kind && bytes.Equal(a.Hash, b.Hash) })
}

// keyOf is how an entry is found in memory.
func keyOf(kind string, hash []byte) string { return kind + string(hash) }

// concernedBy finds the people behind entries, by keyOf.
func (s *Store) concernedBy(ctx context.Context, all []Suppression) (map[string][]db.PeopleOfHashesRow, error) {
	find := db.PeopleOfHashesParams{}
	for _, e := range all {
		switch e.Kind {
		case KindEmail:
			find.Emails = append(find.Emails, e.Hash)
		case KindDomain:
			find.Domains = append(find.Domains, e.Hash)
		case KindPhone:
			find.Phones = append(find.Phones, e.Hash)
		}
	}
	rows, err := s.PeopleOfHashes(ctx, find)
	if err != nil {
		return nil, err
	}
	people := map[string][]db.PeopleOfHashesRow{}
	for _, p := range rows {
		email := text(p.Email)
		for kind, value := range map[string]string{KindEmail: email, KindDomain: Domain(email), KindPhone: text(p.Phone)} {
			key := keyOf(kind, hashOf(value))
			people[key] = append(people[key], p)
		}
	}
	return people, nil
}

// suppress adds entries and gives those that are new.
func suppress(ctx context.Context, tx pgx.Tx, q *db.Queries, entries []Suppression, at time.Time) ([]db.AddSuppressionsRow, error) {
	if _, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = %d", StopWaits.Milliseconds())); err != nil {
		return nil, err
	}
	rows, locks := db.AddSuppressionsParams{At: at}, &pgx.Batch{}
	for _, e := range entries {
		if e.Kind != KindPhone { // nothing is sent to a number
			locks.Queue(string(exclusive), hex.EncodeToString(e.Hash))
		}
		rows.Kinds, rows.Hashes, rows.Vias = append(rows.Kinds, e.Kind), append(rows.Hashes, e.Hash), append(rows.Vias, e.Via)
	}
	if err := tx.SendBatch(ctx, locks).Close(); err != nil {
		return nil, fmt.Errorf("wait for the addresses: %w", err)
	}
	return q.AddSuppressions(ctx, rows)
}

// suppressed are the people that new entries concern, by what becomes of them.
type suppressed struct {
	via             map[string]string // of each new entry, by keyOf
	stopped, silent []uuid.UUID       // people: never again, and not by phone
	ends            map[string][]uuid.UUID
	noMail, noPhone []uuid.UUID // leads
}

// tellSuppressed lets the leads know, as a stop of their own does (R72).
func tellSuppressed(ctx context.Context, q *db.Queries, news []db.AddSuppressionsRow, people map[string][]db.PeopleOfHashesRow, by string, at time.Time) error {
	s := suppressed{via: map[string]string{}, ends: map[string][]uuid.UUID{}}
	for _, n := range news {
		s.via[keyOf(n.Kind, n.ValueHash)] = n.Via
	}
	sorted := map[uuid.UUID]bool{}
	for key := range s.via {
		for _, p := range people[key] {
			if !sorted[p.ID] {
				sorted[p.ID] = true
				s.sort(p)
			}
		}
	}
	if len(sorted) == 0 {
		return nil
	}
	for _, t := range []db.CancelTasksOfPeopleParams{
		{People: s.stopped, Why: "they said stop"},
		{People: s.silent, Why: "their number is not called any more", Kind: string(sequence.TaskCall)},
	} {
		t.At = &at
		if err := q.CancelTasksOfPeople(ctx, t); err != nil {
			return err
		}
	}
	return s.leaveWord(ctx, q, by)
}

// sort finds out what becomes of a person. People share numbers, so a number
// stops only whoever is known by nothing else; an address that bounced stops nobody.
func (s *suppressed) sort(p db.PeopleOfHashesRow) {
	phone, byPhone := s.via[keyOf(KindPhone, hashOf(text(p.Phone)))]
	via, byMail := s.via[keyOf(KindEmail, hashOf(text(p.Email)))]
	if domain, ok := s.via[keyOf(KindDomain, hashOf(Domain(text(p.Email))))]; ok && (!byMail || via == ViaBounce) {
		via, byMail = domain, true
	}
	if byPhone && p.Email == nil {
		via, byMail = phone, true
	}
	var lead []uuid.UUID
	if p.LeadID != nil {
		lead = append(lead, *p.LeadID)
	}
	switch {
	case byMail && via != ViaBounce:
		s.stopped, s.ends[via] = append(s.stopped, p.ID), append(s.ends[via], lead...)
		return
	case byMail:
		s.noMail = append(s.noMail, lead...)
	}
	if byPhone {
		s.silent, s.noPhone = append(s.silent, p.ID), append(s.noPhone, lead...)
	}
}

func (s *suppressed) leaveWord(ctx context.Context, q *db.Queries, by string) error {
	id := uuid.NewString()
	for via, leads := range s.ends {
		if err := leave(ctx, q, leads, workflows.OptOutSignal, sequence.OptedOut{By: sequence.By{Actor: by}, ID: id, Via: via}); err != nil {
			return err
		}
	}
	if err := leave(ctx, q, s.noMail, workflows.AddressFailedSignal, sequence.AddressFailed{ID: id, Channel: sequence.ByEmail}); err != nil {
		return err
	}
	return leave(ctx, q, s.noPhone, workflows.AddressFailedSignal, sequence.AddressFailed{ID: id, Channel: sequence.ByCall})
}

// EachSuppression calls do with every entry, the oldest first.
func (s *Store) EachSuppression(ctx context.Context, do func(Suppression, time.Time) error) error {
	rows, err := s.Pool.Query(ctx, "SELECT kind, value_hash, via, created_at FROM suppressions ORDER BY created_at, id")
	if err != nil {
		return fmt.Errorf("read the suppression list: %w", err)
	}
	var e Suppression
	var at time.Time
	_, err = pgx.ForEachRow(rows, []any{&e.Kind, &e.Hash, &e.Via, &at}, func() error { return do(e, at) })
	return err
}
