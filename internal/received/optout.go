package received

import (
	"strings"
)

// optOut finds in a person's own words the wish to get no more mail, and
// returns the words, empty when there are none. A bare word ("stop",
// "unsubscribe") counts as the whole of a short answer only; everything else must
// be a request about contact as such, not about one thread, channel or subject.
func optOut(subject, text string) string {
	text = strings.TrimSpace(text)
	if word := bareWord(text); word != "" {
		return word
	}
	if says := unsubscribes(subject, text); says != "" {
		return says
	}
	for _, s := range sentences(judged(text)) {
		if says := wish(s); says != "" {
			return says
		}
	}
	return ""
}

// unsubscribes is a subject that is nothing but a word for opting out, over
// hardly any text: what mail programs send to the address in List-Unsubscribe
// (RFC 2369), some with a line that says so.
func unsubscribes(subject, text string) string {
	if len(strings.Fields(text)) <= 16 && bareOptOut().MatchString(trimSentence(judged(subject))) {
		return subject
	}
	return ""
}

// wishForm is one way to ask to be left alone: all of its patterns occur in the
// sentence, in any order.
type wishForm []pattern

func want(patterns ...string) wishForm {
	var f wishForm
	for _, p := range patterns {
		f = append(f, lazily(p))
	}
	return f
}

// in is where the form stands in a sentence.
func (f wishForm) in(sentence string) (start, end int, found bool) {
	start = len(sentence)
	for _, part := range f {
		at := part().FindStringIndex(sentence)
		if at == nil {
			return 0, 0, false
		}
		start, end = min(start, at[0]), max(end, at[1])
	}
	return start, end, true
}

// wish is the part of a sentence that asks to be left alone.
func wish(sentence string) string {
	sentence = thanks().ReplaceAllString(strings.TrimSpace(sentence), "")
	if urgentBare().MatchString(sentence) {
		return sentence
	}
	for _, form := range optOutForms {
		start, end, found := form.in(sentence)
		if found && !notAWish().MatchString(sentence[:start]) && !narrowed().MatchString(sentence[end:]) && !aboutOtherPeople(sentence, start, end) {
			return sentence[start:end]
		}
	}
	return ""
}

// aboutOtherPeople tells mail that is sent to others, or that the writer sends.
func aboutOtherPeople(sentence string, start, end int) bool {
	if to := addressee().FindStringSubmatch(sentence[end:]); to != nil && !oneself().MatchString(to[1]) {
		return true
	}
	return strings.HasPrefix(sentence[start:], "stop") && ownPlan().MatchString(sentence[:start])
}

var (
	addressee = lazily(`^ to (\pL+)`)
	oneself   = lazily(`^(me|us|my|our|this|that|these)$`)
	ownPlan   = lazily(`\b(we|i)('d| would| will)? (want|plan|need|have|had|decided|like|try|tried|hope|wish) to *$`)
)

// urgentBare is a whole sentence that says it anywhere in a text.
var urgentBare = lazily(`^(please|pls|kindly),? (stop|unsubscribe|opt[ -]?out)( (now|it|this|immediately))?$|^stop (it|this)( now)?$|^(unsubscribe|remove|opt) me( out)?$`)

// narrowed is what may follow and makes it a request about some mail, some time
// or some way only.
var narrowed = lazily(`^("|'|,? (off\b|the \pL+ (yet|before|until|now)|before|until|till|yet|on (mon|tues|wednes|thurs|fri|satur|sun|week|the|holiday)|at (my|the|work|home|night|this (number|time))|about (the|my|our|that|lee)|regarding (the|my|our)|for (the|this|next|a) (week|moment|meeting|time|month)|by (phone|text)|via|during|this (week|morning|month)|next (week|month)|today|tomorrow|after \d|instead|if|unless|without|of (the )?(users|attendees|participants|speakers|people|names|signatories|references|customers|clients|partners|vendors|suppliers|logos|admins|members|approvers|reviewers)|in the trial|but (call|do|phone)|(just |please )?(call|use|phone|text|ring)\b` +
	`|vor (dem |der |montag|\d)|bis (zum|nächste|\d|montag)|am (mo|di|mi|do|fr|sa|so)\pL*tag|an (den|die|meinen?|unseren?) \pL+|wegen (de[rs]|dem)|heute|morgen|diese woche|nächste|sondern|telefonisch|der teilnehmer|avant|jusqu'|demain|aujourd'hui|cette semaine|mais (appel|plut)|antes (de|del)|hasta|mañana|hoy|todavía|esta semana|al (correo|número|móvil)|a (mi|este) (correo|número|móvil)|prima (di|del)|fino a|domani|oggi|ancora|questa settimana|antes|até|amanhã|hoje|ainda|voor (maandag|de vergadering|\d)|tot (maandag|\d)|deze week|vandaag|over (de|het) )(\b|$| ))`)

