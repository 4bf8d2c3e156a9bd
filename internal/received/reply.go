package received

import (
	"strings"
)

// ownText is what the person wrote: the lines without what they answer, and
// without their signature. Answers above, below and between quoted lines all
// stay. When a message consists of quotation only, nothing is left.
func ownText(lines []line) string {
	lines = withoutQuotations(lines[:min(len(lines), maxLines)])
	lines = withoutSignature(lines)
	var own []string
	for _, l := range lines {
		if l.kind == written && !sentFrom().MatchString(l.text) {
			own = append(own, strings.TrimRight(l.text, " "))
		}
	}
	return strings.TrimSpace(manyBlank().ReplaceAllString(strings.Join(own, "\n"), "\n\n"))
}

var manyBlank = lazily(`\n{3,}`)

// withoutQuotations marks lines that begin with > and what introduces them, and
// everything that follows the introduction of an unmarked quotation.
func withoutQuotations(lines []line) []line {
	out := make([]line, len(lines))
	copy(out, lines)
	for i := range out {
		if strings.HasPrefix(strings.TrimLeft(out[i].text, " "), ">") {
			out[i].kind = quoted
		}
	}
	for i := 0; i < len(out); i++ {
		if out[i].kind != written {
			continue
		}
		n := introduction(out[i:])
		if n == 0 {
			continue
		}
		end := i + n
		if !quoteFollows(out[end:]) {
			end = len(out) // unmarked: the rest is the message that is answered
		}
		for ; i < end; i++ {
			out[i].kind = quoted
		}
		i--
	}
	return out
}

func quoteFollows(lines []line) bool {
	for _, l := range lines {
		if strings.TrimSpace(l.text) != "" {
			return l.kind == quoted
		}
	}
	return false
}

// introduction is the number of lines, from the first on, that introduce a
// quotation: a separator, a block of headers, or "On …, … wrote:".
func introduction(lines []line) int {
	text := plainMarks.Replace(clip(strings.TrimSpace(lines[0].text), 500))
	if text == "" {
		return 0
	}
	if separator().MatchString(text) {
		return 1 + headerBlock(lines[1:])
	}
	if underline().MatchString(text) {
		if n := headerBlock(lines[1:]); n > 0 {
			return 1 + n
		}
		return 0
	}
	if n := headerBlock(lines); n > 0 {
		return n
	}
	return attribution(lines)
}

var (
	separator = lazily(`(?i)^[-_*=\s]{2,}\s*(original message|original appointment|forwarded message|forwarded by .{0,60}|urspr(ü|ue)ngliche (nachricht|mail|e-mail)|originalnachricht|weitergeleitete nachricht|message d'origine|message original|message transf(é|e)r(é|e)|mensaje original|mensaje reenviado|mensagem original|mensagem (encaminhada|reencaminhada)|messaggio originale|messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht)\s*[-_*=\s]{2,}$|^(begin forwarded message|anfang der weitergeleiteten (nachricht|e-mail)|d(é|e)but du message (r(é|e)exp(é|e)di(é|e)|transf(é|e)r(é|e))|inicio del mensaje reenviado|inizio messaggio inoltrato|begin doorgestuurd bericht|in(í|i)cio da mensagem (encaminhada|reencaminhada))\s*:$`)
	underline = lazily(`^[_-]{10,}$`)

	fromLine  = lazily(`(?i)^\*?(from|von|de|da|van|expéditeur|remitente)\s?:\*?\s*\S`)
	otherLine = lazily(`(?i)^\*?(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|envoye|à|a|objet|enviado( el)?|enviada( em)?|fecha|para|asunto|data|assunto|inviato|oggetto|verzonden|aan|onderwerp|reply-to)\s?:\*?(\s|$)`)
)

// headerBlock is the length of the block of headers that Outlook and others put
// before the message answered, 0 when the lines are none. The name of the
// sender comes first or second; two more headers must follow.
func headerBlock(lines []line) int {
	start := 0
	for start < len(lines) && start < 3 && strings.TrimSpace(lines[start].text) == "" {
		start++
	}
	from, others, end := false, 0, start
	for i := start; i < len(lines) && i < start+12; i++ {
		text := plainMarks.Replace(clip(strings.TrimSpace(lines[i].text), 300))
		switch {
		case fromLine().MatchString(text) && others <= 1:
			from, end = true, i+1
		case otherLine().MatchString(text):
			others, end = others+1, i+1
		case text == "" && i > start || others+btoi(from) == 0:
			i = len(lines)
		}
	}
	if !from || others < 2 {
		return 0
	}
	return end
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wrote is how programs introduce what is answered, in seven languages.
var wrote = lazily(`(?i)^(on\b.{6,300}\bwrote|am\b.{6,300}\b(schrieb|hat)\b.{0,200}|.{2,150}\bschrieb am\b.{6,100}|le\b.{6,300}\ba (é|e)crit|el\b.{6,300}\bescribi(ó|o)|(em|a|no dia)\b.{6,300}\bescreveu|il\b.{6,300}\bha scritto|op\b.{6,300}\b(schreef|heeft)\b.{0,200}|.{2,150}<\S+@\S+>\s*(wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)\b.{0,100})\s?:$`)

// stamp is the date or address that such a line names; "On Monday you wrote:"
// has none and is the person's own words unless a marked quotation follows.
var stamp = lazily(`@|\b\d{1,2}[:.h]\d\d\b|\b(19|20)\d\d\b|\d{1,2}[/.]\d{1,2}[/.]\d\d`)

// attribution is the number of lines (wrapped, up to four) of "On … wrote:".
func attribution(lines []line) int {
	var text string
	for i := 0; i < len(lines) && i < 4; i++ {
		next := strings.TrimSpace(lines[i].text)
		if lines[i].kind != written || next == "" && i > 0 {
			return 0
		}
		text = strings.TrimSpace(text + " " + plainMarks.Replace(clip(next, 400)))
		if i == 0 && !opensAttribution().MatchString(text) {
			return 0
		}
		if wrote().MatchString(text) {
			if stamp().MatchString(text) || quoteFollows(lines[i+1:]) {
				return i + 1
			}
			return 0
		}
	}
	return 0
}

var opensAttribution = lazily(`(?i)^(on|am|le|el|em|a|no|il|op)\s\D{0,25}\d|^(on|am|le|el|em|il|op)\s\pL+\b.{0,40}:$|@|\bschrieb am\b`)
