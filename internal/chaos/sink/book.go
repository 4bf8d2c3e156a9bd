package sink

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Mail is a message that came in whole. One that is kept is the recipient's, whatever
// the sender was told.
type Mail struct {
	DataAt    time.Time `json:"data_at"` // the sender began to hand it over
	EndAt     time.Time `json:"end_at"`  // it was on disk, or was dropped
	From      string    `json:"from"`
	To        string    `json:"to"`
	MessageID string    `json:"message_id"`
	Link      string    `json:"link,omitempty"` // one-click unsubscribe (RFC 8058)
	Kept      bool      `json:"kept"`
	Answer    string    `json:"answer"` // a code, or "none" when the line was hung up
}

// BookName is the file that mails are written to, a line each.
const BookName = "mails.jsonl"

// book is the file. A mail that was added is on disk, also when the sink is killed
// the moment after.
type book struct {
	mu   sync.Mutex
	file *os.File
}

// openBook goes on in the file where it was whole.
func openBook(dir string) (*book, error) {
	file, err := os.OpenFile(filepath.Join(dir, BookName), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the sink's book: %w", err)
	}
	written, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the sink's book: %w", err)
	}
	whole := int64(bytes.LastIndexByte(written, '\n') + 1)
	if err := errors.Join(file.Truncate(whole), file.Sync()); err != nil {
		return nil, fmt.Errorf("mend the sink's book: %w", err)
	}
	_, err = file.Seek(whole, io.SeekStart)
	return &book{file: file}, err
}

func (b *book) add(m Mail) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, err := b.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("write to the sink's book: %w", err)
	}
	return b.file.Sync()
}

// Read gives the mails in the book from a place on, and the place after them.
func Read(dir string, from int64) (mails []Mail, next int64, err error) {
	file, err := os.Open(filepath.Join(dir, BookName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, from, nil
	}
	if err != nil {
		return nil, from, err
	}
	defer file.Close()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, from, err
	}
	written, err := io.ReadAll(file)
	if err != nil {
		return nil, from, err
	}
	whole := written[:bytes.LastIndexByte(written, '\n')+1]
	for line := range bytes.Lines(whole) {
		var m Mail
		if err := json.Unmarshal(line, &m); err != nil {
			return nil, from, fmt.Errorf("read the sink's book: %w", err)
		}
		mails = append(mails, m)
	}
	return mails, from + int64(len(whole)), nil
}
