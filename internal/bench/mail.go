package bench

import (
	"context"
	"fmt"
	"net/smtp"
	"strings"
	"time"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/sequence"
)

// mails compares emails through the ledger, reserved, written, noted and handed over,
// with bare submissions of a message of the same size to the same server.
func mails(ctx context.Context, b *bench) ([]Row, error) {
	w, err := b.open(ctx, "mail", onMonday())
	if err != nil {
		return nil, err
	}
	defer w.close()
	n := b.size(2000)
	var bare, ours []float64
	for range b.Rounds {
		s, err := timed(func() error { return w.bareMails(ctx, n) })
		if err != nil {
			return nil, err
		}
		bare = append(bare, s.rate(n))
		if s, err = w.ledgerMails(ctx, n); err != nil {
			return nil, err
		}
		ours = append(ours, s.rate(n))
		b.say("processor time of an email: %s", s.by(n))
	}
	base := sampleOf(bare...)
	return []Row{{Name: "emails through the send ledger, against bare SMTP", Unit: "/s", Baseline: &base, Ours: sampleOf(ours...)}}, nil
}

// bareMails hands messages of a usual size to the sink, a connection each.
func (w *world) bareMails(ctx context.Context, n int) error {
	message := "Subject: Hello\r\nFrom: robin@seller.example\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 40)
	return each(ctx, make([]struct{}, n), func(context.Context, struct{}) error {
		return smtp.SendMail(w.sink.addr, nil, "robin@seller.example", []string{"somebody@acme.example"}, []byte(message))
	})
}

// ledgerMails sends an email to everybody, as the activity does.
func (w *world) ledgerMails(ctx context.Context, n int) (s stretch, err error) {
	leads := make([]sequence.Lead, n)
	for i := range leads {
		leads[i] = w.newcomer()
		leads[i].Source, leads[i].Stage = "info_request", sequence.Warm
	}
	if err := w.sow(ctx, leads, monday); err != nil {
		return s, err
	}
	server, err := mail.ParseServer("smtp://" + w.sink.addr)
	if err != nil {
		return s, err
	}
	acts := activities.Activities{
		Records: w.Store, Ledger: &postgres.Ledger{Store: w.Store, Company: "Example", Domain: "example.com", PublicURL: "https://rekindle.example"},
		Mailer: mail.Post{Server: server, Connections: w.Room().Connections, Playbook: w.Library.Get, PostalAddress: "1 Street"},
	}
	return timed(func() error {
		return each(ctx, leads, func(ctx context.Context, l sequence.Lead) error {
			touch := sequence.SendEmail{Touch: "t1", Text: "warm/idea", Reason: sequence.ReasonNew}
			done, err := acts.SendEmail(ctx, activities.Job[sequence.SendEmail]{Lead: l.ID, At: monday.Add(time.Hour), Do: touch})
			if err == nil && done.Status != sequence.Sent {
				err = fmt.Errorf("an email was %s: %s", done.Status, done.Detail)
			}
			return err
		})
	})
}
