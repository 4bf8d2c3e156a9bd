package devmail

import (
	"io"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// reader is one IMAP connection. The library keeps folders in memory; here their messages come from the store, their
// UIDVALIDITY is the store's, and nothing but arrivals changes which messages they hold. Flags last until the server
// stops.
type reader struct {
	*imapmemserver.UserSession // nil before the login
	server                     *Server
	conn                       *imapserver.Conn
	account                    *account
}

func (s *Server) newReader(conn *imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
	s.imap.mu.Lock()
	defer s.imap.mu.Unlock()
	if s.imap.conns == nil {
		s.imap.conns = map[*imapserver.Conn]struct{}{}
	}
	s.imap.conns[conn] = struct{}{}
	return &reader{server: s, conn: conn}, &imapserver.GreetingData{}, nil
}

func (r *reader) Close() error {
	r.server.imap.mu.Lock()
	delete(r.server.imap.conns, r.conn)
	r.server.imap.mu.Unlock()
	return r.UserSession.Close()
}

// Login opens the mailbox of the address; there are no passwords here.
func (r *reader) Login(user, _ string) error {
	a, err := r.server.account(user)
	if err != nil {
		return &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeAuthenticationFailed, Text: err.Error()}
	}
	r.account, r.UserSession = a, imapmemserver.NewUserSession(a.User)
	return nil
}

// List also names the folder of sent mail as such (RFC 6154), which the library's does not.
func (r *reader) List(w *imapserver.ListWriter, ref string, patterns []string, _ *imap.ListOptions) error {
	if len(patterns) == 0 { // asks for the delimiter only
		return w.WriteList(&imap.ListData{Attrs: []imap.MailboxAttr{imap.MailboxAttrNoSelect}, Delim: '/'})
	}
	for _, folder := range []imap.ListData{{Mailbox: inbox}, {Mailbox: sent, Attrs: []imap.MailboxAttr{imap.MailboxAttrSent}}} {
		folder.Delim = '/'
		matches := func(pattern string) bool { return imapserver.MatchList(folder.Mailbox, folder.Delim, ref, pattern) }
		if !slices.ContainsFunc(patterns, matches) {
			continue
		}
		if err := w.WriteList(&folder); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) Select(folder string, options *imap.SelectOptions) (*imap.SelectData, error) {
	data, err := r.UserSession.Select(folderNamed(folder), options)
	if err != nil {
		return nil, err
	}
	data.UIDValidity = r.server.store.validity()
	return data, nil
}

func (r *reader) Status(folder string, options *imap.StatusOptions) (*imap.StatusData, error) {
	data, err := r.UserSession.Status(folderNamed(folder), options)
	if err != nil {
		return nil, err
	}
	if options.UIDValidity {
		data.UIDValidity = r.server.store.validity()
	}
	return data, nil
}

// Append keeps a message that the mail program itself files, as sent by this address or as sent to it.
func (r *reader) Append(folder string, content imap.LiteralReader, _ *imap.AppendOptions) (*imap.AppendData, error) {
	raw, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	m := Message{To: []string{r.account.address}}
	switch folder = folderNamed(folder); folder {
	case inbox:
	case sent:
		m = Message{From: r.account.address}
	default:
		return nil, errFolders
	}
	r.server.imap.mu.Lock()
	defer r.server.imap.mu.Unlock()
	_, uid, err := r.server.takeLocked(m, raw, r.account, folder)
	if err != nil {
		return nil, err
	}
	return &imap.AppendData{UID: uid, UIDValidity: r.server.store.validity()}, nil
}

// Store also wakes the other connections that idle on the folder.
func (r *reader) Store(w *imapserver.FetchWriter, numbers imap.NumSet, flags *imap.StoreFlags, options *imap.StoreOptions) error {
	defer r.account.bell.ring()
	return r.UserSession.Store(w, numbers, flags, options)
}

// Idle tells what happened since the last command too, which the library's would leave for later.
func (r *reader) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	for {
		heard := r.account.bell.heard()
		if err := r.Poll(w, true); err != nil {
			return err
		}
		select {
		case <-heard:
		case <-stop:
			return nil
		}
	}
}

var (
	errFolders = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "The development mailbox has the folders INBOX and Sent only"}
	errKept    = &imap.Error{Type: imap.StatusResponseTypeNo, Code: imap.ResponseCodeCannot, Text: "The development mailbox keeps every message; empty it on its page"}
)

func (r *reader) Create(string, *imap.CreateOptions) error         { return errFolders }
func (r *reader) Delete(string) error                              { return errFolders }
func (r *reader) Rename(string, string, *imap.RenameOptions) error { return errFolders }

func (r *reader) Expunge(*imapserver.ExpungeWriter, *imap.UIDSet) error { return errKept }

func (r *reader) Copy(imap.NumSet, string) (*imap.CopyData, error) { return nil, errFolders }

func (r *reader) Move(*imapserver.MoveWriter, imap.NumSet, string) error { return errKept }

// folderNamed knows that INBOX is the same in any case (RFC 9051, 5.1).
func folderNamed(name string) string {
	if strings.EqualFold(name, inbox) {
		return inbox
	}
	return name
}
