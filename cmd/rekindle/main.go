// Command rekindle keeps sales leads alive. This package knows every other one
// and reads the settings; nothing else does.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the same zones on every machine, also in an empty container

	"github.com/alecthomas/kong"
)

// version is set when the binary is built.
var version = "development"

type commands struct {
	Dev         devCmd         `cmd:"" help:"Run everything on this machine and watch demo leads live: Postgres, Temporal, mailbox, API, worker."`
	Serve       serveCmd       `cmd:"" help:"Run the API."`
	Work        workCmd        `cmd:"" help:"Run a worker."`
	Migrate     migrateCmd     `cmd:"" help:"Bring the database to the newest schema and register Temporal's search attributes."`
	Simulate    simulateCmd    `cmd:"" help:"Let a playbook work on made-up leads and show what it does; compare two."`
	Soak        soakCmd        `cmd:"" help:"Let the whole product live for years in some hours, and say whether anything grows."`
	SoakPart    soakPartCmd    `cmd:"" name:"soak-part" hidden:""`
	Setup       setupCmd       `cmd:"" help:"Prepare this machine for development and tests: Postgres and Temporal."`
	User        userCmd        `cmd:"" help:"Reps and managers."`
	Key         keyCmd         `cmd:"" help:"API keys."`
	Mailbox     mailboxCmd     `cmd:"" help:"Mailboxes: where mail goes out from and comes in to."`
	Hook        hookCmd        `cmd:"" help:"Webhooks: forms, booked calls and contacts that other services report."`
	Import      importCmd      `cmd:"" help:"Let in a list of leads from a file."`
	Batch       batchCmd       `cmd:"" help:"Do one thing to many leads."`
	Person      personCmd      `cmd:"" help:"What a person may ask for: everything that is known about them, and to be forgotten."`
	Suppression suppressionCmd `cmd:"" help:"The list of those who are never contacted again."`
	Health      healthCmd      `cmd:"" help:"Ask a running process whether it is ready (for container health checks)."`
	Playbook    playbookCmd    `cmd:"" help:"Playbooks: what is done, when, and in which words."`
	Rules       rulesCmd       `cmd:"" help:"The business rules, and where each has its threshold."`
	Doctor      doctorCmd      `cmd:"" help:"Check mailboxes and the DNS of their domains, and say what to do about each finding."`
	Rehearse    rehearseCmd    `cmd:"" help:"Play one lead with a scripted prospect and print the timeline with the rules behind it."`
	Rebuild     rebuildCmd     `cmd:"" help:"Start every life again from the database, where it stood, on a Temporal that has lost them."`
	Verify      verifyCmd      `cmd:"" help:"Compare workflows with the database and name every difference."`
	Bench       benchCmd       `cmd:"" help:"Measure what a lead costs and how fast it goes, against raw Temporal and the budgets."`
	Chaos       chaosCmd       `cmd:"" help:"Kill, pause and cut off every part while leads live, and prove that nothing is sent twice, nothing after a stop, and nothing is lost."`
	ChaosSink   chaosSinkCmd   `cmd:"" hidden:"" help:"The mail server of rekindle chaos."`
	Version     versionCmd     `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("rekindle"), kong.Description("Keeps every sales lead alive."),
		kong.Vars{"bench": benchNames()}, kong.BindTo(ctx, (*context.Context)(nil)), kong.UsageOnError())
	if err := k.Run(); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "rekindle:", err)
		stop()
		os.Exit(1)
	}
}

type versionCmd struct{}

func (versionCmd) Run() error {
	fmt.Println("rekindle", version)
	return nil
}
