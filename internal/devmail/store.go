package devmail

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Message is what the list shows of a message. From and To are the envelope's, not the header's.
type Message struct {
	ID         string    `json:"id"`
	ReceivedAt time.Time `json:"receivedAt"`
	From       string    `json:"from"`
	To         []string  `json:"to"`
	Author     string    `json:"author,omitempty"` // the address in the header's From, empty where it names none
	Subject    string    `json:"subject"`
	MessageID  string    `json:"messageId"`
	By         string    `json:"by,omitempty"`      // who wrote it, where it was played: a persona's name
	Answers    string    `json:"answers,omitempty"` // the ID of the message it answers, where it was played
}

func (m Message) sentTo(part string) bool {
	return part == "" || slices.ContainsFunc(m.To, func(to string) bool {
		return strings.Contains(strings.ToLower(to), strings.ToLower(part))
	})
}

// store keeps messages as files and their list in memory, in the order they came. Only ids that are in the list ever
// become part of a path.
type store struct {
	dir string

	mu          sync.RWMutex
	messages    []Message
	uidValidity uint32
}

func openStore(dir string) (*store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	s := &store{dir: dir}
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var m Message
		if err := json.Unmarshal(raw, &m); err != nil || m.ID+".json" != filepath.Base(path) {
			continue // not ours
		}
		s.messages = append(s.messages, m)
	}
	slices.SortFunc(s.messages, func(a, b Message) int { return strings.Compare(a.ID, b.ID) })
	if s.uidValidity, err = readUIDValidity(s.dir); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *store) path(id, ext string) string { return filepath.Join(s.dir, id+ext) }

// keep writes the message first and its description last: without the description it does not exist.
func (s *store) keep(m Message, raw []byte) (Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := uuid.NewV7() // sorts by time of arrival
	if err != nil {
		return Message{}, fmt.Errorf("keep message: %w", err)
	}
	m.ID, m.ReceivedAt, m.To = id.String(), time.Now().UTC(), slices.Clone(m.To)
	m.Author, m.Subject, m.MessageID = headline(raw)
	description, err := json.Marshal(m)
	if err != nil {
		return Message{}, fmt.Errorf("keep message %s: %w", m.ID, err)
	}
	if err := write(s.path(m.ID, ".eml"), raw); err != nil {
		return Message{}, fmt.Errorf("keep message %s: %w", m.ID, err)
	}
	if err := write(s.path(m.ID, ".json"), description); err != nil {
		return Message{}, fmt.Errorf("keep message %s: %w", m.ID, err)
	}
	s.messages = append(s.messages, m)
	return m, nil
}

// write lets the file appear whole or not at all.
func write(path string, content []byte) error {
	partial := path + ".partial"
	if err := os.WriteFile(partial, content, 0o644); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// list returns the newest first: at most limit (0: all) that came before the one with id before (empty: from the top),
// and are wanted (nil: all are).
func (s *store) list(wanted func(Message) bool, before string, limit int) []Message {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := []Message{}
	for _, m := range slices.Backward(s.messages) {
		if limit > 0 && len(found) == limit {
			break
		}
		if (before == "" || m.ID < before) && (wanted == nil || wanted(m)) {
			found = append(found, m)
		}
	}
	return found
}

func (s *store) find(id string) (Message, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	at, found := slices.BinarySearchFunc(s.messages, id, func(m Message, id string) int { return strings.Compare(m.ID, id) })
	if !found {
		return Message{}, ErrNotFound
	}
	return s.messages[at], nil
}

func (s *store) raw(id string) ([]byte, error) {
	m, err := s.find(id)
	if err != nil {
		return nil, err
	}
	raw, err := os.ReadFile(s.path(m.ID, ".eml"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read message %s: %w", m.ID, err)
	}
	return raw, nil
}

func (s *store) clear() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := max(s.uidValidity+1, newUIDValidity()) // the numbers begin anew, and whoever remembers old ones must be told
	if err := writeUIDValidity(s.dir, next); err != nil {
		return fmt.Errorf("renew UIDVALIDITY: %w", err)
	}
	s.uidValidity = next
	for _, m := range s.messages {
		for _, ext := range []string{".json", ".eml"} {
			if err := os.Remove(s.path(m.ID, ext)); err != nil && !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("remove message %s: %w", m.ID, err)
			}
		}
	}
	s.messages = nil
	return nil
}
