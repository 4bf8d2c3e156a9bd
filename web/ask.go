package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/rekindlehq/rekindle/api"
)

// errPending: the lead has not answered yet; the same form, sent again, learns the
// answer.
var errPending = errors.New("the lead has not answered yet")

// get reads from the API as the reader. A problem comes back as *api.Problem.
func (v *visit) get(path string, out any) error {
	return v.ask(http.MethodGet, path, "", nil, out)
}

// post lets the API do something, once however often the form is sent. once is the
// form's Idempotency-Key.
func (v *visit) post(path, once string, what, out any) error {
	return v.ask(http.MethodPost, path, once, what, out)
}

func (v *visit) ask(method, path, once string, what, out any) error {
	if what == nil {
		return v.send(method, path, once, "", nil, out)
	}
	sent, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("encode %s %s: %w", method, path, err)
	}
	return v.send(method, path, once, "application/json", sent, out)
}

// send asks the API with a body as it is.
func (v *visit) send(method, path, once, contentType string, sent []byte, out any) error {
	req, err := http.NewRequestWithContext(v.Request.Context(), method, path, bytes.NewReader(sent))
	if err != nil {
		return fmt.Errorf("ask for %s: %w", path, err)
	}
	req.Header.Set("Cookie", v.GetHeader("Cookie"))
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
		req.Header.Set("Idempotency-Key", once)
	}
	req.RequestURI, req.RemoteAddr = path, v.Request.RemoteAddr
	a := answer{header: http.Header{}, status: http.StatusOK}
	v.pages.API.ServeHTTP(&a, req)
	switch {
	case a.status == http.StatusAccepted:
		return errPending
	case a.status >= http.StatusBadRequest:
		p := &api.Problem{Status: a.status, Detail: http.StatusText(a.status)}
		if err := json.Unmarshal(a.body.Bytes(), p); err != nil {
			return fmt.Errorf("%s %s: %d", method, path, a.status)
		}
		return p
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(a.body.Bytes(), out); err != nil {
		return fmt.Errorf("decode %s: %w", path, err)
	}
	return nil
}

// answer keeps what the API says.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }
