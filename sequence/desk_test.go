package sequence_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/rekindlehq/rekindle/sequence"
)

// A desk lives every random life next to Decide, on a lead of its own.
func aDeskDecidesAsDecideDoes() promise {
	var desk sequence.Desk
	var lead *sequence.Lead // nobody else's
	return func(d decision) string {
		_, moved := d.event.(policyChanged)
		if moved {
			d.before = d.after
		}
		if moved || lead == nil {
			lead = new(sequence.Lead)
			if err := json.Unmarshal([]byte(mustJSON(d.before)), lead); err != nil {
				return err.Error()
			}
		}
		if moved {
			return ""
		}
		timeline, actions, err := desk.Decide(lead, d.event, d.at, d.pb)
		var all []sequence.Action
		for _, e := range timeline {
			all = append(all, e)
		}
		all = append(all, actions...)
		timelineFirst := func(a, b sequence.Action) int {
			_, first := a.(sequence.Entry)
			_, second := b.(sequence.Entry)
			switch {
			case first == second:
				return 0
			case first:
				return -1
			}
			return 1
		}
		want := slices.Clone(d.actions)
		slices.SortStableFunc(want, timelineFirst)
		switch {
		case !reflect.DeepEqual(*lead, d.after) && mustJSON(lead) != mustJSON(d.after): // the same time may carry another zone
			return "the lead is " + mustJSON(lead)
		case !reflect.DeepEqual(all, want):
			return fmt.Sprintf("it does %+v", all)
		case !reflect.DeepEqual(err, d.err):
			return fmt.Sprintf("it answers %v, not %v", err, d.err)
		}
		return ""
	}
}
