package webhooks

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

const (
	contentType = "application/cloudevents+json" // structured mode
	typePrefix  = "io.rekindle."
)

// cloudEvent is an event as it is sent (CloudEvents 1.0).
type cloudEvent struct {
	SpecVersion     string          `json:"specversion"`
	ID              string          `json:"id"`
	Source          string          `json:"source"`
	Type            string          `json:"type"`
	Subject         *uuid.UUID      `json:"subject,omitempty"` // the lead
	Time            *time.Time      `json:"time,omitempty"`    // on the leads' clock
	DataContentType string          `json:"datacontenttype"`
	Data            json.RawMessage `json:"data"`
}

// encode writes an event down, each time in the same way. The reason is the rule in
// words.
func (w Webhooks) encode(e db.DueWebhooksRow) ([]byte, error) {
	var facts map[string]any
	if err := json.Unmarshal(e.Data, &facts); err != nil {
		return nil, fmt.Errorf("decode event %s: %w", e.Event, err)
	}
	if e.LeadID != nil {
		facts["lead_id"] = e.LeadID
	}
	if rule, ok := facts["rule"].(string); ok {
		facts["reason"] = sequence.Rule(rule).Title()
	}
	data, err := json.Marshal(facts)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.Event, err)
	}
	out := cloudEvent{
		SpecVersion: "1.0", ID: e.Event, Source: w.Source, Type: typePrefix + e.Kind, Subject: e.LeadID,
		DataContentType: "application/json", Data: data,
	}
	if e.At != nil {
		at := e.At.UTC()
		out.Time = &at
	}
	return json.Marshal(out)
}
