package workflows_test

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// played are the lives that are recorded; together they show every shape.
var played = []struct {
	name string
	play func(*play)
}{
	{"life", long},
	{"storm", func(p *play) { p.storm(); long(p) }},
	{"told", everythingTold},
	{"waiting", waiting},
	{"meanwhile", meanwhile},
	{"called-off", calledOff},
	{"parked", parked},
	{"won", won},
	{"stopped", func(p *play) { p.storm(); stopped(p) }},
	{"stopped-at-once", stopped},
	{"disqualified", disqualified},
	{"move", move},
	{"list", list},
	{"batch", many},
	{"webhook", delivered},
}

// long goes through the stages in which a rep talks to the lead.
func long(p *play) {
	p.enrol()
	p.asleep()
	stakeholder := uuid.NewString()
	p.decide(workflows.EstimateAmount, sequence.AmountEstimated{By: byOwner, Amount: 500_000})
	p.decide(workflows.NameStakeholder, sequence.StakeholderNamed{By: byOwner, ID: stakeholder})
	p.decide(workflows.RecordOutcome, outcome("o1", sequence.Voicemail))
	p.decide(workflows.TakeBackOutcome, sequence.OutcomeTakenBack{By: byOwner, ID: "o1"})
	p.decide(workflows.Reassign, sequence.Reassigned{By: byOwner, Owner: "0190f5fe-7c00-7000-8000-0000000000ab"})

	agreed := outcome("o2", sequence.CallScheduled)
	agreed.NextAt = p.week()
	p.decide(workflows.RecordOutcome, agreed)
	p.until("the invitation is out", func(l sequence.Lead) bool { return len(l.Invited) > 0 && len(l.InFlight) == 0 })
	say(p, workflows.InvitationSignal, sequence.InvitationAnswered{ID: "i1", UID: p.world.lead().Call.UID, Answer: sequence.Declined})
	p.decide(workflows.CompleteTask, sequence.TaskDone{By: byOwner, ID: "k1", Kind: sequence.TaskReply})

	p.decide(workflows.RecordOutcome, outcome("o3", sequence.NotTheOne))
	p.until("the stakeholder is written to", func(sequence.Lead) bool { return len(p.world.made(activities.StartOutreach)) > 0 })
	p.until("and the row says so", func(l sequence.Lead) bool { return len(l.InFlight) == 0 })
	no := outcome("o4", sequence.NotInterested)
	no.Reason = true
	p.decide(workflows.RecordOutcome, no)
	p.decide(workflows.GiveDiagnosis, sequence.Diagnosed{By: byOwner, ID: "d1", Diagnosis: sequence.Timing})
	say(p, workflows.ReplySignal, sequence.ReplyReceived{ID: "r1"})
}

// everythingTold has every machine report and every other decision reach one lead.
func everythingTold(p *play) {
	p.enrol()
	p.asleep()
	say(p, workflows.EngagementSignal, sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: p.now()})
	say(p, workflows.AddressFailedSignal, sequence.AddressFailed{ID: "f1", Channel: sequence.ByCall})
	say(p, workflows.AddressFoundSignal, sequence.AddressFound{By: byOwner, ID: "f2", Channel: sequence.ByCall})
	say(p, workflows.ColleagueSignal, sequence.ColleagueTalks{Lead: "another"})
	say(p, workflows.ColleagueSignal, sequence.ColleagueTalks{Lead: "another", Over: true})
	say(p, workflows.AutoReplySignal, sequence.AutoReplyReceived{ID: "a1", Until: p.now().AddDate(0, 2, 0)})
	say(p, workflows.NewsSignal, sequence.NewsPublished{ID: "c1"})
	say(p, workflows.SlotSignal, sequence.SlotGiven{Touch: "t2", At: p.now()})
	say(p, workflows.AbandonedSignal, sequence.SendAbandoned{Touch: "t99"})
	say(p, workflows.ClockSignal, *p.clock)
	p.decide(workflows.Resume, sequence.Resumed{By: byOwner})
	p.decide(workflows.ReportProposal, sequence.ProposalSent{By: byOwner, ID: "p1", ExpiresAt: p.now().AddDate(0, 1, 0)})
	p.decide(workflows.GrantPermission, sequence.PermissionGranted{By: byOwner, ID: "g1", Channel: sequence.ByEmail})
	p.decide(workflows.Snooze, sequence.Snoozed{By: byOwner, Until: p.now().AddDate(0, 3, 0)})
	p.decide(workflows.Resume, sequence.Resumed{By: byOwner})
	p.decide(workflows.ChangePlaybook, workflows.PlaybookChange{From: playbook().ID, To: another(playbook()).ID})
	p.decide(workflows.RecordOutcome, outcome("o1", sequence.Voicemail)) // nothing is owed any more
	p.decide(workflows.Pause, sequence.Paused{By: byOwner, Reason: sequence.PausedByHand})
	p.decide(workflows.Resume, sequence.Resumed{By: byOwner})
	say(p, workflows.AbandonedSignal, sequence.SendAbandoned{Touch: "t99"})
	say(p, workflows.DecisionSignal, workflows.Decision{Update: workflows.EstimateAmount, Event: []byte(`{"amount": 700000}`)})
}

