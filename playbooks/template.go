package playbooks

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// finding is one thing that a text says and should not, at an offset in it.
type finding struct {
	offset          int
	words           string // what is at fault, as it is written
	message, remedy string
	forbidden       bool // no text may do this, whatever its fields
	warning         bool
}

func notAllowed(what string) string {
	return "a text may use fields, if, with, and, or, not, but no " + what
}

// fieldNames lists what a text may say, as it is written there.
func fieldNames(t reflect.Type) []string {
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		names = append(names, "."+f.Name)
	}
	return names
}

// said is what an expression stands for.
type said struct {
	kind     kind
	path     string   // of the field, such as Reason.Title
	sure     bool     // never empty
	if1, if0 []string // fields that are there if this is something, or if it is nothing
}

type kind int

const (
	unknown kind = iota // a fault was found already, or several things
	lead                // the dot outside of any with
	letters             // text
	news                // a reason to reach out
	truth               // of not
)

// reading walks through a text with what is known to be there.
type reading struct {
	news  bool
	found []finding
}

func understand(root *parse.ListNode, news bool) []finding {
	r := &reading{news: news}
	r.list(root, said{kind: lead, sure: true}, nil)
	return r.found
}

func (r *reading) add(f finding) {
	if len(r.found) < maxFindings {
		r.found = append(r.found, f)
	}
}

func (r *reading) deny(n parse.Node, what string) said {
	r.add(finding{offset: int(n.Position()), words: n.String(), message: notAllowed(what), remedy: "say it with those", forbidden: true})
	return said{sure: true}
}

func (r *reading) list(l *parse.ListNode, dot said, there []string) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		r.node(n, dot, there)
	}
}

func (r *reading) node(n parse.Node, dot said, there []string) {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode:
	case *parse.ActionNode:
		r.print(n, r.pipe(n.Pipe, dot, there))
	case *parse.IfNode:
		v := r.pipe(n.Pipe, dot, there)
		r.list(n.List, dot, slices.Concat(there, v.if1))
		r.list(n.ElseList, dot, slices.Concat(there, v.if0))
	case *parse.WithNode:
		v := r.pipe(n.Pipe, dot, there)
		within := said{kind: v.kind, path: v.path, sure: true}
		r.list(n.List, within, slices.Concat(there, v.if1))
		r.list(n.ElseList, dot, slices.Concat(there, v.if0))
	default:
		r.deny(n, nodeName(n))
	}
}

func nodeName(n parse.Node) string {
	return strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", n), "*parse."), "Node"))
}

// print judges what would be sent.
func (r *reading) print(n *parse.ActionNode, v said) {
	f := finding{offset: int(n.Position()), words: n.String()}
	switch {
	case v.kind == lead || v.kind == news:
		f.message, f.remedy = n.String()+" is no text", "name a field of it, such as {{.Asked}} or {{.Reason.Title}}"
	case v.kind == truth:
		f.message, f.remedy = n.String()+" would send true or false", "use it with if"
	case !v.sure && v.path != "":
		f.message, f.warning = n.String()+" may be empty", true
		f.remedy = fmt.Sprintf("write {{with .%s}}{{.}}{{end}} with the words around it inside, or {{else}} and what to say instead", v.path)
	case !v.sure:
		f.message, f.remedy, f.warning = n.String()+" may be empty", "end it with a word that is always there: {{or .Account \"your team\"}}", true
	default:
		return
	}
	r.add(f)
}
