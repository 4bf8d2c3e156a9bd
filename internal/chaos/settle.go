package chaos

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	settlesWithin = 4 * time.Minute
	// behind is how long, in real time, a lead may be past its deadline in a calm world on
	// a busy machine; one that is so for late is stuck.
	behind = 45 * time.Second
	late   = 3 * time.Minute
	// calmFor is how long all must be at rest: a task whose worker was lost is given to
	// another after ten seconds.
	calmFor = 20 * time.Second
)

// restless counts what is not at rest: messages at the door, leads that have not begun,
// sends that nobody finishes, and leads that should have woken.
const restless = `
SELECT (SELECT count(*) FROM dispatches WHERE delivered_at IS NULL),
       (SELECT count(*) FROM leads WHERE state IS NULL),
       (SELECT count(*) FROM send_ledger s WHERE state = 'reserved' AND begun_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM chaos_ledger_log c WHERE c.lead_id = s.lead_id AND c.touch = s.touch AND c.at > now() - make_interval(secs => 5))),
       (SELECT count(*) FROM leads WHERE NOT final AND next_at < $1),
       (SELECT count(*) FROM leads l WHERE NOT final AND EXISTS (SELECT FROM people p JOIN suppressions s ON s.person_id = p.id AND s.via <> 'bounce' WHERE p.id = l.person_id))`

// settle waits, while time goes on calmly, until nothing is under way any more. When it
// takes too long the judge says what is stuck.
func (w *world) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settlesWithin)
	defer cancel()
	var door, unborn, reserved, due, stopping int
	since, said := time.Now(), ""
	for {
		err := w.ask(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, restless, w.clock.At(time.Now().Add(-behind))).Scan(&door, &unborn, &reserved, &due, &stopping)
		})
		if err != nil || door+unborn+reserved+due+stopping > 0 {
			since = time.Now()
		} else if time.Since(since) > calmFor {
			return nil
		}
		if say := fmt.Sprint(door, unborn, reserved, due, stopping, err); say != said {
			said = say
			slog.Info("the world settles", "door", door, "unborn", unborn, "reserved", reserved, "due", due, "stopping", stopping, "error", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		sleep(ctx, time.Second)
	}
}

// ask asks our own database, straight.
func (w *world) ask(ctx context.Context, question func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, w.databaseURL)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return question(conn)
}

func (w *world) now() time.Time { return w.clock.At(time.Now()).UTC() }
