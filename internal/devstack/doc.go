// Package devstack runs what stands beside the product on one machine: a private PostgreSQL cluster and a Temporal
// development server, found, installed or built when they are missing.
//
// It knows programs, ports, folders and signals, and how to leave nothing behind: children die with their parent even
// when it is killed outright, and a server that outlived an earlier run is stopped before the next one starts. It must
// not know what the product keeps in these servers: no tables, no workflows, no configuration files. Production never
// needs it.
package devstack

import "errors"

var (
	// ErrNoPostgres is returned by FindPostgres, and wrapped by InstallPostgres, when the machine has no complete set of
	// PostgreSQL server programs.
	ErrNoPostgres = errors.New("no PostgreSQL server programs (initdb, postgres, pg_ctl) found")

	// ErrNoTemporal is returned by FindTemporal when there is no Temporal command to run; BuildTemporal makes one.
	ErrNoTemporal = errors.New("no temporal command found")

	// ErrInUse is returned by StartPostgres and StartTemporal when another living process runs from the same folder.
	ErrInUse = errors.New("the folder is in use by another running rekindle")
)
