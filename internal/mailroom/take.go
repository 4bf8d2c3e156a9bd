package mailroom

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/received"
)

// The states of what came in.
const (
	stateNew       = "new"       // stored; what it means has not had its effect yet
	stateTaken     = "taken"     // it had its effect
	stateUnmatched = "unmatched" // it belongs to nobody we know: a person decides
	stateDismissed = "dismissed" // nothing is to be done about it
)

// letter is one message on its way through the room.
type letter struct {
	received.Message
	id      uuid.UUID
	mailbox *db.Mailbox // nil where a webhook brought it without naming one
	at      time.Time
	match
}

// Take stores a raw message, says what it is, and lets it have its effect. The
// same message twice has one effect, whichever way it comes; an error means that
// it should be brought again. The mailbox is uuid.Nil where none is known.
func (r Room) Take(ctx context.Context, box uuid.UUID, raw []byte, at time.Time) (uuid.UUID, error) {
	l, err := r.open(ctx, box, raw, at)
	if err != nil || l.mailbox != nil && strings.EqualFold(l.From.Email, l.mailbox.Address) {
		return uuid.Nil, err // what we wrote ourselves is no news
	}
	state, err := r.store(ctx, &l, raw)
	if err != nil || state != stateNew {
		return l.id, err
	}
	return l.id, r.handle(ctx, l)
}

func (r Room) open(ctx context.Context, box uuid.UUID, raw []byte, at time.Time) (letter, error) {
	l := letter{at: at}
	if box != uuid.Nil {
		row, err := r.Store.MailboxRow(ctx, box)
		if err != nil {
			return l, fmt.Errorf("read mailbox %s: %w", box, err)
		}
		l.mailbox = &row
	}
	l.Message = received.Read(raw, at)
	return l, nil
}

// store keeps the message whole, once, and says how far it came.
func (r Room) store(ctx context.Context, l *letter, raw []byte) (state string, err error) {
	evidence, err := json.Marshal(l.Evidence)
	if err != nil {
		return "", fmt.Errorf("encode the evidence: %w", err)
	}
	key := keyOf(l.Message, raw)
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make an id: %w", err)
	}
	row := db.InsertInboundParams{
		ID: id, Key: key, MessageID: l.MessageID, Raw: raw, ReceivedAt: l.at, FromName: l.From.Name, FromAddress: strings.ToLower(l.From.Email),
		Subject: l.Subject, Body: l.Text, Class: string(l.Class), Kind: kindOf(l.Message), Evidence: evidence, Damage: orEmpty(l.Damage),
	}
	if l.mailbox != nil {
		row.MailboxID = &l.mailbox.ID
	}
	if !l.BackOn.IsZero() {
		row.BackOn = &l.BackOn
	}
	n, err := r.Store.InsertInbound(ctx, row)
	if err != nil {
		return "", fmt.Errorf("store a message: %w", err)
	}
	if n > 0 {
		l.id = id
		return stateNew, nil
	}
	known, err := r.Store.InboundByKey(ctx, key)
	if err != nil {
		return "", fmt.Errorf("find a message: %w", err)
	}
	l.id = known.ID
	return known.State, nil
}

// keyOf tells messages apart however they came: by what their sender wrote, not
// by what servers added on the way.
func keyOf(m received.Message, raw []byte) []byte {
	h := sha256.New()
	if m.MessageID == "" {
		h.Write(raw)
	} else {
		fmt.Fprintf(h, "%s\n%s\n%s\n%s\n%s", m.MessageID, m.From.Email, m.Date, m.Subject, m.Full)
	}
	return h.Sum(nil)
}

func kindOf(m received.Message) string {
	switch {
	case m.Bounce != nil:
		return string(m.Bounce.Kind)
	case m.Calendar != nil:
		return m.Calendar.Answer
	}
	return ""
}

