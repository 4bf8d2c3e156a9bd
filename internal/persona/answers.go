package persona

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// Letter is a message to one address of the world, when it has been accepted for it.
type Letter struct {
	ID   string    // what the carrier calls it; handed back
	From string    // the envelope's sender, to whom reports go; empty for mail that must not be answered
	To   string    // the envelope's recipient
	N    int       // the how-manieth message to that address it is, from 1
	At   time.Time // when it came, on the world's clock
	Raw  []byte
}

// Answer is what comes back: a message, or a click.
type Answer struct {
	At    time.Time // when, on the world's clock
	By    Name
	Does  Reaction
	From  string // the envelope's sender; empty for reports and automatic replies
	To    string
	Raw   []byte // nil for a click
	Click string // the URL to unsubscribe at with one click, empty for a message
}

// Answers tells what the world does about a letter, none to mail that is automatic itself (RFC 3834, 2). It is the same
// for the same world and letter.
func (w World) Answers(l Letter) ([]Answer, error) {
	if !w.plays(l.From, l.To) {
		return nil, nil
	}
	o, err := readOriginal(l)
	if err != nil {
		return nil, fmt.Errorf("read the letter: %w", err)
	}
	if o.automatic {
		return nil, nil
	}
	scene := scene{World: w, Role: w.Role(l.To), original: o}
	var answers []Answer
	for _, h := range scene.habits() {
		a, err := scene.play(h)
		if err != nil {
			return nil, fmt.Errorf("play %s of %s: %w", h.does, scene.Persona, err)
		}
		if a.Raw != nil || a.Click != "" {
			answers = append(answers, a)
		}
	}
	return answers, nil
}

// scene is one letter in the hands of one persona.
type scene struct {
	World
	Role
	original original
	at       time.Time // of the answer
	does     Reaction
}

// habits are those that this letter meets. An invitation is answered by what one does with invitations.
func (s scene) habits() (met []habit) {
	for _, h := range habits[s.Persona] {
		if h.meets(s.original.letter.N) && (s.original.invitation == nil || !spoken[h.does]) {
			met = append(met, h)
		}
	}
	does, answers := invited[s.Persona]
	if s.original.invitation == nil || !answers {
		return met
	}
	if does == Counter && s.original.invitation.sequence > 0 {
		does = Accept // one is not to haggle for ever
	}
	return append(met, habit{does: does, soonest: 20 * time.Minute, latest: 8 * time.Hour})
}

// spoken are the reactions in a person's own words.
var spoken = map[Reaction]bool{Interested: true, Question: true, NotNow: true, SendInfo: true, RemoveMe: true}

func (s scene) play(h habit) (a Answer, err error) {
	s.does = h.does
	s.at = s.original.letter.At.Add(s.between(s.original.letter.To, fmt.Sprint("delay ", s.original.letter.N, h.does), h.soonest, h.latest)).Truncate(time.Second)
	a = Answer{At: s.at, By: s.Persona, Does: h.does, From: s.original.letter.To, To: s.original.replyTo}
	var message *message
	switch h.does {
	case OutOfOffice:
		if s.original.noAutoReply {
			return a, nil
		}
		a.From, a.To = "", s.original.letter.From
		message = s.away()
	case Bounce, Delay:
		a.From, a.To = "", s.original.letter.From
		message = s.report()
	case Complaint:
		a.From, a.To = "feedback@"+domain(a.From), s.original.letter.From
		message = s.complaint()
	case Unsubscribe:
		a.Click = s.original.oneClick
		return a, nil
	case Accept, Decline, Counter:
		a.To = s.original.invitation.organizer
		message = s.calendarReply()
	default:
		message = s.reply()
	}
	a.Raw, err = message.deliver(a, s.id())
	return a, err
}

// id names the answer: another one for each letter and reaction, and the same in each run.
func (s scene) id() string {
	sum := sha256.Sum256(fmt.Append(nil, s.Seed, "\x00", s.original.messageID, "\x00", s.original.letter.To, "\x00", s.original.letter.N, "\x00", s.does))
	return hex.EncodeToString(sum[:12])
}
