package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// letter gathers what a text may say: who writes to whom, what they asked for
// and when, when we last spoke, what is new (R02, R03).
func (g *Ledger) letter(ctx context.Context, q *db.Queries, l db.Lead, to db.Person, email sequence.SendEmail, reason *db.Content, at time.Time) (activities.Letter, error) {
	owner, err := q.User(ctx, l.OwnerID)
	if err != nil {
		return activities.Letter{}, err
	}
	letter := activities.Letter{
		Playbook: l.Playbook, Text: email.Text, At: at, CallAt: email.CallAt, Call: email.Invite, Company: g.Company, Zone: to.Zone,
		To: activities.Person{Name: to.Name, Email: text(to.Email)}, Owner: activities.Person{Name: owner.Name, Email: owner.Email},
		OptOutURL: g.PublicURL + "/unsubscribe/" + to.UnsubscribeToken,
		Fields:    map[string]string{"FirstName": first(to.Name), "Source": l.Source},
	}
	if off := email.Cancel; off != nil {
		letter.Cancel = &off.CallSlot
		if letter.Organizer, err = organizer(ctx, q, owner.ID, off.By); err != nil {
			return letter, err
		}
	}
	if reason != nil {
		letter.Reason = &activities.Content{ID: reason.ID.String(), Title: reason.Title, Summary: reason.Summary, URL: reason.Url}
	}
	fields, err := g.fields(ctx, q, l)
	if err != nil {
		return letter, err
	}
	for k, v := range fields {
		letter.Fields[k] = v
	}
	if to.ID != l.PersonID {
		primary, err := q.Person(ctx, l.PersonID)
		if err != nil {
			return letter, err
		}
		letter.Fields["Primary"] = first(primary.Name)
	}
	return letter, nil
}

// organizer is who invited to a call, where that was another owner.
func organizer(ctx context.Context, q *db.Queries, owner uuid.UUID, by string) (*activities.Person, error) {
	id, err := uuid.Parse(by)
	if err != nil || id == owner {
		return nil, nil
	}
	u, err := q.User(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &activities.Person{Name: u.Name, Email: u.Email}, nil
}

func (g *Ledger) fields(ctx context.Context, q *db.Queries, l db.Lead) (map[string]string, error) {
	f := map[string]string{}
	view, err := q.LeadView(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	f["Account"] = view.Account
	if e, err := q.LatestEngagement(ctx, &l.ID); err == nil {
		f["Source"], f["AskedOn"] = e.Kind, day(e.OccurredAt)
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	if o, err := q.LastConversation(ctx, l.ID); err == nil {
		f["LastSpokeOn"] = day(o.RecordedAt)
	} else if !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	names, err := q.StakeholderNames(ctx, l.ID)
	if err != nil {
		return nil, err
	}
	f["Stakeholders"] = list(names)
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
