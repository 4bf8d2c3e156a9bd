package e2e_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/rekindlehq/rekindle/internal/engine"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// deployment is a stack whose workers are of two releases.
type deployment struct {
	*killing
	later   string // the program
	known   []*moment
	reviews map[*moment]int // that must have been asked for in the end
}

// outages make the database refuse what is written for a lead into a table.
const outages = `
CREATE TABLE outages (lead uuid, what text);
CREATE FUNCTION outage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM outages WHERE coalesce(lead, NEW.lead_id) = NEW.lead_id AND what = TG_TABLE_NAME) THEN RAISE EXCEPTION 'away'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER outage BEFORE INSERT ON send_ledger FOR EACH ROW EXECUTE FUNCTION outage();
CREATE TRIGGER outage BEFORE INSERT ON notifications FOR EACH ROW EXECUTE FUNCTION outage();`

func newDeployment(t *testing.T) *deployment {
	d := &deployment{killing: newKilling(t), later: buildLater(t), reviews: map[*moment]int{}}
	d.exec(outages)
	return d
}

func (d *deployment) exec(sql string, args ...any) {
	d.Helper()
	_, err := d.app.Store.Pool.Exec(d.Context(), sql, args...)
	require.NoError(d, err)
}

// earlier starts a worker of this release and waits until it takes work.
func (d *deployment) earlier(name string) *process { return d.takesWork(d.work(name)) }

// release starts one of the later release.
func (d *deployment) release(name string) *process {
	return d.takesWork(d.stack.work(d.later, name, d.sink.gate.Addr().String()))
}

