package judge_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/chaos/judge"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return start.Add(d) }

// clean is the evidence of a run in which all is well: Ann sleeps, Bob was stopped, and
// of one mail to Ann it is not known whether it went out.
func clean() *judge.Evidence {
	e := &judge.Evidence{
		Acks: []judge.Ack{
			{What: judge.Enrolled, At: after(time.Second), Lead: "ann", Record: "e1"},
			{What: judge.Enrolled, At: after(time.Second), Lead: "bob", Record: "e2"},
			{What: judge.Engaged, At: after(3 * time.Second), Lead: "ann", Record: "e3"},
			{What: judge.Replied, At: after(4 * time.Second), Lead: "ann", Record: "word"},
			{What: judge.Reported, At: after(5 * time.Second), Lead: "ann", Record: "o1"},
			{What: judge.Stopped, At: after(time.Minute), Email: "bob@x.example"},
		},
		Mails: []judge.Mail{
			{DataAt: after(10 * time.Second), EndAt: after(11 * time.Second), To: "ann@x.example", MessageID: "t1.ann@us.example", Kept: true},
			{DataAt: after(12 * time.Second), EndAt: after(13 * time.Second), To: "bob@x.example", MessageID: "t1.bob@us.example", Kept: true},
		},
		Sends: []judge.Send{
			{Lead: "ann", Touch: "t1", MessageID: "t1.ann@us.example", State: "sent", Begun: true, At: start, Mailbox: "rep", Slot: start, Open: true},
			{Lead: "bob", Touch: "t1", MessageID: "t1.bob@us.example", State: "sent", Begun: true, At: start, Mailbox: "rep", Slot: after(2 * time.Minute), Open: true},
			{Lead: "ann", Touch: "t2", MessageID: "t2.ann@us.example", State: "unknown", Begun: true, At: start, Mailbox: "rep", Slot: after(4 * time.Minute), Open: true},
		},
		Steps: []judge.Step{
			{Lead: "ann", Touch: "t1", State: "reserved", Begun: true, By: "worker-1", At: after(10 * time.Second)},
			{Lead: "bob", Touch: "t1", State: "reserved", Begun: true, By: "worker-1", At: after(12 * time.Second)},
			{Lead: "ann", Touch: "t2", State: "reserved", Begun: true, By: "worker-2", At: after(20 * time.Second)},
			{Lead: "ann", Touch: "t2", State: "unknown", Begun: true, By: "worker-1", At: after(40 * time.Second)},
		},
		Entries: []judge.Entry{
			{Lead: "ann", N: 1, Written: after(1), What: "stage_changed", To: "warm", Evidence: []string{"engagement:webinar:e1"}},
			{Lead: "ann", N: 2, Written: after(2), What: "touch_made", Touch: "t1"},
			{Lead: "ann", N: 3, Written: after(3), What: "recorded", Detail: "engagement:site_visit:e3"},
			{Lead: "ann", N: 4, Written: after(4), What: "recorded", Detail: "reply:r1"},
			{Lead: "ann", N: 5, Written: after(5), What: "recorded", Detail: "outcome:voicemail:o1"},
			{Lead: "ann", N: 6, Written: after(6), What: "touch_made", Touch: "t2"},
			{Lead: "bob", N: 1, Written: after(1), What: "stage_changed", To: "warm", Evidence: []string{"engagement:webinar:e2"}},
			{Lead: "bob", N: 2, Written: after(2), What: "touch_made", Touch: "t1"},
			{Lead: "bob", N: 3, Written: after(3), What: "stage_changed", To: "do_not_contact"},
		},
		Leads: []judge.Lead{
			{ID: "ann", Email: "ann@x.example", Stage: "warm", NextAt: after(time.Hour), Turn: 6, Life: judge.Life{Status: "Running", Turn: 6, Asleep: true, Timer: true, Outcomes: []string{"o1"}, Runs: 3}},
			{ID: "bob", Email: "bob@x.example", Stage: "do_not_contact", Final: true, Turn: 3, Life: judge.Life{Status: "Completed", Asleep: true, Runs: 2}},
		},
		Mailboxes:  []judge.Mailbox{{Name: "rep", Zone: time.UTC, Daily: 3, Gap: 2 * time.Minute}},
		Blows:      []judge.Blow{{On: "worker-2", Does: "kill", From: after(22 * time.Second), To: after(25 * time.Second)}},
		Records:    map[string]bool{"e1": true, "e2": true, "e3": true, "o1": true},
		Replies:    map[string]string{"word": "r1"},
		Suppressed: map[string]bool{"bob@x.example": true},
		Delivered:  map[string]time.Time{"e3": after(3 * time.Second), "r1": after(4 * time.Second)},
		Searched:   10, Now: after(30 * time.Minute), Late: 5 * 24 * time.Hour,
	}
	return e
}

