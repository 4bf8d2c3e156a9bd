package mailroom

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// SentFolder is where a provider files what it sent.
type SentFolder interface {
	// Find says which of these Message-IDs stand there.
	Find(ids []string) (found []string, err error)
	Close()
}

// reconcileFor is how long an unknown send is looked for.
const reconcileFor = 7 * 24 * time.Hour

// Reconcile looks in the Sent folders for the sends of which it is not known
// whether the mail server took them: one that stands there went out. The others
// stay unknown, for a person to see.
func (r Room) Reconcile(ctx context.Context, open func(ctx context.Context, imap string) (SentFolder, error)) error {
	boxes, err := r.Store.Mailboxes(ctx, r.Seal)
	if err != nil {
		return err
	}
	var problems []error
	for _, box := range boxes {
		if box.Connections.IMAP == "" {
			continue
		}
		unknown, err := r.Store.UnknownSendsOf(ctx, db.UnknownSendsOfParams{MailboxID: &box.ID, Since: r.Now().Add(-reconcileFor)})
		if err == nil && len(unknown) > 0 {
			err = r.reconcile(ctx, unknown, func() (SentFolder, error) { return open(ctx, box.Connections.IMAP) })
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("look into the Sent folder of mailbox %s: %w", box.Name, err))
		}
	}
	return errors.Join(problems...)
}

func (r Room) reconcile(ctx context.Context, unknown []db.UnknownSendsOfRow, open func() (SentFolder, error)) error {
	folder, err := open()
	if err != nil {
		return err
	}
	defer folder.Close()
	sends := map[string]db.UnknownSendsOfRow{}
	var ids []string
	for _, s := range unknown {
		sends[s.MessageID] = s
		ids = append(ids, s.MessageID)
	}
	found, err := folder.Find(ids)
	if err != nil {
		return err
	}
	for _, id := range found {
		if _, err := r.Store.ReconcileSend(ctx, db.ReconcileSendParams{LeadID: sends[id].LeadID, Touch: sends[id].Touch, How: "sent_folder"}); err != nil {
			return err
		}
	}
	return nil
}
