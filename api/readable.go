package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// readable refuses what can never be kept as text, before anybody looks at it: a
// body that is too large, breaks off or is not UTF-8 (RFC 8259), and the NUL
// character, which Postgres stores nowhere.
func readable(ctx huma.Context, next func(huma.Context)) {
	c := humagin.Unwrap(ctx)
	if _, file := ctx.Operation().Metadata["file"]; file {
		next(ctx) // in whatever encoding
		return
	}
	if p := unreadable(c, ctx.Operation().MaxBodyBytes); p != nil {
		writeProblem(c, p)
		return
	}
	next(ctx)
}

func unreadable(c *gin.Context, maxBytes int64) *Problem {
	var faults []Fault
	for name, values := range c.Request.URL.Query() {
		for _, v := range values {
			if fault := textFault(v); fault != "" {
				faults = append(faults, Fault{"query." + name, fault})
			}
		}
	}
	for _, p := range c.Params {
		if fault := textFault(p.Value); fault != "" {
			faults = append(faults, Fault{"path." + p.Key, fault})
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return newError(http.StatusRequestEntityTooLarge, "the request body is too large").(*Problem)
	case err != nil:
		return newError(http.StatusBadRequest, "the request body ended too soon").(*Problem)
	case !utf8.Valid(body):
		return newError(http.StatusBadRequest, "the request body is not UTF-8").(*Problem)
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	var whole any
	if bytes.Contains(body, []byte(`\u0000`)) && json.Unmarshal(body, &whole) == nil {
		faults = append(faults, textFaults("body", whole)...)
	}
	if len(faults) > 0 {
		return invalid(faults)
	}
	return nil
}

// textFaults finds every text below a value that cannot be kept.
func textFaults(path string, v any) (faults []Fault) {
	switch v := v.(type) {
	case string:
		if fault := textFault(v); fault != "" {
			faults = append(faults, Fault{path, fault})
		}
	case []any:
		for i, item := range v {
			faults = append(faults, textFaults(path+"["+strconv.Itoa(i)+"]", item)...)
		}
	case map[string]any:
		for name, item := range v {
			if fault := textFault(name); fault != "" {
				faults = append(faults, Fault{path, "has a field name that " + fault})
				continue
			}
			faults = append(faults, textFaults(path+"."+name, item)...)
		}
	}
	return faults
}

func textFault(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not UTF-8"
	case strings.Contains(s, "\x00"):
		return "contains the NUL character; leave it out"
	}
	return ""
}
