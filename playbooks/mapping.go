package playbooks

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/goccy/go-yaml/ast"
)

// mapping reads each entry into the value that slot has for it.
func (d *decoder) mapping(key string, at place, n ast.Node, slot func(string) (reflect.Value, func()), known []string) {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		d.fault(at, key, "keys with values are expected", "write them as key: value")
		return
	}
	given := map[string]place{}
	for _, entry := range m.Values {
		given[keyName(entry)] = place{}
	}
	for _, entry := range m.Values {
		name, where := keyName(entry), placeOf(entry.Key)
		if len(known) > 0 {
			name = d.known(key, name, where, known, given)
		}
		if name == "" {
			continue
		}
		under := join(key, name)
		if first := given[name]; first != (place{}) {
			d.fault(where, under, fmt.Sprintf("the key %s is given twice", quoted(name)), fmt.Sprintf("the first is in line %d; keep one", first.line))
			continue
		}
		given[name] = where
		v, done := slot(name)
		d.value(under, where, entry.Value, v)
		done()
	}
}

// known names a fault where a key is not, and goes on with the key that was meant:
// otherwise one slip would be followed by all that comes of its absence.
func (d *decoder) known(key, name string, where place, known []string, given map[string]place) string {
	if slices.Contains(known, name) {
		return name
	}
	d.wrong = append(d.wrong, Problem{File: main, Key: join(key, clip(name)), Message: "unknown key " + quoted(name), Remedy: among(name, known)}.at(where))
	meant := nearest(name, known)
	if _, taken := given[meant]; taken || meant == "" {
		d.unread = append(d.unread, join(key, name))
		return ""
	}
	given[meant] = place{}
	return meant
}

func join(key, name string) string {
	if key == "" {
		return name
	}
	return key + "." + name
}

func keyName(entry *ast.MappingValueNode) string {
	if s, ok := entry.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return entry.Key.GetToken().Value
}
