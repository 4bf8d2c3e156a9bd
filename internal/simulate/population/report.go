package population

import "github.com/rekindlehq/rekindle/sequence"

// Report is what a simulation found. Money is in whole units of currency, time in
// minutes or days, shares go from 0 to 1.
type Report struct {
	Population  string           `json:"population"`
	Start       string           `json:"start"` // first day
	Months      int              `json:"months"`
	Leads       int              `json:"leads"`
	Reps        int              `json:"reps"`
	Seed        uint64           `json:"seed"`
	Stages      []sequence.Stage `json:"stages"` // the order of every list by stage
	Results     []Result         `json:"results"`
	Differences []Difference     `json:"differences,omitempty"` // second playbook against the first
	Noise       string           `json:"noise,omitempty"`       // how to read them
}

// LeadYears is the time that all leads lived under all playbooks.
func (r *Report) LeadYears() float64 {
	sum := 0.0
	for i := range r.Results {
		sum += r.Results[i].LeadYears
	}
	return sum
}

// Result is what one playbook did.
type Result struct {
	Playbook  string  `json:"playbook"` // id of the version
	LeadYears float64 `json:"lead_years"`

	Won           int64   `json:"won"`
	ValueWon      int64   `json:"value_won"`
	Answered      int64   `json:"answered"` // leads of whom a person answered
	OptedOut      int64   `json:"opted_out"`
	Conversations int64   `json:"conversations"`
	Emails        int64   `json:"emails"`
	EmailsPerLead float64 `json:"emails_per_lead"`
	TouchMinutes  int64   `json:"touch_minutes"`
	Cost          float64 `json:"cost"`         // of those minutes
	CostPerWin    float64 `json:"cost_per_win"` // 0 without a win
	DaysToWin     Days    `json:"days_to_win"`  // from enrolment

	Flow        []Week      `json:"flow"`     // leads by stage at the end of each week
	Outcomes    []Outcome   `json:"outcomes"` // leads by stage at the end
	UntilAnswer UntilAnswer `json:"touches_until_answer"`
	Coverage    Coverage    `json:"coverage"`
	ColdCalls   ColdCalls   `json:"cold_calls"`
	Load        Load        `json:"load"`
	Rules       []Deeds     `json:"rules"`
	Refused     int64       `json:"refused"` // events refused without naming a rule
}

// Days is a distribution of days; zero without any.
type Days struct {
	Mean   float64 `json:"mean"`
	Median int     `json:"median"`
	First  int     `json:"first"`
}

// Week is where the leads stand at the end of a week, in the order of
// Report.Stages.
type Week struct {
	Week  int     `json:"week"` // from 1
	Leads []int64 `json:"leads"`
}

// Outcome is how many leads ended, or are, in a stage.
type Outcome struct {
	Stage sequence.Stage `json:"stage"`
	Final bool           `json:"final"`
	Leads int64          `json:"leads"`
}

// UntilAnswer says after how many touches the first answer of a person came.
type UntilAnswer struct {
	Leads  []int64 `json:"leads"` // by touches; the last place: that many or more
	Never  int64   `json:"never"`
	Median int     `json:"median"`
}

// Coverage is the share of follow-ups made in time (R80).
type Coverage struct {
	sequence.FollowUps
	Share float64 `json:"share"`
}

// ColdCalls is the share of calls to leads that never engaged (R13).
type ColdCalls struct {
	Calls int64   `json:"calls"`
	Cold  int64   `json:"cold"`
	Share float64 `json:"share"`
	Norm  float64 `json:"norm"` // of the playbook
}

// Load is the reps' work, all of them together, by working day.
type Load struct {
	Minutes PerDay     `json:"minutes"` // of touches
	Calls   PerDay     `json:"calls"`   // call tasks
	Weeks   []LoadWeek `json:"weeks"`
	Days    []int64    `json:"minutes_by_day"` // from the first day, weekends too
}

// PerDay is a distribution over working days.
type PerDay struct {
	Mean float64 `json:"mean"`
	P90  int64   `json:"p90"`
	Max  int64   `json:"max"`
}

// LoadWeek is one week of work.
type LoadWeek struct {
	Week    int    `json:"week"` // from 1
	Minutes PerDay `json:"minutes"`
	Calls   PerDay `json:"calls"`
}

// Deeds is what one rule did.
type Deeds struct {
	Rule        sequence.Rule `json:"rule"`
	Title       string        `json:"title"`
	Transitions int64         `json:"transitions"` // from stage to stage
	Plays       int64         `json:"plays"`       // begun
	Touches     int64         `json:"touches"`     // emails made and tasks asked for
	HeldBack    int64         `json:"held_back"`   // touches put off or left out
	Pauses      int64         `json:"pauses"`
	Notices     int64         `json:"notices"` // to the owner or the managers
	Refusals    int64         `json:"refusals"`
	Recorded    int64         `json:"recorded"` // evidence noted
}

// Total is how often the rule did anything.
func (d Deeds) Total() int64 {
	return d.Transitions + d.Plays + d.Touches + d.HeldBack + d.Pauses + d.Notices + d.Refusals + d.Recorded
}
