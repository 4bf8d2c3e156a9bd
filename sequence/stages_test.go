package sequence_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/simulate"
	"github.com/rekindlehq/rekindle/sequence"
)

// table is every stage times every event: for each event, in which moments it
// leads to what. That is the stage and play afterwards, /play where only the play
// changes or starts again, !code where the event is refused, and stays otherwise;
// "paused" where touches are held from then on. The moment final stands for won,
// disqualified and do_not_contact, which answer alike; living for all others.
const table = `
enrolled: living → !already_enrolled | final → !lead_is_final
a deadline that is not due: living → stays | final → !lead_is_final
mail sent: warm scheduled_call call_over multi_stakeholder outreach cold revival break_up final → stays | check_in → /quarterly
mail unknown: warm scheduled_call call_over multi_stakeholder outreach cold revival break_up final → stays | check_in → /quarterly
mail suppressed: warm scheduled_call multi_stakeholder cold revival break_up check_in → do_not_contact | call_over outreach final → stays
mail no_address: living final → stays
mail deferred: living final → stays
mail no_reason: living final → stays
mail failed: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → paused | call_over final → stays
mail cancelled: living final → stays
mail of an earlier stage sent: living final → stays
a slot in the mailbox: living → stays | final → !lead_is_final
a send was abandoned: living final → stays
engagement: warm scheduled_call call_over multi_stakeholder outreach → stays | cold revival break_up check_in → warm/inbound | final → !lead_is_final
engagement of an unknown kind: living → !unknown_kind | final → !lead_is_final
reply: warm scheduled_call call_over → paused | multi_stakeholder outreach → scheduled_call/arrange paused | cold revival break_up check_in → warm/resume paused | final → !lead_is_final
reply of a stakeholder: warm scheduled_call call_over → paused | multi_stakeholder outreach → scheduled_call/arrange paused | cold revival break_up check_in → warm/resume paused | final → !lead_is_final
automatic reply: living → paused | final → !lead_is_final
the invitation is accepted: living → stays | final → !lead_is_final
the invitation is tentative: living → stays | final → !lead_is_final
the invitation is declined: warm call_over multi_stakeholder outreach cold revival break_up check_in → stays | scheduled_call → paused | final → !lead_is_final
the invitation is counter: warm call_over multi_stakeholder outreach cold revival break_up check_in → stays | scheduled_call → paused | final → !lead_is_final
the invitation is eaten: living → !unknown_answer | final → !lead_is_final
an earlier invitation is declined: living → stays | final → !lead_is_final
email address gone: living → stays | final → !lead_is_final
email address found: living → stays | final → !lead_is_final
phone number gone: living → stays | final → !lead_is_final
opted out: living → do_not_contact | final → !lead_is_final
snoozed: living → paused | final → !lead_is_final
snoozed into the past: living → !time_in_the_past | final → !lead_is_final
snoozed for a decade: living → !time_too_far | final → !lead_is_final
paused: living → paused | final → !lead_is_final
resumed, though not paused: living → !not_paused | final → !lead_is_final
reassigned: living → stays | final → !lead_is_final
reassigned to the same owner: living → !same_owner | final → !lead_is_final
stakeholder named: living → stays | final → !lead_is_final
proposal sent: living → stays | final → !lead_is_final
proposal that has expired: living → !time_in_the_past | final → !lead_is_final
permission granted: living → stays | final → !lead_is_final
diagnosed wrong_person: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → stays | final → !lead_is_final
diagnosed too_fast: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → /slower | final → !lead_is_final
diagnosed too_slow: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → /faster | final → !lead_is_final
diagnosed value_not_seen: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → stays | final → !lead_is_final
diagnosed never_warm: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → disqualified | final → !lead_is_final
diagnosed timing: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → stays | final → !lead_is_final
diagnosed unknown: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → stays | final → !lead_is_final
diagnosed hunch: warm scheduled_call call_over multi_stakeholder outreach revival break_up check_in → !not_cold | cold → !unknown_diagnosis | final → !lead_is_final
task done, call: living → stays | final → !lead_is_final
task done, manual: living → stays | final → !lead_is_final
task done, reply: living → stays | final → !lead_is_final
task done, diagnose: living → stays | final → !lead_is_final
task done, find_others: living → stays | final → !lead_is_final
task done, engaged: living → stays | final → !lead_is_final
work parked: living → paused | final → !lead_is_final
amount estimated: living → stays | final → !lead_is_final
amount below nothing: living → !amount_negative | final → !lead_is_final
news: living → stays | final → !lead_is_final
a colleague talks: warm multi_stakeholder outreach cold revival break_up check_in → paused | scheduled_call call_over → stays | final → !lead_is_final
a colleague has talked: living → stays | final → !lead_is_final
an outcome that is not the last is taken back: living → !not_the_last_outcome | final → !lead_is_final
deal won: living → won | final → !lead_is_final
disqualified: living → disqualified | final → !lead_is_final
no_answer: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
no_answer, explained: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
no_answer, next time agreed: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
voicemail: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
voicemail, explained: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
voicemail, next time agreed: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
call_scheduled: living → !next_step_missing | final → !lead_is_final
call_scheduled, explained: living → !next_step_missing | final → !lead_is_final
call_scheduled, next time agreed: warm multi_stakeholder outreach cold revival break_up check_in → scheduled_call/booked | scheduled_call call_over → /booked | final → !lead_is_final
send_information: living → !next_step_missing | final → !lead_is_final
send_information, explained: living → !next_step_missing | final → !lead_is_final
send_information, next time agreed: warm multi_stakeholder outreach cold revival break_up check_in → scheduled_call/information | scheduled_call call_over → /information | final → !lead_is_final
interested: living → !next_step_missing | final → !lead_is_final
interested, explained: warm → /resume | scheduled_call call_over → /follow_up | multi_stakeholder outreach cold revival break_up check_in → warm/resume | final → !lead_is_final
interested, next time agreed: warm multi_stakeholder outreach cold revival break_up check_in → scheduled_call/booked | scheduled_call call_over → /booked | final → !lead_is_final
non_committal: living → !next_step_missing | final → !lead_is_final
non_committal, explained: warm → /resume | scheduled_call call_over → /follow_up | multi_stakeholder outreach cold → warm/resume | break_up → check_in/quarterly | check_in → /quarterly | revival → /close_file | final → !lead_is_final
non_committal, next time agreed: warm multi_stakeholder outreach cold revival break_up check_in → scheduled_call/booked | scheduled_call call_over → /booked | final → !lead_is_final
not_now: warm scheduled_call call_over multi_stakeholder outreach → cold/value | cold → stays | revival break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
not_now, explained: warm scheduled_call call_over multi_stakeholder outreach → cold/value | cold → stays | revival break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
not_now, next time agreed: living → paused | final → !lead_is_final
not_interested: living → !reason_missing | final → !lead_is_final
not_interested, explained: warm scheduled_call call_over multi_stakeholder outreach → cold/value | cold → stays | revival → break_up/farewell | break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
not_interested, next time agreed: warm scheduled_call call_over multi_stakeholder outreach → cold/value | cold → stays | revival → break_up/farewell | break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
no_show: warm multi_stakeholder outreach cold revival break_up check_in → !no_call_scheduled | scheduled_call → !call_not_yet | call_over → /no_show | final → !lead_is_final
no_show, explained: warm multi_stakeholder outreach cold revival break_up check_in → !no_call_scheduled | scheduled_call → !call_not_yet | call_over → /no_show | final → !lead_is_final
no_show, next time agreed: warm multi_stakeholder outreach cold revival break_up check_in → !no_call_scheduled | scheduled_call → !call_not_yet | call_over → /no_show | final → !lead_is_final
wrong_person: warm outreach cold revival break_up check_in → stays | scheduled_call call_over → /find_others | multi_stakeholder → /outreach | final → !lead_is_final
wrong_person, explained: warm outreach cold revival break_up check_in → stays | scheduled_call call_over → /find_others | multi_stakeholder → /outreach | final → !lead_is_final
wrong_person, next time agreed: warm outreach cold revival break_up check_in → stays | scheduled_call call_over → /find_others | multi_stakeholder → /outreach | final → !lead_is_final
objection: warm scheduled_call call_over cold revival break_up check_in → !no_outreach | multi_stakeholder outreach → scheduled_call/arrange | final → !lead_is_final
objection, explained: warm scheduled_call call_over cold revival break_up check_in → !no_outreach | multi_stakeholder outreach → scheduled_call/arrange | final → !lead_is_final
objection, next time agreed: warm scheduled_call call_over cold revival break_up check_in → !no_outreach | multi_stakeholder outreach → scheduled_call/booked | final → !lead_is_final
wrong_number: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
wrong_number, explained: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
wrong_number, next time agreed: warm scheduled_call multi_stakeholder outreach cold revival break_up check_in → stays | call_over → /follow_up | final → !lead_is_final
not_qualified: living → !reason_missing | final → !lead_is_final
not_qualified, explained: living → disqualified | final → !lead_is_final
not_qualified, next time agreed: living → disqualified | final → !lead_is_final
stay_in_touch: living → !permission_missing | final → !lead_is_final
stay_in_touch, explained: living → !permission_missing | final → !lead_is_final
stay_in_touch, next time agreed: living → !permission_missing | final → !lead_is_final
stay_in_touch, with permission: warm scheduled_call call_over multi_stakeholder outreach cold revival break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
won: living → won | final → !lead_is_final
won, explained: living → won | final → !lead_is_final
won, next time agreed: living → won | final → !lead_is_final
stop: living → do_not_contact | final → !lead_is_final
stop, explained: living → do_not_contact | final → !lead_is_final
stop, next time agreed: living → do_not_contact | final → !lead_is_final
shrug: living → !unknown_outcome | final → !lead_is_final
shrug, explained: living → !unknown_outcome | final → !lead_is_final
shrug, next time agreed: living → !unknown_outcome | final → !lead_is_final
not_interested, by the decision maker: warm scheduled_call call_over multi_stakeholder outreach cold revival → break_up/farewell | break_up → check_in/quarterly | check_in → /quarterly | final → !lead_is_final
call_scheduled in the past: living → !time_in_the_past | final → !lead_is_final
call_scheduled at night: living → !outside_calling_hours | final → !lead_is_final
`

