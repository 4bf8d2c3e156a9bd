package rehearse

import (
	"fmt"
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
