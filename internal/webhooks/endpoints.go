package webhooks

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// EndpointSettings are what somebody says about an endpoint.
type EndpointSettings struct {
	URL    string   `json:"url" maxLength:"2000" doc:"Where events go by POST: https, at a public address" example:"https://crm.example.com/hooks/rekindle"`
	Events []string `json:"events,omitempty" maxItems:"50" doc:"Which are told, such as lead.opted_out; left out: all"`
}

// Endpoint is where events go, and how it fares.
type Endpoint struct {
	Name         string     `json:"name"`
	URL          string     `json:"url"`
	Events       []string   `json:"events" doc:"Which are told; none: all"`
	Parked       string     `json:"parked,omitempty" enum:",by_hand,failing,gone,sealed" doc:"Why nothing is delivered"`
	ParkedDetail string     `json:"parked_detail,omitempty"`
	ParkedAt     *time.Time `json:"parked_at,omitempty"`
	FailingSince *time.Time `json:"failing_since,omitempty" doc:"It has taken nothing since; after 24 hours it is parked"`
	NotBefore    *time.Time `json:"not_before,omitempty" doc:"Nothing is tried until then: it asked for that, or does not answer"`
	Waiting      int64      `json:"waiting" doc:"Events that it has not taken yet"`
	Oldest       *time.Time `json:"oldest,omitempty" doc:"When the oldest of them was written"`
	DeliveredAt  *time.Time `json:"delivered_at,omitempty" doc:"When it took its newest event"`
	FormerUntil  *time.Time `json:"former_until,omitempty" doc:"Until then the secret before the present one signs too"`
	CreatedAt    time.Time  `json:"created_at"`
}

// Fault is one thing that is wrong with settings.
type Fault struct{ Field, Says string }

// Faults are all that is wrong with settings.
type Faults []Fault

func (f Faults) Error() string {
	var all []string
	for _, x := range f {
		all = append(all, x.Field+" "+x.Says)
	}
	return strings.Join(all, "; ")
}

var nameOf = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Save makes the endpoint of a name, or changes it. The secret of a new one is
// returned, once. Faults say what is wrong, and nothing is changed then.
func (w Webhooks) Save(ctx context.Context, name string, s EndpointSettings) (secret string, err error) {
	var faults Faults
	if !nameOf.MatchString(name) {
		faults = append(faults, Fault{"name", "may have small letters, digits, - and _, at most 63"})
	}
	if err := w.Target.Check(s.URL); err != nil {
		faults = append(faults, Fault{"url", err.Error()})
	}
	for i, kind := range s.Events {
		if !slices.Contains(Kinds(), kind) {
			faults = append(faults, Fault{fmt.Sprintf("events[%d]", i), "is no event; there are " + strings.Join(Kinds(), ", ")})
		}
	}
	if len(faults) > 0 {
		return "", faults
	}
	change := db.ChangeWebhookParams{Name: name, Url: s.URL, Kinds: append([]string{}, s.Events...)}
	changed, err := w.Store.ChangeWebhook(ctx, change)
	if err == nil && changed.Parked == "" { // perhaps it was mended: what waits is tried at once
		return "", w.Store.ResumeWebhook(ctx, changed.ID)
	}
	if err == nil || !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	id := uuid.New()
	plain, secret := newSecret()
	sealed, err := w.Seal.CloseSecret(id, plain)
	if err != nil {
		return "", err
	}
	n, err := w.Store.InsertWebhook(ctx, db.InsertWebhookParams{ID: id, Name: name, Url: change.Url, Kinds: change.Kinds, Sealed: sealed})
	if err == nil && n == 0 { // somebody made it at this moment, and has its secret
		return "", fmt.Errorf("make webhook %s: %w", name, postgres.ErrTaken)
	}
	return secret, err
}

// Rotate gives an endpoint another secret, which is returned, once. The one before
// signs beside it for a while.
func (w Webhooks) Rotate(ctx context.Context, name string, both time.Duration) (secret string, err error) {
	e, err := w.byName(ctx, name)
	if err != nil {
		return "", err
	}
	plain, secret := newSecret()
	sealed, err := w.Seal.CloseSecret(e.ID, plain)
	if err != nil {
		return "", err
	}
	now := w.clock()
	if _, err := w.Store.RotateWebhook(ctx, db.RotateWebhookParams{ID: e.ID, Sealed: sealed, At: now, Until: now.Add(both)}); err != nil {
		return "", fmt.Errorf("change the secret of webhook %s: %w", name, err)
	}
	return secret, nil
}

// Delete forgets an endpoint, if there is one of that name, and what it has not taken.
func (w Webhooks) Delete(ctx context.Context, name string) error {
	if err := w.Store.DeleteWebhook(ctx, name); err != nil {
		return fmt.Errorf("delete webhook %s: %w", name, err)
	}
	return nil
}

// Statuses lists the endpoints, or the one of a name.
func (w Webhooks) Statuses(ctx context.Context, name *string) ([]Endpoint, error) {
	rows, err := w.Store.WebhookStatuses(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("list webhooks: %w", err)
	}
	all, now := []Endpoint{}, w.clock()
	for _, r := range rows {
		s := Endpoint{
			Name: r.Name, URL: r.Url, Events: r.Kinds, Parked: r.Parked, ParkedDetail: r.ParkedDetail, ParkedAt: r.ParkedAt,
			FailingSince: r.FailingSince, Waiting: r.Waiting, DeliveredAt: r.DeliveredAt, CreatedAt: r.CreatedAt,
			NotBefore: ahead(r.NotBefore, now), FormerUntil: ahead(r.FormerUntil, now),
		}
		if r.Waiting > 0 {
			s.Oldest = &r.Oldest
		}
		all = append(all, s)
	}
	return all, nil
}

// Status is one endpoint.
func (w Webhooks) Status(ctx context.Context, name string) (Endpoint, error) {
	all, err := w.Statuses(ctx, &name)
	if err == nil && len(all) == 0 {
		err = ErrNoEndpoint
	}
	if err != nil {
		return Endpoint{}, err
	}
	return all[0], nil
}

func ahead(at *time.Time, now time.Time) *time.Time {
	if at == nil || !at.After(now) {
		return nil
	}
	return at
}

func (w Webhooks) byName(ctx context.Context, name string) (db.WebhookEndpoint, error) {
	e, err := w.Store.WebhookByName(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, ErrNoEndpoint
	}
	if err != nil {
		return e, fmt.Errorf("read webhook %s: %w", name, err)
	}
	return e, nil
}
