package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

type playbookCmd struct {
	New      playbookNewCmd      `cmd:"" help:"Copy the default playbook into a folder, to be edited."`
	Validate playbookValidateCmd `cmd:"" help:"Name every fault in a playbook, with its place and remedy."`
	Schema   playbookSchemaCmd   `cmd:"" help:"Print the JSON Schema of playbook.yaml, for editors."`
	List     playbookListCmd     `cmd:"" help:"List the published versions, and how many leads follow each."`
	Publish  playbookPublishCmd  `cmd:"" help:"Publish a folder as a version, named by its content, that never changes."`
	Release  playbookReleaseCmd  `cmd:"" help:"Let new leads follow a version from now on; leads in flight keep theirs."`
	Impact   playbookImpactCmd   `cmd:"" help:"Say what another version would do to every lead in flight; nothing is changed."`
	Migrate  playbookMigrateCmd  `cmd:"" help:"Move the living leads of one version to another, and watch."`
	Moves    playbookMovesCmd    `cmd:"" help:"List the moves that are not finished."`
}

type playbookValidateCmd struct {
	Path   string `arg:"" help:"The folder of the playbook, or the playbook.yaml in it."`
	JSON   bool   `name:"json" help:"Print the faults as JSON."`
	Strict bool   `help:"Fail on warnings, too."`
}

func (c playbookValidateCmd) Run() error {
	dir, err := playbookFolder(c.Path)
	if err != nil {
		return err
	}
	pb, problems := inspect(dir)
	v := verdict{Problems: problems}
	if pb != nil {
		v.ID = pb.ID
	}
	return v.print(c)
}

// playbookFolder is the folder that a path means: itself, or that of the
// playbook.yaml.
func playbookFolder(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("open the playbook: %w", err)
	case info.IsDir():
		return path, nil
	case filepath.Base(path) != "playbook.yaml":
		return "", fmt.Errorf("%s is not a playbook: give the folder, or the playbook.yaml in it", path)
	}
	return filepath.Dir(path), nil
}

// inspect reads a folder; the problems name their files as the caller would.
func inspect(dir string) (*sequence.Playbook, []playbooks.Problem) {
	pb, found := playbooks.Inspect(os.DirFS(dir))
	problems := make([]playbooks.Problem, 0, len(found))
	for _, p := range found {
		p.File = filepath.Join(dir, filepath.FromSlash(p.File))
		problems = append(problems, p)
	}
	return pb, problems
}

// verdict is what is found; the id only where the files are a playbook.
type verdict struct {
	ID       string              `json:"id,omitempty"`
	Problems []playbooks.Problem `json:"problems"`
}

func (v verdict) print(c playbookValidateCmd) error {
	faults, warnings := countFaults(v.Problems)
	for _, p := range v.Problems {
		if !c.JSON {
			fmt.Println(p)
		}
	}
	switch {
	case c.JSON:
		if err := printJSON(v); err != nil {
			return err
		}
	case faults == 0 && warnings == 0:
		fmt.Println(v.ID + ": no faults")
	case faults == 0:
		fmt.Printf("%s: no faults, %s\n", v.ID, count(warnings, "warning"))
	}
	if faults > 0 || c.Strict && warnings > 0 {
		return fmt.Errorf("%s: %s, %s", c.Path, count(faults, "fault"), count(warnings, "warning"))
	}
	return nil
}

func countFaults(problems []playbooks.Problem) (faults, warnings int) {
	for _, p := range problems {
		if p.Warning {
			warnings++
		} else {
			faults++
		}
	}
	return faults, warnings
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func printJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

type playbookNewCmd struct {
	Dir string `arg:"" help:"A folder that does not exist yet, or is empty."`
}

// Run writes the schema beside the playbook and names it in the first line, so that
// editors check the keys and complete them.
func (c playbookNewCmd) Run() error {
	if there, err := os.ReadDir(c.Dir); err == nil && len(there) > 0 {
		return fmt.Errorf("%s is not empty: give a new folder", c.Dir)
	} else if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("open the folder: %w", err)
	}
	files, err := playbooks.DefaultFiles()
	if err != nil {
		return err
	}
	schema, err := playbooks.Schema()
	if err != nil {
		return err
	}
	files["playbook.yaml"] = "# yaml-language-server: $schema=playbook.schema.json\n" + files["playbook.yaml"]
	files["playbook.schema.json"] = string(schema)
	for name, content := range files {
		file := filepath.Join(c.Dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return fmt.Errorf("make a folder for the playbook: %w", err)
		}
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			return fmt.Errorf("write the playbook: %w", err)
		}
	}
	fmt.Printf("%s is a copy of the default playbook: edit playbook.yaml and the texts, then\n  rekindle playbook validate %s\n", c.Dir, c.Dir)
	return nil
}

type playbookSchemaCmd struct{}

func (playbookSchemaCmd) Run() error {
	schema, err := playbooks.Schema()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(schema)
	return err
}
