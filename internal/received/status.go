package received

import (
	"strings"
)

var (
	enhanced = lazily(`(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s|\.[^\d])`)
	reply    = lazily(`(?:^|[^\d.])([45])[0-5]\d(?:[ -]|$)`)
)

// statusCode finds an enhanced status code of RFC 3463 in a text, empty when
// there is none.
func statusCode(text string) string {
	if found := enhanced().FindStringSubmatch(clip(text, 4000)); found != nil {
		return found[1]
	}
	return ""
}

// replyCode finds the class, '4' or '5', of an SMTP reply code in a text, 0 when
// there is none.
func replyCode(text string) byte {
	if found := reply().FindStringSubmatch(clip(text, 4000)); found != nil {
		return found[1][0]
	}
	return 0
}

// AddressGone tells whether the report says that there is no such address, so
// that it should not be written to again. Failures for any other reason, such
// as policy (5.7.x), a full mailbox (5.2.2) or the sender's own address (5.1.7
// to 5.1.9), do not. By RFC 3463 a permanent 5.2.1 is a mailbox that will not be
// enabled again; servers that use it for one that receives too much are let off.
func (b Bounce) AddressGone() bool {
	if b.Kind != Permanent {
		return false
	}
	says := strings.ToLower(b.Diagnostic)
	switch {
	case strings.HasPrefix(b.Status, "5.1."):
		switch b.Status {
		case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10": // 5.1.10: RFC 7505
			return true
		}
		return b.Status == "5.1.0" && unknownUser().MatchString(says)
	case b.Status == "5.2.1":
		return !tooMuch().MatchString(says)
	case b.Status == "5.4.1":
		return strings.Contains(says, "recipient address rejected: access denied") || unknownUser().MatchString(says)
	case b.Status == "5.4.4":
		return unknownDomain().MatchString(says)
	case b.Status == "" || vague(b.Status) || strings.HasPrefix(b.Status, "5.5."):
		return !policy().MatchString(says) && (unknownUser().MatchString(says) || unknownDomain().MatchString(says))
	}
	return false
}

var (
	unknownUser = lazily(`(user|recipient|mailbox|address|account|addressee)s?\b.{0,60}(unknown|not found|does ?n[o']t exist|doesn't exist|no longer (exists|valid|active|available|in use)|not exist|invalid|disabled|deactivated|deleted|not known|not listed)|` +
		`(unknown|no such|invalid|bad|non-?existent) (local )?(user|recipient|mailbox|address|account|addressee)|no mailbox( here)? by that name|not a (known|valid) (user|mailbox|recipient)|unrouteable address|user doesn't have a|` +
		`(empfänger|benutzer|adresse|postfach|mailbox|konto).{0,40}(unbekannt|existiert nicht|nicht gefunden|ungültig|nicht vorhanden)|(unbekannter|ungültiger) (empfänger|benutzer)|` +
		`(utilisateur|destinataire|adresse|boîte).{0,40}(inconnue?|n'existe pas|introuvable|invalide)|(usuario|destinatario|dirección|buzón|cuenta).{0,40}(desconocid[oa]|no existe|no encontrad[oa]|no se encontr)|` +
		`(usuário|utilizador|destinatário|endereço|caixa).{0,40}(desconhecid[oa]|não existe|não encontrad[oa]|inexistente)|(utente|destinatario|indirizzo|casella).{0,40}(sconosciut[oa]|non esiste|inesistente|non trovat[oa])|` +
		`(gebruiker|ontvanger|adres|postvak).{0,40}(onbekend|bestaat niet|niet gevonden)`)
	unknownDomain = lazily(`(host|domain)( or domain)?( name)? (not found|unknown|does ?n[o']t exist)|(unknown|no such|bad) (host|domain)|nxdomain|couldn't find any host named|domain does not exist|host not found`)
	tooMuch       = lazily(`at a rate|too (quickly|much|many)|rate limit|over ?quota|quota|mailbox (is )?full`)
	policy        = lazily(`spam|blocked|block ?list|blacklist|policy|reputation|sender (address|denied|rejected|verify|domain)|not authori[sz]ed|authenticat|dmarc|spf\b|dkim|virus|relay`)
)
