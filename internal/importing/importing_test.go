package importing_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/importing"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/workflows"
)

func TestMain(m *testing.M) { testdb.Main(m) }

// office is where lists come in. Its engine takes everything and runs nothing.
type office struct {
	testing.TB
	importing.Imports
	begun []string // passes that the engine was asked to run
}

func (*office) Start(context.Context, workflows.Input) error { return nil }

func (*office) Signal(context.Context, string, string, json.RawMessage) error { return nil }

func (o *office) RunImport(_ context.Context, id string, pass int) error {
	o.begun = append(o.begun, workflows.ImportID(id, pass))
	return nil
}

func newOffice(t testing.TB) *office {
	store, err := postgres.Open(t.Context(), testdb.New(t, postgres.Migrate), 8)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	playbook, err := playbooks.Default()
	require.NoError(t, err)
	var library playbooks.Library
	library.Add(playbook)
	library.Release(playbook.ID)
	o := &office{TB: t}
	o.Imports = importing.Imports{Store: store, Runner: o, Door: &door.Door{Store: store, Workflows: o, Playbook: library.Current}}
	for _, name := range []string{"robin", "kim"} {
		_, err = store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: name, Email: name + "@seller.example", Role: "rep"})
		require.NoError(t, err)
	}
	return o
}

// take keeps a file and says what it lacks.
func (o *office) take(content string, change ...func(*importing.Plan)) uuid.UUID {
	o.Helper()
	id := uuid.New()
	require.NoError(o, o.Take(o.Context(), id, "leads.csv", "mo", []byte(content)))
	v, err := o.Look(o.Context(), id)
	require.NoError(o, err)
	p := v.Plan
	p.Fixed = map[importing.Field]string{}
	for f, value := range map[importing.Field]string{importing.Source: "crm_dormant", importing.Basis: "consent: fair 2025"} {
		if !slices.Contains(p.Columns, f) {
			p.Fixed[f] = value
		}
	}
	for _, c := range change {
		c(&p)
	}
	require.NoError(o, o.Plan(o.Context(), id, p))
	return id
}

// pass goes through a file as the engine does, and gives what came of each line.
func (o *office) pass(id uuid.UUID, dry bool) map[int]string {
	o.Helper()
	require.NoError(o, o.Begin(o.Context(), id, dry))
	o.goThrough(id)
	return o.results(id)
}

func (o *office) goThrough(id uuid.UUID) {
	o.Helper()
	v, err := o.Look(o.Context(), id)
	require.NoError(o, err)
	for last, more := 0, true; more; {
		last, more, err = o.Batch(o.Context(), id, v.Pass, last)
		require.NoError(o, err)
	}
}

func (o *office) results(id uuid.UUID) map[int]string {
	rows, err := o.Rows(o.Context(), id, "", 0, 10_000)
	require.NoError(o, err)
	results := map[int]string{}
	for _, r := range rows {
		results[r.Line] = r.Result
	}
	return results
}

func (o *office) count(query string, args ...any) (n int) {
	require.NoError(o, o.Store.Pool.QueryRow(o.Context(), query, args...).Scan(&n))
	return n
}

// numbers of what there is, which a dry pass leaves as it is.
func (o *office) numbers() map[string]int {
	all := map[string]int{}
	for _, table := range []string{"people", "accounts", "leads", "engagements", "dispatches"} {
		all[table] = o.count("SELECT count(*) FROM " + table)
	}
	return all
}

const fair = "Vorname;Nachname;E-Mail;Telefon;Firma;Land;Besitzer;Wert;Datum\n" +
	"Ann;Lee;ann@acme.example;030 1234567;Acme;Deutschland;kim@seller.example;1.234,50 €;31.12.2025\n" +
	";Bo;bo@acme.example;;Acme;;;;\n" +
	"Cy;Fox;cy at acme.example;;Acme;;;;\n" +
	"Di;Gray;di@beta.example;12;Beta;Germany;nobody@seller.example;a lot;soon\n" +
	"Ann;Lee;ANN@acme.example;;Acme;;;;\n" +
	"Ed;Hay;;+4930555555;;;;;\n" +
	"Flo;Ink;flo@acme.example;;;;;;;;too;many\n" +
	"Gus;\"Jay\" Kay;gus@acme.example;;;;;;\n" +
	"Stop;Now;stop@acme.example;;;;;;\n"

