package mailservers

import (
	"fmt"
	"net"
	"strconv"
	"sync"
)

// Line is the connection between a client and one port of a server. Its own port stays the same however often the server
// behind it restarts; while that is stopped, a connection is reset at once.
type Line struct {
	listener net.Listener

	mu      sync.Mutex
	target  int // the server's port; 0 while it is stopped
	open    map[net.Conn]struct{}
	stalled chan struct{} // closed when the line moves again; nil while it does
}

func newLine() (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("open a line: %w", err)
	}
	l := &Line{listener: listener, open: map[net.Conn]struct{}{}}
	go l.accept()
	return l, nil
}

// Addr is where clients connect: host and port.
func (l *Line) Addr() string { return l.listener.Addr().String() }

func (l *Line) port() int { return l.listener.Addr().(*net.TCPAddr).Port }

// Cut breaks every connection, for both sides and without a goodbye. New ones can be made at once.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for conn := range l.open {
		reset(conn)
	}
}

// Stall keeps every connection open and lets nothing through, in neither direction: what a client sees of a router that
// has forgotten it. Resume ends it.
func (l *Line) Stall() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled == nil {
		l.stalled = make(chan struct{})
	}
}

// Resume lets through what was held back and what follows.
func (l *Line) Resume() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stalled != nil {
		close(l.stalled)
		l.stalled = nil
	}
}

func (l *Line) lead(target int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.target = target
}

func (l *Line) close() {
	_ = l.listener.Close()
	l.Resume()
	l.Cut()
}

func (l *Line) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return // closed
		}
		l.keep(client)
		go l.connect(client)
	}
}

func (l *Line) connect(client net.Conn) {
	defer l.drop(client)
	l.mu.Lock()
	target := l.target
	l.mu.Unlock()
	if target == 0 {
		reset(client)
		return
	}
	server, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(target)))
	if err != nil {
		reset(client)
		return
	}
	l.keep(server)
	defer l.drop(server)
	var both sync.WaitGroup
	both.Go(func() { l.carry(server, client) })
	both.Go(func() { l.carry(client, server) })
	both.Wait()
}

func (l *Line) keep(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[conn] = struct{}{}
}

func (l *Line) drop(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
	_ = conn.Close()
}

// carry passes on what one side says until it has said all; the other may still go on then.
func (l *Line) carry(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		stalled := l.stalled
		l.mu.Unlock()
		if stalled != nil {
			<-stalled
		}
		if _, failed := to.Write(buffer[:n]); failed != nil {
			reset(from)
			return
		}
		if err != nil {
			_ = to.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

// reset closes without waiting for what is under way, so that the other side sees a broken connection and not an end.
func reset(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}
