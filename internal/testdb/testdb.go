// Package testdb gives each test a PostgreSQL database of its own, cloned in milliseconds from a template that was
// migrated once per test process.
//
// It knows how to get a server ($REKINDLE_TEST_DATABASE_URL, else a private one of devstack's) and how to leave nothing
// on it. It must not know the schema: the caller brings the migration. Only tests import it.
package testdb

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"
)

// ServerVariable names a server to use instead of a private one: a URL whose user may create databases.
const ServerVariable = "REKINDLE_TEST_DATABASE_URL"

// patience bounds each step, a first start of the server with its migrations included.
const patience = time.Minute

// Migrate brings the empty database at url to the schema that the tests want.
type Migrate func(ctx context.Context, url string) error

// process is what the tests of one process share. It is a package variable because tests have no main that could hand
// it down to them.
var process shared

// New returns the URL of a fresh database, migrated, for this test alone; it is dropped when the test ends. The first
// call starts the server, unless one is given.
//
// migrate runs once per process: calls with the same function share its template, so pass a named function, not a
// closure over something that differs. Give the package a TestMain that calls Main.
func New(t testing.TB, migrate Migrate) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := process.get(ctx)
	if err != nil {
		t.Fatalf("get a PostgreSQL server for the tests: %v", err)
	}
	name, err := server.clone(ctx, migrate)
	if err != nil {
		t.Fatalf("get a database for the test: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := server.drop(ctx, name); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return server.url(name)
}

// Main runs the tests, takes away what New left, and exits: it is the whole body of a TestMain. A package with more to
// take away names it.
func Main(m *testing.M, last ...func()) {
	code := m.Run()
	for _, do := range last {
		do()
	}
	if err := process.close(); err != nil {
		fmt.Fprintln(os.Stderr, "clean up after the tests:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// shared opens the server when it is first wanted.
type shared struct {
	mu     sync.Mutex
	tried  bool
	server *server
	err    error
}

func (s *shared) get(ctx context.Context) (*server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.tried {
		s.tried = true
		s.server, s.err = open(ctx)
	}
	return s.server, s.err
}

func (s *shared) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.server.close(ctx)
}
