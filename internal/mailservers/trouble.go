package mailservers

import (
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// Deliver brings a letter from the outside world, as another company's server would. A from of "" is the null sender of
// reports.
func (s *Servers) Deliver(from, to string, letter []byte) {
	s.t.Helper()
	require.NoError(s.t, s.TryDeliver(from, to, letter))
}

// TryDeliver is Deliver for a letter that may be refused; the error is then a *smtp.SMTPError.
func (s *Servers) TryDeliver(from, to string, letter []byte) error {
	s.t.Helper()
	client, err := smtp.Dial(s.MX.Addr())
	require.NoError(s.t, err)
	defer client.Close()
	if err := client.Mail(from, nil); err != nil {
		return err
	}
	if err := client.Rcpt(to, nil); err != nil {
		return err
	}
	data, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := data.Write(letter); err != nil {
		return err
	}
	return data.Close()
}

// Greylist turns away whoever writes to someone for the first time (450 4.2.0) until delay has passed since then, on all
// ports, and forgets whom it knew. 0 turns it off.
func (s *Servers) Greylist(delay time.Duration) { s.policy.greylist(delay) }

// AtRecipient does something once, when a client has just named the next recipient and waits for the answer.
func (s *Servers) AtRecipient(do func()) { s.policy.next(atRecipient, do) }

// AtEndOfData does something once, when Postfix has the whole of the next message, has not taken it over yet, and the
// client waits for the answer.
func (s *Servers) AtEndOfData(do func()) { s.policy.next(atEndOfData, do) }

// LoseAnswer breaks the client's connection between the end of the next message and the answer. Postfix has taken the
// message over.
func (s *Servers) LoseAnswer() {
	s.AtEndOfData(func() {
		for _, line := range []*Line{s.Submission, s.Submissions, s.MX} {
			line.Cut()
		}
	})
}
