package doctor

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// dkim checks the published keys (RFC 6376) and returns whose signatures hold.
func (v *visit) dkim(ctx context.Context) (holding []signature) {
	if own := v.box.Connections.DKIM; own != nil {
		s := signature{strings.ToLower(cmp.Or(own.Domain, v.domain)), own.Selector}
		if v.published(ctx, s, own.Key) {
			holding = append(holding, s)
		}
	}
	for _, s := range v.signed {
		if own := v.box.Connections.DKIM; own != nil && s.selector == own.Selector {
			continue
		}
		if v.published(ctx, s, "") {
			holding = append(holding, s)
		}
	}
	if v.box.Connections.DKIM != nil || len(v.signed) > 0 {
		return holding
	}
	return v.guessed(ctx)
}

// guessed looks under the selectors that the mail service uses by habit.
func (v *visit) guessed(ctx context.Context) []signature {
	h, _ := parseServer("smtp", v.box.Connections.SMTP)
	p := providerOf(h.host)
	for _, selector := range p.selectors {
		s := signature{v.domain, selector}
		records, err := v.txt(ctx, s.name())
		if err == nil && len(records) > 0 && v.published(ctx, s, "") {
			return []signature{s}
		}
	}
	if len(p.selectors) > 0 {
		v.warning(DKIM, p.dkimRemedy(), "no key is published under the selectors of %s (%s): mail is not signed for %s", p.name, strings.Join(p.selectors, ", "), v.domain)
		return nil
	}
	v.warning(DKIM, "Check with --send to see who signs, or name the selector with --dkim-selector. If nobody signs: "+p.dkimRemedy(), "it is not known which key signs mail of %s", v.domain)
	return nil
}

func (s signature) name() string { return s.selector + "._domainkey." + s.domain }

// published checks one key record, against the private key where it is known.
func (v *visit) published(ctx context.Context, s signature, private string) bool {
	var signer crypto.Signer
	remedy := "Publish the record that your mail service shows for the selector " + s.selector + "."
	if private != "" {
		var err error
		if signer, err = parseKey(private); err != nil {
			v.problem(DKIM, "Give the mailbox a key in PEM: openssl genrsa 2048.", "the private key cannot be read: %s", err)
			return false
		}
		remedy = txtRecord(s.name(), keyRecord(signer.Public()))
	}
	records, err := v.txt(ctx, s.name())
	switch {
	case err != nil:
		v.noAnswer(DKIM, err)
		return false
	case len(records) == 0:
		v.problem(DKIM, remedy, "%s has no record: signatures do not hold", s.name())
		return false
	case len(records) > 1:
		v.problem(DKIM, "Keep only the record with the key.", "%s has %d TXT records: which one counts is undefined", s.name(), len(records))
		return false
	}
	key, err := publicKey(records[0])
	if err != nil {
		v.problem(DKIM, remedy, "%s: %s", s.name(), err)
		return false
	}
	if signer != nil && !sameKey(signer.Public(), key) {
		v.problem(DKIM, remedy, "%s holds another key than the one that signs: signatures do not hold", s.name())
		return false
	}
	return v.strong(s, records[0], key)
}

// strong judges a key that is valid; false when receivers do not accept it.
func (v *visit) strong(s signature, record string, key crypto.PublicKey) bool {
	kind := "Ed25519"
	renew := "Make a key of 2048 bits under a new selector, and sign with it: openssl genrsa 2048."
	if k, isRSA := key.(*rsa.PublicKey); isRSA {
		kind = fmt.Sprintf("RSA, %d bits", k.N.BitLen())
		switch bits := k.N.BitLen(); {
		case bits < 1024:
			v.problem(DKIM, renew, "%s: %s, which receivers ignore (RFC 8301)", s.name(), kind)
			return false
		case bits < 2048:
			v.warning(DKIM, renew, "%s: %s; 2048 are the norm", s.name(), kind)
			return true
		}
	}
	if slices.Contains(strings.Split(tagList(record)["t"], ":"), "y") {
		v.warning(DKIM, "Remove t=y from the record when signing works.", "%s: %s, marked as being tested: receivers may ignore signatures", s.name(), kind)
		return true
	}
	v.ok(DKIM, "%s: %s", s.name(), kind)
	return true
}

// publicKey reads a key record (RFC 6376 3.6.1, RFC 8463).
func publicKey(record string) (crypto.PublicKey, error) {
	tags := tagList(record)
	p, there := tags["p"]
	if version, has := tags["v"]; has && version != "DKIM1" {
		return nil, fmt.Errorf("v=%s is not DKIM1", version)
	}
	if h, has := tags["h"]; has && !slices.Contains(strings.Split(h, ":"), "sha256") {
		return nil, fmt.Errorf("h=%s does not allow sha256", h)
	}
	if s, has := tags["s"]; has && !slices.ContainsFunc(strings.Split(s, ":"), func(s string) bool { return s == "*" || s == "email" }) {
		return nil, fmt.Errorf("s=%s is not for mail", s)
	}
	switch {
	case !there:
		return nil, errors.New("the record has no key (p=)")
	case p == "":
		return nil, errors.New("the key is revoked (p= is empty)")
	}
	der, err := base64.StdEncoding.DecodeString(p)
	if err != nil {
		return nil, errors.New("the key (p=) is not base64; it may be cut off")
	}
	switch kind := cmp.Or(tags["k"], "rsa"); kind {
	case "ed25519":
		if len(der) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("an Ed25519 key has %d bytes, this one %d", ed25519.PublicKeySize, len(der))
		}
		return ed25519.PublicKey(der), nil
	case "rsa":
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			if k, ok := key.(*rsa.PublicKey); ok {
				return k, nil
			}
		}
		if key, err := x509.ParsePKCS1PublicKey(der); err == nil { // erratum 3017
			return key, nil
		}
		return nil, errors.New("the key (p=) is not an RSA key; it may be cut off")
	default:
		return nil, fmt.Errorf("k=%s is not a kind of key that receivers know", kind)
	}
}

// keyRecord is what belongs into the DNS for a public key.
func keyRecord(key crypto.PublicKey) string {
	if k, ok := key.(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(k)
	}
	der, _ := x509.MarshalPKIXPublicKey(key) // parseKey lets only keys in that it can write
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// parseKey reads a private key: PEM, PKCS #8 or #1, RSA or Ed25519.
func parseKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("it is not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("it is neither PKCS #8 nor PKCS #1")
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errors.New("it is neither RSA nor Ed25519")
}

func sameKey(a, b crypto.PublicKey) bool {
	k, ok := a.(interface{ Equal(crypto.PublicKey) bool })
	return ok && k.Equal(b)
}
