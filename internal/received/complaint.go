package received

import "strings"

// Complaint is a report that somebody marked our message as spam (RFC 5965).
type Complaint struct {
	FeedbackType string // abuse, fraud, virus, other, ...
	OriginalID   string // Message-ID of our message, without <>
	OriginalTo   string // who complained, where the report tells
}

// notComplaints are the kinds of feedback in which nobody complains: a message
// taken out of the junk folder (RFC 5965) and checks that failed (RFC 6591).
var notComplaints = map[string]bool{"not-spam": true, "auth-failure": true, "dmarc": true}

func (m *Message) complained(t *taken) bool {
	part := t.part("message/feedback-report")
	if part == nil || t.root.ContentType != "multipart/report" && !t.fromMailSystem() {
		return false
	}
	c := &Complaint{}
	for _, f := range fieldGroups(part.Content) {
		if c.FeedbackType == "" {
			c.FeedbackType = clip(strings.ToLower(firstWord(f.Get("Feedback-Type"))), 40)
		}
		if c.OriginalTo == "" {
			c.OriginalTo = address("", typed(f.Get("Original-Rcpt-To"))).Email
		}
	}
	if notComplaints[c.FeedbackType] {
		return false
	}
	id, to := t.original()
	if c.OriginalID = id; id == "" {
		c.OriginalID = idInText(m.Full, m.MessageID)
	}
	if c.OriginalTo == "" {
		c.OriginalTo = to
	}
	m.is(Complained, "part message/feedback-report", c.FeedbackType)
	m.Complaint = c
	return true
}
