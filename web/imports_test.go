package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fair is a list as a fair's scanner exports it: in Windows' encoding, with a row that
// is not good and somebody who stands there twice.
const fair = "Vorname;Nachname;E-Mail;Firma;Land\r\nJ\xfcrgen;Gro\xdf;juergen@acme.example;Acme;Deutschland\r\nAnn;Lee;ann@acme.example;Acme;\r\nAnn;Lee;ANN@acme.example;Acme;Germany\r\nBad;Row;nowhere;;\r\n"

// upload sends a file as the form does.
func (s *surfer) upload(name, content string) page {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(s, form.WriteField("once", fmt.Sprint("upload of ", name, len(content))))
	part, err := form.CreateFormFile("file", name)
	require.NoError(s, err)
	_, err = part.Write([]byte(content))
	require.NoError(s, err)
	require.NoError(s, form.Close())
	req, err := http.NewRequestWithContext(s.Context(), http.MethodPost, s.base+"/imports", &body)
	require.NoError(s, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	return s.do(req)
}

// chosen are the values of a page's form as they stand there.
func chosen(p page) url.Values {
	form := url.Values{"known": {"complete"}, "dates": {"day_first"}}
	for _, sel := range regexp.MustCompile(`(?s)<select id="column-\d+" name="column">(.*?)</select>`).FindAllStringSubmatch(p.body, -1) {
		value := ""
		if m := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(sel[1]); m != nil {
			value = m[1]
		}
		form.Add("column", value)
	}
	return form
}

func (s *surfer) settled(path, state string) (p page) {
	require.Eventually(s, func() bool {
		p = s.get(path)
		return strings.Contains(p.body, `id="progress">`+state)
	}, time.Minute, 50*time.Millisecond, state)
	return p
}

func TestAManagerLetsAListInWithoutScripts(t *testing.T) {
	h := newHouse(t)
	mo := h.surfer()
	mo.signIn("mo")
	p := mo.upload("fair.csv", fair)
	require.Equal(t, http.StatusOK, p.status)
	require.Regexp(t, `^/imports/[0-9a-f-]{36}$`, p.path)
	require.Contains(t, p.body, "4 rows, windows-1252")
	form := chosen(p)
	require.Equal(t, []string{"first_name", "last_name", "email", "account", "country"}, form["column"])

	refused := mo.post(p.path+"/check", form)
	require.Equal(t, http.StatusUnprocessableEntity, refused.status)
	require.Contains(t, refused.body, "fixed.basis")
	form.Set("fixed_source", "crm_dormant")
	form.Set("fixed_basis", "consent: fair 2026")
	form.Set("fixed_owner", "robin@seller.example")
	require.Contains(t, mo.post(p.path+"/plan", form).body, "Jürgen Groß")

	form.Set("once", "check 1")
	require.Equal(t, http.StatusOK, mo.post(p.path+"/check", form).status)
	checked := mo.settled(p.path, "Checked")
	require.Contains(t, checked.body, "<b>2</b> would become leads")
	leads := func() (n int) {
		require.NoError(t, h.app.Store.Pool.QueryRow(t.Context(), "SELECT count(*) FROM leads").Scan(&n))
		return n
	}
	require.Zero(t, leads())

	form.Set("once", "start 1")
	require.Equal(t, http.StatusOK, mo.post(p.path+"/start", form).status)
	done := mo.settled(p.path, "Came in")
	require.Contains(t, done.body, "<b>2</b> became leads")
	require.Contains(t, done.body, "<b>1</b> are known: what was missing is filled in")
	require.Equal(t, 2, leads())
	rows := mo.get(p.path + "?result=refused")
	require.Contains(t, rows.body, "is not an email address; write it as ann@acme.example")
	require.Contains(t, rows.body, `<th scope="row">5</th>`)
	csv := mo.get("/v1" + p.path + "/result.csv")
	require.Contains(t, csv.body, "5;refused;;")
	require.Contains(t, mo.get("/imports").body, "fair.csv")
	require.Contains(t, mo.get("/leads").body, "Jürgen Groß", "their lives are there to be looked at")

	again := mo.upload("fair.csv", fair)
	require.NotEqual(t, p.path, mo.upload("fair 2.csv", fair).path)
	require.Equal(t, p.path, again.path, "the same form sent twice is one file")
}

func TestAFileThatIsNoListIsSaidSoOnThePage(t *testing.T) {
	h := newHouse(t)
	mo := h.surfer()
	mo.signIn("mo")
	p := mo.upload("leads.xlsx", "PK\x03\x04")
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	require.Contains(t, p.body, "export it from the spreadsheet as CSV")
	robin := h.surfer()
	robin.signIn("robin")
	require.Equal(t, http.StatusForbidden, robin.get("/imports").status)
	require.NotContains(t, robin.get("/desk").body, `href="/imports"`)
	require.Equal(t, http.StatusForbidden, robin.upload("fair.csv", fair).status)
}
