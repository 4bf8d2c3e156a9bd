package door

import (
	"cmp"
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
// one. A person who said stop gets no lead; the record is kept. Of somebody who said
// stop and whom we do not know, or not any more, nothing is written down.
func (d *Door) Engage(ctx context.Context, e Enrolment) (Result, error) {
	r, err := d.takeIn(ctx, e, false)
	if errors.Is(err, ErrStopped) {
		return Result{Status: Suppressed}, nil
	}
	return r, err
}

func (d *Door) takeIn(ctx context.Context, e Enrolment, mustBeNew bool) (Result, error) {
	r, messages, err := d.record(ctx, e, mustBeNew)
	if err != nil {
		return r, err
	}
	d.handNow(ctx, messages)
	return r, nil
}

// record writes down what somebody did, and what their workflow has to be told.
func (d *Door) record(ctx context.Context, e Enrolment, mustBeNew bool) (r Result, messages []db.Dispatch, err error) {
	now := d.Now()
	if e.At.IsZero() {
		e.At = now
	}
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
		// One at a time per person, so that two requests cannot both enrol them, and none
		// somebody who is erased meanwhile.
		if err := tx.QueryRow(ctx, "SELECT erased_at FROM people WHERE id = $1 FOR NO KEY UPDATE", p.ID).Scan(&p.ErasedAt); err != nil {
			return err
		}
		stopped, err := postgres.Stopped(ctx, q, p)
		if err != nil {
			return err
		}
		if stopped && (mustBeNew || p.ErasedAt != nil) {
			return ErrStopped
		}
		if r.Engagement, err = uuid.NewV7(); err != nil {
			return err
		}
		row := db.InsertEngagementParams{ID: r.Engagement, PersonID: p.ID, Kind: string(e.Kind), Detail: e.Detail, OccurredAt: e.At, Basis: e.Basis, ReportedBy: e.By}
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
	return r, messages, err
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
	pb := d.Playbook()
	r.Status, r.Lead, row.LeadID = Created, id, &id
	if err := q.InsertLead(ctx, db.InsertLeadParams{
		ID: id, PersonID: p.ID, AccountID: p.AccountID, OwnerID: owner, Source: string(e.Kind),
		Playbook: pb.ID, Stage: string(enters(pb, e.Kind)), Amount: e.Amount, At: now,
	}); err != nil {
		return db.Dispatch{}, err
	}
	if _, err := q.InsertEngagement(ctx, row); err != nil {
		return db.Dispatch{}, err
	}
	life := newLife{lead: id, owner: owner, engagement: r.Engagement, person: p, Enrolment: e, silent: p.Phone == nil}
	if !life.silent { // a number that was stopped for one who shares it is not called
		if life.silent, err = q.NumberStopped(ctx, postgres.Hash(*p.Phone)); err != nil {
			return db.Dispatch{}, err
		}
	}
	if p.AccountID != nil {
		if err := q.LockAccount(ctx, *p.AccountID); err != nil {
			return db.Dispatch{}, err
		}
		if life.talking, err = q.TalkingAt(ctx, p.AccountID); err != nil {
			return db.Dispatch{}, err
		}
	}
	return dispatch(ctx, q, id, workflows.StartMessage, life.input(pb))
}

// newLife is what a lead begins with.
type newLife struct {
	Enrolment
	lead, owner, engagement uuid.UUID
	person                  db.Person
	silent                  bool        // cannot be called
	talking                 []uuid.UUID // leads of the account that are in conversation
}

func (n newLife) input(pb *sequence.Playbook) workflows.Input {
	in := workflows.Input{
		Lead: sequence.Lead{
			ID: n.lead.String(), Owner: n.owner.String(), Source: n.Kind, Zone: n.person.Zone, Country: n.person.Country,
			Playbook: pb.ID, NoEmail: n.person.Email == nil, NoPhone: n.silent,
		},
		Enrolled: &sequence.Enrolled{By: sequence.By{Actor: n.By}, ID: n.engagement.String(), Kind: n.Kind},
	}
	if n.Amount != nil {
		in.Lead.Amount = *n.Amount
	}
	if n.person.AccountID != nil {
		in.Lead.Account = n.person.AccountID.String()
	}
	for _, lead := range n.talking {
		in.Enrolled.Talking = append(in.Enrolled.Talking, lead.String())
	}
	return in
}

// enters is the stage in which a lead of this kind begins (R12).
func enters(pb *sequence.Playbook, kind sequence.Kind) sequence.Stage {
	return cmp.Or(pb.Sources[kind].Enters, sequence.Warm)
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

// person finds or makes the row of a person and completes what was missing. Nobody
// is made of an address that said stop: ErrStopped.
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
	p, err := known(ctx, q, in)
	if errors.Is(err, pgx.ErrNoRows) {
		p, err = q.InsertPerson(ctx, db.InsertPersonParams{
			ID: uuid.New(), AccountID: account, Name: in.Name, Email: email, Phone: phone, Zone: in.Zone,
			Country: in.Country, Title: in.Title, Basis: in.Basis, UnsubscribeToken: newToken(),
		})
		if err == nil {
			return p, nil
		}
		if errors.Is(err, pgx.ErrNoRows) { // made by another request meanwhile
			p, err = known(ctx, q, in)
		}
	}
	if err != nil {
		return p, fmt.Errorf("find the person: %w", err)
	}
	err = q.CompletePerson(ctx, db.CompletePersonParams{
		AccountID: account, Phone: phone, Name: in.Name, Zone: in.Zone, Country: in.Country, Title: in.Title, Basis: in.Basis, ID: p.ID,
	})
	if err != nil {
		return p, err
	}
	return q.Person(ctx, p.ID)
}

// known finds a person by their address, or by their number where no address is given.
// Errors: pgx.ErrNoRows, and ErrStopped of somebody unknown who said stop.
func known(ctx context.Context, q *db.Queries, in Person) (p db.Person, err error) {
	email, phone := pointer(strings.ToLower(in.Email)), pointer(in.Phone)
	if email != nil {
		p, err = q.PersonByEmail(ctx, email)
	} else {
		p, err = q.PersonByPhone(ctx, phone)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return p, err
	}
	stopped, stopErr := postgres.Stopped(ctx, q, db.Person{Email: email, Phone: phone})
	if stopErr != nil || stopped {
		return p, cmp.Or(stopErr, ErrStopped)
	}
	return p, err
}

// Complete fills in what was missing about a person who is known.
func (d *Door) Complete(ctx context.Context, in Person) error {
	return d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		_, err := d.person(ctx, q, in)
		return err
	})
}

// newToken is the secret of a link to unsubscribe.
func newToken() string {
	token := make([]byte, 16)
	_, _ = rand.Read(token) // never fails
	return hex.EncodeToString(token)
}

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