func TestAListComesInRowByRowAndBadRowsHinderNobody(t *testing.T) {
	o := newOffice(t)
	require.NoError(t, o.Door.StopAddress(t.Context(), "stop@acme.example", "link", ""))
	id := o.take(fair)
	before := o.numbers()
	would := o.pass(id, true)
	require.Equal(t, before, o.numbers(), "a dry pass changes nothing")
	v, err := o.Look(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, importing.Open, v.State)
	require.True(t, v.Dry)

	did := o.pass(id, false)
	require.Equal(t, would, did, "a dry pass says what will come")
	require.Equal(t, map[int]string{2: "created", 3: "created", 4: "refused", 5: "refused", 6: "completed", 7: "created", 8: "refused", 9: "refused", 10: "stopped"}, did)
	v, err = o.Look(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, importing.Ended, v.State)
	require.Equal(t, map[string]int{"created": 3, "refused": 4, "completed": 1, "stopped": 1}, v.Results)
	require.Equal(t, []string{workflows.ImportID(id.String(), 1), workflows.ImportID(id.String(), 2)}, o.begun)

	refused, err := o.Rows(t.Context(), id, importing.Refused, 0, 10)
	require.NoError(t, err)
	require.Equal(t, []importing.Fault{{Field: "E-Mail", Message: "is not an email address; write it as ann@acme.example"}}, refused[0].Faults)
	var fields []string
	for _, f := range refused[1].Faults {
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{"Telefon", "Datum", "Besitzer", "Wert"}, fields, "everything that is wrong with a row is said at once")
	require.Contains(t, refused[2].Faults[0].Message, "has 12 cells where the header has 9")
	require.Contains(t, refused[3].Faults[0].Message, "quote")

	var name, phone, country, owner, basis, source string
	var amount int64
	require.NoError(t, o.Store.Pool.QueryRow(t.Context(), `SELECT p.name, p.phone, p.country, u.email, p.basis, l.source, l.amount FROM leads l
		JOIN people p ON p.id = l.person_id JOIN users u ON u.id = l.owner_id WHERE p.email = 'ann@acme.example'`).Scan(&name, &phone, &country, &owner, &basis, &source, &amount))
	require.Equal(t, []any{"Ann Lee", "+49301234567", "DE", "kim@seller.example", "consent: fair 2025", "crm_dormant", int64(123450)}, []any{name, phone, country, owner, basis, source, amount})
	require.Equal(t, 1, o.count("SELECT count(*) FROM people WHERE email = 'bo@acme.example' AND country = '' AND zone = ''"), "what is not said is not known")
	require.Equal(t, 1, o.count("SELECT count(*) FROM engagements WHERE occurred_at::date = '2025-12-30'"), "midnight in Berlin")
}

func TestTheResultIsTheFileAgainWithWhatCameOfEachRow(t *testing.T) {
	o := newOffice(t)
	id := o.take("Name,Email,=Note\nAnn,ann@acme.example,=HYPERLINK(1)\n\nBo,bo,+49 30 12\n")
	o.pass(id, false)
	var out bytes.Buffer
	require.NoError(t, o.Write(t.Context(), id, &out))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"line", "result", "lead_id", "what is wrong", "Name", "Email", "'=Note"}, rows[0])
	require.Equal(t, []string{"2", "created", "", "Ann", "ann@acme.example", "'=HYPERLINK(1)"}, slices.Delete(rows[1], 2, 3), "no spreadsheet takes a cell for a formula")
	require.Equal(t, []string{"4", "refused", "", "Email is not an email address; write it as ann@acme.example", "Bo", "bo", "+49 30 12"}, rows[2])
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	o := newOffice(t)
	first := o.pass(o.take(fair), false)
	require.Equal(t, "created", first[2])
	before := o.numbers()
	again := o.take(fair)
	require.Equal(t, "repeated", o.pass(again, true)[2], "and is said to, beforehand")
	results := o.pass(again, false)
	require.Equal(t, before, o.numbers())
	require.Equal(t, "repeated", results[2])
	require.Equal(t, "refused", results[4])
}

