package api_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheSpecificationIsCompleteAndNamesEveryProblem(t *testing.T) {
	w := newWorld(t)
	a := w.send(request{method: http.MethodGet, path: "/openapi.json"}).is(http.StatusOK)
	require.Regexp(t, `^3\.1\.`, a.text("openapi"))
	require.Equal(t, "bearer", a.text("components.securitySchemes.key.scheme"))
	var spec struct {
		Paths map[string]map[string]struct {
			OperationID string
			Summary     string
			Security    []map[string][]string
			Parameters  []struct {
				Name, In string
				Required bool
			}
			Responses map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
	}
	require.NoError(t, json.Unmarshal(a.body, &spec))
	require.NotEmpty(t, spec.Paths)
	ids := map[string]bool{}
	for path, methods := range spec.Paths {
		for method, o := range methods {
			name := method + " " + path
			require.NotEmpty(t, o.Summary, name)
			require.False(t, ids[o.OperationID], "%s: its id %s is not its own", name, o.OperationID)
			ids[o.OperationID] = true
			require.Contains(t, o.Security[0], "key", name)
			for status, r := range o.Responses {
				if strings.HasPrefix(status, "2") {
					continue
				}
				require.Equal(t, "#/components/schemas/Problem", r.Content["application/problem+json"].Schema.Ref, "%s %s", name, status)
			}
			for _, status := range []string{"401", "403", "422", "500", "503"} {
				require.Contains(t, o.Responses, status, name)
			}
			once := slices.ContainsFunc(o.Parameters, func(p struct {
				Name, In string
				Required bool
			},
			) bool {
				return p.Name == "Idempotency-Key" && p.In == "header" && p.Required
			})
			require.Equal(t, method == "post" && !previews(path), once, "%s: the Idempotency-Key is documented where it is needed", name)
		}
	}
}

func TestTheDocumentationLoadsNothingFromElsewhere(t *testing.T) {
	w := newWorld(t)
	get := func(path string) answer { return w.send(request{method: http.MethodGet, path: path}) }
	require.Equal(t, "/docs/", get("/docs").is(http.StatusFound).header.Get("Location"))
	page := get("/docs/").is(http.StatusOK)
	require.Contains(t, page.header.Get("Content-Type"), "text/html")
	require.Contains(t, string(page.body), "/openapi.json")
	loaded := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(string(page.body), -1)
	require.NotEmpty(t, loaded)
	for _, l := range loaded {
		require.NotRegexp(t, `^(https?:)?//`, l[1], "the page loads %s", l[1])
		asset := get(l[1]).is(http.StatusOK)
		if strings.HasSuffix(l[1], ".css") {
			require.NotRegexp(t, `(?:url\(|@import)\s*["']?(https?:)?//`, string(asset.body), l[1])
		}
	}
	require.NotRegexp(t, `(?i)(?:src|href|url)\s*[=(:]\s*["']?(?:https?:)?//`, string(page.body))
}

func TestEveryAnswerForbidsGuessingItsType(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/v1/leads", "/nowhere", "/openapi.json", "/docs/"} {
		require.Equal(t, "nosniff", w.send(request{method: http.MethodGet, path: path}).header.Get("X-Content-Type-Options"), path)
	}
}
