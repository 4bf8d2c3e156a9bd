package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/app"
	"github.com/rekindlehq/rekindle/internal/door"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

const (
	perPolicy = 36               // leads that follow each policy for late touches
	answering = 6                // of them, who answer while all is down, and as many who say stop
	reps      = 3                // with a mailbox each
	gap       = 30               // seconds between two mails of a mailbox
	daily     = 90               // mails of a mailbox
	slowDay   = 12 * time.Minute // so long takes a day while leads come in,
	quickDay  = 2 * time.Minute  // and so long after the outage
	away      = 3 * 24 * time.Hour
)

// latePolicies are all that the playbook language has.
var latePolicies = []sequence.LatePolicy{sequence.LateSend, sequence.LateSkip, sequence.LateNextWindow, sequence.LateSpread, sequence.LateAskOwner}

// outage is a stack that stands still for three days.
type outage struct {
	*stack
	groups map[sequence.LatePolicy][]string // leads
	silent []string                         // those who answered or said stop while all was down
	up     time.Time
}

// publish releases a playbook whose late touches follow a policy.
func (o *outage) publish(late sequence.LatePolicy) {
	files, err := playbooks.DefaultFiles()
	require.NoError(o, err)
	files["playbook.yaml"] = strings.NewReplacer("email: mon-fri 09:00-17:00", "email: mon-sun 06:00-20:00", "call: mon-fri 09:00-18:00", "call: mon-sun 08:00-20:00",
		"after: 1 day\n  policy: spread\n  over: 3 working days", "after: 6 hours\n  policy: "+string(late)+"\n  over: 1 working day").Replace(files["playbook.yaml"])
	policy := o.app.Policy()
	pb, _, err := policy.Publish(o.Context(), files, "test")
	require.NoError(o, err)
	require.Equal(o, late, pb.Late.Policy)
	require.Equal(o, sequence.Wait{N: 6, Unit: sequence.Hours}, pb.Late.After)
	require.NoError(o, policy.Release(o.Context(), pb.ID, "test"))
}

// open makes reps with a mailbox each.
func (o *outage) open() (ids []uuid.UUID) {
	for i := range reps {
		address := fmt.Sprintf("rep%d@us.example", i)
		u, err := o.app.Store.InsertUser(o.Context(), db.InsertUserParams{ID: uuid.New(), Name: "Rep", Email: address, Role: "rep"})
		require.NoError(o, err)
		_, err = o.app.Room().Save(o.Context(), fmt.Sprintf("rep%d", i), mailroom.Settings{
			Address: address, User: address, Zone: "Europe/Berlin", Daily: daily, Gap: gap, SMTP: "smtp://" + o.mail.Addr().String(),
		})
		require.NoError(o, err)
		ids = append(ids, u.ID)
	}
	return ids
}

func (o *outage) enrolAll() {
	owners, n := o.open(), 0
	for _, late := range latePolicies {
		o.publish(late)
		for range perPolicy {
			n++
			r, err := o.app.Door.Enrol(o.Context(), door.Enrolment{
				Person:     door.Person{Name: "Ann Lee", Email: address1(n), Phone: fmt.Sprintf("+4930%07d", n), Zone: "Europe/Berlin"},
				Engagement: door.Engagement{Kind: "info_request"}, Owner: &owners[n%reps], By: sequence.ActorLead,
			})
			require.NoError(o, err)
			o.groups[late] = append(o.groups[late], r.Lead.String())
		}
	}
}

func address1(n int) string { return fmt.Sprintf("ann@company%d.example", n) }

func (o *outage) count(sql string, args ...any) (n int) {
	o.Helper()
	require.NoError(o, o.app.Store.Pool.QueryRow(o.Context(), sql, args...).Scan(&n))
	return n
}

// comesIn is what people say while Temporal is away already and nothing reads it.
func (o *outage) comesIn() {
	for i, lead := range o.groups[sequence.LateSend][:2*answering] {
		if i < answering {
			require.NoError(o, o.api.Post(o.Context(), "/replies", map[string]any{"email": address1(i + 1), "text": "Yes, call me."}, nil))
		} else {
			require.NoError(o, o.api.Post(o.Context(), "/leads/"+lead+"/opt-out", map[string]any{"via": "phone"}, nil))
		}
		o.silent = append(o.silent, lead)
	}
}

// standStill lets three days go by in which nothing runs.
func (o *outage) standStill() {
	ctx := context.WithoutCancel(o.Context())
	store, err := postgres.Open(ctx, o.database, 2)
	require.NoError(o, err)
	defer store.Close()
	clock, err := store.VirtualClock(ctx)
	require.NoError(o, err)
	require.NoError(o, store.ClockSeen(ctx, clock.Seen.Add(time.Duration(float64(away)/clock.Speed))))
	_, err = store.Pool.Exec(ctx, "UPDATE dispatches SET created_at = created_at - $1::interval", away)
	require.NoError(o, err)
}

