package api

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/simulate/population"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

type checkBody struct {
	Files PlaybookFiles `json:"files" doc:"Path to content: playbook.yaml, and texts/NAME.md for each text"`
}

// Checked is what is wrong with the files of a playbook, and what they would do.
type Checked struct {
	ID       string              `json:"id,omitempty" doc:"Under which it would be published"`
	Name     string              `json:"name,omitempty"`
	Good     bool                `json:"good" doc:"It may be published"`
	Problems []playbooks.Problem `json:"problems" doc:"Faults and warnings, each with file, line and column"`
	Stages   []StagePlan         `json:"stages,omitempty" doc:"What is done in each stage, and when"`
}

type simulationBody struct {
	Playbook string        `json:"playbook,omitempty" doc:"A published version; or give files"`
	Files    PlaybookFiles `json:"files,omitempty" doc:"A playbook that is not published yet"`
	Against  string        `json:"against,omitempty" doc:"The published version to compare it with; the current one if left out"`
	Leads    int           `json:"leads,omitempty" minimum:"10" maximum:"5000" default:"500"`
	Months   int           `json:"months,omitempty" minimum:"2" maximum:"24" default:"12"`
	Seed     int           `json:"seed,omitempty" minimum:"1" maximum:"1000000" default:"1" doc:"The same seed gives the same leads and the same luck"`
}

// simulationBudget is how long somebody waits before a page.
const simulationBudget = 15 * time.Second

func (a *API) drafts(api huma.API) {
	route(api, operation(http.MethodPost, "/playbooks/check", "checkPlaybook", "Every fault of a playbook with its file, line and column; nothing is kept", managers...),
		func(_ context.Context, in *struct{ Body checkBody }) (*body[Checked], error) {
			return reply(checked(in.Body.Files)), nil
		})
	route(api, operation(http.MethodPost, "/simulations", "simulate", "Let a playbook and another one work on the same made-up leads; nothing is kept", managers...), a.simulate)
}

func checked(files PlaybookFiles) Checked {
	pb, problems := policy.Inspect(files)
	c := Checked{Problems: append([]playbooks.Problem{}, problems...), Good: len(faultsOf(problems)) == 0}
	if pb != nil {
		c.ID, c.Name, c.Stages = pb.ID, pb.Name, plans(pb)
	}
	return c
}

// simulate compares a playbook, second in the report, with another, by the code and
// the people of rekindle simulate.
func (a *API) simulate(ctx context.Context, in *struct{ Body simulationBody }) (*body[population.Report], error) {
	b := in.Body
	pb, err := a.either(ctx, "playbook", b.Playbook, b.Files)
	if err != nil {
		return nil, err
	}
	against, err := a.Policy.Version(ctx, cmp.Or(b.Against, a.Door.Playbook().ID))
	if err != nil {
		return nil, err
	}
	people, err := population.Read(population.DefaultFile())
	if err != nil {
		return nil, err
	}
	for field, one := range map[string]*sequence.Playbook{"playbook": pb, "against": against} {
		if err := people.Fits(one); err != nil {
			return nil, invalid([]Fault{{"body." + field, err.Error()}})
		}
	}
	if !a.simulating.TryLock() {
		return nil, later("simulation_running", "another simulation is running", "wait a moment and send the same request again")
	}
	defer a.simulating.Unlock()
	hurried, stop := context.WithTimeout(ctx, simulationBudget)
	defer stop()
	report, err := population.Run(hurried, population.Setup{
		Population: people, Playbooks: []*sequence.Playbook{against, pb}, Leads: b.Leads, Months: b.Months, Seed: uint64(b.Seed), Workers: 1, //nolint:gosec // at least 1
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return nil, later("simulation_too_long", "the simulation was not done within "+simulationBudget.String(), "simulate fewer leads or months")
	case err != nil:
		return nil, err
	}
	return reply(*report), nil
}

// later is the answer where the same request may do at another time.
func later(code, detail, remedy string) *Problem {
	p := problem(http.StatusServiceUnavailable, code, detail, remedy)
	p.retryAfter = "5"
	return p
}
