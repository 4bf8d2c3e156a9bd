package api_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

func TestACallComesWithWhatToSayToAVoicemail(t *testing.T) {
	w := newWorld(t)
	lead := w.lead("ann lee")
	call := w.open(lead, sequence.TaskCall)
	require.Equal(t, "Hello ann, this is Robin from Example. You downloaded our eBook, and I would like to hear what you hoped to find. No need to call back: I will try again.",
		w.get(api.Rep, call).is(http.StatusOK).text("brief.voicemail"))

	w.post(api.Rep, call+"/hand-over", `{"owner_id":"`+w.mo.String()+`"}`).is(http.StatusOK)
	require.Contains(t, w.get(api.Manager, call).text("brief.voicemail"), "this is Mo", "whoever calls says their own name")
	w.exec(`UPDATE tasks SET voicemail = 'voicemail/of-another-version' WHERE lead_id = $1`, idOf(lead))
	require.Nil(t, w.get(api.Manager, call).is(http.StatusOK).at("brief.voicemail"), "a version without that text says nothing")

	w.post(api.Rep, lead+"/outcomes", `{"outcome":"call_scheduled","next_step":{"at":"`+w.in(50*3600e9)+`"}}`).is(http.StatusOK)
	require.Nil(t, w.get(api.Rep, w.open(lead, sequence.TaskCall)).is(http.StatusOK).at("brief.voicemail"), "an agreed call is no cold one")
}
