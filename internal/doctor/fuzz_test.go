package doctor

import "testing"

// Records are written by anybody: reading one never fails otherwise than by saying
// what is wrong.
func FuzzParseSPF(f *testing.F) {
	f.Add("v=spf1 include:_spf.example.com ip4:192.0.2.0/24 a:mx.example.com/28//64 exists:%{ir}.%{v}.example.com -all")
	f.Add("v=spf1 redirect=%{d2}.example.com")
	f.Fuzz(func(t *testing.T, record string) {
		if !isSPF(record) {
			return // nobody reads it as one
		}
		terms, err := parseSPF(record)
		if err != nil && err.Error() == "" {
			t.Fatal("an error without words")
		}
		for range terms {
			_, _ = expand(record, "ann@example.com", "example.com")
		}
	})
}
