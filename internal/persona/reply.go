package persona

import (
	"html"
	"net/mail"
	"strings"
)

// dialect is the mail program of a persona, which shows in how it quotes.
type dialect int

const (
	webmail dialect = iota // text and HTML, the quotation marked in both
	outlook                // text only, the original below a block of labels, a subject prefix of its own
	classic                // text only, "> " before each line
	dialects
)

func (s scene) dialect() dialect {
	return dialect(s.roll(s.original.letter.To, "dialect", int(dialects)))
}

func (s scene) me() mail.Address {
	to := s.original.letter.To
	return mail.Address{Name: nameOf(s.original.to.Name, to), Address: to}
}

// reply is a person's answer in their own words, with a signature and what they answer quoted.
func (s scene) reply() *message {
	t, o := tongues[s.Language], s.original
	me := s.me()
	said := fill(t.greeting, "name", firstName(nameOf(o.from.Name, o.from.Address))) + "\n\n" + t.says[s.does] + "\n\n" + t.closing + "\n" + firstName(me.Name)
	signature := me.Name + "\n" + house(me.Address)
	m := &message{from: me, to: mail.Address{Name: o.from.Name, Address: o.replyTo}, original: &s.original, subject: "Re: " + o.plainSubject()}
	quoted := strings.TrimRight(o.text, "\n ")
	wrote := fill(t.wrote, "date", t.on(o.letter.At, 0), "time", o.letter.At.Format("15:04"), "who", nameOf(o.from.Name, o.from.Address)+" <"+o.from.Address+">")
	switch s.dialect() {
	case outlook:
		m.subject = t.reply + o.plainSubject()
		m.body = plain(said + "\n\n-- \n" + signature + "\n\n" + s.labels(t) + "\n" + quoted + "\n")
	case webmail:
		text := said + "\n\n-- \n" + signature + "\n\n" + wrote + "\n\n" + prefixed(quoted) + "\n"
		page := paragraphs(said) + `<div class="gmail_signature">` + lines(signature) + "</div>\n" +
			`<div class="gmail_quote"><div class="gmail_attr">` + html.EscapeString(wrote) + `</div><blockquote class="gmail_quote">` + lines(quoted) + "</blockquote></div>\n"
		m.body = part{kind: "multipart/alternative", parts: []part{plain(text), {kind: "text/html", text: page}}}
	default:
		m.body = plain(wrote + "\n" + prefixed(quoted) + "\n\n" + said + "\n\n-- \n" + signature + "\n") // below the quotation, as of old
	}
	return m
}

// labels is the block above what Outlook quotes.
func (s scene) labels(t tongue) string {
	o := s.original
	values := []string{o.from.Name + " <" + o.from.Address + ">", t.on(o.letter.At, 0) + " " + o.letter.At.Format("15:04"), o.letter.To, o.subject}
	block := "-----" + t.labels[0] + "-----\n"
	for i, value := range values {
		block += t.labels[i+1] + ": " + strings.TrimSpace(value) + "\n"
	}
	return block
}

// plainSubject is the subject without the prefixes of answers.
func (o original) plainSubject() string {
	subject := o.subject
	for {
		prefix, rest, found := strings.Cut(subject, ":")
		switch strings.ToLower(strings.TrimSpace(prefix)) {
		case "re", "aw", "antw", "r", "res":
			if found {
				subject = strings.TrimSpace(rest)
				continue
			}
		}
		return subject
	}
}

func prefixed(text string) string {
	return strings.ReplaceAll("> "+strings.ReplaceAll(text, "\n", "\n> "), "> \n", ">\n")
}

func lines(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "\n", "<br>\n")
}

func paragraphs(text string) string {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		b.WriteString("<p>" + lines(paragraph) + "</p>\n")
	}
	return b.String()
}
