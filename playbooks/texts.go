package playbooks

import (
	"fmt"
	"strings"
	"text/template"

	"github.com/rekindlehq/rekindle/sequence"
)

// Fields is everything a text may say. A field may be empty unless it is tagged as
// always known. The doc tags are the reference that users read.
type Fields struct {
	FirstName    string  `doc:"The lead's first name."`
	Account      string  `doc:"The lead's company."`
	Asked        string  `doc:"What the lead did, completing \"you ...\"." always:"known"`
	AskedOn      string  `doc:"The date of it."`
	LastSpokeOn  string  `doc:"The date of the last conversation."`
	Owner        string  `doc:"The rep's first name." always:"known"`
	Company      string  `doc:"Your company." always:"known"`
	CallAt       string  `doc:"The scheduled call in words, with day, time and time zone."`
	Primary      string  `doc:"In texts to stakeholders: the first name of the lead through whom the account came."`
	Stakeholders string  `doc:"In the text that tells the primary: the names of those who will be contacted."`
	Reason       *Reason `doc:"The news that the touch brings (R03); only where every step that sends the text has reason: new."`
}

// Reason is the news that a touch brings (R03); nil where the step asks for none.
type Reason struct {
	Title   string `doc:"What the news is called." always:"known"`
	Summary string `doc:"What it says, in a few sentences."`
	URL     string `doc:"Where to read it."`
}

// Render fills a text in. The error names the text and the field at fault.
func Render(pb *sequence.Playbook, name string, f Fields) (subject, body string, err error) {
	text, ok := pb.Texts[name]
	if !ok {
		return "", "", fmt.Errorf("there is no text %q", name)
	}
	if subject, err = fill(name+" subject", text.Subject, f); err != nil {
		return "", "", err
	}
	if body, err = fill(name, text.Body, f); err != nil {
		return "", "", err
	}
	return strings.Join(strings.Fields(subject), " "), body, nil // no CR or LF can reach a header
}

// Prompt fills in what a task suggests to say.
func Prompt(prompt string, f Fields) (string, error) { return fill("prompt", prompt, f) }

func fill(name, source string, f Fields) (string, error) {
	t, err := compile(name, source)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if err := t.Execute(&b, f); err != nil {
		return "", err
	}
	return b.String(), nil
}

func compile(name, source string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(source)
	if err != nil {
		return nil, err
	}
	if t.Tree == nil || t.Root == nil {
		return t, nil
	}
	for _, f := range understand(t.Root, true) {
		if f.forbidden {
			return nil, fmt.Errorf("%s: %s", name, f.message)
		}
	}
	return t, nil
}
