package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

var (
	// ErrUnsigned: no secret of the source signed the call. By Verify.
	ErrUnsigned = errors.New("the webhook is not signed by a secret of this source")
	// ErrOutOfTime: it was signed, and not within Tolerance of now. By Verify.
	ErrOutOfTime = errors.New("the webhook was signed more than 5 minutes from now")
)

// Tolerance is how far from now a call may have been signed, where the service says when.
const Tolerance = 5 * time.Minute

const (
	shortestKey    = 24 // bytes, by Standard Webhooks
	shortestSecret = 16 // characters, of every other service
)

// Call is a webhook as it came in.
type Call struct {
	Method, URL string // the address as the service has it
	Header      http.Header
	Body        []byte
}

// The headers in which signatures are.
const (
	typeformSignature  = "Typeform-Signature"
	calSignature       = "X-Cal-Signature-256"
	hubSpotSignature   = "X-HubSpot-Signature-v3"
	hubSpotTimestamp   = "X-HubSpot-Request-Timestamp"
	hubSpotSignatureV2 = "X-HubSpot-Signature"
	hubSpotVersion     = "X-HubSpot-Signature-Version"
)

// Carries reports whether a call brings what its service signs with: a stranger's body
// need not even be read.
func Carries(kind string, header http.Header) bool {
	switch kind {
	case Generic:
		return one(header, standardwebhooks.HeaderWebhookID) != "" && one(header, standardwebhooks.HeaderWebhookTimestamp) != "" &&
			one(header, standardwebhooks.HeaderWebhookSignature) != ""
	case Typeform:
		return one(header, typeformSignature) != ""
	case Cal:
		return one(header, calSignature) != ""
	case HubSpot:
		return one(header, hubSpotSignature) != "" && one(header, hubSpotTimestamp) != "" ||
			len(header.Values(hubSpotSignature)) == 0 && one(header, hubSpotVersion) == "v2" && one(header, hubSpotSignatureV2) != ""
	}
	return false
}

// Verify checks that one of the secrets signed the call, and when. Errors: ErrUnsigned,
// ErrOutOfTime.
func Verify(kind string, secrets []string, c Call, now time.Time) error {
	if !Carries(kind, c.Header) {
		return ErrUnsigned
	}
	for _, secret := range secrets {
		if secretFault(kind, secret) == "" && signed(kind, secret, c) {
			return inTime(kind, c.Header, now)
		}
	}
	return ErrUnsigned
}

func signed(kind, secret string, c Call) bool {
	switch kind {
	case Generic:
		w, err := StandardWebhook(secret)
		return err == nil && w.VerifyIgnoringTimestamp(c.Body, c.Header) == nil
	case Typeform:
		return equal(one(c.Header, typeformSignature), "sha256="+base64.StdEncoding.EncodeToString(mac(secret, c.Body)))
	case Cal:
		return equal(one(c.Header, calSignature), hex.EncodeToString(mac(secret, c.Body)))
	case HubSpot:
		said := []byte(c.Method + c.URL + string(c.Body))
		if at := one(c.Header, hubSpotTimestamp); one(c.Header, hubSpotSignature) != "" {
			return equal(one(c.Header, hubSpotSignature), base64.StdEncoding.EncodeToString(mac(secret, append(said, at...))))
		}
		sum := sha256.Sum256(append([]byte(secret), said...)) // as HubSpot's workflows sign
		return equal(one(c.Header, hubSpotSignatureV2), hex.EncodeToString(sum[:]))
	}
	return false
}

func inTime(kind string, header http.Header, now time.Time) error {
	var at time.Time
	switch {
	case kind == Generic:
		seconds, err := strconv.ParseInt(one(header, standardwebhooks.HeaderWebhookTimestamp), 10, 64)
		if err != nil {
			return ErrUnsigned
		}
		at = time.Unix(seconds, 0)
	case kind == HubSpot && one(header, hubSpotSignature) != "":
		milliseconds, err := strconv.ParseInt(one(header, hubSpotTimestamp), 10, 64)
		if err != nil {
			return ErrUnsigned
		}
		at = time.UnixMilli(milliseconds)
	default:
		return nil
	}
	if off := now.Sub(at); off > Tolerance || off < -Tolerance {
		return ErrOutOfTime
	}
	return nil
}

// StandardWebhook verifies by a secret of Standard Webhooks: base64 of at least 24 bytes,
// with or without whsec_.
func StandardWebhook(secret string) (*standardwebhooks.Webhook, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < shortestKey {
		return nil, errors.New("a webhook secret is none: write whsec_ and at least 24 random bytes in base64")
	}
	return standardwebhooks.NewWebhookRaw(key)
}

func secretFault(kind, secret string) string {
	if kind == Generic {
		if _, err := StandardWebhook(secret); err != nil {
			return "is not whsec_ and at least 24 random bytes in base64"
		}
		return ""
	}
	if len(secret) < shortestSecret {
		return "is shorter than 16 characters; give a long random one"
	}
	return ""
}

// one is the value of a header that stands there once. One that is repeated is none: who
// reads the first and who reads the last would not agree.
func one(header http.Header, name string) string {
	if all := header.Values(name); len(all) == 1 {
		return all[0]
	}
	return ""
}

func mac(secret string, said []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(said)
	return h.Sum(nil)
}

func equal(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }
