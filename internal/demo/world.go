package demo

import (
	"log/slog"
	"time"

	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/internal/persona"
	"github.com/rekindlehq/rekindle/workflows"
)

// languages are what people write in, by country; English where it is not listed.
var languages = map[string]persona.Language{
	"DE": persona.German, "AT": persona.German, "CH": persona.German, "FR": persona.French, "ES": persona.Spanish,
	"BR": persona.Portuguese, "IT": persona.Italian, "NL": persona.Dutch,
}

// world is who gets the demo's mail. The seeded leads play every persona in turn, so that each is seen; who comes later
// follows from their address.
func world() persona.World {
	w := persona.World{Seed: 1, Home: []string{"rekindle.example"}, Cast: map[string]persona.Role{}}
	names := persona.Names()
	for i, p := range newcomers {
		role := persona.Role{Persona: names[i%len(names)], Language: languages[p.country]}
		if role.Language == "" {
			role.Language = persona.English
		}
		w.Cast[p.email] = role
	}
	return w
}

// Play lets a world refuse mail, and answer into the mailboxes of the senders.
func (m *Mail) Play(w persona.World, clock *workflows.Clock) *persona.Player {
	player := &persona.Player{
		World: w, Clock: worldClock{clock},
		Deliver: func(l persona.Letter, a persona.Answer) error {
			_, err := m.Deliver(devmail.Delivery{From: a.From, To: []string{a.To}, Raw: a.Raw, By: string(a.By), Answers: l.ID})
			return err
		},
		Failed: func(a persona.Answer, err error) {
			slog.Info("demo: a prospect could not answer", "persona", a.By, "with", a.Does, "error", err)
		},
	}
	m.Refuse(player.Refuse)
	return player
}

// answer lets everybody who got a message read it.
func (m *Mail) answer(player *persona.Player, message devmail.Message) {
	raw, err := m.Raw(message.ID)
	if err != nil {
		return // emptied meanwhile
	}
	for _, to := range message.To {
		l := persona.Letter{ID: message.ID, From: message.From, To: to, N: m.Number(message.ID, to), Raw: raw}
		if err := player.Receive(l); err != nil {
			slog.Info("demo: a prospect could not read a message", "message", message.ID, "error", err)
		}
	}
}

// worldClock is the demo's clock as personas read it.
type worldClock struct{ clock *workflows.Clock }

func (c worldClock) Now() time.Time { return c.clock.At(time.Now()) }

func (c worldClock) At(t time.Time, f func()) (stop func() bool) {
	return time.AfterFunc(max(0, c.clock.Until(t, time.Now())), f).Stop
}
