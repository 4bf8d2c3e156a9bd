package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// asker asks the API as an integration does that wants each request to count once: it
// repeats it under the same key, at whichever address answers, until it is answered.
type asker struct {
	bases []string
	key   string
	http  *http.Client
	turn  atomic.Uint64

	mu      sync.Mutex
	journal *os.File // every request and its answer, for whoever looks into a failure
	count   map[string]int
}

func newAsker(bases []string, key string, journal *os.File) *asker {
	transport := http.DefaultTransport.(*http.Transport).Clone() //nolint:forcetypeassert // it is one
	transport.MaxIdleConnsPerHost = 8
	return &asker{bases: bases, key: key, http: &http.Client{Transport: transport, Timeout: 25 * time.Second}, journal: journal, count: map[string]int{}}
}

// reply is the answer to a request, and when all of it was there.
type reply struct {
	status int
	body   []byte
	at     time.Time
}

func (r reply) ok() bool { return r.status >= 200 && r.status < 300 }

// note is a line of the journal.
type note struct {
	At     time.Time `json:"at"`
	Key    string    `json:"key"`
	Path   string    `json:"path"`
	Tries  int       `json:"tries"`
	Status int       `json:"status"` // 0: never answered
	Took   float64   `json:"took_seconds"`
	Answer string    `json:"answer,omitempty"`
}

// post sends a body until it is answered by yes or by a no that stays; only the end of
// ctx is an error.
func (c *asker) post(ctx context.Context, path string, body any) (reply, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return reply{}, err
	}
	return c.until(ctx, http.MethodPost, path, "application/json", encoded)
}

// click posts to a one-click unsubscribe link (RFC 8058), which has no key.
func (c *asker) click(ctx context.Context, path string) (reply, error) {
	return c.until(ctx, http.MethodPost, path, "application/x-www-form-urlencoded", []byte("List-Unsubscribe=One-Click"))
}

// get reads once.
func (c *asker) get(ctx context.Context, path string, out any) error {
	r, err := c.once(ctx, http.MethodGet, path, "", "", nil)
	if err != nil {
		return err
	}
	if !r.ok() {
		return fmt.Errorf("GET %s: %d", path, r.status)
	}
	return json.Unmarshal(r.body, out)
}

func (c *asker) until(ctx context.Context, method, path, contentType string, body []byte) (reply, error) {
	n := note{At: time.Now(), Key: uuid.NewString(), Path: path}
	defer func() { c.write(n) }()
	for {
		n.Tries++
		r, err := c.once(ctx, method, path, contentType, n.Key, body)
		if err == nil && !passes(r) {
			n.Status, n.Took, n.Answer = r.status, r.at.Sub(n.At).Seconds(), string(r.body[:min(len(r.body), 300)])
			return r, nil
		}
		if ctx.Err() != nil {
			return r, fmt.Errorf("ask %s: %w", path, ctx.Err())
		}
		sleep(ctx, min(time.Duration(n.Tries)*200*time.Millisecond, 2*time.Second))
	}
}

// passes reports an answer that another one will follow.
func passes(r reply) bool {
	return r.status >= 500 || r.status == http.StatusAccepted || r.status == http.StatusTooManyRequests ||
		r.status == http.StatusConflict && bytes.Contains(r.body, []byte(`"in_flight"`))
}

func (c *asker) once(ctx context.Context, method, path, contentType, key string, body []byte) (reply, error) {
	base := c.bases[c.turn.Add(1)%uint64(len(c.bases))]
	req, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, answer, time.Now()}, err
}

func (c *asker) write(n note) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count["requests"]++
	c.count["repeats"] += n.Tries - 1
	switch {
	case n.Status == 0:
		c.count["unanswered"]++
	case n.Status >= 300:
		c.count["refused"]++
	}
	if line, err := json.Marshal(n); err == nil {
		_, _ = c.journal.Write(append(line, '\n'))
	}
}
