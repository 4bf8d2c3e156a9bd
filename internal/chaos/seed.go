package chaos

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"go.temporal.io/sdk/log"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/demo"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// What a mailbox may send. A day holds enough for the leads of a run to wait now and
// then, and no more.
const (
	daily      = 60
	gapSeconds = 120
	mailZone   = "Europe/Berlin"
	reps       = 4
)

// ledgerLog writes down every change of the send ledger, by whom and when, which the
// ledger itself does not keep.
const ledgerLog = `
CREATE TABLE chaos_ledger_log (
    lead_id uuid NOT NULL, touch text NOT NULL, state text NOT NULL, begun boolean NOT NULL,
    by text NOT NULL DEFAULT current_setting('application_name'), at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE FUNCTION chaos_log_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos_ledger_log (lead_id, touch, state, begun) VALUES (NEW.lead_id, NEW.touch, NEW.state, NEW.begun_at IS NOT NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_ledger_log AFTER INSERT OR UPDATE ON send_ledger FOR EACH ROW EXECUTE FUNCTION chaos_log_ledger();`

// seed sets the clock and makes the reps with their mailboxes, a manager with a key,
// and something new to tell.
func (w *world) seed(ctx context.Context) error {
	s, err := postgres.Open(ctx, w.databaseURL, 2)
	if err != nil {
		return err
	}
	defer s.Close()
	if w.clock, err = demo.Clock(ctx, s, w.Day); err != nil {
		return err
	}
	if _, err := s.Pool.Exec(ctx, ledgerLog); err != nil {
		return fmt.Errorf("log the ledger: %w", err)
	}
	manager, err := s.InsertUser(ctx, db.InsertUserParams{ID: uuid.New(), Name: "Morgan Diaz", Email: "morgan@us.example", Role: "manager"})
	if err != nil {
		return fmt.Errorf("seed the manager: %w", err)
	}
	w.key = "rk_" + rand.Text()
	if err := s.InsertKey(ctx, db.InsertKeyParams{ID: uuid.New(), Name: "chaos", Role: "manager", UserID: &manager.ID, Hash: api.HashKey(w.key)}); err != nil {
		return fmt.Errorf("seed the key: %w", err)
	}
	for i := range 60 {
		err = errors.Join(err, s.InsertContent(ctx, db.InsertContentParams{ID: uuid.New(), Kind: "article", Title: fmt.Sprintf("News %d", i), Sources: []string{}, PublishedAt: w.clock.Base}))
	}
	if err != nil {
		return fmt.Errorf("seed the content: %w", err)
	}
	return w.seedReps(ctx, s)
}

func (w *world) seedReps(ctx context.Context, s *postgres.Store) error {
	seal, err := mailbox.NewSeal(w.secret)
	if err != nil {
		return err
	}
	room := mailroom.Room{Store: s, Seal: seal, Now: w.now}
	for i := range reps {
		name := fmt.Sprintf("rep%d", i)
		u, err := s.InsertUser(ctx, db.InsertUserParams{ID: uuid.New(), Name: "Robin Reyes", Email: name + "@us.example", Role: "rep"})
		if err != nil {
			return fmt.Errorf("seed rep %d: %w", i, err)
		}
		if _, err := room.Save(ctx, name, mailroom.Settings{Address: u.Email, User: u.Email, Zone: mailZone, Daily: daily, Gap: gapSeconds}); err != nil {
			return fmt.Errorf("seed the mailbox of rep %d: %w", i, err)
		}
	}
	return nil
}

func quiet() log.Logger { return log.NewStructuredLogger(slog.New(slog.DiscardHandler)) }
