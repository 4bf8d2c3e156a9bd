// Package persona plays the world that mail is sent to: people who answer, are away, complain or unsubscribe, and mail
// servers that refuse, delay and return. What a persona does follows from a seed and its address alone, so a world can
// be played again.
//
// It knows mail as the world writes it (RFC 5322, 3464, 3834, 5546, 5965, 8058) in seven languages. It must not know
// who sends the mail or why, nor what carries it: time, delivery and the first message's number come from outside.
package persona

import (
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Name names a persona.
type Name string

// The personas.
const (
	Keen        Name = "keen"        // is interested and says so; accepts invitations
	Inquirer    Name = "inquirer"    // asks a question; accepts invitations
	Later       Name = "later"       // not now; declines invitations
	Collector   Name = "collector"   // wants something to read; accepts invitations
	Away        Name = "away"        // is out of office, and interested when back
	Gone        Name = "gone"        // refused at once: no such user
	Bouncer     Name = "bouncer"     // accepted first, returned as undeliverable later
	Slow        Name = "slow"        // delivered late, with a report of the delay
	Greylister  Name = "greylister"  // refused first, accepted when tried again
	Complainer  Name = "complainer"  // presses "this is spam"
	Remover     Name = "remover"     // writes to be left alone
	Clicker     Name = "clicker"     // unsubscribes with one click
	Decliner    Name = "decliner"    // answers nothing but invitations, with no
	Rescheduler Name = "rescheduler" // proposes another time, then accepts
	Reader      Name = "reader"      // reads and never answers
)

// Names lists the personas in a fixed order.
func Names() []Name {
	return []Name{
		Keen, Inquirer, Later, Collector, Away, Gone, Bouncer, Slow, Greylister, Complainer, Remover, Clicker, Decliner,
		Rescheduler, Reader,
	}
}

// Reaction is one thing that a persona does.
type Reaction string

// The reactions: first those of people in their own words, then those of machines and forms.
const (
	Interested  Reaction = "interested"
	Question    Reaction = "question"
	NotNow      Reaction = "not now"
	SendInfo    Reaction = "send me something"
	RemoveMe    Reaction = "remove me"
	OutOfOffice Reaction = "out of office"
	Bounce      Reaction = "bounce"
	Delay       Reaction = "delay"
	Complaint   Reaction = "complaint"
	Unsubscribe Reaction = "unsubscribe"
	Accept      Reaction = "accept"
	Decline     Reaction = "decline"
	Counter     Reaction = "counter"
)

// habit is what a persona does with its mail: a reaction to the message with that number, and to every so many after
// it (0: once), so long after the message came.
type habit struct {
	first, every    int
	does            Reaction
	soonest, latest time.Duration
}

var habits = map[Name][]habit{
	Keen:       {{2, 6, Interested, time.Hour, 30 * time.Hour}},
	Inquirer:   {{1, 5, Question, 30 * time.Minute, 20 * time.Hour}},
	Later:      {{2, 7, NotNow, 2 * time.Hour, 48 * time.Hour}},
	Collector:  {{1, 7, SendInfo, time.Hour, 30 * time.Hour}},
	Away:       {{2, 8, OutOfOffice, 5 * time.Second, time.Minute}, {5, 0, Interested, time.Hour, 30 * time.Hour}},
	Bouncer:    {{2, 1, Bounce, time.Minute, 10 * time.Minute}},
	Slow:       {{1, 4, Delay, 4 * time.Hour, 5 * time.Hour}},
	Complainer: {{3, 0, Complaint, 2 * time.Hour, 40 * time.Hour}},
	Remover:    {{2, 0, RemoveMe, time.Hour, 30 * time.Hour}},
	Clicker:    {{3, 0, Unsubscribe, 10 * time.Minute, 20 * time.Hour}},
}

var invited = map[Name]Reaction{
	Keen: Accept, Inquirer: Accept, Collector: Accept, Later: Decline, Decliner: Decline, Rescheduler: Counter,
}

func (h habit) meets(n int) bool {
	return n == h.first || h.every > 0 && n > h.first && (n-h.first)%h.every == 0
}

// Role is who somebody is.
type Role struct {
	Persona  Name
	Language Language
}

// World is everybody who gets mail.
type World struct {
	Seed uint64
	Cast map[string]Role // who somebody is, by address in lower case; of the others, the seed decides
	Home []string        // the domains that send, where nobody is played
}

// Role tells who has an address. Most of the uncast only read.
func (w World) Role(address string) Role {
	role := w.Cast[strings.ToLower(address)]
	if role.Persona == "" {
		names := Names()
		role.Persona = Reader
		if i := w.roll(address, "persona", 2*len(names)); i < len(names) {
			role.Persona = names[i]
		}
	}
	if role.Language == "" {
		languages := Languages()
		role.Language = languages[w.roll(address, "language", len(languages))]
	}
	return role
}

// plays tells whether an address belongs to the played world, for mail of that sender.
func (w World) plays(from, to string) bool {
	home := append([]string{domain(from)}, w.Home...)
	return domain(to) != "" && !slices.ContainsFunc(home, func(d string) bool { return strings.EqualFold(d, domain(to)) })
}

// roll throws a die with n sides, which falls the same for the same address and purpose.
func (w World) roll(address, purpose string, n int) int {
	h := fnv.New64a()
	h.Write([]byte(strings.ToLower(address) + "\x00" + purpose))
	return rand.New(rand.NewPCG(w.Seed, h.Sum64())).IntN(n) //nolint:gosec // played, and to be played again
}

// between rolls a duration.
func (w World) between(address, purpose string, soonest, latest time.Duration) time.Duration {
	seconds := int((latest - soonest) / time.Second)
	return soonest + time.Duration(w.roll(address, purpose, seconds+1))*time.Second
}

func domain(address string) string {
	_, after, _ := strings.Cut(address, "@")
	return strings.ToLower(after)
}
