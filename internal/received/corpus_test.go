package received

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

// corpusNow is when the messages of the corpus arrive: after all of them.
var corpusNow = time.Date(2027, 9, 1, 12, 0, 0, 0, time.UTC)

// expected is what a message of the corpus is beyond its class. What is not
// given is not checked.
type expected struct {
	Text                         *string
	TextHas                      []string `yaml:"text_has"`
	TextLacks                    []string `yaml:"text_lacks"`
	Subject                      *string
	FromName                     *string `yaml:"from_name"`
	FromEmail                    *string `yaml:"from_email"`
	BackOn                       *string `yaml:"back_on"` // 2027-01-05, or empty for none
	Zone                         *int    // seconds east of UTC of BackOn
	Damage                       []string
	Kind, Status, Recipient      *string
	Gone                         *bool
	OriginalID                   *string `yaml:"original_id"`
	OriginalTo                   *string `yaml:"original_to"`
	Feedback                     *string
	UID, Answer, Attendee, Start *string
	Sequence                     *int
}

type sample struct {
	class Class
	name  string
	raw   []byte
	want  expected
}

func samples(t testing.TB, folder string) []sample {
	var all []sample
	dirs, err := filepath.Glob(filepath.Join("testdata", folder, "*"))
	require.NoError(t, err)
	for _, dir := range dirs {
		want := map[string]expected{}
		raw, err := os.ReadFile(filepath.Join(dir, "expected.yaml"))
		require.NoError(t, err)
		require.NoError(t, yaml.UnmarshalWithOptions(raw, &want, yaml.Strict()))
		files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
		require.NoError(t, err)
		require.Len(t, want, len(files), "every message of %s has its expectation", dir)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			require.NoError(t, err)
			name := strings.TrimSuffix(filepath.Base(file), ".eml")
			require.Contains(t, want, name)
			all = append(all, sample{Class(filepath.Base(dir)), name, raw, want[name]})
		}
	}
	return all
}

// TestMessagesAreWhatTheyAre reads both parts of the corpus. Every message is
// read as it lies there, with bare line feeds, and as it travels, with CRLF.
func TestMessagesAreWhatTheyAre(t *testing.T) {
	for _, folder := range []string{"corpus", "heldout"} {
		all := samples(t, folder)
		found := map[Class]map[Class]int{}
		for _, s := range all {
			m := read(s.raw, corpusNow)
			if found[s.class] == nil {
				found[s.class] = map[Class]int{}
			}
			found[s.class][m.Class]++
			t.Run(folder+"/"+string(s.class)+"/"+s.name, func(t *testing.T) {
				s.check(t, m)
				unix := bytes.ReplaceAll(s.raw, []byte("\r\n"), []byte("\n"))
				wired := read(bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n")), corpusNow)
				s.check(t, wired)
			})
		}
		requireGoodClasses(t, folder, len(all), found)
	}
}

// requireGoodClasses prints how well the classes are told apart, and wants at
// least 97% of each.
func requireGoodClasses(t *testing.T, folder string, total int, found map[Class]map[Class]int) {
	var table strings.Builder
	fmt.Fprintf(&table, "%s, %d messages\n%-14s %5s %9s %7s\n", folder, total, "class", "n", "precision", "recall")
	for _, class := range []Class{Complained, Bounced, Calendar, OutOfOffice, AutoReply, Bulk, OptOut, Human} {
		n, taken := 0, 0
		for truth, as := range found {
			taken += as[class]
			if truth == class {
				for _, k := range as {
					n += k
				}
			}
		}
		right := float64(found[class][class])
		precision, recall := right/float64(max(taken, 1)), right/float64(max(n, 1))
		fmt.Fprintf(&table, "%-14s %5d %9.3f %7.3f\n", class, n, precision, recall)
		if precision < 0.97 || recall < 0.97 {
			t.Errorf("%s: class %s has precision %.3f and recall %.3f", folder, class, precision, recall)
		}
	}
	t.Log(table.String())
}

func (s sample) check(t *testing.T, m Message) {
	w := s.want
	require.Equal(t, s.class, m.Class, "because %v", m.Evidence)
	require.NotEmpty(t, m.Evidence)
	same(t, "text", w.Text, m.Text)
	for _, part := range w.TextHas {
		require.Contains(t, m.Text, part)
	}
	for _, part := range w.TextLacks {
		require.NotContains(t, m.Text, part)
	}
	same(t, "subject", w.Subject, m.Subject)
	same(t, "from name", w.FromName, m.From.Name)
	same(t, "from email", w.FromEmail, m.From.Email)
	for _, part := range w.Damage {
		require.Contains(t, strings.Join(m.Damage, "; "), part)
	}
	if w.BackOn != nil {
		require.Equal(t, *w.BackOn, dayOf(m.BackOn), "back on")
	}
	if w.Zone != nil {
		_, offset := m.BackOn.Zone()
		require.Equal(t, *w.Zone, offset)
	}
	s.checkReports(t, m)
}

func (s sample) checkReports(t *testing.T, m Message) {
	w := s.want
	if b := m.Bounce; b != nil {
		same(t, "kind", w.Kind, string(b.Kind))
		same(t, "status", w.Status, b.Status)
		same(t, "recipient", w.Recipient, b.Recipient)
		same(t, "gone", w.Gone, b.AddressGone())
		same(t, "original id", w.OriginalID, b.OriginalID)
		same(t, "original to", w.OriginalTo, b.OriginalTo)
	}
	if c := m.Complaint; c != nil {
		same(t, "feedback", w.Feedback, c.FeedbackType)
		same(t, "original id", w.OriginalID, c.OriginalID)
		same(t, "original to", w.OriginalTo, c.OriginalTo)
	}
	if c := m.Calendar; c != nil {
		same(t, "uid", w.UID, c.UID)
		same(t, "answer", w.Answer, c.Answer)
		same(t, "attendee", w.Attendee, c.Attendee)
		same(t, "sequence", w.Sequence, c.Sequence)
		if w.Start != nil {
			start := ""
			if !c.Start.IsZero() {
				start = c.Start.UTC().Format(time.RFC3339)
			}
			require.Equal(t, *w.Start, start)
		}
	}
}

func same[T any](t *testing.T, what string, want *T, got T) {
	t.Helper()
	if want != nil {
		require.Equal(t, *want, got, what)
	}
}

func dayOf(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.Format(time.DateOnly)
}