func TestWhereAllIsWellNothingIsWrongAndEveryCheckHasLookedAtSomething(t *testing.T) {
	v := judge.Judge(clean())
	require.True(t, v.OK(), v)
	for _, c := range v.Checks {
		require.NotZero(t, c.Of, c.Name)
	}
	require.False(t, judge.Verdict{}.OK(), "no checks prove nothing")
}

// violations are planted in clean evidence, each for one check to find.
var violations = []struct {
	name, check, says string
	plant             func(*judge.Evidence)
}{
	{"the mail server has a mail twice", "mails that went out twice", "2 times", func(e *judge.Evidence) {
		e.Mails = append(e.Mails, e.Mails[0])
	}},
	{"a touch went out under two names", "mails that went out twice", "went out as", func(e *judge.Evidence) {
		m := e.Mails[0]
		m.MessageID = "t1.ann@other.example"
		e.Mails = append(e.Mails, m)
	}},
	{"a mail has no row", "mails that the ledger does not know of", "has no row", func(e *judge.Evidence) {
		e.Mails = append(e.Mails, judge.Mail{To: "ann@x.example", MessageID: "t9.ann@us.example", Kept: true})
	}},
	{"a mail that went out is released", "mails that the ledger does not know of", "is released", func(e *judge.Evidence) {
		e.Sends[0].State = "released"
	}},
	{"a mail goes out without a note", "mails that the ledger does not know of", "not noted that it begins", func(e *judge.Evidence) {
		e.Sends[0].Begun = false
	}},
	{"the mail server does not have what is sent", "mails sent by the ledger and lost", "does not have it", func(e *judge.Evidence) {
		e.Mails[0].Kept = false
	}},
	{"a mail is not in the timeline", "mails missing from the timeline", "touch t1 of lead ann", func(e *judge.Evidence) {
		e.Entries[1].Touch = "t7"
	}},
	{"a mail begins after the stop", "mails begun after an acknowledged stop", "t1.bob@us.example", func(e *judge.Evidence) {
		e.Acks[5].At = after(11 * time.Second)
	}},
	{"a mail that nobody noted begins after the stop", "mails begun after an acknowledged stop", "t1.bob@us.example", func(e *judge.Evidence) {
		e.Steps[1].Touch, e.Acks[5].At = "t0", after(11*time.Second)
	}},
	{"a mail that was lost begins after the stop", "mails begun after an acknowledged stop", "t2.bob", func(e *judge.Evidence) {
		e.Mails = append(e.Mails, judge.Mail{DataAt: after(2 * time.Minute), EndAt: after(2 * time.Minute), To: "bob@x.example", MessageID: "t2.bob@us.example"})
	}},
	{"a stop is not on the list", "acknowledged stops that were lost", "lead bob is not on the list", func(e *judge.Evidence) {
		delete(e.Suppressed, "bob@x.example")
	}},
	{"a stopped lead lives", "acknowledged stops that were lost", "lead bob is warm", func(e *judge.Evidence) {
		e.Leads[1].Stage, e.Leads[1].Final = "warm", false
		e.Leads[1].NextAt, e.Leads[1].Life = after(time.Hour), judge.Life{Status: "Running", Turn: 3, Asleep: true, Timer: true}
	}},
	{"nothing explains an unknown send", "unknown sends that nothing explains", "touch t2 of lead ann", func(e *judge.Evidence) {
		e.Blows[0].On = "worker-1"
	}},
	{"what happened to its worker was long before", "unknown sends that nothing explains", "touch t2 of lead ann", func(e *judge.Evidence) {
		e.Blows[0].From, e.Blows[0].To = after(time.Second), after(2*time.Second)
	}},
	{"the mail server only said no", "unknown sends that nothing explains", "touch t2 of lead ann", func(e *judge.Evidence) {
		e.Blows[0].On, e.Blows[0].Does = "sink", "defer"
	}},
	{"the window was closed", "mails outside the lead's window or on a holiday", "touch t1 of lead ann", func(e *judge.Evidence) {
		e.Sends[0].Open = false
	}},
	{"a mailbox is too fast", "mails above a mailbox's limits", "1m59s later", func(e *judge.Evidence) {
		e.Sends[1].Slot = after(2*time.Minute - time.Second)
	}},
	{"a mailbox sends too much", "mails above a mailbox's limits", "may send 2", func(e *judge.Evidence) {
		e.Mailboxes[0].Daily = 2
	}},
	{"an enrolled lead is not there", "acknowledged enrolments lost or doubled", "lead cat is not there", func(e *judge.Evidence) {
		e.Acks = append(e.Acks, judge.Ack{What: judge.Enrolled, Lead: "cat", Record: "e9"})
	}},
	{"an enrolled lead has not begun", "acknowledged enrolments lost or doubled", "no effect on lead ann", func(e *judge.Evidence) {
		e.Entries[0].Evidence = nil
	}},
	{"an engagement is not there", "acknowledged engagements lost or doubled", "e3 is not there", func(e *judge.Evidence) {
		delete(e.Records, "e3")
	}},
	{"an engagement had no effect", "acknowledged engagements lost or doubled", "e3 had no effect", func(e *judge.Evidence) {
		e.Entries[2].Detail = "engagement:site_visit:e4"
	}},
	{"an engagement took effect twice", "acknowledged engagements lost or doubled", "e3 took effect 2 times", func(e *judge.Evidence) {
		e.Entries = append(e.Entries, judge.Entry{Lead: "ann", N: 7, Written: after(7), What: "recorded", Detail: "engagement:site_visit:e3"})
	}},
	{"a reply is not there", "acknowledged replies lost or doubled", "is not there", func(e *judge.Evidence) {
		delete(e.Replies, "word")
	}},
	{"a reply had no effect", "acknowledged replies lost or doubled", "r1 had no effect", func(e *judge.Evidence) {
		e.Entries[3].What = "person_told"
	}},
	{"an outcome is not there", "acknowledged outcomes lost or doubled", "o1 is not there", func(e *judge.Evidence) {
		delete(e.Records, "o1")
	}},
	{"an outcome is in no history", "acknowledged outcomes lost or doubled", "not in the history", func(e *judge.Evidence) {
		e.Leads[0].Life.Outcomes = nil
	}},
	{"an outcome had no effect", "acknowledged outcomes lost or doubled", "o1 had no effect", func(e *judge.Evidence) {
		e.Entries[4].Detail = "outcome:voicemail:o2"
	}},
	{"a finished lead's workflow runs", "stuck leads", "its workflow is Running", func(e *judge.Evidence) {
		e.Leads[1].Life.Status = "Running"
	}},
	{"a living lead's workflow failed", "stuck leads", "its workflow is Failed", func(e *judge.Evidence) {
		e.Leads[0].Life.Status = "Failed"
	}},
	{"an activity never gets through", "stuck leads", "SendEmail", func(e *judge.Evidence) {
		e.Leads[0].Life.Retried = []string{"SendEmail (attempt 9)"}
	}},
	{"a workflow task fails", "stuck leads", "attempt 4", func(e *judge.Evidence) {
		e.Leads[0].Life.Failing = 4
	}},
	{"a lead waits for nothing", "stuck leads", "neither a deadline nor a reason", func(e *judge.Evidence) {
		e.Leads[0].NextAt = time.Time{}
	}},
	{"a deadline has no timer", "stuck leads", "no timer", func(e *judge.Evidence) {
		e.Leads[0].Life.Timer = false
	}},
	{"a deadline is long past", "stuck leads", "was due", func(e *judge.Evidence) {
		e.Leads[0].NextAt = e.Now.AddDate(0, 0, -6)
	}},
	{"a send is left begun", "stuck leads", "nobody brings it to its end", func(e *judge.Evidence) {
		e.Sends = append(e.Sends, judge.Send{Lead: "ann", Touch: "t5", State: "reserved", Begun: true, Open: true})
	}},
	{"a message waits at the door", "messages still waiting at the door", "1 messages", func(e *judge.Evidence) { e.Waiting = 1 }},
	{"the code is not deterministic", "workflow tasks that the code failed", "NonDeterministic", func(e *judge.Evidence) {
		e.Leads[0].Life.Broken = []string{"NonDeterministicError"}
	}},
	{"a row is behind its workflow", "rows that differ from their workflows", "at entry 5", func(e *judge.Evidence) { e.Leads[0].Turn = 5 }},
	{"a name is in a history", "personal data in histories and logs", "holds", func(e *judge.Evidence) { e.Leaks = []string{"event 5 holds a name"} }},
}

