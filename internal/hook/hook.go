// Package hook takes in what other services report by webhook: it knows who may call,
// how each service signs and what its bodies say, and keeps every call until it has had
// its effect. What a report means for a lead is the caller's; it must not know HTTP
// handlers, Temporal or what a rule means.
package hook

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// The kinds of source.
const (
	Generic  = "generic"  // any JSON, signed by Standard Webhooks
	Typeform = "typeform" // form responses
	Cal      = "cal"      // bookings of Cal.com
	HubSpot  = "hubspot"  // contacts, and forms by workflows
)

var kinds = []string{Generic, Typeform, Cal, HubSpot}

// States of a delivery.
const (
	Received = "received" // waits to be handled, or to be handled again
	Done     = "done"
	Failed   = "failed" // a person must mend something
	Ignored  = "ignored"
)

// ErrNoSource: there is none of that name. By Source, Renew, Remove, Deliveries, Delivery, Again,
// AllAgain and Open.
var ErrNoSource = errors.New("there is no source of webhooks of this name")

// ErrNotAgain: nothing is left of the delivery. By Again.
var ErrNotAgain = errors.New("what it brought is no longer kept, so it cannot be processed again")

// Hooks are the sources and what they brought.
type Hooks struct {
	Store *postgres.Store
	Seal  mailbox.Seal
	Now   func() time.Time // on the leads' clock
}

// Settings are a source as a person gives it. Secrets are given and never shown; where a
// change leaves them out, they stay as they are.
type Settings struct {
	Kind       string   `json:"kind" enum:"generic,typeform,cal,hubspot" doc:"The service; it stays what it was"`
	Engagement string   `json:"engagement" maxLength:"64" doc:"Kind of engagement that it reports, of the playbook" example:"info_request"`
	Secrets    []string `json:"secrets,omitempty" maxItems:"4" doc:"By which it signs; any of them counts, while they are changed; never shown. For a new source one is made, and shown once, if left out; HubSpot has its own"`
	Mapping    Mapping  `json:"mapping,omitempty" doc:"Which of its fields say what; the service's own if left out"`
	Owner      string   `json:"owner,omitempty" maxLength:"254" doc:"Address of the user who gets new leads; the rep with the fewest if left out"`
	Off        bool     `json:"off,omitempty" doc:"Take nothing from it for now"`
}

// Source is a source as it is looked at. It shows no secrets.
type Source struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind"`
	Engagement  string     `json:"engagement"`
	Mapping     Mapping    `json:"mapping,omitempty"`
	Owner       string     `json:"owner,omitempty"`
	Off         bool       `json:"off,omitempty"`
	Waiting     int        `json:"waiting" doc:"Deliveries that are not handled yet"`
	Failed      int        `json:"failed" doc:"Deliveries that somebody must look at"`
	LastAt      time.Time  `json:"last_at,omitzero" doc:"When something came last"`
	FormerUntil *time.Time `json:"former_until,omitempty" doc:"Until then the former secrets count beside the newest"`
	Refused     []Refusal  `json:"refused,omitempty" doc:"Calls that were turned away; nothing of them is kept"`
	CreatedAt   time.Time  `json:"created_at"`
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

var nameOfSource = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Save makes the source of a name, or changes it. A new one that is given no secret is
// made one, which is known to nobody else and returned. Faults say what is wrong, and
// nothing is changed then.
func (h Hooks) Save(ctx context.Context, name string, s Settings) (made string, err error) {
	row, err := h.Store.SourceByName(ctx, name)
	isNew := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !isNew {
		return "", fmt.Errorf("read the source %s: %w", name, err)
	}
	if isNew {
		row = db.InboundSource{ID: uuid.New(), Name: name, Kind: s.Kind, CreatedAt: h.Now()}
	}
	if isNew && len(s.Secrets) == 0 && s.Kind != HubSpot {
		made = newSecret()
		s.Secrets = []string{made}
	}
	faults := s.faults(row, isNew)
	row.OwnerID = nil
	if s.Owner != "" {
		u, err := h.Store.UserByEmail(ctx, strings.ToLower(s.Owner))
		if errors.Is(err, pgx.ErrNoRows) {
			faults = append(faults, Fault{"owner", "is no active user's address; see rekindle user list"})
		} else if err != nil {
			return "", fmt.Errorf("find the owner of a source: %w", err)
		}
		row.OwnerID = &u.ID
	}
	if len(faults) > 0 {
		return "", faults
	}
	if len(s.Secrets) > 0 {
		row.FormerUntil = nil
		if row.Sealed, err = h.Seal.CloseSecrets(row.ID, s.Secrets); err != nil {
			return "", err
		}
	}
	mapping, err := json.Marshal(s.Mapping)
	if err != nil {
		return "", fmt.Errorf("encode the mapping of a source: %w", err)
	}
	_, err = h.Store.SaveSource(ctx, db.SaveSourceParams{
		ID: row.ID, Name: row.Name, Kind: row.Kind, Sealed: row.Sealed, FormerUntil: row.FormerUntil, Engagement: s.Engagement, Mapping: mapping,
		OwnerID: row.OwnerID, Active: !s.Off, CreatedAt: row.CreatedAt,
	})
	return made, postgres.Translate(err)
}

