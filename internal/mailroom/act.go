package mailroom

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/received"
	"github.com/rekindlehq/rekindle/sequence"
)

// act lets a message have its effect and says what state it is in then.
func (r Room) act(ctx context.Context, l *letter) (state string, err error) {
	if l.touch != "" { // what comes back shows that it went out
		if _, err := r.Store.ReconcileSend(ctx, db.ReconcileSendParams{LeadID: l.lead, Touch: l.touch, How: "answered"}); err != nil {
			return "", err
		}
	}
	switch l.Class {
	case received.Complained:
		return r.complained(ctx, l)
	case received.Bounced:
		return r.bounced(ctx, l)
	case received.OptOut:
		return r.optedOut(ctx, l)
	case received.Calendar:
		return r.invitationAnswered(ctx, l)
	case received.OutOfOffice:
		return r.away(ctx, l)
	case received.Human:
		return r.answered(ctx, l)
	case received.AutoReply, received.Bulk: // says nothing of interest, and is never answered (RFC 3834)
		if l.person == uuid.Nil {
			return stateDismissed, nil
		}
		return stateTaken, nil
	}
	return stateUnmatched, nil
}

// answered hands a human's words to the lead; the owner gets a task, and what is
// automatic stops.
func (r Room) answered(ctx context.Context, l *letter) (string, error) {
	if l.person == uuid.Nil {
		return r.inquired(ctx, l)
	}
	lead, err := r.Door.TakeReply(ctx, door.Reply{ID: l.id, Lead: l.lead, Person: l.person, Body: l.Text})
	if err != nil {
		return "", err
	}
	if lead == uuid.Nil { // they have no living lead
		return r.inquired(ctx, l)
	}
	l.lead = lead
	return stateTaken, nil
}

// inquired makes a lead of somebody who writes to a mailbox for inquiries; in
// every other mailbox a person decides.
func (r Room) inquired(ctx context.Context, l *letter) (string, error) {
	if l.mailbox == nil || !l.mailbox.Inquiries || !mailable(l.From.Email) {
		return stateUnmatched, nil
	}
	result, err := r.Door.Engage(ctx, door.Enrolment{
		Person:     door.Person{Name: l.From.Name, Email: strings.ToLower(l.From.Email), Basis: "wrote to " + l.mailbox.Address},
		Engagement: door.Engagement{Kind: "info_request", Detail: clip(l.Subject, 500), At: l.at, ExternalID: "mail:" + l.id.String()},
		Owner:      l.mailbox.UserID, By: sequence.ActorLead,
	})
	if errors.Is(err, door.ErrNoRep) || err == nil && result.Status == door.Suppressed {
		return stateUnmatched, nil // they wrote all the same: a person decides
	}
	if err != nil {
		return "", err
	}
	l.lead, l.by = result.Lead, "inquiry"
	p, err := r.Store.PersonOfAddress(ctx, []string{strings.ToLower(l.From.Email)})
	l.person = p.ID
	return stateTaken, err
}

// away pauses until the day they named, or as long as the playbook says (R84).
func (r Room) away(ctx context.Context, l *letter) (string, error) {
	if l.person == uuid.Nil {
		return stateDismissed, nil
	}
	lead, err := r.Door.TakeReply(ctx, door.Reply{ID: l.id, Lead: l.lead, Person: l.person, Body: l.Text, Automatic: true, Until: l.BackOn})
	l.lead = lead
	return stateTaken, err
}

// optedOut ends all contact with whoever wrote, and with whom we had written to
// when they answer from another address (R72).
func (r Room) optedOut(ctx context.Context, l *letter) (string, error) {
	theirs := false // the address that they wrote from: it stops with them
	if l.person != uuid.Nil {
		p, err := r.Store.Person(ctx, l.person)
		if err != nil {
			return "", fmt.Errorf("read the person who wrote: %w", err)
		}
		theirs = p.Email != nil && strings.EqualFold(*p.Email, l.From.Email)
	}
	if mailable(l.From.Email) && !theirs {
		if err := r.Door.StopAddress(ctx, l.From.Email, "reply", sequence.ActorLead); err != nil {
			return "", err
		}
	}
	if l.person == uuid.Nil {
		l.by = "address"
		return stateTaken, nil
	}
	return stateTaken, r.Door.Stop(ctx, l.person, "reply", sequence.ActorLead)
}

// complained stops whoever marked our mail as spam, and counts it against the
// mailbox (RFC 5965).
func (r Room) complained(ctx context.Context, l *letter) (string, error) {
	if l.person == uuid.Nil {
		return stateUnmatched, nil
	}
	if err := r.Door.Stop(ctx, l.person, "complaint", sequence.ActorLead); err != nil {
		return "", err
	}
	now := r.Now()
	n, err := r.Store.ComplainAboutSend(ctx, db.ComplainAboutSendParams{LeadID: l.lead, Touch: l.touch, At: &now})
	return r.count(ctx, l, n, err)
}

