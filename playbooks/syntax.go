package playbooks

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A playbook is far from these. Beyond them the YAML library takes minutes, or all
// the memory there is.
const (
	maxDepth = 32
	maxKeys  = 10_000
)

// tree parses YAML. What a playbook has no use for is refused before the library
// sees it: anchors, aliases, tags, several documents, endless nesting.
func tree(source string) (ast.Node, *Problem) {
	tokens := lexer.Tokenize(source)
	if p := unwanted(tokens); p != nil {
		return nil, p
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, syntax(source, err)
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			return doc.Body, nil
		}
	}
	return nil, &Problem{File: main, Line: 1, Column: 1, Message: "the file is empty", Remedy: "rekindle playbook new copies a playbook to begin with"}
}

func unwanted(tokens token.Tokens) *Problem {
	depth, keys, entries, line := 0, 0, 0, 0
	for i, t := range tokens {
		message, remedy := "", ""
		if t.Position.Line != line {
			line, entries = t.Position.Line, 0
		}
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			message, remedy = "anchors (&), aliases (*) and merge keys (<<) are not allowed in a playbook", "write the value out; a text that begins with & or * needs quotes"
		case token.TagType:
			message, remedy = "tags (!) are not allowed in a playbook", "leave it out; a text that begins with ! needs quotes"
		case token.MappingKeyType, token.DirectiveType, token.DocumentEndType:
			message, remedy = fmt.Sprintf("%q has no meaning in a playbook", t.Value), "leave it out, or put the text in quotes"
		case token.DocumentHeaderType:
			if i > 0 {
				message, remedy = "a playbook is one document", "keep only what stands before or after the line ---"
			}
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			entries++
		case token.MappingValueType:
			keys++
		default:
		}
		if max(depth, entries) > maxDepth {
			message, remedy = "nothing in a playbook is nested this deeply", "check the brackets"
		} else if keys > maxKeys {
			message, remedy = fmt.Sprintf("there are more than %d keys", maxKeys), "shorten the playbook"
		}
		if message != "" {
			return &Problem{File: main, Line: t.Position.Line, Column: t.Position.Column, Message: message, Remedy: remedy}
		}
	}
	return nil
}

// syntax says what the YAML library says, with a remedy for what happens often.
func syntax(source string, err error) *Problem {
	p := &Problem{File: main, Line: 1, Column: 1, Message: "this is not YAML", Remedy: clip(err.Error())}
	var at yaml.Error
	if !errors.As(err, &at) {
		return p
	}
	p.Message, p.Remedy = "this is not YAML: "+at.GetMessage(), "indent with spaces, and put a text with : # { [ or quotes in it between quotes"
	if t := at.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = max(t.Position.Line, 1), max(t.Position.Column, 1)
	}
	if lines := strings.Split(source, "\n"); p.Line <= len(lines) && strings.Contains(lines[p.Line-1], "\t") {
		p.Remedy = "indent with spaces; there is a tab in this line"
	}
	return p
}
