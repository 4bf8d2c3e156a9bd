package mailbox_test

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/mailbox"
)

func seal(t *testing.T, keys string) mailbox.Seal {
	t.Helper()
	s, err := mailbox.NewSeal(keys)
	require.NoError(t, err)
	return s
}

func TestSecretsAreSealedAndOpenedByTheNewestAndOlderKeys(t *testing.T) {
	older, newer, id := mailbox.NewKey(), mailbox.NewKey(), uuid.New()
	c := mailbox.Connections{SMTP: "smtps://ann:secret@mail.example.com:465"}
	sealed, err := seal(t, older).Close(id, c)
	require.NoError(t, err)
	require.False(t, bytes.Contains(sealed, []byte("secret")))

	got, err := seal(t, newer+", "+older).Open(id, sealed)
	require.NoError(t, err)
	require.Equal(t, c, got)

	_, err = seal(t, newer).Open(id, sealed)
	require.ErrorIs(t, err, mailbox.ErrSealed, "another key")
	_, err = seal(t, older).Open(uuid.New(), sealed)
	require.ErrorIs(t, err, mailbox.ErrSealed, "secrets cannot be moved to another mailbox")
	sealed[len(sealed)-1] ^= 1
	_, err = seal(t, older).Open(id, sealed)
	require.ErrorIs(t, err, mailbox.ErrSealed, "or be changed")
	_, err = seal(t, older).Open(id, nil)
	require.ErrorIs(t, err, mailbox.ErrSealed)
}

func TestAKeyThatIsNoneIsRefused(t *testing.T) {
	for _, keys := range []string{"", "short", "c2hvcnQ=", mailbox.NewKey() + ",x"} {
		_, err := mailbox.NewSeal(keys)
		require.ErrorContains(t, err, "rekindle mailbox key", keys)
	}
	_, err := (mailbox.Seal{}).Close(uuid.New(), mailbox.Connections{})
	require.ErrorContains(t, err, "REKINDLE_SECRET_KEY is not set")
}
