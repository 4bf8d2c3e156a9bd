package importing

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/csvfile"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// What can come of a row; in a dry pass, what would.
const (
	Created   = "created"
	Completed = "completed" // the person is known, and what was missing is filled in
	Recorded  = "recorded"  // the person is known, and their lead was woken, or they got a new one
	LeftAlone = "known"     // the person is known, and nothing was to be done
	Repeated  = "repeated"  // had its effect when the same file came before
	Refrained = "stopped"   // the person said stop
	Refused   = "refused"   // the row is not good
)

// Meaning says what a result means.
type Meaning struct {
	Result     string
	would, did string
}

// Meanings are those of all results, in the order in which they are told.
var Meanings = []Meaning{
	{Created, "would become leads", "became leads"},
	{Completed, "are known: what is missing would be filled in", "are known: what was missing is filled in"},
	{Recorded, "are known: their leads would be woken", "are known: their leads were woken"},
	{LeftAlone, "are known and left alone", "are known and left alone"},
	{Repeated, "came with the same file before", "came with the same file before"},
	{Refrained, "said stop, and stay alone", "said stop, and stay alone"},
	{Refused, "are not good", "were not good"},
}

// Says is what the rows of an import came to, or would.
func (m Meaning) Says(v View) string {
	if v.Dry {
		return m.would
	}
	return m.did
}

// batch is how many rows are let in at once.
const batch = 500

// judged is one row and what comes of it.
type judged struct {
	place   int
	line    int32
	e       door.Enrolment
	known   Known // what is done with somebody who is known
	Result  string
	Lead    uuid.UUID // nil: none
	Faults  []Fault
	address string // by which the person is known
}

// Batch lets in the next rows of a pass after a line, and says at which line it
// stopped and whether there are more. Run twice, it has one effect.
func (i Imports) Batch(ctx context.Context, id uuid.UUID, pass, after int) (last int, more bool, err error) {
	row, err := i.Store.ImportByID(ctx, id)
	if err != nil {
		return after, false, fmt.Errorf("read import %s: %w", id, err)
	}
	if row.State != Running || int(row.Pass) != pass {
		return after, false, nil
	}
	waiting, err := i.Store.ImportRowsAfter(ctx, db.ImportRowsAfterParams{ImportID: id, After: int32(after), Pass: row.Pass, Most: batch})
	if err != nil {
		return after, false, fmt.Errorf("read the rows of import %s: %w", id, err)
	}
	if len(waiting) == 0 {
		return after, false, i.end(ctx, row)
	}
	rows, err := i.read(ctx, row, waiting)
	if err == nil {
		err = i.judge(ctx, row, rows)
	}
	if err == nil {
		err = i.keep(ctx, row, rows)
	}
	if err != nil {
		return after, false, fmt.Errorf("import %s after line %d: %w", id, after, err)
	}
	return int(waiting[len(waiting)-1].Line), true, nil
}

func (i Imports) end(ctx context.Context, row db.Import) error {
	counts, err := i.count(ctx, row.ID, row.Pass)
	if err != nil {
		return fmt.Errorf("count the rows of import %s: %w", row.ID, err)
	}
	results, err := json.Marshal(counts)
	if err != nil {
		return fmt.Errorf("encode what came of import %s: %w", row.ID, err)
	}
	now := i.Door.Now()
	return i.Store.EndImport(ctx, db.EndImportParams{EndedAt: &now, Results: results, ID: row.ID, Pass: row.Pass})
}

// read reads rows by the plan; what is not good is judged by that.
func (i Imports) read(ctx context.Context, row db.Import, waiting []db.ImportRowsAfterRow) ([]*judged, error) {
	plan, err := planOf(row)
	if err != nil {
		return nil, err
	}
	reader, err := i.reader(ctx, row.Header, plan)
	if err != nil {
		return nil, err
	}
	rows := make([]*judged, len(waiting))
	for n, w := range waiting {
		j := &judged{place: n, line: w.Line, known: plan.Known}
		if j.e, j.Faults = reader.read(csvfile.Row{Line: int(w.Line), Cells: w.Cells, Fault: w.Fault}); len(j.Faults) > 0 {
			j.Result = Refused
		}
		j.e.ExternalID = fmt.Sprintf("file:%x/%d", row.Digest[:16], w.Line)
		j.e.By = row.StartedBy
		if j.address = j.e.Email; j.address == "" {
			j.address = j.e.Phone
		}
		rows[n] = j
	}
	return rows, nil
}

