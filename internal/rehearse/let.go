package rehearse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// This file gives events to the core and hears what it makes of them.

// happen lets a line happen now.
func (p *performance) happen(h Happening) error {
	if h.Rep != nil {
		p.rep = h.Rep.or(p.rep)
	}
	if h.Mail != "" {
		p.mail = append(p.mail, sequence.SendStatus(h.Mail))
	}
	for _, k := range kinds() {
		if value := k.value(h); value != "" {
			return p.let(strings.TrimSuffix(k.key+" "+value, " true"), k.event(p, h))
		}
	}
	return nil
}

// let gives an event to the core and tells what it refused or left as it was.
func (p *performance) let(what string, ev sequence.Event) error {
	before := len(p.told.Lines)
	err := p.life.Let(ev)
	if r := new(sequence.Refusal); errors.As(err, &r) {
		p.refused = r
		p.told.add(Line{At: p.life.Now, Event: what, Refusal: r})
		return nil
	}
	if err == nil && len(p.told.Lines) == before {
		p.told.add(Line{At: p.life.Now, Event: what, Note: "changes nothing now"})
	}
	return err
}

// decided hears of every decision of the core.
func (p *performance) decided(_ sequence.Lead, _ sequence.Event, actions []sequence.Action) {
	for _, a := range actions {
		switch a := a.(type) {
		case sequence.Entry:
			p.told.add(Line{At: a.At, Entry: &a})
		default:
			p.tasks.take(a, p.life.Now, p.habit)
		}
	}
}

// post says what becomes of an email: sent, unless the script has other plans.
func (p *performance) post(send sequence.SendEmail) sequence.TouchPerformed {
	status := sequence.Sent
	if len(p.mail) > 0 {
		status, p.mail = p.mail[0], p.mail[1:]
	}
	result := sequence.TouchPerformed{Touch: send.Touch, Status: status}
	switch status {
	case sequence.Sent, sequence.Unknown:
		p.sent[send.Text] = p.life.Now
	case sequence.Deferred:
		result.Detail = "the mail server did not answer"
	case sequence.Failed:
		result.Detail = "a value for the text is missing"
	case sequence.Suppressed, sequence.NoAddress, sequence.NoReason, sequence.Cancelled:
	}
	return result
}

func (p *performance) missed(what string) {
	p.told.Unmet = append(p.told.Unmet, what)
	p.told.add(Line{At: p.life.Now, Event: "script", Note: what})
}

// expect compares what a line led to with what the script expects.
func (p *performance) expect(b beat) {
	want, l := b.line.Expect, p.life.Lead
	if want == "" {
		return
	}
	got := []string{string(l.Stage), string(l.Stage) + "/" + string(l.Play)}
	if p.refused != nil {
		got = []string{p.refused.Code, "refused"}
	}
	if slices.Contains(got, want) {
		return
	}
	p.missed(fmt.Sprintf("%s: expected %s, and it is %s", b.path, want, cmp.Or(got[len(got)-1], "nothing")))
}
