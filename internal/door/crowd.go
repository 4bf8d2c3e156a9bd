package door

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// crowd is the people who are plainly new: known by an address that nobody has and
// nobody stopped.
type crowd struct {
	q      *db.Queries
	people []*stranger
}

// stranger is one of them.
type stranger struct {
	newLife
	place int // in the request
}

// gather finds out who is new, and makes all that a lead needs. Locks are taken in
// the order of Enrol: accounts before people.
func (c *crowd) gather(ctx context.Context, all []Enrolment) error {
	if err := c.admit(ctx, all); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{c.findOwners, c.findAccounts, c.makePeople} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// admit lets in who is new.
func (c *crowd) admit(ctx context.Context, all []Enrolment) error {
	var ask db.StoppedAmongParams
	var emails, externals []string
	for _, e := range all {
		emails, externals = append(emails, strings.ToLower(e.Email)), append(externals, e.ExternalID)
		ask.Emails = append(ask.Emails, postgres.Hash(e.Email))
		ask.Domains = append(ask.Domains, postgres.Hash(postgres.Domain(e.Email)))
		ask.Phones = append(ask.Phones, postgres.Hash(e.Phone))
	}
	reported, err := c.q.KnownExternals(ctx, externals)
	if err != nil {
		return err
	}
	known, err := c.q.KnownEmails(ctx, emails)
	if err != nil {
		return err
	}
	hashes, err := c.q.StoppedAmong(ctx, ask)
	if err != nil {
		return err
	}
	knownEmail, knownReport, stopped := set(known), set(reported), map[string]bool{}
	for _, h := range hashes {
		stopped[string(h)] = true
	}
	knownEmail[""] = true // by number only: looked at one by one
	for i, e := range all {
		if knownEmail[emails[i]] || knownReport[e.ExternalID] || stopped[string(ask.Emails[i])] || stopped[string(ask.Domains[i])] {
			continue
		}
		knownEmail[emails[i]] = true
		c.people = append(c.people, &stranger{place: i, newLife: newLife{
			Enrolment: e, lead: uuid.Must(uuid.NewV7()), engagement: uuid.Must(uuid.NewV7()),
			silent: e.Phone == "" || stopped[string(ask.Phones[i])],
			person: db.Person{
				ID: uuid.New(), Name: e.Name, Email: &emails[i], Phone: pointer(e.Phone), Zone: e.Zone, Country: e.Country,
				Title: e.Title, Basis: e.Basis, UnsubscribeToken: newToken(),
			},
		}})
	}
	return nil
}

func set[T comparable](all []T) map[T]bool {
	s := make(map[T]bool, len(all))
	for _, v := range all {
		s[v] = true
	}
	return s
}

// findOwners gives each lead to the owner it names, or to the rep who has the
// fewest then. Who has no owner is left to be told why.
func (c *crowd) findOwners(ctx context.Context) error {
	var named []uuid.UUID
	for _, n := range c.people {
		if n.Owner != nil {
			named = append(named, *n.Owner)
		}
	}
	active, err := c.q.ActiveAmong(ctx, named)
	if err != nil {
		return err
	}
	reps, err := c.q.LoadOfReps(ctx)
	if err != nil {
		return err
	}
	isActive := set(active)
	c.people = slices.DeleteFunc(c.people, func(n *stranger) bool {
		switch {
		case n.Owner != nil && isActive[*n.Owner]:
			n.owner = *n.Owner
		case n.Owner == nil && len(reps) > 0:
			n.owner = slices.MinFunc(reps, func(a, b db.LoadOfRepsRow) int { return cmp.Compare(a.Leads, b.Leads) }).ID
		default:
			return true
		}
		if i := slices.IndexFunc(reps, func(r db.LoadOfRepsRow) bool { return r.ID == n.owner }); i >= 0 {
			reps[i].Leads++
		}
		return false
	})
	return nil
}

// findAccounts finds or makes the accounts, and who is in conversation there (R34).
func (c *crowd) findAccounts(ctx context.Context) error {
	var names []string
	for _, n := range c.people {
		if n.Account != "" {
			names = append(names, n.Account)
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 0 {
		return nil
	}
	if err := c.q.MakeAccounts(ctx, names); err != nil {
		return err
	}
	found, err := c.q.AccountsByNames(ctx, names)
	if err != nil {
		return err
	}
	accounts, ids := map[string]uuid.UUID{}, []uuid.UUID{}
	for _, a := range found {
		accounts[a.Asked], ids = a.ID, append(ids, a.ID)
	}
	leads, err := c.q.TalkingAtAll(ctx, ids)
	if err != nil {
		return err
	}
	talking := map[uuid.UUID][]uuid.UUID{}
	for _, l := range leads {
		talking[*l.AccountID] = append(talking[*l.AccountID], l.ID)
	}
	for _, n := range c.people {
		if id, ok := accounts[n.Account]; ok {
			n.person.AccountID, n.talking = &id, talking[id]
		}
	}
	return nil
}

// personRow is a person as InsertPeople reads it.
type personRow struct {
	ID        uuid.UUID  `json:"id"`
	AccountID *uuid.UUID `json:"account_id"`
	Name      string     `json:"name"`
	Email     *string    `json:"email"`
	Phone     *string    `json:"phone"`
	Zone      string     `json:"zone"`
	Country   string     `json:"country"`
	Title     string     `json:"title"`
	Basis     string     `json:"basis"`
	Token     string     `json:"unsubscribe_token"`
}

// makePeople makes their rows. Whom another request made meanwhile is let go.
func (c *crowd) makePeople(ctx context.Context) error {
	rows := []personRow{}
	for _, n := range c.people {
		p := n.person
		rows = append(rows, personRow{p.ID, p.AccountID, p.Name, p.Email, p.Phone, p.Zone, p.Country, p.Title, p.Basis, p.UnsubscribeToken})
	}
	encoded, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("encode the people: %w", err)
	}
	ids, err := c.q.InsertPeople(ctx, encoded)
	if err != nil {
		return err
	}
	made := set(ids)
	c.people = slices.DeleteFunc(c.people, func(n *stranger) bool { return !made[n.person.ID] })
	return nil
}
