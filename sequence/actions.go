package sequence

import (
	"encoding/json"
	"fmt"
	"reflect"
)

// Actions are decided and not yet done. They can be written down and read again,
// each under its name, also by another release: one that it does not know stays
// as it was written.
type Actions []Action

// UnknownAction is one of a later release.
type UnknownAction struct {
	Name string
	Do   json.RawMessage
}

func (UnknownAction) isAction() {}

// named is an action as it is written down.
type named struct {
	Name string          `json:"name"`
	Do   json.RawMessage `json:"do"`
}

// MarshalJSON writes each action under the name of its type.
func (as Actions) MarshalJSON() ([]byte, error) {
	written := make([]named, 0, len(as))
	for _, a := range as {
		if u, ok := a.(UnknownAction); ok {
			written = append(written, named(u))
			continue
		}
		do, err := json.Marshal(a)
		if err != nil {
			return nil, fmt.Errorf("write a %T: %w", a, err)
		}
		written = append(written, named{reflect.TypeOf(a).Name(), do})
	}
	return json.Marshal(written)
}

// UnmarshalJSON reads what MarshalJSON wrote, in this release or another.
func (as *Actions) UnmarshalJSON(b []byte) error {
	var written []named
	if err := json.Unmarshal(b, &written); err != nil {
		return err
	}
	*as = nil
	for _, w := range written {
		a, err := w.read()
		if err != nil {
			return fmt.Errorf("read a %s: %w", w.Name, err)
		}
		*as = append(*as, a)
	}
	return nil
}

func (w named) read() (Action, error) {
	switch w.Name {
	case "SendEmail":
		return read[SendEmail](w.Do)
	case "CreateTask":
		return read[CreateTask](w.Do)
	case "CancelTasks":
		return read[CancelTasks](w.Do)
	case "ReopenTasks":
		return read[ReopenTasks](w.Do)
	case "CalmAccount":
		return read[CalmAccount](w.Do)
	case "MoveTasks":
		return read[MoveTasks](w.Do)
	case "Notify":
		return read[Notify](w.Do)
	case "StartOutreach":
		return read[StartOutreach](w.Do)
	case "Suppress":
		return read[Suppress](w.Do)
	case "Entry":
		return read[Entry](w.Do)
	}
	return UnknownAction(w), nil
}

func read[A Action](b json.RawMessage) (Action, error) {
	var a A
	err := json.Unmarshal(b, &a)
	return a, err
}
