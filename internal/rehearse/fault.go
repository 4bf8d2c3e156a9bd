package rehearse

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// fault is one thing that a script says and cannot mean.
type fault struct{ path, message, remedy string }

func (f fault) Error() string { return f.path + ": " + f.message + "; " + f.remedy }

// faulty collects the faults below a path.
type faulty struct {
	path  string
	found *[]fault
}

func (f faulty) add(key, message, remedy string) {
	path := f.path
	if key != "" {
		path = strings.TrimPrefix(path+"."+key, ".")
	}
	*f.found = append(*f.found, fault{path, message, remedy})
}

func (f faulty) err(key string, err error) {
	if bad := new(badText); errors.As(err, &bad) {
		f.add(key, bad.message, bad.remedy)
	}
}

// badText is a value that cannot be read.
type badText struct{ message, remedy string }

func (b *badText) Error() string { return b.message + "; " + b.remedy }

func bad(text, whatItIsNot, remedy string) error {
	return &badText{fmt.Sprintf("%q is no %s", text, whatItIsNot), remedy}
}

// positioned writes the faults as an error, each with its line and column.
func positioned(source []byte, faults []fault) error {
	file, err := parser.ParseBytes(source, 0)
	var lines []string
	for _, f := range faults {
		at := ""
		if err == nil {
			at = position(file, f.path)
		}
		lines = append(lines, at+f.Error())
	}
	return errors.New(strings.Join(lines, "\n"))
}

// position finds a path in the source; where a key is missing, what it is
// missing in.
func position(file *ast.File, at string) string {
	for {
		path, err := yaml.PathString(strings.TrimSuffix("$."+at, "."))
		if err != nil {
			return ""
		}
		if node, err := path.FilterFile(file); err == nil && node != nil {
			p := first(node).GetToken().Position
			return fmt.Sprintf("[%d:%d] ", p.Line, p.Column)
		}
		if at == "" {
			return "[1:1] "
		}
		at = at[:max(0, strings.LastIndex(at, "."))]
	}
}

// first is where a node begins: the token of a mapping is its first colon.
func first(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key
		}
	case *ast.MappingValueNode:
		return n.Key
	}
	return n
}
