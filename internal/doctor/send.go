package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/google/uuid"
)

// signature names who signed a mail, and by which key.
type signature struct{ domain, selector string }

// place is where a mail lies.
type place struct {
	folder string
	uid    imap.UID
}

// sendToItself sends a mail to the mailbox's own address, waits until it can be read,
// says how its receiver judged it, and deletes it.
func (v *visit) sendToItself(ctx context.Context, out *outgoing, in *incoming) {
	id := "rekindle-doctor." + uuid.NewString() + "@" + v.domain
	letter, err := v.letter(id)
	if err != nil {
		v.problem(Send, "Correct the DKIM key of the mailbox: PEM, RSA or Ed25519.", "the mail cannot be signed: %s", err)
		return
	}
	if err := out.submit(ctx, v.box.Address, letter); err != nil {
		v.problem(Send, "See what the server's answer says.", "the server does not take a mail to %s: %s", v.box.Address, err)
		return
	}
	began := time.Now()
	where, err := in.await(ctx, id, v.Send)
	if err != nil {
		v.problem(Send, "Look for it in the server's log under <"+id+">, and delete it when it comes; --send 10m waits longer.", "the mail was sent but did not arrive: %s", err)
		return
	}
	took := time.Since(began).Round(time.Millisecond)
	if where.folder == in.junk {
		v.warning(Send, "Mark it as no spam, and mend what the checks of SPF, DKIM and DMARC say.", "arrived after %s, but among the spam (%q)", took, in.junk)
	} else {
		v.ok(Send, "arrived after %s", took)
	}
	if err := v.verdicts(ctx, in, where); err != nil {
		v.warning(SendVerdict, "Check again.", "the mail's header cannot be read: %s", err)
	}
	if err := in.remove(context.WithoutCancel(ctx), id, where.folder); err != nil {
		v.warning(Send, "Delete the mail \"Rekindle checks this mailbox\" by hand.", "the mail could not be deleted: %s", err)
	}
}

// letter is written as automatic mail (RFC 3834) and signed where the mailbox signs.
func (v *visit) letter(id string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%[1]s>\r\nTo: <%[1]s>\r\nSubject: Rekindle checks this mailbox\r\nMessage-ID: <%[2]s>\r\nDate: %[3]s\r\n", v.box.Address, id, v.Now().Format(time.RFC1123Z))
	b.WriteString("Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n")
	b.WriteString("This mail was sent by `rekindle doctor` to see whether it arrives.\r\nIt deletes itself; should it still be here, it may be deleted.\r\n")
	k := v.box.Connections.DKIM
	if k == nil || k.Key == "" {
		return b.Bytes(), nil
	}
	signer, err := parseKey(k.Key)
	if err != nil {
		return nil, err
	}
	var signed bytes.Buffer
	err = dkim.Sign(&signed, &b, &dkim.SignOptions{Domain: k.Domain, Selector: k.Selector, Signer: signer})
	return signed.Bytes(), err
}

func (o *outgoing) submit(ctx context.Context, address string, letter []byte) error {
	return o.step(ctx, func() error {
		if err := o.Mail("<" + address + ">"); err != nil {
			return err
		}
		if err := o.Rcpt("<" + address + ">"); err != nil {
			return err
		}
		w, err := o.Data()
		if err != nil {
			return err
		}
		if _, err := w.Write(letter); err != nil {
			return err
		}
		return w.Close()
	})
}

// await looks into the inbox and the spam folder until the mail is there.
func (i *incoming) await(ctx context.Context, id string, atMost time.Duration) (place, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, atMost, fmt.Errorf("waited %s", atMost))
	defer cancel()
	again := time.NewTicker(min(2*time.Second, atMost/10+1))
	defer again.Stop()
	for {
		for _, folder := range []string{"INBOX", i.junk} {
			uids, err := i.find(ctx, id, folder)
			if ctx.Err() == nil && err != nil {
				return place{}, err
			}
			if len(uids) > 0 {
				return place{folder, uids[0]}, nil
			}
		}
		select {
		case <-ctx.Done():
			return place{}, context.Cause(ctx)
		case <-again.C:
		}
	}
}

// find opens a folder and looks for a mail. No folder, no mail.
func (i *incoming) find(ctx context.Context, id, folder string) (uids []imap.UID, err error) {
	if folder == "" {
		return nil, nil
	}
	err = i.step(ctx, func() error {
		if _, err := i.Select(folder, nil).Wait(); err != nil {
			return err
		}
		data, err := i.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-Id", Value: id}}}, nil).Wait()
		if err == nil {
			uids = data.AllUIDs()
		}
		return err
	})
	return uids, err
}

// remove deletes the mail where it arrived and its copy among the sent ones.
// Other mails that somebody marked as deleted stay (UIDPLUS, RFC 4315).
func (i *incoming) remove(ctx context.Context, id, folder string) error {
	var failed error
	for _, f := range []string{folder, i.sent} {
		uids, err := i.find(ctx, id, f)
		if err == nil && len(uids) > 0 {
			set := imap.UIDSetNum(uids...)
			err = i.step(ctx, func() error {
				if err := i.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
					return err
				}
				if !i.Caps().Has(imap.CapUIDPlus) {
					return nil
				}
				return i.UIDExpunge(set).Close()
			})
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

// verdicts reads what the receiver wrote into the header (RFC 8601): only the topmost
// field is its own.
func (v *visit) verdicts(ctx context.Context, in *incoming, where place) error {
	header, err := in.header(ctx, where)
	if err != nil {
		return err
	}
	for _, field := range header["Dkim-Signature"] {
		tags := tagList(field)
		v.signed = append(v.signed, signature{strings.ToLower(tags["d"]), tags["s"]})
	}
	_, results, err := authres.Parse(header.Get("Authentication-Results"))
	if header.Get("Authentication-Results") == "" || err != nil {
		v.ok(SendVerdict, "the receiver does not say what it thinks of SPF, DKIM and DMARC; many do not check what they sent themselves")
		return nil
	}
	said := map[Check]string{}
	for _, r := range results {
		switch r := r.(type) {
		case *authres.SPFResult:
			said[SPF] = string(r.Value)
		case *authres.DKIMResult:
			if said[DKIM] != authres.ResultPass {
				said[DKIM] = string(r.Value)
			}
		case *authres.DMARCResult:
			said[DMARC] = string(r.Value)
		}
	}
	v.judge(said)
	return nil
}

func (v *visit) judge(said map[Check]string) {
	var parts []string
	failed := false
	for _, c := range []Check{SPF, DKIM, DMARC} {
		result := said[c]
		if result == "" {
			result = "not checked"
		}
		parts = append(parts, string(c)+" "+result)
		switch result {
		case "fail", "hardfail", "softfail", "permerror", "policy":
			failed = true
		}
	}
	says := "the receiver says: " + strings.Join(parts, ", ")
	if failed {
		v.warning(SendVerdict, "Mend what the checks of SPF, DKIM and DMARC say; if they are all well, mail goes out by a host that they do not cover.", "%s", says)
		return
	}
	v.ok(SendVerdict, "%s", says)
}

func (i *incoming) header(ctx context.Context, where place) (mail.Header, error) {
	var parsed *mail.Message
	err := i.step(ctx, func() error {
		section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true}
		found, err := i.Fetch(imap.UIDSetNum(where.uid), &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return errors.New("the mail is gone")
		}
		parsed, err = mail.ReadMessage(bytes.NewReader(found[0].FindBodySection(section)))
		return err
	})
	if err != nil {
		return nil, err
	}
	return parsed.Header, nil
}
