package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/policy"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// PlaybookFiles are the files of a playbook: playbook.yaml and texts/**.md.
type PlaybookFiles map[string]string

type (
	publishBody struct {
		Files   PlaybookFiles `json:"files" doc:"Path to content: playbook.yaml, and texts/NAME.md for each text"`
		Release bool          `json:"release,omitempty" doc:"New leads follow it from now on"`
	}
	// VersionPath names a published version.
	VersionPath struct {
		ID string `path:"id" maxLength:"120" doc:"Of a published version"`
	}
	impactBody struct {
		From     string        `json:"from" doc:"The version that leads follow now"`
		To       string        `json:"to,omitempty" doc:"A published version; or give files"`
		Files    PlaybookFiles `json:"files,omitempty" doc:"A playbook that is not published yet"`
		Examples int           `json:"examples,omitempty" minimum:"0" maximum:"100" default:"5"`
	}
	moveBody struct {
		From string `json:"from" doc:"The version whose living leads move"`
		To   string `json:"to"`
	}
)

// Version is one published playbook.
type Version struct {
	ID          string        `json:"id"`
	Name        string        `json:"name"`
	PublishedAt time.Time     `json:"published_at,omitzero"`
	PublishedBy string        `json:"published_by,omitempty" doc:"Who published it first: a person, a key by its name, cli:… at the command line, or rekindle"`
	Current     bool          `json:"current" doc:"New leads follow it"`
	Leads       int64         `json:"leads" doc:"Living leads that follow it"`
	ReleasedAt  *time.Time    `json:"released_at,omitempty" doc:"When new leads began to follow it, the last time"`
	ReleasedBy  string        `json:"released_by,omitempty" doc:"Who released it then, likewise"`
	Warnings    []string      `json:"warnings,omitempty" doc:"What goes against a rule, with its place"`
	Files       PlaybookFiles `json:"files,omitempty"`
	Stages      []StagePlan   `json:"stages,omitempty" doc:"What is done in each stage, and when"`
}

// Versions lists the published playbooks, newest first.
type Versions struct {
	Playbooks []Version `json:"playbooks"`
}

// MoveView is how far a move of leads to another version is.
type MoveView struct {
	ID         uuid.UUID   `json:"id"`
	From       string      `json:"from"`
	To         string      `json:"to"`
	Total      int32       `json:"total" doc:"Living leads of the old version when it began"`
	Moved      int64       `json:"moved"`
	Refused    int64       `json:"refused"`
	StartedAt  time.Time   `json:"started_at"`
	FinishedAt *time.Time  `json:"finished_at,omitempty"`
	Refusals   []MoveFault `json:"refusals,omitempty" doc:"The first hundred, and why"`
}

// MoveList has the last moves, newest first.
type MoveList struct {
	Moves []MoveView `json:"moves"`
}

// MoveFault is a lead that was not moved.
type MoveFault struct {
	Lead   uuid.UUID `json:"lead_id"`
	Code   string    `json:"code"`
	Detail string    `json:"detail"`
}

type released struct {
	VersionPath
	Body nothing
}

func (a *API) playbooks(api huma.API) {
	publish := operation(http.MethodPost, "/playbooks", "publishPlaybook", "Publish a version; it is named by its content and never changes", managers...)
	publish.DefaultStatus = http.StatusCreated
	noted(a, api, publish, "playbook_published", func(_ *struct{ Body publishBody }, out *body[Version]) string { return out.Body.ID }, a.publish)
	route(api, operation(http.MethodGet, "/playbooks", "listPlaybooks", "Published versions, and how many leads follow each", people...), a.versions)
	route(api, operation(http.MethodGet, "/playbooks/{id}", "readPlaybook", "A version with its files", people...), a.version)
	noted(a, api, operation(http.MethodPost, "/playbooks/{id}/release", "releasePlaybook", "New leads follow this version from now on; leads in flight keep theirs", managers...),
		"playbook_released", func(in *released, _ *body[Version]) string { return in.ID },
		func(ctx context.Context, in *released) (*body[Version], error) {
			if err := a.Policy.Release(ctx, in.ID, callerOf(ctx).actor()); err != nil {
				return nil, err
			}
			return a.version(ctx, &in.VersionPath)
		})
	route(api, operation(http.MethodPost, "/playbooks/impact", "comparePlaybooks", "What another version would do to every lead in flight; nothing is changed", managers...), a.impact)
	begin := operation(http.MethodPost, "/playbook-moves", "movePlaybook", "Move the living leads of one version to another; each answers for itself", managers...)
	begin.DefaultStatus = http.StatusCreated
	noted(a, api, begin, "playbook_move_begun", func(_ *struct{ Body moveBody }, out *body[MoveView]) string { return out.Body.ID.String() }, a.beginMove)
	route(api, operation(http.MethodGet, "/playbook-moves", "listMoves", "The last twenty moves, newest first", managers...), a.moves)
	route(api, operation(http.MethodGet, "/playbook-moves/{id}", "readMove", "How far a move is, and which leads were not moved and why", managers...),
		func(ctx context.Context, in *struct {
			ID uuid.UUID `path:"id"`
		},
		) (*body[MoveView], error) {
			v, err := a.move(ctx, in.ID)
			return reply(v), err
		})
}

func (a *API) publish(ctx context.Context, in *struct{ Body publishBody }) (*body[Version], error) {
	pb, problems, err := a.Policy.Publish(ctx, in.Body.Files, callerOf(ctx).actor())
	if errors.Is(err, policy.ErrFaults) {
		return nil, invalid(faultsOf(problems))
	}
	if err != nil {
		return nil, err
	}
	if in.Body.Release {
		if err := a.Policy.Release(ctx, pb.ID, callerOf(ctx).actor()); err != nil {
			return nil, err
		}
		if err := a.note(ctx, "playbook_released", pb.ID); err != nil {
			return nil, err
		}
	}
	v, err := a.read(ctx, pb)
	v.Warnings = warningsOf(problems)
	return created(v), err
}

