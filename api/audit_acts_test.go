package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

func TestWhoChangedWhatIsAboutNoLeadIsWrittenDown(t *testing.T) {
	w := newWorld(t)
	send := func(method, path, body string, status int) {
		w.send(request{method: method, path: path, key: w.keys[api.Manager], body: body}).is(status)
	}
	w.webhook("crm")
	send(http.MethodPut, "/v1/webhooks/crm/secret", `{}`, http.StatusOK)
	send(http.MethodDelete, "/v1/webhooks/crm", "", http.StatusNoContent)
	w.source("form", "typeform", "")
	send(http.MethodPut, "/v1/hooks/form/secret", `{}`, http.StatusOK)
	send(http.MethodDelete, "/v1/hooks/form", "", http.StatusNoContent)
	at, once := w.planned(), uuid.NewString()
	for range 2 {
		w.send(request{method: http.MethodPost, path: at + "/start", key: w.keys[api.Manager], once: once, body: `{}`}).is(http.StatusOK)
	}
	for about, acts := range map[string][]string{
		"crm": {"webhook_saved", "webhook_secret_renewed", "webhook_removed"}, "form": {"hook_saved", "hook_secret_renewed", "hook_removed"},
		idOf(at): {"import_begun"},
	} {
		for _, act := range acts {
			require.Equal(t, 1, w.number("SELECT count(*) FROM admin_acts WHERE act = $1 AND about = $2", act, about), act)
		}
	}
}
