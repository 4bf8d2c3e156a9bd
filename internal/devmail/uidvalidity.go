package devmail

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// uidValidityFile keeps the UIDVALIDITY of all mailboxes (RFC 9051, 2.3.1.1). UIDs are the places in a folder in order
// of arrival; as single messages are never removed, they stay.
const uidValidityFile = "uidvalidity"

func newUIDValidity() uint32 { return uint32(time.Now().Unix()) }

func readUIDValidity(dir string) (uint32, error) {
	path := filepath.Join(dir, uidValidityFile)
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		v := newUIDValidity()
		return v, writeUIDValidity(dir, v)
	}
	if err != nil {
		return 0, err
	}
	v, err := strconv.ParseUint(strings.TrimSpace(string(raw)), 10, 32)
	if err != nil || v == 0 {
		return 0, fmt.Errorf("%s holds no number above 0; remove it, and mail programs read the mailbox anew", path)
	}
	return uint32(v), nil
}

func writeUIDValidity(dir string, v uint32) error {
	return write(filepath.Join(dir, uidValidityFile), []byte(strconv.FormatUint(uint64(v), 10)+"\n"))
}

func (s *store) validity() uint32 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.uidValidity
}
