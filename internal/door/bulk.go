package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// Attempt is what came of one of several enrolments.
type Attempt struct {
	Result
	Err error // the caller's to mend: as Enrol returns it, postgres.ErrInvalid or postgres.ErrTaken
}

// EnrolAll makes new leads, each for itself: one that cannot be made says why in
// its place and hinders no other. The relay hands them over.
//
// An error says that not all were tried; what was made until then stays. The same
// enrolments again, under the same ExternalIDs, give the same leads. Together they
// are one report: their ids come in no other request.
func (d *Door) EnrolAll(ctx context.Context, all []Enrolment) ([]Attempt, error) {
	defer d.Bell.ring()
	attempts := make([]Attempt, len(all))
	if err := d.enrolStrangers(ctx, all, attempts); err != nil && !isOfARow(err) {
		return nil, fmt.Errorf("enrol %d people: %w", len(all), err)
	}
	for i, e := range all {
		if attempts[i].Status != "" {
			continue
		}
		r, _, err := d.record(ctx, e, true)
		if err != nil && !isOfARow(err) && !isMendable(err) {
			return nil, fmt.Errorf("enrol one of %d people: %w", len(all), err)
		}
		attempts[i] = Attempt{r, err}
	}
	return attempts, nil
}

// isOfARow: the database refuses a row, which may be one of many.
func isOfARow(err error) bool {
	return errors.Is(err, postgres.ErrInvalid) || errors.Is(err, postgres.ErrTaken)
}

func isMendable(err error) bool {
	var already AlreadyEnrolled
	return errors.As(err, &already) || errors.Is(err, ErrStopped) || errors.Is(err, ErrNoRep) || errors.Is(err, ErrOwner)
}

// enrolStrangers makes the leads of everybody who is plainly new, in one
// transaction of a few statements. All others are left to be looked at one by one.
func (d *Door) enrolStrangers(ctx context.Context, all []Enrolment, attempts []Attempt) error {
	if len(all) == 0 {
		return nil
	}
	var c *crowd
	err := d.Store.Tx(ctx, func(tx pgx.Tx, q *db.Queries) error {
		// One at a time per report, so that it cannot count twice.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 8))", all[0].ExternalID); err != nil {
			return err
		}
		c = &crowd{q: q}
		if err := c.gather(ctx, all); err != nil {
			return err
		}
		return c.begin(ctx, d.Playbook(), d.Now())
	})
	if err != nil {
		return err
	}
	for _, n := range c.people {
		attempts[n.place].Result = Result{Created, n.lead, n.engagement}
	}
	return nil
}

// begin makes the leads of a crowd and writes down that they are to start.
func (c *crowd) begin(ctx context.Context, pb *sequence.Playbook, now time.Time) error {
	var leads []db.CopyLeadsParams
	var engagements []db.CopyEngagementsParams
	var starts []db.CopyDispatchesParams
	for _, n := range c.people {
		start, err := json.Marshal(n.input(pb))
		if err != nil {
			return fmt.Errorf("encode the start of lead %s: %w", n.lead, err)
		}
		at := n.At
		if at.IsZero() {
			at = now
		}
		leads = append(leads, db.CopyLeadsParams{
			ID: n.lead, PersonID: n.person.ID, AccountID: n.person.AccountID, OwnerID: n.owner, Source: string(n.Kind), Playbook: pb.ID,
			Stage: string(enters(pb, n.Kind)), Amount: n.Amount, CreatedAt: now, UpdatedAt: now,
		})
		engagements = append(engagements, db.CopyEngagementsParams{
			ID: n.engagement, PersonID: n.person.ID, LeadID: &n.lead, Kind: string(n.Kind), Detail: n.Detail, OccurredAt: at, ExternalID: pointer(n.ExternalID),
			Basis: n.Basis, ReportedBy: n.By,
		})
		starts = append(starts, db.CopyDispatchesParams{ID: uuid.Must(uuid.NewV7()), LeadID: n.lead, Message: workflows.StartMessage, Payload: start})
	}
	if _, err := c.q.CopyLeads(ctx, leads); err != nil {
		return err
	}
	if _, err := c.q.CopyEngagements(ctx, engagements); err != nil {
		return err
	}
	_, err := c.q.CopyDispatches(ctx, starts)
	return err
}
