package mailservers

import (
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"sync"
	"time"
)

// The moments at which Postfix asks (SMTPD_POLICY_README).
const (
	atRecipient = "RCPT"
	atEndOfData = "END-OF-MESSAGE"
)

// policy answers what Postfix asks before it takes a recipient, and again when it has a message as a whole and has not
// said so yet. It greylists, and lets a test act at these moments.
type policy struct {
	listener net.Listener

	mu    sync.Mutex
	delay time.Duration // how long an unknown triple waits; 0 for not at all
	first map[string]time.Time
	once  map[string]func() // by moment
}

func newPolicy() (*policy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open the policy service: %w", err)
	}
	p := &policy{listener: listener, once: map[string]func(){}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go p.serve(textproto.NewConn(conn))
		}
	}()
	return p, nil
}

func (p *policy) port() int { return p.listener.Addr().(*net.TCPAddr).Port }

func (p *policy) close() { _ = p.listener.Close() }

// serve answers requests: lines of name=value, ended by an empty one.
func (p *policy) serve(conn *textproto.Conn) {
	defer conn.Close()
	request := map[string]string{}
	for {
		line, err := conn.ReadLine()
		if err != nil {
			return
		}
		if name, value, ok := strings.Cut(line, "="); ok {
			request[name] = value
			continue
		}
		fmt.Fprintf(conn.W, "action=%s\n\n", p.action(request))
		if err := conn.W.Flush(); err != nil {
			return
		}
		clear(request)
	}
}

func (p *policy) action(request map[string]string) string {
	moment := request["protocol_state"]
	p.mu.Lock()
	act := p.once[moment]
	delete(p.once, moment)
	p.mu.Unlock()
	if act != nil {
		act()
	}
	if moment == atRecipient && p.tooEarly(request["client_address"]+"\n"+request["sender"]+"\n"+request["recipient"]) {
		return "450 4.2.0 Greylisted, try again later"
	}
	return "DUNNO"
}

func (p *policy) tooEarly(triple string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.delay == 0 {
		return false
	}
	seen, known := p.first[triple]
	if !known {
		seen = time.Now()
		p.first[triple] = seen
	}
	return time.Since(seen) < p.delay
}

func (p *policy) greylist(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay, p.first = delay, map[string]time.Time{}
}

func (p *policy) next(moment string, act func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.once[moment] = act
}
