package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/google/uuid"
)

// caller calls the API as an integration with many connections does.
type caller struct {
	base, key string
	http      *http.Client
}

func newCaller(base, key string) *caller {
	return &caller{base, key, &http.Client{Transport: &http.Transport{MaxIdleConns: atOnce, MaxIdleConnsPerHost: atOnce}}}
}

// post sends a body under a fresh Idempotency-Key; out may be nil.
func (c *caller) post(ctx context.Context, path string, in, out any) error {
	encoded, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, path, encoded, out)
}

func (c *caller) get(ctx context.Context, path string) error {
	return c.do(ctx, http.MethodGet, path, nil, nil)
}

// do asks until there is an answer: a lead that has none yet (202) is asked again
// under the same key, as the API says, and that counts as waiting.
func (c *caller) do(ctx context.Context, method, path string, body []byte, out any) error {
	key := uuid.NewString()
	for {
		status, answer, err := c.once(ctx, method, path, key, body)
		switch {
		case err != nil:
			return err
		case status == http.StatusAccepted || status == http.StatusConflict && bytes.Contains(answer, []byte(`"in_flight"`)):
			continue
		case status != http.StatusOK && status != http.StatusCreated:
			return fmt.Errorf("%s %s: %d: %s", method, path, status, answer)
		case out == nil:
			return nil
		}
		return json.Unmarshal(answer, out)
	}
}

func (c *caller) once(ctx context.Context, method, path, key string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}