// moment is a lead in the middle of a stage, brought there by living.
type moment struct {
	column string
	life   *simulate.Life
}

func moments(t *testing.T) []moment {
	var all []moment
	add := func(column string, life *simulate.Life) {
		all = append(all, moment{column, life})
	}
	add("warm", inWarm(t))
	booked := inScheduledCall(t)
	add("scheduled_call", booked)
	over := inScheduledCall(t)
	require.NoError(t, over.Until(over.Lead.Call.At.Add(time.Hour)))
	add("call_over", over)
	telling := inMultiStakeholder(t)
	add("multi_stakeholder", telling)
	outreach := inMultiStakeholder(t)
	require.NoError(t, outreach.For(4*24*time.Hour))
	require.Equal(t, sequence.Outreach, outreach.Lead.Play)
	add("outreach", outreach)
	add("cold", inCold(t))
	add("revival", inRevival(t))
	add("break_up", inBreakUp(t))
	add("check_in", inCheckIn(t))
	for _, end := range []sequence.Event{
		sequence.DealWon{ID: "w1"}, sequence.LeadDisqualified{Reason: "not_a_fit"}, sequence.OptedOut{ID: "s1", Via: "link"},
	} {
		life := inWarm(t)
		require.NoError(t, life.Let(end))
		add("final", life)
	}
	return all
}

