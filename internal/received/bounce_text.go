package received

import (
	"strings"
)

// textBounce tells the free text of a mail system about our message from what
// people write about bounces: it must come from a mail system, or begin as only
// programs do; where and what it says is the evidence.
func (m *Message) textBounce(t *taken) (where, says string) {
	text := judged(m.Full)
	if found := programText().FindStringIndex(clip(text, 1500)); found != nil && (found[0] < 40 || t.fromMailSystem()) {
		return "text", text[found[0]:found[1]]
	}
	if !t.fromMailSystem() {
		return "", ""
	}
	if found := failureSubject().FindString(judged(m.Subject)); found != "" {
		return "subject", found
	}
	if found := delayedSubject().FindString(judged(m.Subject)); found != "" {
		return "subject", found
	}
	if t.header.Get("X-Failed-Recipients") != "" {
		return "header X-Failed-Recipients", t.header.Get("X-Failed-Recipients")
	}
	if found := failureText().FindString(clip(text, 4000)); found != "" {
		return "text", found
	}
	return "", ""
}

// fromMailSystem tells by the sender whether a mail system itself writes.
func (t *taken) fromMailSystem() bool {
	for _, a := range t.addresses("From") {
		local, _, _ := strings.Cut(strings.ToLower(a.Email), "@")
		if mailSystem().MatchString(local) || mailSystemName().MatchString(a.Name) {
			return true
		}
	}
	raw := strings.ToLower(t.header.Get("From"))
	return strings.Contains(raw, "mailer-daemon") || strings.Contains(raw, "mail delivery subsystem")
}

var (
	mailSystem     = lazily(`^(mailer-?daemon|postmaster|mail-?daemon|mdaemon|microsoftexchange[0-9a-f]+|bounces?|mail-?delivery(-?sub)?system|double-bounce|system-?administrator)$`)
	mailSystemName = lazily(`(?i)^(mail delivery (sub)?system|mailer-?daemon|postmaster|system administrator|systemadministrator|administrateur système|administrador del sistema|mail administrator|internet mail delivery)$`)

	// programText are openings that only programs write.
	programText = lazily(`this is the qmail-send program|this message was created automatically by mail delivery software|this is the mail system at host|this is the postfix program at host|` +
		`a message that you sent (could not be delivered|has not yet been delivered)|the original message was received at .{10,60}from|your message did not reach some or all of the intended recipients|` +
		`ihre nachricht (an|hat) .{0,60}(konnte nicht zugestellt|einige oder alle empfänger nicht erreicht)|this is an automatically generated delivery status notification|` +
		`delivery to the following recipients? (failed|has been delayed)|delivery has failed to these recipients or groups|votre message n'est pas parvenu à|diese nachricht wurde (automatisch )?(vom|von dem) (mail-?)?(system|server) erstellt`)

	failureSubject = lazily(`^(undeliver(ed|able)\b|failure notice|mail delivery (failed|failure|error|system)|delivery (status notification|failure|has failed|failed|report|notification)|returned mail|mail (could not|not) (be )?delivered|undelivered mail|message (undeliverable|not delivered)|non-?delivery|unzustellbar|unzustellbare|zustellung fehlgeschlagen|nachricht (konnte )?nicht zugestellt|mailzustellung fehlgeschlagen|fehler bei der|non remis|échec de (la )?(remise|distribution)|message non distribué|no se puede entregar|no entregado|correo devuelto|error de entrega|devuelto|não (é possível|foi possível) entregar|não entregue|falha na entrega|non recapitabile|mancato recapito|mancata consegna|recapito non riuscito|onbestelbaar|aflevering mislukt|niet bezorgd|niet afgeleverd|bounce|rejected:)`)

	delayedSubject = lazily(`^(warning: (could not send|message .{0,40}delayed)|delivery (is )?delayed|mail delivery delayed|delayed mail|delivery status notification \(delay\)|zustellung verzögert|verzögert|remise (du message )?(différée|retardée)|entrega (retrasada|atrasada|aplazada)|consegna (in )?ritard|ritardo|vertraagd|bezorging vertraagd|message delayed|delayed:)`)

	failureText = lazily(`(could not|couldn't|cannot|can't|was not|wasn't|not) be delivered|(was|were) not delivered|wasn't delivered to|undeliverable|delivery (has )?failed|failed permanently|permanent (fatal )?errors?|permanent failure|` +
		`(konnte|wurde) nicht zugestellt|unzustellbar|n'a pas (pu être|été) (remis|distribué|livré)|no (se )?(pudo|ha podido) (ser )?(entreg|enviar)|não (pôde|foi) (ser )?entreg|non (è stato possibile|ha potuto|è stato) (consegn|recapit)|(kon|kan) niet (worden )?(bezorg|afgelever)`)

	stillTrying = lazily(`warning message only|(delivery|message) .{0,40}(is|been|was) delayed|not yet been delivered|still (being )?(queued|trying)|will (be retried|keep trying|continue to try|try again|retry)|no action is required on your part|delivery attempts will continue|wird weiter versucht|noch nicht zugestellt|zustellung .{0,30}verzögert|` +
		`n'a pas encore été|nouvelle tentative|aún no se ha|se seguirá intentando|ainda não foi|continuará (a tentar|tentando)|non è stato ancora|verranno effettuati altri tentativi|nog niet (bezorgd|afgeleverd)|opnieuw geprobeerd`)
	gaveUp = lazily(`(gave|giving|given) up|has expired|too long|no longer (be )?(retr|tr(y|ied))|i'm not going to try again|permanent|could not be delivered|retry time(out)? exceeded|endgültig`)

	passing = lazily(`mailbox\b.{0,30}\bfull\b|over ?quota|quota exceeded|out of storage|connection (timed out|refused)|temporar(y|ily)|retry time(out)? (exceeded|not reached)|too many connections|postfach (ist )?voll|boîte .{0,20}pleine|buzón .{0,20}lleno|caixa .{0,20}cheia|casella .{0,20}piena|postvak .{0,20}vol\b`)
)

