package devstack

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// FindTemporal returns the path of a Temporal command: $TEMPORAL_BIN, else the one BuildTemporal put into binDir, else
// the one on PATH. It returns ErrNoTemporal when there is none.
func FindTemporal(binDir string) (string, error) {
	if chosen := os.Getenv("TEMPORAL_BIN"); chosen != "" {
		path, err := exec.LookPath(chosen)
		if err != nil {
			return "", fmt.Errorf("look for Temporal at $TEMPORAL_BIN: %w: %w", ErrNoTemporal, err)
		}
		return filepath.Abs(path)
	}
	for _, candidate := range []string{filepath.Join(binDir, "temporal"), "temporal"} {
		if path, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", ErrNoTemporal
}
