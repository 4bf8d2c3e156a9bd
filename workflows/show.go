package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/rekindlehq/rekindle/sequence"
)

// show makes the lead readable in the Temporal UI: the explanation as current
// details, which cost no event.
func (l *life) show(ctx workflow.Context) {
	pb := l.playbook()
	details := sequence.Explain(l.lead, pb, l.now(ctx)).Markdown(sequence.PlaceOf(l.lead, pb).Zone)
	if l.LeadURL != "" {
		details += fmt.Sprintf("\n[Open the lead](%s%s)\n", l.LeadURL, l.lead.ID)
	}
	workflow.SetCurrentDetails(ctx, details)
}

// index writes the search attributes that changed, all in one command; the next
// run inherits them.
func (l *life) index(ctx workflow.Context) {
	shown := workflow.GetTypedSearchAttributes(ctx)
	var changes []temporal.SearchAttributeUpdate
	for _, a := range []struct {
		key   temporal.SearchAttributeKeyKeyword
		value string
	}{
		{LeadStage, string(l.lead.Stage)},
		{LeadOwner, l.lead.Owner},
		{LeadSource, string(l.lead.Source)},
		{Playbook, l.lead.Playbook},
		{BlockedReason, l.lead.BlockedReason()},
	} {
		was, known := shown.GetKeyword(a.key)
		switch {
		case a.value != "" && was != a.value:
			changes = append(changes, a.key.ValueSet(a.value))
		case a.value == "" && known && was != "":
			changes = append(changes, a.key.ValueUnset())
		}
	}
	if len(changes) == 0 {
		return
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, changes...); err != nil {
		workflow.GetLogger(ctx).Error("search attributes cannot be written", "error", err)
	}
}

// summary is the word on the timer in the UI.
func (l *life) summary() string {
	if len(l.todo) > 0 {
		return "then what is left is tried again"
	}
	e := sequence.Explain(l.lead, l.playbook(), l.lead.EnteredAt)
	rule := ""
	if n := l.lead.Next; n != nil && l.lead.Pause == nil {
		rule = " (" + string(n.Rule) + ")"
	}
	return e.Waiting + rule
}
