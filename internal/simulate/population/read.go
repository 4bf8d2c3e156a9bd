package population

import (
	_ "embed"
	"encoding"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/rekindlehq/rekindle/sequence"
)

//go:embed population.yaml
var defaultFile []byte

// DefaultFile is the text of the default population, with its comments.
func DefaultFile() []byte { return defaultFile }

// Default is the population that ships with Rekindle.
func Default() (*Population, error) { return Read(defaultFile) }

// Read reads a population file. An unknown key, a missing one that matters and a
// value out of range are errors that name the key.
func Read(source []byte) (*Population, error) {
	p := new(Population)
	if err := yaml.UnmarshalWithOptions(source, p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("population: %s%s", position(source, err), yaml.FormatError(err, false, true))
	}
	if faults := p.check(); len(faults) > 0 {
		return nil, errors.New("population: " + strings.Join(faults, "\npopulation: "))
	}
	return p, nil
}

// position finds the line and column of a share, a day or a window that cannot be
// read: the YAML library gives them for its own errors only.
func position(source []byte, fault error) string {
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		return ""
	}
	for _, doc := range file.Docs {
		scalars := slices.Concat(ast.Filter(ast.StringType, doc.Body), ast.Filter(ast.FloatType, doc.Body), ast.Filter(ast.IntegerType, doc.Body))
		for _, node := range scalars {
			at := node.GetToken()
			for _, reads := range []encoding.TextUnmarshaler{new(Share), new(Date), new(sequence.Window)} {
				if err := reads.UnmarshalText([]byte(at.Value)); err != nil && err.Error() == fault.Error() {
					return fmt.Sprintf("[%d:%d] ", at.Position.Line, at.Position.Column)
				}
			}
		}
	}
	return ""
}
