package webhooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

const (
	postWithin   = 20 * time.Second // Standard Webhooks: 15 to 30 seconds
	mostAnswer   = 8 << 10          // bytes of an answer that are read; it is not kept
	longestPause = 6 * time.Hour    // that an endpoint can ask for
)

// verdict is what an endpoint said, or that it did not.
type verdict struct {
	status int // 0: no answer
	taken  bool
	gone   bool          // never again (410)
	pause  time.Duration // it asked for
	says   string        // why it was not taken
}

// client follows no redirect, knows no proxy, and goes to public addresses only.
func (t Target) client() *http.Client {
	return &http.Client{
		Timeout:       postWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil, DialContext: t.dialer().DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: t.Roots},
			TLSHandshakeTimeout: 10 * time.Second, MaxResponseHeaderBytes: 16 << 10, MaxConnsPerHost: atOnce, MaxIdleConnsPerHost: atOnce,
			IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true, DisableCompression: true,
		},
	}
}

// post sends one event, signed now.
func post(ctx context.Context, client *http.Client, signers []*standardwebhooks.Webhook, url, id string, content []byte, now time.Time) (verdict, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(content))
	if err != nil {
		return verdict{}, fmt.Errorf("make the request of event %s: %w", id, err)
	}
	var signatures []string
	for _, s := range signers {
		signature, err := s.Sign(id, now, content)
		if err != nil {
			return verdict{}, fmt.Errorf("sign event %s: %w", id, err)
		}
		signatures = append(signatures, signature)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("User-Agent", "Rekindle")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, strings.Join(signatures, " "))
	res, err := client.Do(req)
	if err != nil {
		return verdict{says: unreached(err)}, ctx.Err()
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer) // so that the connection serves the next one
	return judged(res, now), nil
}

// judged reads an answer by Standard Webhooks: 2xx took it, everything else did not.
func judged(res *http.Response, now time.Time) verdict {
	v := verdict{status: res.StatusCode, taken: res.StatusCode/100 == 2, gone: res.StatusCode == http.StatusGone}
	switch {
	case v.taken:
		return v
	case res.StatusCode/100 == 3:
		v.says = "it redirects, which is not followed; give the address that it leads to"
	default:
		v.says = "it answered " + strings.TrimSpace(strconv.Itoa(res.StatusCode)+" "+http.StatusText(res.StatusCode))
	}
	if res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusServiceUnavailable {
		v.pause = retryAfter(res.Header.Get("Retry-After"), now)
	}
	return v
}

// retryAfter reads the header as seconds or a date; 0 when it says nothing of use.
func retryAfter(header string, now time.Time) time.Duration {
	var pause time.Duration
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		pause = at.Sub(now)
	}
	return min(max(pause, 0), longestPause)
}

// unreached says why there was no answer, without an address that only we can see.
func unreached(err error) string {
	var dns *net.DNSError
	var timeout net.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, ErrTarget):
		return "its name leads to an address that is not public; nothing is delivered there"
	case errors.As(err, &dns):
		return "its name is not found"
	case errors.As(err, &certificate):
		return "its certificate is not trusted"
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it did not answer in time"
	}
	return "it cannot be reached, or broke off"
}
