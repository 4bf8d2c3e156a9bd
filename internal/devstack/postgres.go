package devstack

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	role     = "rekindle" // superuser of the private cluster
	database = "rekindle"

	postgresPatience = 60 * time.Second // crash recovery included
	portAttempts     = 4                // when any free port will do and another program takes it first
)

// PostgresOptions says where a private cluster lives and how it runs.
type PostgresOptions struct {
	Dir     string    // the cluster's own folder; its password and lock lie beside it
	DirFlag string    // the flag that chooses Dir, for messages; may be empty
	BinDir  string    // from FindPostgres
	Port    int       // 0: any free port
	Unsafe  bool      // trade safety against power loss for speed; for tests only
	Log     io.Writer // the server's output; nil discards it
}

// Postgres is a running private cluster.
type Postgres struct {
	proc     *process
	port     int
	password string
}

// StartPostgres creates the cluster in Dir when there is none, stops a server that an earlier run left over there, and
// returns when the new one accepts connections and the database exists. It listens on 127.0.0.1 only. As root it runs
// the server as the user postgres (or nobody). It returns ErrInUse when another living process runs from Dir.
//
// ctx bounds the start only; the server runs until Stop, or until this process ends in whatever way.
func StartPostgres(ctx context.Context, opts PostgresOptions) (*Postgres, error) {
	pg, err := startPostgres(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("start postgres in %s: %w", opts.Dir, err)
	}
	return pg, nil
}

// createDatabase is also how we learn that the server is ours and ready: no other knows the password.
func (p *Postgres) createDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, "CREATE DATABASE "+database)
	}
	return err
}

// abort ends a server that did not come up, at once: there is nothing in it to save.
func (p *Postgres) abort() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return p.proc.stop(ctx, syscall.SIGQUIT, syscall.SIGKILL)
}

func (p *Postgres) url(name string) string {
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword(role, p.password),
		Host: "127.0.0.1:" + strconv.Itoa(p.port), Path: "/" + name, RawQuery: "sslmode=disable",
	}).String()
}

// URL is the connection string of the product's database, password included: redact it before printing.
func (p *Postgres) URL() string { return p.url(database) }

// Exited delivers one error when the server ends although nobody stopped it, with its last lines of output. It is
// closed when the server has ended, so after Stop it delivers nil.
func (p *Postgres) Exited() <-chan error { return p.proc.exited }

// Stop shuts the server down: sessions are ended and everything is written. When ctx ends first the server is stopped
// at once, to recover at its next start, and the error says so. Stopping twice is fine.
func (p *Postgres) Stop(ctx context.Context) error {
	return p.proc.stop(ctx, syscall.SIGINT, syscall.SIGQUIT)
}
