package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"

	"github.com/rekindlehq/rekindle/sequence"
)

// Form is that of the state that runs hand to each other. A release raises it when
// an earlier one would misread what it writes: a new stage, a field that takes on
// another meaning. A worker of the earlier release then leaves such leads to others.
const Form = 0

// readable panics when this worker does not understand the state: the task fails
// and is tried again until a worker of a later release takes it. The lead never
// fails.
func readable(form int, unread error) {
	switch {
	case unread != nil:
		panic(fmt.Sprintf("this worker cannot read the state of the lead: %v", unread))
	case form > Form:
		panic(fmt.Sprintf("the state of the lead has form %d and this worker knows forms up to %d: a later release goes on with it", form, Form))
	}
}

// UnmarshalJSON keeps the fields of the lead that only a later release knows. What
// cannot be read is no error here: Temporal would end the lead's life with it.
func (in *Input) UnmarshalJSON(b []byte) error {
	type plain Input
	strict := json.NewDecoder(bytes.NewReader(b))
	strict.DisallowUnknownFields()
	if strict.Decode((*plain)(in)) == nil {
		return nil
	}
	*in = Input{}
	if in.unread = json.Unmarshal(b, (*plain)(in)); in.unread == nil {
		in.later, in.unread = laterFields(b)
	}
	return nil
}

// MarshalJSON writes the fields of a later release back.
func (in Input) MarshalJSON() ([]byte, error) {
	if in.unread != nil {
		return nil, in.unread
	}
	type plain Input
	return withLater(plain(in), in.later)
}

// UnmarshalJSON keeps the fields of the lead that only a later release knows.
func (t *Turned) UnmarshalJSON(b []byte) (err error) {
	type plain Turned
	if err = json.Unmarshal(b, (*plain)(t)); err == nil {
		t.later, err = laterFields(b)
	}
	return err
}

// MarshalJSON writes them back.
func (t Turned) MarshalJSON() ([]byte, error) {
	type plain Turned
	return withLater(plain(t), t.later)
}

// laterFields are those of a lead that this release does not know.
func laterFields(b []byte) (map[string]json.RawMessage, error) {
	var parts struct {
		Lead map[string]json.RawMessage `json:"lead"`
	}
	err := json.Unmarshal(b, &parts)
	maps.DeleteFunc(parts.Lead, func(field string, _ json.RawMessage) bool { return leadFields()[field] })
	if len(parts.Lead) == 0 {
		return nil, err
	}
	return parts.Lead, err
}

// withLater is v with such fields in its lead.
func withLater(v any, later map[string]json.RawMessage) ([]byte, error) {
	written, err := json.Marshal(v)
	if err != nil || len(later) == 0 {
		return written, err
	}
	var all, lead map[string]json.RawMessage
	if err := json.Unmarshal(written, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(all["lead"], &lead); err != nil {
		return nil, err
	}
	maps.Copy(lead, later)
	if all["lead"], err = json.Marshal(lead); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// leadFields are the names under which this release writes a lead.
var leadFields = sync.OnceValue(func() map[string]bool {
	fields := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[sequence.Lead]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = true
	}
	return fields
})
