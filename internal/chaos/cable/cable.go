// Package cable is a TCP connection between two programs that can be cut, reset,
// slowed and held up while both of them live. It knows bytes; it must not know what
// they mean.
package cable

import (
	"fmt"
	"net"
	"sync"
	"time"
)

// State is how a cable behaves.
type State int

// The states.
const (
	Whole   State = iota
	Cut           // what was open is closed, what is opened is closed again at once
	Stalled       // everything stays open and nothing arrives, until it is whole again
)

// Cable passes connections on from its own address to another one.
type Cable struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	state State
	delay time.Duration
	whole chan struct{} // closed unless stalled
	open  map[net.Conn]struct{}
}

// Lay begins to pass connections on to an address, from a free port of this machine.
func Lay(to string) (*Cable, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lay a cable to %s: %w", to, err)
	}
	c := &Cable{listener: listener, to: to, whole: make(chan struct{}), open: map[net.Conn]struct{}{}}
	close(c.whole)
	go c.serve()
	return c, nil
}

// Address is where the cable begins.
func (c *Cable) Address() string { return c.listener.Addr().String() }

// Set changes the state and how long each byte takes, each way.
func (c *Cable) Set(s State, delay time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was := c.state; was != s {
		if was == Stalled {
			close(c.whole)
		}
		if s == Stalled {
			c.whole = make(chan struct{})
		}
	}
	c.state, c.delay = s, delay
	if s == Cut {
		c.hangUp()
	}
}

// Reset closes every connection once; new ones are passed on as before.
func (c *Cable) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hangUp()
}

// hangUp closes what is open, without goodbye (RST) so that nothing in between counts as delivered.
func (c *Cable) hangUp() {
	for conn := range c.open {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	clear(c.open)
}

// Close removes the cable.
func (c *Cable) Close() {
	_ = c.listener.Close()
	c.Set(Cut, 0)
}

func (c *Cable) serve() {
	for {
		from, err := c.listener.Accept()
		if err != nil {
			return
		}
		go c.connect(from)
	}
}

func (c *Cable) connect(from net.Conn) {
	if !c.keep(from) {
		return
	}
	to, err := net.DialTimeout("tcp", c.to, 10*time.Second)
	if err != nil || !c.keep(to) {
		c.drop(from)
		return
	}
	go c.pass(from, to)
	c.pass(to, from)
}

// keep remembers a connection; in a cut cable it is closed instead.
func (c *Cable) keep(conn net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == Cut {
		_ = conn.Close()
		return false
	}
	c.open[conn] = struct{}{}
	return true
}

func (c *Cable) drop(conns ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range conns {
		_ = conn.Close()
		delete(c.open, conn)
	}
}

// parcel is what was read at once and when it may be passed on.
type parcel struct {
	bytes []byte
	at    time.Time
}

// pass hands bytes on one way, each as late as the cable was slow when they came.
func (c *Cable) pass(from, to net.Conn) {
	defer c.drop(from, to)
	parcels := make(chan parcel, 64)
	go func() {
		defer close(parcels)
		for {
			buffer := make([]byte, 32<<10)
			n, err := from.Read(buffer)
			if n > 0 {
				c.mu.Lock()
				at := time.Now().Add(c.delay)
				c.mu.Unlock()
				parcels <- parcel{buffer[:n], at}
			}
			if err != nil {
				return
			}
		}
	}()
	for p := range parcels {
		time.Sleep(time.Until(p.at))
		c.mu.Lock()
		whole := c.whole
		c.mu.Unlock()
		<-whole
		if _, err := to.Write(p.bytes); err != nil {
			c.drop(from, to)
			for range parcels { // until the reader has seen that it is closed
			}
			return
		}
	}
}
