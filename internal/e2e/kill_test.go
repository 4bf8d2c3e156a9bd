package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/devmail"
	"github.com/rekindlehq/rekindle/sequence"
	"github.com/rekindlehq/rekindle/workflows"
)

// moment is where in the sending of a mail something dies, and what must have
// become of the mail in the end. Each has a lead and a rep of its own.
type moment struct {
	name  string
	at    point  // the mail server holds the mail there; or
	early string // a lock on lead $1 or address $2 is taken before the worker starts; or
	late  string // a lock on lead $1 is taken before the server's last answer;
	waits string // and a statement of the worker that begins so waits for it
	end   error  // what the server does with the message when it has gone on
	mails int    // in the mail server
	state string // of the ledger

	lead           uuid.UUID
	person, writer string
}

const (
	lockPerson  = "SELECT FROM people WHERE id = (SELECT person_id FROM leads WHERE id = $1 AND $2 <> '') FOR UPDATE"
	lockLead    = "SELECT FROM leads WHERE id = $1 AND $2 <> '' FOR UPDATE"
	lockRow     = "SELECT FROM send_ledger WHERE lead_id = $1 AND $2 <> '' FOR UPDATE"
	lockAddress = "SELECT pg_advisory_xact_lock(hashtextextended(encode(sha256(convert_to('rekindle suppression: ' || $2, 'UTF8')), 'hex'), 7)) WHERE $1::uuid IS NOT NULL"
)

// deaths are all the points at which a worker can die, in the order of the
// protocol: docs/architecture.md, The send ledger.
func deaths() []*moment {
	return []*moment{
		{name: "before Reserve commits", early: lockPerson, waits: "-- name: InsertLedger", mails: 1, state: "sent"},
		{name: "after Reserve, before the mail server is dialled", early: lockAddress, waits: "SELECT pg_advisory_xact_lock_shared", mails: 1, state: "sent"},
		{name: "at MAIL FROM", at: atSender, mails: 1, state: "sent"},
		{name: "at RCPT TO", at: atRecipient, mails: 1, state: "sent"},
		{name: "at DATA, before the message", at: atData, mails: 0, state: "unknown"},
		{name: "in the message, before its final dot", at: atLastDot, mails: 0, state: "unknown"},
		{name: "after the final dot, the server lost it", at: afterDot, end: devmail.ErrHangUpLost, mails: 0, state: "unknown"},
		{name: "after the final dot, the server kept it", at: afterKept, mails: 1, state: "unknown"},
		{name: "after the answer, before the verdict commits", late: lockRow, waits: "-- name: EndLedger", mails: 1, state: "unknown"},
		{name: "after the commit, before Temporal hears", late: lockLead, waits: "-- name: SaveTurn", mails: 1, state: "sent"},
	}
}

// cuts are connections that the mail server ends before its answer, while nobody
// dies.
func cuts() []*moment {
	return []*moment{
		{name: "hung up before the answer, lost it", end: devmail.ErrHangUpLost, mails: 0, state: "unknown"},
		{name: "hung up before the answer, kept it", end: devmail.ErrHangUpKept, mails: 1, state: "unknown"},
	}
}

func TestAWorkerThatIsKilledAtAnyPointOfASendSendsNothingTwiceAndLosesNothingSilently(t *testing.T) {
	k := newKilling(t)
	killed, cut := deaths(), cuts()
	for i, m := range append(slices.Clone(killed), cut...) {
		m.person, m.writer = fmt.Sprintf("ann@m%d.example", i), fmt.Sprintf("rep%d@us.example", i)
		k.expect(m)
	}
	k.enrol(killed)
	for _, m := range killed {
		if m.early != "" {
			k.lock(m.early, m)
		}
	}

	first := k.work("first")
	for _, m := range killed {
		k.eventually("a mail stands "+m.name, 30*time.Second, func() bool { return k.stands(m) })
	}
	first.kill()
	k.letGo()
	k.eventually("the database sees that the first worker is gone", 10*time.Second, func() bool {
		return k.count("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'first'") == 0
	})

	k.work("second")
	k.enrol(cut)
	table := []string{"point | mails in the server | ledger | owner told | timeline"}
	for _, m := range append(killed, cut...) {
		var made []string
		k.eventually("the life goes on that stood "+m.name, workflows.TurnTimeout+time.Minute, func() bool {
			made = k.lines(m.lead, sequence.TouchMade)
			return len(made) > 0 && k.count("SELECT count(*) FROM tasks WHERE lead_id = $1 AND kind = 'call'", m.lead) == 1
		})
		state := k.state(m)
		told := k.count("SELECT count(*) FROM notifications WHERE lead_id = $1 AND who = 'owner'", m.lead)
		table = append(table, fmt.Sprintf("%s | %d | %s | %d | %s", m.name, len(k.mails(m.person)), state, told, strings.Join(made, " ++ ")))

		require.Len(t, k.mails(m.person), m.mails, m.name)
		require.Equal(t, m.state, state, m.name)
		require.Len(t, made, 1, "%s: it counts once", m.name)
		require.Contains(t, made[0], "email warm/acknowledge "+m.state, m.name)
		require.Equal(t, m.state == "unknown", told == 1, "%s: the owner is told of what nobody knows, %d times", m.name, told)
		require.Equal(t, told, len(k.lines(m.lead, sequence.PersonTold)), m.name)
	}
	t.Log("\n" + strings.Join(table, "\n"))
	for _, id := range k.messageIDs() {
		require.Equal(t, 1, k.count("SELECT count(*) FROM send_ledger WHERE message_id = $1", id), "what the ledger calls a mail is what went out")
	}
}
