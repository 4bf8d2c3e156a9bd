package received

// The requests to be left alone, by language, on a sentence in lower case.
// Each asks for the end of contact as such: the sender taken off a list, or no
// mail at all. "Remove me from cc" names no list; "don't call before ten" is
// narrowed by what follows (see narrowed).
var optOutForms = []wishForm{
	// English
	want(`\b(remov(e|ing)|delet(e|ing)|tak(e|ing)|drop|strike|scrub|purge|erase|unsubscribe|exclud(e|ing)|get) (me|us|(my|our|this) (\S+ )?(e-?mail|mail|name|address|contact|details|data|info|information|company|domain|inbox|mailbox|number|record|team|staff|people)s?( \S+)?)( \S+){0,3}? ?(off|from|of|out of) `, `\b(your|this|these|that|all|any|every|whatever) `+lists+`|\b(the|its) (mailing |e-?mail |contact |distribution |marketing )?(list|database)$|\bfrom (the )?(mailing|distribution|e-?mail|marketing|contact) (list|database)`),
	want(`\b(be|get|been) (removed|deleted|taken|unsubscribed|excluded|dropped)( off| out)? (from|of|off) (your|this|these|all|any|the (mailing|e-?mail|contact)) ?` + lists + `?`),
	want(`(^|\b(please|pls|plz|kindly|just|and|then|so|would|could|can|you|now),? )(remove|unsubscribe) (me|us|my (e-?mail|name|address|e-?mail address|details|contact details))( permanently| immediately| now| asap| today| at once)?($|,? (or|otherwise|thanks|thank you|please)\b| and (do not|don.t|never|stop|confirm))`),
	want(`\b(please|pls|kindly|want|like),? (you to )?(remove|delete|erase) (all )?(of )?(my|our) (personal )?(data|details|contact details|contact information|information|e-?mail( address)?)($| (from|under|and confirm)\b)`),
	want(`\b(please|pls|kindly|want to|wish to|like to|tried to|trying to|need to|asked to|request to|let me|how (do|can) (i|we)) (unsubscribe|opt[ -]?out)( (me|us))?($| (from|of) (your|this|these|all|any|further|future|the (list|mailing))| but | and )|\bunsubscribe (me|us)\b|\bopt (me|us) out\b`),
	want(`\b(stop|quit|cease|refrain from) (all )?(e-?mailing|mailing|contacting|messaging|writing( to)?|pestering|bothering|spamming|harassing|soliciting|calling|approaching|calling and e-?mailing|e-?mailing and calling)( (me|us|our \S+|this \S+|my \S+|here)|$)`),
	want(`\b(stop|quit|cease|refrain from) (sending|with)( (me|us|out))?( (these|this|your|any|more|any more|further|all|the|such|those))?( \S+){0,2}? ?` + mails + `\b|\b(stop|cease) (all|these|the|your|any|this) ((further|marketing|sales|daily|weekly|constant|endless) )?(contact|` + mails + `)\b|\bcease and desist\b`),
	want(`\b(do not|don't|never|not to|not) (ever )?` + reach + ` (me|us|our (company|team|office)|anyone here|this address)\b`),
	want(`\b(do not|don't|never|not to|not|nor) (ever )?send (me |us |out )?(any ?more|any|more|further|your|these|such|this|anything)( \S+){0,2}? ?` + mails + `\b|\b(do not|don't|never) (ever )?send (me|us) ` + mails + `\b`),
	want(`(^|\b(please|i want|we want|i'd like|and|thanks|again),? )no (more|further|additional) (\S+ )?(contact|` + mails + `)\b`),
	want(`\b(((no longer|do not|don't|not) (wish|want|care|like|need) (to )?)|rather not |prefer not to )(receive|get|hear|be contacted|be e-?mailed|be on)\b.{0,40}\b(` + mails + `|from you|by you|your company|your lists?|this list|again|any ?more|any further)\b|\b(do not|don't|not) (want|need|wish( for)?) (any ?more|any further|any|more|further|your|these|such) ((more|further) )?(\S+ )?(contact|` + mails + `)\b`),
	want(`\b(ensure|make sure|see to it|so) (that )?(i|we) (do not|don't|no longer|never|will not|won't) (receive|get|hear)\b.{0,30}\b(` + mails + `|from you|again|any ?more)\b`),
	want(`\b(do not|don't|never) send (me |us )?(these|this|those|it|stuff|anything|such things) (any ?more|any longer|again|ever)\b`),
	want(`\b(lose|forget|delete) my (e-?mail( address)?|address|number|contact( details)?)$|\b(withdraw|revoke) my consent\b|\bobject to (the|any) (further )?(processing|use) of my\b|\bleave (me|us) alone\b`),
	// German
	want(`\b(nehm|nimm|streich|entfern|lösch|trag|austrag|heraus|raus|gelösch|gestrich|ausgetrag|genomm)\pL*`, `\b(mich|uns|mein\pL*|unser\pL*)\b`, `\b(aus|von|vom) `+verteiler+`|\bvom (newsletter|verteiler)\b`),
	want(`(^|\b(bitte|wünschen?|möchten?|und|ab sofort|künftig),? )(ich )?(ab sofort |mir |uns )?(keine|keinerlei) (weiteren? |mehr |solchen? )?` + werbung + `\b( (mehr|von ihnen|bitte|an (mich|uns|diese adresse)|zu|dieser art|schicken|senden|zusenden|zuschicken|erhalten|bekommen))*$`),
	want(`\b(schicken|senden|schreiben|mailen|schick|schreib|sende|kontaktieren|kontaktiere|belästigen|belästige|behelligen|anschreiben|rufen|melden) (sie )?(mir|mich|uns|sich) (bitte |künftig |in zukunft |ab sofort )*(keine|nichts|nie|nicht|keinerlei)( weiteren?| solchen?| unaufgeforderten?)?( ` + werbung + `( \S+){0,2}?)?( (mehr|wieder|weiter\pL*)\b| zu$)|\b(schicken|senden) sie (mir|uns) (bitte )?keine (weiteren )?` + werbung),
	want(`\b(mich|uns) (bitte )?(in zukunft |künftig )?(nicht|nie) (mehr|weiter|wieder|länger) (zu |weiter )?(kontaktier|anschreib|anzuschreib|belästig|anmail|anruf|behellig|an$)\pL*|\b(mich|uns) (bitte |endlich )?in ruhe\b|\bin ruhe (zu )?lassen\b`),
	want(`\b(verzicht|unterlass|stell|hör|stopp|beend)\pL* (sie )?(bitte )?.{0,30}\b(weitere|weiteren|jegliche|künftige|jede|diese|ihre|auf|das|die|mit)\b.{0,20}\b(` + werbung + `|zusendung|e-mail-werbung|kontaktaufnahme)(n|en)?\b( (ein|auf))?`),
	want(`\b(lösche?n?|entferne?n?) (sie )?(bitte )?(umgehend |sofort )?(alle |sämtliche )?(meine|unsere) (\pL+ ){0,3}?(daten|kontaktdaten|(e-)?mail-?adresse|adresse)( (umgehend|sofort|bitte|aus .*|gemäß .*|und .*))*$`),
	want(`\b(melden|melde|tragen|trage) (sie )?(mich|uns) (bitte |sofort |umgehend )*((vom|von|aus) .{0,40})?(ab|aus)$|\b(möchte|will|wollen|möchten) (mich|uns) (gerne |bitte |hiermit )*((vom|von|aus) .{0,40}(newsletter|verteiler|liste|mails?) )?(abmelden|austragen)( lassen)?$|\bnewsletter (bitte )?abbestellen\b|\bbitte (um )?abmeldung\b`),
	want(`\b(möchten?|wollen|will|wünschen?) (\pL+ ){0,3}?(keine|keinerlei|nichts|nicht) (weiteren? |mehr )*(` + werbung + ` )?(mehr )?(von ihnen )?(mehr |weiter )?(von ihnen )?(erhalten|bekommen|hören|haben|(angeschrieben|kontaktiert|belästigt|angerufen) werden)\b|\b(wünschen?|möchten?) keine (weiteren? )?` + werbung + `|\bwiderspreche (ich )?(hiermit )?(der|jeder|jeglicher)\b.{0,30}\b(nutzung|verwendung|verarbeitung|zusendung|kontaktaufnahme|werb\pL+)`),
	want(`\b(verzicht|abseh|abzuseh|unterlass)\pL*`, `\b(weitere[nr]?|jegliche[nr]?|künftige[nr]?|diese[nr]?|solche[nr]?) `+werbung),
	// French
	want(`\b(retir|supprim|enlev|désinscri|désabonn|ray|radi|effac|ôt|sort)\pL*`, `(\b(moi|nous|me|mon|ma|mes|notre|nos)\b|\bm')`, `\b(de|d'|des|du|à) ?`+fichiers),
	want(`\b(me|nous) (désinscrire|désabonner)\b|\b(désinscrivez|désabonnez|désinscris|désabonne)[ -](moi|nous)\b|\b(veuillez|merci de|prière de) (supprimer|retirer|effacer|enlever) (mon (adresse|e-?mail|nom|contact)|mes (données|coordonnées))`),
	want(`\bne (m'|me |nous )(écriv|écris|contact|envo|appel|sollicit|relanc|dérang|adress|démarch|importun)\pL*[ -]?(plus|jamais)\b|\bne plus (me |m'|nous )(contacter|écrire|envoyer|solliciter|relancer|déranger|appeler|démarcher|adresser|importuner)|\bmerci de ne plus (envoyer|écrire|contacter)`),
	want(`\b(souhait|v(eu|ou)|désir)\pL* (ne )?plus (être (contacté|sollicité|relancé|démarché|dérangé)|(recevoir|avoir) .{0,20}(` + envois + `|rien|nouvelles)\b|que vous (me|nous) \pL+|figurer)`),
	want(`\b(arrêt|cess|stopp|stop)\pL* (de |d')(m'|me |nous )(écrire|contacter|envoyer|harceler|solliciter|relancer|spammer|démarcher|importuner)|\b(arrêtez|cessez|stoppez) (avec )?(vos|ces|les|tous vos) ` + envois + `|^stop (aux|les|vos|à vos|à tous vos|avec vos) ` + envois + `|^plus (de|d'|aucun) ?` + envois + `( de votre part)?$|\b(laissez|laisse)[ -](moi|nous) tranquilles?`),
	// Spanish
	want(`\b(elim[ií]n|b[óo]rr|qu[ií]t|s[áa]qu|sac|ret[ií]r|supr[ií]m|exclu)\pL*`, `\b(me|nos|mi|mis|nuestr\pL+)\b|\pL(me|nos)\b`, `\b(de|en) `+listas),
	want(`\b(den|de|dar|da|dad|dé)n?(me|nos)\b.{0,15}\bbaja\b|\b(me|nos|se me) (den|dé|de|dieran|diera) (de )?(la )?baja\b|\b(solicito|quiero|pido) (la|mi) baja\b|\b(eliminen?|borren?|supriman?) (por favor )?(todos )?(mis|nuestros) datos\b`),
	want(`\bno (me|nos) (vuelvan?|vuelvas) a |\bno vuelv\pL+ a (contactar|escribir|enviar|llamar|molestar|mandar)(me|nos)\b|\bno (me|nos) (escriban?|escribas|contacten?|contactes|llamen?|molesten?)\b.{0,30}\b(m[áa]s|nunca|nada|jamás)\b|\bno (me|nos) (env[ií]en?|envíes|manden?|mandes|remitan?)( (m[áa]s|nunca|nada|de nuevo|ningún|ninguna|este tipo de|sus|estos|por favor))*( ` + correos + `|$)|\bno (enviar|escribir|contactar|mandar|molestar|llamar)(me|nos)\b.{0,15}\b(m[áa]s|nunca|nada)\b`),
	want(`\bno (quiero|deseo|queremos|deseamos|quisiera|me interesa) (seguir )?(recib\pL+|que me (escriban|contacten|envíen|manden|llamen)|ser contactad[oa])( \S+){0,3}?( (` + correos + `|m[áa]s)|$)|\b(dejen|deje|dejad|deja|paren|pare|parad) (ya )?de (escribir|contactar|enviar|mandar|molestar|llamar)(me|nos)\b|(^|favor,? )no m[áa]s ` + correos + `|^basta (ya )?de ` + correos + `|\bdéj(e|en)(me|nos) en paz\b`),
	// Portuguese
	want(`\b(retir|remov|remoç|tir|exclu|elimin|apag|descadastr|risc)\pL*`, `\b(me|nos|meus?|minhas?|noss\pL+)\b`, `\b(d[aeo]s?|dess[ae]s?|dest[ae]s?) ?(sua |vossa |suas |vossas |seus? |vossos? )?(\S+ ){0,2}?(listas?|bases?|mailing|newsletter|sistema|contactos|contatos|envios|registos|registros)\b`),
	want(`\b(não|nao) (me|nos) ((voltem? a|escrevam?|contactem?|contatem?|liguem?|incomodem?|perturbem?)\b.{0,30}\b(mais|nunca|nada|contactar|contatar|escrever|enviar)\b|(enviem?|mandem?)( (mais|nunca|nada|nenhum|esse|esses|estes))*( ` + mensagens + `|$))|\b(não|nao) (voltem?|tornem?) a (me )?(contactar|contatar|escrever|enviar|incomodar)`),
	want(`\b(não|nao) (quero|desejo|pretendo|queremos|gostaria de) (continuar a )?(mais )?(receber|ser contactad[oa]|ser contatad[oa])( \S+){0,3}?( (` + mensagens + `|mais)|$)|\b(parem|pare|deixem|deixe|para|cessem) (por favor )?(já )?(de|com) (me |nos )?(enviar|mandar|escrever|contactar|contatar|incomodar|perturbar|ligar|os (e-?)?mails|as mensagens)|\b(apaguem?|eliminem?|excluam?) (todos )?(os )?(meus|nossos) dados\b|\b(me )?descadastrar\b|\bcancelar (a )?(minha )?(inscrição|subscrição)\b|\bsair d(a|esta|essa) (vossa |sua )?lista\b|\bdeixem?-(me|nos) em paz`),
	// Italian
	want(`\b(cancell|rimuov|rimoss|rimozione|togli|tolg|elimin|depenn|disiscriv)\pL*`, `\b(mi|ci|mio|mia|miei|nostr\pL)\b|\pL(mi|ci|temi|teci)\b|\bessere\b`, `\b(dalla|dalle|da|dal|dai|dagli|dall') ?(vostr\pL |su[ao] |tu[ao] |quest\pL |tutt\pL+ le (vostre )?)?(\S+ ){0,2}?(list\pL|database|newsletter|mailing|archivi\pL*|elenc\pL+|rubrica|indirizzario)\b`),
	want(`\bnon (mi|ci) (scriv|contatt|mandi|mandat|mandar|inviat|inviar|invii|chiami|chiamat|chiamar|disturb|molest|spedi)\pL*\b.{0,25}(più|altre\b|altri\b)|\bnon (scriv|contatt|mandat|inviat|disturb|chiamat)\pL*(mi|ci)\b.{0,20}(più|altre\b|altri\b)`),
	want(`\bnon (vogli|desider|intend|vorr)\pL* (più |altre |altri )?(ricevere|essere (più )?(contattat|disturbat)[oaie])( \S+){0,3}?( (` + posta + `|più)|$)|\b(smett|finit|basta|cessat)\pL* ?(la)? ?(di|con) ?(scriver|contattar|mandar|inviar|disturbar|chiamar|spedir|le (e-?)?mail|queste (e-?)?mail)|^basta (con (le |queste |i )?)?` + posta + `$|\blasci(ate|a)?(mi|ci) in pace\b|\bdisiscriv(etemi|imi|ermi)\b|\b(cancell|elimin)\pL* (tutti )?i miei dati\b|\bsenza (ulteriori|altre) ` + posta + `$`),
	// Dutch
	want(`\b(schrijf|meld|haal|verwijder|gooi|wis|schrap|uit te schrijven|uitschrijven|afmelden|halen|verwijderd|uitgeschreven)`, `\b(mij|me|ons|mijn|onze)\b`, `\b(uit|van|voor) (uw |jullie |je |de |deze |dit |alle |het )?(\S+ ){0,2}?[\pL-]*(lijst|lijsten|bestand|bestanden|database|systeem|nieuwsbrief|mailings?|mails)\b`),
	want(`\b(mij|me|ons) (graag |a\.?u\.?b\.? )?(uitschrijven|afmelden|uit te schrijven|af te melden)$|\b(schrijf|meld) (mij|me|ons) (a\.?u\.?b\.? |alstublieft |graag )?(uit|af)$|\bverwijder (a\.?u\.?b\.? |alstublieft )?(al )?mijn gegevens\b`),
	want(`\b(stuur|stuurt|mail|schrijf|benader|benadert|contacteer|bel|e-?mail|val) (u )?(mij|me|ons) (a\.?u\.?b\.? |alstublieft |graag |in het vervolg )*((niets?|nooit)\b.{0,25}\b(meer|weer|lastig)\b|geen (verdere )?` + berichten + `( \S+){0,2}?( meer\b|$))|(^|\b(graag|aub|alstublieft|liever|svp),? )geen (verdere |ongevraagde )?` + berichten + `( meer)?( (sturen|ontvangen|van u|van jullie|toesturen))*$`),
	want(`\b(ik|wij|we) (wil|wens|willen|wensen) (\pL+ ){0,2}?(geen|niet|niets)( langer| verdere)?( ` + berichten + `)?( meer| van u| van jullie)* (te )?(ontvangen|benaderd|gemaild|krijgen|horen)\b|\bstop\pL* (u |jullie )?(a\.?u\.?b\.? |alstublieft )?met (het )?(mij |me |ons |mails? |(mij |me |ons )?(mails?|berichten) )?(te )?(mailen|e-?mailen|sturen|versturen|benaderen|contacteren|schrijven|bellen)\b|\blaat (mij|me|ons) met rust\b`),
}

