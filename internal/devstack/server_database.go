package devstack

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"

	"github.com/jackc/pgx/v5"
)

// The databases of a Temporal server.
const (
	temporalDatabase   = "temporal"
	visibilityDatabase = "temporal_visibility"
)

// prepareTemporalDatabases makes the databases where they are missing, and brings them to the tool's schema.
func prepareTemporalDatabases(ctx context.Context, tool string, postgres *url.URL) error {
	for database, schema := range map[string]string{temporalDatabase: "temporal", visibilityDatabase: "visibility"} {
		fresh, err := createTemporalDatabase(ctx, postgres, database)
		if err != nil {
			return fmt.Errorf("prepare database %s: %w", database, err)
		}
		steps := [][]string{{"update-schema", "--schema-name", "postgresql/v12/" + schema}}
		if fresh {
			steps = append([][]string{{"setup-schema", "--version", "0.0"}}, steps...)
		}
		for _, step := range steps {
			if err := runSQLTool(ctx, tool, postgres, database, step); err != nil {
				return fmt.Errorf("prepare database %s: %w", database, err)
			}
		}
	}
	return nil
}

// createTemporalDatabase reports whether the database has no versioned schema yet.
func createTemporalDatabase(ctx context.Context, postgres *url.URL, database string) (fresh bool, err error) {
	exists := false
	err = ask(ctx, postgres, "postgres", func(conn *pgx.Conn) error {
		err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists)
		if err == nil && !exists {
			_, err = conn.Exec(ctx, "CREATE DATABASE "+database)
		}
		return err
	})
	if err != nil {
		return false, err
	}
	versioned := false
	err = ask(ctx, postgres, database, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT to_regclass('schema_version') IS NOT NULL").Scan(&versioned)
	})
	return !versioned, err
}

func ask(ctx context.Context, postgres *url.URL, database string, question func(*pgx.Conn) error) error {
	there := *postgres
	there.Path = "/" + database
	conn, err := pgx.Connect(ctx, there.String())
	if err != nil {
		return err
	}
	return errors.Join(question(conn), conn.Close(ctx))
}

func runSQLTool(ctx context.Context, tool string, postgres *url.URL, database string, args []string) error {
	password, _ := postgres.User.Password()
	cmd := exec.CommandContext(ctx, tool, append([]string{
		"--plugin", "postgres12", "--endpoint", postgres.Hostname(), "--port", postgres.Port(), "--database", database,
	}, args...)...)
	cmd.Env = append(os.Environ(), "SQL_USER="+postgres.User.Username(), "SQL_PASSWORD="+password) // not to be seen in ps
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w:\n%s", args[0], err, out)
	}
	return nil
}
