package rights

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// Rights lets people have theirs.
type Rights struct {
	Store *postgres.Store
	Door  *door.Door // to stop what goes out; its clock is the leads'
}

// person is whom it is about, and how what is known of them is found.
type person struct {
	db.Person
	leads, near []uuid.UUID // see register
	around      []uuid.UUID // others in which they may be named: those near, and their colleagues'
	alone       bool        // nobody else is known at their account
	now         time.Time
	former      [][]byte // hashes of addresses and numbers they had before
	recalled    []string // those of them that are found in clear
}

// find reads where there is something about a person.
func (r Rights) find(ctx context.Context, q *db.Queries, id uuid.UUID) (p person, err error) {
	p.now = r.Door.Now()
	if p.Person, err = q.Person(ctx, id); err != nil {
		return p, fmt.Errorf("read person %s: %w", id, postgres.Translate(err))
	}
	own, err := q.LeadsOfPerson(ctx, id)
	if err != nil {
		return p, fmt.Errorf("find the leads of person %s: %w", id, err)
	}
	p.leads, p.near, p.around = []uuid.UUID{}, []uuid.UUID{}, []uuid.UUID{}
	for _, l := range own {
		p.leads, p.near = append(p.leads, l.ID), append(p.near, l.ID)
	}
	named, err := q.LeadsThatName(ctx, id)
	if err != nil {
		return p, fmt.Errorf("find the leads that name person %s: %w", id, err)
	}
	for _, l := range named {
		p.near, p.around = append(p.near, l.LeadID), append(p.around, l.LeadID)
	}
	if p.former, err = q.FormerHashes(ctx, id); err != nil {
		return p, fmt.Errorf("read the former addresses of person %s: %w", id, err)
	}
	if len(p.former) > 0 {
		if p.recalled, err = q.SendersOfHashes(ctx, p.former); err != nil {
			return p, fmt.Errorf("find mail from former addresses of person %s: %w", id, err)
		}
	}
	if p.AccountID == nil {
		return p, nil
	}
	others, err := q.OthersAtAccount(ctx, db.OthersAtAccountParams{AccountID: p.AccountID, PersonID: id})
	if err != nil {
		return p, fmt.Errorf("find the colleagues of person %s: %w", id, err)
	}
	p.alone = len(others) == 0
	for _, o := range others {
		if o.LeadID != nil && !slices.Contains(p.around, *o.LeadID) {
			p.around = append(p.around, *o.LeadID)
		}
	}
	return p, nil
}

// args are what the conditions of the register are about.
func (p person) args() pgx.NamedArgs {
	addresses, hashes := append([]string{}, p.recalled...), append([][]byte{}, p.former...)
	if p.Email != nil {
		addresses, hashes = append(addresses, *p.Email), append(hashes, postgres.Hash(*p.Email))
	}
	if p.Phone != nil {
		hashes = append(hashes, postgres.Hash(*p.Phone))
	}
	return pgx.NamedArgs{
		"person": p.ID, "leads": p.leads, "near": p.near, "around": p.around, "account": p.AccountID, "alone": p.alone, "now": p.now,
		"addresses": addresses, "hashes": hashes, "former": p.former,
	}
}

// note writes down who did something that is about no lead.
func note(ctx context.Context, q *db.Queries, at time.Time, actor, act, about string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return fmt.Errorf("make an id: %w", err)
	}
	return q.InsertAct(ctx, db.InsertActParams{ID: id, At: at, Actor: actor, Act: act, About: about})
}

// Standing is a lead with which somebody has to do.
type Standing struct {
	Lead  uuid.UUID `json:"lead_id"`
	As    string    `json:"as" enum:"lead,stakeholder"`
	Since time.Time `json:"since"`
}

// Standing lists the leads with which a person has to do.
func (r Rights) Standing(ctx context.Context, id uuid.UUID) ([]Standing, error) {
	all := []Standing{}
	own, err := r.Store.LeadsOfPerson(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find the leads of person %s: %w", id, err)
	}
	for _, l := range own {
		all = append(all, Standing{l.ID, "lead", l.CreatedAt})
	}
	named, err := r.Store.LeadsThatName(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("find the leads that name person %s: %w", id, err)
	}
	for _, l := range named {
		all = append(all, Standing{l.LeadID, "stakeholder", l.NamedAt})
	}
	return all, nil
}
