package playbooks

import (
	"reflect"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// field is one key of a mapping whose keys are fixed.
type field struct {
	reflect.StructField
	key  string
	doc  string
	enum []string
}

// fieldsOf lists the keys of a struct, as its tags name them.
func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		if key == "-" || key == "" {
			continue
		}
		known := field{StructField: f, key: key, doc: f.Tag.Get("doc")}
		if e := f.Tag.Get("enum"); e != "" {
			known.enum = strings.Split(e, ",")
		}
		fields = append(fields, known)
	}
	return fields
}

// keysOf lists the keys that a map may have, given the key it stands under; none
// where they are free.
func keysOf(t reflect.Type, under string) []string {
	var keys []string
	switch t.Key() {
	case reflect.TypeFor[sequence.Stage]():
		for _, s := range sequence.Stages() {
			if !s.Final() {
				keys = append(keys, string(s))
			}
		}
	case reflect.TypeFor[sequence.Play]():
		for _, p := range sequence.PlaysOf(sequence.Stage(under)) {
			keys = append(keys, string(p))
		}
	}
	return keys
}

// nearest is the known word that was probably meant, or nothing.
func nearest(word string, known []string) string {
	best, least := "", max(1, (min(len(word), 30)+1)/3)+1
	if len(word) > 200 {
		return ""
	}
	for _, k := range known {
		if strings.EqualFold(k, word) {
			return k
		}
		if d := distance(word, k); d < least {
			best, least = k, d
		}
	}
	if best == "" && len(word) > 2 {
		for _, k := range known {
			if len(k) > 2 && (strings.HasPrefix(word, k) || strings.HasPrefix(k, word)) {
				return k
			}
		}
	}
	return best
}

// distance is Levenshtein's: how many letters to add, drop or change.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range to {
			change := diagonal
			if x != y {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(to)]
}

// among says what may stand here.
func among(word string, known []string) string {
	if k := nearest(word, known); k != "" {
		return "did you mean " + quoted(k) + "?"
	}
	if len(known) > 16 {
		return "docs/playbook-reference.md lists the keys"
	}
	known = slices.Sorted(slices.Values(known))
	return "what may stand here: " + strings.Join(known, ", ")
}
