package api

import (
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// Doing is one thing that an action would have done at once.
type Doing struct {
	What  string        `json:"what" enum:"email,task,notice,stop,tasks_move,tasks_reopen,colleagues"`
	Line  string        `json:"line" doc:"As a person reads it"`
	Name  string        `json:"name,omitempty" doc:"Of the email's text, the kind of the task, or who is told"`
	To    string        `json:"to,omitempty" doc:"Id of the stakeholder; the lead if left out"`
	DueAt *time.Time    `json:"due_at,omitempty" doc:"Of a task"`
	Rule  sequence.Rule `json:"rule,omitempty"`
}

// doing says what an action of the core comes to; false for what nobody notices.
func doing(action sequence.Action) (Doing, bool) {
	switch a := action.(type) {
	case sequence.SendEmail:
		return Doing{What: "email", Name: a.Text, To: a.To, Rule: a.Rule, Line: emailLine(a)}, true
	case sequence.CreateTask:
		return Doing{What: "task", Name: string(a.Kind), To: a.To, DueAt: &a.DueAt, Rule: a.Rule, Line: taskLine(a)}, true
	case sequence.Notify:
		return Doing{What: "notice", Name: string(a.Who), Rule: a.Rule, Line: "the " + string(a.Who) + " is told: " + a.About}, true
	case sequence.Suppress:
		return Doing{What: "stop", Rule: sequence.StopMeansStop, Line: "every address and number of this person is closed, for everybody here, and mail on its way is held back"}, true
	case sequence.MoveTasks:
		return Doing{What: "tasks_move", Rule: sequence.Inherited, Line: "the open tasks go to the new owner"}, true
	case sequence.ReopenTasks:
		return Doing{What: "tasks_reopen", Line: "the tasks that the outcome closed are open again"}, true
	case sequence.CalmAccount:
		said := "the other leads at the account hear that this one is in conversation"
		if !a.Talking {
			said += " no longer"
		}
		return Doing{What: "colleagues", Rule: sequence.AccountCalm, Line: said}, true
	}
	return Doing{}, false
}

func emailLine(a sequence.SendEmail) string {
	line := "the email " + a.Text + " goes out to "
	if a.To == "" {
		line += "the lead"
	} else {
		line += "a stakeholder"
	}
	switch {
	case a.Invite != nil:
		line += ", with the invitation to the call"
	case a.Cancel != nil:
		line += ", and the call falls away in their calendar"
	}
	if a.By != "" {
		line += ", from the mailbox " + a.By
	}
	return line
}

func taskLine(a sequence.CreateTask) string {
	queue := "the owner's queue"
	if a.By != "" {
		queue = "the queue of the mailbox " + a.By
	}
	line := map[sequence.TaskKind]string{
		sequence.TaskCall: "a call", sequence.TaskManual: "something to do by hand", sequence.TaskReply: "a reply to read and answer",
		sequence.TaskDiagnose: "the question why it went cold", sequence.TaskFindOthers: "the search for others at the account",
		sequence.TaskEngaged: "a look at what they did",
	}[a.Kind] + " comes into " + queue
	if a.Promised {
		line += ", at the time that was agreed"
	}
	return line
}
