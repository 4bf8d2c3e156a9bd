package devstack

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
)

// Port is a port the product needs: what for, and the flag that changes it. Number 0 means any free one.
type Port struct {
	Name   string
	Number int
	Flag   string
}

// CheckPorts returns one error that names every port that cannot be had, a line each: what it is for and which flag
// changes it. Nil means that all were free a moment ago.
func CheckPorts(needs []Port) error {
	var complaints []string
	takenBy := map[int]string{}
	for _, need := range needs {
		if need.Number == 0 {
			continue
		}
		if other, twice := takenBy[need.Number]; twice {
			complaints = append(complaints, fmt.Sprintf("port %d is asked for twice, by %s and %s; choose another with %s",
				need.Number, other, need.Name, need.Flag))
			continue
		}
		takenBy[need.Number] = need.Name
		if complaint := need.complaint(); complaint != "" {
			complaints = append(complaints, complaint)
		}
	}
	if len(complaints) == 0 {
		return nil
	}
	return errors.New(strings.Join(complaints, "\n"))
}

// complaint tries the port on the loopback and on every address, because some systems let a program take the one while
// another holds the other.
func (p Port) complaint() string {
	for _, host := range []string{"127.0.0.1", ""} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(p.Number)))
		switch {
		case err == nil:
			_ = listener.Close()
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Sprintf("port %d (%s) is in use by another program; stop it or choose another with %s",
				p.Number, p.Name, p.Flag)
		default:
			return fmt.Sprintf("port %d (%s) cannot be used (%v); choose another with %s", p.Number, p.Name, err, p.Flag)
		}
	}
	return ""
}

// freePort asks the kernel for a port that nobody holds right now.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
