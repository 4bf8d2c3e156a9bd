package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// AuditFilter says which acts are read; what is empty leaves nothing out.
type AuditFilter struct {
	Actor       string // id of a user, "key:" and an id, "cli:" and a name, "lead"
	Kind        string // what happened to a lead, or which act it was
	Lead        *uuid.UUID
	From, Until time.Time
	Automatic   bool // of one lead: what went by itself as well
	After       *AuditMark
	Most        int
}

// AuditMark is where a page ends.
type AuditMark struct {
	At time.Time
	ID uuid.UUID // of the lead, or of the act
	N  int32     // of the entry; 0 for an act
}

// AuditLine is who did what, to which lead or about what, and when.
type AuditLine struct {
	AuditMark
	Actor, ActorName string
	Kind, Rule       string
	Lead             *uuid.UUID
	LeadName         *string
	About            string
	Entry            []byte // of a lead's timeline
}

// What the two kinds of acts look like; a lead's name is looked up for those that are
// shown only.
const (
	ofLeads = `SELECT at, lead_id AS id, n, actor, what AS kind, rule, lead_id AS lead, '' AS about, entry FROM audit`
	ofHouse = `SELECT at, id, 0 AS n, actor, act AS kind, '' AS rule, NULL::uuid AS lead, about, NULL::jsonb AS entry FROM admin_acts`
)

// Audit reads a page of acts, the newest first. Each part of the answer is read by an
// index, as far as the page needs.
func (s *Store) Audit(ctx context.Context, f AuditFilter) ([]AuditLine, error) {
	args := pgx.NamedArgs{"most": f.Most, "actor": f.Actor, "kind": f.Kind, "lead": f.Lead, "from": f.From, "until": f.Until}
	both := []string{f.part(args, ofLeads, "lead_id, n", "what")}
	if f.Lead == nil {
		both = append(both, f.part(args, ofHouse, "id", "act"))
	}
	rows, err := s.Pool.Query(ctx, `SELECT a.at, a.id, a.n, a.actor, a.kind, a.rule, a.lead, p.name, a.about, a.entry
		FROM (SELECT * FROM (`+strings.Join(both, " UNION ALL ")+`) one ORDER BY at DESC, id DESC, n DESC LIMIT @most) a
		LEFT JOIN leads l ON l.id = a.lead LEFT JOIN people p ON p.id = l.person_id ORDER BY a.at DESC, a.id DESC, a.n DESC`, args)
	if err != nil {
		return nil, fmt.Errorf("read the audit trail: %w", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l AuditLine, err error) {
		err = row.Scan(&l.At, &l.ID, &l.N, &l.Actor, &l.Kind, &l.Rule, &l.Lead, &l.LeadName, &l.About, &l.Entry)
		return l, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the audit trail: %w", err)
	}
	return lines, s.nameActors(ctx, lines)
}

// part is one kind of acts, in the order of an index.
func (f AuditFilter) part(args pgx.NamedArgs, from, key, kind string) string {
	var where []string
	if f.Lead != nil {
		where = append(where, "lead_id = @lead")
	}
	if from == ofLeads && !f.Automatic {
		where = append(where, "actor <> 'rekindle'")
	}
	for condition, wanted := range map[string]bool{
		"actor = @actor": f.Actor != "", kind + " = @kind": f.Kind != "", "at >= @from": !f.From.IsZero(), "at < @until": !f.Until.IsZero(),
	} {
		if wanted {
			where = append(where, condition)
		}
	}
	if f.After != nil {
		args["at"], args["id"], args["n"] = f.After.At, f.After.ID, f.After.N
		mark := "(at, " + key + ") < (@at, @id, @n)"
		if key == "id" {
			mark = "(at, id) < (@at, @id)"
		}
		where = append(where, mark)
	}
	slices.Sort(where) // the same statement for the same question
	if len(where) > 0 {
		from += " WHERE " + strings.Join(where, " AND ")
	}
	order := strings.ReplaceAll("at, "+key, ",", " DESC,") + " DESC"
	return "(" + from + " ORDER BY " + order + " LIMIT @most)"
}

// nameActors says who users and keys are.
func (s *Store) nameActors(ctx context.Context, lines []AuditLine) error {
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.Actor)
	}
	slices.Sort(ids)
	names, err := s.NamesOfUsers(ctx, slices.Compact(ids))
	if err != nil {
		return fmt.Errorf("read who did it: %w", err)
	}
	called := map[string]string{}
	for _, n := range names {
		called[n.ID] = n.Name
	}
	for i := range lines {
		lines[i].ActorName = cmp.Or(called[lines[i].Actor], lines[i].Actor)
	}
	return nil
}
