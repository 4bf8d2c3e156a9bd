package testdb

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// server is a PostgreSQL server with the templates that were made on it.
type server struct {
	base *url.URL                    // an existing database, to give orders from
	stop func(context.Context) error // ends a private server; nil for a given one

	mu        sync.Mutex
	templates map[uintptr]string // by the code of the Migrate that made it
}

func open(ctx context.Context) (*server, error) {
	if given := os.Getenv(ServerVariable); given != "" {
		base, err := url.Parse(given)
		if err != nil {
			return nil, fmt.Errorf("read $%s: it is no URL", ServerVariable) // the cause would show the password
		}
		return &server{base: base, templates: map[uintptr]string{}}, nil
	}
	return openPrivate(ctx)
}

func (s *server) url(name string) string {
	u := *s.base
	u.Path = "/" + name
	return u.String()
}

// clone makes a database of the template that migrate makes, and the template itself when it is missing.
func (s *server) clone(ctx context.Context, migrate Migrate) (name string, err error) {
	template, err := s.template(ctx, migrate)
	if err != nil {
		return "", err
	}
	name = newName("test")
	return name, s.order(ctx, "CREATE DATABASE "+name+" TEMPLATE "+template)
}

func (s *server) template(ctx context.Context, migrate Migrate) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := reflect.ValueOf(migrate).Pointer()
	if name, made := s.templates[key]; made {
		return name, nil
	}
	name := newName("template")
	if err := s.order(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	if err := migrate(ctx, s.url(name)); err != nil {
		return "", errors.Join(fmt.Errorf("migrate the template: %w", err), s.drop(ctx, name))
	}
	// A template can be copied only while nobody is connected to it, so see off what migrate may have left open.
	err := s.order(ctx, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false",
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"+name+"'")
	if err != nil {
		return "", errors.Join(err, s.drop(ctx, name))
	}
	s.templates[key] = name
	return name, nil
}

func (s *server) drop(ctx context.Context, name string) error {
	return s.order(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

// close drops the templates of a given server; a private one goes away as a whole.
func (s *server) close(ctx context.Context) error {
	if s.stop != nil {
		return s.stop(ctx)
	}
	var errs []error
	for _, name := range s.templates {
		errs = append(errs, s.drop(ctx, name))
	}
	return errors.Join(errs...)
}

// order has the server do one thing after the other, outside of any transaction.
func (s *server) order(ctx context.Context, statements ...string) error {
	conn, err := pgx.Connect(ctx, s.base.String())
	if err != nil {
		return fmt.Errorf("connect to the test server: %w", err)
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

// newName is unique among all processes that share a server, and safe to stand in SQL as it is.
func newName(kind string) string {
	return "rekindle_" + kind + "_" + strings.ReplaceAll(uuid.NewString(), "-", "")
}
