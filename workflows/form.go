package workflows

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// Form is that of the state that runs hand to each other. A release raises it when
// an earlier one would misread what it writes: a new stage, a field that takes on
// another meaning. A worker of the earlier release then leaves such leads to others.
const Form = 0

// readable panics when this worker does not understand the state: the task fails
// and is tried again until a worker of a later release takes it. The lead never
// fails.
func (in Input) readable() {
	switch {
	case in.unread != nil:
		panic(fmt.Sprintf("this worker cannot read the state of the lead: %v", in.unread))
	case in.Form > Form:
		panic(fmt.Sprintf("the state of the lead has form %d and this worker knows forms up to %d: a later release goes on with it", in.Form, Form))
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
	var parts struct {
		Lead map[string]json.RawMessage `json:"lead"`
	}
	if in.unread = json.Unmarshal(b, (*plain)(in)); in.unread == nil {
		in.unread = json.Unmarshal(b, &parts)
	}
	maps.DeleteFunc(parts.Lead, func(field string, _ json.RawMessage) bool { return leadFields()[field] })
	if len(parts.Lead) > 0 {
		in.later = parts.Lead
	}
	return nil
}

// MarshalJSON writes the fields of a later release back.
func (in Input) MarshalJSON() ([]byte, error) {
	if in.unread != nil {
		return nil, in.unread
	}
	type plain Input
	written, err := json.Marshal(plain(in))
	if err != nil || len(in.later) == 0 {
		return written, err
	}
	var all, lead map[string]json.RawMessage
	if err := json.Unmarshal(written, &all); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(all["lead"], &lead); err != nil {
		return nil, err
	}
	maps.Copy(lead, in.later)
	if all["lead"], err = json.Marshal(lead); err != nil {
		return nil, err
	}
	return json.Marshal(all)
}

// leadFields are the names under which this release writes a lead.
func leadFields() map[string]bool {
	fields := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[sequence.Lead]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = true
	}
	return fields
}