// A Monday, ten o'clock in Berlin.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func born(t require.TestingT, kind sequence.Kind) *simulate.Life {
	lead := sequence.Lead{ID: "lead-1", Account: "account-1", Owner: "owner-1", Zone: "Europe/Berlin", Country: "DE"}
	life, err := simulate.Begin(lead, kind, defaultPlaybook(t), monday)
	require.NoError(t, err)
	return life
}

func inWarm(t require.TestingT) *simulate.Life {
	life := born(t, "info_request")
	require.NoError(t, life.For(5*time.Hour))
	return life
}

func inScheduledCall(t require.TestingT) *simulate.Life {
	life := inWarm(t)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.CallScheduled, NextAt: monday.AddDate(0, 0, 3)}))
	require.NoError(t, life.For(time.Hour))
	return life
}

func inMultiStakeholder(t require.TestingT) *simulate.Life {
	life := inWarm(t)
	require.NoError(t, life.Let(sequence.StakeholderNamed{By: rep, ID: "p2"}))
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NotTheOne}))
	return life
}

func inCold(t require.TestingT) *simulate.Life {
	life := inWarm(t)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NotNow}))
	require.NoError(t, life.For(time.Hour))
	return life
}

func inRevival(t require.TestingT) *simulate.Life {
	life := born(t, "crm_dormant")
	require.NoError(t, life.For(5*time.Hour))
	return life
}

