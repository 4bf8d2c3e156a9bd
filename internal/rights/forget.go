package rights

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// losing is the condition for the rows that lose their values.
func (p part) losing() string { return cmp.Or(p.gone, p.theirs) }

// forget takes the values about a person out of a table, and says of how many rows.
func (p part) forget(ctx context.Context, tx pgx.Tx, who person) (int64, error) {
	if len(p.personal) == 0 {
		return 0, nil
	}
	statement := "DELETE FROM " + p.table
	if !p.drop {
		var set []string
		for _, column := range slices.Sorted(maps.Keys(p.personal)) {
			set = append(set, column+" = "+p.personal[column])
		}
		statement = "UPDATE " + p.table + " SET " + strings.Join(set, ", ")
	}
	done, err := tx.Exec(ctx, statement+" WHERE "+p.losing(), who.args())
	return done.RowsAffected(), err
}

// erased stands where somebody was named.
const erased = "[erased]"

// leastName is the shortest name that is looked for in what is written about others:
// a shorter one is found in too much that means somebody else.
const leastName = 3

// called are the ways in which others' texts name a person.
func (p person) called() (all []string) {
	if len([]rune(p.Name)) >= leastName {
		all = append(all, p.Name)
	}
	for _, address := range []*string{p.Email, p.Phone} {
		if address != nil {
			all = append(all, *address)
		}
	}
	return append(all, p.recalled...)
}

// recall finds former addresses in what was written where the person may be named.
func (p *person) recall(ctx context.Context, tx pgx.Tx) error {
	if len(p.former) == 0 {
		return nil
	}
	for _, part := range register {
		for _, column := range part.texts {
			rows, err := tx.Query(ctx, `SELECT DISTINCT lower(m[1]) FROM `+part.table+`, regexp_matches(`+column+`, '([^[:space:]<>"(),;:]+@[^[:space:]<>"(),;:]*[[:alnum:]])', 'g') m
				WHERE lead_id = ANY(@around) AND sha256(convert_to('rekindle suppression: ' || lower(m[1]), 'UTF8')) = ANY(@former)`, p.args())
			if err != nil {
				return fmt.Errorf("look for former addresses in %s: %w", part.table, err)
			}
			found, err := pgx.CollectRows(rows, pgx.RowTo[string])
			if err != nil {
				return fmt.Errorf("look for former addresses in %s: %w", part.table, err)
			}
			p.recalled = append(p.recalled, found...)
		}
	}
	return nil
}

// forgetMentions takes a person out of what was written about the leads in which they
// were named and those of their colleagues, and out of answers that are kept to be
// given again.
func (p person) forgetMentions(ctx context.Context, tx pgx.Tx) error {
	if err := p.recall(ctx, tx); err != nil {
		return err
	}
	var ways []string
	for _, way := range p.called() {
		ways = append(ways, `(?<![[:alnum:]])`+regexp.QuoteMeta(way)+`(?![[:alnum:]])`)
	}
	if len(ways) == 0 {
		return nil
	}
	args := p.args()
	args["called"], args["erased"] = strings.Join(ways, "|"), erased
	for _, part := range register {
		if len(part.texts) == 0 {
			continue
		}
		var set, has []string
		for _, column := range part.texts {
			set = append(set, fmt.Sprintf("%[1]s = regexp_replace(%[1]s, @called, @erased, 'gi')", column))
			has = append(has, column+" ~* @called")
		}
		if part.table == "inbound_messages" { // what cannot be taken out of the letter itself takes it along
			set, has = append(set, "raw = ''"), append(has, "encode(raw, 'escape') ~* @called")
		}
		_, err := tx.Exec(ctx, "UPDATE "+part.table+" SET "+strings.Join(set, ", ")+" WHERE lead_id = ANY(@around) AND ("+strings.Join(has, " OR ")+")", args)
		if err != nil {
			return fmt.Errorf("take person %s out of %s: %w", p.ID, part.table, err)
		}
	}
	return p.forgetAnswers(ctx, tx)
}

// gone is the answer to a repeated request whose first answer named somebody.
const gone = `{"type":"urn:rekindle:problem:erased","title":"Gone","status":410,"code":"erased","detail":"the answer to this request named somebody who was erased","remedy":"the request had its effect; read what it was about"}`

// forgetAnswers replaces the answers that quote a person; as JSON they may spell a
// name in another way.
func (p person) forgetAnswers(ctx context.Context, tx pgx.Tx) error {
	var quoted []string
	for _, way := range p.called() {
		spelt, err := json.Marshal(way)
		if err != nil {
			return fmt.Errorf("encode a name: %w", err)
		}
		quoted = append(quoted, way, strings.Trim(string(spelt), `"`))
	}
	_, err := tx.Exec(ctx, `UPDATE idempotency_keys SET status = 410, response = convert_to(@gone, 'UTF8')
		WHERE response IS NOT NULL AND EXISTS (SELECT FROM unnest(@quoted::text[]) q WHERE position(convert_to(q, 'UTF8') IN response) > 0)`,
		pgx.NamedArgs{"gone": gone, "quoted": quoted})
	return err
}
