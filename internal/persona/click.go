package persona

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var errFar = errors.New("only links to this machine are clicked: the world is played, and others are not part of it")

// click unsubscribes as mail programs do when one presses their button (RFC 8058, 3.2): a POST without cookies, login
// or referrer, that follows no redirect. Errors do not name the link, which tells who it was.
func (p *Player) click(ctx context.Context, link string) error {
	at, err := url.Parse(link)
	if err != nil {
		return errors.New("the link to unsubscribe is no URL")
	}
	if !loopback(at.Hostname()) {
		return errFar
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, link, strings.NewReader("List-Unsubscribe=One-Click"))
	if err != nil {
		return errors.New("the link to unsubscribe is no URL that can be posted to")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{Timeout: 10 * time.Second}
	if p.HTTP != nil {
		client = *p.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		var withLink *url.Error
		if errors.As(err, &withLink) {
			err = withLink.Err
		}
		return fmt.Errorf("unsubscribe with one click: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return fmt.Errorf("unsubscribe with one click: the answer is %s", res.Status)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