// waiting is told things while the server retries a send.
func waiting(p *play) {
	var away atomic.Bool
	away.Store(true)
	p.world.fail = failing(&away, activities.SendEmail)
	p.enrol()
	p.retried(activities.SendEmail)
	p.decide(workflows.EstimateAmount, sequence.AmountEstimated{By: byOwner, Amount: 500_000})
	tell(p, workflows.EngagementSignal, sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: p.now()})
	p.decide(workflows.Reassign, sequence.Reassigned{By: byOwner, Owner: "0190f5fe-7c00-7000-8000-0000000000ab"})
	away.Store(false)
	p.asleep()
}

// calledOff replies while the server retries a send.
func calledOff(p *play) {
	var away atomic.Bool
	away.Store(true)
	p.world.fail = failing(&away, activities.SendEmail)
	p.enrol()
	p.retried(activities.SendEmail)
	say(p, workflows.ReplySignal, sequence.ReplyReceived{ID: "r1"})
	p.until("the reply is answered first", func(l sequence.Lead) bool { return l.Pause != nil && len(l.InFlight) == 0 })
	away.Store(false)
	p.decide(workflows.CompleteTask, sequence.TaskDone{By: byOwner, ID: "k1", Kind: sequence.TaskReply})
	p.asleep()
}

// meanwhile hears of something while it writes its row.
func meanwhile(p *play) {
	var once atomic.Bool
	p.world.fail = func(what string, n int) error {
		if what == activities.SaveLead && n == 2 && once.CompareAndSwap(false, true) {
			tell(p, workflows.EngagementSignal, sequence.EngagementRecorded{ID: "e2", Kind: "site_visit", At: monday})
		}
		return nil
	}
	p.enrol()
	p.asleep()
	p.until("it has heard of it", func(l sequence.Lead) bool { return len(l.Engaged) == 2 })
}

// parked cannot do something for good, and is resumed.
func parked(p *play) {
	var gone atomic.Bool
	gone.Store(true)
	p.world.fail = func(what string, _ int) error {
		if what == activities.CreateTask && gone.Load() {
			return fmt.Errorf("lead %s: %w", p.lead, activities.ErrGone)
		}
		return nil
	}
	p.enrol()
	p.until("it is parked", func(l sequence.Lead) bool { return l.Pause != nil && l.Pause.Reason == sequence.PausedParked })
	gone.Store(false)
	p.decide(workflows.Resume, sequence.Resumed{By: byOwner})
}

