package hook

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// mostSecrets are kept of a source, the newest first.
const mostSecrets = 4

// newSecret is one as Standard Webhooks writes it, which is long enough for every service.
func newSecret() string { return "whsec_" + mailbox.NewKey() }

// Renew has a source sign by another secret: by the one that is given, else by one that
// is made and returned. Those that counted before count beside it for a while, so that
// the service can be changed over; for none, they are revoked at once. Errors: ErrNoSource,
// Faults.
func (h Hooks) Renew(ctx context.Context, name, secret string, both time.Duration) (made string, err error) {
	row, err := h.source(ctx, name)
	if err != nil {
		return "", err
	}
	if secret == "" && row.Kind != HubSpot {
		made = newSecret()
		secret = made
	}
	if says := secretFault(row.Kind, secret); says != "" {
		return "", Faults{{"secret", says}}
	}
	secrets, until := []string{secret}, (*time.Time)(nil)
	if both > 0 {
		former, err := h.counting(row)
		if err != nil {
			return "", err
		}
		former = slices.DeleteFunc(former, func(s string) bool { return s == secret }) // when the same is given again
		secrets = append(secrets, former[:min(len(former), mostSecrets-1)]...)
		until = new(time.Now().Add(both))
	}
	sealed, err := h.Seal.CloseSecrets(row.ID, secrets)
	if err != nil {
		return "", err
	}
	if err := h.Store.RenewSource(ctx, db.RenewSourceParams{ID: row.ID, Sealed: sealed, FormerUntil: until}); err != nil {
		return "", fmt.Errorf("change the secret of %s: %w", name, err)
	}
	return made, nil
}

// counting are the secrets of a source of which any counts now.
func (h Hooks) counting(row db.InboundSource) (secrets []string, err error) {
	if err := h.Seal.OpenSecrets(row.ID, row.Sealed, &secrets); err != nil {
		return nil, err
	}
	if row.FormerUntil != nil && time.Now().After(*row.FormerUntil) {
		secrets = secrets[:min(len(secrets), 1)]
	}
	return secrets, nil
}