func TestEachViolationIsFoundByItsCheck(t *testing.T) {
	checked := map[string]bool{}
	for _, x := range violations {
		e := clean()
		x.plant(e)
		v := judge.Judge(e)
		require.False(t, v.OK(), x.name)
		for _, c := range v.Checks {
			if c.Name == x.check {
				require.NotEmpty(t, c.Wrong, x.name)
				require.Contains(t, c.Wrong[0], x.says, x.name)
				require.Contains(t, v.String(), "FAIL  "+c.Name, x.name)
			}
		}
		checked[x.check] = true
	}
	for _, c := range judge.Judge(clean()).Checks {
		require.True(t, checked[c.Name], "no violation is planted for %q", c.Name)
	}
}

func TestWhatLooksWrongAndIsNot(t *testing.T) {
	for name, change := range map[string]func(*judge.Evidence){
		"a mail begun before the stop may end after it": func(e *judge.Evidence) { e.Acks[5].At = after(12*time.Second + time.Millisecond) },
		"a turn that a dying worker wrote tells what the turn that was taken tells again": func(e *judge.Evidence) {
			e.Entries = append(e.Entries, // the lost turn had the engagement first, at number 4
				judge.Entry{Lead: "ann", N: 4, Written: after(9), What: "recorded", Detail: "engagement:site_visit:e3"},
			)
			e.Entries[2].Written = after(4) // with the reply, in the turn that was taken
		},
		"an engagement that comes when the life is over stays a record": func(e *judge.Evidence) {
			e.Acks = append(e.Acks, judge.Ack{What: judge.Engaged, Lead: "bob", Record: "e9"})
			e.Records["e9"], e.Delivered["e9"] = true, after(time.Minute)
		},
		"an engagement after the end of a life begins another": func(e *judge.Evidence) {
			e.Acks = append(e.Acks, judge.Ack{What: judge.Engaged, Lead: "ann", Record: "e1"})
			e.Records["e1"] = true
		},
		"an engagement of somebody who was stopped has no lead": func(e *judge.Evidence) {
			e.Acks = append(e.Acks, judge.Ack{What: judge.Engaged, Record: "e9"})
			e.Records["e9"] = true
		},
		"a lead that waits for a person has no deadline": func(e *judge.Evidence) {
			e.Leads[0].NextAt, e.Leads[0].Blocked, e.Leads[0].Life.Timer = time.Time{}, "reply_waiting", false
		},
		"a turn that waits for a worker has not told of an outcome yet": func(e *judge.Evidence) {
			e.Entries[4].Detail = ""
			e.Leads[0].Life.Asleep, e.Leads[0].Life.Due = false, true
		},
		"a lead that is being sent to has not told yet": func(e *judge.Evidence) {
			e.Entries[1].Touch = ""
			e.Leads[0].Life.Asleep, e.Leads[0].Life.Due = false, true
		},
	} {
		e := clean()
		change(e)
		v := judge.Judge(e)
		require.True(t, v.OK(), "%s:\n%s", name, v)
	}
}
