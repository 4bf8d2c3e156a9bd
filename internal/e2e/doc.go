// Package e2e tells leads' stories on the real thing: a Temporal server, a
// Postgres, mail over SMTP, the API over HTTP. It is all tests.
package e2e
