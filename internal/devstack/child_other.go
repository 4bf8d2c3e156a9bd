//go:build unix && !linux

package devstack

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes puts the child into a process group of its own, so that Ctrl-C in the terminal reaches only us. Only
// Linux can signal it when we are killed outright; elsewhere the next start stops what was left over.
func childAttributes(as *account, _ syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Credential: as.credential()}
}

// commandLine is the command line of a living process, and empty for one that is gone.
func commandLine(pid int) string {
	raw, err := exec.Command("ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// childrenOf knows of none where there is no /proc.
func childrenOf(int) []int { return nil }
