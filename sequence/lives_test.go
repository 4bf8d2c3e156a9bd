package sequence_test

import (
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

// This file plays lives for the tests around it: a playbook, a random lead, and
// a world that answers late, twice, or not at all.

var readDefault = sync.OnceValues(playbooks.Default)

func defaultPlaybook(t require.TestingT) *sequence.Playbook {
	pb, err := readDefault()
	require.NoError(t, err)
	return pb
}

// decision is one call of Decide and what was known around it.
type decision struct {
	before, after sequence.Lead
	event         sequence.Event
	pb            *sequence.Playbook
	at            time.Time
	actions       []sequence.Action
	err           error
}

// world drives a lead through random events. Mail takes its time, so that events
// arrive while an email is being handed over.
type world struct {
	rt     *rapid.T
	pb     *sequence.Playbook
	lead   sequence.Lead
	now    time.Time
	mail   []sequence.SendEmail      // being sent
	told   []sequence.TouchPerformed // every result there was
	serial int
	each   func(decision)
}

func aLead(rt *rapid.T) sequence.Lead {
	return sequence.Lead{
		ID: "lead-" + rapid.StringMatching(`[0-9a-f]{8}`).Draw(rt, "id"), Account: "account-1", Owner: "owner-1",
		Zone: rapid.SampledFrom([]string{
			"", "Nowhere/AtAll", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Europe/London", "America/Asuncion",
			"Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati", "Asia/Tokyo", "America/St_Johns",
		}).Draw(rt, "zone"),
		Country: rapid.SampledFrom([]string{"", "DE", "US", "GB", "JP", "FR", "AU", "BR", "XX"}).Draw(rt, "country"),
		NoEmail: rapid.IntRange(0, 9).Draw(rt, "no email") == 0,
		NoPhone: rapid.IntRange(0, 9).Draw(rt, "no phone") == 0,
	}
}

// randomLife lives one life from enrolment for up to some years and shows every
// decision to each.
func randomLife(rt *rapid.T, pb *sequence.Playbook, each func(decision)) {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	w := &world{
		rt: rt, pb: pb, each: each, lead: aLead(rt),
		now: start.Add(time.Duration(rapid.IntRange(0, 3*366*24*60).Draw(rt, "start")) * time.Minute),
	}
	w.let(sequence.Enrolled{ID: "e0", Kind: rapid.SampledFrom(kinds(pb)).Draw(rt, "source")})
	for range rapid.IntRange(0, 24).Draw(rt, "events") {
		w.pass(w.gap())
		if rapid.IntRange(0, 19).Draw(rt, "another policy") == 0 {
			w.migrate()
			continue
		}
		w.let(w.something())
		if rapid.IntRange(0, 9).Draw(rt, "again") == 0 {
			w.let(w.something())
		}
	}
	w.pass(time.Duration(rapid.IntRange(0, 200).Draw(rt, "epilogue")) * 24 * time.Hour)
}

func kinds(pb *sequence.Playbook) []sequence.Kind {
	var all []sequence.Kind
	for k := range pb.Sources {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

func (w *world) let(ev sequence.Event) {
	d := decision{before: w.lead, event: ev, pb: w.pb, at: w.now}
	d.after, d.actions, d.err = sequence.Decide(w.lead, ev, w.now, w.pb)
	w.lead = d.after
	w.each(d)
	for _, a := range d.actions {
		if send, ok := a.(sequence.SendEmail); ok {
			w.mail = append(w.mail, send)
		}
	}
}

// policyChanged stands for the move to another version of the playbook.
type policyChanged struct{ sequence.Event }

// migrate moves the lead to a playbook of another version.
func (w *world) migrate() {
	to := randomPlaybook(w.rt, w.pb)
	d := decision{before: w.lead, event: policyChanged{}, pb: to, at: w.now}
	d.after, d.actions, d.err = sequence.Migrate(w.lead, w.pb, to, w.now)
	if d.err != nil {
		return
	}
	w.pb, w.lead = to, d.after
	w.each(d)
}

// pass lets time go by: deadlines are reached, and mail is handed over some time
// after it was asked for.
func (w *world) pass(d time.Duration) {
	end := w.now.Add(d)
	for range 5_000 {
		if len(w.mail) > 0 {
			w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 2, 90, 3000}).Draw(w.rt, "mail takes")) * time.Minute)
			if rapid.IntRange(0, 19).Draw(w.rt, "meanwhile") == 0 {
				w.let(w.something())
			}
			send := w.mail[0]
			w.mail = w.mail[1:]
			w.let(w.result(send.Touch))
			continue
		}
		at, ok := w.lead.Deadline()
		if !ok || at.After(end) {
			if end.After(w.now) {
				w.now = end
			}
			return
		}
		if at.After(w.now) {
			w.now = at
		}
		w.let(sequence.DeadlineReached{})
	}
	w.rt.Fatalf("the life does not get on: it is still %s, and the deadline %+v", w.now, w.lead.Next)
}

