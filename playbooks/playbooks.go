// Package playbooks reads playbooks: a playbook.yaml and the email texts beside
// it. It knows the files and the YAML; what a playbook means is known to package
// sequence. The default playbook is embedded.
package playbooks

import (
	"embed"
	"fmt"
	"io/fs"
	"path"

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
