package mailservers_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/mailservers"
)

const (
	robin = "robin@rekindle.test"
	ada   = "ada@prospects.test"
)

func TestMailFromOutsideArrives(t *testing.T) {
	s := mailservers.Start(t, robin)
	s.Deliver(ada, robin, []byte("From: "+ada+"\nTo: "+robin+"\nSubject: Hello\n\nHow are you?\n"))
	require.Contains(t, string(s.AwaitLetter(robin, "Subject: Hello")), "How are you?")
}
