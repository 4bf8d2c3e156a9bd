package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/intake"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// effect makes of a delivery what it says. Run twice, it has one effect: what it writes
// has ids that follow from the delivery's.
func (a *API) effect(ctx context.Context, d hook.Delivery) (hook.Settled, error) {
	if d.Body == nil {
		return hook.Settled{State: hook.Failed, Reason: "what it brought is no longer kept", Remedy: "have the service send it anew"}, nil
	}
	r, err := d.Report()
	var wrong hook.Unreadable
	switch {
	case errors.As(err, &wrong):
		return hook.Settled{State: hook.Failed, Reason: wrong.Reason, Remedy: wrong.Remedy}, nil
	case err != nil:
		return hook.Settled{}, err
	case r.Ignored != "":
		return hook.Settled{State: hook.Ignored, Reason: r.Ignored}, nil
	}
	ctx = context.WithValue(ctx, callerKey{}, caller{ // as a request of the source, which is repeated until it is settled
		Principal: "hook:" + d.Source.Name, Role: Integration, RequestKey: d.ID.String(), Repeats: d.Attempts > 1,
	})
	var s hook.Settled
	if r.Booking != nil {
		s, err = a.booking(ctx, d, *r.Booking)
	} else {
		s, err = a.reported(ctx, d, r.Engaged)
	}
	if s.Reason == "" && len(r.LeftOut) > 0 {
		s.Reason = "left out: " + strings.Join(r.LeftOut, "; ")
	}
	return s, err
}

// reported takes in what people did.
func (a *API) reported(ctx context.Context, d hook.Delivery, all []hook.Engaged) (s hook.Settled, err error) {
	s = hook.Settled{State: hook.Done}
	for _, e := range all {
		if says := intake.Occurred(e.At, a.now()); says != "" {
			return s, invalid([]Fault{{"occurred_at", says}})
		}
		r, err := a.engage(ctx, d, e, d.Source.OwnerID)
		if err != nil {
			return s, err
		}
		if r.Status == door.Suppressed {
			s.Reason = "recorded, and nothing else: they said stop"
			continue
		}
		s.Lead = &r.Lead
	}
	return s, nil
}

func (a *API) engage(ctx context.Context, d hook.Delivery, e hook.Engaged, owner *uuid.UUID) (door.Result, error) {
	kind := sequence.Kind(d.Source.Engagement)
	if says := intake.Kind(a.Door.Playbook(), kind); says != "" {
		return door.Result{}, problem(http.StatusUnprocessableEntity, "unknown_kind", says, "change the engagement of the source, and process it again")
	}
	if e.Person.Basis == "" {
		e.Person.Basis = "reported by " + d.Source.Name
	}
	at := e.At
	if at.IsZero() {
		at = d.ReceivedAt
	}
	return a.Door.Engage(ctx, door.Enrolment{
		Person: e.Person, Owner: owner, By: callerOf(ctx).actor(),
		Engagement: door.Engagement{Kind: kind, Detail: e.Detail, At: at, ExternalID: "hook:" + d.Source.Name + ":" + cmp.Or(e.ExternalID, d.ID.String())},
	})
}

// booking brings what happened to a booked call to its lead, as if a rep had recorded it.
func (a *API) booking(ctx context.Context, d hook.Delivery, b hook.Booking) (hook.Settled, error) {
	switch b.What {
	case hook.Booked, hook.Moved:
		over, err := a.Hooks.Over(ctx, d)
		if err != nil {
			return hook.Settled{}, err
		}
		if over {
			return hook.Settled{State: hook.Ignored, Reason: "the booking was moved or called off since"}, nil
		}
		return a.agreed(ctx, d, b)
	case hook.Cancelled:
		return a.calledOff(ctx, b)
	case hook.NoShow:
		lead, person, err := a.leadOf(ctx, b.Person)
		if err != nil || lead == nil {
			return nobodys(), err
		}
		return a.recorded(ctx, lead.ID, with(*lead, person.ID), OutcomeBody{Outcome: sequence.MissedByLead})
	}
	return hook.Settled{}, fmt.Errorf("nobody knows what it means that a booking is %q", b.What)
}

