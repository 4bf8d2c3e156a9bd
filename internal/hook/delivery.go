package hook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// kept are the headers that help to understand a delivery. Signatures are not among them.
var kept = []string{"Content-Type", "User-Agent", standardwebhooks.HeaderWebhookID, standardwebhooks.HeaderWebhookTimestamp, hubSpotTimestamp, "X-Cal-Webhook-Version"}

// Keep writes a verified call down, before anything comes of it. The same call again is
// the same delivery.
func (h Hooks) Keep(ctx context.Context, source db.InboundSource, c Call) (uuid.UUID, error) {
	m, err := mappingOf(source)
	if err != nil {
		return uuid.Nil, err
	}
	r, _ := Read(source.Kind, m, c.Body) // whether it can be read is found out when it is handled
	headers := map[string]string{}
	for _, name := range kept {
		if v := one(c.Header, name); v != "" {
			headers[name] = short(v)
		}
	}
	encoded, err := json.Marshal(headers)
	if err != nil {
		return uuid.Nil, fmt.Errorf("encode the headers of a webhook: %w", err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, err
	}
	key := keyOf(source.Kind, r.ID, c)
	n, err := h.Store.InsertDelivery(ctx, db.InsertDeliveryParams{
		ID: id, SourceID: source.ID, Key: key, ReceivedAt: h.Now(), Headers: encoded, Body: c.Body,
		Event: r.Event, Subject: r.Subject, Replaces: r.Replaces,
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("keep a webhook of %s: %w", source.Name, postgres.Translate(err))
	}
	if n == 0 {
		known, err := h.Store.DeliveryByKey(ctx, db.DeliveryByKeyParams{SourceID: source.ID, Key: key})
		return known.ID, err
	}
	return id, nil
}

// keyOf is by what a repeat is known: the id that the service gives a delivery, else what
// it says.
func keyOf(kind, id string, c Call) string {
	if kind == Generic {
		id = one(c.Header, standardwebhooks.HeaderWebhookID)
	}
	of, content := "body:", c.Body
	if id != "" {
		of, content = "id:", []byte(id)
	}
	sum := sha256.Sum256(content)
	return of + hex.EncodeToString(sum[:])
}

func mappingOf(source db.InboundSource) (m Mapping, err error) {
	if err = json.Unmarshal(source.Mapping, &m); err != nil {
		err = fmt.Errorf("decode the mapping of the source %s: %w", source.Name, err)
	}
	return m, err
}

// Delivery is one call that is to be handled now, and what it says.
type Delivery struct {
	db.InboundDelivery
	Source db.InboundSource
}

// Report reads a delivery by the mapping as it is now. Errors: Unreadable.
func (d Delivery) Report() (Report, error) {
	m, err := mappingOf(d.Source)
	if err != nil {
		return Report{}, err
	}
	return Read(d.Source.Kind, m, d.Body)
}

// Claim takes deliveries that wait, or the one that is named, for a minute.
func (h Hooks) Claim(ctx context.Context, id *uuid.UUID, most int) (all []Delivery, err error) {
	rows, err := h.Store.ClaimDeliveries(ctx, db.ClaimDeliveriesParams{ID: id, Most: int32(most)})
	if err != nil {
		return nil, fmt.Errorf("take webhooks that wait: %w", postgres.Translate(err))
	}
	for _, row := range rows {
		source, err := h.Store.Source(ctx, row.SourceID)
		if err != nil {
			return all, fmt.Errorf("read the source of delivery %s: %w", row.ID, err)
		}
		all = append(all, Delivery{row, source})
	}
	return all, nil
}

// Settled is what came of a delivery.
type Settled struct {
	State, Reason, Remedy string
	Lead                  *uuid.UUID
}

// Settle writes down what came of it.
func (h Hooks) Settle(ctx context.Context, id uuid.UUID, s Settled) error {
	now := h.Now()
	err := h.Store.SettleDelivery(ctx, db.SettleDeliveryParams{ID: id, State: s.State, Reason: s.Reason, Remedy: s.Remedy, LeadID: s.Lead, At: &now})
	if err != nil {
		return fmt.Errorf("settle delivery %s: %w", id, err)
	}
	return nil
}

// MostAttempts is how often what cannot be done for a passing cause is tried: for some days.
const MostAttempts = 100

// PutOff has a delivery tried again, less and less often, at most every hour.
func (h Hooks) PutOff(ctx context.Context, d Delivery, why string) error {
	if d.Attempts >= MostAttempts {
		return h.Settle(ctx, d.ID, Settled{State: Failed, Reason: why, Remedy: "it was tried for days; process it again when the cause is gone"})
	}
	wait := min(10*d.Attempts*d.Attempts, 3600)
	return h.Store.PutOffDelivery(ctx, db.PutOffDeliveryParams{ID: d.ID, Reason: why, Seconds: wait})
}

// Over reports whether a booking is known to stand no more, or at another time.
func (h Hooks) Over(ctx context.Context, d Delivery) (bool, error) {
	return h.Store.BookingOver(ctx, db.BookingOverParams{SourceID: d.SourceID, ID: d.ID, Subject: d.Subject, Endings: Endings})
}

// Again has a delivery handled anew, by the mapping as it is then; one that had its
// effect is left alone. Errors: ErrNoSource, postgres.ErrNotFound, ErrNotAgain.
func (h Hooks) Again(ctx context.Context, name string, id uuid.UUID) error {
	source, err := h.source(ctx, name)
	if err != nil {
		return err
	}
	d, err := h.Store.Delivery(ctx, db.DeliveryParams{ID: id, SourceID: source.ID})
	if err != nil {
		return fmt.Errorf("read delivery %s: %w", id, postgres.Translate(err))
	}
	n, err := h.Store.DeliverAgain(ctx, db.DeliverAgainParams{ID: id, SourceID: source.ID})
	if err == nil && n == 0 && (d.State == Failed || d.State == Ignored) {
		err = ErrNotAgain
	}
	return err
}

// AllAgain has everything handled anew that failed and is still kept, and says how much
// that is. Errors: ErrNoSource.
func (h Hooks) AllAgain(ctx context.Context, name string) (int64, error) {
	source, err := h.source(ctx, name)
	if err != nil {
		return 0, err
	}
	n, err := h.Store.DeliverFailedAgain(ctx, source.ID)
	if err != nil {
		return 0, fmt.Errorf("have what %s brought processed again: %w", name, err)
	}
	return n, nil
}

// View is a delivery as it is looked at.
type View struct {
	ID         uuid.UUID         `json:"id"`
	ReceivedAt time.Time         `json:"received_at"`
	Event      string            `json:"event,omitempty" doc:"As the service calls it"`
	State      string            `json:"state" enum:"received,done,failed,ignored"`
	Reason     string            `json:"reason,omitempty" doc:"Why it failed, was ignored or waits; or what was left out"`
	Remedy     string            `json:"remedy,omitempty" doc:"How to mend it"`
	Lead       *uuid.UUID        `json:"lead_id,omitempty"`
	Attempts   int               `json:"attempts"`
	HandledAt  *time.Time        `json:"handled_at,omitempty"`
	Kept       bool              `json:"kept" doc:"What it brought is still there"`
	Headers    map[string]string `json:"headers,omitempty" doc:"When one is read"`
	Body       string            `json:"body,omitempty" doc:"As it came, when one is read"`
}

// Deliveries lists what came, the newest first; state "" is any.
func (h Hooks) Deliveries(ctx context.Context, name, state string, before *uuid.UUID, most int) (all []View, err error) {
	source, err := h.source(ctx, name)
	if err != nil {
		return nil, err
	}
	p := db.DeliveriesParams{SourceID: source.ID, Before: before, Most: int32(most)}
	if state != "" {
		p.State = &state
	}
	rows, err := h.Store.Deliveries(ctx, p)
	all = []View{}
	for _, r := range rows {
		all = append(all, View{
			ID: r.ID, ReceivedAt: r.ReceivedAt, Event: r.Event, State: r.State, Reason: r.Reason, Remedy: r.Remedy, Lead: r.LeadID,
			Attempts: int(r.Attempts), HandledAt: r.HandledAt, Kept: r.Kept,
		})
	}
	return all, err
}

// Delivery reads one, with what it brought.
func (h Hooks) Delivery(ctx context.Context, name string, id uuid.UUID) (v View, err error) {
	source, err := h.source(ctx, name)
	if err != nil {
		return v, err
	}
	r, err := h.Store.Delivery(ctx, db.DeliveryParams{ID: id, SourceID: source.ID})
	if errors.Is(err, pgx.ErrNoRows) {
		return v, postgres.ErrNotFound
	}
	if err != nil {
		return v, err
	}
	v = View{
		ID: r.ID, ReceivedAt: r.ReceivedAt, Event: r.Event, State: r.State, Reason: r.Reason, Remedy: r.Remedy, Lead: r.LeadID,
		Attempts: int(r.Attempts), HandledAt: r.HandledAt, Kept: r.Body != nil, Body: string(r.Body),
	}
	return v, json.Unmarshal(r.Headers, &v.Headers)
}
