package devmail

import (
	"errors"
	"io"

	"github.com/emersion/go-smtp"
)

// NewSession makes the server a backend of go-smtp; nobody else calls it.
func (s *Server) NewSession(conn *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: conn}, nil
}

// session is one SMTP connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	from   string
	to     []string
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if decide := s.server.opts.Decide; decide != nil {
		if err := decide(s.from, to); err != nil {
			return answer(err)
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return answer(err)
	}
	verdict := s.verdict(raw)
	if errors.Is(verdict, ErrHangUpLost) {
		return s.hangUp(verdict)
	}
	if verdict != nil && !errors.Is(verdict, ErrHangUpKept) {
		return answer(verdict)
	}
	message, err := s.server.take(Message{From: s.from, To: s.to}, raw)
	if err != nil {
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: err.Error()}
	}
	if s.server.opts.OnMessage != nil {
		s.server.opts.OnMessage(message)
	}
	if verdict != nil {
		return s.hangUp(verdict)
	}
	return nil
}

func (s *session) verdict(raw []byte) error {
	if s.server.opts.AtDataEnd == nil {
		return nil
	}
	return s.server.opts.AtDataEnd(s.from, s.to, raw)
}

// hangUp closes the socket under the protocol, so that no answer gets out.
func (s *session) hangUp(why error) error {
	return errors.Join(why, s.conn.Conn().Close())
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

// answer unwraps the SMTP answer in err, because go-smtp looks at the outermost error only.
func answer(err error) error {
	var smtpErr *smtp.SMTPError
	if errors.As(err, &smtpErr) {
		return smtpErr
	}
	return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 0, 0}, Message: err.Error()}
}
