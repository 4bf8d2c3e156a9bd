package door

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// Person is somebody who comes in, by address, by number, or both.
type Person struct {
	Name, Email, Phone   string
	Account, Title       string
	Zone, Country, Basis string
}

// Engagement is what somebody did.
type Engagement struct {
	Kind       sequence.Kind
	Detail     string
	At         time.Time // zero: now
	ExternalID string    // of the system that reports it; the same one counts once
}

// Enrolment asks for a new lead.
type Enrolment struct {
	Person
	Engagement
	Owner  *uuid.UUID // nil: the rep with the fewest leads
	Amount *int64     // expected value in cents
	By     string     // id of the user, or of the key
}

// Status says what an engagement did.
type Status string

// What an engagement can do.
const (
	Created    Status = "lead_created"
	Recorded   Status = "recorded"
	Repeated   Status = "repeated"   // known already, no effect
	Suppressed Status = "suppressed" // recorded; the person said stop
)

// Result is what came of an engagement.
type Result struct {
	Status     Status
	Lead       uuid.UUID // nil when suppressed
	Engagement uuid.UUID
}

// Enrol makes a new lead. AlreadyEnrolled, ErrStopped, ErrNoRep and ErrOwner are
// the caller's to mend; nothing is changed then.
func (d *Door) Enrol(ctx context.Context, e Enrolment) (Result, error) { return d.takeIn(ctx, e, true) }

// Engage records that somebody did something: it reopens their lead, or makes
// one. A person who said stop gets no lead; the record is kept.
func (d *Door) Engage(ctx context.Context, e Enrolment) (Result, error) {
	return d.takeIn(ctx, e, false)
}

func (d *Door) takeIn(ctx context.Context, e Enrolment, mustBeNew bool) (r Result, err error) {
	now := d.Now()
	if e.At.IsZero() {
		e.At = now
	}
	var messages []db.Dispatch
	err = d.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		r, messages = Result{}, nil
		if e.ExternalID != "" {
			// One at a time per report, so that it cannot count twice.
			if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", e.ExternalID); err != nil {
				return err
			}
			if known, err := q.EngagementByExternal(ctx, &e.ExternalID); err == nil {
				r = Result{Status: Repeated, Engagement: known.ID}
				if known.LeadID != nil {
					r.Lead = *known.LeadID
				}
				return nil
			} else if !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
		}
		p, err := d.person(ctx, q, e.Person)
		if err != nil {
			return err
		}
		// One at a time per person, so that two requests cannot both enrol them.
		if _, err := tx.Exec(ctx, "SELECT 1 FROM people WHERE id = $1 FOR NO KEY UPDATE", p.ID); err != nil {
			return err
		}
		stopped, err := postgres.Stopped(ctx, q, p)
		if err != nil {
			return err
		}
		if stopped && mustBeNew {
			return ErrStopped
		}
		if r.Engagement, err = uuid.NewV7(); err != nil {
			return err
		}
		row := db.InsertEngagementParams{ID: r.Engagement, PersonID: p.ID, Kind: string(e.Kind), Detail: e.Detail, OccurredAt: e.At}
		if e.ExternalID != "" {
			row.ExternalID = &e.ExternalID
		}
		if stopped {
			r.Status = Suppressed
			_, err = q.InsertEngagement(ctx, row)
			return err
		}
		living, err := d.livingLead(ctx, q, p.ID)
		if err != nil {
			return err
		}
		if living != uuid.Nil {
			if mustBeNew {
				return AlreadyEnrolled{living}
			}
			r.Status, r.Lead, row.LeadID = Recorded, living, &living
			if _, err := q.InsertEngagement(ctx, row); err != nil {
				return err
			}
			m, err := tell(ctx, q, living, workflows.EngagementSignal,
				sequence.EngagementRecorded{ID: r.Engagement.String(), Kind: e.Kind, At: e.At})
			messages = append(messages, m)
			return err
		}
		m, err := d.newLead(ctx, q, e, p, &r, row, now)
		messages = append(messages, m)
		return err
	})
	if err != nil {
		return r, err
	}
	d.handNow(ctx, messages)
	return r, nil
}

// livingLead is the lead of a person, or the one for which they are written to
// as a stakeholder; uuid.Nil when there is none.
func (d *Door) livingLead(ctx context.Context, q *db.Queries, person uuid.UUID) (uuid.UUID, error) {
	l, err := q.LivingLead(ctx, person)
	if err == nil {
		return l.ID, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, err
	}
	others, err := q.LeadsWithStakeholder(ctx, person)
	if err != nil || len(others) == 0 {
		return uuid.Nil, err
	}
	return others[0].ID, nil
}

