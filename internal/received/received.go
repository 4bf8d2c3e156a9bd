// Package received reads raw messages that arrive in a sales mailbox and says
// what they are: a person's answer, a wish to be left alone, an automatic
// reply, a delivery report, a complaint or an answer to an invitation.
//
// It knows RFC 5322 and MIME, the reports of RFC 3464, 5965 and 6522, automatic
// mail of RFC 3834, invitations of RFC 5546, and how people write mail in
// English, German, French, Spanish, Portuguese, Italian and Dutch. It must not
// know leads, mailboxes, the database, the network or the clock: the same bytes
// and the same now always give the same answer. It does not authenticate:
// whether a report is genuine is for the caller to settle, by the Message-ID of
// the original.
package received

import (
	"fmt"
	"time"
)

// Message is what a raw message turned out to be. Every string is valid UTF-8
// without control characters (line feeds and tabs are kept in the texts).
type Message struct {
	MessageID  string    // without <>, like InReplyTo and References
	InReplyTo  []string  // at most 100
	References []string  // at most 100, the newest ones
	From       Address   // the first one where there are several
	To, Cc     []Address // at most 200 each
	ReturnPath string    // empty for the null sender <> and when there is none
	Subject    string
	Date       time.Time // of the Date header in its zone, zero when unreadable

	Text string // what the person wrote: without quoted text and signature
	Full string // the whole readable text
	HTML string // the HTML part as it came, to be sanitised before it is shown

	Damage   []string // what is wrong with the message, for people to read
	Class    Class
	Evidence []Evidence // why it is of this class

	BackOn    time.Time       // OutOfOffice: start of the stated day of return, see backOn; zero when none is stated
	Bounce    *Bounce         // Bounced only
	Complaint *Complaint      // Complained only
	Calendar  *CalendarAnswer // Calendar only
}

// Address is a mailbox of RFC 5322. Email is lower case in its domain only.
type Address struct{ Name, Email string }

// Class says what a message is. Where a message could be several things, the
// first of this order wins: complaint, bounce, calendar, automatic, opt-out,
// human; so an opt-out in an automatic reply does not count.
type Class string

const (
	Complained  Class = "complaint"     // somebody marked our message as spam (RFC 5965)
	Bounced     Class = "bounce"        // a delivery report; Bounce.Kind says which
	Calendar    Class = "calendar"      // an answer to an invitation (RFC 5546)
	OutOfOffice Class = "out_of_office" // automatic: the person is away
	AutoReply   Class = "auto_reply"    // automatic answer of any other kind, read receipts included
	Bulk        Class = "bulk"          // automatic mail that answers nothing: newsletters, lists, notifications
	OptOut      Class = "opt_out"       // a person who wants no more mail
	Human       Class = "human"         // a person
)

// Evidence is one reason for a class: where it was found and what it says there.
type Evidence struct {
	Where string // "header Auto-Submitted", "subject", "text", "part message/delivery-status"
	Says  string // the matching text, shortened
}

// Read takes in a raw RFC 5322 message, with CRLF or bare LF. It never fails:
// whatever is wrong with the message is noted in Damage, and what could be read
// of it is returned. now stands in for a Date header that cannot be trusted.
func Read(raw []byte, now time.Time) (m Message) {
	defer func() {
		if p := recover(); p != nil {
			m = Message{Class: Human, Full: readable(string(raw[:min(len(raw), maxText)])), Damage: []string{fmt.Sprintf("the message could not be taken apart (%v)", p)}}
			m.Full = clip(m.Full, maxText)
		}
	}()
	return read(raw, now)
}

// read is Read without its safety net, so that tests see what falls into it.
func read(raw []byte, now time.Time) Message {
	var m Message
	t := takeApart(raw)
	m.fillHeader(t)
	body := t.body()
	m.Full, m.HTML = body.full, body.html
	m.Text = ownText(body.lines)
	m.classify(t, body, now)
	m.Damage = t.damage.list
	return m
}

// classify asks each kind in the order that Class documents.
func (m *Message) classify(t *taken, body body, now time.Time) {
	if m.complained(t) || m.bounced(t) || m.answeredInvitation(t) || m.automatic(t, now) {
		return
	}
	if says := optOut(m.Subject, m.Text); says != "" {
		m.is(OptOut, "text", says)
		return
	}
	m.is(Human, "text", firstLine(m.Text))
}

func (m *Message) is(c Class, where, says string) {
	m.Class = c
	m.Evidence = append(m.Evidence, Evidence{where, shorten(says)})
}
