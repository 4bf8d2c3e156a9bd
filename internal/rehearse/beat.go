package rehearse

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// beat is one line of the script, ready to be played: what it waits for, how
// long after that, and what happens.
type beat struct {
	path    string
	waits   string // "call", "stage", "touch", "email", or nothing
	stage   sequence.Stage
	play    sequence.Play
	touch   int
	text    string
	when    moment
	chapter bool // a heading and nothing else
	line    Happening
}

// afterCall is how long after its beginning "at: call" is, unless said.
const afterCall = "15 minutes"

// compile reads every line of the script and finds its faults.
func (s Script) compile() ([]beat, []fault) {
	var found []fault
	s.check(faulty{"", &found})
	var beats []beat
	for i, h := range s.Happens {
		f := faulty{fmt.Sprintf("happens[%d]", i), &found}
		b := beat{path: f.path, line: h, when: moment{clock: -1}}
		b.readMoment(f)
		b.chapter = h.check(f) == 0
		again := b
		again.line.Chapter = ""
		beats = append(beats, b)
		for again.waits, again.when = "", again.every(f); len(beats) < 10_000 && again.line.Times > 1; again.line.Times-- {
			beats = append(beats, again)
		}
	}
	return beats, found
}

func (s Script) check(f faulty) {
	if s.Lead.Source == "" {
		f.add("lead.source", "it is not said what the lead did first", "name a kind of engagement: lead: { source: info_request }")
	}
	if _, ok := sequence.LoadZone(s.Lead.Zone); s.Lead.Zone != "" && !ok {
		f.add("lead.zone", fmt.Sprintf("there is no time zone %q", s.Lead.Zone), "use a name such as Europe/Berlin")
	}
	if s.Lead.Stakeholders < 0 || s.Lead.Stakeholders > 10 {
		f.add("lead.stakeholders", "that many cannot be named", "name 0 to 10")
	}
	if m, err := parseMoment(s.Begins); err != nil || m.from != fromDate {
		f.add("begins", fmt.Sprintf("%q is no beginning", s.Begins), "write date and time at the lead's place: 2026-03-02 10:00")
	}
	if m, err := parseMoment(s.Until); err != nil || m.from == fromDay || m.from == fromMonth {
		f.add("until", fmt.Sprintf("%q is no end", s.Until), `write how long the life is followed: "14 months", or a date`)
	}
	s.Rep.check(faulty{"rep", f.found})
}

func (r Rep) check(f faulty) {
	oneOf(f, "calls", r.Calls, "no_answer", "voicemail", "none")
	oneOf(f, "tasks", r.Tasks, "done", "none")
	if r.Within != "" {
		_, err := parseLength(r.Within)
		f.err("within", err)
	}
}

// oneOf finds a value that is none of those.
func oneOf[T ~string](f faulty, key, value string, known ...T) {
	if value == "" || slices.Contains(known, T(value)) {
		return
	}
	var list []string
	for _, k := range known {
		list = append(list, string(k))
	}
	f.add(key, fmt.Sprintf("there is no %q here", value), "use one of "+strings.Join(list, ", "))
}

// readMoment reads when the line happens.
func (b *beat) readMoment(f faulty) {
	h := b.line
	fixed := map[string]string{"day": h.Day, "month": h.Month, "date": h.Date}
	named := 0
	for _, key := range []string{"day", "month", "date"} {
		if fixed[key] == "" {
			continue
		}
		text := fixed[key]
		if key != "date" {
			text = key + " " + text
		}
		var err error
		b.when, err = parseMoment(text)
		f.err(key, err)
		named++
	}
	if named > 1 || named == 1 && (h.At != "" || h.After != "") {
		f.add("", "it happens at two moments", "give one of day, month, date, at and after (at and after go together: at: cold, after: 2 days)")
		return
	}
	b.readAt(f)
	b.readAfter(f)
}

func (b *beat) readAt(f faulty) {
	at := b.line.At
	stage, play, _ := strings.Cut(at, "/")
	switch {
	case at == "":
	case at == "call":
		b.waits = "call"
		b.when.wait, _ = parseLength(afterCall)
	case !sequence.Stage(stage).Known() || play != "" && !slices.Contains(sequence.PlaysOf(sequence.Stage(stage)), sequence.Play(play)):
		f.add("at", fmt.Sprintf("%q is neither a stage nor the call", at), "write at: call, a stage such as cold, or a stage and its play such as cold/value")
	default:
		b.waits, b.stage, b.play = "stage", sequence.Stage(stage), sequence.Play(play)
	}
}

func (b *beat) readAfter(f faulty) {
	what, rest, _ := strings.Cut(strings.TrimSpace(b.line.After), " ")
	switch {
	case what == "":
	case what == "touch" || what == "email":
		if b.waits != "" {
			f.add("after", "it waits for two things", "give at, or after: "+what)
		}
		n, err := strconv.Atoi(rest)
		if b.waits, b.touch, b.text = what, n, rest; rest == "" || what == "touch" && (err != nil || n < 1) {
			f.add("after", fmt.Sprintf("%q names no %s", b.line.After, what), `write "touch 5", "email cold/empathy" or "2 days"`)
		}
	default:
		m, err := parseMoment(b.line.After)
		if err != nil || m.from != fromNow {
			err = bad(b.line.After, "length of time", `write "2 days" (days of the calendar), "touch 5" or "email cold/empathy"`)
		}
		f.err("after", err)
		b.when = m
	}
}

// every is how long a line that happens several times waits in between.
func (b beat) every(f faulty) moment {
	m := moment{clock: -1, wait: sequence.Wait{N: 30, Unit: sequence.Minutes}}
	if b.line.Times < 0 || b.line.Times > 500 {
		f.add("times", "that often is too often", "give 1 to 500")
	}
	if b.line.Every != "" {
		var err error
		m.wait, err = parseLength(b.line.Every)
		f.err("every", err)
	}
	return m
}

// comes reports whether what the beat waits for is there, and the instant it is
// counted from.
func (b beat) comes(p *performance) (time.Time, bool) {
	l := p.life.Lead
	switch b.waits {
	case "call":
		if l.Call == nil {
			return time.Time{}, false
		}
		return l.Call.At, true
	case "stage":
		return p.life.Now, l.Stage == b.stage && (b.play == "" || l.Play == b.play)
	case "touch":
		return p.life.Now, l.Touches >= b.touch
	case "email":
		at := p.sent[b.text]
		return p.life.Now, !at.IsZero() && !at.Before(p.lineAt)
	}
	return p.lineAt, true
}
