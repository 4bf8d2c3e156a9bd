package playbooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/rekindlehq/rekindle/sequence"
)

// Fields is everything a text may say. Strings may be empty unless noted.
type Fields struct {
	FirstName    string
	Account      string
	Asked        string // what the lead did, completing "you ...": never empty
	AskedOn      string // a date
	LastSpokeOn  string // a date
	Owner        string // the rep's first name: never empty
	Company      string // ours
	CallAt       string // the scheduled call in words
	Primary      string // first name, in texts to stakeholders
	Stakeholders string // names, in the text that tells the primary
	Reason       *Reason
}

// Reason is the news that a touch brings (R03); nil where the step asks for none.
type Reason struct{ Title, Summary, URL string }

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
	return t, allowed(name, t.Root)
}

// allowed refuses everything in a template but fields, if, with, and, or, not:
// no loops, no calls, no definitions.
func allowed(name string, n parse.Node) error {
	deny := func(what string) error {
		return fmt.Errorf("%s: a text may use fields, if, with, and, or, not, but no %s", name, what)
	}
	switch n := n.(type) {
	case nil, *parse.TextNode, *parse.FieldNode, *parse.DotNode, *parse.StringNode, *parse.CommentNode:
		return nil
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, child := range n.Nodes {
			if err := allowed(name, child); err != nil {
				return err
			}
		}
		return nil
	case *parse.ActionNode:
		return allowed(name, n.Pipe)
	case *parse.IfNode:
		return allowedAll(name, n.Pipe, n.List, n.ElseList)
	case *parse.WithNode:
		return allowedAll(name, n.Pipe, n.List, n.ElseList)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return deny("variables")
		}
		for _, c := range n.Cmds {
			for _, arg := range c.Args {
				if err := allowed(name, arg); err != nil {
					return err
				}
			}
		}
		return nil
	case *parse.IdentifierNode:
		if slices.Contains([]string{"and", "or", "not"}, n.Ident) {
			return nil
		}
		return deny("function " + n.Ident)
	}
	return deny(strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", n), "*parse."), "Node")))
}

func allowedAll(name string, nodes ...parse.Node) error {
	for _, n := range nodes {
		if err := allowed(name, n); err != nil {
			return err
		}
	}
	return nil
}

// checkTexts renders every text as its steps would, so that a fault shows when
// the playbook is read and not when a lead is due. The lines above each body are
// put back, so that a fault names the line of the file.
func checkTexts(pb *sequence.Playbook, above map[string]int) []string {
	var faults []string
	whole := &sequence.Playbook{Texts: maps.Clone(pb.Texts)}
	for name, text := range whole.Texts {
		text.Body = strings.Repeat("\n", above[name]) + text.Body
		whole.Texts[name] = text
	}
	sample := Fields{
		FirstName: "Ann", Account: "Acme", Asked: "asked us for information", AskedOn: "3 March", LastSpokeOn: "4 April",
		Owner: "Robin", Company: "Example", CallAt: "Tuesday, 3 March at 14:00 CET", Primary: "Ann", Stakeholders: "Bo Chen",
	}
	for _, name := range slices.Sorted(maps.Keys(pb.Texts)) {
		f := sample
		if textBringsNews(pb, name) {
			f.Reason = &Reason{Title: "News", Summary: "Something new.", URL: "https://example.com/news"}
		}
		if _, _, err := Render(whole, name, f); err != nil {
			faults = append(faults, "texts/"+name+".md: "+err.Error())
		}
	}
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			for i, s := range pb.Steps(stage, play) {
				for _, prompt := range []string{s.Call, s.Manual} {
					if _, err := Prompt(prompt, sample); err != nil {
						faults = append(faults, fmt.Sprintf("playbook.yaml: stages.%s.%s[%d]: %v", stage, play, i, err))
					}
				}
			}
		}
	}
	return faults
}

// textBringsNews reports whether every step that uses the text brings news.
func textBringsNews(pb *sequence.Playbook, name string) bool {
	used := false
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			for _, s := range pb.Steps(stage, play) {
				if s.Email != name {
					continue
				}
				if s.Reason != sequence.ReasonNew {
					return false
				}
				used = true
			}
		}
	}
	return used
}
