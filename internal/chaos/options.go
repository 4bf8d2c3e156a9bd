package chaos

import (
	"math/rand/v2"
	"net"
	"strconv"
	"time"
)

// Options say what is run and for how long.
type Options struct {
	Seed  uint64
	For   time.Duration // how long the hand strikes
	Leads int           // enrolled over most of that time
	Day   time.Duration // how long a virtual day takes
	Dir   string        // for everything that is left; other users must be able to enter it

	Program        string // the product: serve, work and the mail sink
	PostgresBin    string // from devstack.FindPostgres
	TemporalServer string // with TemporalTool, from devstack.FindTemporalServer; empty: the development server
	TemporalTool   string
	TemporalDev    string // from devstack.FindTemporal
	Gentle         bool   // nothing is hurt

	// Patience is how long after the last blow a request is repeated until it is answered.
	// One whose API was killed in the middle is answered after two minutes.
	Patience time.Duration
}

// lowPort is a port that nobody holds and that the kernel gives to nobody who only wants
// any: a part that is started again finds it free.
func lowPort() int {
	for {
		port := 10000 + rand.IntN(20000)
		l, err := net.Listen("tcp", local(port))
		if err == nil {
			_ = l.Close()
			return port
		}
	}
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
