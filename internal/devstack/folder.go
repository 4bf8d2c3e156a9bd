package devstack

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// ProcessFolder makes a temporary folder for servers that live as long as this process, and removes those of the same
// prefix whose processes were killed before they could. Other users may enter it: as root, servers run as somebody else.
// Removing it in the end is the caller's.
func ProcessFolder(prefix string) (string, error) {
	temp := tempFolder()
	sweep(temp, prefix)
	folder, err := os.MkdirTemp(temp, prefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder: %w", err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		return "", fmt.Errorf("open the temporary folder to other users: %w", err)
	}
	return folder, nil
}

// tempFolder prefers memory where there is plenty: a database is some 300 files, and copying them is five times faster
// there. $TMPDIR overrules it.
func tempFolder() string {
	const plenty = 4 << 30
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs("/dev/shm", &fs) == nil && fs.Bavail*uint64(fs.Bsize) > plenty {
		return "/dev/shm"
	}
	return os.TempDir()
}

// sweep removes the folders of dead processes; their servers died with them.
func sweep(temp, prefix string) {
	folders, err := filepath.Glob(filepath.Join(temp, prefix+"*"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), prefix), "-")
		pid, err := strconv.Atoi(owner)
		if err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(folder)
		}
	}
}
