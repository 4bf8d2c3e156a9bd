// Package doctor examines mailboxes and the DNS of their domains, and says what to do
// about what it finds. It knows the submission and reading protocols, TLS, SPF, DKIM
// and DMARC; it must not know leads, the database or how its findings are shown.
// Passwords never appear in a finding.
package doctor

import (
	"context"
	"crypto/x509"
	"net"
	"sync"
	"time"

	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// Doctor examines mailboxes. Its zero value asks this machine's DNS, trusts this
// machine's authorities and sends nothing.
type Doctor struct {
	SMTP     string           // the house's server, for mailboxes that name none
	Resolver Resolver         // net.DefaultResolver when nil
	Dial     Dial             // a net.Dialer's when nil
	Roots    *x509.CertPool   // authorities to trust; the machine's when nil
	Patience time.Duration    // how long one step over the network may take; 10 seconds when zero
	Send     time.Duration    // how long a mail to the mailbox itself may take to arrive; 0: none is sent
	Now      func() time.Time // time.Now when nil
}

// Dial connects, as net.Dialer.DialContext does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// atOnce is how many mailboxes are examined at the same time.
const atOnce = 8

// Examine checks every mailbox and the DNS of its domain. Findings come by mailbox, in
// the order given, and within one in the order of the checks. It changes nothing, save
// that with Send each mailbox gets a mail from itself, which is deleted again.
func (d Doctor) Examine(ctx context.Context, boxes []mailbox.Mailbox) []Finding {
	d = d.withDefaults()
	found := make([][]Finding, len(boxes))
	free := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, box := range boxes {
		all.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			found[i] = d.examine(ctx, box)
		})
	}
	all.Wait()
	var findings []Finding
	for _, f := range found {
		findings = append(findings, f...)
	}
	return findings
}

func (d Doctor) withDefaults() Doctor {
	if d.Resolver == nil {
		d.Resolver = net.DefaultResolver
	}
	if d.Patience == 0 {
		d.Patience = 10 * time.Second
	}
	if d.Dial == nil {
		d.Dial = new(net.Dialer).DialContext
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	return d
}

func (d Doctor) examine(ctx context.Context, box mailbox.Mailbox) []Finding {
	if box.Connections.SMTP == "" {
		box.Connections.SMTP = d.SMTP
	}
	v := &visit{Doctor: d, box: box, names: names{d.Resolver, d.Patience}}
	var ok bool
	if v.domain, ok = domainOf(box.Address); !ok {
		v.problem(Domain, "Correct the address of the mailbox: name@example.com.", "%q is not a mail address", box.Address)
		return v.findings
	}
	v.connections(ctx)
	v.dns(ctx)
	return v.findings
}

// connections logs in to both servers and, where asked for, sends a mail round.
func (v *visit) connections(ctx context.Context) {
	out := v.openSMTP(ctx)
	defer out.close()
	in := v.openIMAP(ctx)
	defer in.close()
	if v.Send == 0 {
		return
	}
	if out == nil || in == nil {
		v.warning(Send, "Mend the connections above, then check again.", "no mail was sent: that needs a login to both servers")
		return
	}
	v.sendToItself(ctx, out, in)
}
