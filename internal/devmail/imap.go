package devmail

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/mail"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// imapSide is the part of the server that speaks IMAP.
type imapSide struct {
	server   *imapserver.Server
	listener net.Listener
	served   chan struct{}

	mu       sync.Mutex // orders arrivals, so that IMAP sees them as the store does
	accounts map[string]*account
	conns    map[*imapserver.Conn]struct{}
}

// StartIMAP listens for IMAP on addr, such as 127.0.0.1:1143, and returns. Every address is a user with any password,
// therefore only an address of this machine itself will do.
func (s *Server) StartIMAP(addr string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.imap.server != nil {
		return fmt.Errorf("start IMAP on %s: it listens already", addr)
	}
	if at, err := net.ResolveTCPAddr("tcp", addr); err != nil {
		return fmt.Errorf("start IMAP on %s: %w", addr, err)
	} else if !at.IP.IsLoopback() {
		return fmt.Errorf("start IMAP on %s: it asks for no password, so it listens on this machine only: take an address such as 127.0.0.1:1143", addr)
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("start IMAP on %s: %w", addr, err)
	}
	server := imapserver.New(&imapserver.Options{
		NewSession: s.newReader, InsecureAuth: true,
		Caps:   imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapUIDPlus: {}, imap.CapSpecialUse: {}, imap.CapESearch: {}, imap.CapNamespace: {}},
		Logger: log.New(io.Discard, "", 0), // it reports only peers that hang up
	})
	served := make(chan struct{})
	s.imap.server, s.imap.listener, s.imap.served = server, listener, served
	go func() {
		defer close(served)
		_ = server.Serve(listener)
	}()
	return nil
}

// IMAPAddr is the address StartIMAP listens on, nil before.
func (s *Server) IMAPAddr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.imap.listener == nil {
		return nil
	}
	return s.imap.listener.Addr()
}

func (s *Server) closeIMAP() error {
	if s.imap.server == nil {
		return nil
	}
	s.hangUpReaders("the development mailbox stops")
	err := s.imap.server.Close()
	<-s.imap.served
	s.imap.server, s.imap.listener = nil, nil
	return err
}

// hangUpReaders ends every IMAP connection. Who comes again reads the mailbox as it is then.
func (s *Server) hangUpReaders(why string) {
	s.imap.mu.Lock()
	s.imap.accounts = nil
	conns := s.imap.conns
	s.imap.conns = nil
	s.imap.mu.Unlock()
	for conn := range conns {
		_ = conn.Bye(why) // a peer that is gone already needs no goodbye
	}
}

// take keeps a message and files it in the mailboxes that somebody reads.
func (s *Server) take(m Message, raw []byte) (Message, error) {
	s.imap.mu.Lock()
	defer s.imap.mu.Unlock()
	m, _, err := s.takeLocked(m, raw, nil, "")
	return m, err
}

// takeLocked also tells the UID that the message got in one folder.
func (s *Server) takeLocked(m Message, raw []byte, asked *account, at string) (_ Message, uid imap.UID, err error) {
	if m, err = s.store.keep(m, raw); err != nil {
		return m, 0, err
	}
	for _, a := range s.imap.accounts {
		for _, folder := range []string{inbox, sent} {
			if !m.in(a.address, folder) {
				continue
			}
			got, err := a.file(folder, m, raw)
			if err != nil {
				return m, 0, fmt.Errorf("file message %s: %w", m.ID, err)
			}
			if a == asked && folder == at {
				uid = got
			}
		}
	}
	return m, uid, nil
}

// account opens the mailbox of an address, whether anything came there yet or not.
func (s *Server) account(user string) (*account, error) {
	if _, err := mail.ParseAddress("<" + user + ">"); err != nil {
		return nil, errors.New("the user is not an email address")
	}
	s.imap.mu.Lock()
	defer s.imap.mu.Unlock()
	name := mailboxOf(user)
	if a := s.imap.accounts[name]; a != nil {
		return a, nil
	}
	a, err := openAccount(s.store, name)
	if err != nil {
		return nil, err
	}
	if s.imap.accounts == nil {
		s.imap.accounts = map[string]*account{}
	}
	s.imap.accounts[name] = a
	return a, nil
}
