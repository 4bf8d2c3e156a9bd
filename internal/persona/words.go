package persona

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// crlf ends every line as mail does (RFC 5322, 2.3).
func crlf(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// fill puts values into {places} of a text.
func fill(text string, values ...string) string {
	pairs := make([]string, 0, len(values))
	for i := 0; i < len(values); i += 2 {
		pairs = append(pairs, "{"+values[i]+"}", values[i+1])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// nameOf is the display name, or what the address suggests.
func nameOf(name, address string) string {
	if name != "" {
		return name
	}
	local, _, _ := strings.Cut(address, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) })
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[size:]
	}
	return strings.Join(words, " ")
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// house is the company that an address suggests.
func house(address string) string {
	name, _, _ := strings.Cut(domain(address), ".")
	return nameOf("", name)
}