func orEmpty(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

// handle finds out whose the message is, lets it have its effect, and notes that
// it had. Run again after a crash it has the same effect, once: every effect
// carries the message's id.
func (r Room) handle(ctx context.Context, l letter) error {
	var err error
	if l.match, err = r.match(ctx, l); err != nil {
		return err
	}
	if erased, err := r.erased(ctx, l); err != nil || erased {
		return err
	}
	state, err := r.act(ctx, &l)
	if err != nil {
		return fmt.Errorf("act on message %s: %w", l.id, err)
	}
	row := db.SettleInboundParams{ID: l.id, State: state, Touch: l.touch, MatchedBy: l.by}
	if l.lead != uuid.Nil {
		row.LeadID = &l.lead
	}
	if l.person != uuid.Nil {
		row.PersonID = &l.person
	}
	if err := r.Store.SettleInbound(ctx, row); err != nil {
		return fmt.Errorf("note what came of message %s: %w", l.id, err)
	}
	slog.InfoContext(ctx, "mail taken in", "message", l.id, "class", l.Class, "matched_by", l.by, "state", state, "lead", l.lead)
	return nil
}

// erased reports a message about somebody who was erased since, such as an answer to
// an old mail: that it came is all that is kept of it.
func (r Room) erased(ctx context.Context, l letter) (bool, error) {
	if l.person == uuid.Nil {
		return false, nil
	}
	p, err := r.Store.Person(ctx, l.person)
	if err != nil {
		return false, fmt.Errorf("read the person who wrote: %w", err)
	}
	if p.ErasedAt == nil {
		return false, nil
	}
	if err := r.Store.ForgetInbound(ctx, db.ForgetInboundParams{PersonID: &l.person, ID: l.id}); err != nil {
		return true, fmt.Errorf("forget message %s: %w", l.id, err)
	}
	return true, nil
}

// GoOn handles what was stored and not handled before a crash.
func (r Room) GoOn(ctx context.Context, before time.Time) error {
	waiting, err := r.Store.NewInbound(ctx, before)
	if err != nil {
		return fmt.Errorf("find stored messages: %w", err)
	}
	var problems []error
	for _, id := range waiting {
		row, err := r.Store.Inbound(ctx, id)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		l, err := r.again(ctx, row)
		if err == nil {
			err = r.handle(ctx, l)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// again reads a stored message as it was read when it came.
func (r Room) again(ctx context.Context, row db.InboundMessage) (letter, error) {
	box := uuid.Nil
	if row.MailboxID != nil {
		box = *row.MailboxID
	}
	l, err := r.open(ctx, box, row.Raw, row.ReceivedAt)
	l.id = row.ID
	return l, err
}

// match is whose a message is.
type match struct {
	lead, person uuid.UUID
	touch        string // the send it is about
	sender       *uuid.UUID
	by           string // how it was found
}

// match looks for the send that a message is about, by the Message-IDs that it
// names, and else for the person who wrote.
func (r Room) match(ctx context.Context, l letter) (match, error) {
	for _, way := range []struct {
		by  string
		ids []string
	}{
		{"original", originals(l.Message)},
		{"in_reply_to", l.InReplyTo},
		{"references", l.References},
	} {
		if len(way.ids) == 0 {
			continue
		}
		s, err := r.Store.SendByMessageID(ctx, way.ids)
		if err == nil {
			return match{s.LeadID, s.PersonID, s.Touch, s.MailboxID, way.by}, nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return match{}, fmt.Errorf("find the mail that is answered: %w", err)
		}
	}
	if l.Bounce != nil || l.Complaint != nil {
		return match{}, nil // anybody can write a report; ours names our mail
	}
	p, err := r.Store.PersonOfAddress(ctx, []string{strings.ToLower(l.From.Email), strings.ToLower(l.ReturnPath)})
	if errors.Is(err, pgx.ErrNoRows) {
		return match{}, nil
	}
	if err != nil {
		return match{}, fmt.Errorf("find the person who wrote: %w", err)
	}
	return match{person: p.ID, by: "address"}, nil
}

// originals are the Message-IDs that a report names.
func originals(m received.Message) []string {
	switch {
	case m.Bounce != nil && m.Bounce.OriginalID != "":
		return []string{m.Bounce.OriginalID}
	case m.Complaint != nil && m.Complaint.OriginalID != "":
		return []string{m.Complaint.OriginalID}
	}
	return nil
}
