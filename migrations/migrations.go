// Package migrations holds the database schema as goose migrations, embedded, in
// the order of their numbers. sqlc reads the same files.
package migrations

import "embed"

// Files are the migrations.
//
//go:embed *.sql
var Files embed.FS
