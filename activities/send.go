package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// Ledger is the send ledger: at most one send per (lead, touch), never one after
// a stop.
type Ledger interface {
	// Reserve takes the touch for this attempt, or says how it ended before. In
	// one transaction it checks suppression, chooses the reason to reach out and
	// writes the row. From an earlier attempt that left it reserved it takes the
	// touch over when that had not begun to send, and never can then; once it had
	// begun, the touch becomes unknown.
	Reserve(ctx context.Context, lead string, at time.Time, email sequence.SendEmail) (Reservation, error)
	// HandOver runs send while the recipient cannot be suppressed: an opt-out
	// waits for it. It records the verdict in the same transaction. Refused when
	// the recipient was suppressed since Reserve; an error when another attempt has
	// taken the touch over.
	HandOver(ctx context.Context, r Reservation, at time.Time, send func(context.Context, Begin) Verdict) (Verdict, error)
}

// Begin notes for good that a message is about to go out. Whoever sends calls it
// once, before the first byte of the message; after an error none may go out.
type Begin func(context.Context) error

// Reservation is a touch taken for one attempt, with everything needed to write
// the mail. It never enters a workflow.
type Reservation struct {
	Ended   *sequence.TouchPerformed // set when there is nothing to send any more
	Lead    string
	Touch   string
	Attempt string
	Letter  Letter
}

// Letter is what the mailer needs to write one email.
type Letter struct {
	Playbook  string
	Text      string
	MessageID string
	At        time.Time
	To        Person
	Owner     Person
	Company   string            // the sender's
	Fields    map[string]string // further fields of the texts
	Reason    *Content
	CallAt    time.Time          // of the scheduled call, where there is one
	Call      *sequence.CallSlot // to invite to
	Cancel    *sequence.CallSlot // to call off
	Organizer *Person            // of that call, where it is not the owner
	Zone      string             // of the recipient
	OptOutURL string
	// Of the mailbox it goes out from.
	Mailbox       string // its id; empty: the house's server, from the owner's address
	From          Person
	Signature     string   // lines; a default when empty
	PostalAddress string   // the company's when empty
	References    []string // Message-IDs of the thread it goes on in, the one it answers last
	Thread        string   // subject of that thread
}

// Person is a name and an address.
type Person struct{ Name, Email string }

// Content is the reason to reach out that a touch brings.
type Content struct{ ID, Title, Summary, URL string }

// Verdict is how handing over a mail ended.
type Verdict struct {
	Status  sequence.SendStatus
	Detail  string // the server's code and our words, never an address
	RetryAt time.Time
	Why     string  // of a deferral, see sequence.TouchPerformed
	Trouble Trouble // with the mailbox, not with this mail
	Subject string  // of the thread, without Re:
	Body    string  // as it was written, plain
}

// Trouble is what is wrong with a mailbox.
type Trouble string

// The troubles.
const (
	NoTrouble    Trouble = ""
	LoginRefused Trouble = "login"        // or it may not send from this address
	Unreachable  Trouble = "disconnected" // the server cannot be reached
	OverLimit    Trouble = "provider_limit"
)

// Mailer writes a letter and hands it to a mail server.
type Mailer interface {
	// Write makes the message; an error means that it can never be sent as it is.
	Write(l Letter) (Message, error)
	// Send hands it over, once begin lets it. Sent only when the server took the
	// responsibility; Unknown when the connection was lost before its answer.
	Send(ctx context.Context, m Message, begin Begin) Verdict
}

// Message is a mail ready to be handed over.
type Message interface{ ID() string }

// SendEmail makes one email touch, at most once whatever happens: reserve, send,
// record. It returns what became of it; an error means try again.
func (a *Activities) SendEmail(ctx context.Context, j Job[sequence.SendEmail]) (sequence.TouchPerformed, error) {
	r, err := a.Ledger.Reserve(ctx, j.Lead, j.At, j.Do)
	if err != nil {
		return sequence.TouchPerformed{}, permanent(fmt.Errorf("reserve touch %s of lead %s: %w", j.Do.Touch, j.Lead, err))
	}
	if r.Ended != nil {
		return *r.Ended, nil
	}
	message, err := a.Mailer.Write(r.Letter)
	verdict, err := a.Ledger.HandOver(ctx, r, j.At, func(ctx context.Context, begin Begin) Verdict {
		if err != nil {
			return Verdict{Status: sequence.Failed, Detail: "the text " + j.Do.Text + " cannot be written: " + err.Error()}
		}
		return a.Mailer.Send(ctx, message, begin)
	})
	if err != nil {
		return sequence.TouchPerformed{}, permanent(fmt.Errorf("hand over touch %s of lead %s: %w", j.Do.Touch, j.Lead, err))
	}
	return sequence.TouchPerformed{Touch: j.Do.Touch, Status: verdict.Status, RetryAt: verdict.RetryAt, Why: verdict.Why, Detail: verdict.Detail}, nil
}

func isGone(err error) bool { return errors.Is(err, ErrGone) }
