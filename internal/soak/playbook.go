package soak

import (
	"fmt"
	"maps"
	"strings"
	"testing/fstest"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

const always = "mon-sun 00:00-23:59"

// openPlaybook is the default playbook with windows that are open all week and touches
// that go out however late they are: at a day a second a working day is a third of a
// second, and what misses it would wait for the next one, again and again. Public
// holidays and calling hours stay.
func openPlaybook() (files map[string]string, pb *sequence.Playbook, err error) {
	given, err := playbooks.DefaultFiles()
	if err != nil {
		return nil, nil, err
	}
	files = maps.Clone(given)
	for _, change := range [][2]string{
		{"name: default\n", "name: soak\n"},
		{"mon-fri 09:00-17:00", always},
		{"mon-fri 09:00-18:00", always},
		{"mon-fri 11:00-15:00", always},
		{"policy: spread\n", "policy: send\n"},
	} {
		if strings.Count(files["playbook.yaml"], change[0]) != 1 {
			return nil, nil, fmt.Errorf("the default playbook does not say %q once any more", change[0])
		}
		files["playbook.yaml"] = strings.Replace(files["playbook.yaml"], change[0], change[1], 1)
	}
	dir := fstest.MapFS{}
	for path, content := range files {
		dir[path] = &fstest.MapFile{Data: []byte(content)}
	}
	if pb, err = playbooks.Load(dir); err != nil {
		return nil, nil, fmt.Errorf("open the windows of the default playbook: %w", err)
	}
	return files, pb, nil
}