// made is how many leads of a group have such a line in their timeline since then.
func (o *outage) made(group sequence.LatePolicy, what sequence.What, like string) int {
	o.Helper()
	return o.count(`SELECT count(DISTINCT lead_id) FROM audit WHERE lead_id = ANY($1::uuid[]) AND entry->>'what' = $2
		AND coalesce(entry->>'detail', '') LIKE $3 AND (entry->>'at')::timestamptz >= $4`, o.groups[group], what, "%"+like+"%", o.up)
}

func TestAfterThreeDaysInWhichNothingRanLateTouchesFollowTheirPlaybook(t *testing.T) {
	o := &outage{stack: start(t), groups: map[sequence.LatePolicy][]string{}}
	key := mailbox.NewKey()
	o.adjust = func(c *app.Config) { c.SecretKey = key }
	stop := o.run(slowDay)
	o.enrolAll()
	all := perPolicy * len(latePolicies)
	o.eventually("everybody is thanked, and a call asked for", 4*time.Minute, func() bool {
		return o.count(`SELECT count(*) FROM leads WHERE state->'next'->>'touch' = 't3'`) == all
	})
	require.Equal(t, all, o.count("SELECT count(*) FROM send_ledger WHERE state = 'sent'"))

	require.NoError(t, o.temporal.Stop(t.Context()))
	o.comesIn()
	stop()
	o.standStill()
	o.startTemporal()
	stop = o.run(quickDay)
	defer stop()
	o.up = o.app.Door.Now()
	o.Logf("down for three days, up on %s", o.up.Format("Mon 2006-01-02 15:04"))
	overdue := o.count("SELECT count(*) FROM leads WHERE (state->'next'->>'at')::timestamptz < $1", o.up.Add(-6*time.Hour))
	require.Equal(t, all, overdue, "all are overdue")

	asked := len(o.groups[sequence.LateSend]) - len(o.silent)
	o.eventually("late touches are sent where the playbook says so", 3*time.Minute, func() bool {
		return o.made(sequence.LateSend, sequence.TouchMade, "email") == asked
	})
	o.eventually("they are left out", time.Minute, func() bool { return o.made(sequence.LateSkip, sequence.TouchDropped, "overdue") == perPolicy })
	o.eventually("the owner is asked", time.Minute, func() bool {
		return o.count("SELECT count(*) FROM leads WHERE id = ANY($1::uuid[]) AND blocked = 'parked'", o.groups[sequence.LateAskOwner]) == perPolicy
	})
	o.eventually("they are put off to the next window", time.Minute, func() bool {
		return o.made(sequence.LateNextWindow, sequence.TouchPutOff, "next window") == perPolicy
	})
	o.eventually("they are spread, and all go out in a day", 6*time.Minute, func() bool {
		return o.made(sequence.LateSpread, sequence.TouchMade, "email") == perPolicy && o.made(sequence.LateNextWindow, sequence.TouchMade, "email") == perPolicy
	})
	require.Equal(t, perPolicy, o.made(sequence.LateSpread, sequence.TouchPutOff, "spread"))
	require.Zero(t, o.made(sequence.LateAskOwner, sequence.TouchMade, "email"))
	o.holds()
}

// holds expects what holds whatever happened: nobody was written to who had answered
// or said stop, windows and limits were kept, and every lead knows what it waits for.
func (o *outage) holds() {
	require.Zero(o, o.count("SELECT count(*) FROM send_ledger WHERE lead_id = ANY($1::uuid[]) AND sent_at >= $2", o.silent, o.up), "what came in counts first")
	require.Zero(o, o.count("SELECT count(*) FROM send_ledger WHERE state NOT IN ('sent', 'released')"))
	require.Zero(o, o.count(`SELECT count(*) FROM send_ledger WHERE state = 'sent' AND extract(hour FROM sent_at AT TIME ZONE 'Europe/Berlin') NOT BETWEEN 6 AND 19`), "outside the window")
	require.Zero(o, o.count(`SELECT count(*) FROM (SELECT slot_at - lag(slot_at) OVER (PARTITION BY mailbox_id ORDER BY slot_at) AS gap FROM send_ledger WHERE state = 'sent') g
		WHERE gap < make_interval(secs => $1)`, gap), "too soon after the mail before")
	require.LessOrEqual(o, o.count(`SELECT max(n) FROM (SELECT count(*) AS n FROM send_ledger WHERE state = 'sent' GROUP BY mailbox_id, (slot_at AT TIME ZONE 'Europe/Berlin')::date) d`), daily)
	require.Zero(o, o.count("SELECT count(*) FROM leads WHERE NOT final AND next_at IS NULL AND blocked = ''"), "everybody has a deadline or a reason")
}