func TestABatchThatWasCutOffHasOneEffect(t *testing.T) {
	o := newOffice(t)
	id := o.take(fair, func(p *importing.Plan) { p.Known = importing.Engage })
	require.NoError(t, o.Begin(t.Context(), id, false))
	o.goThrough(id)
	whole, numbers := o.results(id), o.numbers()

	// Killed after the leads were made and before that was written down.
	_, err := o.Store.Pool.Exec(t.Context(), `DELETE FROM import_results`)
	require.NoError(t, err)
	_, err = o.Store.Pool.Exec(t.Context(), `UPDATE imports SET state = 'running'`)
	require.NoError(t, err)
	o.goThrough(id)
	require.Equal(t, whole, o.results(id))
	require.Equal(t, numbers, o.numbers())
	require.Equal(t, "recorded", whole[6], "Ann's second line woke her lead")
}

func TestWhoIsKnownIsMetAsThePlanSays(t *testing.T) {
	const again = "Name,Email,Title\nAnn Lee,ann@acme.example,Head of Sales\nBea,bea@acme.example,\n"
	for known, want := range map[importing.Known]struct {
		result             string
		title              string
		engagements, leads int
	}{
		importing.Complete: {"completed", "Head of Sales", 2, 2},
		importing.Leave:    {"known", "", 2, 2},
		importing.Engage:   {"recorded", "Head of Sales", 3, 2},
	} {
		o := newOffice(t)
		o.pass(o.take("Name,Email\nAnn,ann@acme.example\n"), false)
		id := o.take(again, func(p *importing.Plan) { p.Known = known })
		would := o.pass(id, true)
		did := o.pass(id, false)
		require.Equal(t, would, did, known)
		require.Equal(t, map[int]string{2: want.result, 3: "created"}, did, known)
		var title string
		require.NoError(t, o.Store.Pool.QueryRow(t.Context(), `SELECT title FROM people WHERE email = 'ann@acme.example'`).Scan(&title))
		require.Equal(t, want.title, title, known)
		require.Equal(t, want.engagements, o.count("SELECT count(*) FROM engagements"), known)
		require.Equal(t, want.leads, o.count("SELECT count(*) FROM leads"), known)
	}
}

func TestWhoHadALeadThatEndedGetsNoOtherUnlessThePlanSaysSo(t *testing.T) {
	o := newOffice(t)
	o.pass(o.take("Name,Email\nAnn,ann@acme.example\n"), false)
	_, err := o.Store.Pool.Exec(t.Context(), `UPDATE leads SET stage = 'won', next_at = NULL`)
	require.NoError(t, err)
	require.Equal(t, "completed", o.pass(o.take("Name,Email\nAnn Lee,ann@acme.example\n"), false)[2])
	require.Equal(t, 1, o.count("SELECT count(*) FROM leads"))
	require.Equal(t, "recorded", o.pass(o.take("Name,Email\nAnn Lee,ann@acme.example\nBo,bo@acme.example\n", func(p *importing.Plan) { p.Known = importing.Engage }), false)[2])
	require.Equal(t, 3, o.count("SELECT count(*) FROM leads"))
}

func TestAnImportCanBeStoppedAndGoOn(t *testing.T) {
	o := newOffice(t)
	var list strings.Builder
	list.WriteString("Name,Email,Company\n")
	for n := range 1200 {
		fmt.Fprintf(&list, "P %d,p%d@acme.example,Acme %d\n", n, n, n%50)
	}
	id := o.take(list.String())
	require.NoError(t, o.Begin(t.Context(), id, false))
	require.NoError(t, o.Begin(t.Context(), id, false), "it runs already")
	require.ErrorIs(t, o.Begin(t.Context(), id, true), importing.ErrNotOpen)
	last, more, err := o.Batch(t.Context(), id, 1, 0)
	require.NoError(t, err)
	require.True(t, more)
	require.NoError(t, o.Stop(t.Context(), id))
	_, more, err = o.Batch(t.Context(), id, 1, last)
	require.NoError(t, err)
	require.False(t, more, "stopped")
	v, err := o.Look(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, importing.Stopped, v.State)
	require.Equal(t, 500, v.Results[importing.Created])

	require.Len(t, o.pass(id, false), 1200)
	require.Equal(t, 1200, o.count("SELECT count(*) FROM leads"))
	require.NoError(t, o.Stop(t.Context(), id))
	require.NoError(t, o.Begin(t.Context(), id, false))
	v, err = o.Look(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, importing.Ended, v.State)
	require.Equal(t, 1, v.Pass, "it has ended")
	require.ErrorIs(t, o.Begin(t.Context(), id, true), importing.ErrNotOpen)
}

