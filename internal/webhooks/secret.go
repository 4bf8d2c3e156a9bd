package webhooks

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// secretLength is within what Standard Webhooks asks for, 24 to 64 bytes.
const secretLength = 32

// newSecret makes a secret, and how its owner sees it, once.
func newSecret() (secret []byte, shown string) {
	secret = make([]byte, secretLength)
	_, _ = rand.Read(secret) // never fails
	return secret, "whsec_" + base64.StdEncoding.EncodeToString(secret)
}

// signers are those that sign for an endpoint at an instant: its secret, and the one
// before while that is still good.
func (w Webhooks) signers(e db.WebhookEndpoint, at time.Time) ([]*standardwebhooks.Webhook, error) {
	sealed := [][]byte{e.Sealed}
	if e.FormerUntil != nil && at.Before(*e.FormerUntil) {
		sealed = append(sealed, e.Former)
	}
	var all []*standardwebhooks.Webhook
	for _, s := range sealed {
		secret, err := w.Seal.OpenSecret(e.ID, s)
		if err != nil {
			return nil, fmt.Errorf("open the secret of webhook %s: %w", e.Name, err)
		}
		signer, err := standardwebhooks.NewWebhookRaw(secret)
		if err != nil {
			return nil, fmt.Errorf("read the secret of webhook %s: %w", e.Name, err)
		}
		all = append(all, signer)
	}
	return all, nil
}
