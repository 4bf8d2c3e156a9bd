package web

import (
	"slices"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/sequence"
)

// choice is one of several, with the key that picks it.
type choice struct {
	Value string
	Key   string
	Word  string
	Hint  string
}

// outcomeForm says what happened, and what comes next (R20).
type outcomeForm struct {
	Now     time.Time
	Others  []api.BriefPerson
	Choices []choice
}

// Days are times one click away: working days at a good hour, in the reader's zone.
func (f outcomeForm) Days() []time.Time {
	var all []time.Time
	for day := f.Now.AddDate(0, 0, 1); len(all) < 3; day = day.AddDate(0, 0, 1) {
		if w := day.Weekday(); w != time.Saturday && w != time.Sunday {
			all = append(all, time.Date(day.Year(), day.Month(), day.Day(), 10, 0, 0, 0, day.Location()))
		}
	}
	return all
}

// The keys of outcomes. A test keeps them apart, and complete.
var outcomeKeys = map[sequence.Outcome]choice{
	sequence.NoAnswer:      {Key: "n", Hint: "tried, nobody there"},
	sequence.Voicemail:     {Key: "v", Hint: "left a message"},
	sequence.CallScheduled: {Key: "c", Hint: "a time is agreed"},
	sequence.SendInfo:      {Key: "i", Hint: "and a time to talk about it"},
	sequence.Interested:    {Key: "y", Hint: "wants to go on"},
	sequence.NonCommittal:  {Key: "m", Hint: "neither yes nor no"},
	sequence.NotNow:        {Key: "l", Hint: "perhaps at a later time"},
	sequence.NotInterested: {Key: "x", Hint: "with the reason"},
	sequence.MissedByLead:  {Key: "s", Hint: "a call was agreed"},
	sequence.NotTheOne:     {Key: "p", Hint: "somebody else decides"},
	sequence.PrimaryObject: {Key: "o", Hint: "others are not to be asked yet"},
	sequence.WrongNumber:   {Key: "w", Hint: ""},
	sequence.NotQualified:  {Key: "q", Hint: "with the reason"},
	sequence.StayInTouch:   {Key: "t", Hint: "with leave to write or call"},
	sequence.WonOutcome:    {Key: "b", Hint: "they bought"},
	sequence.StopOutcome:   {Key: "0", Hint: "ends everything at once"},
}

// choicesFor are the outcomes that a task can have where the lead stands: what they
// wrote is no call, and only an agreed call can be missed.
func choicesFor(k sequence.TaskKind, stage sequence.Stage) []choice {
	var all []choice
	for _, o := range sequence.Outcomes() {
		if !o.Conversation() && k != sequence.TaskCall ||
			o == sequence.MissedByLead && stage != sequence.ScheduledCall || o == sequence.PrimaryObject && stage != sequence.MultiStakeholder {
			continue
		}
		c := outcomeKeys[o]
		c.Value, c.Word = string(o), outcomeWord(o)
		all = append(all, c)
	}
	return all
}

var diagnoses = []choice{
	{"wrong_person", "1", "Wrong person", "somebody else decides"},
	{"too_fast", "2", "Too fast", "we pushed"},
	{"too_slow", "3", "Too slow", "we let them wait"},
	{"value_not_seen", "4", "Value not seen", "they do not see what it gives them"},
	{"never_warm", "5", "Never warm", "there was no interest"},
	{"timing", "6", "Timing", "a good thing at a bad time"},
	{"unknown", "7", "Unknown", ""},
}

// outcomeBody is what the form says, as the API takes it. What does not belong to
// the chosen outcome is left out.
func (v *visit) outcomeBody() (map[string]any, error) {
	o := sequence.Outcome(v.PostForm("outcome"))
	body := map[string]any{"outcome": o}
	put := func(field string, of ...sequence.Outcome) {
		if s := strings.TrimSpace(v.PostForm(field)); s != "" && (len(of) == 0 || slices.Contains(of, o)) {
			body[field] = s
		}
	}
	put("discussed")
	put("with")
	put("reason", sequence.NotInterested, sequence.NotQualified, sequence.NotNow)
	if v.PostForm("decision_maker") != "" && o == sequence.NotInterested {
		body["decision_maker"] = true
	}
	step := map[string]any{}
	if o.Conversation() && v.PostForm("next_at") != "" {
		at, err := v.instantOf("next_at")
		if err != nil {
			return nil, err
		}
		step["at"] = at
	}
	if why := strings.TrimSpace(v.PostForm("why_none")); why != "" && step["at"] == nil && (o == sequence.Interested || o == sequence.NonCommittal) {
		step["why_none"] = why
	}
	if len(step) > 0 {
		body["next_step"] = step
	}
	if o == sequence.StayInTouch {
		permission := map[string]any{"channel": v.PostForm("channel")}
		if every := strings.TrimSpace(v.PostForm("every")); every != "" {
			permission["every"] = every
		}
		body["permission"] = permission
	}
	return body, nil
}

// instantOf reads a time of a form, which is in the reader's zone.
func (v *visit) instantOf(field string) (time.Time, error) {
	t, err := time.ParseInLocation(formTime, v.PostForm(field), v.zone)
	if err != nil {
		return t, &api.Problem{
			Status: 422, Code: "not_valid", Detail: "that is no time", Remedy: "give a day and an hour, such as 2026-03-02T09:30",
			Errors: []api.Fault{{Field: "body." + field, Message: "is no time"}},
		}
	}
	return t, nil
}
