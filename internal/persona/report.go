package persona

import (
	"net/mail"
	"strings"
	"time"
)

// retriesFor is how long a mail server tries on (RFC 5321, 4.5.4.1: at least four to five days).
const retriesFor = 5 * 24 * time.Hour

// verdict is what a report says of a delivery (RFC 3464, 2.3).
type verdict struct {
	subject, text, action, status, diagnostic string
}

// report is a delivery report of the recipient's mail server (RFC 3464, 6522). A server keeps to one way of writing it.
func (s scene) report() *message {
	o, to := s.original, s.original.letter.To
	exchange := s.roll(to, "server", 2) == 1
	v := s.verdict(exchange)
	fields := []string{
		"Reporting-MTA: dns; mx." + domain(to), "Arrival-Date: " + o.letter.At.Format(time.RFC1123Z), "",
		"Final-Recipient: rfc822; " + to, "Original-Recipient: rfc822;" + to,
		"Action: " + v.action, "Status: " + v.status,
		"Diagnostic-Code: " + v.diagnostic, "Last-Attempt-Date: " + s.at.Format(time.RFC1123Z),
	}
	if s.does == Delay {
		fields = append(fields, "Will-Retry-Until: "+o.letter.At.Add(retriesFor).Format(time.RFC1123Z))
	}
	returned := part{kind: "message/rfc822", text: string(o.letter.Raw)}
	if exchange {
		returned = part{kind: "text/rfc822-headers", text: head(o.letter.Raw)}
	}
	return &message{
		from: mail.Address{Name: "Mail Delivery System", Address: "MAILER-DAEMON@mx." + domain(to)}, to: mail.Address{Address: o.letter.From},
		subject: v.subject, fields: map[string]string{"Auto-Submitted": "auto-replied"},
		body: part{kind: "multipart/report", params: map[string]string{"report-type": "delivery-status"}, parts: []part{
			plain(v.text), {kind: "message/delivery-status", text: strings.Join(fields, "\n") + "\n"}, returned,
		}},
	}
}

func (s scene) verdict(exchange bool) verdict {
	to := s.original.letter.To
	switch {
	case s.does == Delay:
		return verdict{
			"Delayed Mail (still being retried)",
			"Your message could not be delivered for more than 4 hours.\nIt will be retried until it is 5 days old. You need not send it again.\n\n<" + to + ">: connect to mail." + domain(to) + "[192.0.2.26]:25: Connection timed out\n",
			"delayed", "4.4.1", "smtp; 421 4.4.1 Connection timed out",
		}
	case exchange:
		return verdict{
			"Undeliverable: " + s.original.subject,
			"Your message to " + to + " couldn't be delivered.\n\nThe address was not found at " + domain(to) + ". Check it, and send the message again.\n",
			"failed", "5.1.10", "smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient " + to + " not found by SMTP address lookup",
		}
	}
	return verdict{
		"Undelivered Mail Returned to Sender",
		"I'm sorry to have to inform you that your message could not be delivered to\none or more recipients.\n\n<" + to + ">: host mail." + domain(to) + "[192.0.2.26] said: 550 5.1.1 <" + to + ">:\n    Recipient address rejected: User unknown (in reply to RCPT TO command)\n",
		"failed", "5.1.1", "smtp; 550 5.1.1 <" + to + ">: Recipient address rejected: User unknown",
	}
}

// head is the header of a raw message.
func head(raw []byte) string {
	text := strings.ReplaceAll(string(raw), "\r\n", "\n")
	header, _, _ := strings.Cut(text, "\n\n")
	return header + "\n"
}
