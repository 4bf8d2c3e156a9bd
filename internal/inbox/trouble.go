package inbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"

	"github.com/emersion/go-imap/v2"
)

// Trouble is why a mailbox cannot be read, as a code without names or addresses.
type Trouble string

// All troubles.
const (
	BadAddress  Trouble = "address"
	Unreachable Trouble = "unreachable"
	NoTLS       Trouble = "tls"
	NoLogin     Trouble = "login"
	NoFolder    Trouble = "folder"
	BadAnswer   Trouble = "server"
	NotTaken    Trouble = "taking"
)

// Explain says in one sentence what is wrong and how to mend it.
func (t Trouble) Explain() string {
	switch t {
	case BadAddress:
		return "the IMAP address is not valid: write imaps://user:password@host:993 or imap://user:password@host:143, with special characters percent-encoded"
	case Unreachable:
		return "the mail server cannot be reached or hung up: check its host and port, and that this network may connect there"
	case NoTLS:
		return "no safe connection: the mail server offers no TLS on this port, or its certificate is not valid for its name"
	case NoLogin:
		return "the mail server refused the login: check user and password; many providers want an app password and IMAP switched on"
	case NoFolder:
		return "the mail server does not open the folder"
	case BadAnswer:
		return "the mail server refused a command or gave an answer that cannot be used"
	case NotTaken:
		return "a message could not be stored: check the database; it is tried again"
	}
	return string(t)
}

// Error is what went wrong with a mail server. Its text carries our words only,
// never what the server wrote, which may quote addresses; the cause is for errors.As.
type Error struct {
	Trouble Trouble
	cause   error
}

func (e *Error) Error() string { return e.Trouble.Explain() }
func (e *Error) Unwrap() error { return e.cause }

func fail(t Trouble, cause error) error {
	if cause == nil {
		return nil
	}
	return &Error{Trouble: t, cause: cause}
}

// troubleOf is the trouble that an error stands for.
func troubleOf(err error) Trouble {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Trouble
	}
	if _, ok := errors.AsType[*imap.Error](err); ok {
		return BadAnswer
	}
	return Unreachable
}

// ofHandshake tells a certificate that is not accepted from a line that broke.
func ofHandshake(err error) Trouble {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		if op.Op == "remote error" || op.Op == "local error" { // how crypto/tls wraps an alert
			return NoTLS
		}
		return Unreachable
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, authority := errors.AsType[x509.UnknownAuthorityError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	_, refused := errors.AsType[*imap.Error](err)
	if certificate || authority || noTLS || refused {
		return NoTLS
	}
	return Unreachable
}

// ofLogin tells a login that is wrong from one that the server cannot check now.
func ofLogin(err error) Trouble {
	said, ok := errors.AsType[*imap.Error](err)
	if !ok {
		return Unreachable
	}
	switch said.Code {
	case imap.ResponseCodeUnavailable, imap.ResponseCodeServerBug, imap.ResponseCodeInUse, imap.ResponseCodeLimit:
		return BadAnswer
	case imap.ResponseCodePrivacyRequired:
		return NoTLS
	}
	return NoLogin
}
