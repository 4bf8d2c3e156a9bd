package rehearse

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// performance is a script while it is being played.
type performance struct {
	script  Script
	life    *simulate.Life
	began   time.Time // in the lead's zone
	rep     Rep
	tasks   desk
	mail    []sequence.SendStatus // what becomes of the next emails
	ids     map[string]int
	outcome string               // id of the last one
	sent    map[string]time.Time // texts
	lineAt  time.Time            // of the line before
	refused *sequence.Refusal    // the last line's
	heading []string             // waits for the line after it
	told    Rehearsal
}

// Run plays a script under a playbook. A fault of the script, or a first
// engagement that the playbook does not know, is an error; a line that the core
// refuses is part of the story.
func Run(s Script, pb *sequence.Playbook) (Rehearsal, error) {
	beats, faults := s.compile()
	if len(faults) > 0 {
		return Rehearsal{}, faults[0]
	}
	p := perform(s, pb)
	if err := p.begin(beats); err != nil {
		return Rehearsal{}, err
	}
	end := p.end()
	for _, b := range beats {
		if err := p.play(b, end); err != nil {
			return Rehearsal{}, fmt.Errorf("%s: %w", b.path, err)
		}
	}
	if _, err := p.advance(beat{when: moment{}}, end, false); err != nil {
		return Rehearsal{}, err
	}
	p.headings()
	return p.finish(), nil
}

func perform(s Script, pb *sequence.Playbook) *performance {
	lead := sequence.Lead{
		ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: s.Lead.Zone, Country: s.Lead.Country,
		NoEmail: s.Lead.NoEmail, NoPhone: s.Lead.NoPhone,
	}
	zone := sequence.PlaceOf(lead, pb).Zone
	begins, _ := parseMoment(s.Begins)
	nine := time.Date(2000, 1, 1, 9, 0, 0, 0, zone) // the hour of a beginning without one
	p := &performance{script: s, began: begins.of(nine, nine), rep: s.Rep.or(diligent), ids: map[string]int{}, sent: map[string]time.Time{}}
	p.told = Rehearsal{Title: s.Title, Playbook: pb.ID, Zone: zone.String(), zone: zone}
	p.life = &simulate.Life{Lead: lead, Playbook: pb, Now: p.began, Mail: p.post, Each: p.decided}
	p.lineAt = p.began
	return p
}

func (p *performance) end() time.Time {
	until, _ := parseMoment(p.script.Until)
	return until.of(p.began, p.began)
}

// begin enrols the lead, below the first chapter where the script opens with one.
func (p *performance) begin(beats []beat) error {
	if len(beats) > 0 && beats[0].chapter && beats[0].waits == "" {
		p.told.chapter(p.began, beats[0].line.Chapter)
	}
	if err := p.life.Let(sequence.Enrolled{By: sequence.By{Actor: sequence.ActorLead}, ID: p.id("e"), Kind: p.script.Lead.Source}); err != nil {
		return fmt.Errorf("lead.source: %w", err)
	}
	for range p.script.Lead.Stakeholders {
		if err := p.life.Let(sequence.StakeholderNamed{By: p.owner(), ID: p.id("s")}); err != nil {
			return err
		}
	}
	if p.script.Lead.Amount == 0 {
		return nil
	}
	return p.life.Let(sequence.AmountEstimated{By: p.owner(), Amount: p.script.Lead.Amount * 100})
}

// play waits for the moment of a line and lets it happen.
func (p *performance) play(b beat, end time.Time) error {
	first := b.chapter && len(p.told.Lines) > 0 && p.told.Lines[0].Chapter == b.line.Chapter
	if b.chapter && b.line.Day+b.line.Month+b.line.Date+b.line.At+b.line.After == "" {
		if !first {
			p.heading = append(p.heading, b.line.Chapter)
		}
		return nil
	}
	came, err := p.advance(b, end, true)
	if err != nil {
		return err
	}
	p.headings()
	if b.line.Chapter != "" && !first {
		p.told.chapterBefore(p.life.Now, b)
	}
	if !came {
		p.missed(b.path + ": this never happened: " + b.why())
		return nil
	}
	p.lineAt, p.refused = p.life.Now.In(p.began.Location()), nil
	if err := p.happen(b.line); err != nil {
		return err
	}
	p.expect(b)
	return nil
}

func (p *performance) headings() {
	for _, h := range p.heading {
		p.told.chapter(p.life.Now, h)
	}
	p.heading = nil
}

// advance lives until the beat's moment, or the end where it never comes.
func (p *performance) advance(b beat, end time.Time, wanted bool) (bool, error) {
	var base time.Time
	for range 100_000 {
		at, comes := end, false
		if wanted {
			if from, ok := b.comes(p); ok && (base.IsZero() || b.waits == "call") {
				base = from
			}
			if comes = !base.IsZero(); comes {
				at = b.when.of(p.began, base.In(p.began.Location()))
				at, comes = p.notPast(at, b), !at.After(end)
			}
		}
		limit := at
		if !comes {
			limit = end
		}
		next, isTask := p.next()
		if next.IsZero() || next.After(limit) {
			p.life.Now = limit
			return comes, nil
		}
		if err := p.step(next, isTask); err != nil {
			return false, err
		}
	}
	return false, errors.New("the lead does not get on: 100,000 steps")
}

// notPast keeps the lines in their order: one whose moment has gone by happens
// at once.
func (p *performance) notPast(at time.Time, b beat) time.Time {
	if !at.Before(p.life.Now) {
		return at
	}
	if b.when.from != fromNow {
		p.missed(fmt.Sprintf("%s: it comes late: %s had gone by", b.path, at.Format("Mon 2006-01-02 15:04")))
	}
	return p.life.Now
}

// next is the next instant at which something is due, and the task if it is one.
func (p *performance) next() (time.Time, *task) {
	at, _ := p.life.Lead.Deadline()
	if t := p.tasks.next(); t != nil && !p.life.Lead.Stage.Final() && (at.IsZero() || t.at.Before(at)) {
		return t.at, t
	}
	return at, nil
}

func (p *performance) step(at time.Time, t *task) error {
	if at.After(p.life.Now) {
		p.life.Now = at
	}
	if t != nil {
		return p.work(t)
	}
	return p.life.Let(sequence.DeadlineReached{})
}

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
	for _, g := range got {
		if g == want {
			return
		}
	}
	p.missed(fmt.Sprintf("%s: expected %s, and it is %s", b.path, want, cmp.Or(got[len(got)-1], "nothing")))
}

func (b beat) why() string {
	switch b.waits {
	case "call":
		return "no call was agreed"
	case "stage":
		return "the lead was not in " + strings.TrimSuffix(string(b.stage)+"/"+string(b.play), "/")
	case "touch", "email":
		return b.line.After + " was not made"
	}
	return "the script ends before"
}
