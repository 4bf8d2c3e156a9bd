package inbox

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// ErrNoSentFolder: none is marked as such and none has a name for it. Returned by
// Dialer.Sent.
var ErrNoSentFolder = errors.New("the mailbox has no folder for sent mail: make one that is called Sent")

// sentNames are what the folder is called on servers that do not mark it (RFC
// 6154), in lower case.
var sentNames = []string{
	"sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente", "gesendete objekte",
	"envoyés", "messages envoyés", "éléments envoyés", "enviados", "elementos enviados", "inviata", "posta inviata",
	"verzonden", "verzonden items", "skickat", "skickade objekt", "sendt", "wysłane", "odeslané", "lähetetyt",
}

// Sent is a connection to a mailbox's folder of sent mail; for one goroutine.
type Sent struct {
	conn   *conn
	folder string
}

// Sent connects to the folder of sent mail of the mailbox at an IMAP address, as
// mailbox.Connections has it. It ends with ctx, or by Close. It fails with an
// *Error or ErrNoSentFolder.
func (d Dialer) Sent(ctx context.Context, address string) (*Sent, error) {
	c, err := d.connect(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &Sent{conn: c}
	if s.folder, err = c.sentFolder(); err != nil {
		c.close()
		return nil, err
	}
	return s, nil
}

// Find says which of these Message-IDs are in the folder. With and without angle
// brackets is the same; they come back as they were given. It fails with an *Error.
func (s *Sent) Find(ids []string) (found []string, err error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	for _, id := range ids {
		is, err := s.has(id)
		if err != nil {
			return nil, err
		}
		if is {
			found = append(found, id)
		}
	}
	return found, nil
}

// Append keeps a copy of a message that was sent, seen already. One that is there
// by its Message-ID is not kept twice: some providers do so by themselves. It
// fails with an *Error.
func (s *Sent) Append(raw []byte, sentAt time.Time) error {
	if err := s.open(); err != nil {
		return err
	}
	if m, err := mail.ReadMessage(bytes.NewReader(raw)); err == nil {
		if is, err := s.has(m.Header.Get("Message-ID")); is || err != nil {
			return err
		}
	}
	return s.conn.ask(s.conn.transfer, func() error {
		appending := s.conn.Append(s.folder, int64(len(raw)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}, Time: sentAt})
		_, written := appending.Write(raw)
		if err := errors.Join(written, appending.Close()); err != nil {
			return err
		}
		_, err := appending.Wait()
		return err
	})
}

// Close takes leave and hangs up.
func (s *Sent) Close() {
	_ = s.conn.within(time.Second, func() error { return s.conn.Logout().Wait() }) // nothing depends on it
	s.conn.close()
}

func (s *Sent) open() error {
	return s.conn.ask(s.conn.answer, func() error {
		_, err := s.conn.Select(s.folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	})
}

// has searches with the brackets: servers find parts of words, or whole ones only.
func (s *Sent) has(id string) (is bool, err error) {
	id = strings.Trim(id, "<> \t")
	if id == "" {
		return false, nil
	}
	return is, s.conn.ask(s.conn.answer, func() error {
		found, err := s.conn.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}}}, nil).Wait()
		is = len(found.AllUIDs()) > 0
		return err
	})
}

// sentFolder finds the folder that is marked as such, else one by its name, the
// one nearest to the top.
func (c *conn) sentFolder() (string, error) {
	var folders []*imap.ListData
	err := c.ask(c.answer, func() (err error) {
		var options *imap.ListOptions
		if caps := c.Caps(); caps.Has(imap.CapSpecialUse) && caps.Has(imap.CapListExtended) {
			options = &imap.ListOptions{ReturnSpecialUse: true}
		}
		folders, err = c.List("", "*", options).Collect()
		return err
	})
	if err != nil {
		return "", err
	}
	var named []string
	for _, f := range folders {
		name := f.Mailbox
		if i := strings.LastIndex(name, string(f.Delim)); f.Delim != 0 && i >= 0 {
			name = name[i+len(string(f.Delim)):]
		}
		switch {
		case slices.Contains(f.Attrs, imap.MailboxAttrNoSelect):
		case slices.Contains(f.Attrs, imap.MailboxAttrSent):
			return f.Mailbox, nil
		case slices.Contains(sentNames, strings.ToLower(name)):
			named = append(named, f.Mailbox)
		}
	}
	if len(named) == 0 {
		return "", ErrNoSentFolder
	}
	return slices.MinFunc(named, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }), nil
}

// ask is within, with an *Error.
func (c *conn) ask(limit time.Duration, do func() error) error {
	err := c.within(limit, do)
	return fail(troubleOf(err), err)
}