func (w *world) gap() time.Duration {
	return time.Duration(rapid.IntRange(0, 60).Draw(w.rt, "gap")) *
		rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 24 * time.Hour, 24 * time.Hour, 5 * 24 * time.Hour}).Draw(w.rt, "unit")
}

func sendStatuses() []sequence.SendStatus {
	return []sequence.SendStatus{
		sequence.Sent, sequence.Unknown, sequence.Suppressed, sequence.NoAddress,
		sequence.Deferred, sequence.NoReason, sequence.Failed, sequence.Cancelled,
	}
}

func (w *world) result(touch string) sequence.TouchPerformed {
	r := sequence.TouchPerformed{Touch: touch, Status: sequence.Sent}
	if rapid.IntRange(0, 3).Draw(w.rt, "mail trouble") == 0 {
		r.Status = rapid.SampledFrom(sendStatuses()).Draw(w.rt, "status")
	}
	if r.Status == sequence.Deferred {
		r.RetryAt = w.now.Add(time.Duration(rapid.IntRange(-60, 3000).Draw(w.rt, "retry")) * time.Minute)
		r.Why = rapid.SampledFrom([]string{"", sequence.MailboxFull, sequence.MailboxParked}).Draw(w.rt, "why")
	}
	w.told = append(w.told, r)
	return r
}

// soon is an instant around now, more often ahead and more often sensible.
func (w *world) soon(label string) time.Time {
	if rapid.IntRange(0, 3).Draw(w.rt, label+" given") == 0 {
		return time.Time{}
	}
	zone := sequence.PlaceOf(w.lead, w.pb).Zone
	y, m, d := w.now.In(zone).AddDate(0, 0, rapid.SampledFrom([]int{-3, 0, 1, 2, 5, 30, 200, 900}).Draw(w.rt, label+" days")).Date()
	return time.Date(y, m, d, 0, rapid.SampledFrom([]int{10 * 60, 14*60 + 30, 19 * 60, 20*60 + 59, 3 * 60, 8 * 60}).Draw(w.rt, label+" at"), 0, 0, zone)
}

func (w *world) person() string {
	return rapid.SampledFrom([]string{"", "", "s1", "s2", "s3"}).Draw(w.rt, "person")
}

// writes reports whether what is planned is an email.
func (w *world) writes(n *sequence.Planned) bool {
	return n.Step >= 0 && w.pb.Steps(w.lead.Stage, w.lead.Play)[n.Step].Email != ""
}

// something draws the next thing to happen: mostly what reps and leads do, now
// and then a stop, a duplicate or a stray message.
func (w *world) something() sequence.Event {
	w.serial++
	id := "x" + string(rune('a'+w.serial%26))
	rt, by := w.rt, sequence.By{Actor: "owner-1"}
	switch rapid.IntRange(0, 49).Draw(rt, "event") {
	case 0:
		return sequence.Enrolled{ID: id, Kind: "info_request"}
	case 1:
		if next := w.lead.Next; next != nil && rapid.Bool().Draw(rt, "a slot") {
			return sequence.SlotGiven{Touch: next.Touch, At: w.soon("slot")}
		}
		return sequence.DeadlineReached{}
	case 2:
		if len(w.told) > 0 {
			return rapid.SampledFrom(w.told).Draw(rt, "told again")
		}
		if next := w.lead.Next; next != nil && w.writes(next) && rapid.Bool().Draw(rt, "abandoned") {
			return sequence.SendAbandoned{Touch: next.Touch}
		}
		return sequence.TouchPerformed{Touch: "t999", Status: sequence.Sent}
	case 3, 4, 5:
		return sequence.EngagementRecorded{ID: id, Kind: rapid.SampledFrom(append(kinds(w.pb), "unheard_of")).Draw(rt, "kind"), At: w.now}
	case 6, 7:
		return sequence.ReplyReceived{ID: id, From: w.person()}
	case 8, 9:
		return sequence.AutoReplyReceived{ID: id, Until: w.soon("back")}
	case 10:
		if rapid.IntRange(0, 2).Draw(rt, "found again") == 0 {
			return sequence.AddressFound{By: by, ID: id, Channel: rapid.SampledFrom([]sequence.Channel{sequence.ByEmail, sequence.ByCall}).Draw(rt, "found")}
		}
		return sequence.AddressFailed{ID: id, Channel: rapid.SampledFrom([]sequence.Channel{sequence.ByEmail, sequence.ByCall, sequence.ByManual}).Draw(rt, "channel")}
	case 11:
		return rapid.SampledFrom([]sequence.Event{
			sequence.OptedOut{ID: id, Via: "link"}, sequence.DealWon{ID: id}, sequence.LeadDisqualified{Reason: "not_a_fit"},
		}).Draw(rt, "end")
	case 12:
		return sequence.Snoozed{By: by, Until: w.soon("snooze")}
	case 13, 14:
		return sequence.Paused{By: by, Reason: rapid.SampledFrom(pauseReasons()).Draw(rt, "reason"), Until: w.soon("pause")}
	case 15, 16, 17:
		return sequence.Resumed{By: by}
	case 18:
		return sequence.Reassigned{By: by, Owner: rapid.SampledFrom([]string{"owner-1", "owner-2"}).Draw(rt, "owner")}
	case 19, 20:
		return sequence.StakeholderNamed{By: by, ID: rapid.SampledFrom([]string{"s1", "s2", "s3"}).Draw(rt, "stakeholder")}
	case 21:
		return sequence.ProposalSent{By: by, ID: id, ExpiresAt: w.soon("expiry")}
	case 22:
		return sequence.PermissionGranted{By: by, ID: id, Channel: sequence.ByEmail, Every: sequence.Wait{N: rapid.IntRange(0, 6).Draw(rt, "every"), Unit: sequence.Weeks}, Until: w.soon("permission")}
	case 23:
		return sequence.Diagnosed{By: by, ID: id, Diagnosis: rapid.SampledFrom(append(sequence.Diagnoses(), "hunch")).Draw(rt, "diagnosis")}
	case 24, 25, 26:
		return sequence.TaskDone{By: by, ID: id, Kind: rapid.SampledFrom(taskKinds()).Draw(rt, "task")}
	case 27:
		return sequence.WorkParked{Detail: "an activity was refused"}
	case 28, 29:
		return sequence.ColleagueTalks{Lead: rapid.SampledFrom([]string{"lead-8", "lead-9"}).Draw(rt, "colleague"), Over: rapid.Bool().Draw(rt, "over")}
	case 30, 31:
		return sequence.NewsPublished{ID: id}
	case 32:
		return sequence.AmountEstimated{By: by, Amount: int64(rapid.IntRange(-1, 9).Draw(rt, "amount")) * 250_00}
	case 36, 37:
		return w.answer(id)
	case 33, 34, 35:
		return sequence.OutcomeTakenBack{By: by, ID: w.lastOutcome()}
	}
	return sequence.OutcomeRecorded{
		By: by, ID: id, Outcome: rapid.SampledFrom(w.outcomes()).Draw(rt, "outcome"), With: w.person(), NextAt: w.soon("next"),
		WhyNone: rapid.Bool().Draw(rt, "why none"), Reason: rapid.Bool().Draw(rt, "reason given"), DecisionMaker: rapid.Bool().Draw(rt, "decides"),
		Grant: w.grant(),
	}
}