func inBreakUp(t require.TestingT) *simulate.Life {
	life := inRevival(t)
	require.NoError(t, life.Let(sequence.OutcomeRecorded{By: rep, ID: "o1", Outcome: sequence.NotInterested, Reason: true}))
	require.NoError(t, life.For(time.Hour))
	return life
}

func inCheckIn(t require.TestingT) *simulate.Life {
	life := inBreakUp(t)
	require.NoError(t, life.For(28*24*time.Hour))
	return life
}

var rep = sequence.By{Actor: "owner-1"}

// happening is one row of the table.
type happening struct {
	row   string
	event func(l *simulate.Life) sequence.Event
}

func happenings() []happening {
	var all []happening
	add := func(row string, ev sequence.Event) {
		all = append(all, happening{row, func(*simulate.Life) sequence.Event { return ev }})
	}
	add("enrolled", sequence.Enrolled{ID: "e2", Kind: "booth_visit"})
	add("a deadline that is not due", sequence.DeadlineReached{})
	for _, s := range sendStatuses() {
		all = append(all, happening{"mail " + string(s), func(l *simulate.Life) sequence.Event {
			return sequence.TouchPerformed{Touch: beingSent(l), Status: s}
		}})
	}
	add("mail of an earlier stage sent", sequence.TouchPerformed{Touch: "t0", Status: sequence.Sent})
	add("a send was abandoned", sequence.SendAbandoned{Touch: "t0"})
	add("a slot in the mailbox", sequence.SlotGiven{Touch: "t1", At: monday})
	add("engagement", sequence.EngagementRecorded{ID: "e2", Kind: "webinar_attended", At: monday})
	add("engagement of an unknown kind", sequence.EngagementRecorded{ID: "e2", Kind: "telepathy", At: monday})
	add("reply", sequence.ReplyReceived{ID: "r1"})
	add("reply of a stakeholder", sequence.ReplyReceived{ID: "r1", From: "p2"})
	add("automatic reply", sequence.AutoReplyReceived{ID: "r1"})
	for _, answer := range append(sequence.InvitationAnswers(), "eaten") {
		all = append(all, happening{"the invitation is " + string(answer), func(l *simulate.Life) sequence.Event {
			return answered(l.Lead, answer)
		}})
	}
	add("an earlier invitation is declined", sequence.InvitationAnswered{ID: "i1", UID: "lead-1-call-0", Answer: sequence.Declined})
	add("email address gone", sequence.AddressFailed{ID: "b1", Channel: sequence.ByEmail})
	add("phone number gone", sequence.AddressFailed{ID: "b1", Channel: sequence.ByCall})
	add("email address found", sequence.AddressFound{By: rep, ID: "a1", Channel: sequence.ByEmail})
	add("opted out", sequence.OptedOut{ID: "s1", Via: "link"})
	relative := func(row string, ev func(now time.Time) sequence.Event) {
		all = append(all, happening{row, func(l *simulate.Life) sequence.Event { return ev(l.Now) }})
	}
	relative("snoozed", func(now time.Time) sequence.Event { return sequence.Snoozed{By: rep, Until: now.AddDate(0, 1, 0)} })
	relative("snoozed into the past", func(now time.Time) sequence.Event { return sequence.Snoozed{By: rep, Until: now.AddDate(0, -1, 0)} })
	relative("snoozed for a decade", func(now time.Time) sequence.Event { return sequence.Snoozed{By: rep, Until: now.AddDate(10, 0, 0)} })
	add("paused", sequence.Paused{By: rep, Reason: sequence.PausedByHand})
	add("resumed, though not paused", sequence.Resumed{By: rep})
	add("reassigned", sequence.Reassigned{By: rep, Owner: "owner-2"})
	add("reassigned to the same owner", sequence.Reassigned{By: rep, Owner: "owner-1"})
	add("stakeholder named", sequence.StakeholderNamed{By: rep, ID: "p3"})
	add("proposal sent", sequence.ProposalSent{By: rep, ID: "p1"})
	add("proposal that has expired", sequence.ProposalSent{By: rep, ID: "p1", ExpiresAt: monday})
	add("permission granted", sequence.PermissionGranted{By: rep, ID: "g1", Channel: sequence.ByEmail})
	for _, d := range append(sequence.Diagnoses(), "hunch") {
		add("diagnosed "+string(d), sequence.Diagnosed{By: rep, ID: "d1", Diagnosis: d})
	}
	for _, k := range taskKinds() {
		add("task done, "+string(k), sequence.TaskDone{By: rep, ID: "k1", Kind: k})
	}
	add("work parked", sequence.WorkParked{Detail: "refused"})
	add("amount estimated", sequence.AmountEstimated{By: rep, Amount: 500_000_00})
	add("amount below nothing", sequence.AmountEstimated{By: rep, Amount: -1})
	add("news", sequence.NewsPublished{ID: "n1"})
	add("a colleague talks", sequence.ColleagueTalks{Lead: "lead-2"})
	add("a colleague has talked", sequence.ColleagueTalks{Lead: "lead-2", Over: true})
	add("an outcome that is not the last is taken back", sequence.OutcomeTakenBack{By: rep, ID: "o0"})
	add("stay_in_touch, with permission", sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: sequence.StayInTouch, Grant: &sequence.Grant{Channel: sequence.ByEmail}})
	add("deal won", sequence.DealWon{ID: "w1"})
	add("disqualified", sequence.LeadDisqualified{Reason: "duplicate"})
	for _, o := range append(sequence.Outcomes(), "shrug") {
		add(string(o), sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: o})
		add(string(o)+", explained", sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: o, WhyNone: true, Reason: true})
		relative(string(o)+", next time agreed", func(now time.Time) sequence.Event {
			return sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: o, Reason: true, NextAt: afternoon(now, 7)}
		})
	}
	add("not_interested, by the decision maker", sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: sequence.NotInterested, Reason: true, DecisionMaker: true})
	relative("call_scheduled in the past", func(now time.Time) sequence.Event {
		return sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: sequence.CallScheduled, NextAt: afternoon(now, -7)}
	})
	relative("call_scheduled at night", func(now time.Time) sequence.Event {
		return sequence.OutcomeRecorded{By: rep, ID: "o9", Outcome: sequence.CallScheduled, NextAt: afternoon(now, 7).Add(9 * time.Hour)}
	})
	return all
}

