package mailbox

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// ErrSealed: none of the keys opens what was sealed. Returned by Seal.Open.
var ErrSealed = errors.New("the secrets were sealed with another key: add it to REKINDLE_SECRET_KEY, after the new one")

// ErrNoKey: there is no key to seal with. Returned by Seal.Close.
var ErrNoKey = errors.New("REKINDLE_SECRET_KEY is not set: make one with `rekindle mailbox key`")

// keyID is how many bytes of a key's hash stand before what it sealed.
const keyID = 4

// Seal keeps secrets encrypted at rest with AES-256-GCM, bound to whom
// they belong to. The first key seals, all of them open, so that keys can be
// changed one after the other.
type Seal struct{ keys [][]byte }

// NewSeal reads keys as REKINDLE_SECRET_KEY has them: base64 of 32 bytes each,
// separated by commas, the newest first.
func NewSeal(keys string) (Seal, error) {
	var s Seal
	for encoded := range strings.SplitSeq(keys, ",") {
		key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
		if err != nil || len(key) != 32 {
			return Seal{}, errors.New("REKINDLE_SECRET_KEY is not a key: 32 random bytes in base64, as `rekindle mailbox key` prints them")
		}
		s.keys = append(s.keys, key)
	}
	return s, nil
}

// NewKey makes a random key in the form that NewSeal reads.
func NewKey() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return base64.StdEncoding.EncodeToString(key)
}

// Close encrypts the connections of a mailbox; ErrNoKey when there is no key.
func (s Seal) Close(mailbox uuid.UUID, c Connections) ([]byte, error) {
	return s.CloseSecrets(mailbox, c)
}

// Open decrypts them; ErrSealed when no key fits.
func (s Seal) Open(mailbox uuid.UUID, sealed []byte) (c Connections, err error) {
	err = s.OpenSecrets(mailbox, sealed, &c)
	return c, err
}

// CloseSecrets encrypts what belongs to somebody, as JSON; ErrNoKey when there is no key.
func (s Seal) CloseSecrets(of uuid.UUID, secrets any) ([]byte, error) {
	plain, err := json.Marshal(secrets)
	if err != nil {
		return nil, fmt.Errorf("encode the secrets of %s: %w", of, err)
	}
	return s.CloseSecret(of, plain)
}

// OpenSecrets decrypts them into what they were; ErrSealed when no key fits.
func (s Seal) OpenSecrets(of uuid.UUID, sealed []byte, into any) error {
	plain, err := s.OpenSecret(of, sealed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("decode the secrets of %s: %w", of, err)
	}
	return nil
}

// CloseSecret encrypts what belongs to an owner, a mailbox or another; ErrNoKey when
// there is no key.
func (s Seal) CloseSecret(owner uuid.UUID, plain []byte) ([]byte, error) {
	if len(s.keys) == 0 {
		return nil, ErrNoKey
	}
	aead, id := cipherOf(s.keys[0])
	nonce := make([]byte, aead.NonceSize())
	_, _ = rand.Read(nonce)
	return aead.Seal(append(id, nonce...), nonce, plain, owner[:]), nil
}

// OpenSecret decrypts it; ErrSealed when no key fits.
func (s Seal) OpenSecret(owner uuid.UUID, sealed []byte) ([]byte, error) {
	for _, key := range s.keys {
		aead, id := cipherOf(key)
		head := keyID + aead.NonceSize()
		if len(sealed) < head || string(sealed[:keyID]) != string(id) {
			continue
		}
		if plain, err := aead.Open(nil, sealed[keyID:head], sealed[head:], owner[:]); err == nil {
			return plain, nil
		}
	}
	return nil, ErrSealed
}

func cipherOf(key []byte) (cipher.AEAD, []byte) {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the length was checked
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	hash := sha256.Sum256(key)
	return aead, hash[:keyID:keyID]
}