func TestAPassThatTheEngineHasLostIsBegunAgain(t *testing.T) {
	o := newOffice(t)
	id := o.take(fair)
	require.NoError(t, o.Begin(t.Context(), id, false))
	o.begun = nil
	require.NoError(t, o.GoOn(t.Context()))
	require.Equal(t, []string{workflows.ImportID(id.String(), 1)}, o.begun)
	o.goThrough(id)
	o.begun = nil
	require.NoError(t, o.GoOn(t.Context()))
	require.Empty(t, o.begun)
}

func TestRowsAreForgottenAndTheFiguresAreNot(t *testing.T) {
	o := newOffice(t)
	id := o.take(fair)
	o.pass(id, false)
	_, err := o.Store.Pool.Exec(t.Context(), `UPDATE imports SET created_at = created_at - interval '31 days'`)
	require.NoError(t, err)
	require.NoError(t, o.Store.ForgetImports(t.Context(), time.Now().AddDate(0, 0, -30)))
	require.Zero(t, o.count("SELECT count(*) FROM import_rows"))
	require.Zero(t, o.count("SELECT count(*) FROM import_results"))
	v, err := o.Look(t.Context(), id)
	require.NoError(t, err)
	require.NotZero(t, v.Results[importing.Created])
}

// TestFilesThatAreBroken holds what spreadsheets, editors and people make of lists.
func TestFilesThatAreBroken(t *testing.T) {
	o := newOffice(t)
	for name, c := range map[string]struct{ content, says string }{
		"empty":                 {"", "empty"},
		"only blanks":           {" \r\n\t\n", "empty"},
		"a header only":         {"Name,Email\n", "no rows"},
		"a header and blanks":   {"Name,Email\n,\n\n", "no rows"},
		"a spreadsheet":         {"PK\x03\x04\x14\x00", "export it from the spreadsheet as CSV"},
		"an old spreadsheet":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "export it from the spreadsheet as CSV"},
		"a PDF":                 {"%PDF-1.7", "no text"},
		"zeros":                 {"Name,Email\nA\x00nn,ann@acme.example\n", "no text"},
		"a broken header":       {"Name,\"Email\nAnn,ann@acme.example\n", "line 1"},
		"more rows than may be": {"Email\n" + strings.Repeat("a@b.example\n", importing.MostRows+1), "divide it"},
	} {
		err := o.Take(t.Context(), uuid.New(), name, "mo", []byte(c.content))
		var unreadable importing.Unreadable
		require.ErrorAs(t, err, &unreadable, name)
		require.ErrorContains(t, err, c.says, name)
	}
	require.Zero(t, o.count("SELECT count(*) FROM imports"))
}

// TestFilesThatAreOddAndGood holds lists that must come in as they are.
func TestFilesThatAreOddAndGood(t *testing.T) {
	o := newOffice(t)
	for n, content := range []string{
		"\ufeffName;E-Mail\r\nJürgen Groß;odd%d@acme.example\r\n",
		"Name\tEmail\rJurgen\todd%d@acme.example\r",
		"Name|Email\nA \"quoted\" | odd%d@acme.example \n",
		"\"Name\",\"Email\"\n\"Lee, Ann\",\"odd%d@acme.example\"",
		"\n\nName,Email\n\nAnn,odd%d@acme.example\n,\n",
		"Email\nodd%d@acme.example\n",
		"Name,Email,,\nAnn,odd%d@acme.example,,\n",
		"Name,Email\n\"Ann\nLee\",Ann Lee <odd%d@acme.example>\n",
		"J\xfcrgen,Email\nGro\xdf,odd%d@acme.example\n",
	} {
		content = fmt.Sprintf(content, n)
		id := o.take(content)
		if strings.Contains(content, "\"quoted\" |") {
			require.Equal(t, []string{"refused"}, slices.Collect(maps.Values(o.pass(id, false))), "a quote in the middle of a cell is said")
			continue
		}
		require.Equal(t, []string{"created"}, slices.Collect(maps.Values(o.pass(id, false))), content)
	}
}