// faultsOf gives each problem with its place in the file.
func faultsOf(problems []playbooks.Problem) []Fault {
	var faults []Fault
	for _, p := range problems {
		if !p.Warning {
			faults = append(faults, Fault{"body.files", p.String()})
		}
	}
	return faults
}

func warningsOf(problems []playbooks.Problem) []string {
	var warnings []string
	for _, p := range problems {
		warnings = append(warnings, p.String())
	}
	return warnings
}

func (a *API) versions(ctx context.Context, _ *struct{}) (*body[Versions], error) {
	rows, err := a.Store.PlaybookVersions(ctx)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	releases, err := a.Store.PlaybookReleases(ctx)
	if err != nil {
		return nil, postgres.Translate(err)
	}
	list := Versions{Playbooks: []Version{}}
	for _, r := range rows {
		list.Playbooks = append(list.Playbooks, a.shown(r, releases))
	}
	return reply(list), nil
}

func (a *API) version(ctx context.Context, in *VersionPath) (*body[Version], error) {
	pb, err := a.Policy.Version(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.read(ctx, pb)
	if err != nil {
		return nil, err
	}
	encoded, err := a.Store.PlaybookFiles(ctx, in.ID)
	if err != nil {
		return nil, fmt.Errorf("read the files of playbook %s: %w", in.ID, postgres.Translate(err))
	}
	v.Stages = plans(pb)
	err = json.Unmarshal(encoded, &v.Files)
	return reply(v), err
}

// read is a published version without its files.
func (a *API) read(ctx context.Context, pb *sequence.Playbook) (Version, error) {
	r, err := a.Store.PlaybookVersion(ctx, pb.ID)
	if err != nil {
		return Version{}, fmt.Errorf("read playbook %s: %w", pb.ID, postgres.Translate(err))
	}
	releases, err := a.Store.PlaybookReleases(ctx)
	return a.shown(db.PlaybookVersionsRow(r), releases), err
}

func (a *API) shown(r db.PlaybookVersionsRow, releases []db.PlaybookReleasesRow) Version {
	v := Version{ID: r.ID, Name: r.Name, PublishedAt: r.PublishedAt, PublishedBy: r.PublishedBy, Current: r.ID == a.Door.Playbook().ID, Leads: r.Leads}
	for _, released := range releases {
		if released.Playbook == r.ID {
			v.ReleasedAt, v.ReleasedBy = &released.ReleasedAt, released.ReleasedBy
		}
	}
	return v
}

func (a *API) impact(ctx context.Context, in *struct{ Body impactBody }) (*body[policy.Impact], error) {
	b := in.Body
	from, err := a.Policy.Version(ctx, b.From)
	if err != nil {
		return nil, err
	}
	to, err := a.either(ctx, "to", b.To, b.Files)
	if err != nil {
		return nil, err
	}
	impact, err := a.Policy.Impact(ctx, from, to, b.Examples, nil)
	return reply(impact), err
}

// either is a published version, or the playbook that the files make.
func (a *API) either(ctx context.Context, field, id string, files PlaybookFiles) (*sequence.Playbook, error) {
	if (id == "") == (len(files) == 0) {
		return nil, invalid([]Fault{{"body." + field, "give " + field + ", the id of a published version, or files, but not both"}})
	}
	if id != "" {
		return a.Policy.Version(ctx, id)
	}
	pb, problems := policy.Inspect(files)
	if faults := faultsOf(problems); len(faults) > 0 {
		return nil, invalid(faults)
	}
	return pb, nil
}

func (a *API) beginMove(ctx context.Context, in *struct{ Body moveBody }) (*body[MoveView], error) {
	if in.Body.From == in.Body.To {
		return nil, invalid([]Fault{{"body.to", "is the version that the leads follow already"}})
	}
	id := derivedID(ctx, "move")
	if err := a.Policy.Begin(ctx, id, in.Body.From, in.Body.To, callerOf(ctx).actor()); err != nil {
		return nil, err
	}
	v, err := a.move(ctx, id)
	return created(v), err
}

func (a *API) move(ctx context.Context, id uuid.UUID) (MoveView, error) {
	m, err := a.Store.Move(ctx, db.MoveParams{ID: id, Asked: activities.Asked})
	if err = postgres.Translate(err); err != nil {
		return MoveView{}, fmt.Errorf("read move %s: %w", id, err)
	}
	v := moveView(db.MovesRow(m))
	refused, err := a.Store.RefusedBy(ctx, db.RefusedByParams{MoveID: id, Asked: activities.Asked, Most: 100})
	for _, r := range refused {
		v.Refusals = append(v.Refusals, MoveFault{r.LeadID, r.Code, r.Detail})
	}
	return v, err
}

func (a *API) moves(ctx context.Context, _ *struct{}) (*body[MoveList], error) {
	rows, err := a.Store.Moves(ctx, db.MovesParams{Asked: activities.Asked, Most: 20})
	list := MoveList{Moves: []MoveView{}}
	for _, m := range rows {
		list.Moves = append(list.Moves, moveView(m))
	}
	return reply(list), postgres.Translate(err)
}

func moveView(m db.MovesRow) MoveView {
	return MoveView{ID: m.ID, From: m.FromID, To: m.ToID, Total: m.Total, Moved: m.Moved, Refused: m.Refused, StartedAt: m.StartedAt, FinishedAt: m.FinishedAt}
}
