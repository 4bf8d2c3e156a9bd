package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/playbooks"
)

// edit is a change of the default playbook.
type edit struct{ from, to string }

var (
	// patient waits longer before the second email.
	patient = edit{"email: warm/idea, after: 2 working days", "email: warm/idea, after: 4 working days"}
	// faulty has a key that nobody knows.
	faulty = edit{"no_shows: 2", "no_shos: 2"}
	// empty has a phrase that brings nothing, which is the publisher's to decide.
	empty = edit{"There is something new that I can add to what you have seen from us:", "I am just checking in, and there is something new:"}
	// forgetful no longer knows a way in which leads come.
	forgetful = edit{`  ebook_download: { opener: "downloaded our eBook", weight: 5 }` + "\n", ""}
)

func quoted(s string) string {
	encoded, _ := json.Marshal(s) // a string always can be
	return string(encoded)
}

// files is a request that publishes the default playbook with a change.
func (w *world) files(change edit, more ...string) string {
	w.Helper()
	files, err := playbooks.DefaultFiles()
	require.NoError(w, err)
	found := false
	for name, content := range files {
		found = found || strings.Contains(content, change.from)
		files[name] = strings.ReplaceAll(content, change.from, change.to)
	}
	require.True(w, found, "nothing to change: %s", change.from)
	encoded, err := json.Marshal(files)
	require.NoError(w, err)
	return `{"files":` + string(encoded) + strings.Join(more, "") + `}`
}

// publish gives the id of the changed playbook.
func (w *world) publish(change edit) string {
	w.Helper()
	return w.post(api.Manager, "/v1/playbooks", w.files(change)).is(http.StatusCreated).text("id")
}

func (w *world) current() string { return w.door.Playbook().ID }

func TestAPlaybookIsPublishedUnderTheNameOfItsContent(t *testing.T) {
	w := newWorld(t)
	w.lead("ann")
	before := w.current()
	first := w.post(api.Manager, "/v1/playbooks", w.files(patient)).is(http.StatusCreated)
	require.Regexp(t, `^default-[0-9a-f]{12}$`, first.text("id"))
	require.Equal(t, false, first.at("current"), "published is not released")
	require.Equal(t, before, w.current())

	again := w.post(api.Admin, "/v1/playbooks", w.files(patient)).is(http.StatusCreated)
	require.Equal(t, first.text("id"), again.text("id"))
	require.Equal(t, first.text("published_at"), again.text("published_at"), "the same version, not a new one")
	require.Equal(t, 2, w.number(`SELECT count(*) FROM playbooks`))

	list := w.get(api.Rep, "/v1/playbooks").is(http.StatusOK)
	require.Len(t, list.list("playbooks"), 2)
	require.Equal(t, first.text("id"), list.text("playbooks.0.id"), "newest first")
	require.Equal(t, before, list.text("playbooks.1.id"))
	require.Equal(t, true, list.at("playbooks.1.current"))
	require.EqualValues(t, 1, list.at("playbooks.1.leads"))
	require.EqualValues(t, 0, list.at("playbooks.0.leads"))
}

func TestAVersionIsReadWithItsFiles(t *testing.T) {
	w := newWorld(t)
	id := w.publish(patient)
	v := w.get(api.Rep, "/v1/playbooks/"+id).is(http.StatusOK)
	require.Equal(t, id, v.text("id"))
	require.Equal(t, "default", v.text("name"))
	require.NotEmpty(t, v.text("published_at"))
	files, ok := v.at("files").(map[string]any)
	require.True(t, ok)
	require.Contains(t, files["playbook.yaml"], patient.to)
	require.NotEmpty(t, files["texts/warm/acknowledge.md"])
	w.get(api.Rep, "/v1/playbooks/default-000000000000").problem(http.StatusNotFound, "unknown_playbook")
}

func TestFaultsOfAPlaybookAreNamedWithFileLineAndColumnAndNothingIsPublished(t *testing.T) {
	w := newWorld(t)
	before := w.records()
	p := w.post(api.Manager, "/v1/playbooks", w.files(faulty)).problem(422, "not_valid", "body.files")
	require.Regexp(t, `^playbook\.yaml:20:1: .*no_shos.*did you mean "no_shows"`, p.Errors[0].Message)
	w.post(api.Manager, "/v1/playbooks", `{"files":{}}`).problem(422, "not_valid", "body.files")
	w.post(api.Manager, "/v1/playbooks", `{"files":{"playbook.yaml":"stages: ["}}`).problem(422, "not_valid", "body.files")
	w.unchanged(before)
}

func TestAPlaybookThatGoesAgainstARuleIsPublishedWithAWarning(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Manager, "/v1/playbooks", w.files(empty)).is(http.StatusCreated)
	require.Regexp(t, `^texts/warm/question\.md:\d+:\d+: warning: .*checking in.*\(R06\)$`, a.text("warnings.0"))
	require.Nil(t, w.post(api.Manager, "/v1/playbooks", w.files(patient)).is(http.StatusCreated).at("warnings"))
}

func TestNewLeadsFollowTheReleasedVersionAndOldOnesKeepTheirs(t *testing.T) {
	w := newWorld(t)
	old, id := w.lead("ann"), w.publish(patient)
	before := w.stateOf(old)
	require.Equal(t, true, w.post(api.Manager, "/v1/playbooks/"+id+"/release", `{}`).is(http.StatusOK).at("current"))
	newer := w.lead("bo")
	require.Equal(t, id, w.stateOf(newer).Playbook)
	require.Equal(t, before, w.stateOf(old))
	require.NotEqual(t, id, before.Playbook)
	require.Equal(t, w.mo.String(), w.releasedBy(), "and who released it is kept")

	v := w.get(api.Rep, "/v1/playbooks/"+id).is(http.StatusOK)
	require.Equal(t, true, v.at("current"))
	require.EqualValues(t, 1, v.at("leads"))
	w.post(api.Manager, "/v1/playbooks/nobody-published-this/release", `{}`).problem(http.StatusNotFound, "unknown_playbook")
	require.Equal(t, id, w.current())
}

func (w *world) releasedBy() string {
	r, err := w.store.ReleasedPlaybook(w.Context())
	require.NoError(w, err)
	return r.ReleasedBy
}

func TestAPlaybookIsPublishedAndReleasedAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.post(api.Manager, "/v1/playbooks", w.files(patient, `,"release":true`)).is(http.StatusCreated)
	require.Equal(t, true, a.at("current"))
	require.Equal(t, a.text("id"), w.current())
	require.Equal(t, a.text("id"), w.stateOf(w.lead("ann")).Playbook)
}