func (s Settings) faults(row db.InboundSource, isNew bool) (faults Faults) {
	fault := func(field, says string) { faults = append(faults, Fault{field, says}) }
	if !nameOfSource.MatchString(row.Name) {
		fault("name", "may have small letters, digits, - and _, at most 63")
	}
	switch {
	case !slices.Contains(kinds, s.Kind):
		fault("kind", "is none of "+strings.Join(kinds, ", "))
	case s.Kind != row.Kind:
		fault("kind", "stays what it was; remove the source and make another")
	}
	if isNew && len(s.Secrets) == 0 {
		fault("secrets", "is missing: the client secret of the HubSpot app")
	}
	for _, secret := range s.Secrets {
		if says := secretFault(s.Kind, secret); says != "" {
			fault("secrets", says)
		}
	}
	for _, says := range s.Mapping.Faults() {
		fault("mapping", says)
	}
	if s.Kind == Generic && len(s.Mapping["email"]) == 0 && len(s.Mapping["phone"]) == 0 {
		fault("mapping", "names no field for email or phone; nobody would be known")
	}
	return faults
}

// List reads the sources.
func (h Hooks) List(ctx context.Context) ([]Source, error) {
	rows, err := h.Store.Sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the sources of webhooks: %w", err)
	}
	refused, err := h.refusals(ctx)
	if err != nil {
		return nil, err
	}
	all := []Source{}
	for _, r := range rows {
		s := Source{
			Name: r.Name, Kind: r.Kind, Engagement: r.Engagement, Owner: r.Owner, Off: !r.Active, Waiting: int(r.Waiting), Failed: int(r.Failed),
			LastAt: r.LastAt, Refused: refused[r.ID], CreatedAt: r.CreatedAt,
		}
		if r.FormerUntil != nil && r.FormerUntil.After(time.Now()) {
			s.FormerUntil = r.FormerUntil
		}
		if err := json.Unmarshal(r.Mapping, &s.Mapping); err != nil {
			return nil, fmt.Errorf("decode the mapping of the source %s: %w", r.Name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// Source reads one. Errors: ErrNoSource.
func (h Hooks) Source(ctx context.Context, name string) (Source, error) {
	all, err := h.List(ctx)
	at := slices.IndexFunc(all, func(s Source) bool { return s.Name == name })
	if err != nil || at < 0 {
		return Source{}, cmp.Or(err, ErrNoSource)
	}
	return all[at], nil
}

// URL is the address that the service of a source calls. HubSpot signs it, too.
func URL(public, name string) string { return strings.TrimRight(public, "/") + "/v1/hooks/" + name }

// Remove drops a source and all that it brought; what came of that stays.
func (h Hooks) Remove(ctx context.Context, name string) error {
	n, err := h.Store.DropSource(ctx, name)
	if err == nil && n == 0 {
		err = ErrNoSource
	}
	return err
}

// Open reads a source and the secrets of which any counts now.
func (h Hooks) Open(ctx context.Context, name string) (row db.InboundSource, secrets []string, err error) {
	if row, err = h.source(ctx, name); err != nil {
		return row, nil, err
	}
	secrets, err = h.counting(row)
	return row, secrets, err
}

func (h Hooks) source(ctx context.Context, name string) (db.InboundSource, error) {
	row, err := h.Store.SourceByName(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, ErrNoSource
	}
	return row, err
}
