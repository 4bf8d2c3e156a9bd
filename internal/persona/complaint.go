package persona

import (
	"net/mail"
	"strings"
	"time"
)

// complaint is what a mailbox provider sends when its user presses "this is spam" (RFC 5965). Some providers hide who
// it was; then only the returned message tells which one it is.
func (s scene) complaint() *message {
	o, to := s.original, s.original.letter.To
	fields := []string{
		"Feedback-Type: abuse", "User-Agent: FeedbackLoop/1.0", "Version: 1",
		"Original-Mail-From: <" + o.letter.From + ">", "Arrival-Date: " + o.letter.At.Format(time.RFC1123Z),
		"Reported-Domain: " + domain(o.from.Address), "Source-IP: 192.0.2.1",
	}
	returned := part{kind: "message/rfc822", text: string(o.letter.Raw)}
	if s.roll(to, "provider", 2) == 0 {
		fields = append(fields, "Original-Rcpt-To: <"+to+">")
	} else {
		returned = part{kind: "text/rfc822-headers", text: strings.ReplaceAll(head(o.letter.Raw), to, "redacted@"+domain(to))}
	}
	text := "This is an email abuse report for an email message received on " + o.letter.At.Format(time.RFC1123Z) + ".\nFor more information about this format please see RFC 5965.\n"
	return &message{
		from: mail.Address{Name: "Feedback Loop", Address: "feedback@" + domain(to)}, to: mail.Address{Address: o.letter.From},
		subject: "FW: " + o.subject, fields: map[string]string{"Auto-Submitted": "auto-generated"},
		body: part{kind: "multipart/report", params: map[string]string{"report-type": "feedback-report"}, parts: []part{
			plain(text), {kind: "message/feedback-report", text: strings.Join(fields, "\n") + "\n"}, returned,
		}},
	}
}
