package batch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/sequence"
)

// Act is what is done to the leads.
type Act string

// Acts.
const (
	Pause    Act = "pause"
	Resume   Act = "resume"
	Snooze   Act = "snooze"
	Reassign Act = "reassign"
	Enrol    Act = "enrol" // those whose life is over begin a new one
)

// Acts are all that can be done to many leads.
var Acts = []Act{Pause, Resume, Snooze, Reassign, Enrol}

// reasons are those for which people pause leads.
var reasons = []sequence.PauseReason{sequence.PausedByHand, sequence.PausedOwnerAway, sequence.PausedColleague}

// Terms are what an act needs to know.
type Terms struct {
	Until  time.Time            `json:"until,omitzero" doc:"snooze: when to go on; pause: when to go on by itself"`
	Reason sequence.PauseReason `json:"reason,omitempty" enum:"manual,owner_on_leave,colleague_in_conversation" doc:"pause: manual if left out"`
	Owner  uuid.UUID            `json:"owner_id,omitzero" format:"uuid" doc:"reassign: to whom; enrol: the former owner, while active, if left out"`
	Source sequence.Kind        `json:"source,omitempty" maxLength:"64" doc:"enrol: as what they come in, one of the playbook's sources"`
	Detail string               `json:"detail,omitempty" maxLength:"500" doc:"enrol: such as the campaign"`
	Basis  string               `json:"basis,omitempty" maxLength:"500" doc:"enrol: on which legal basis; as it was if left out"`
}

// Choice is the query that chooses leads: living ones, and for enrol those whose life
// is over and who did not say stop.
type Choice struct {
	Stage   sequence.Stage `json:"stage,omitempty" enum:"warm,scheduled_call,multi_stakeholder,cold,revival,break_up,check_in,won,disqualified"`
	Owner   uuid.UUID      `json:"owner_id,omitzero" format:"uuid"`
	Account string         `json:"account,omitempty" maxLength:"200" doc:"By its name"`
	Source  string         `json:"source,omitempty" maxLength:"64"`
	Blocked string         `json:"blocked,omitempty" maxLength:"64" doc:"Why nothing goes out: snoozed, manual, parked, ..."`
	From    time.Time      `json:"created_from,omitzero" doc:"Came at this time or later"`
	Before  time.Time      `json:"created_before,omitzero" doc:"Came before this time"`
}

func (a Act) faults() []Fault {
	if slices.Contains(Acts, a) {
		return nil
	}
	return []Fault{{"act", fmt.Sprintf("is none of %q", Acts)}}
}

func (c Choice) faults() []Fault {
	if c.Stage != "" && !slices.Contains(sequence.Stages(), c.Stage) {
		return []Fault{{"choice.stage", fmt.Sprintf("is none of %q", sequence.Stages())}}
	}
	if !c.From.IsZero() && !c.Before.IsZero() && !c.From.Before(c.Before) {
		return []Fault{{"choice.created_before", "is not after created_from; no lead can be chosen"}}
	}
	return nil
}

// wrong is what cannot stand, whatever is said later.
func (a Act) wrong(t Terms, now time.Time, pb *sequence.Playbook) (faults []Fault) {
	fault := func(field, message string) { faults = append(faults, Fault{"terms." + field, message}) }
	switch {
	case t.Until.IsZero():
	case a != Snooze && a != Pause:
		fault("until", "says nothing here; leave it out")
	case !t.Until.After(now):
		fault("until", "is in the past; give a time after "+now.UTC().Format(time.RFC3339))
	case t.Until.After(now.AddDate(10, 0, 0)):
		fault("until", "is more than ten years ahead; check the year")
	}
	switch {
	case t.Reason == "":
	case a != Pause:
		fault("reason", "says nothing here; leave it out")
	case !slices.Contains(reasons, t.Reason):
		fault("reason", fmt.Sprintf("is none of %q", reasons))
	}
	if t.Owner != uuid.Nil && a != Reassign && a != Enrol {
		fault("owner_id", "says nothing here; leave it out")
	}
	for field, said := range map[string]string{"source": string(t.Source), "detail": t.Detail, "basis": t.Basis} {
		if said != "" && a != Enrol {
			fault(field, "says nothing here; leave it out")
		}
	}
	if _, known := pb.Sources[t.Source]; a == Enrol && t.Source != "" && !known {
		fault("source", fmt.Sprintf("is none of the playbook's sources; give one of %q", slices.Sorted(maps.Keys(pb.Sources))))
	}
	slices.SortFunc(faults, func(x, y Fault) int { return strings.Compare(x.Field, y.Field) })
	return faults
}

// lacks is what is wrong or missing when the batch is to begin.
func (a Act) lacks(t Terms, now time.Time, pb *sequence.Playbook) []Fault {
	faults := a.wrong(t, now, pb)
	switch {
	case a == Snooze && t.Until.IsZero():
		faults = append(faults, Fault{"terms.until", "say until when"})
	case a == Reassign && t.Owner == uuid.Nil:
		faults = append(faults, Fault{"terms.owner_id", "say to whom"})
	case a == Enrol && t.Source == "":
		faults = append(faults, Fault{"terms.source", fmt.Sprintf("say as what they come in: one of %q", slices.Sorted(maps.Keys(pb.Sources)))})
	}
	return faults
}
