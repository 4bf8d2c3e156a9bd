package postgres

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// letter gathers what a text may say: who writes to whom, what they asked for
// and when, when we last spoke, what is new (R02, R03).
func (b *booking) letter(ctx context.Context, reason *db.Content) (activities.Letter, error) {
	letter := activities.Letter{
		Playbook: b.l.Playbook, Text: b.email.Text, At: b.at, CallAt: b.email.CallAt, Call: b.email.Invite, Company: b.g.Company, Zone: b.p.Zone,
		To:        activities.Person{Name: b.p.Name, Email: text(b.p.Email)},
		OptOutURL: b.g.PublicURL + "/unsubscribe/" + b.p.UnsubscribeToken,
		Fields:    map[string]string{"FirstName": first(b.p.Name), "Source": b.l.Source},
	}
	if err := b.identity(ctx, &letter); err != nil {
		return letter, err
	}
	if off := b.email.Cancel; off != nil {
		letter.Cancel = &off.CallSlot
		var err error
		if letter.Organizer, err = b.organizer(ctx, off.By); err != nil {
			return letter, err
		}
	}
	if reason != nil {
		letter.Reason = &activities.Content{ID: reason.ID.String(), Title: reason.Title, Summary: reason.Summary, URL: reason.Url}
	}
	facts, err := fields(ctx, b.q, b.l.ID)
	if err != nil {
		return letter, err
	}
	maps.Copy(letter.Fields, facts)
	if b.p.ID != b.l.PersonID {
		primary, err := b.q.Person(ctx, b.l.PersonID)
		if err != nil {
			return letter, err
		}
		letter.Fields["Primary"] = first(primary.Name)
	}
	if b.email.Follows {
		letter.Thread, letter.References, err = b.thread(ctx)
	}
	return letter, err
}

// identity says who writes: the owner, unless the playbook names another mailbox,
// and from which address.
func (b *booking) identity(ctx context.Context, letter *activities.Letter) error {
	writer := b.l.OwnerID
	if b.email.By != "" && b.mailbox.UserID != nil {
		writer = *b.mailbox.UserID
	}
	u, err := b.q.User(ctx, writer)
	if err != nil {
		return err
	}
	letter.Owner = activities.Person{Name: u.Name, Email: u.Email}
	letter.From = letter.Owner
	m := b.mailbox
	if m == nil {
		return nil
	}
	letter.Mailbox, letter.Signature, letter.PostalAddress = m.ID.String(), m.Signature, m.PostalAddress
	letter.From = activities.Person{Name: cmp.Or(m.Sender, u.Name), Email: m.Address}
	if b.email.By != "" && m.UserID == nil {
		letter.Owner.Name = letter.From.Name
	}
	letter.Owner.Email = m.Address
	return nil
}

// thread is what a follow-up answers: our last mail to the person, or what they
// wrote since (RFC 5322, 3.6.4).
func (b *booking) thread(ctx context.Context) (subject string, references []string, err error) {
	last, err := b.q.LastSent(ctx, db.LastSentParams{LeadID: b.l.ID, PersonID: b.p.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	references = append(strings.Fields(last.Refs), last.MessageID)
	answer, err := b.q.LastReceived(ctx, db.LastReceivedParams{LeadID: &b.l.ID, PersonID: &b.p.ID, Since: last.ReservedAt})
	switch {
	case err == nil:
		references = append(references, answer)
	case !errors.Is(err, pgx.ErrNoRows):
		return "", nil, err
	}
	if n := len(references); n > mostReferences { // the first, and the last ones
		references = append(references[:1], references[n-mostReferences+1:]...)
	}
	return last.Subject, references, nil
}

// mostReferences keeps the header within reason; mail programs need the first and
// the last ones.
const mostReferences = 20

// organizer is who invited to a call, from the address they did it from, where
// that was another owner.
func (b *booking) organizer(ctx context.Context, by string) (*activities.Person, error) {
	id, err := uuid.Parse(by)
	if err != nil || id == b.l.OwnerID {
		return nil, nil //nolint:nilnil // who writes is who invited
	}
	u, err := b.q.User(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // they are gone
	}
	if err != nil {
		return nil, err
	}
	address, err := b.q.WroteFrom(ctx, db.WroteFromParams{LeadID: b.l.ID, PersonID: b.p.ID, UserID: &id})
	if errors.Is(err, pgx.ErrNoRows) {
		address, err = u.Email, nil
	}
	return &activities.Person{Name: u.Name, Email: address}, err
}

// fields are what every text may say about a lead.
func fields(ctx context.Context, q *db.Queries, lead uuid.UUID) (map[string]string, error) {
	facts, err := q.LetterFacts(ctx, lead)
	if err != nil {
		return nil, err
	}
	f := map[string]string{"Account": facts.Account, "Stakeholders": list(facts.Stakeholders)}
	if facts.AskedAt != nil {
		f["Source"], f["AskedOn"] = text(facts.AskedFor), day(*facts.AskedAt)
	}
	if facts.SpokenAt != nil {
		f["LastSpokeOn"] = day(*facts.SpokenAt)
	}
	return f, nil
}

func day(t time.Time) string { return t.Format("2 January") }

func first(name string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return word
}

func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
