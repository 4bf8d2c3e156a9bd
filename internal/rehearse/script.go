// Package rehearse plays one lead with a scripted prospect, on a clock that
// jumps, and tells what the core made of it. It knows how a script is written
// and what its lines mean as events; what follows from an event is known to
// package sequence alone, by the very code that runs in production.
package rehearse

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/rekindlehq/rekindle/sequence"
)

// Script is what happens to one lead, as a sales manager writes it down
// (docs/rehearsal.md). A Script from Parse is free of faults.
type Script struct {
	Title   string      `yaml:"title"`
	Lead    Lead        `yaml:"lead"`
	Begins  string      `yaml:"begins"` // wall clock at the lead's place
	Until   string      `yaml:"until"`  // a date, or how long: "14 months"
	Rep     Rep         `yaml:"rep"`
	Plans   bool        `yaml:"plans"` // show what is planned, too
	Happens []Happening `yaml:"happens"`
}

// Lead is whom the script is about.
type Lead struct {
	Source       sequence.Kind `yaml:"source"`
	Zone         string        `yaml:"zone"`
	Country      string        `yaml:"country"`
	Amount       int64         `yaml:"amount"`       // whole units of the currency
	Stakeholders int           `yaml:"stakeholders"` // named from the start: s1, s2, ...
	NoEmail      bool          `yaml:"no_email"`
	NoPhone      bool          `yaml:"no_phone"`
}

// Rep is what the owner does with every task unless the script says otherwise.
type Rep struct {
	Calls  string `yaml:"calls"`  // no_answer, voicemail, or none: leaves calls undone
	Within string `yaml:"within"` // of the task, in calling hours
	Tasks  string `yaml:"tasks"`  // done, or none: leaves other tasks undone
}

// or fills what is not said with what holds already.
func (r Rep) or(was Rep) Rep {
	return Rep{Calls: cmp.Or(r.Calls, was.Calls), Within: cmp.Or(r.Within, was.Within), Tasks: cmp.Or(r.Tasks, was.Tasks)}
}

var diligent = Rep{Calls: string(sequence.NoAnswer), Within: "10 minutes", Tasks: "done"}

// Happening is one line of the script: a moment, and what happens then.
type Happening struct {
	Chapter string `yaml:"chapter"`

	Day   string `yaml:"day"`   // "4", "15 10:30"; day 1 is the day it begins
	Month string `yaml:"month"` // "7", "7 day 3 10:30"; month 1 is the first
	Date  string `yaml:"date"`  // "2026-05-04 10:30"
	At    string `yaml:"at"`    // "call", a stage, or a stage and play: "cold/value"
	After string `yaml:"after"` // "2 days", "touch 5", "email cold/empathy"
	Times int    `yaml:"times"` // so often in all
	Every string `yaml:"every"` // this long apart

	Outcome       string `yaml:"outcome"`
	Next          string `yaml:"next"` // the agreed time
	WhyNone       string `yaml:"why_none"`
	Reason        string `yaml:"reason"`
	DecisionMaker bool   `yaml:"decision_maker"`
	With          string `yaml:"with"` // a stakeholder who was talked to

	Engagement   string    `yaml:"engagement"`
	Reply        bool      `yaml:"reply"`
	From         string    `yaml:"from"`          // a stakeholder who answered
	Invitation   string    `yaml:"invitation"`    // how they answer it
	OutOfOffice  string    `yaml:"out_of_office"` // true, or when they are back
	Bounce       string    `yaml:"bounce"`
	Stop         string    `yaml:"stop"`
	Snooze       string    `yaml:"snooze"`
	Pause        string    `yaml:"pause"`
	Until        string    `yaml:"until"` // the end of a pause
	Resume       bool      `yaml:"resume"`
	Reassign     string    `yaml:"reassign"`
	Stakeholder  string    `yaml:"stakeholder"`
	Proposal     *Proposal `yaml:"proposal"`
	Permission   *Leave    `yaml:"permission"` // of its own, or given in an outcome
	Diagnosis    string    `yaml:"diagnosis"`
	Done         string    `yaml:"done"` // a kind of task
	Won          bool      `yaml:"won"`
	Disqualified string    `yaml:"disqualified"`
	Talks        string    `yaml:"colleague_talks"`
	TalkOver     string    `yaml:"colleague_done"`
	News         string    `yaml:"news"`
	Amount       *int64    `yaml:"amount"`
	TakenBack    bool      `yaml:"taken_back"` // the last outcome

	Mail   string `yaml:"mail"`   // what becomes of the next email
	Rep    *Rep   `yaml:"rep"`    // from now on
	Expect string `yaml:"expect"` // refused, a refusal's code, a stage, or a stage and play
}

// Proposal is a proposal that goes out.
type Proposal struct {
	Expires string `yaml:"expires"`
	Amount  int64  `yaml:"amount"` // whole units
}

// Leave is the lead's yes to stay in touch.
type Leave struct {
	Channel string `yaml:"channel"`
	Every   string `yaml:"every"`
	Until   string `yaml:"until"`
}

// Parse reads a script. Every fault comes with line and column and says what to
// write instead.
func Parse(source []byte) (Script, error) {
	var s Script
	if err := yaml.UnmarshalWithOptions(source, &s, yaml.Strict()); err != nil {
		return Script{}, fmt.Errorf("read the script: %s", strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	_, faults := s.compile()
	if len(faults) > 0 {
		return Script{}, positioned(source, faults)
	}
	return s, nil
}

// Split parts a file into its script and the timeline that is expected of it,
// which stands after a line "---".
func Split(file string) (script, expected string) {
	script, expected, _ = strings.Cut(strings.ReplaceAll(file, "\r\n", "\n"), "\n---\n")
	return script + "\n", expected
}
