package suppression_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/suppression"
)

func TestAValueHasOneForm(t *testing.T) {
	for _, c := range []struct{ kind, value, normal string }{
		{"email", " Ann@ACME.example ", "ann@acme.example"},
		{"email", "ann+x@münchen.example", "ann+x@münchen.example"},
		{"email", "ann", ""},
		{"email", "Ann <ann@acme.example>", ""},
		{"email", "ann@acme.example\r\nBcc: x@y.example", ""},
		{"email", "ann@[10.0.0.1]", ""},
		{"domain", "@ACME.Example", "acme.example"},
		{"domain", "acme", ""},
		{"domain", "-acme.example", ""},
		{"domain", "acme.example/x", ""},
		{"domain", strings.Repeat("a.", 130) + "example", ""},
		{"phone", "+49 (30) 1234-5678", "+493012345678"},
		{"phone", "030 12345678", ""},
		{"phone", "+49", ""},
		{"fax", "+493012345678", ""},
	} {
		normal, says := suppression.Normal(c.kind, c.value)
		require.Equal(t, c.normal, normal, "%s %q", c.kind, c.value)
		require.Equal(t, c.normal == "", says != "", "%s %q", c.kind, c.value)
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	entries := []postgres.Suppression{
		{Kind: postgres.KindEmail, Hash: postgres.Hash("ann@acme.example"), Via: "reply"},
		{Kind: postgres.KindDomain, Hash: postgres.Hash("acme.example"), Via: "bounce"},
		{Kind: postgres.KindPhone, Hash: postgres.Hash("+493012345678"), Via: "import"},
	}
	var b strings.Builder
	w, err := suppression.NewWriter(&b)
	require.NoError(t, err)
	for _, e := range entries {
		require.NoError(t, w.Add(e, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)))
	}
	require.NoError(t, w.End())
	read, faults, err := suppression.Read(strings.NewReader(b.String()))
	require.NoError(t, err)
	require.Empty(t, faults)
	require.Equal(t, entries, read)
}

func TestEachFaultHasItsPlaceAndTheRestIsRead(t *testing.T) {
	for _, c := range []struct {
		name, list   string
		good         int
		line, column int
		says         string
	}{
		{"no kind", "kind,value\n,ann@acme.example\nemail,bo@acme.example\n", 1, 2, 1, "write email, domain or phone"},
		{"another kind", "value,kind\nann@acme.example,fax\n", 0, 2, 18, "write email, domain or phone"},
		{"a value that is none", "kind,value\nemail,bo@acme.example\n\nemail,ann\n", 1, 4, 7, "ann@acme.example"},
		{"too few fields", "kind,value\nemail\nemail,bo@acme.example\n", 1, 2, 1, "not an email address"},
		{"a hash that is none", "kind,hash\nemail,abc\n", 0, 2, 7, "64 hexadecimal digits"},
		{"a via that is none", "kind,value,via\nemail,bo@acme.example,By Phone\n", 0, 2, 23, "leave it out"},
		{"a quote in the middle", "kind,value\nemail,b\"o@acme.example\nemail,bo@acme.example\n", 1, 2, 8, "quotes"},
		{"a quote that never ends", "kind,value\nemail,bo@acme.example\nemail,\"bo\nemail,cy@acme.example\n", 1, 3, 1, "up to line 4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			entries, faults, err := suppression.Read(strings.NewReader(c.list))
			require.NoError(t, err)
			require.Len(t, entries, c.good)
			require.Len(t, faults, 1)
			require.Equal(t, []int{c.line, c.column}, []int{faults[0].Line, faults[0].Column}, "%s", faults[0])
			require.Contains(t, faults[0].Message, c.says)
		})
	}
}

func TestSemicolonsAndAByteOrderMarkAreTaken(t *testing.T) {
	entries, faults, err := suppression.Read(strings.NewReader("\uFEFFKind; Value\r\nEMAIL; \"ann@acme.example\"\r\n"))
	require.NoError(t, err)
	require.Empty(t, faults)
	require.Equal(t, []postgres.Suppression{{Kind: "email", Hash: postgres.Hash("ann@acme.example"), Via: suppression.Imported}}, entries)
}

func TestAFileThatIsNoListIsRefusedWhole(t *testing.T) {
	for _, list := range []string{"", "\n", "ann@acme.example\n", "kind\n", "kind,hash,value\n", "\"kind,value\n", "kind,value,colour\n"} {
		_, _, err := suppression.Read(strings.NewReader(list))
		var none suppression.NoList
		require.ErrorAs(t, err, &none, "%q", list)
		require.Equal(t, 1, none.Line, "%q", list)
	}
	_, _, err := suppression.Read(strings.NewReader("kind,value\n" + strings.Repeat("fax,1\n", suppression.Most+1)))
	require.ErrorIs(t, err, suppression.ErrTooMany)
	broken := errors.New("the disk is gone")
	_, _, err = suppression.Read(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
}
