package soak

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/persona"
)

// webhookSecret signs the prospects' mail on its way in: nobody else is to be kept
// out of a product that lives for an hour on this machine.
const webhookSecret = "whsec_c29ha3Nlb2Frc29ha3NvYWtzb2Frc29hay0wMDAx"

// mailboxes gives every rep one, with limits that are never met: what is measured
// is how things grow, and not how they wait.
func (p *people) mailboxes(ctx context.Context) error {
	for _, name := range staff[1:] {
		address := addressOf(name)
		s := mailroom.Settings{Address: address, User: address, Zone: "Europe/Berlin", Daily: 100_000}
		if err := p.manager.Put(ctx, "/mailboxes/"+localPart(address), s, nil); err != nil {
			return fmt.Errorf("make the mailbox of %s: %w", name, err)
		}
	}
	return nil
}

func localPart(address string) string {
	for i, r := range address {
		if r == '@' {
			return address[:i]
		}
	}
	return address
}

// read lets everybody who got a message do with it what their persona does.
func (p *people) read(from string, to []string, raw []byte) {
	for _, address := range to {
		p.mu.Lock()
		p.mails[address]++
		n := p.mails[address]
		p.mu.Unlock()
		if err := p.player.Receive(persona.Letter{ID: address + strconv.Itoa(n), From: from, To: address, N: n, Raw: raw}); err != nil {
			p.failed("read a mail", err)
		}
	}
}

// write brings what somebody wrote to the mailbox that it is for, by webhook.
func (p *people) write(_ persona.Letter, a persona.Answer) error {
	body, err := json.Marshal(map[string]string{"mailbox": a.To, "raw": base64.StdEncoding.EncodeToString(a.Raw)})
	if err != nil {
		return err
	}
	hook, err := standardwebhooks.NewWebhook(webhookSecret)
	if err != nil {
		return err
	}
	id, now := uuid.NewString(), time.Now()
	signature, err := hook.Sign(id, now, body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.manager.Base+"/v1/inbound-mail", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the webhook answered %s", res.Status)
	}
	p.did.Add(1)
	return nil
}
