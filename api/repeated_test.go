package api_test

import (
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/api"
)

func TestARequestWhoseAnswerWasLostInACrashHasOneEffectWhenItIsRepeated(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		path, body, table string
	}{
		{"/leads", `{"email": "lost@acme.example", "source": "ebook_download"}`, "leads"},
		{"/engagements", `{"email": "lost@acme.example", "kind": "site_visit"}`, "engagements"},
		{"/replies", `{"email": "lost@acme.example", "text": "yes"}`, "replies"},
	} {
		r := request{method: http.MethodPost, path: "/v1" + c.path, key: w.keys[api.Rep], once: uuid.NewString(), body: c.body}
		require.Less(t, w.send(r).status, 300, c.path)
		var rows int
		require.NoError(t, w.store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM "+c.table).Scan(&rows))
		// The crash: the work is committed, the answer is not kept.
		_, err := w.store.Pool.Exec(t.Context(), "UPDATE idempotency_keys SET status = NULL, started_at = now() - interval '1 hour'")
		require.NoError(t, err)
		require.Less(t, w.send(r).status, 300, c.path)
		var now int
		require.NoError(t, w.store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM "+c.table).Scan(&now))
		require.Equal(t, rows, now, c.path)
	}
}
