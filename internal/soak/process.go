package soak

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// Command is how to start a process that calls Play: the program and its arguments.
type Command []string

// process is a part of the product at work.
type process struct {
	role   string
	cmd    *exec.Cmd
	input  io.Closer
	vitals string
	log    string // the file that it logs to
	ended  chan struct{}
	err    error // why it ended; to be read once it has
}

// start starts a part, which logs into the folder, and waits until it is up.
func (c Command) start(ctx context.Context, p part, dir string) (*process, error) {
	told, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	s := &process{role: p.Role, cmd: exec.Command(c[0], c[1:]...), log: filepath.Join(dir, p.Role+".log"), ended: make(chan struct{})}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", p.Role, err)
	}
	defer log.Close() // the process has its own
	s.cmd.Env = append(os.Environ(), PartVariable+"="+string(told))
	s.cmd.Stderr = log
	if s.input, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", p.Role, err)
	}
	up := make(chan place, 1)
	go func() {
		defer close(s.ended)
		r := bufio.NewReader(out)
		var at place
		if line, err := r.ReadBytes('\n'); err == nil && json.Unmarshal(line, &at) == nil {
			up <- at
		}
		_, _ = io.Copy(io.Discard, r)
		s.err = s.cmd.Wait()
	}()
	select {
	case at := <-up:
		s.vitals = "http://" + at.Vitals
		return s, nil
	case <-s.ended:
		return nil, s.failure()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for %s: %w", p.Role, ctx.Err())
	}
}

func (s *process) failure() error {
	said, err := os.ReadFile(s.log)
	if err != nil {
		said = []byte(err.Error())
	}
	return fmt.Errorf("%s ended: %v\n%s", s.role, s.err, said[max(0, len(said)-lastWords):])
}

// lastWords is how much of a log is shown.
const lastWords = 2000

// stop lets the process finish what it does, and kills it when that takes long.
func (s *process) stop() error {
	_ = s.input.Close()
	select {
	case <-s.ended:
		return nil
	case <-time.After(30 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.ended
		return fmt.Errorf("%s did not end and was killed; see %s", s.role, s.log)
	}
}

func (s *process) measure(ctx context.Context) (v Vitals, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.vitals, nil)
	if err != nil {
		return v, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return v, fmt.Errorf("measure %s: %w", s.role, err)
	}
	defer res.Body.Close()
	return v, json.NewDecoder(res.Body).Decode(&v)
}