func (d *Door) newLead(ctx context.Context, q *db.Queries, e Enrolment, p db.Person, r *Result, row db.InsertEngagementParams, now time.Time) (db.Dispatch, error) {
	owner, err := d.owner(ctx, q, e.Owner)
	if err != nil {
		return db.Dispatch{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return db.Dispatch{}, err
	}
	stage, pb := sequence.Warm, d.Playbook()
	if s := pb.Sources[e.Kind]; s.Enters != "" {
		stage = s.Enters
	}
	r.Status, r.Lead, row.LeadID = Created, id, &id
	if err := q.InsertLead(ctx, db.InsertLeadParams{
		ID: id, PersonID: p.ID, AccountID: p.AccountID, OwnerID: owner, Source: string(e.Kind),
		Playbook: pb.ID, Stage: string(stage), Amount: e.Amount, At: now,
	}); err != nil {
		return db.Dispatch{}, err
	}
	if _, err := q.InsertEngagement(ctx, row); err != nil {
		return db.Dispatch{}, err
	}
	silent := p.Phone == nil
	if !silent { // a number that was stopped for one who shares it is not called
		if silent, err = q.NumberStopped(ctx, postgres.Hash(*p.Phone)); err != nil {
			return db.Dispatch{}, err
		}
	}
	in := workflows.Input{
		Lead: sequence.Lead{
			ID: id.String(), Owner: owner.String(), Source: e.Kind, Zone: p.Zone, Country: p.Country,
			Playbook: pb.ID, NoEmail: p.Email == nil, NoPhone: silent,
		},
		Enrolled: &sequence.Enrolled{By: sequence.By{Actor: e.By}, ID: r.Engagement.String(), Kind: e.Kind},
	}
	if e.Amount != nil {
		in.Lead.Amount = *e.Amount
	}
	if p.AccountID != nil {
		in.Lead.Account = p.AccountID.String()
		if err := q.LockAccount(ctx, *p.AccountID); err != nil {
			return db.Dispatch{}, err
		}
		talking, err := q.TalkingAt(ctx, p.AccountID)
		if err != nil {
			return db.Dispatch{}, err
		}
		for _, lead := range talking {
			in.Enrolled.Talking = append(in.Enrolled.Talking, lead.String())
		}
	}
	return dispatch(ctx, q, id, workflows.StartMessage, in)
}

func (d *Door) owner(ctx context.Context, q *db.Queries, named *uuid.UUID) (uuid.UUID, error) {
	if named != nil {
		u, err := q.User(ctx, *named)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && !u.Active {
			return uuid.Nil, ErrOwner
		}
		return u.ID, err
	}
	id, err := q.LeastBusyRep(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return id, ErrNoRep
	}
	return id, err
}

// person finds or makes the row of a person and completes what was missing.
func (d *Door) person(ctx context.Context, q *db.Queries, in Person) (db.Person, error) {
	var account *uuid.UUID
	if in.Account != "" {
		a, err := q.AccountByName(ctx, db.AccountByNameParams{ID: uuid.New(), Name: in.Account})
		if err != nil {
			return db.Person{}, err
		}
		account = &a.ID
	}
	email, phone := pointer(strings.ToLower(in.Email)), pointer(in.Phone)
	if email == nil {
		if err := q.LockPhone(ctx, in.Phone); err != nil {
			return db.Person{}, err
		}
	}
	find := func() (db.Person, error) {
		if email != nil {
			return q.PersonByEmail(ctx, email)
		}
		return q.PersonByPhone(ctx, phone)
	}
	p, err := find()
	if errors.Is(err, pgx.ErrNoRows) {
		token := make([]byte, 16)
		_, _ = rand.Read(token) // never fails
		p, err = q.InsertPerson(ctx, db.InsertPersonParams{
			ID: uuid.New(), AccountID: account, Name: in.Name, Email: email, Phone: phone, Zone: in.Zone,
			Country: in.Country, Title: in.Title, Basis: in.Basis, UnsubscribeToken: hex.EncodeToString(token),
		})
		if err == nil {
			return p, nil
		}
		if errors.Is(err, pgx.ErrNoRows) { // made by another request meanwhile
			p, err = find()
		}
	}
	if err != nil {
		return p, fmt.Errorf("find the person: %w", err)
	}
	err = q.CompletePerson(ctx, db.CompletePersonParams{
		AccountID: account, Phone: phone, Name: in.Name, Zone: in.Zone, Country: in.Country, Title: in.Title, ID: p.ID,
	})
	if err != nil {
		return p, err
	}
	return q.Person(ctx, p.ID)
}

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
