package devstack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// FindPostgres returns the folder that holds initdb, postgres and pg_ctl of one installation: $PG_BIN, else PATH, else
// the newest of where Debian and Homebrew put them. It returns ErrNoPostgres when there is none.
func FindPostgres() (binDir string, err error) {
	return findPostgres([]string{
		"/usr/lib/postgresql/*/bin",
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
	})
}

func findPostgres(globs []string) (string, error) {
	if dir := os.Getenv("PG_BIN"); dir != "" {
		if err := checkServerPrograms(dir); err != nil {
			return "", fmt.Errorf("look for PostgreSQL in $PG_BIN: %w: %w", ErrNoPostgres, err)
		}
		return dir, nil
	}
	if dir := postgresOnPath(); dir != "" {
		return dir, nil
	}
	for _, glob := range globs {
		dirs, err := filepath.Glob(glob)
		if err != nil {
			return "", fmt.Errorf("look for PostgreSQL in %s: %w", glob, err)
		}
		slices.SortFunc(dirs, func(a, b string) int { return versionIn(b) - versionIn(a) })
		for _, dir := range dirs {
			if checkServerPrograms(dir) == nil {
				return dir, nil
			}
		}
	}
	return "", ErrNoPostgres
}

func serverPrograms() []string { return []string{"initdb", "postgres", "pg_ctl"} }

// postgresOnPath follows the programs on PATH to their real folder. Links into one installation are fine; a lone
// wrapper, or programs of two installations, are not.
func postgresOnPath() string {
	var dir string
	for _, name := range serverPrograms() {
		found, err := exec.LookPath(name)
		if err != nil {
			return ""
		}
		if found, err = filepath.EvalSymlinks(found); err != nil {
			return ""
		}
		if dir == "" {
			dir = filepath.Dir(found)
		}
		if filepath.Dir(found) != dir {
			return ""
		}
	}
	if checkServerPrograms(dir) != nil {
		return ""
	}
	return dir
}

func checkServerPrograms(dir string) error {
	for _, name := range serverPrograms() {
		path := filepath.Join(dir, name)
		if _, err := exec.LookPath(path); err != nil {
			return err
		}
		if isScript(path) {
			return fmt.Errorf("%s is a script around the real program", path)
		}
	}
	return nil
}

func isScript(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 2)
	if _, err := io.ReadFull(file, start); errors.Is(err, io.EOF) {
		return true // empty: no program either
	}
	return bytes.Equal(start, []byte("#!"))
}

// versionIn reads the major version out of ".../postgresql/15/bin" or ".../postgresql@17/bin"; 0 when there is none.
func versionIn(binDir string) int {
	parent := filepath.Base(filepath.Dir(binDir))
	if _, after, found := strings.Cut(parent, "@"); found {
		parent = after
	}
	major, _, _ := strings.Cut(parent, ".")
	version, err := strconv.Atoi(major)
	if err != nil {
		return 0
	}
	return version
}
