package playbooks

import (
	"strings"
	"unicode"

	"github.com/rekindlehq/rekindle/sequence"
)

const subjectLine = "Subject: "

// letter is a text with where its parts begin in its file.
type letter struct {
	sequence.Text
	file          string // the whole content
	subject, body int    // offsets
}

// parseText divides a text into its subject and body.
func parseText(file string) (letter, *Problem) {
	head, rest, _ := strings.Cut(file, "\n")
	subject, ok := strings.CutPrefix(head, strings.TrimSpace(subjectLine))
	l := letter{file: file, subject: len(head) - len(strings.TrimLeftFunc(subject, unicode.IsSpace))}
	l.body = len(file) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
	l.Subject, l.Body = strings.TrimSpace(subject), strings.TrimSpace(rest)
	switch {
	case !ok:
		return l, (&Problem{Message: "a text begins with a line \"Subject: ...\"", Remedy: "write it as the first line, and the email below it"}).stands(start)
	case l.Subject == "":
		return l, (&Problem{Message: "the subject is empty", Remedy: "say in a few words what the email brings"}).stands(place{1, len(strings.TrimSpace(subjectLine)) + 1})
	}
	return l, nil
}

// voicemails is the folder of what is said and not sent.
const voicemails = "voicemail/"

// parseSpoken reads a text without a subject.
func parseSpoken(file string) letter {
	return letter{Text: sequence.Text{Body: strings.TrimSpace(file)}, file: file, body: len(file) - len(strings.TrimLeftFunc(file, unicode.IsSpace))}
}

func (p *Problem) stands(at place) *Problem {
	p.Line, p.Column = at.line, at.column
	return p
}

func (d *draft) readTexts() {
	for _, name := range d.names() {
		if d.texts[name] == nil {
			d.pb.Texts[name] = sequence.Text{}
			continue
		}
		file := plain(d.texts[name])
		if strings.HasPrefix(name, voicemails) && !strings.HasPrefix(file, strings.TrimSpace(subjectLine)) {
			d.letters[name] = parseSpoken(file)
			d.pb.Texts[name] = d.letters[name].Text
			continue
		}
		l, problem := parseText(file)
		d.pb.Texts[name] = l.Text
		if problem != nil {
			problem.File = textFile(name)
			d.wrong = append(d.wrong, *problem)
			continue
		}
		d.letters[name] = l
	}
}
