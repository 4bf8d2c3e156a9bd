package mailservers_test

import (
	"net"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/mailservers"
)

func TestNothingIsLeftOfTheServersWhenTheirTestEnds(t *testing.T) {
	var folder string
	var line *mailservers.Line
	t.Run("inner", func(t *testing.T) {
		s := mailservers.Start(t, robin)
		folder, line = filepath.Dir(s.CAFile), s.MX
		require.DirExists(t, folder)
		s.Deliver(ada, robin, fromOutside("hello"))
	})
	if line == nil {
		t.Skip("the servers are not installed")
	}
	require.NoDirExists(t, folder)
	_, err := net.Dial("tcp", line.Addr())
	require.Error(t, err)
}

func TestTheServersCanBeLeftOut(t *testing.T) {
	left := false
	t.Run("inner", func(t *testing.T) {
		t.Setenv(mailservers.RequireVariable, "0")
		defer func() { left = t.Skipped() }()
		mailservers.Start(t)
	})
	require.True(t, left)
}

func TestTwoPairsKnowNothingOfEachOther(t *testing.T) {
	one, other := mailservers.Start(t, robin), mailservers.Start(t, ada)
	one.Deliver(ada, robin, fromOutside("hello"))
	one.AwaitLetter(robin, "Subject: hello")
	require.ErrorContains(t, other.TryDeliver(ada, robin, fromOutside("hello")), "550")
}
