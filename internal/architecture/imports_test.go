// Package architecture holds the import rules of docs/architecture.md. It is all
// tests.
package architecture

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/rekindlehq/rekindle/"

// imports lists what a package imports itself, tests left out.
func imports(t *testing.T, pkg string) []string {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, module+pkg).Output()
	require.NoError(t, err)
	return strings.Fields(string(out))
}

func forbid(t *testing.T, pkg string, forbidden ...string) {
	t.Helper()
	for _, path := range imports(t, pkg) {
		for _, f := range forbidden {
			require.False(t, path == f || strings.HasPrefix(path, f+"/"), "%s must not import %s", pkg, path)
		}
	}
}

func TestTheCoreImportsTheStandardLibraryOnlyAndNothingThatReachesOutside(t *testing.T) {
	for _, path := range imports(t, "sequence") {
		require.NotContains(t, path, ".", "sequence must not import %s", path)
	}
	forbid(t, "sequence", "os", "net", "math/rand", "math/rand/v2", "io/fs", "database/sql", "log", "log/slog", "context")
}

func TestWorkflowsAndActivitiesKnowTheCoreAndNothingOfTheOutside(t *testing.T) {
	outside := []string{"net", "net/http", "os", "database/sql", "github.com/jackc/pgx", "github.com/gin-gonic/gin", module + "internal", module + "api", module + "web"}
	forbid(t, "workflows", outside...)
	forbid(t, "activities", outside...)
}

func TestTheAPIAndThePagesNeverSeeTemporalsClient(t *testing.T) {
	for _, pkg := range []string{"api", "web", "internal/door", "internal/postgres", "internal/mail", "internal/simulate", "internal/rehearse", "internal/policy", "internal/managing", "internal/mailroom", "internal/importing", "internal/intake", "internal/webhooks", "internal/hook", "internal/suppression", "internal/rights", "internal/simulate/population", "internal/simulate/page"} {
		forbid(t, pkg, "go.temporal.io/sdk/client", "go.temporal.io/sdk/worker", "go.temporal.io/api")
	}
}

func TestWebhooksAreReadWithoutHandlersOrWorkflows(t *testing.T) {
	forbid(t, "internal/hook", module+"api", module+"web", module+"workflows", module+"activities", "github.com/gin-gonic/gin")
}

func TestRebuildingAndVerifyingKnowNothingOfTheOutside(t *testing.T) {
	for _, pkg := range []string{"internal/rebuild", "internal/verify"} {
		forbid(t, pkg, "net", "net/http", "os", module+"api", module+"internal/app", module+"internal/mail")
	}
}

func TestRightsKnowTheRecordsAndTheDoorAndNothingOfTheOutside(t *testing.T) {
	forbid(t, "internal/rights", "net", "net/http", "os", module+"api", module+"internal/app", module+"internal/engine", module+"internal/mail", module+"internal/mailroom")
}

func TestASimulationKnowsTheCoreAndNoPartOfTheProductBesides(t *testing.T) {
	product := []string{module + "workflows", module + "activities", module + "api", module + "playbooks", module + "internal/postgres", module + "internal/mail", "net"}
	forbid(t, "internal/simulate/population", product...)
	forbid(t, "internal/simulate/page", product...)
}

func TestDrawingKnowsNumbersAndNoPartOfTheProduct(t *testing.T) {
	for _, path := range imports(t, "internal/plot") {
		require.False(t, strings.HasPrefix(path, module), "internal/plot must not import %s", path)
	}
}

func TestTheDoctorKnowsMailboxesAndNoOtherPartOfTheProduct(t *testing.T) {
	forbid(t, "internal/doctor", module+"sequence", module+"workflows", module+"activities", module+"api", module+"internal/postgres", module+"internal/mail", "log", "log/slog", "os/exec")
}

func TestNoPartOfTheProductKnowsTheBenchmarks(t *testing.T) {
	for _, pkg := range []string{"workflows", "activities", "api", "worker", "internal/app", "internal/door", "internal/engine", "internal/postgres", "internal/mail", "internal/devstack"} {
		forbid(t, pkg, module+"internal/bench")
	}
}

func TestTheWorldThatIsPlayedAndItsMailboxKnowNothingOfTheProduct(t *testing.T) {
	product := []string{
		module + "sequence", module + "workflows", module + "activities", module + "api", module + "web", module + "playbooks",
		module + "internal/postgres", module + "internal/mail", module + "internal/demo",
	}
	forbid(t, "internal/persona", append(product, module+"internal/devmail")...)
	forbid(t, "internal/devmail", append(product, module+"internal/persona")...)
}

func TestTheJudgeOfChaosAndWhatStandsBetweenThePartsKnowNothingOfTheProduct(t *testing.T) {
	for _, pkg := range []string{"internal/chaos/judge", "internal/chaos/sink", "internal/chaos/cable"} {
		for _, path := range imports(t, pkg) {
			require.NotContains(t, path, module, pkg)
		}
	}
	for _, pkg := range []string{"internal/app", "internal/devstack", "internal/demo", "worker", "api"} {
		forbid(t, pkg, module+"internal/chaos")
	}
}
