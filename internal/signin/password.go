package signin

import (
	"context"
	"fmt"
	"runtime"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// The lengths of a password, in characters (NIST SP 800-63B): long ones are welcome,
// and nothing is asked about what they are made of.
const (
	leastPassword = 12
	mostPassword  = 256
)

// cost is what OWASP asks of argon2id at least: 19 MiB, two passes, one lane.
var cost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// busy keeps many attempts at once from taking all memory.
var busy = make(chan struct{}, max(2, runtime.NumCPU()))

// Weak is a password that is not taken.
type Weak struct{ Why string }

func (w *Weak) Error() string { return "the password " + w.Why }

func strong(password string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < leastPassword:
		return &Weak{fmt.Sprintf("has %d characters; it needs %d: a few words that belong together for you alone are good", n, leastPassword)}
	case n > mostPassword:
		return &Weak{fmt.Sprintf("has %d characters; the most is %d", n, mostPassword)}
	}
	return nil
}

func hashed(ctx context.Context, password string) (string, error) {
	if err := inTurn(ctx); err != nil {
		return "", err
	}
	defer func() { <-busy }()
	h, err := argon2id.CreateHash(password, &cost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return h, nil
}

// matches reports whether a password is the one that was kept as a hash.
func matches(ctx context.Context, password, kept string) (bool, error) {
	if utf8.RuneCountInString(password) > mostPassword {
		return false, nil
	}
	if err := inTurn(ctx); err != nil {
		return false, err
	}
	defer func() { <-busy }()
	if kept == "" { // nobody has this address, or no password: it takes as long
		_, _ = argon2id.CreateHash(password, &cost)
		return false, nil
	}
	right, err := argon2id.ComparePasswordAndHash(password, kept)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return right, nil
}

func inTurn(ctx context.Context) error {
	select {
	case busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
