package suppression_test

import (
	"strings"
	"testing"

	"github.com/rekindlehq/rekindle/internal/suppression"
)

// Whatever a file holds, each row is an entry or a fault with its line.
func FuzzRead(f *testing.F) {
	f.Add("kind,value,via\nemail,ann@acme.example,rep\ndomain,acme.example\n")
	f.Add("kind;hash\nemail;" + strings.Repeat("ab", 32) + "\n")
	f.Add("\ufeffkind,value\n\"email,ann\"\"@acme.example")
	f.Fuzz(func(t *testing.T, file string) {
		entries, faults, _ := suppression.Read(strings.NewReader(file))
		for _, e := range entries {
			if len(e.Hash) != 32 || e.Kind == "" {
				t.Fatalf("no entry: %+v", e)
			}
		}
		for _, fault := range faults {
			if fault.Line < 1 || fault.String() == "" {
				t.Fatalf("a fault without its place: %+v", fault)
			}
		}
	})
}
