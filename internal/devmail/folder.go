package devmail

import (
	"cmp"
	"slices"
	"strings"
)

// The folders of every mailbox. Which of them a message lies in follows from its envelope and author, so nothing but
// the message has to be kept.
const (
	inbox = "INBOX"
	sent  = "Sent"
)

// mailboxOf names the mailbox that mail to an address is filed in: lower case and without a +tag (RFC 5233), so that a
// sender with an address per message has one mailbox.
func mailboxOf(address string) string {
	local, domain, found := strings.Cut(strings.ToLower(address), "@")
	if !found {
		return local
	}
	local, _, _ = strings.Cut(local, "+")
	return local + "@" + domain
}

// in tells whether the message lies in a folder of a mailbox: what was sent to its address, or what its address sent,
// by the envelope or by the header.
func (m Message) in(mailbox, folder string) bool {
	if folder == inbox {
		return slices.ContainsFunc(m.To, func(to string) bool { return mailboxOf(to) == mailbox })
	}
	return m.From != "" && mailboxOf(m.From) == mailbox || m.Author != "" && mailboxOf(m.Author) == mailbox
}

// folder lists what lies in a folder of a mailbox, in the order it came.
func (s *store) folder(mailbox, folder string) []Message {
	found := s.list(func(m Message) bool { return m.in(mailbox, folder) }, "", 0)
	slices.Reverse(found)
	return found
}

// MailboxSummary says how much lies in the mailbox of an address.
type MailboxSummary struct {
	Address     string
	Inbox, Sent int
	By          string // the persona that writes from here, empty where none did
}

// mailboxes lists every address that mail was sent to or came from, the ones that sent most first.
func (s *store) mailboxes() []MailboxSummary {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := map[string]*MailboxSummary{}
	at := func(address string) *MailboxSummary {
		name := mailboxOf(address)
		if found[name] == nil {
			found[name] = &MailboxSummary{Address: name}
		}
		return found[name]
	}
	for _, m := range s.messages {
		for _, to := range unique(m.To...) {
			at(to).Inbox++
		}
		for _, from := range unique(m.From, m.Author) {
			at(from).Sent++
			at(from).By = cmp.Or(at(from).By, m.By)
		}
	}
	var all []MailboxSummary
	for _, summary := range found {
		all = append(all, *summary)
	}
	slices.SortFunc(all, func(a, b MailboxSummary) int {
		return cmp.Or(cmp.Compare(b.Sent, a.Sent), cmp.Compare(a.Address, b.Address))
	})
	return all
}

// unique names the mailboxes of the addresses, each once.
func unique(addresses ...string) (names []string) {
	for _, address := range addresses {
		if name := mailboxOf(address); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// answers lists, by the ID of a message, what was played in answer to it, in the order it came.
func (s *store) answers() map[string][]Message {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := map[string][]Message{}
	for _, m := range s.messages {
		if m.Answers != "" {
			found[m.Answers] = append(found[m.Answers], m)
		}
	}
	return found
}
