// Package playbooks reads playbooks: a playbook.yaml and the email texts beside
// it. It knows the files and the YAML; what a playbook means is known to package
// sequence. The default playbook is embedded.
package playbooks

import (
	"crypto/sha256"
	"embed"
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/rekindlehq/rekindle/internal/holidays"
	"github.com/rekindlehq/rekindle/sequence"
)

//go:embed default
var embedded embed.FS

// Default is the playbook that ships with Rekindle.
func Default() (*sequence.Playbook, error) {
	sub, err := fs.Sub(embedded, "default")
	if err != nil {
		return nil, fmt.Errorf("open the default playbook: %w", err)
	}
	return Read(sub)
}

// Read reads the playbook in a folder: playbook.yaml and texts/**.md. The same
// files give the same ID, whatever they are called. Faults come with line and
// column where the YAML shows them.
func Read(dir fs.FS) (*sequence.Playbook, error) {
	source, err := fs.ReadFile(dir, "playbook.yaml")
	if err != nil {
		return nil, fmt.Errorf("read playbook.yaml: %w", err)
	}
	pb := new(sequence.Playbook)
	if err := yaml.UnmarshalWithOptions(source, pb, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("playbook.yaml: %s%s", position(source, err), yaml.FormatError(err, false, true))
	}
	hash := sha256.New()
	hash.Write(source)
	var above map[string]int
	if pb.Texts, above, err = readTexts(dir, func(name string, body []byte) {
		fmt.Fprintf(hash, "\x00%s\x00%s", name, body)
	}); err != nil {
		return nil, err
	}
	pb.ID = pb.Name + "-" + hex.EncodeToString(hash.Sum(nil))[:12]
	pb.Holidays = holidays.Tables()
	var faults []string
	for _, f := range pb.Check() {
		if !f.Warning {
			faults = append(faults, fmt.Sprintf("playbook.yaml: %s: %s; %s", f.At, f.Message, f.Remedy))
		}
	}
	if faults = append(faults, checkTexts(pb, above)...); len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "\n"))
	}
	return pb, nil
}

// position finds the line and column of a wait or a window that cannot be read:
// the YAML library gives them for its own errors only.
func position(source []byte, fault error) string {
	file, err := parser.ParseBytes(source, 0)
	if err != nil {
		return ""
	}
	for _, doc := range file.Docs {
		for _, node := range ast.Filter(ast.StringType, doc.Body) {
			at := node.GetToken()
			for _, reads := range []encoding.TextUnmarshaler{new(sequence.Wait), new(sequence.Window)} {
				if err := reads.UnmarshalText([]byte(at.Value)); err != nil && err.Error() == fault.Error() {
					return fmt.Sprintf("[%d:%d] ", at.Position.Line, at.Position.Column)
				}
			}
		}
	}
	return ""
}

// readTexts gives the texts, and how many lines of its file stand above each body.
func readTexts(dir fs.FS, each func(name string, body []byte)) (texts map[string]sequence.Text, above map[string]int, err error) {
	texts, above = map[string]sequence.Text{}, map[string]int{}
	err = fs.WalkDir(dir, "texts", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(file) != ".md" {
			return err
		}
		body, err := fs.ReadFile(dir, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, "texts/"), ".md")
		each(name, body)
		texts[name], above[name], err = parseText(string(body))
		if err != nil {
			return fmt.Errorf("%s:1: %w", file, err)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read texts: %w", err)
	}
	return texts, above, nil
}

func parseText(s string) (text sequence.Text, above int, err error) {
	head, body, _ := strings.Cut(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	subject, ok := strings.CutPrefix(head, "Subject: ")
	if !ok || strings.TrimSpace(subject) == "" {
		return text, 0, errors.New("a text begins with a line \"Subject: ...\"")
	}
	blank := len(body) - len(strings.TrimLeft(body, "\n"))
	return sequence.Text{Subject: strings.TrimSpace(subject), Body: strings.TrimSpace(body)}, 1 + blank, nil
}

// Files reads the files of a playbook folder as they are published: path to
// content.
func Files(dir fs.FS) (map[string]string, error) {
	files := map[string]string{}
	err := fs.WalkDir(dir, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file != "playbook.yaml" && path.Ext(file) != ".md" {
			return err
		}
		content, err := fs.ReadFile(dir, file)
		files[file] = string(content)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the playbook's files: %w", err)
	}
	return files, nil
}

// DefaultFiles are the files of the default playbook.
func DefaultFiles() (map[string]string, error) {
	sub, err := fs.Sub(embedded, "default")
	if err != nil {
		return nil, fmt.Errorf("open the default playbook: %w", err)
	}
	return Files(sub)
}
