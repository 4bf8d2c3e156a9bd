package mail

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/rekindlehq/rekindle/internal/mailbox"
)

// signed are the headers under the signature (RFC 6376, 5.4.1; RFC 8058 asks for
// the two of unsubscribing).
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
	"List-Unsubscribe", "List-Unsubscribe-Post",
}

// sign puts a DKIM signature before a message.
func sign(raw []byte, d mailbox.DKIM) ([]byte, error) {
	key, err := ParseKey(d.Key)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: d.Domain, Selector: d.Selector, Signer: key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign the message: %w", err)
	}
	return out.Bytes(), nil
}

// ParseKey reads a private key for DKIM: PEM, PKCS #8 or PKCS #1, RSA or Ed25519.
func ParseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("the DKIM key is not PEM: give the private key as `openssl genpkey` writes it")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the DKIM key: %w", err)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("the DKIM key cannot sign: use RSA or Ed25519")
	}
	return signer, nil
}