// bounceText reads a delivery report in free text. It never returns nil; where
// nothing else is said, a failure is permanent.
func bounceText(text string) *Bounce {
	text = clip(text, maxJudged)
	own, _ := withoutOriginal(text)
	b := &Bounce{Recipient: recipientIn(own), Diagnostic: diagnosticIn(own)}
	b.Status = statusCode(b.Diagnostic)
	if b.Status == "" {
		b.Status = statusCode(own)
	}
	low := judged(own)
	code := replyCode(b.Diagnostic)
	switch {
	case stillTrying().MatchString(low) && !gaveUp().MatchString(low):
		b.Kind = Delayed
	case b.Status != "" && b.Status[0] == '4', b.Status == "" && code == '4', b.Status == "" && code == 0 && passing().MatchString(low):
		b.Kind = Temporary
	default:
		b.Kind = Permanent
	}
	return b
}

// kindFromSubject lets the subject speak where it is plainer than the text.
func (b *Bounce) kindFromSubject(subject string) {
	if delayedSubject().MatchString(judged(subject)) {
		b.Kind = Delayed
	}
}

var copyBegins = lazily(`(?im)^[\s-]*(below this line is a copy|this is a copy of (the|your) message|(the body|here is a copy) of (the|your) (original )?message|original message( (headers|follows?))?|-+ ?(unsent|original|returned) (message|headers).{0,30}|message header follows|ursprüngliche nachricht|kopie der nachricht|message d'origine|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht)`)

// withoutOriginal cuts the copy of our own message off a report, so that
// nothing in it is taken for the report's words.
func withoutOriginal(text string) (own, original string) {
	if at := copyBegins().FindStringIndex(text); at != nil {
		return text[:at[0]], text[at[0]:]
	}
	return text, ""
}

var (
	bracketed  = lazily(`(?m)^\s*<([^<>\s@]{1,64}@[^<>\s]{1,255})>[^\n]{0,200}:`)
	alone      = lazily(`(?m)^\s*(?:\*\s*)?<?([^<>\s@:"(]{1,64}@[^<>\s:,;)"]{1,255}?)>?[:,.]?\s*(?:\([^\n]*\))?$`)
	inSentence = lazily(`(?i)(?:delivered to|deliver(?: mail| message| your message)? to|an|to|for|à|a|para|aan|recipient:?|empfänger:?|destinataire\s?:|destinatario:)\s+<?([^<>\s@:"(,]{1,64}@[^<>\s:,;)"]{1,255})`)

	serverSaid = lazily(`(?i)(?:said|respon(?:ded|se)[^\n:]{0,40}|returned|answered|was|error[^\n:]{0,60}|diagnostic[^\n:]{0,20}|reason|grund|remote host said):\s*([^\n]*[45]\d\d[^\n]*(?:\n[^\n]{1,200}){0,2})`)
	codeLine   = lazily(`(?m)^[^\n]*\b[45]\d\d[ -](?:#?[45]\.\d{1,3}\.\d{1,3}|[^\n]{4,})[^\n]*$|^[^\n]*[^\d.][45]\.\d{1,3}\.\d{1,3}[^\d.][^\n]*$`)
)

func recipientIn(text string) string {
	for _, form := range []pattern{bracketed, alone, inSentence} {
		for _, found := range form().FindAllStringSubmatch(text, 5) {
			local, _, _ := strings.Cut(strings.ToLower(found[1]), "@")
			if !mailSystem().MatchString(local) {
				return strings.TrimRight(found[1], ".")
			}
		}
	}
	return ""
}

// diagnosticIn finds what the receiving server said: after "said:", else the
// first line with a reply code, else the line that says why.
func diagnosticIn(text string) string {
	if found := serverSaid().FindStringSubmatch(text); found != nil {
		return untilBlank(found[1])
	}
	if found := codeLine().FindString(text); found != "" {
		return found
	}
	for l := range strings.Lines(text) {
		low := judged(l)
		if unknownUser().MatchString(low) || unknownDomain().MatchString(low) || passing().MatchString(low) {
			return l
		}
	}
	return ""
}

func untilBlank(s string) string {
	if at := blankLine().FindStringIndex(s); at != nil {
		return s[:at[0]]
	}
	return s
}
