// Package mailbox says what a mailbox is: an address with an identity, the servers
// behind it, and the limits within which it sends. It knows how secrets are sealed
// at rest and how many sends a day may bring; it must not know leads, the database
// or how mail is sent and read.
package mailbox

import (
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/sequence"
)

// Mailbox is one address that mail goes out from and comes in to.
type Mailbox struct {
	ID            uuid.UUID
	Name          string     // by which playbooks call it
	Address       string     // lower case
	Sender        string     // name beside the address; the owner's when empty
	User          *uuid.UUID // whose it is; nil: shared
	Inquiries     bool       // mail that belongs to no lead begins one
	Signature     string     // lines below the text; "name, company" when empty
	PostalAddress string     // the company's when empty (CAN-SPAM)
	Limits        Limits
	Connections   Connections
}

// Connections are the servers behind a mailbox and the keys to them: all that is
// sealed at rest.
type Connections struct {
	SMTP string `json:"smtp,omitempty"` // smtp:// or smtps:// address with user and password; the house's server when empty
	IMAP string `json:"imap,omitempty"` // imap:// (STARTTLS) or imaps:// address; not watched when empty
	DKIM *DKIM  `json:"dkim,omitempty"` // where mail is signed here (RFC 6376)
}

// DKIM is the key that signs for a domain.
type DKIM struct {
	Domain   string `json:"domain"`
	Selector string `json:"selector"`
	Key      string `json:"key"` // PEM, RSA or Ed25519
}

// Limits are how much a mailbox sends, and when.
type Limits struct {
	Daily     int             // sends a day, by the mailbox's zone
	Gap       time.Duration   // from one send to the next, at least
	RampFrom  int             // limit of the first day of a new mailbox; 0: no ramp
	RampStep  int             // so many more on each day after it
	RampSince time.Time       // the first day
	Hours     sequence.Window // zero: whenever the recipient may be reached
	Zone      *time.Location
}
