// Package postgres keeps the records. It knows SQL, through the queries that sqlc
// wrote in db/ from queries/*.sql, and it is where the database's errors become
// ours. It must not know Temporal, HTTP or what a rule means.
package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // goose speaks database/sql
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/migrations"
)

// The errors that callers tell apart.
var (
	// ErrNotFound: there is no such row. Returned by every method that reads one.
	ErrNotFound = errors.New("not found")
	// ErrTaken: a unique value is in use already.
	ErrTaken = errors.New("already taken")
	// ErrInvalid: the database refused a value.
	ErrInvalid = errors.New("not valid")
)

// Store is the database.
type Store struct {
	*db.Queries
	Pool  *pgxpool.Pool
	aside *pgxpool.Pool // for single statements of those who hold a connection of Pool
}

// asideConns is enough: they are held for one statement.
const asideConns = 4

// Open connects to the database at url with at most conns connections (0: pgx's
// default), and a few more for notes beside a transaction. It does not migrate.
func Open(ctx context.Context, url string, conns int32) (*Store, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("DATABASE_URL is not a Postgres address: write postgres://user:password@host:5432/database") // the driver's error would show the password
	}
	if conns > 0 {
		cfg.MaxConns = conns
	}
	// A machine that is gone lets go of its locks after forty seconds, which is more
	// than a mail takes to be handed over; a process that only stands still keeps them.
	for setting, value := range map[string]string{"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "4"} {
		if _, set := cfg.ConnConfig.RuntimeParams[setting]; !set {
			cfg.ConnConfig.RuntimeParams[setting] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	beside := cfg.Copy()
	beside.MaxConns = asideConns
	aside, err := pgxpool.NewWithConfig(ctx, beside)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &Store{Queries: db.New(pool), Pool: pool, aside: aside}, nil
}

// Close waits for connections in use and closes all.
func (s *Store) Close() {
	s.Pool.Close()
	s.aside.Close()
}

// Migrate brings the database at url to the newest schema. Only one process does
// so at a time; the others wait for it.
func Migrate(ctx context.Context, url string) error {
	conn, err := sql.Open("pgx", url)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer conn.Close()
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("make the migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, conn, migrations.Files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// endsWithin is how long a transaction may take to end that nobody waits for.
const endsWithin = 10 * time.Second

// Tx runs do in a transaction and translates its errors. Once do is through, the
// transaction is committed even if the caller has given up meanwhile: what was
// done outside, such as a mail that was sent, is not forgotten.
func (s *Store) Tx(ctx context.Context, do func(pgx.Tx, *db.Queries) error) error {
	tx, err := s.Pool.Begin(ctx)
	if err != nil {
		return Translate(err)
	}
	end := func(how func(context.Context) error) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endsWithin)
		defer cancel()
		return how(ctx)
	}
	defer func() { _ = end(tx.Rollback) }() // nothing, once committed
	if err := do(tx, s.WithTx(tx)); err != nil {
		return Translate(err)
	}
	return Translate(end(tx.Commit))
}

// Translate turns the driver's errors into ours; others pass as they are.
func Translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "23505":
			return fmt.Errorf("%w: %w", ErrTaken, err)
		case strings.HasPrefix(pg.Code, "22"), pg.Code == "23514":
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return err
}

// Away reports that the database could not be asked, or was asked and has not
// answered: nobody knows what became of it. What it refused is none of that.
func Away(err error) bool {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		class := refused.Code[:min(2, len(refused.Code))]
		return class == "08" || class == "53" || class == "57" // connection, resources, operator intervention
	}
	var unreached *pgconn.ConnectError
	var broken net.Error
	return errors.As(err, &unreached) || errors.As(err, &broken) || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, pgconn.ErrConnClosed)
}

// Hash is how an address, domain or number stands in the suppression list, so
// that it can stay there when the person is erased.
func Hash(value string) []byte {
	sum := sha256.Sum256([]byte("rekindle suppression: " + strings.ToLower(strings.TrimSpace(value))))
	return sum[:]
}

// Domain is the part of an address behind the @.
func Domain(email string) string { return email[strings.LastIndex(email, "@")+1:] }

// hashOf is nothing where there is nothing to hash.
func hashOf(value string) []byte {
	if value == "" {
		return []byte{}
	}
	return Hash(value)
}

func parseID(kind, id string) (uuid.UUID, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return u, fmt.Errorf("%s %q is not an id: %w", kind, id, err)
	}
	return u, nil
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