func (d *deployment) takesWork(p *process) *process {
	d.Helper()
	d.eventually("the worker takes work", time.Minute, func() bool {
		q, err := d.app.Temporal.DescribeTaskQueue(d.Context(), workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
		return err == nil && slices.ContainsFunc(q.GetPollers(), func(info *taskqueuepb.PollerInfo) bool {
			return strings.HasPrefix(info.GetIdentity(), fmt.Sprintf("%d@", p.cmd.Process.Pid))
		})
	})
	return p
}

// begin enrols somebody new; away is a table that refuses what is written for them.
func (d *deployment) begin(name, away string, at point) *moment {
	n := len(d.known)
	m := &moment{name: name, at: at, person: fmt.Sprintf("ann@lead%02d.example", n), writer: fmt.Sprintf("rep%02d@us.example", n)}
	d.known = append(d.known, m)
	d.expect(m)
	if away != "" { // before the lead is there, and so before anything is done for it
		d.exec("INSERT INTO outages SELECT NULL, $1", away)
	}
	d.enrol([]*moment{m})
	if away != "" {
		d.exec("UPDATE outages SET lead = $1 WHERE lead IS NULL", m.lead)
	}
	return m
}

func (d *deployment) backUp(m *moment) { d.exec("DELETE FROM outages WHERE lead = $1", m.lead) }

// decide has the owner decide something about a lead, who must accept it.
func (d *deployment) decide(m *moment, update string, event sequence.Event) sequence.Lead {
	d.Helper()
	lead, err := engine.Engine{Client: d.app.Temporal}.Ask(d.Context(), m.lead.String(), update, uuid.NewString(), event)
	require.NoError(d, err, "%s: %s", m.name, update)
	return lead
}

// goesOn waits until the first email is out and the first call is asked for.
func (d *deployment) goesOn(all ...*moment) {
	d.Helper()
	for _, m := range all {
		d.eventually("the life goes on: "+m.name, workflows.TurnTimeout+time.Minute, func() bool { // the server retries once a minute in the end
			return len(d.mails(m.person)) == 1 && d.count("SELECT count(*) FROM tasks WHERE lead_id = $1 AND kind = 'call'", m.lead) == 1
		})
	}
}

// retried waits until the server retries an activity because of a failure.
func (d *deployment) retried(m *moment, activity, failure string) {
	d.Helper()
	d.eventually(activity+" is retried, "+failure+": "+m.name, 2*time.Minute, func() bool {
		return slices.ContainsFunc(d.described(m).GetPendingActivities(), func(a *workflowpb.PendingActivityInfo) bool {
			return a.GetActivityType().GetName() == activity && strings.Contains(a.GetLastFailure().GetMessage(), failure)
		})
	})
}

func (d *deployment) described(m *moment) *workflowservice.DescribeWorkflowExecutionResponse {
	d.Helper()
	r, err := d.app.Temporal.DescribeWorkflowExecution(d.Context(), workflows.WorkflowID(m.lead.String()), "")
	require.NoError(d, err)
	return r
}

// history is that of the lead's latest run.
func (d *deployment) history(m *moment) (events []*historypb.HistoryEvent) {
	d.Helper()
	it := d.app.Temporal.GetWorkflowHistory(d.Context(), workflows.WorkflowID(m.lead.String()), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for it.HasNext() {
		e, err := it.Next()
		require.NoError(d, err)
		events = append(events, e)
	}
	return events
}

// stands is the state of the lead as its latest run has it: from its last turn, or
// what it began with.
func (d *deployment) stands(m *moment) string {
	d.Helper()
	events := d.history(m)
	for _, e := range slices.Backward(events) {
		if result := e.GetMarkerRecordedEventAttributes().GetDetails()["result"]; result != nil {
			return string(result.GetPayloads()[0].GetData())
		}
	}
	return string(events[0].GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()[0].GetData())
}

// halfDone waits until the mail server holds the email, before which something else
// was done in the same turn.
func (d *deployment) halfDone(m *moment) {
	d.Helper()
	d.eventually("the email is being sent: "+m.name, time.Minute, func() bool { return d.sink.holding(m.person) })
	require.Equal(d, 1, d.count("SELECT count(*) FROM notifications WHERE lead_id = $1 AND starts_with(about, 'review of')", m.lead), m.name)
}

// sound checks everybody: written to once, waiting quietly, with every line of the
// timeline, and each review asked for once.
func (d *deployment) sound() {
	d.Helper()
	for _, m := range d.known {
		d.eventually("no task is failing or under way: "+m.name, time.Minute, func() bool {
			r := d.described(m)
			return r.GetPendingWorkflowTask() == nil && len(r.GetPendingActivities()) == 0 &&
				r.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		})
		require.Len(d, d.mails(m.person), 1, m.name)
		require.Equal(d, "sent", d.state(m), m.name)
		require.Equal(d, 1, d.count("SELECT count(*) FROM tasks WHERE lead_id = $1 AND kind = 'call'", m.lead), m.name)
		require.Equal(d, d.count("SELECT max(n) FROM audit WHERE lead_id = $1", m.lead), d.count("SELECT count(DISTINCT n) FROM audit WHERE lead_id = $1", m.lead), m.name)
		if n, ok := d.reviews[m]; ok {
			require.Equal(d, n, d.count("SELECT count(*) FROM notifications WHERE lead_id = $1 AND starts_with(about, 'review of')", m.lead), m.name)
		}
	}
	ids := d.messageIDs()
	require.Len(d, slices.Compact(slices.Sorted(slices.Values(ids))), len(d.known))
}

// both enrols some while workers of both releases run.
func (d *deployment) both(name string) {
	var some []*moment
	for range 6 {
		some = append(some, d.begin(name, "", ""))
	}
	d.goesOn(some...)
}

func TestLeadsLiveOnWhileWorkersOfTwoReleasesTakeTurnsForwardAndBack(t *testing.T) {
	d := newDeployment(t)
	voicemail := sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.Voicemail}
	amount := sequence.AmountEstimated{Amount: 500_000}

	old := d.earlier("old")
	asleep, retried := d.begin("asleep under the old release", "", ""), d.begin("retried under the old release", "send_ledger", "")
	d.goesOn(asleep)
	d.retried(retried, "SendEmail", "away")

	later := d.release("later")
	d.both("enrolled while both run, forward")
	d.decide(retried, workflows.EstimateAmount, amount) // in the middle of a turn
	require.Equal(t, 1, d.decide(asleep, workflows.RecordOutcome, voicemail).Voicemails)
	old.tell()
	old.stopped()
	d.decide(retried, workflows.EstimateAmount, amount)
	d.backUp(retried)
	d.goesOn(retried)
	d.reviews[asleep], d.reviews[retried] = 0, 0 // what the old release decided is done as it was decided

	fresh, held := d.begin("asleep under the later release", "", ""), d.begin("held by the mail server", "", atRecipient)
	d.goesOn(fresh)
	d.halfDone(held)
	unknown := d.begin("retried under the later release", "notifications", "")
	d.reviews[fresh], d.reviews[held], d.reviews[unknown] = 1, 1, 1
	d.retried(unknown, "AskForReview", "away")

	back := d.earlier("back")
	d.both("enrolled while both run, back")
	later.tell()
	d.letGo() // a worker that is told to stop finishes what it does
	later.stopped()
	d.goesOn(held)
	d.backUp(unknown)
	d.decide(fresh, workflows.RecordOutcome, voicemail)
	d.decide(unknown, workflows.EstimateAmount, amount)
	d.retried(unknown, "AskForReview", "unable to find activityType=AskForReview") // and leaves it to the later release
	d.eventually("the old release has put the lead to sleep again", time.Minute, func() bool {
		return strings.Contains(d.stands(fresh), `"voicemails":1`) && d.described(fresh).GetPendingWorkflowTask() == nil
	})
	require.Contains(t, d.stands(fresh), `"reviews":1`, "and has kept what it does not know")
	require.Empty(t, d.mails(unknown.person))

	d.release("later again")
	d.goesOn(unknown)
	back.tell()
	back.stopped()
	d.sound()
}

func TestATurnInWhichALaterWorkerIsKilledIsTakenAnewByAnEarlierOne(t *testing.T) {
	d := newDeployment(t)
	later := d.release("later")
	held := d.begin("held by the mail server", "", atRecipient)
	d.halfDone(held)
	later.kill()
	d.letGo()
	d.earlier("back")
	d.goesOn(held)
	d.sound()
}

// The remedy of docs/deploying.md, at the worst moments.
func TestALeadThatIsSentBackToTheBeginningOfItsRunDoesNothingTwice(t *testing.T) {
	d := newDeployment(t)
	d.earlier("worker")
	asleep, retried := d.begin("asleep", "", ""), d.begin("retried by the server", "send_ledger", "")
	d.goesOn(asleep)
	d.retried(retried, "SendEmail", "away")
	d.decide(retried, workflows.EstimateAmount, sequence.AmountEstimated{Amount: 500_000})
	for _, m := range d.known {
		d.eventually("it waits: "+m.name, time.Minute, func() bool { return len(d.history(m)) >= 5 })
		out, err := exec.CommandContext(t.Context(), d.options.Bin, "workflow", "reset", "--address", d.temporal.Address(),
			"--workflow-id", workflows.WorkflowID(m.lead.String()), "--type", "FirstWorkflowTask", "--reason", "test").CombinedOutput()
		require.NoError(t, err, string(out))
	}
	d.retried(retried, "SendEmail", "away")
	d.backUp(retried)
	d.goesOn(retried)
	d.sound()
	require.EqualValues(t, 500_000, d.decide(retried, workflows.RecordOutcome, sequence.OutcomeRecorded{ID: "o1", Outcome: sequence.Voicemail}).Amount, "what was said meanwhile is told again")
}
