// Package judge proves from what is left behind (the mail server's book, the send
// ledger, the audit trail, Temporal's histories, and what clients were told) that
// nothing was sent twice, nothing was sent after a stop, and nothing was lost or got
// stuck. It looks at evidence only: it must not know the product's code, nor where
// the evidence comes from.
package judge

import "time"

// Evidence is everything that is left of a run. Instants are real time unless they are
// said to be virtual.
type Evidence struct {
	Acks      []Ack
	Mails     []Mail
	Sends     []Send
	Steps     []Step
	Entries   []Entry
	Leads     []Lead
	Mailboxes []Mailbox
	Blows     []Blow

	Records    map[string]bool      // ids of engagements, replies and outcomes in the database
	Replies    map[string]string    // ids of replies by the word that the prospect put into each
	Suppressed map[string]bool      // addresses
	Delivered  map[string]time.Time // when a workflow was told of a record, by its id
	Waiting    int                  // messages that a workflow was not told yet
	Leaks      []string             // where personal data was found
	Searched   int                  // histories and logs that were searched for it
	Now        time.Time            // virtual, at the end
	Late       time.Duration        // virtual; how far behind its deadline a lead may be then: workers come to each in its turn
}

// What a client was told.
const (
	Enrolled = "enrolment"
	Engaged  = "engagement"
	Replied  = "reply"
	Reported = "outcome"
	Stopped  = "stop"
)

// Ack is a request that was answered by yes.
type Ack struct {
	What   string
	At     time.Time // the whole answer had arrived
	Lead   string    // where the answer named one
	Record string    // id of the engagement or outcome; of a reply, its word
	Email  string    // who was stopped
}

// Mail is a message that reached the mail server whole.
type Mail struct {
	DataAt, EndAt time.Time
	To, MessageID string
	Kept          bool
}

// Send is a row of the ledger.
type Send struct {
	Lead, Touch, MessageID, Text string
	State                        string
	Begun                        bool
	At                           time.Time // virtual
	Mailbox                      string
	Slot                         time.Time // virtual; zero when none
	Open                         bool      // the lead's window was open at At, or it need not be
}

// Step is a change of a row of the ledger.
type Step struct {
	Lead, Touch, State string
	Begun              bool
	By                 string // which process
	At                 time.Time
}

// Entry is a line of the audit trail.
type Entry struct {
	Lead     string
	N        int
	Written  time.Time // the same for all lines of a turn
	What     string
	To       string // stage
	Touch    string
	Detail   string
	Evidence []string
}

// Lead is a lead's row, and its workflow.
type Lead struct {
	ID, Email string
	Stage     string
	Final     bool
	Blocked   string
	NextAt    time.Time // virtual; zero when none
	Turn      int
	Life      Life
}

// Life is what Temporal has of a lead.
type Life struct {
	Status   string   // of its last run, as Temporal calls it
	Turn     int      // with which its last run began
	Asleep   bool     // on a timer, or waiting for a person
	Timer    bool     // a timer runs
	Due      bool     // something waits for a worker
	Retried  []string // activities that are tried again and again
	Failing  int      // attempts of the workflow task that is under way
	Broken   []string // causes of workflow tasks that failed by the code
	Outcomes []string // ids of outcomes that it was told
	Runs     int
	Tail     string // the last events of its last run
}

// Mailbox is one and what it may send.
type Mailbox struct {
	Name  string
	Zone  *time.Location
	Daily int
	Gap   time.Duration
}

// Blow is what was done to a part, and when.
type Blow struct {
	On, Does string
	From, To time.Time
}
