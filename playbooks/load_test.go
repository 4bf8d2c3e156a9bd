package playbooks_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
)

func TestAPublishedVersionIsLoadedWhateverIsCheckedToday(t *testing.T) {
	all := files(t)
	yaml("zone: America/New_York", "zone: America/Gotham")(t, all)
	yaml("no_shows: 2", "no_shows: 200")(t, all)
	yaml("undo_within: 1 working day", "undo_within:")(t, all)
	yaml("rule: R64", "rule: R99")(t, all)
	text("cold/help", "Hello", "Hello {{.Nickname}}")(t, all)
	drop("owner/introduction")(t, all)
	_, err := playbooks.Read(all)
	require.Error(t, err)

	pb, err := playbooks.Load(all)
	require.NoError(t, err)
	require.Equal(t, "America/Gotham", pb.Zone)
	require.Equal(t, 200, pb.NoShows)
	require.True(t, pb.UndoWithin.IsZero())
	require.Contains(t, pb.Texts["cold/help"].Body, "{{.Nickname}}")
	inspected, _ := playbooks.Inspect(all)
	require.Equal(t, inspected.ID, pb.ID)
}

func TestWhatIsNoPlaybookIsNotLoaded(t *testing.T) {
	for name, f := range map[string]fault{
		"an unknown key":        {alter: yaml("no_shows: 2", "no_show: 2")},
		"a wait that is none":   {alter: yaml("out_of_office: 7 days", "out_of_office: a while")},
		"a text for a number":   {alter: yaml("no_shows: 2", "no_shows: two")},
		"a key given twice":     {alter: yaml("no_shows: 2", "no_shows: 2\nno_shows: 2")},
		"no YAML":               {alter: yaml("no_shows: 2", "no_shows: [")},
		"a text, not a subject": {alter: text("cold/help", "Subject: ", "About: ")},
		"no files":              {alter: replace("playbook.yaml", "")},
	} {
		t.Run(name, func(t *testing.T) {
			all := files(t)
			f.alter(t, all)
			pb, err := playbooks.Load(all)
			require.Error(t, err)
			require.Nil(t, pb)
		})
	}
}
