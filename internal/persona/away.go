package persona

import (
	"net/mail"
	"time"
)

// away is an automatic reply with the date of return, as RFC 3834 wants it: to the envelope's sender, marked, and with
// nobody to return it to.
func (s scene) away() *message {
	t, o := tongues[s.Language], s.original
	style := s.roll(o.letter.To, "date style", 3)
	left := s.at.AddDate(0, 0, -s.roll(o.letter.To, "days gone", 4))
	text := fill(t.away, "from", t.on(left, style), "back", t.on(s.back(), style), "desk", "reception@"+domain(o.letter.To))
	me := s.me()
	return &message{
		from: me, to: mail.Address{Address: o.letter.From}, original: &s.original, subject: t.awaySubject + o.subject,
		fields: map[string]string{"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"},
		body:   plain(text + "\n\n" + t.closing + "\n" + me.Name + "\n"),
	}
}

// back is the first working day after three days to two weeks.
func (s scene) back() time.Time {
	back := s.at.AddDate(0, 0, 3+s.roll(s.original.letter.To, "days away", 12))
	for back.Weekday() == time.Saturday || back.Weekday() == time.Sunday {
		back = back.AddDate(0, 0, 1)
	}
	return back
}
