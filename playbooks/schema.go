package playbooks

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/rekindlehq/rekindle/sequence"
)

// What waits, windows and shares look like. The schema is a little stricter than
// the reader, which forgives capitals and spaces.
const (
	waitPattern    = `^(at once|([0-9]{1,4}|10000) (minutes?|hours?|days?|weeks?|months?|working minutes?|working hours?|working days?))$`
	windowPattern  = `^(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?(,(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)* ([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`
	percentPattern = `^([0-9]{1,3}|1000)%$`
)

// required are the keys without which no life can go on.
var required = map[reflect.Type][]string{
	reflect.TypeFor[sequence.Playbook](): {"name", "zone", "windows", "late", "out_of_office", "reply_within", "outcome_within", "reason_recheck_after", "sources", "stages"},
	reflect.TypeFor[sequence.Windows]():  {"email", "call", "unknown_place"},
	reflect.TypeFor[sequence.Late]():     {"after", "policy"},
	reflect.TypeFor[sequence.Source]():   {"opener"},
}

type object = map[string]any

// Schema is the JSON Schema of playbook.yaml, draft 2020-12, made from the types
// that it is read into. It knows the form; only Inspect knows the rest.
func Schema() ([]byte, error) {
	s := schemaOf(reflect.TypeFor[sequence.Playbook](), "")
	s["$defs"] = object{"step": stepSchema()}
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Rekindle playbook"
	s["description"] = "What is done for a lead in each stage, when, and in which words. Texts are files beside it."
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	return append(b, '\n'), nil
}

// schemaOf describes a type; under is the key that its value stands under.
func schemaOf(t reflect.Type, under string) object {
	if _, ok := reflect.New(t).Interface().(encoding.TextUnmarshaler); ok {
		return textual(t)
	}
	if t == reflect.TypeFor[sequence.Step]() {
		return object{"$ref": "#/$defs/step"}
	}
	switch t.Kind() {
	case reflect.Struct:
		return structSchema(t)
	case reflect.Map:
		return mapSchema(t, under)
	case reflect.Slice:
		return object{"type": "array", "items": schemaOf(t.Elem(), "")}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer", "minimum": 0}
	}
	if t == reflect.TypeFor[sequence.Rule]() {
		var ids []string
		for _, r := range sequence.Catalogue() {
			ids = append(ids, string(r.ID))
		}
		return object{"type": "string", "enum": ids}
	}
	return object{"type": "string"}
}

func textual(t reflect.Type) object {
	pattern := waitPattern
	switch t {
	case reflect.TypeFor[sequence.Window]():
		pattern = windowPattern
	case reflect.TypeFor[sequence.Percent]():
		pattern = percentPattern
	}
	return object{"type": "string", "pattern": pattern, "examples": []string{example(t)}}
}

func structSchema(t reflect.Type) object {
	properties := object{}
	for _, f := range fieldsOf(t) {
		p := schemaOf(f.Type, f.key)
		if p["description"] = f.doc; len(f.enum) > 0 {
			p["enum"] = f.enum
		}
		properties[f.key] = p
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if keys := required[t]; len(keys) > 0 {
		s["required"] = keys
	}
	return s
}

// stepSchema is a step, which is exactly one thing.
func stepSchema() object {
	s := structSchema(reflect.TypeFor[sequence.Step]())
	var kinds []object
	for _, kind := range []string{"email", "call", "manual", "tell", "rest"} {
		kinds = append(kinds, object{"required": []string{kind}})
	}
	s["oneOf"] = kinds
	return s
}

func mapSchema(t reflect.Type, under string) object {
	keys := keysOf(t, under)
	if len(keys) == 0 {
		return object{"type": "object", "minProperties": 1, "additionalProperties": schemaOf(t.Elem(), "")}
	}
	properties := object{}
	for _, k := range keys {
		p := schemaOf(t.Elem(), k)
		if t.Elem().Kind() == reflect.Slice {
			p["minItems"] = 1
		}
		properties[k] = p
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if t.Elem().Kind() == reflect.Slice || t.Elem().Kind() == reflect.Map {
		s["required"] = slices.Clone(keys) // every stage, and every one of its plays
	}
	return s
}