// judge finds out what comes of each row, and lets it come unless the pass is dry.
func (i Imports) judge(ctx context.Context, row db.Import, rows []*judged) error {
	for _, step := range []func(context.Context, db.Import, []*judged) error{i.again, i.refrain, i.known, i.enrol} {
		if err := step(ctx, row, open(rows)); err != nil {
			return err
		}
	}
	return nil
}

// open are the rows of which is not known yet what comes of them.
func open(rows []*judged) (left []*judged) {
	for _, j := range rows {
		if j.Result == "" {
			left = append(left, j)
		}
	}
	return left
}

// again finds rows that had their effect before: when the same file came, or in a batch
// whose end was lost in a crash.
func (i Imports) again(ctx context.Context, row db.Import, rows []*judged) error {
	if len(rows) == 0 {
		return nil
	}
	var externals []string
	var lines []int32
	for _, j := range rows {
		externals, lines = append(externals, j.e.ExternalID), append(lines, j.line)
	}
	leads, err := i.Store.LeadsOfExternals(ctx, externals)
	if err != nil || len(leads) == 0 {
		return err
	}
	before, err := i.Store.ImportedBefore(ctx, db.ImportedBeforeParams{Digest: row.Digest, ImportID: row.ID, Lines: lines})
	if err != nil {
		return err
	}
	earlier, made := map[int32]bool{}, map[string]db.LeadsOfExternalsRow{}
	for _, line := range before {
		earlier[line] = true
	}
	for _, l := range leads {
		made[l.ExternalID] = l
	}
	for _, j := range rows {
		l, ok := made[j.e.ExternalID]
		switch {
		case !ok:
			continue
		case earlier[j.line] || row.Dry:
			j.Result = Repeated
		case l.First:
			j.Result = Created
		default:
			j.Result = Recorded
		}
		j.Lead = *l.LeadID
	}
	return nil
}

// refrain finds those who said stop.
func (i Imports) refrain(ctx context.Context, _ db.Import, rows []*judged) error {
	var ask db.StoppedAmongParams
	for _, j := range rows {
		ask.Emails = append(ask.Emails, postgres.Hash(j.e.Email))
		ask.Domains = append(ask.Domains, postgres.Hash(postgres.Domain(j.e.Email)))
		ask.Phones = append(ask.Phones, postgres.Hash(j.e.Phone))
	}
	hashes, err := i.Store.StoppedAmong(ctx, ask)
	if err != nil {
		return err
	}
	stopped := map[string]bool{}
	for _, h := range hashes {
		stopped[string(h)] = true
	}
	for n, j := range rows {
		byNumber := j.e.Email == "" && stopped[string(ask.Phones[n])]
		if byNumber || j.e.Email != "" && (stopped[string(ask.Emails[n])] || stopped[string(ask.Domains[n])]) {
			j.Result = Refrained
		}
	}
	return nil
}

// known finds those who are known, from before or from further up, and does with them
// as the plan says.
func (i Imports) known(ctx context.Context, row db.Import, rows []*judged) error {
	leads, err := i.leadsOf(ctx, rows)
	if err != nil {
		return err
	}
	above, err := i.above(ctx, row, rows)
	if err != nil {
		return err
	}
	for _, j := range rows {
		lead, found := leads[j.place]
		if !found && row.Dry && above[j.address] {
			found = true
		}
		above[j.address] = true
		if !found {
			continue
		}
		j.Lead = lead
		if err := i.meet(ctx, row, j); err != nil {
			return err
		}
	}
	return nil
}

// meet does with somebody who is known as the plan says.
func (i Imports) meet(ctx context.Context, row db.Import, j *judged) error {
	switch j.known {
	case Leave:
		j.Result = LeftAlone
		return nil
	case Engage:
		j.Result = Recorded
		if row.Dry {
			return nil
		}
		r, err := i.Door.Engage(ctx, j.e)
		if err != nil {
			return j.refused(err)
		}
		if r.Status == door.Suppressed {
			j.Result = Refrained
		}
		j.Lead = r.Lead
		return nil
	}
	j.Result = Completed
	if row.Dry {
		return nil
	}
	return i.Door.Complete(ctx, j.e.Person)
}