// won is bought from while the mail server does not take the cancellation.
func won(p *play) {
	var away atomic.Bool
	p.world.mail = func(sequence.SendEmail) activities.Verdict {
		if away.CompareAndSwap(true, false) {
			return activities.Verdict{Status: sequence.Deferred, Detail: "the mail server said 451", RetryAt: p.now().Add(48 * time.Hour)}
		}
		return activities.Verdict{Status: sequence.Sent}
	}
	p.enrol()
	p.asleep()
	agreed := outcome("o1", sequence.CallScheduled)
	agreed.NextAt = p.week()
	p.decide(workflows.RecordOutcome, agreed)
	p.until("the invitation is out", func(l sequence.Lead) bool { return len(l.Invited) > 0 && len(l.InFlight) == 0 })
	away.Store(true)
	p.decide(workflows.Win, sequence.DealWon{By: byOwner, ID: "w1"})
	p.ended()
	require.Empty(p, p.world.lead().Invited)
}

// stopped says stop to the rep, and once more by the link.
func stopped(p *play) {
	p.enrol()
	p.asleep()
	if p.world.fail == nil {
		tell(p, workflows.OptOutSignal, sequence.OptedOut{ID: "s1", Via: "link"})
	} else {
		p.decide(workflows.RecordOutcome, outcome("o1", sequence.StopOutcome))
	}
	p.ended()
}

func disqualified(p *play) {
	p.enrol()
	p.asleep()
	p.decide(workflows.Disqualify, sequence.LeadDisqualified{By: byOwner, Reason: "not_a_fit"})
	p.ended()
}

// move asks more leads than one run of it takes, and some of them twice.
func move(p *play) {
	*p.flock = *newFlock(5_150)
	p.flock.answer = func(lead string, n int) error {
		if lead == "lead-005100" && n == 1 {
			return &sequence.Refusal{Code: "touch_in_flight"}
		}
		return nil
	}
	p.id = workflows.MoveID("m1")
	_, err := p.client.ExecuteWorkflow(p.Context(), client.StartWorkflowOptions{ID: p.id, TaskQueue: workflows.TaskQueue}, workflows.MoveWorkflow, theMove)
	require.NoError(p, err)
	p.ended()
}

// list lets in more rows than one run takes.
func list(p *play) {
	p.id = workflows.ImportID("i1", 1)
	_, err := p.client.ExecuteWorkflow(p.Context(), client.StartWorkflowOptions{ID: p.id, TaskQueue: workflows.TaskQueue}, workflows.ImportWorkflow,
		activities.Rows{Import: uuid.Nil.String(), Pass: 1})
	require.NoError(p, err)
	p.ended()
}

// many asks more leads than one run does, and one of them twice.
func many(p *play) {
	p.id = workflows.BatchID("b1", 1)
	_, err := p.client.ExecuteWorkflow(p.Context(), client.StartWorkflowOptions{ID: p.id, TaskQueue: workflows.TaskQueue}, workflows.BatchWorkflow,
		workflows.Batch{Chosen: activities.Chosen{Batch: uuid.Nil.String(), Pass: 1}})
	require.NoError(p, err)
	p.ended()
}

// delivered tries again, is woken, has more to do than one run takes, and ends.
func delivered(p *play) {
	woken := make(chan struct{})
	p.bag.round = func(n int, now time.Time) (activities.Delivered, error) {
		switch {
		case n == 1:
			return activities.Delivered{NextAt: now.Add(time.Second)}, nil
		case n == 2:
			close(woken)
			return activities.Delivered{NextAt: now.Add(time.Hour)}, nil
		}
		return activities.Delivered{More: n < 55}, nil
	}
	p.id = workflows.WebhookID("0190f5fe-7c00-7000-8000-0000000000ee")
	wake := func() {
		require.NoError(p, engine.Engine{Client: p.client}.WakeWebhook(p.Context(), "0190f5fe-7c00-7000-8000-0000000000ee"))
	}
	wake()
	<-woken
	p.waits()
	wake()
	p.ended()
}

// failing has one activity fail while something is away.
func failing(away *atomic.Bool, which string) func(string, int) error {
	return func(what string, _ int) error {
		if what == which && away.Load() {
			return errAway
		}
		return nil
	}
}

// retried waits until the server has taken an activity over.
func (p *play) retried(what string) {
	p.Helper()
	require.Eventually(p, func() bool { return len(p.world.made(what)) >= 2 }, time.Minute, 10*time.Millisecond, what)
}
