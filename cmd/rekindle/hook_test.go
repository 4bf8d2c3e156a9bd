package main_test

import (
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/mailbox"
)

func TestSourcesOfWebhooksAreKeptByCommandAndWhatFailedIsProcessedAgain(t *testing.T) {
	r := newRecords(t)
	t.Setenv("REKINDLE_SECRET_KEY", "")
	t.Setenv("REKINDLE_PUBLIC_URL", "https://rekindle.example.com/")
	add := []string{"hook", "add", "demo-form", "--kind", "typeform", "--engagement", "info_request", "--owner", "robin@seller.example", "--map", "name=first+last"}
	_, complaint, code := rekindle(t, r.dir, add...)
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "REKINDLE_SECRET_KEY")

	t.Setenv("REKINDLE_SECRET_KEY", mailbox.NewKey())
	out, complaint, code := rekindle(t, r.dir, add...)
	require.Zero(t, code, complaint)
	require.Contains(t, out, "address: https://rekindle.example.com/v1/hooks/demo-form\n")
	secret := regexp.MustCompile(`whsec_\S+`).FindString(out)
	require.NotEmpty(t, secret)
	out, complaint, code = rekindle(t, r.dir, add...)
	require.Zero(t, code, complaint)
	require.NotContains(t, out, "secret", "it stays as it was")
	_, complaint, code = rekindle(t, r.dir, "hook", "add", "crm", "--kind", "hubspot", "--engagement", "info_request", "--map", "colour=x")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "secrets is missing")
	require.Contains(t, complaint, `"colour"`)

	var source uuid.UUID
	require.NoError(t, r.Pool.QueryRow(t.Context(), "SELECT id FROM inbound_sources").Scan(&source))
	failed := uuid.New()
	_, err := r.Pool.Exec(t.Context(), `INSERT INTO inbound_deliveries (id, source_id, key, received_at, headers, body, event, state, reason, remedy)
		VALUES ($1, $2, 'k', now(), '{}', '{}', 'form_response', 'failed', 'nobody is named', 'correct the mapping')`, failed, source)
	require.NoError(t, err)
	out, complaint, code = rekindle(t, r.dir, "hook", "list")
	require.Zero(t, code, complaint)
	require.Regexp(t, `demo-form +typeform +info_request +robin@seller.example +0 +1 +on`, out)
	out, complaint, code = rekindle(t, r.dir, "hook", "deliveries", "demo-form", "--state", "failed")
	require.Zero(t, code, complaint)
	require.Contains(t, out, failed.String())
	require.Contains(t, out, "do: correct the mapping")

	out, complaint, code = rekindle(t, r.dir, "hook", "again", "demo-form", "--all-failed")
	require.Zero(t, code, complaint)
	require.Contains(t, out, "1 delivery will be processed again")
	var state string
	require.NoError(t, r.Pool.QueryRow(t.Context(), "SELECT state FROM inbound_deliveries").Scan(&state))
	require.Equal(t, hook.Received, state)
	_, complaint, code = rekindle(t, r.dir, "hook", "again", "demo-form", uuid.NewString())
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "not found")

	_, complaint, code = rekindle(t, r.dir, "hook", "remove", "demo-form")
	require.Zero(t, code, complaint)
	_, complaint, code = rekindle(t, r.dir, "hook", "remove", "demo-form")
	require.Equal(t, 1, code)
	require.Contains(t, complaint, "no source of webhooks")
}