// afternoon is half past two in Berlin, some days from now.
func afternoon(now time.Time, days int) time.Time {
	zone, _ := sequence.LoadZone("Europe/Berlin")
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+days, 14, 30, 0, 0, zone)
}

// beingSent lives on to the next email and leaves it at the mail server's door.
func beingSent(l *simulate.Life) string {
	touch := "t0"
	l.Mail = func(s sequence.SendEmail) sequence.TouchPerformed {
		touch = s.Touch
		return sequence.TouchPerformed{Touch: "t0", Status: sequence.Cancelled} // says nothing of this touch
	}
	stage := l.Lead.Stage
	for range 20 {
		at, ok := l.Lead.Deadline()
		if !ok || len(l.Lead.InFlight) > 0 {
			break
		}
		before := *l
		l.Now = at
		if err := l.Let(sequence.DeadlineReached{}); err != nil {
			panic(err)
		}
		if l.Lead.Stage != stage || l.Lead.Play != before.Lead.Play { // this play has no email left
			*l = before
			return "t0"
		}
	}
	return touch
}

func cell(before, after sequence.Lead, actions []sequence.Action, err error) string {
	var refusal *sequence.Refusal
	if errors.As(err, &refusal) {
		return "!" + refusal.Code
	}
	var words []string
	restarted := slices.ContainsFunc(entries(actions), func(e sequence.Entry) bool { return e.What == sequence.PlayChanged })
	switch {
	case err != nil:
		return "error: " + err.Error()
	case after.Stage.Final() && !before.Stage.Final():
		words = append(words, string(after.Stage))
	case after.Stage != before.Stage:
		words = append(words, string(after.Stage)+"/"+string(after.Play))
	case restarted:
		words = append(words, "/"+string(after.Play))
	}
	if after.Pause != nil {
		words = append(words, "paused")
	}
	if words == nil {
		return "stays"
	}
	return strings.Join(words, " ")
}

