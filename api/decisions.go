package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// ruling is a decision on its way to the lead, and what it means for the records.
type ruling struct {
	event sequence.Event
	first func(context.Context, *ruling) error // writes what the lead is to find when it is asked; may be nil
	keep  func(context.Context) error          // what is written once the lead has agreed; may be nil
	undo  func(context.Context) error          // takes back what had to be written before; may be nil
}

// decide registers a POST below a lead that becomes one update of its workflow, and
// the route that says what it would do. prepare turns the body into the ruling and
// writes nothing.
func decide[B any](a *API, api huma.API, path, id, summary string, roles []string, update string,
	prepare func(context.Context, db.LeadViewRow, B) (ruling, error),
) {
	type asked struct {
		LeadPath
		Body B
	}
	ruled := func(ctx context.Context, in *asked) (r db.LeadViewRow, ruled ruling, err error) {
		if r, err = a.living(ctx, in.ID); err == nil {
			ruled, err = prepare(ctx, r, in.Body)
		}
		return r, ruled, err
	}
	op := operation(http.MethodPost, "/leads/{id}"+path, id, summary, roles...)
	route(api, op, func(ctx context.Context, in *asked) (*answer, error) {
		r, ruled, err := ruled(ctx, in)
		if err != nil {
			return nil, err
		}
		return a.ask(ctx, r, update, ruled)
	})
	route(api, beside(op), func(ctx context.Context, in *asked) (*body[Preview], error) {
		r, ruled, err := ruled(ctx, in)
		if err != nil {
			return nil, err
		}
		return a.preview(ctx, r, supposed{events: []sequence.Event{ruled.event}})
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
		OwnerID uuid.UUID `json:"owner_id" format:"uuid"`
	}
	disqualifyBody struct {
		Reason string `json:"reason" enum:"not_a_fit,never_qualified,duplicate,out_of_business,competitor,other"`
	}
	winBody struct {
		Amount *int64 `json:"amount,omitempty" minimum:"0" maximum:"100000000000000" doc:"Value in cents"`
	}
	proposalBody struct {
		Amount    *int64    `json:"amount,omitempty" minimum:"0" maximum:"100000000000000" doc:"Value in cents"`
		ExpiresAt time.Time `json:"expires_at,omitempty"`
	}
	PermissionBody struct {
		Channel sequence.Channel `json:"channel" enum:"email,call,manual"`
		Every   string           `json:"every,omitempty" doc:"How often, such as \"2 months\"; the playbook's rhythm if left out" maxLength:"40"`
		Until   time.Time        `json:"until,omitempty" doc:"When the permission ends"`
	}
	amountBody struct {
		Amount int64 `json:"amount" minimum:"0" maximum:"100000000000000" doc:"Value in cents; 0 when it is not known"`
	}
	diagnosisBody struct {
		Diagnosis sequence.Diagnosis `json:"diagnosis" enum:"wrong_person,too_fast,too_slow,value_not_seen,never_warm,timing,unknown"`
	}
)

func (a *API) decisions(api huma.API) {
	decide(a, api, "/snooze", "snooze", "The lead wants to be left alone until a time", people, workflows.Snooze,
		func(ctx context.Context, _ db.LeadViewRow, b snoozeBody) (ruling, error) {
			return ruling{event: sequence.Snoozed{By: by(ctx), Until: b.Until}}, nil
		})
	decide(a, api, "/pause", "pause", "Hold every touch", people, workflows.Pause,
		func(ctx context.Context, _ db.LeadViewRow, b pauseBody) (ruling, error) {
			return ruling{event: sequence.Paused{By: by(ctx), Reason: b.Reason, Until: b.Until}}, nil
		})
	decide(a, api, "/resume", "resume", "Lift the pause", people, workflows.Resume,
		func(ctx context.Context, _ db.LeadViewRow, _ nothing) (ruling, error) {
			return ruling{event: sequence.Resumed{By: by(ctx)}}, nil
		})
	decide(a, api, "/reassign", "reassign", "Give the lead and its open tasks to another owner (R83)", managers, workflows.Reassign,
		func(ctx context.Context, _ db.LeadViewRow, b reassignBody) (ruling, error) {
			u, err := a.Store.User(ctx, b.OwnerID)
			if errors.Is(err, pgx.ErrNoRows) || err == nil && !u.Active {
				return ruling{}, door.ErrOwner
			}
			return ruling{event: sequence.Reassigned{By: by(ctx), Owner: b.OwnerID.String()}}, err
		})
	decide(a, api, "/win", "win", "They bought: the life ends in the best way", people, workflows.Win,
		func(ctx context.Context, r db.LeadViewRow, b winBody) (ruling, error) {
			return ruling{
				event: sequence.DealWon{By: by(ctx), ID: derivedID(ctx, "win").String()},
				keep:  func(ctx context.Context) error { return a.setAmount(ctx, r.ID, b.Amount) },
			}, nil
		})
	decide(a, api, "/disqualify", "disqualify", "There is nothing to sell here (R43)", people, workflows.Disqualify,
		func(ctx context.Context, _ db.LeadViewRow, b disqualifyBody) (ruling, error) {
			return ruling{event: sequence.LeadDisqualified{By: by(ctx), Reason: b.Reason}}, nil
		})
	decide(a, api, "/stakeholders", "nameStakeholder", "Another person at the account who is involved in the decision", people, workflows.NameStakeholder, a.nameStakeholder)
	decide(a, api, "/proposals", "reportProposal", "A proposal went out", people, workflows.ReportProposal, a.reportProposal)
	decide(a, api, "/permissions", "grantPermission", "The lead's yes to stay in touch (R04)", people, workflows.GrantPermission, a.grantPermission)
	decide(a, api, "/amount", "estimateAmount", "What the deal would be worth (R63, R81)", people, workflows.EstimateAmount,
		func(ctx context.Context, r db.LeadViewRow, b amountBody) (ruling, error) {
			return ruling{
				event: sequence.AmountEstimated{By: by(ctx), Amount: b.Amount},
				keep:  func(ctx context.Context) error { return a.setAmount(ctx, r.ID, &b.Amount) },
			}, nil
		})
	decide(a, api, "/diagnosis", "diagnose", "Why the lead went cold (R40)", people, workflows.GiveDiagnosis,
		func(ctx context.Context, _ db.LeadViewRow, b diagnosisBody) (ruling, error) {
			return ruling{event: sequence.Diagnosed{By: by(ctx), ID: derivedID(ctx, "diagnosis").String(), Diagnosis: b.Diagnosis}}, nil
		})
}

func cents(amount *int64) int64 {
	if amount == nil {
		return 0
	}
	return *amount
}

func (a *API) setAmount(ctx context.Context, lead uuid.UUID, amount *int64) error {
	if amount == nil {
		return nil
	}
	return a.Store.SetAmount(ctx, db.SetAmountParams{Amount: *amount, ID: lead})
}

func (a *API) nameStakeholder(ctx context.Context, r db.LeadViewRow, b PersonBody) (ruling, error) {
	p, faults := b.person()
	if len(faults) > 0 {
		return ruling{}, invalid(faults)
	}
	cannot := func(err error) error {
		if errors.Is(err, door.ErrSelf) {
			return invalid([]Fault{{b.address(), "is the lead; name somebody else at the account"}})
		}
		return fmt.Errorf("name a stakeholder of lead %s: %w", r.ID, err)
	}
	known, err := a.Door.KnownStakeholder(ctx, r.PersonID, p)
	if err != nil {
		return ruling{}, cannot(err)
	}
	return ruling{
		event: sequence.StakeholderNamed{By: by(ctx), ID: known.String()},
		first: func(ctx context.Context, ruled *ruling) error {
			id, isNew, err := a.Door.NameStakeholder(ctx, r.ID, r.AccountID, p, callerOf(ctx).actor())
			if err != nil {
				return cannot(err)
			}
			ruled.event = sequence.StakeholderNamed{By: by(ctx), ID: id.String()}
			ruled.undo = func(ctx context.Context) error {
				if !isNew {
					return nil
				}
				return a.Store.DropStakeholder(ctx, db.DropStakeholderParams{LeadID: r.ID, PersonID: id})
			}
			return nil
		},
	}, nil
}

func (a *API) reportProposal(ctx context.Context, r db.LeadViewRow, b proposalBody) (ruling, error) {
	if faults := a.endFault("expires_at", b.ExpiresAt); faults != nil {
		return ruling{}, invalid(faults)
	}
	row := db.InsertProposalParams{
		ID: derivedID(ctx, "proposal"), LeadID: r.ID, Amount: b.Amount, SentAt: a.now(), ExpiresAt: instantOrNone(b.ExpiresAt),
	}
	return ruling{
		event: sequence.ProposalSent{By: by(ctx), ID: row.ID.String(), ExpiresAt: b.ExpiresAt, Amount: cents(b.Amount)},
		keep: func(ctx context.Context) error {
			return errors.Join(a.Store.InsertProposal(ctx, row), a.setAmount(ctx, r.ID, b.Amount))
		},
	}, nil
}

func (a *API) grantPermission(ctx context.Context, r db.LeadViewRow, b PermissionBody) (ruling, error) {
	g, faults := a.permission(ctx, r, derivedID(ctx, "permission"), b)
	if len(faults) > 0 {
		return ruling{}, invalid(faults)
	}
	return ruling{event: g.event, keep: g.keep}, nil
}

// granted is a permission on its way to the lead and to the records.
type granted struct {
	event sequence.PermissionGranted
	keep  func(context.Context) error
}

func (a *API) permission(ctx context.Context, r db.LeadViewRow, id uuid.UUID, b PermissionBody) (granted, []Fault) {
	event := sequence.PermissionGranted{By: by(ctx), ID: id.String(), Channel: b.Channel, Until: b.Until}
	faults := a.endFault("until", b.Until)
	if b.Every != "" {
		if err := event.Every.UnmarshalText([]byte(b.Every)); err != nil {
			faults = append(faults, Fault{"body.every", err.Error()})
		} else if !rhythm(event.Every) {
			faults = append(faults, Fault{"body.every", "is no rhythm to stay in touch in; give 1 day to 24 months"})
		}
	}
	if len(faults) > 0 {
		return granted{}, faults
	}
	row := db.InsertPermissionParams{
		ID: id, PersonID: r.PersonID, Channel: string(b.Channel), Every: b.Every,
		GrantedAt: a.now(), Until: instantOrNone(b.Until),
	}
	return granted{event: event, keep: func(ctx context.Context) error { return a.Store.InsertPermission(ctx, row) }}, nil
}

// rhythm reports whether somebody can be kept in touch with that often.
func rhythm(w sequence.Wait) bool {
	days := w.N * map[sequence.Unit]int{sequence.Days: 1, sequence.WorkingDays: 1, sequence.Weeks: 7, sequence.Months: 31}[w.Unit]
	return days >= 1 && days <= 24*31
}

// endFault checks the end of something: not past, and not a slip of the pen.
func (a *API) endFault(field string, at time.Time) []Fault {
	switch now := a.now(); {
	case at.IsZero():
		return nil
	case !at.After(now):
		return []Fault{{"body." + field, "is in the past; give a time after " + now.Format(time.RFC3339)}}
	case at.After(now.AddDate(10, 0, 0)):
		return []Fault{{"body." + field, "is more than ten years ahead; check the year, or leave it out"}}
	}
	return nil
}

func instantOrNone(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
