package population

import "github.com/rekindlehq/rekindle/sequence"

// Population says who the leads are and how they and the reps behave. The file
// population.yaml shows every key with its meaning and unit.
type Population struct {
	Name    string   `yaml:"name"`
	Start   Date     `yaml:"start"`
	Arrive  int      `yaml:"arrivals_over_days"`
	Sources []Source `yaml:"sources"`
	Places  []Place  `yaml:"places"`
	Contact Contact  `yaml:"contact"`
	Deals   Deals    `yaml:"deals"`
	Market  Market   `yaml:"market"`
	Answers Answers  `yaml:"answers"`
	Reps    Reps     `yaml:"reps"`
	Content Content  `yaml:"content"`
}

// Source is one kind of engagement that brings leads.
type Source struct {
	Kind     sequence.Kind `yaml:"kind"`
	Weight   float64       `yaml:"weight"`
	InMarket Share         `yaml:"in_market"`
}

// Place is where leads live; both names empty: nobody knows.
type Place struct {
	Country string  `yaml:"country"`
	Zone    string  `yaml:"zone"`
	Weight  float64 `yaml:"weight"`
}

// Contact says by which ways leads can be reached.
type Contact struct {
	Email       Share `yaml:"email"`
	Phone       Share `yaml:"phone"`
	EmailGone   Share `yaml:"email_gone"`
	WrongNumber Share `yaml:"wrong_number"`
	Decides     Share `yaml:"decision_maker"`
}

// Deals says what deals are worth, in whole units of currency: a list, or a
// log-normal distribution.
type Deals struct {
	Known  Share   `yaml:"known"`
	List   []int64 `yaml:"list"`
	Median int64   `yaml:"median"`
	Spread float64 `yaml:"spread"`
	Most   int64   `yaml:"most"`
}

// Market says who wants to buy, for how long, and how a deal comes about (R52).
type Market struct {
	StillIn  []Point  `yaml:"still_in"`
	Returns  Share    `yaml:"returns_a_year"`
	Buy      Buy      `yaml:"buy"`
	Proposal Proposal `yaml:"proposal"`
}

// Point is one point of the curve: the share that is still in the market.
type Point struct {
	Months float64 `yaml:"months"`
	Share  Share   `yaml:"share"`
}

// Buy is the chance of a deal in each conversation from the one numbered Talks on.
type Buy struct {
	Talks  int   `yaml:"talks"`
	Chance Share `yaml:"chance"`
}

// Proposal is the chance of one after such a conversation, and its validity.
type Proposal struct {
	Chance Share `yaml:"chance"`
	Days   int   `yaml:"days"`
}

// Answers says how prospects answer.
type Answers struct {
	Never       Share           `yaml:"never"`
	Fatigue     Share           `yaml:"fatigue"`
	AtLeast     Share           `yaml:"at_least"`
	ReplyHours  float64         `yaml:"reply_hours"`
	InMarket    Mood            `yaml:"in_market"`
	OutOfMarket Mood            `yaml:"out_of_market"`
	NamesTime   Share           `yaml:"names_a_time"`
	EngagesBy   []sequence.Kind `yaml:"engages_by"`
}

// Mood is how somebody answers who is in the market, or is not.
type Mood struct {
	Reply       Share `yaml:"reply"`
	Click       Share `yaml:"click"`
	OptOut      Share `yaml:"opt_out"`
	OutOfOffice Share `yaml:"out_of_office"`
	PickUp      Share `yaml:"pick_up"`
	Voicemail   Share `yaml:"voicemail"`
	Manual      Share `yaml:"manual"`
	Engages     Share `yaml:"engages_a_month"`
	ShowsUp     Share `yaml:"shows_up"`
	Objects     Share `yaml:"objects"`
	Says        Says  `yaml:"says"`
}

// Says weighs what is said in a conversation.
type Says struct {
	CallScheduled float64 `yaml:"call_scheduled"`
	Interested    float64 `yaml:"interested"`
	SendInfo      float64 `yaml:"send_information"`
	NonCommittal  float64 `yaml:"non_committal"`
	NotNow        float64 `yaml:"not_now"`
	NotInterested float64 `yaml:"not_interested"`
	NotTheOne     float64 `yaml:"wrong_person"`
	StayInTouch   float64 `yaml:"stay_in_touch"`
	NotQualified  float64 `yaml:"not_qualified"`
	Stop          float64 `yaml:"stop"`
}

// Reps says how the reps work. Hours are working hours only at the end: work that
// falls outside the window waits for it to open.
type Reps struct {
	Count       int             `yaml:"count"`
	Window      sequence.Window `yaml:"window"`
	FirstCall   float64         `yaml:"first_call_minutes"`
	CallHours   float64         `yaml:"call_hours"`
	TaskHours   float64         `yaml:"task_hours"`
	Forgets     Share           `yaml:"forgets"`
	Reminded    Share           `yaml:"reminded"`
	JustAnswers Share           `yaml:"just_answers"`
	FindsOthers Share           `yaml:"finds_others"`
	Diagnoses   Diagnoses       `yaml:"diagnoses"`
}

// Diagnoses weighs why reps think that a lead went cold (R40).
type Diagnoses struct {
	NotKnown     float64 `yaml:"unknown"`
	Timing       float64 `yaml:"timing"`
	ValueNotSeen float64 `yaml:"value_not_seen"`
	TooFast      float64 `yaml:"too_fast"`
	TooSlow      float64 `yaml:"too_slow"`
	WrongPerson  float64 `yaml:"wrong_person"`
	NeverWarm    float64 `yaml:"never_warm"`
}

// Content is the library: items at the start, and the days between new ones.
type Content struct {
	Items    int `yaml:"items"`
	NewEvery int `yaml:"new_every_days"`
}