// bounced closes an address that does not exist (RFC 3464); whatever else was
// refused for good is shown to the owner, what is only delayed to nobody.
func (r Room) bounced(ctx context.Context, l *letter) (string, error) {
	if l.touch == "" {
		return stateUnmatched, nil
	}
	if l.Bounce.Kind != received.Permanent {
		return stateTaken, nil
	}
	now := r.Now()
	if l.Bounce.AddressGone() {
		if err := r.Door.AddressGone(ctx, l.id, l.lead, l.person); err != nil {
			return "", err
		}
	} else if err := r.Store.Notify(ctx, l.lead.String(), l.at, "mail "+l.id.String(), sequence.Notify{
		Who: sequence.TheOwner, Rule: sequence.ByHand, About: "an email was refused after it was sent" + status(l.Bounce.Status) + ": see the lead's mail",
	}); err != nil {
		return "", err
	}
	n, err := r.Store.BounceSend(ctx, db.BounceSendParams{LeadID: l.lead, Touch: l.touch, At: &now})
	return r.count(ctx, l, n, err)
}

// count looks after the mailbox whose mail came back.
func (r Room) count(ctx context.Context, l *letter, n int64, err error) (string, error) {
	if err != nil || n == 0 || l.sender == nil {
		return stateTaken, err
	}
	return stateTaken, r.Store.CheckMailbox(ctx, *l.sender, r.Now())
}

func status(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}

// invitationAnswered passes on what a calendar said (R21).
func (r Room) invitationAnswered(ctx context.Context, l *letter) (string, error) {
	answers := map[string]sequence.InvitationAnswer{
		"accepted": sequence.Accepted, "tentative": sequence.Tentative,
		"declined": sequence.Declined, "counter": sequence.Countered,
	}
	answer, known := answers[l.Calendar.Answer]
	if l.person == uuid.Nil || !known {
		return stateUnmatched, nil
	}
	lead, err := r.Door.TakeInvitationAnswer(ctx, door.InvitationAnswer{
		ID: l.id, Person: l.person, UID: l.Calendar.UID, Seq: l.Calendar.Sequence, Answer: answer, At: l.Calendar.Start,
	})
	if err != nil || lead == uuid.Nil {
		return stateUnmatched, err
	}
	l.lead = lead
	return stateTaken, nil
}

// Assign gives a message that matched nothing to a lead: it has its effect there.
// ErrHandled when somebody was quicker.
func (r Room) Assign(ctx context.Context, id, lead uuid.UUID, by *uuid.UUID) error {
	row, err := r.Store.Inbound(ctx, id)
	if err != nil {
		return err
	}
	if row.State != stateUnmatched {
		return ErrHandled
	}
	owner, err := r.Store.Lead(ctx, lead)
	if err != nil {
		return err
	}
	l, err := r.again(ctx, row)
	if err != nil {
		return err
	}
	l.match = match{lead: lead, person: owner.PersonID, by: "person"}
	if state, err := r.act(ctx, &l); err != nil || state == stateUnmatched {
		if err == nil {
			err = ErrNoEffect
		}
		return err
	}
	return r.settle(ctx, id, stateTaken, &l.lead, &l.person, by)
}

// Dismiss puts a message that matched nothing away.
func (r Room) Dismiss(ctx context.Context, id uuid.UUID, by *uuid.UUID) error {
	return r.settle(ctx, id, stateDismissed, nil, nil, by)
}

// The errors of Assign and Dismiss.
var (
	// ErrHandled: the message is not in the list any more.
	ErrHandled = errors.New("somebody has handled this message already")
	// ErrNoEffect: the lead is over, or the message means nothing to a lead.
	ErrNoEffect = errors.New("this message can have no effect on that lead")
)

func (r Room) settle(ctx context.Context, id uuid.UUID, state string, lead, person, by *uuid.UUID) error {
	now := r.Now()
	n, err := r.Store.HandleInbound(ctx, db.HandleInboundParams{ID: id, State: state, LeadID: lead, PersonID: person, MatchedBy: "person", HandledBy: by, At: &now})
	if err != nil {
		return err
	}
	if n > 0 {
		return nil
	}
	if _, err := r.Store.Inbound(ctx, id); errors.Is(err, pgx.ErrNoRows) {
		return postgres.ErrNotFound
	}
	return ErrHandled
}

// mailable reports an address that a person could have.
func mailable(address string) bool {
	at := strings.LastIndex(address, "@")
	return at > 0 && strings.Contains(address[at:], ".")
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
