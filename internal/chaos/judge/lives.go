package judge

import (
	"strings"
	"time"
)

// mostAttempts is how often a workflow task may have been tried that is not failing: its
// worker was stopped, or had too much to do.
const mostAttempts = 3

// stuck: every lead that is not over has a workflow with a running deadline, or says why
// it waits for a person.
func (i *index) stuck() Check {
	c := Check{Name: "stuck leads"}
	for _, l := range i.Leads {
		c.Of++
		switch life := l.Life; {
		case l.Final && life.Status != "Completed":
			c.wrong("lead %s is %s, and its workflow is %s", l.ID, l.Stage, life.Status)
		case l.Final:
		case life.Status != "Running":
			c.wrong("lead %s is %s, and its workflow is %s", l.ID, l.Stage, life.Status)
		case len(life.Retried) > 0:
			c.wrong("lead %s tries again and again: %s", l.ID, strings.Join(life.Retried, ", "))
		case life.Failing > mostAttempts:
			c.wrong("the workflow task of lead %s is at attempt %d", l.ID, life.Failing)
		case l.NextAt.IsZero() && l.Blocked == "":
			c.wrong("lead %s (%s) has neither a deadline nor a reason", l.ID, l.Stage)
		case !l.NextAt.IsZero() && !life.Timer && !life.Due:
			c.wrong("lead %s (%s) has a deadline and no timer: %s", l.ID, l.Stage, life.Tail)
		case !l.NextAt.IsZero() && i.Now.Sub(l.NextAt) > i.Late:
			c.wrong("lead %s (%s) was due %s ago", l.ID, l.Stage, i.Now.Sub(l.NextAt).Round(time.Hour))
		}
	}
	for _, s := range i.Sends {
		if l := i.leads[s.Lead]; s.State == "reserved" && s.Begun && (l == nil || l.Final || l.Life.Asleep) {
			c.wrong("touch %s of lead %s has begun, and nobody brings it to its end", s.Touch, s.Lead)
		}
	}
	return c
}

// atTheDoor: whatever was taken in has been handed over.
func (i *index) atTheDoor() Check {
	c := Check{Name: "messages still waiting at the door", Of: len(i.Delivered) + i.Waiting}
	if i.Waiting > 0 {
		c.wrong("%d messages wait", i.Waiting)
	}
	return c
}

// brokenTasks: no workflow task ever failed by the code, as one that is not
// deterministic would.
func (i *index) brokenTasks() Check {
	c := Check{Name: "workflow tasks that the code failed"}
	for _, l := range i.Leads {
		c.Of += l.Life.Runs
		for _, cause := range l.Life.Broken {
			c.wrong("lead %s: %s", l.ID, cause)
		}
	}
	return c
}

// rowsAgree: a row says what its workflow says.
func (i *index) rowsAgree() Check {
	c := Check{Name: "rows that differ from their workflows"}
	for _, l := range i.Leads {
		if l.Final || !l.Life.Asleep {
			continue
		}
		c.Of++
		if l.Turn != l.Life.Turn {
			c.wrong("lead %s is at entry %d in its row, and at %d in its workflow", l.ID, l.Turn, l.Life.Turn)
		}
	}
	return c
}

// leaks: no personal data in any history or log.
func (i *index) leaks() Check {
	return Check{Name: "personal data in histories and logs", Of: i.Searched, Wrong: i.Leaks}
}
