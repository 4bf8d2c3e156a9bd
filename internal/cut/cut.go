// Package cut stands between a client and a server and breaks what is between
// them, for tests: it refuses connections, ends them at a chosen point of a
// conversation, or lets requests through and keeps the answers to itself.
//
// It knows TCP, and that a server is silent until it is asked; what is said only
// the caller understands.
package cut

import (
	"errors"
	"fmt"
	"net"
	"sync"
)

// Proxy forwards connections to one server.
type Proxy struct {
	target   string
	listener net.Listener

	mu     sync.Mutex
	conns  map[net.Conn]bool // both ends of what is forwarded
	refuse bool
	mute   bool
	cut    *point // nil: none is to come
	fell   bool   // the last one came
}

// point is where in what is said the server goes away.
type point struct {
	left   int  // turns that count, until it comes
	heard  bool // the turn still reaches the server, and its answer nobody
	counts func(said []byte) bool
}

// Listen begins to forward to the server at an address. Close it.
func Listen(target string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen in front of %s: %w", target, err)
	}
	p := &Proxy{target: target, listener: l, conns: map[net.Conn]bool{}}
	go p.admit()
	return p, nil
}

// Addr is where clients connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Close ends everything.
func (p *Proxy) Close() error {
	p.Refuse()
	return p.listener.Close()
}

// Refuse ends every connection and takes no new one: the server is down.
func (p *Proxy) Refuse() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down()
}

func (p *Proxy) down() {
	p.refuse, p.cut = true, nil
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// Mute lets requests through and keeps back every answer from now on.
func (p *Proxy) Mute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = true
}

// Allow forwards again.
func (p *Proxy) Allow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse, p.mute, p.cut = false, false, nil
}

// CutAt takes the server down at the nth turn from now that counts, over all
// connections: one turn is what a client says until it is answered. If heard, the
// server still takes that turn in, and its answer is lost; else it never sees it.
// counts is shown how a turn begins; nil: every turn counts.
func (p *Proxy) CutAt(n int, heard bool, counts func(said []byte) bool) {
	if counts == nil {
		counts = func([]byte) bool { return true }
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut, p.fell = &point{n, heard, counts}, false
}

// Fell reports whether the cut has come.
func (p *Proxy) Fell() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fell
}

func (p *Proxy) admit() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		if err := p.forward(client); err != nil {
			_ = client.Close()
		}
	}
}

func (p *Proxy) forward(client net.Conn) error {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.refuse {
		return errors.Join(errors.New("refused"), server.Close())
	}
	p.conns[client], p.conns[server] = true, true
	c := &conversation{Proxy: p, answered: true}
	go c.pass(client, server, c.said)
	go c.pass(server, client, c.answer)
	return nil
}

// conversation is one connection. Its fields are its proxy's to lock.
type conversation struct {
	*Proxy
	answered bool // the next word of the client begins a turn
	last     bool // the cut comes with the answer
}

// pass hands on what one end says, as far as allowed lets it, until either ends.
func (c *conversation) pass(from, to net.Conn, allowed func([]byte) bool) {
	defer c.forget(from, to)
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && allowed(buffer[:n]) {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (c *conversation) forget(ends ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range ends {
		_ = end.Close()
		delete(c.conns, end)
	}
}

// said reports whether the client's word goes to the server.
func (c *conversation) said(word []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	begins := c.answered
	c.answered = false
	if begins && c.cut != nil && c.cut.counts(word) {
		c.cut.left--
		if c.cut.left == 0 {
			c.fell = true
			if !c.cut.heard {
				c.down()
				return false
			}
			c.last, c.cut = true, nil
		}
	}
	return !c.refuse
}

// answer reports whether the server's word goes to the client.
func (c *conversation) answer([]byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answered = true
	if c.last {
		c.down()
		return false
	}
	return !c.refuse && !c.mute
}
