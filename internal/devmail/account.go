package devmail

import (
	"bytes"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// account is the mailbox of one address as IMAP sees it. It is read from the store at the first login; what comes later
// is added as it comes, in the same order, so that every UID is the same in each run.
type account struct {
	*imapmemserver.User
	address string
	bell    bell
}

func openAccount(s *store, address string) (*account, error) {
	a := &account{User: imapmemserver.NewUser(address, ""), address: address}
	for _, folder := range []string{inbox, sent} {
		if err := a.Create(folder, nil); err != nil {
			return nil, err
		}
		for _, m := range s.folder(address, folder) {
			raw, err := s.raw(m.ID)
			if err != nil {
				return nil, err
			}
			if _, err := a.file(folder, m, raw); err != nil {
				return nil, err
			}
		}
	}
	return a, nil
}

// file adds a message to a folder and returns its UID.
func (a *account) file(folder string, m Message, raw []byte) (imap.UID, error) {
	var flags []imap.Flag
	if folder == sent {
		flags = []imap.Flag{imap.FlagSeen}
	}
	data, err := a.Append(folder, literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: m.ReceivedAt, Flags: flags})
	if err != nil {
		return 0, err
	}
	a.bell.ring()
	return data.UID, nil
}

// literal is a message as IMAP's library wants it.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }

// bell wakes everybody who waits on it.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// heard is closed at the next ring.
func (b *bell) heard() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
	}
	b.next = nil
}
