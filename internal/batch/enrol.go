package batch

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// enrol has people whose leads are over begin a new life, each once.
func (b Batches) enrol(ctx context.Context, v View, rows []db.NextOfBatchRow, answers []answered) error {
	ids, place := make([]uuid.UUID, len(rows)), map[uuid.UUID]int{}
	for n, r := range rows {
		ids[n], place[r.LeadID] = r.LeadID, n
		answers[n] = answered{Lead: r.LeadID, Result: Asked}
	}
	former, err := b.Store.FormerLeads(ctx, ids)
	if err != nil {
		return fmt.Errorf("read who is enrolled again by batch %s: %w", v.ID, err)
	}
	var places []int
	var all []door.Enrolment
	for _, f := range former {
		n := place[f.ID]
		if f.Erased || f.Email == nil && f.Phone == nil {
			answers[n].refuse(&sequence.Refusal{Code: "person_erased", Message: "who this was is not known any more", Remedy: "nothing needs to be done"})
			continue
		}
		places, all = append(places, n), append(all, v.enrolment(f))
	}
	attempts, err := b.Door.EnrolAll(ctx, all)
	if err != nil {
		return err
	}
	for i, t := range attempts {
		a := &answers[places[i]]
		if t.Err != nil {
			if r := refusalOf(t.Err); r != nil {
				a.refuse(r)
				continue
			}
			return fmt.Errorf("enrol lead %s again: %w", a.Lead, t.Err)
		}
		a.Result, a.Made = Done, &t.Lead
	}
	return nil
}

func (v View) enrolment(f db.FormerLeadsRow) door.Enrolment {
	e := door.Enrolment{
		Person:     door.Person{Name: f.Name, Account: f.Account, Title: f.Title, Zone: f.Zone, Country: f.Country, Basis: v.Terms.Basis},
		Engagement: door.Engagement{Kind: v.Terms.Source, Detail: v.Terms.Detail, ExternalID: "batch:" + v.ID.String() + "/" + f.ID.String()},
		Owner:      some(v.Terms.Owner), By: v.StartedBy,
	}
	if f.Email != nil {
		e.Email = *f.Email
	}
	if f.Phone != nil {
		e.Phone = *f.Phone
	}
	if e.Owner == nil && f.Active {
		e.Owner = &f.OwnerID
	}
	return e
}

// refusalOf is why somebody is not followed up anew; nil when that is not theirs.
func refusalOf(err error) *sequence.Refusal {
	var already door.AlreadyEnrolled
	switch {
	case errors.As(err, &already):
		return &sequence.Refusal{Code: "already_enrolled", Message: "this person has a living lead", Remedy: "look at it: " + already.Lead.String()}
	case errors.Is(err, door.ErrStopped):
		return &sequence.Refusal{Code: "person_said_stop", Message: "this person said stop", Remedy: "nothing may be sent to them; only they can change that"}
	case errors.Is(err, door.ErrOwner), errors.Is(err, door.ErrNoRep):
		return &sequence.Refusal{Code: "no_owner", Message: "there is nobody to give the lead to", Remedy: "name an active user as owner"}
	}
	return nil
}
