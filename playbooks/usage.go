package playbooks

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// use is how the steps of a playbook use a text.
type use struct {
	steps int
	news  bool // every one of them brings news (R03)
	said  bool // to a voicemail
}

func usesOf(pb *sequence.Playbook) map[string]use {
	uses := map[string]use{}
	for _, name := range outsidePlays(pb) {
		if name != "" {
			uses[name] = use{steps: 1}
		}
	}
	eachStep(pb, func(_ string, s sequence.Step) {
		u := uses[s.Email]
		uses[s.Email] = use{u.steps + 1, s.Reason == sequence.ReasonNew && (u.news || u.steps == 0), u.said}
		uses[s.Voicemail] = use{steps: uses[s.Voicemail].steps + 1, said: true}
	})
	return uses
}

// checkTexts finds in every text and prompt what would go wrong when a lead is due.
func (d *draft) checkTexts() {
	uses := usesOf(d.pb)
	for _, name := range d.names() {
		l, read := d.letters[name]
		if !read {
			continue
		}
		u := uses[name]
		if u.steps == 0 && !d.meant[name] && !d.misread("stages") && !d.misread("introduction") && !d.misread("cancellation") {
			d.faults = append(d.faults, Problem{File: textFile(name), Message: "no step sends this text, or says it", Remedy: "name it in a step, or delete the file", Warning: true}.at(start))
		}
		if l.Body == "" {
			d.faults = append(d.faults, Problem{File: textFile(name), Message: either(l.Subject == "", "there is nothing to say", "there is no text below the subject"), Remedy: either(l.Subject == "", "write what is said", "write the email below a blank line")}.at(start))
		}
		d.letter(name, l, u.news || u.steps == 0 && l.Subject != "")
		if u.said && l.Subject == "" {
			d.spoken(name, l)
		}
	}
	eachStep(d.pb, func(at string, s sequence.Step) {
		d.prompt(at+".call", s.Call)
		d.prompt(at+".manual", s.Manual)
	})
}

// longestVoicemail is how many words somebody listens to: twenty seconds of them.
const longestVoicemail = 50

var action = regexp.MustCompile(`{{.*?}}`)

// spoken warns of what nobody would listen to.
func (d *draft) spoken(name string, l letter) {
	if n := len(strings.Fields(action.ReplaceAllString(l.Body, "word"))); n > longestVoicemail {
		d.faults = append(d.faults, Problem{
			File: textFile(name), Message: fmt.Sprintf("saying these %d words takes longer than twenty seconds", n), Remedy: "say who calls, why, and what comes next; 20 to 35 words do", Warning: true,
		}.at(placeIn(l.file, l.body)))
	}
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func (d *draft) letter(name string, l letter, news bool) {
	for _, part := range []struct {
		source string
		begins int
	}{{l.Subject, l.subject}, {l.Body, l.body}} {
		for _, f := range study(part.source, news) {
			d.faults = append(d.faults, f.problem(textFile(name), "").at(placeIn(l.file, part.begins+f.offset)))
		}
	}
}

// prompt checks what a task suggests to say. The words at fault are looked for in
// the line of the YAML, since quotes and escapes move them there.
func (d *draft) prompt(key, source string) {
	for _, f := range study(source, false) {
		at := d.placeOf(key)
		if line := d.line(at.line); f.words != "" && at.column <= len(line) {
			if i := strings.Index(string(line[at.column-1:]), f.words); i >= 0 {
				at.column += len([]rune(string(line[at.column-1:])[:i]))
			}
		}
		d.faults = append(d.faults, f.problem(main, key).at(at))
	}
}

// line is a line of the playbook, counted from 1.
func (d *draft) line(n int) []rune {
	for line := range strings.SplitSeq(plain(d.playbook), "\n") {
		if n--; n == 0 {
			return []rune(line)
		}
	}
	return nil
}

func (f finding) problem(file, key string) Problem {
	return Problem{File: file, Key: key, Message: clip(f.message), Remedy: f.remedy, Warning: f.warning}
}
