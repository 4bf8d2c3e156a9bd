package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/hook"
)

type trialBody struct {
	Kind    string       `json:"kind" enum:"generic,typeform,cal,hubspot" doc:"The service"`
	Mapping hook.Mapping `json:"mapping,omitempty" doc:"Which of its fields say what; the service's own if left out"`
	Body    string       `json:"body" maxLength:"500000" doc:"An example of what it sends, as it comes"`
}

// hookTrials registers the try-out of a mapping. Its answers quote whoever stands in the
// example, so they are not kept.
func (a *API) hookTrials(api huma.API) {
	try := operation(http.MethodPost, "/hook-trials", "tryHook", "What would be taken from an example of what a service sends, and what is wrong with it; nothing is changed or kept", managers...)
	try.Metadata[unkept] = true
	route(api, try, func(_ context.Context, in *struct{ Body trialBody }) (*body[hook.Trial], error) {
		var faults []Fault
		for _, says := range in.Body.Mapping.Faults() {
			faults = append(faults, Fault{"body.mapping", says})
		}
		if len(faults) > 0 {
			return nil, invalid(faults)
		}
		return reply(hook.Try(in.Body.Kind, in.Body.Mapping, []byte(in.Body.Body), a.now())), nil
	})
}
