package workflows

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/converter"
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

// attribute is a search attribute as it should stand; empty: not shown.
type attribute struct {
	key   temporal.SearchAttributeKeyKeyword
	value string
}

func attributesOf(l sequence.Lead) []attribute {
	return []attribute{
		{LeadStage, string(l.Stage)},
		{LeadOwner, l.Owner},
		{LeadSource, string(l.Source)},
		{Playbook, l.Playbook},
		{BlockedReason, l.BlockedReason()},
	}
}

// shown are the search attributes of this run.
func shown(ctx workflow.Context) map[string]string {
	all, attributes := map[string]string{}, workflow.GetTypedSearchAttributes(ctx)
	for _, a := range attributesOf(sequence.Lead{}) {
		if value, ok := attributes.GetKeyword(a.key); ok {
			all[a.key.GetName()] = value
		}
	}
	return all
}

// carry gives the next run its search attributes. Continue-as-new takes them from
// the run's info, so that writing them there costs no command, no event and no
// billable action, as an upsert would.
func (l *life) carry(ctx workflow.Context) {
	fields := map[string]*commonpb.Payload{}
	for _, a := range attributesOf(l.lead) {
		if a.value != "" {
			fields[a.key.GetName()] = keyword(a.value)
		}
	}
	//lint:ignore SA1019 nothing newer can be written to
	workflow.GetInfo(ctx).SearchAttributes = &commonpb.SearchAttributes{IndexedFields: fields}
}

// keyword encodes a value of the type Keyword as the server expects it.
func keyword(value string) *commonpb.Payload {
	payload, err := converter.GetDefaultDataConverter().ToPayload(value)
	if err != nil {
		panic(fmt.Sprintf("encode a text: %v", err))
	}
	payload.Metadata["type"] = []byte(enums.INDEXED_VALUE_TYPE_KEYWORD.String())
	return payload
}

// index writes the search attributes that changed, all in one command: at the end
// of a life, where no next run takes them over.
func (l *life) index(ctx workflow.Context) {
	shown := workflow.GetTypedSearchAttributes(ctx)
	var changes []temporal.SearchAttributeUpdate
	for _, a := range attributesOf(l.lead) {
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
