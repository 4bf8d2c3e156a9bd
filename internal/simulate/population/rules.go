package population

import (
	"strconv"

	"github.com/rekindlehq/rekindle/sequence"
)

// What a rule does, as it is counted.
const (
	transitions = iota // of stage
	plays              // begun within a stage
	touches            // emails made and tasks asked for
	heldBack           // touches put off or left out
	pauses             // begun
	notices            // to the owner or the managers
	refusals
	known // evidence recorded
	deeds
)

// ruleTally counts by rule: R00 to R99, then what is decided by no business rule.
type ruleTally [100 + 7][deeds]int64

// others than business rules; the last place takes what names no rule.
var otherRules = [...]sequence.Rule{
	sequence.LateTimers, sequence.ByHand, sequence.ReplyFirst, sequence.Policy, sequence.TakenBack, "",
}

func ruleIndex(r sequence.Rule) int {
	if len(r) == 3 && r[0] == 'R' {
		if tens, ones := r[1]-'0', r[2]-'0'; tens <= 9 && ones <= 9 {
			return int(tens)*10 + int(ones)
		}
	}
	for i, one := range otherRules {
		if one == r {
			return 100 + i
		}
	}
	return 100 + len(otherRules)
}

func ruleAt(i int) sequence.Rule {
	switch {
	case i < 100:
		n := strconv.Itoa(i)
		if i < 10 {
			n = "0" + n
		}
		return sequence.Rule("R" + n)
	case i < 100+len(otherRules):
		return otherRules[i-100]
	}
	return "other"
}

func (t *ruleTally) count(e *sequence.Entry) {
	at := &t[ruleIndex(e.Rule)]
	switch e.What {
	case sequence.StageChanged:
		at[transitions]++
	case sequence.PlayChanged:
		at[plays]++
	case sequence.TouchMade, sequence.TaskAsked:
		at[touches]++
	case sequence.TouchPutOff, sequence.TouchDropped:
		at[heldBack]++
	case sequence.PauseBegan:
		at[pauses]++
	case sequence.PersonTold:
		at[notices]++
	case sequence.SomethingKnown:
		at[known]++
	case sequence.TouchPlanned, sequence.PauseEnded, sequence.OutcomeUndone, sequence.PolicyChanged:
	}
}
