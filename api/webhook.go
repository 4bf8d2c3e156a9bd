package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rekindlehq/rekindle/internal/hook"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/received"
)

const (
	// maxMail is the largest message that a webhook brings, in bytes.
	maxMail = 30 << 20
	// maxHook is the largest webhook: such a message in base64, and what is around it.
	maxHook = maxMail/3*4 + 64<<10
)

// WebhookSecrets reads secrets as REKINDLE_WEBHOOK_SECRETS has them: base64 of at
// least 24 bytes each, with or without whsec_, separated by commas.
func WebhookSecrets(setting string) ([]string, error) {
	var secrets []string
	for s := range strings.SplitSeq(setting, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if _, err := hook.StandardWebhook(s); err != nil {
			return nil, err
		}
		secrets = append(secrets, s)
	}
	return secrets, nil
}

// mailHook is mail as a webhook brings it.
type mailHook struct {
	Mailbox    string `json:"mailbox"`     // name or address; may be left out
	Raw        string `json:"raw"`         // RFC 5322, in base64
	ReceivedAt string `json:"received_at"` // RFC 3339; now if left out
}

// TakenMail says what became of mail that a webhook brought.
type TakenMail struct {
	ID     *uuid.UUID     `json:"id,omitempty"`
	Class  received.Class `json:"class,omitempty"`
	State  string         `json:"state"` // new, taken, unmatched, dismissed; own: we wrote it ourselves
	LeadID *uuid.UUID     `json:"lead_id,omitempty"`
}

// webhook registers the way for mail that no mailbox is watched for. Whoever calls
// has no key: the call is signed (Standard Webhooks).
func (a *API) webhook(router *gin.Engine) {
	router.POST("/v1/inbound-mail", func(c *gin.Context) {
		taken, err := a.takeHook(c)
		if err != nil {
			var p *Problem
			if errors.As(fail(c, err), &p) {
				writeProblem(c, p)
			}
			return
		}
		c.JSON(http.StatusOK, taken)
	})
}

func (a *API) takeHook(c *gin.Context) (TakenMail, error) {
	if len(a.WebhookSecrets) == 0 {
		return TakenMail{}, problem(http.StatusNotFound, "webhook_off", "this server takes no mail from webhooks: it has no secret for them",
			"the operator sets REKINDLE_WEBHOOK_SECRETS and starts the server again")
	}
	if c.GetHeader(standardwebhooks.HeaderWebhookSignature) == "" { // a stranger's body is not even read
		return TakenMail{}, notSigned()
	}
	content, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxHook))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return TakenMail{}, tooLargeMail()
	case err != nil:
		return TakenMail{}, newError(http.StatusBadRequest, "the request body ended too soon")
	}
	if err := a.signed(c.Request.Header, content); err != nil {
		return TakenMail{}, err
	}
	h, faults, err := readHook(content)
	if err != nil {
		return TakenMail{}, err
	}
	box, fault, err := a.mailboxOf(c, h.Mailbox)
	if err != nil {
		return TakenMail{}, err
	}
	at, late := a.receivedAt(h.ReceivedAt)
	raw, broken := rawOf(h.Raw)
	if faults = append(append(append(faults, fault...), late...), broken...); len(faults) > 0 {
		return TakenMail{}, invalid(faults)
	}
	if len(raw) > maxMail {
		return TakenMail{}, tooLargeMail()
	}
	id, err := a.Room.Take(c, box, raw, at)
	if err != nil {
		return TakenMail{}, err
	}
	if id == uuid.Nil {
		return TakenMail{State: "own"}, nil
	}
	row, err := a.message(c, id)
	return TakenMail{ID: &id, Class: received.Class(row.Class), State: row.State, LeadID: row.LeadID}, err
}

func tooLargeMail() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "request_entity_too_large", "the message is larger than 30 MiB", "leave its attachments out")
}

// signed checks that one of the secrets signed the call, and not long ago.
func (a *API) signed(header http.Header, content []byte) error {
	for _, secret := range a.WebhookSecrets {
		w, err := hook.StandardWebhook(secret)
		if err != nil {
			slog.Error("a webhook secret cannot be used", "error", err)
			continue
		}
		if w.VerifyIgnoringTimestamp(content, header) != nil {
			continue
		}
		if err := w.Verify(content, header); err != nil { // what is left is the time
			return problem(http.StatusBadRequest, "webhook_out_of_time", "the webhook was signed more than 5 minutes from now",
				"sign it anew when it is sent again, and set the clock of the sender", Fault{"header.webhook-timestamp", "is not within 5 minutes of now"})
		}
		return nil
	}
	return notSigned()
}

func notSigned() *Problem {
	return problem(http.StatusUnauthorized, "webhook_not_signed", "the webhook is not signed by a secret of this server",
		"send webhook-id, webhook-timestamp and webhook-signature by Standard Webhooks, with a secret of REKINDLE_WEBHOOK_SECRETS")
}

func readHook(content []byte) (h mailHook, faults []Fault, err error) {
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	err = d.Decode(&h)
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong) && wrong.Field != "":
		return h, nil, invalid([]Fault{{"body." + wrong.Field, "is not a text"}})
	case err != nil && strings.HasPrefix(err.Error(), "json: unknown field"):
		return h, nil, invalid([]Fault{{"body", strings.TrimPrefix(err.Error(), "json: ") + "; send mailbox, raw and received_at"}})
	case err != nil:
		return h, nil, newError(http.StatusBadRequest, "the request body is not one JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return h, nil, newError(http.StatusBadRequest, "the request body goes on after its JSON object")
	}
	if fault := textFault(h.Mailbox); fault != "" {
		faults = append(faults, Fault{"body.mailbox", fault})
		h.Mailbox = ""
	}
	return h, faults, nil
}

func rawOf(encoded string) ([]byte, []Fault) {
	if encoded == "" {
		return nil, []Fault{{"body.raw", "is required: the message in base64"}}
	}
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, []Fault{{"body.raw", "is not base64 (RFC 4648, section 4); encode the whole message"}}
	}
	return raw, nil
}

// receivedAt is when mail came in, on the leads' clock.
func (a *API) receivedAt(text string) (time.Time, []Fault) {
	now := a.now()
	if text == "" {
		return now, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err != nil:
		return at, []Fault{{"body.received_at", "is not a time; write it as 2026-11-24T08:00:00Z"}}
	case at.After(now.Add(5 * time.Minute)):
		return at, []Fault{{"body.received_at", "is in the future; leave it out for now"}}
	case at.Before(now.AddDate(-10, 0, 0)):
		return at, []Fault{{"body.received_at", "is more than ten years ago; check the year"}}
	}
	return at.UTC(), nil
}

// mailboxOf finds the mailbox that a webhook names; uuid.Nil when it names none.
func (a *API) mailboxOf(c *gin.Context, name string) (uuid.UUID, []Fault, error) {
	if name == "" {
		return uuid.Nil, nil, nil
	}
	box, err := a.Store.MailboxByName(c, name)
	if errors.Is(err, pgx.ErrNoRows) {
		box, err = a.Store.MailboxByAddress(c, name)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, []Fault{{"body.mailbox", "is no mailbox's name or address; GET /v1/mailboxes lists them"}}, nil
	}
	if err != nil {
		return uuid.Nil, nil, fmt.Errorf("find the mailbox of a webhook: %w", postgres.Translate(err))
	}
	return box.ID, nil, nil
}
