package devstack

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// childAttributes puts the child into a process group of its own, so that Ctrl-C in the terminal reaches only us, and
// has the kernel signal it when we die in whatever way.
func childAttributes(as *account, death syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: death, Credential: as.credential()}
}

// commandLine is the command line of a living process, and empty for one that is gone or a zombie.
func commandLine(pid int) string {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return ""
	}
	return string(bytes.TrimRight(bytes.ReplaceAll(raw, []byte{0}, []byte{' '}), " "))
}