// enrol makes the leads of all others.
func (i Imports) enrol(ctx context.Context, row db.Import, rows []*judged) error {
	if row.Dry {
		for _, j := range rows {
			j.Result = Created
		}
		return nil
	}
	enrolments := make([]door.Enrolment, len(rows))
	for n, j := range rows {
		enrolments[n] = j.e
	}
	attempts, err := i.Door.EnrolAll(ctx, enrolments)
	if err != nil {
		return err
	}
	for n, t := range attempts {
		j := rows[n]
		var living door.AlreadyEnrolled
		switch {
		case t.Err == nil:
			j.Result, j.Lead = Created, t.Lead
		case errors.Is(t.Err, door.ErrStopped):
			j.Result = Refrained
		case errors.As(t.Err, &living): // stands further up, or came by another door just now
			j.Lead = living.Lead
			if err := i.meet(ctx, row, j); err != nil {
				return err
			}
		default:
			if err := j.refused(t.Err); err != nil {
				return err
			}
		}
	}
	return nil
}

// refused turns what stands in the way of a row into what is said about it; any other
// failure is the batch's.
func (j *judged) refused(err error) error {
	switch {
	case errors.Is(err, door.ErrOwner):
		j.Faults = []Fault{{string(Owner), "is no active user; choose another"}}
	case errors.Is(err, door.ErrNoRep):
		j.Faults = []Fault{{string(Owner), "there is no rep who could own the lead; add one, or say who owns them"}}
	case errors.Is(err, postgres.ErrInvalid), errors.Is(err, postgres.ErrTaken):
		j.Faults = []Fault{{Message: "the row cannot be kept; look for odd characters in it"}}
	default:
		return err
	}
	j.Result = Refused
	return nil
}

// leadsOf are the leads by which people are known.
func (i Imports) leadsOf(ctx context.Context, rows []*judged) (map[int]uuid.UUID, error) {
	type who struct {
		Place int    `json:"place"`
		Email string `json:"email"`
		Phone string `json:"phone"`
	}
	people := []who{}
	for _, j := range rows {
		people = append(people, who{j.place, j.e.Email, j.e.Phone})
	}
	asked, err := json.Marshal(people)
	if err != nil {
		return nil, fmt.Errorf("encode the people of a batch: %w", err)
	}
	found, err := i.Store.KnownAmong(ctx, asked)
	leads := map[int]uuid.UUID{}
	for _, f := range found {
		leads[int(f.Place)] = f.LeadID
	}
	return leads, err
}

// above are the addresses that stand further up in the file. Only a dry pass needs to
// look: otherwise they have a lead by now.
func (i Imports) above(ctx context.Context, row db.Import, rows []*judged) (map[string]bool, error) {
	above, asked := map[string]bool{}, map[string]string{}
	if !row.Dry {
		return above, nil
	}
	var hashes [][]byte
	for _, j := range rows {
		hash := postgres.Hash(j.address)
		hashes, asked[string(hash)] = append(hashes, hash), j.address
	}
	found, err := i.Store.AddressesAbove(ctx, db.AddressesAboveParams{ImportID: row.ID, Pass: row.Pass, Addresses: hashes})
	for _, hash := range found {
		above[asked[string(hash)]] = true
	}
	return above, err
}

// keep writes down what came of rows.
func (i Imports) keep(ctx context.Context, row db.Import, rows []*judged) error {
	type result struct {
		Line    int32      `json:"line"`
		Result  string     `json:"result"`
		Address string     `json:"address"`
		Lead    *uuid.UUID `json:"lead_id"`
		Faults  []Fault    `json:"faults"`
	}
	kept := make([]result, len(rows))
	for n, j := range rows {
		kept[n] = result{Line: j.line, Result: j.Result, Address: hex.EncodeToString(postgres.Hash(j.address)), Faults: j.Faults}
		if j.Lead != uuid.Nil {
			kept[n].Lead = &j.Lead
		}
	}
	results, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode what came of rows: %w", err)
	}
	return i.Store.InsertImportResults(ctx, db.InsertImportResultsParams{ImportID: row.ID, Pass: row.Pass, Results: results})
}
