package received

import (
	"strings"
)

// withoutSignature marks the signature: from the delimiter "-- " on, what
// follows the closing and the name when it looks like contact details, and a
// legal notice at the end.
func withoutSignature(lines []line) []line {
	for i, l := range lines {
		if l.kind != written {
			continue
		}
		text := strings.TrimSpace(l.text)
		if delimiter().MatchString(l.text) && i > 0 {
			markUntilQuote(lines[i:])
			continue
		}
		if legalNotice().MatchString(text) {
			markUntilQuote(lines[i:])
			continue
		}
		if closing().MatchString(plainMarks.Replace(text)) {
			markContact(lines[i+1:])
		}
	}
	return lines
}

var (
	// delimiter is "-- " of RFC 3676 section 4.3, with the space that many lose.
	delimiter = lazily(`^(--|—|__|\*\*) ?$|^_{3,}$`)

	sentFrom = lazily(`(?i)^\s*(sent (from|via|with) (my |the )?(\pL+ ){0,3}?(iphone|ipad|ios|android|galaxy|samsung|mobile|phone|blackberry|pixel|huawei|outlook|gmail|yahoo|mail|proton ?mail|spark|tablet|windows|device)\b.{0,60}|(von|gesendet von) (meinem|meiner|unterwegs|outlook|mail|der|mobil).{0,60}gesendet.{0,30}|gesendet (von|mit|aus) .{0,60}|diese nachricht wurde von meinem .{0,60}gesendet.?|envoyé (de(puis)?|à partir|avec) .{0,60}|enviado (desde|do|de|a partir|com) .{0,60}|inviato (da|dal|con) .{0,60}|verzonden (vanaf|met|vanuit|via) .{0,60}|verstuurd vanaf .{0,60}|get outlook for (ios|android|mac).{0,80}|outlook (für|pour|para|per|voor) (ios|android).{0,80}|(download|télécharger|obtenir|obtener|obter|scarica|holen sie sich) outlook .{0,80})\s*$`)

	closing = lazily(`(?i)^((with )?(kind|best|warm|many|kindest|warmest)( regards| wishes| thanks)?|regards|many thanks|thanks( (again|a lot|and (best |kind )?regards))?|thank you|cheers|sincerely|yours( sincerely| faithfully| truly)?|all the best|best|mit (freundlichen|besten|herzlichen|lieben|vielen) gr(ü|u|ue)(ß|ss)en|(viele|beste|liebe|freundliche|herzliche|schöne) gr(ü|ue)(ß|ss)e.{0,20}|(bien |très )?cordialement|bien à vous|sincères salutations|meilleures salutations|(un )?(cordial )?saludos?( cordial(es)?)?|atentamente|un abrazo|(com os melhores )?cumprimentos|atenciosamente|abraços?|cordiali saluti|(distinti|cari) saluti|un saluto|met vriendelijke groeten?|(vriendelijke |hartelijke )?groeten?|mvg|mfg|lg|vg|br|kr)\s*[,.!]?$`)

	legalNotice = lazily(`(?i)^[\s*_-]*((this|the information in this|the contents? of this) (e-?mail|message|communication)( message)?,? (\(?and any .{0,60})?(is|are|may|contain|was)\b.{0,60}(confidential|privileged|intended|legally)|confidentiality notice|disclaimer\s*:|(diese|die) (e-?mail|nachricht).{0,60}(vertraulich|enthält)|ce (message|courriel|mail).{0,80}(confidentiel|destin)|este (mensaje|correo|e-?mail).{0,80}(confidencial|dirig|destin)|esta mensagem.{0,80}(confidencial|destin)|(questo messaggio|questa e-?mail|le informazioni contenute).{0,80}(riservat|confidenzial)|dit (bericht|e-?mail).{0,80}(vertrouwelijk|bestemd))`)

	contactSign = lazily(`(?i)@|www\.|https?:|\||\+?\d[\d ()/.-]{6,}\d|\b(gmbh|inc|ltd|llc|s\.?a\.?s?|b\.v\.|s\.?r\.?l|ag|tel|mobile?|phone)\b`)
	postscript  = lazily(`(?i)^p\.?\s?s\.?\b`)
)

// markContact marks what follows the name below a closing, when all of it is
// short and some of it is how to reach somebody.
func markContact(lines []line) {
	block, contact := 0, false
	for block < len(lines) && lines[block].kind == written {
		text := strings.TrimSpace(lines[block].text)
		if len(text) > 100 || postscript().MatchString(text) || block > 14 {
			return
		}
		contact = contact || contactSign().MatchString(text)
		block++
	}
	if !contact {
		return
	}
	named := false
	for i := range lines[:block] {
		text := strings.TrimSpace(lines[i].text)
		switch {
		case text == "":
		case named || contactSign().MatchString(text):
			lines[i].kind, named = signature, true
		default:
			named = true
		}
	}
}

func markUntilQuote(lines []line) {
	for i := range lines {
		if lines[i].kind == quoted {
			return
		}
		lines[i].kind = signature
	}
}