// agreed has the call stand in the life of whoever booked it, which begins if there is
// none. A booking that moved is no new sign of interest where there is one.
func (a *API) agreed(ctx context.Context, d hook.Delivery, b hook.Booking) (hook.Settled, error) {
	lead, _, err := a.leadOf(ctx, b.Person)
	if err != nil {
		return hook.Settled{}, err
	}
	if lead == nil || b.What == hook.Booked {
		owner, err := a.organizer(ctx, d, b.Organizer)
		if err != nil {
			return hook.Settled{}, err
		}
		r, err := a.engage(ctx, d, hook.Engaged{Person: b.Person, Detail: b.Detail, ExternalID: "booking:" + d.Subject}, owner)
		if err != nil {
			return hook.Settled{}, err
		}
		if r.Status == door.Suppressed || r.Lead == uuid.Nil {
			return hook.Settled{State: hook.Ignored, Reason: "recorded, and nothing else: they said stop"}, nil
		}
	}
	lead, person, err := a.leadOf(ctx, b.Person)
	if err != nil || lead == nil {
		return nobodys(), err
	}
	return a.recorded(ctx, lead.ID, with(*lead, person.ID), OutcomeBody{Outcome: sequence.CallScheduled, NextStep: &NextStepBody{At: b.At}})
}

// organizer is the user whose calendar was booked, else the owner of the source.
func (a *API) organizer(ctx context.Context, d hook.Delivery, address string) (*uuid.UUID, error) {
	u, err := a.Store.UserByEmail(ctx, address)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return d.Source.OwnerID, nil
	case err != nil:
		return nil, fmt.Errorf("find the organiser of a booking: %w", err)
	}
	return &u.ID, nil
}

// calledOff is a no to the invitation that stands: the call falls away, and the owner is
// asked to agree on another (R21).
func (a *API) calledOff(ctx context.Context, b hook.Booking) (hook.Settled, error) {
	lead, person, err := a.leadOf(ctx, b.Person)
	if err != nil || lead == nil {
		return nobodys(), err
	}
	l, err := stateOf(lead.State)
	if err != nil {
		return hook.Settled{}, err
	}
	if l.Call == nil || !l.Call.At.Equal(b.At) {
		return hook.Settled{State: hook.Ignored, Reason: "no call stands at that time any more", Lead: &lead.ID}, nil
	}
	_, err = a.Door.TakeInvitationAnswer(ctx, door.InvitationAnswer{
		ID: derivedID(ctx, "cancellation"), Person: person.ID, UID: l.Call.UID, Seq: l.Call.Seq, Answer: sequence.Declined,
	})
	return hook.Settled{State: hook.Done, Lead: &lead.ID}, err
}

// recorded asks the lead to take an outcome.
func (a *API) recorded(ctx context.Context, lead uuid.UUID, with *uuid.UUID, b OutcomeBody) (hook.Settled, error) {
	b.With = with
	out, err := a.outcome(ctx, lead, b)
	if err == nil && out.Status == http.StatusAccepted {
		err = problem(http.StatusServiceUnavailable, "lead_pending", "the lead has not answered yet", "it is asked again")
	}
	return hook.Settled{State: hook.Done, Lead: &lead}, err
}

// leadOf is the living lead of somebody, or the one for which they are written to; nil
// when there is none.
func (a *API) leadOf(ctx context.Context, p door.Person) (*db.Lead, db.Person, error) {
	var person db.Person
	var err error
	if p.Email != "" {
		person, err = a.Store.PersonByEmail(ctx, &p.Email)
	} else {
		person, err = a.Store.PersonByPhone(ctx, &p.Phone)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, person, nil
	}
	if err != nil {
		return nil, person, fmt.Errorf("find who booked: %w", err)
	}
	l, err := a.Store.LivingLead(ctx, person.ID)
	if err == nil {
		return &l, person, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return nil, person, fmt.Errorf("find the lead of who booked: %w", err)
	}
	others, err := a.Store.LeadsWithStakeholder(ctx, person.ID)
	if err != nil || len(others) == 0 {
		return nil, person, err
	}
	return &others[0], person, nil
}

// with is the stakeholder whom an outcome is about; nil for the lead.
func with(l db.Lead, person uuid.UUID) *uuid.UUID {
	if l.PersonID == person {
		return nil
	}
	return &person
}

func nobodys() hook.Settled {
	return hook.Settled{State: hook.Ignored, Reason: "no living lead belongs to whoever booked"}
}