func TestEveryStageAnswersEveryEventAsTheTableSays(t *testing.T) {
	want := readTable(t)
	var stages []sequence.Stage
	for _, h := range happenings() {
		cells, ok := want[h.row]
		require.Truef(t, ok, "the table has no row %q", h.row)
		delete(want, h.row)
		for _, m := range moments(t) {
			stages = append(stages, m.life.Lead.Stage)
			ev := h.event(m.life)
			after, actions, err := sequence.Decide(m.life.Lead, ev, m.life.Now, m.life.Playbook)
			expected, ok := cells[m.column]
			require.Truef(t, ok, "the table does not say what %q does in %q", h.row, m.column)
			require.Equalf(t, expected, cell(m.life.Lead, after, actions, err), "%q in %q", h.row, m.column)
		}
	}
	require.Subset(t, stages, sequence.Stages(), "every stage has a moment")
	require.Empty(t, want, "rows that never happen")
}

func readTable(t *testing.T) map[string]map[string]string {
	var columns []string
	for _, m := range moments(t) {
		columns = append(columns, m.column)
	}
	rows := map[string]map[string]string{}
	for line := range strings.SplitSeq(strings.TrimSpace(table), "\n") {
		row, cells, ok := strings.Cut(line, ": ")
		require.True(t, ok, line)
		require.NotContains(t, rows, row)
		rows[row] = map[string]string{}
		for group := range strings.SplitSeq(cells, " | ") {
			names, result, ok := strings.Cut(group, " → ")
			require.True(t, ok, group)
			for name := range strings.FieldsSeq(names) {
				if name != "living" {
					require.Contains(t, columns, name)
					require.NotContainsf(t, rows[row], name, "%q is told twice in %q", name, row)
					rows[row][name] = result
					continue
				}
				for _, c := range columns {
					if c != "final" {
						rows[row][c] = result
					}
				}
			}
		}
	}
	return rows
}

func TestTheTableLeavesOutNoEventAndNoSendStatus(t *testing.T) {
	happened := map[string]bool{}
	for _, h := range happenings() {
		happened[reflect.TypeOf(h.event(inWarm(t))).Name()] = true
	}
	events, statuses := declared(t)
	require.NotEmpty(t, events)
	for _, name := range events {
		require.Truef(t, happened[name], "%s is in no row of the table", name)
	}
	require.Len(t, sendStatuses(), statuses)
}

// declared reads the package's source: the types that are events, and how many
// ends of an attempt to send there are.
func declared(t *testing.T) (events []string, statuses int) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	inspect := func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Recv != nil && n.Name.Name == "decide" {
				events = append(events, n.Recv.List[0].Type.(*ast.Ident).Name)
			}
		case *ast.ValueSpec:
			if kind, ok := n.Type.(*ast.Ident); ok && kind.Name == "SendStatus" {
				statuses += len(n.Names)
			}
		}
		return true
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(source, inspect)
	}
	slices.Sort(events)
	return events, statuses
}
