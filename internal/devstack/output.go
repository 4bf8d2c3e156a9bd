package devstack

import (
	"bytes"
	"io"
	"strings"
	"sync"
)

const (
	tailLines = 20
	tailBytes = 8 << 10
)

// output passes a child's output on and remembers the end of it. A log that cannot be written never stops the child.
type output struct {
	to io.Writer // may be nil

	mu  sync.Mutex
	end []byte
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	o.end = append(o.end, p...)
	if over := len(o.end) - tailBytes; over > 0 {
		o.end = bytes.Clone(o.end[over:])
	}
	o.mu.Unlock()
	if o.to != nil {
		_, _ = o.to.Write(p)
	}
	return len(p), nil
}

func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(o.end)), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}
