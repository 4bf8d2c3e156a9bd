package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/rekindlehq/rekindle/activities"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/sequence"
)

// retryAfter is how long a mail waits, on the lead's clock, that the server would
// not take now: greylisting is over by then.
const retryAfter = 15 * time.Minute

// Send hands a message over and judges the answer by its code. Details carry
// codes and our words only, never what the server wrote: it may quote addresses.
func (p Post) Send(ctx context.Context, m activities.Message, begin activities.Begin) activities.Verdict {
	letter := m.(message)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	v := p.hand(ctx, letter, begin)
	v.Subject, v.Body = letter.thread, letter.body
	if v.Status == sequence.Deferred {
		v.RetryAt = letter.at.Add(retryAfter)
	}
	return v
}

func (p Post) hand(ctx context.Context, letter message, begin activities.Begin) activities.Verdict {
	server := p.Server
	switch c := letter.connections; {
	case errors.Is(letter.closed, mailbox.ErrSealed):
		return activities.Verdict{Status: sequence.Deferred, Detail: "the mailbox's secrets cannot be opened: see REKINDLE_SECRET_KEY", Trouble: activities.LoginRefused}
	case letter.closed != nil:
		return activities.Verdict{Status: sequence.Deferred, Detail: "the mailbox's settings cannot be read"}
	case c.SMTP != "":
		own, err := ParseServer(c.SMTP)
		if err != nil {
			return activities.Verdict{Status: sequence.Deferred, Detail: "the mailbox's server is no address", Trouble: activities.LoginRefused}
		}
		server = own.Trusting(p.Server.roots)
	}
	if server.host == "" {
		return activities.Verdict{Status: sequence.Deferred, Detail: "no mail server is set: give the mailbox one, or SMTP_URL", Trouble: activities.LoginRefused}
	}
	return judge(server.submit(ctx, letter, begin))
}

// judge says what an end means. Only a connection that was lost after the whole
// message was handed over leaves open whether it was taken.
func judge(err error) activities.Verdict {
	if err == nil {
		return activities.Verdict{Status: sequence.Sent}
	}
	later := func(why string) activities.Verdict {
		return activities.Verdict{Status: sequence.Deferred, Detail: why}
	}
	var end *stopped
	if !errors.As(err, &end) {
		return later("the mail server hung up")
	}
	var said *smtp.SMTPError
	answered := errors.As(err, &said)
	switch {
	case errors.Is(err, errNeedsUTF8):
		return activities.Verdict{Status: sequence.Failed, Detail: errNeedsUTF8.Error()}
	case !answered && end.at == awaiting:
		return activities.Verdict{Status: sequence.Unknown, Detail: "the connection was lost before the server's answer"}
	case !answered && end.at == beginning:
		return later("it could not be noted that the mail goes out")
	case !answered && end.at == connecting:
		v := later("the mail server cannot be reached")
		v.Trouble = activities.Unreachable
		return v
	case !answered:
		return later("the mail server hung up")
	}
	return answer(end.at, said)
}

// answer judges what a server said.
func answer(at stage, said *smtp.SMTPError) activities.Verdict {
	words := fmt.Sprintf("the mail server said %d", said.Code)
	enhanced := ""
	if e := said.EnhancedCode; e != smtp.EnhancedCodeNotSet && e != smtp.NoEnhancedCode {
		enhanced = fmt.Sprintf("%d.%d.%d", e[0], e[1], e[2])
		words += " " + enhanced
	}
	v := activities.Verdict{Status: sequence.Deferred, Detail: words}
	permanent := said.Code >= 500
	switch {
	case overLimit(said.Code, enhanced):
		v.Trouble = activities.OverLimit
	case at == connecting:
		v.Trouble = activities.Unreachable
	case (at == authenticating || at == naming && enhanced != "5.3.4" && said.Code != 552) && permanent:
		v.Trouble = activities.LoginRefused // or it may not send from this address
	case !permanent: // greylisting, no room now
	case at == addressing && !strings.HasPrefix(enhanced, "5.7"):
		v.Status = sequence.NoAddress
	default:
		v.Status = sequence.Failed
	}
	return v
}

// overLimit recognises the codes by which providers say that a mailbox has sent
// enough: Gmail's 5.4.5 and 4.7.28, Microsoft's 5.1.90, 5.7.501 and later, the
// registered X.7.28.
func overLimit(code int, enhanced string) bool {
	return code == 421 && enhanced == "4.7.28" ||
		slices.Contains([]string{"5.4.5", "4.7.28", "5.7.28", "5.1.90", "5.7.501", "5.7.508"}, enhanced)
}