// notAWish right before the words turns them into a report, a question about
// the past, or the opposite.
var notAWish = lazily(`(\b(users|customers|clients|people|prospects|recipients|they|kunden|clientes|clienti|klanten) +|\b(do not|don't|did not|didn't|never|(did|have|had|if|when|once|after|until|unless|before) (you|they|we|he|she)|not to|nicht|n'a pas|não|non|niet) *["']?|"[^"]*|\b(he|she|they|customers|clients|people|users|prospects|kunden|clientes|clienti|klanten)\b.{0,30}\b(say|said|says|write|wrote|ask|asked|reply|replied|schreiben|sagen|dicen|dizem|dicono|zeggen|disent)\b.{0,20})$`)

// sentences splits at the end of sentences and at blank lines; a single line
// feed joins, since programs wrap lines, unless the next line begins anew.
func sentences(text string) []string {
	var out []string
	for _, paragraph := range blankLine().Split(text, 500) {
		for _, s := range sentenceEnd().Split(strings.ReplaceAll(paragraph, "\n", " "), 500) {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

var sentenceEnd = lazily(`[.!?;…]+(\s+|$)|\s+-+\s+|:\s+`)

// bareWord is a short answer that is nothing but a word for opting out, apart
// from greeting, please and name.
func bareWord(text string) string {
	if len(strings.Fields(text)) > 14 {
		return ""
	}
	for l := range strings.Lines(text) {
		for _, s := range sentences(judged(l)) {
			s = trimSentence(s)
			if s == "" || greeting().MatchString(s) {
				continue
			}
			if bareOptOut().MatchString(s) {
				return s
			}
			return ""
		}
	}
	return ""
}

func trimSentence(s string) string {
	s = strings.Trim(s, " \n\t.,;:!?\"'*_-()[]>")
	return strings.Trim(courtesy().ReplaceAllString(s, ""), " ,.!")
}

var (
	courtesy   = lazily(`^(please|pls|plz|kindly|bitte|merci de|svp|por favor|per favore|per cortesia|graag|a\.?u\.?b\.?|alstublieft)[ ,!]+|[ ,]+(please|pls|plz|thanks|thank you|thx|bitte|danke|merci|svp|s'il vous plaît|por favor|gracias|obrigad[oa]|per favore|grazie|a\.?u\.?b\.?|alstublieft|bedankt|now|immediately|asap|all)$`)
	thanks     = lazily(`([ ,-]+(please|pls|plz|thanks|thank you|thx|cheers|bitte|danke|vielen dank|merci|svp|s'il vous plaît|por favor|gracias|obrigad[oa]|per favore|per cortesia|grazie( mille)?|a\.?u\.?b\.?|alstublieft|bedankt|dank u))+$`)
	greeting   = lazily(`^(hi|hello|hey|dear|hallo|guten (tag|morgen)|sehr geehrte\w*|liebe[r]?|bonjour|madame|monsieur|hola|buenos días|buenas|estimad[oa]s?|olá|bom dia|caro|cara|prezad[oa]s?|ciao|buongiorno|salve|gentile|beste|geachte|dag|good (morning|afternoon))\b( \S+){0,4}$`)
	bareOptOut = lazily(`^(stop|stopp|unsubscribe( me)?|unsubscribed|remove|remove me|opt[ -]?out|opt me out|take me off|no more e?-?mails?|stop e-?mails?|abmelden|abbestellen|austragen|keine (e-?)?mails? mehr|désinscription|désabonner|désinscrire|désabonnement|désinscrivez-moi|désabonnez-moi|stop mails?|baja|darme de baja|dar de baja|cancelar suscripción|remover|descadastrar|cancelar (a )?(inscrição|subscrição)|sair da lista|cancellami|cancellatemi|disiscrivimi|disiscrizione|cancellazione|uitschrijven|afmelden|geen mails? meer|leave me alone)$`)
)
