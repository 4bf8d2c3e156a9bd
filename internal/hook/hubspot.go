package hook

import (
	"encoding/json"
	"fmt"
	"time"
)

// hubSpotEvent is one of the events that HubSpot sends to an app, many at once.
type hubSpotEvent struct {
	Type       string `json:"subscriptionType"`
	Object     int64  `json:"objectId"`
	ObjectType string `json:"objectTypeId"` // of object.*: 0-1 is a contact
	Property   string `json:"propertyName"`
	Value      string `json:"propertyValue"`
	At         int64  `json:"occurredAt"` // milliseconds
}

func (e hubSpotEvent) ofContact() bool {
	return e.Type == "contact.propertyChange" || e.Type == "object.propertyChange" && e.ObjectType == "0-1"
}

// usualHubSpot: a contact as HubSpot's workflows send it, whole or with chosen properties.
var usualHubSpot = ways{
	"email": property("email"), "phone": append(property("phone"), property("mobilephone")...), "name": property("firstname", "lastname"),
	"account": property("company"), "title": property("jobtitle"),
}

// property are the places where properties stand in what HubSpot sends.
func property(names ...string) [][]string {
	var long, plain, bare []string
	for _, n := range names {
		long, plain, bare = append(long, "properties."+n+".value"), append(plain, "properties."+n), append(bare, n)
	}
	return [][]string{long, plain, bare}
}

func readHubSpot(v any, body []byte, m Mapping) (Report, error) {
	if _, many := v.([]any); many {
		return readHubSpotEvents(body, m)
	}
	if _, ok := v.(map[string]any); !ok {
		return Report{}, unknownForm("HubSpot")
	}
	r := Report{Event: "workflow", Values: flat(v)}
	e, leftOut, err := engaged(said(r.Values, m, usualHubSpot))
	r.Engaged, r.LeftOut = []Engaged{e}, leftOut
	return r, err
}

// readHubSpotEvents reads what an app is told. Those events name a contact by a number,
// and bring nothing but the property that changed: only with its address is anybody known.
func readHubSpotEvents(body []byte, m Mapping) (Report, error) {
	var events []hubSpotEvent
	if err := json.Unmarshal(body, &events); err != nil || len(events) == 0 {
		return Report{}, unknownForm("HubSpot")
	}
	r := Report{Event: events[0].Type}
	var order []int64
	contacts := map[int64]map[string]string{}
	at := map[int64]int64{}
	for _, e := range events {
		if !e.ofContact() {
			continue
		}
		if contacts[e.Object] == nil {
			contacts[e.Object] = map[string]string{}
			order = append(order, e.Object)
			r.Values = contacts[order[0]]
		}
		contacts[e.Object][e.Property] = e.Value
		if e.Property == "email" {
			at[e.Object] = e.At
		}
	}
	for _, id := range order {
		if contacts[id]["email"] == "" {
			continue
		}
		e, leftOut, err := engaged(said(contacts[id], m, usualHubSpot))
		if err != nil {
			return r, err
		}
		e.ExternalID = fmt.Sprintf("contact:%d:%d", id, at[id])
		e.At = time.UnixMilli(at[id]).UTC()
		r.Engaged, r.LeftOut = append(r.Engaged, e), append(r.LeftOut, leftOut...)
	}
	if len(r.Engaged) == 0 {
		r.Ignored = "these events of HubSpot name contacts by numbers only: subscribe to contact.propertyChange of email, or send contacts by a workflow"
	}
	return r, nil
}
