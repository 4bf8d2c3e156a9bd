package door

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// InvitationAnswer is what a calendar answered to the invitation to a call
// (RFC 5546: REPLY, COUNTER).
type InvitationAnswer struct {
	ID     uuid.UUID // the same one counts once; made when nil
	Person uuid.UUID // who answers
	UID    string
	Seq    int // SEQUENCE of the invitation that is answered
	Answer sequence.InvitationAnswer
	At     time.Time // of a counter: the time proposed
}

// TakeInvitationAnswer passes an answer on to the lead whose call it is about;
// uuid.Nil when the person has none.
func (d *Door) TakeInvitationAnswer(ctx context.Context, a InvitationAnswer) (lead uuid.UUID, err error) {
	if a.ID == uuid.Nil {
		a.ID = uuid.New()
	}
	var messages []db.Dispatch
	err = d.Store.Tx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		messages = nil
		if lead, err = d.leadOfCall(ctx, q, a); err != nil || lead == uuid.Nil {
			return err
		}
		row := db.InsertInvitationAnswerParams{
			ID: a.ID, LeadID: lead, PersonID: a.Person, Uid: a.UID, Seq: int32(a.Seq), Answer: string(a.Answer), ReceivedAt: d.Now(),
		}
		if !a.At.IsZero() {
			row.ProposedAt = &a.At
		}
		n, err := q.InsertInvitationAnswer(ctx, row)
		if err != nil || n == 0 {
			return err
		}
		l, err := q.Lead(ctx, lead)
		if err != nil {
			return err
		}
		event := sequence.InvitationAnswered{ID: a.ID.String(), UID: a.UID, Seq: a.Seq, Answer: a.Answer, At: a.At}
		if l.PersonID != a.Person {
			event.From = a.Person.String()
		}
		m, err := tell(ctx, q, lead, workflows.InvitationSignal, event)
		messages = append(messages, m)
		return err
	})
	if err != nil {
		return lead, err
	}
	d.handNow(ctx, messages)
	return lead, nil
}

// leadOfCall is the lead whose id the call's UID begins with, if it is about this
// person; else the person's own. Anybody can write anything into a UID.
func (d *Door) leadOfCall(ctx context.Context, q *db.Queries, a InvitationAnswer) (uuid.UUID, error) {
	const length = len("00000000-0000-0000-0000-000000000000")
	if len(a.UID) > length {
		if lead, err := uuid.Parse(a.UID[:length]); err == nil {
			about, err := q.LeadInvolves(ctx, db.LeadInvolvesParams{LeadID: lead, PersonID: a.Person})
			if err != nil || about {
				return lead, err
			}
		}
	}
	return d.livingLead(ctx, q, a.Person)
}
