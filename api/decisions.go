package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// decide registers a POST below a lead that becomes one update of its workflow.
// prepare turns the body into the event and writes what belongs to the records.
func decide[B any](a *API, api huma.API, path, id, summary string, roles []string, update string,
	prepare func(context.Context, db.LeadViewRow, B) (sequence.Event, error),
) {
	route(api, operation(http.MethodPost, "/leads/{id}"+path, id, summary, roles...),
		func(ctx context.Context, in *struct {
			LeadPath
			Body B
		},
		) (*answer, error) {
			r, err := a.living(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			event, err := prepare(ctx, r, in.Body)
			if err != nil {
				return nil, err
			}
			return a.ask(ctx, r, update, event)
		})
}

func by(ctx context.Context) sequence.By { return sequence.By{Actor: callerOf(ctx).actor()} }

// The bodies of the decisions.
type (
	snoozeBody struct {
		Until time.Time `json:"until" doc:"When to go on"`
	}
	pauseBody struct {
		Reason sequence.PauseReason `json:"reason,omitempty" enum:"manual,owner_on_leave,colleague_in_conversation" default:"manual"`
		Until  time.Time            `json:"until,omitempty" doc:"When to go on by itself; until resumed if left out"`
	}
	nothing      struct{}
	reassignBody struct {
		OwnerID uuid.UUID `json:"owner_id"`
	}
	disqualifyBody struct {
		Reason string `json:"reason" enum:"not_a_fit,never_qualified,duplicate,out_of_business,competitor,other"`
	}
	winBody struct {
		Amount *int64 `json:"amount,omitempty" minimum:"0" doc:"Value in cents"`
	}
	proposalBody struct {
		Amount    *int64    `json:"amount,omitempty" minimum:"0" doc:"Value in cents"`
		ExpiresAt time.Time `json:"expires_at,omitempty"`
	}
	permissionBody struct {
		Channel sequence.Channel `json:"channel" enum:"email,call,manual"`
		Every   string           `json:"every,omitempty" doc:"How often, such as \"2 months\"; the playbook's rhythm if left out" maxLength:"40"`
		Until   time.Time        `json:"until,omitempty" doc:"When the permission ends"`
	}
	diagnosisBody struct {
		Diagnosis sequence.Diagnosis `json:"diagnosis" enum:"wrong_person,too_fast,too_slow,value_not_seen,never_warm,timing,unknown"`
	}
)

func (a *API) decisions(api huma.API) {
	decide(a, api, "/snooze", "snooze", "The lead wants to be left alone until a time", people, workflows.Snooze,
		func(ctx context.Context, _ db.LeadViewRow, b snoozeBody) (sequence.Event, error) {
			return sequence.Snoozed{By: by(ctx), Until: b.Until}, nil
		})
	decide(a, api, "/pause", "pause", "Hold every touch", people, workflows.Pause,
		func(ctx context.Context, _ db.LeadViewRow, b pauseBody) (sequence.Event, error) {
			return sequence.Paused{By: by(ctx), Reason: b.Reason, Until: b.Until}, nil
		})
	decide(a, api, "/resume", "resume", "Lift the pause", people, workflows.Resume,
		func(ctx context.Context, _ db.LeadViewRow, _ nothing) (sequence.Event, error) {
			return sequence.Resumed{By: by(ctx)}, nil
		})
	decide(a, api, "/reassign", "reassign", "Give the lead and its open tasks to another owner (R83)", managers, workflows.Reassign,
		func(ctx context.Context, _ db.LeadViewRow, b reassignBody) (sequence.Event, error) {
			u, err := a.Store.User(ctx, b.OwnerID)
			if postgres.Translate(err) != nil || !u.Active {
				return nil, invalid([]Fault{{"body.owner_id", "is no active user"}})
			}
			return sequence.Reassigned{By: by(ctx), Owner: b.OwnerID.String()}, nil
		})
	decide(a, api, "/win", "win", "They bought: the life ends in the best way", people, workflows.Win,
		func(ctx context.Context, r db.LeadViewRow, b winBody) (sequence.Event, error) {
			return sequence.DealWon{By: by(ctx), ID: derivedID(ctx, "win").String()}, a.setAmount(ctx, r.ID, b.Amount)
		})
	decide(a, api, "/disqualify", "disqualify", "There is nothing to sell here (R43)", people, workflows.Disqualify,
		func(ctx context.Context, _ db.LeadViewRow, b disqualifyBody) (sequence.Event, error) {
			return sequence.LeadDisqualified{By: by(ctx), Reason: b.Reason}, nil
		})
	decide(a, api, "/stakeholders", "nameStakeholder", "Another person at the account who is involved in the decision", people, workflows.NameStakeholder, a.nameStakeholder)
	decide(a, api, "/proposals", "reportProposal", "A proposal went out", people, workflows.ReportProposal, a.reportProposal)
	decide(a, api, "/permissions", "grantPermission", "The lead's yes to stay in touch (R04)", people, workflows.GrantPermission, a.grantPermission)
	decide(a, api, "/diagnosis", "diagnose", "Why the lead went cold (R40)", people, workflows.GiveDiagnosis,
		func(ctx context.Context, _ db.LeadViewRow, b diagnosisBody) (sequence.Event, error) {
			return sequence.Diagnosed{By: by(ctx), ID: derivedID(ctx, "diagnosis").String(), Diagnosis: b.Diagnosis}, nil
		})
}

func (a *API) setAmount(ctx context.Context, lead uuid.UUID, amount *int64) error {
	if amount == nil {
		return nil
	}
	return a.Store.SetAmount(ctx, db.SetAmountParams{Amount: *amount, ID: lead})
}

func (a *API) nameStakeholder(ctx context.Context, r db.LeadViewRow, b PersonBody) (sequence.Event, error) {
	p, faults := b.person()
	if len(faults) > 0 {
		return nil, invalid(faults)
	}
	id, err := a.Door.NameStakeholder(ctx, r.ID, r.AccountID, p)
	switch {
	case err == door.ErrSelf:
		return nil, invalid([]Fault{{"body.email", "is the lead; name somebody else at the account"}})
	case err != nil:
		return nil, fmt.Errorf("name a stakeholder of lead %s: %w", r.ID, err)
	}
	return sequence.StakeholderNamed{By: by(ctx), ID: id.String()}, nil
}

func (a *API) reportProposal(ctx context.Context, r db.LeadViewRow, b proposalBody) (sequence.Event, error) {
	now := a.now()
	if !b.ExpiresAt.IsZero() && !b.ExpiresAt.After(now) {
		return nil, invalid([]Fault{{"body.expires_at", "is in the past; give a time after " + now.Format(time.RFC3339)}})
	}
	row := db.InsertProposalParams{ID: derivedID(ctx, "proposal"), LeadID: r.ID, Amount: b.Amount, SentAt: now}
	if !b.ExpiresAt.IsZero() {
		row.ExpiresAt = &b.ExpiresAt
	}
	if err := a.Store.InsertProposal(ctx, row); err != nil {
		return nil, postgres.Translate(err)
	}
	event := sequence.ProposalSent{By: by(ctx), ID: row.ID.String(), ExpiresAt: b.ExpiresAt}
	return event, a.setAmount(ctx, r.ID, b.Amount)
}

func (a *API) grantPermission(ctx context.Context, r db.LeadViewRow, b permissionBody) (sequence.Event, error) {
	event := sequence.PermissionGranted{By: by(ctx), ID: derivedID(ctx, "permission").String(), Channel: b.Channel, Until: b.Until}
	if b.Every != "" {
		if err := event.Every.UnmarshalText([]byte(b.Every)); err != nil {
			return nil, invalid([]Fault{{"body.every", err.Error()}})
		}
	}
	row := db.InsertPermissionParams{ID: derivedID(ctx, "permission"), PersonID: r.PersonID, Channel: string(b.Channel), Every: b.Every, GrantedAt: a.now()}
	if !b.Until.IsZero() {
		if !b.Until.After(a.now()) {
			return nil, invalid([]Fault{{"body.until", "is in the past"}})
		}
		row.Until = &b.Until
	}
	return event, postgres.Translate(a.Store.InsertPermission(ctx, row))
}
