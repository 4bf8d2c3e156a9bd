package csvfile_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/rekindlehq/rekindle/internal/csvfile"
)

func rows(t require.TestingT, f *csvfile.File) (all []csvfile.Row) {
	for {
		row, err := f.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		require.NoError(t, err)
		all = append(all, row)
	}
}

func TestTheFormOfAFileIsRecognised(t *testing.T) {
	const text = "Name;E-Mail\nJürgen Groß;jg@acme.example\nAnn Lee;ann@acme.example\n"
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	big, err := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	require.NoError(t, err)
	old, err := charmap.Windows1252.NewEncoder().String(text)
	require.NoError(t, err)
	for encoding, content := range map[string]string{csvfile.UTF16LE: utf16, csvfile.UTF16BE: big, csvfile.Windows1252: old, csvfile.UTF8: "\ufeff" + text} {
		f, err := csvfile.Open([]byte(content))
		require.NoError(t, err, encoding)
		require.Equal(t, csvfile.Form{Encoding: encoding, Delimiter: ";"}, f.Form)
		require.Equal(t, []string{"Name", "E-Mail"}, f.Header)
		all := rows(t, f)
		require.Len(t, all, 2)
		require.Equal(t, csvfile.Row{Line: 2, Cells: []string{"Jürgen Groß", "jg@acme.example"}}, all[0])
	}
	for delimiter, content := range map[string]string{
		",":  "a,b,c\n1,2;x,3\n1,2,3\n",
		";":  "name;note\nAnn;likes, very much, commas\nBo;also, commas\n",
		"\t": "a\tb\n1\t2\n",
		"|":  "a|b\n1|2\n",
	} {
		f, err := csvfile.Open([]byte(content))
		require.NoError(t, err)
		require.Equal(t, delimiter, f.Delimiter, content)
	}
	f, err := csvfile.Open([]byte("email\nann@acme.example\n"))
	require.NoError(t, err)
	require.Equal(t, []string{"email"}, f.Header, "one column needs no delimiter")
}

func TestEveryBadRowSaysWhereItIsAndTheOthersGoOn(t *testing.T) {
	f, err := csvfile.Open([]byte(strings.Join([]string{
		`name,email`,                         // 1
		`Ann,ann@acme.example`,               // 2
		``,                                   // 3
		`"Bo`,                                // 4
		`Chen",bo@acme.example`,              // 5
		`Cy "the boss" Diaz,cy@acme.example`, // 6
		`Dov,dov@acme.example,,`,             // 7: empty cells at the end are no harm
		`Eve`,                                // 8: nor are those left out
		`Fay,fay@acme.example,x,y`,           // 9
		`"Gil"x,gil@acme.example`,            // 10
		` , `,                                // 11
		`Hal,hal@acme.example`,               // 12
		`"Ida,ida@acme.example`,              // 13
		`Jon,jon@acme.example`,               // 14
	}, "\n")))
	require.NoError(t, err)
	all := rows(t, f)
	var lines []int
	faults := map[int]string{}
	for _, r := range all {
		lines = append(lines, r.Line)
		if r.Fault != "" {
			faults[r.Line] = r.Fault
		}
	}
	require.Equal(t, []int{2, 4, 6, 7, 8, 9, 10, 12, 13}, lines)
	require.Equal(t, []string{"Bo\nChen", "bo@acme.example"}, all[1].Cells)
	require.Equal(t, []string{"Dov", "dov@acme.example"}, all[3].Cells)
	require.Equal(t, []string{"Eve", ""}, all[4].Cells)
	require.Len(t, faults, 4)
	require.Contains(t, faults[6], "quote stands in the middle of a cell (column 4)")
	require.Contains(t, faults[9], "has 4 cells where the header has 2")
	require.Contains(t, faults[10], "write each quote in a cell twice")
	require.Contains(t, faults[13], "Nothing below could be read")
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	for content, want := range map[string]error{"": csvfile.ErrEmpty, " \n\n": csvfile.ErrEmpty, ",,\n,,\n": csvfile.ErrEmpty, "PK\x03\x04xl": csvfile.ErrBinary, "a\x00b,c": csvfile.ErrBinary} {
		_, err := csvfile.Open([]byte(content))
		require.ErrorIs(t, err, want, "%q", content)
	}
}

func FuzzAnyFileIsReadToItsEnd(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\r\n\"x\ny\";2\r\n", "\xff\xfea\x00,\x00", "\"", "a\n\"\n", "a,b\n1,\"2\"3\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		file, err := csvfile.Open(content)
		if err != nil {
			return
		}
		last := 0
		for _, r := range rows(t, file) {
			require.Greater(t, r.Line, last, "lines go on")
			last = r.Line
			if r.Fault == "" {
				require.Len(t, r.Cells, len(file.Header))
			}
		}
	})
}