const (
	mails = `((e-?)?mails?|messages?|newsletters?|correspondence|communications?|solicitations?|follow[ -]?ups?|spam|outreach|mailings?|anything|stuff|junk)`
	reach = `(contact|e-?mail|mail|message|write( to)?|approach|bother|pester|spam|solicit|reach out to|call or e-?mail|e-?mail or call|call and e-?mail)`
	lists = `(\S+ ){0,3}?\S*(lists?|databases?|systems?|crm|records|newsletters?|mailings?|sequences?|campaigns?|cadences?|outreach|distribution|e-?mails|files|books|directory)\b`

	werbung   = `((e-?)?mails?|nachrichten|werbung|werbemails?|newsletter|kontaktaufnahmen?|kontaktversuche|kontaktanfragen|anfragen|schreiben|zusendungen|anschreiben|angebote|anrufe)`
	verteiler = `(ihr\pL*|eur\pL*|dein\pL*|de[rmn]|all\pL*( ihr\pL*)?|diese\pL*) ([\pL-]+ )?[\pL-]*(verteiler|liste|datenbank|system|kartei|newsletter|mailing|bestand|daten)\pL*`

	envois   = `((e-?)?mails?|messages?|courriels?|newsletters?|sollicitations?|communications?|publicités?|pubs?|relances?|envois|offres|infos|informations|courriers?|spams?)`
	fichiers = `(votre|vos|cette|ces|la|toutes? vos|tous vos|ce|l'ensemble de vos) (\S+ ){0,3}?(listes?|fichiers?|bases?|newsletters?|envois|mailings?|diffusion|(e-?)?mails?|contacts|abonnés|destinataires)\b`

	correos   = `((e-?)?mails?|correos?( electrónicos?)?|mensajes?|publicidad|información|informacion|propaganda|spam|ofertas|newsletters?|boletín|boletines|comunicaciones|nada)`
	listas    = `(su|sus|la|las|esta|este|vuestra|tu|todas sus|cualquier) (\S+ ){0,3}?(listas?|base|bases|registros?|newsletter|envíos|contactos|mailing|boletín|sistema)\b`
	mensagens = `((e-?)?mails?|mensagens|mensagem|publicidade|propaganda|spam|ofertas|newsletters?|comunicações|nada|contactos?|contatos?)`
	posta     = `((e-?)?mails?|messaggi|comunicazioni|newsletter|pubblicità|spam|offerte|nulla|niente|posta)`
	berichten = `((e-?)?mails?|mailtjes|berichten|reclame|nieuwsbrieven|contact|spam|aanbiedingen|mailings)`
)
