package playbooks

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/rekindlehq/rekindle/sequence"
)

// decoder fills a playbook in from the YAML and notes where each key stands. It
// goes on after a fault, so that one reading finds them all.
type decoder struct {
	places map[string]place // of the value, or of the key where the value is a mapping or list
	wrong  []Problem        // not to be read as a playbook
	empty  []Problem        // readable, and not what somebody wanted to write
	unread []string         // keys whose value is not known
}

func decode(root ast.Node, pb *sequence.Playbook) *decoder {
	d := &decoder{places: map[string]place{"": start}}
	d.value("", start, root, reflect.ValueOf(pb).Elem())
	return d
}

func (d *decoder) fault(at place, key, message, remedy string) {
	d.wrong = append(d.wrong, Problem{File: main, Key: key, Message: message, Remedy: remedy}.at(at))
	d.unread = append(d.unread, key)
}

func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{max(t.Position.Line, 1), max(t.Position.Column, 1)}
	}
	return start
}

// value reads a node into a Go value. at is where its key stands.
func (d *decoder) value(key string, at place, n ast.Node, into reflect.Value) {
	text, scalar := words(n)
	if scalar {
		at = placeOf(n)
	}
	d.places[key] = at
	reads, ok := into.Addr().Interface().(encoding.TextUnmarshaler)
	switch {
	case nothing(n):
		d.empty = append(d.empty, Problem{File: main, Key: key, Message: "there is no value", Remedy: "give one, or leave the key out"}.at(at))
		d.unread = append(d.unread, key)
	case ok && !scalar:
		d.fault(at, key, "a single value is expected", "write it on one line: "+example(into.Type()))
	case ok:
		if err := reads.UnmarshalText([]byte(text)); err != nil {
			message, remedy := apart(err.Error())
			d.fault(at, key, message, remedy)
		}
	default:
		d.kind(key, at, n, into)
	}
}

func (d *decoder) kind(key string, at place, n ast.Node, into reflect.Value) {
	switch into.Kind() {
	case reflect.Struct:
		fields, keys := map[string]field{}, []string{}
		for _, f := range fieldsOf(into.Type()) {
			fields[f.key], keys = f, append(keys, f.key)
		}
		d.mapping(key, at, n, func(entry string) (reflect.Value, func()) {
			return into.FieldByIndex(fields[entry].Index), func() {}
		}, keys)
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		d.mapping(key, at, n, func(entry string) (reflect.Value, func()) {
			v := reflect.New(into.Type().Elem()).Elem()
			return v, func() { into.SetMapIndex(reflect.ValueOf(entry).Convert(into.Type().Key()), v) }
		}, keysOf(into.Type(), key[strings.LastIndexByte(key, '.')+1:]))
	case reflect.Slice:
		d.list(key, at, n, into)
	default:
		d.scalar(key, at, n, into)
	}
}

func (d *decoder) list(key string, at place, n ast.Node, into reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fault(at, key, "a list is expected", "begin each entry with \"- \"")
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(s.Values), len(s.Values)))
	for i, entry := range s.Values {
		where := at
		if entry != nil {
			where = placeOf(entry)
		}
		d.value(fmt.Sprintf("%s[%d]", key, i), where, entry, into.Index(i))
	}
}
