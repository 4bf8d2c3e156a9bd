package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/rekindlehq/rekindle/internal/rehearse"
	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

type rehearseCmd struct {
	Script   string `arg:"" help:"The script (docs/rehearsal.md); - reads it from the input."`
	Playbook string `help:"Folder of the playbook; the default one if left out." type:"existingdir"`
	JSON     bool   `name:"json" help:"Print the rehearsal as JSON."`
	Plans    bool   `help:"Show what is planned, too."`
}

// Run prints the timeline. A script whose expectations are not met is a failure,
// so that scripts can stand guard over a playbook.
func (c rehearseCmd) Run() error {
	source, err := c.read()
	if err != nil {
		return err
	}
	written, _ := rehearse.Split(string(source))
	script, err := rehearse.Parse([]byte(written))
	if err != nil {
		return err
	}
	pb, err := c.playbook()
	if err != nil {
		return err
	}
	told, err := rehearse.Run(script, pb)
	if err != nil {
		return err
	}
	if err := c.print(told, c.Plans || script.Plans); err != nil {
		return err
	}
	if n := len(told.Unmet); n > 0 {
		return fmt.Errorf("%d expectations of the script are not met; the first: %s", n, told.Unmet[0])
	}
	return nil
}

func (c rehearseCmd) read() ([]byte, error) {
	if c.Script == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(c.Script)
}

func (c rehearseCmd) playbook() (*sequence.Playbook, error) {
	if c.Playbook == "" {
		return playbooks.Default()
	}
	return playbooks.Read(os.DirFS(c.Playbook))
}

func (c rehearseCmd) print(told rehearse.Rehearsal, plans bool) error {
	if c.JSON {
		out := json.NewEncoder(os.Stdout)
		out.SetIndent("", "  ")
		return out.Encode(told)
	}
	_, err := fmt.Print(told.Text(plans))
	return err
}
