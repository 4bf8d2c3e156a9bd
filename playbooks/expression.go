package playbooks

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

func (r *reading) pipe(p *parse.PipeNode, dot said, there []string) said {
	if len(p.Decl) > 0 {
		return r.deny(p, "variables")
	}
	var last *said
	for _, c := range p.Cmds {
		v := r.command(c, dot, there, last)
		last = &v
	}
	if last == nil {
		return said{sure: true}
	}
	return *last
}

// command judges one expression; last is what a pipe hands on to it.
func (r *reading) command(c *parse.CommandNode, dot said, there []string, last *said) said {
	name, call := c.Args[0].(*parse.IdentifierNode)
	if call && !slices.Contains([]string{"and", "or", "not"}, name.Ident) {
		return r.deny(name, "function "+name.Ident)
	}
	if !call {
		v := r.operand(c.Args[0], dot, there)
		if len(c.Args) > 1 || last != nil {
			r.add(finding{offset: int(c.Position()), words: c.String(), message: c.Args[0].String() + " takes nothing after it", remedy: "use and, or, not to combine fields"})
			return said{sure: true}
		}
		return v
	}
	var args []said
	known := there
	for _, a := range c.Args[1:] {
		v := r.operand(a, dot, known)
		args = append(args, v)
		switch name.Ident { // both stop at the argument that decides
		case "and":
			known = slices.Concat(known, v.if1)
		case "or":
			known = slices.Concat(known, v.if0)
		}
	}
	if last != nil {
		args = append(args, *last)
	}
	if len(args) == 0 || name.Ident == "not" && len(args) > 1 {
		r.add(finding{offset: int(c.Position()), words: c.String(), message: name.Ident + " needs something to judge", remedy: "give it fields, such as {{if not .Account}}"})
		return said{sure: true}
	}
	return combine(name.Ident, args)
}

func combine(name string, args []said) said {
	if name == "not" {
		return said{kind: truth, sure: true, if1: args[0].if0, if0: args[0].if1}
	}
	v := said{kind: args[0].kind, sure: name == "and"}
	for _, a := range args {
		if a.kind != v.kind {
			v.kind = unknown
		}
		if name == "and" {
			v.sure, v.if1 = v.sure && a.sure, append(v.if1, a.if1...)
		} else {
			v.sure, v.if0 = v.sure || a.sure, append(v.if0, a.if0...)
		}
	}
	if len(args) == 1 {
		return args[0]
	}
	return v
}

func (r *reading) operand(n parse.Node, dot said, there []string) said {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.StringNode:
		return said{kind: letters, sure: n.Text != ""}
	case *parse.PipeNode:
		return r.pipe(n, dot, there)
	case *parse.FieldNode:
		return r.field(n, dot, there)
	case *parse.IdentifierNode:
		return r.command(&parse.CommandNode{NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{n}}, dot, there, nil)
	}
	return r.deny(n, nodeName(n))
}

// field looks a name up in what the dot stands for.
func (r *reading) field(n *parse.FieldNode, dot said, there []string) said {
	offset := int(n.Position())
	if len(n.Ident) > 1 { // the library gives the place of the second name
		offset -= len(n.Ident[0]) + 1
	}
	v := dot
	for i, name := range n.Ident {
		f := finding{offset: offset, words: n.String()}
		var of reflect.Type
		switch v.kind {
		case lead:
			of = reflect.TypeFor[Fields]()
		case news:
			of = reflect.TypeFor[Reason]()
		case letters:
			f.message, f.remedy = fmt.Sprintf("%s is not known here", n), "inside {{with .X}} the dot is X itself; use {{if .X}} to name other fields, too"
			r.add(f)
			return said{sure: true}
		default:
			f.message, f.remedy = fmt.Sprintf("what %s is asked of is not clear", n), "use {{if}} or {{with}} of one field"
			r.add(f)
			return said{sure: true}
		}
		known, ok := of.FieldByName(name)
		if !ok {
			f.message, f.remedy = "there is no field ."+name, among("."+name, fieldNames(of))
			r.add(f)
			return said{sure: true}
		}
		v = r.known(v, known, there)
		if v.kind == news && !v.sure && i+1 < len(n.Ident) {
			f.message, f.remedy = "there may be no "+v.path+" here", "write {{with .Reason}}{{.Title}}{{end}}, or give every step that sends this text reason: new"
			r.add(f)
			return said{sure: true}
		}
	}
	return v
}

func (r *reading) known(of said, f reflect.StructField, there []string) said {
	v := said{kind: letters, path: strings.TrimPrefix(of.path+"."+f.Name, "."), sure: f.Tag.Get("always") != ""}
	if f.Type == reflect.TypeFor[*Reason]() {
		v.kind, v.sure = news, r.news
	}
	v.sure = v.sure || slices.Contains(there, v.path)
	v.if1 = []string{v.path}
	return v
}
