package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/internal/testdb"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// tuesday is the time on the leads' clock.
var tuesday = time.Date(2026, time.March, 3, 9, 0, 0, 0, time.UTC)

// records is a database that the commands work on, and a folder to work in.
type records struct {
	*testing.T
	*postgres.Store
	dir string
	rep db.User
}

func newRecords(t *testing.T) *records {
	url := testdb.New(t, postgres.Migrate)
	store, err := postgres.Open(t.Context(), url, 4)
	require.NoError(t, err)
	t.Cleanup(store.Close)
	t.Setenv("DATABASE_URL", url)
	r := &records{T: t, Store: store, dir: t.TempDir()}
	anHourAgo := time.Now().Add(-time.Hour) // when the stack was last alive: its clock has stood still since
	require.NoError(t, store.SetVirtualClock(t.Context(), db.SetVirtualClockParams{Epoch: anHourAgo, Base: tuesday, Speed: 1}))
	r.rep, err = store.InsertUser(t.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Robin", Email: "robin@seller.example", Role: "rep"})
	require.NoError(t, err)
	return r
}

// run runs a command that succeeds and gives what it prints.
func (r *records) run(args ...string) (out, aside string) {
	r.Helper()
	out, aside, code := rekindle(r.T, r.dir, append([]string{"playbook"}, args...)...)
	require.Zero(r, code, aside)
	return out, aside
}

// refuse runs a command that does not, and gives its complaint.
func (r *records) refuse(args ...string) string {
	r.Helper()
	_, complaint, code := rekindle(r.T, r.dir, append([]string{"playbook"}, args...)...)
	require.Equal(r, 1, code)
	return complaint
}

// enrol lets a lead live under a version since yesterday.
func (r *records) enrol(folder string, kind sequence.Kind, i int) uuid.UUID {
	r.Helper()
	pb, err := playbooks.Read(os.DirFS(filepath.Join(r.dir, folder)))
	require.NoError(r, err)
	id, email := uuid.New(), fmt.Sprintf("lead%d@buyer.example", i)
	p, err := r.InsertPerson(r.Context(), db.InsertPersonParams{ID: uuid.New(), Name: "Ada", Email: &email, Zone: "Europe/Berlin", Country: "DE", UnsubscribeToken: uuid.NewString()})
	require.NoError(r, err)
	life, err := simulate.Begin(sequence.Lead{ID: id.String(), Owner: r.rep.ID.String(), Zone: "Europe/Berlin", Country: "DE"}, kind, pb, tuesday.AddDate(0, 0, -1))
	require.NoError(r, err)
	require.NoError(r, life.Until(tuesday))
	require.NoError(r, r.InsertLead(r.Context(), db.InsertLeadParams{
		ID: id, PersonID: p.ID, OwnerID: r.rep.ID, Source: string(kind), Playbook: pb.ID, Stage: string(sequence.Warm), At: tuesday,
	}))
	require.NoError(r, only(r.SaveLead(r.Context(), tuesday, activities.Save{Lead: life.Lead, Entries: life.Timeline})))
	return id
}

func TestAVersionIsPublishedListedReleasedAndComparedWithoutTemporal(t *testing.T) {
	r := newRecords(t)
	_, aside := r.run("list")
	require.Contains(t, aside, "nothing is published yet")
	r.run("new", "old")
	r.run("new", "next")
	edit(t, filepath.Join(r.dir, "next", "playbook.yaml"), "warm/idea, after: 2 working days", "warm/idea, after: 4 working days")
	edit(t, filepath.Join(r.dir, "next", "playbook.yaml"), "webinar_attended: {", "workshop_attended: {")

	id, _ := r.run("publish", "old")
	old := strings.TrimSpace(id)
	id, aside = r.run("publish", "--release", filepath.Join("next", "playbook.yaml"))
	next := strings.TrimSpace(id)
	require.Regexp(t, `^default-[0-9a-f]{12}$`, next, "the id alone, for scripts")
	require.Contains(t, aside, "new leads follow "+next)
	again, _ := r.run("publish", "old")
	require.Equal(t, old, strings.TrimSpace(again), "the same files are the same version")
	list, _ := r.run("list")
	require.Regexp(t, `(?m)^`+next+` +default +\d{4}-\d\d-\d\d \d\d:\d\d UTC +0 +current$`, list)

	r.run("release", old)
	list, _ = r.run("list")
	require.Regexp(t, `(?m)^`+old+` .* 0 +current$`, list)
	require.Contains(t, r.refuse("release", "default-nobody"), "see rekindle playbook list")

	r.enrol("old", "info_request", 1)
	webinar := r.enrol("old", "webinar_attended", 2)
	report, _ := r.run("impact", old, "next")
	require.Contains(t, report, old+" → "+next+", as of Tue 2026-03-03 09:00 UTC.")
	require.Regexp(t, `next touch changes +1   50\.0 %\n.*\n  refused +1   50\.0 %`, report)
	require.Regexp(t, `Examples: next touch changes\n  lead \S+: .* on Wed 2026-03-04 .* UTC → .* on Fri 2026-03-06 .* UTC\n`, report)
	require.Contains(t, report, "lead "+webinar.String()+": the new version knows no engagement kind")
	require.Regexp(t, `2 leads compared in \d+m?s, \d+ a second\n$`, report)

	encoded, _ := r.run("impact", "old", next, "--json", "--examples", "0")
	var impact policy.Impact
	require.NoError(t, json.Unmarshal([]byte(encoded), &impact))
	require.Equal(t, map[sequence.Effect]int{sequence.TouchChanges: 1, sequence.Refused: 1}, impact.Counts)
	require.Empty(t, impact.Examples)
}

func TestAPlaybookWithFaultsIsNotPublishedAndWarningsAreShown(t *testing.T) {
	r := newRecords(t)
	r.run("new", "ours")
	edit(t, filepath.Join(r.dir, "ours", "texts", "cold", "help.md"), "Take from it", "Just checking in. Take from it")
	id, aside := r.run("publish", "ours")
	require.Contains(t, aside, "ours/texts/cold/help.md:13:1: warning: ")
	edit(t, filepath.Join(r.dir, "ours", "playbook.yaml"), "no_shows", "no_show")
	complaint := r.refuse("publish", "ours")
	require.Contains(t, complaint, `ours/playbook.yaml:21:1: unknown key "no_show"; did you mean "no_shows"?`)
	require.Contains(t, complaint, "nothing is published: ours: 1 fault, 1 warning")
	require.Contains(t, r.refuse("impact", strings.TrimSpace(id), "ours"), "1 fault")
	published, err := r.PlaybookVersions(t.Context())
	require.NoError(t, err)
	require.Len(t, published, 1)
}

func TestAMoveNeedsTwoPublishedVersionsAndAYes(t *testing.T) {
	r := newRecords(t)
	r.run("new", "old")
	r.run("new", "next")
	edit(t, filepath.Join(r.dir, "next", "playbook.yaml"), "name: default", "name: next")
	r.run("publish", "old")
	require.Contains(t, r.refuse("migrate", "old", "next"), "--yes")
	require.Contains(t, r.refuse("migrate", "--yes", "old", "next"), "see rekindle playbook publish")
	require.Contains(t, r.refuse("migrate", "--yes", "old", "old"), "are the same version")
	require.Contains(t, r.refuse("migrate", "--yes", "old", "nowhere"), `"nowhere" is neither a published version`)
	require.Contains(t, r.refuse("migrate", "--watch", uuid.NewString()), "there is no move")
}

func TestTheEndOfAMoveIsWatchedInTheRecords(t *testing.T) {
	r := newRecords(t)
	r.run("new", "old")
	r.run("new", "next")
	edit(t, filepath.Join(r.dir, "next", "playbook.yaml"), "name: default", "name: next")
	from, _ := r.run("publish", "old", "--release")
	to, _ := r.run("publish", "next")
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	moved, refused, move := r.enrol("old", "info_request", 1), r.enrol("old", "info_request", 2), uuid.New()
	require.NoError(t, r.InsertMove(t.Context(), db.InsertMoveParams{ID: move, FromID: from, ToID: to, StartedBy: "cli"}))
	require.NoError(t, r.Record(t.Context(), move.String(), moved.String(), nil))
	open, _ := r.run("moves")
	require.Regexp(t, `^`+move.String()+`  `+from+` → `+to+`  1 moved  0 refused so far  2 when it began\n$`, open)

	require.NoError(t, r.Record(t.Context(), move.String(), refused.String(), &sequence.Refusal{Code: "not_running", Message: "no workflow runs for this lead"}))
	require.NoError(t, r.Finish(t.Context(), move.String()))
	out, complaint, code := rekindle(t, r.dir, "playbook", "migrate", "--watch", move.String())
	require.Equal(t, 1, code, "somebody was left behind")
	require.Contains(t, out, "1 moved, 1 refused in ")
	require.Contains(t, out, "1 lead: no workflow runs for this lead\n  "+refused.String())
	require.Contains(t, complaint, "new leads still begin with "+from)
	open, _ = r.run("moves")
	require.Empty(t, open)
}

// only is whether a turn was written.
func only(_ []sequence.SendAbandoned, err error) error { return err }
