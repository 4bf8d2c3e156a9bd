package playbooks

import (
	"math"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/rekindlehq/rekindle/sequence"
)

// nothing reports a key with no value.
func nothing(n ast.Node) bool {
	_, null := n.(*ast.NullNode)
	return n == nil || null
}

// words is a single value as it is written.
func words(n ast.Node) (text string, scalar bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

func (d *decoder) scalar(key string, at place, n ast.Node, into reflect.Value) {
	text, scalar := words(n)
	switch {
	case into.Kind() == reflect.String && scalar:
		into.SetString(text)
	case into.Kind() == reflect.String:
		d.fault(at, key, "a text is expected", "put it in quotes")
	case into.Kind() == reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			into.SetBool(b.Value)
			return
		}
		d.fault(at, key, "true or false is expected"+but(text, scalar), "write true, or leave the key out")
	default:
		if number, ok := whole(n); ok {
			into.SetInt(number)
			return
		}
		d.fault(at, key, "a number is expected"+but(text, scalar), "write a whole number, such as 3")
	}
}

func but(text string, scalar bool) string {
	if !scalar {
		return ""
	}
	return ", not " + quoted(text)
}

func whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, v >= math.MinInt32 && v <= math.MaxInt32
	case uint64:
		return int64(v), v <= math.MaxInt32
	}
	return 0, false
}

// apart divides the error of a wait, window or share into what is wrong and what
// to write instead. A colon in what somebody wrote, which is quoted, divides nothing.
func apart(s string) (message, remedy string) {
	within, cut := false, -1
	for i := 0; i < len(s); i++ {
		switch {
		case within && s[i] == '\\':
			i++
		case s[i] == '"':
			within = !within
		case !within && strings.HasPrefix(s[i:], ": "):
			cut = i
		}
	}
	if cut < 0 {
		return s, ""
	}
	return s[:cut], s[cut+2:]
}

// example is a value of the kind.
func example(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[sequence.Window]():
		return "mon-fri 09:00-17:00"
	case reflect.TypeFor[sequence.Percent]():
		return "10%"
	}
	return "2 working days"
}