// answer is what somebody says to an invitation, most often to the one that stands.
func (w *world) answer(id string) sequence.Event {
	ev := answered(w.lead, rapid.SampledFrom(append(sequence.InvitationAnswers(), "eaten")).Draw(w.rt, "answer"))
	ev.ID, ev.At = id, w.soon("instead")
	if rapid.IntRange(0, 4).Draw(w.rt, "another answer") == 0 {
		ev.From, ev.Seq = w.person(), rapid.IntRange(0, 2).Draw(w.rt, "sequence")
	}
	return ev
}

func (w *world) lastOutcome() string {
	if u := w.lead.Undo; u != nil {
		return u.Outcome
	}
	return "o?"
}

func (w *world) grant() *sequence.Grant {
	if rapid.IntRange(0, 3).Draw(w.rt, "leave to write") > 0 {
		return nil
	}
	return &sequence.Grant{
		Channel: rapid.SampledFrom([]sequence.Channel{"", sequence.ByEmail, sequence.ByCall}).Draw(w.rt, "by"),
		Every:   sequence.Wait{N: rapid.IntRange(0, 3).Draw(w.rt, "months"), Unit: sequence.Months}, Until: w.soon("leave"),
	}
}

// outcomes weighs attempts that reach nobody more than ends.
func (w *world) outcomes() []sequence.Outcome {
	all := append(sequence.Outcomes(), sequence.NoAnswer, sequence.NoAnswer, sequence.Voicemail, sequence.Voicemail, sequence.CallScheduled,
		sequence.CallScheduled, sequence.MissedByLead, sequence.MissedByLead, sequence.Interested, sequence.PrimaryObject)
	return append(all, all[:11]...)
}

func pauseReasons() []sequence.PauseReason {
	return []sequence.PauseReason{
		sequence.PausedOutOfOffice, sequence.PausedSnoozed, sequence.PausedReply, sequence.PausedMailbox,
		sequence.PausedColleague, sequence.PausedOwnerAway, sequence.PausedByHand, sequence.PausedParked,
	}
}

func taskKinds() []sequence.TaskKind {
	return []sequence.TaskKind{
		sequence.TaskCall, sequence.TaskManual, sequence.TaskReply, sequence.TaskDiagnose, sequence.TaskFindOthers, sequence.TaskEngaged,
	}
}

func mustJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// entries are the lines of the timeline among actions.
func entries(actions []sequence.Action) []sequence.Entry { return only[sequence.Entry](actions) }

func only[A sequence.Action](actions []sequence.Action) []A {
	var found []A
	for _, a := range actions {
		if one, ok := a.(A); ok {
			found = append(found, one)
		}
	}
	return found
}
