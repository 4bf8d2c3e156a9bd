package persona

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	greylistedFor = 5 * time.Minute    // how long a stranger has to wait
	onceIn        = 7 * 24 * time.Hour // a sender gets one automatic reply in that time (RFC 3834, 2)
)

// Clock is the time of the world, which may run faster than ours.
type Clock interface {
	Now() time.Time

	// At calls f in a goroutine of its own when the clock shows t, at once where it does already. The call is taken
	// back with stop, which tells whether it was still in time.
	At(t time.Time, f func()) (stop func() bool)
}

// Player lets a world act: it refuses mail, and sends each answer at its time. The zero value of what is not exported is
// ready; the exported fields are set before the first call.
type Player struct {
	World   World
	Clock   Clock
	Deliver func(Letter, Answer) error // hands a message to its recipient
	HTTP    *http.Client               // clicks; nil takes one that waits ten seconds
	Failed  func(Answer, error)        // hears of an answer that could not be given; may be nil

	mu       sync.Mutex
	closed   bool
	planned  map[*plan]struct{}
	running  sync.WaitGroup
	greeted  map[[2]string]time.Time // when sender and recipient first met
	excused  map[[2]string]time.Time // when a sender last got an automatic reply of a recipient
	shutdown context.CancelFunc
	alive    context.Context //nolint:containedctx // ends clicks when the player closes
}

type plan struct {
	stop func() bool
}

// Refuse answers a recipient at the door (RFC 5321, 3.3): nil takes the mail, otherwise it is an *smtp.SMTPError.
func (p *Player) Refuse(from, to string) error {
	if !p.World.plays(from, to) {
		return nil
	}
	switch p.World.Role(to).Persona {
	case Gone:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: Recipient address rejected: User unknown"}
	case Greylister:
		if p.stranger(from, to) {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "<" + to + ">: Recipient address rejected: Greylisted, please try again in 300 seconds"}
		}
	}
	return nil
}

// stranger tells whether the pair met too short a while ago (RFC 6647).
func (p *Player) stranger(from, to string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	pair := [2]string{strings.ToLower(from), strings.ToLower(to)}
	first, met := p.greeted[pair]
	if !met {
		if p.greeted == nil {
			p.greeted = map[[2]string]time.Time{}
		}
		first = p.Clock.Now()
		p.greeted[pair] = first
	}
	return p.Clock.Now().Before(first.Add(greylistedFor))
}

// Receive plans what the world does about a letter. Its At is set to the clock's time.
func (p *Player) Receive(l Letter) error {
	l.At = p.Clock.Now()
	answers, err := p.World.Answers(l)
	if err != nil {
		return err
	}
	for _, a := range answers {
		if a.Does != OutOfOffice || p.mayExcuse(l, a.At) {
			p.plan(l, a)
		}
	}
	return nil
}

func (p *Player) mayExcuse(l Letter, at time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	pair := [2]string{strings.ToLower(l.From), strings.ToLower(l.To)}
	if last, ok := p.excused[pair]; ok && at.Before(last.Add(onceIn)) {
		return false
	}
	if p.excused == nil {
		p.excused = map[[2]string]time.Time{}
	}
	p.excused[pair] = at
	return true
}

func (p *Player) plan(l Letter, a Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if p.planned == nil {
		p.planned = map[*plan]struct{}{}
		p.alive, p.shutdown = context.WithCancel(context.Background())
	}
	planned := new(plan)
	p.planned[planned] = struct{}{}
	p.running.Add(1)
	planned.stop = p.Clock.At(a.At, func() {
		defer p.running.Done()
		p.forget(planned)
		if err := p.act(l, a); err != nil && p.Failed != nil {
			p.Failed(a, err)
		}
	})
}

func (p *Player) forget(done *plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.planned, done)
}

func (p *Player) act(l Letter, a Answer) error {
	if a.Click != "" {
		return p.click(p.alive, a.Click)
	}
	if err := p.Deliver(l, a); err != nil {
		return fmt.Errorf("deliver an answer (%s): %w", a.Does, err)
	}
	return nil
}

// Close takes back what was planned and waits for what is on its way. Letters that come later are not answered.
func (p *Player) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return errors.New("the player is closed already")
	}
	p.closed = true
	if p.shutdown != nil {
		p.shutdown()
	}
	var planned []*plan
	for one := range p.planned {
		planned = append(planned, one)
	}
	p.mu.Unlock()
	for _, one := range planned {
		if one.stop() {
			p.running.Done()
		}
	}
	p.running.Wait()
	return nil
}
