package received

// In these patterns D stands for the mark of a date, and W for what may stand
// between a preposition and its date, such as a weekday and an article.
func dated(source string) pattern {
	return lazily(replaceMarks.Replace(source))
}

const awayWords = `out[ -]of[ -](the |my )?(office|town)|\booo\b|\bout\b|\baway\b|\b(on|my) (\pL+ ){0,2}(leave|vacation|holidays?|pto|sabbatical|trip)\b|\b(annual|parental|maternity|paternity|sick|medical) leave|vacation|holiday|unavailable|not (be )?(available|in (the|my) office|working|checking|reachable)|absen|closed|travell?ing|\b(limited|no|without) access|abroad|` +
	`nicht im (büro|haus)|abwesen|au(ß|ss)er haus|urlaub|elternzeit|mutterschutz|reise|ferien|nicht (persönlich )?(erreichbar|am platz|verfügbar|da\b)|geschlossen|\bunterwegs|\bfrei\b|krank|vertr[ei]t|` +
	`congé|vacances|déplacement|fermé|indisponible|pas (disponible|joignable|au bureau)|hors du bureau|injoignable|` +
	`fuera (de|del)|ausen|vacaciones|de viaje|de baja|permiso|cerrad|no (estaré|estoy|me encuentro)|sin acceso|` +
	`fora d[oe]|férias|licença|viagem|encerrad|fechad|não (estarei|estou)|indisponível|sem acesso|ausên|` +
	`fuori|assen|ferie|vacanza|congedo|trasferta|malattia|chius|non (sono|sarò)|` +
	`afwezig|niet (aanwezig|op kantoor|bereikbaar|beschikbaar)|vakantie|verlof|gesloten|\bop reis\b|\bweg\b`

var awayInSentence = lazily(awayWords)

// contactMeanwhile names whom to turn to, which only makes sense in an absence.
var meanwhile = lazily(awayWords + `|\b(contact|reach|urgent|call|write)\b|wenden|kontakt|dringend|contacte|urgen|contatt|spoed|dringende|bereik|substitu`)

// returnForms state the day of return.
var returnForms = []form{
	// "not back until D", "erst ab D wieder": D itself
	{pattern: dated(`\b(?:not|n't|won't|cannot|unable)\b.{0,40}\b(?:back|return|returning|reply|respond|answer|read)\b.{0,40}?\b(?:until|till|before)WD`)},
	{pattern: dated(`\b(?:back|return\w*|resum\w+|available again|reachable again|in the office again|at work again|reopen\w*|re-open\w*|open again)\b[^D]{0,50}?\bafterWD`), plus: 1},
	{pattern: dated(`\b(?:back|return\w*|resum\w+|available again|reachable again|available|in the office again|at work again|reopen\w*|re-open\w*|open again|reply|respond)\b[^D]{0,50}?(?:\b(?:on|from|by|as of|as from|starting|beginning|effective)|:|\b(?:office|work|desk|online|me|again|back))WD`)},
	{pattern: dated(`\b(?:return date|date of return|returning|back(?: in(?: the)? office)?)(?: is| will be)?\s*[:-]?WD`)},
	{pattern: dated(`\b(?:from|on|as of|starting)WD,? ?(?:onwards?,? )?(?:i|we)(?:'ll| will| shall|'m| am| are)? (?:be )?(?:back|return|available|reachable|happy to|in the office again)`)},
	{pattern: dated(`\buntilWD[^D]{0,30}\bwhen (?:i|we)(?:'ll| will)? (?:be back|return|am back|reopen)`)},
	// German
	{pattern: dated(`\b(?:zurück|wieder|rückkehr|erreichen sie mich|stehe ich ihnen|bin ich für sie da|antworte ich|melde ich mich|melde mich)\b[^D]{0,60}?\b(?:nach|nach dem)WD`), plus: 1},
	{pattern: dated(`\bnach(?: dem)?WD[^D]{0,60}\b(?:wieder|zurück)`), plus: 1},
	{pattern: dated(`\b(?:zurück|wieder|rückkehr|zurückkehren?|erst)\b[^D]{0,60}?(?:\b(?:am|ab|zum|vom)|:)WD`)},
	{pattern: dated(`\b(?:ab|am|vom|zum)WD[^D]{0,70}\b(?:wieder|zurück)\b`)},
	{pattern: dated(`\b(?:antworte|beantworte|melde)\w*\b[^D]{0,40}?\b(?:ab|am)WD`)},
	{pattern: dated(`\bnicht vor(?: dem)?WD`)},
	// French
	{pattern: dated(`\b(?:retour|reprendrai|reprise|reviens|reviendrai|rentre|rentrerai|revenir|nouveau|serai disponible|serai joignable|rouvri\pL+|répond\pL+)[^D]{0,60}?\baprès(?: le)?WD`), plus: 1},
	{pattern: dated(`\b(?:retour|reprendrai|reprise|reviens|reviendrai|rentre|rentrerai|revenir|nouveau|serai disponible|serai joignable|rouvri\pL+|répond\pL+)[^D]{0,60}?(?:\b(?:le|du|au|à partir du|à compter du|dès le|pour le)|:)WD`)},
	{pattern: dated(`\b(?:partir du|compter du|dès le|le)WD[^D]{0,60}\b(?:retour|nouveau|reprend\pL+|rouvr\pL+)\b`)},
	{pattern: dated(`\bpas avant(?: le)?WD`)},
	// Spanish and Portuguese
	{pattern: dated(`\b(?:vuelvo|volveré|regres\pL+|retorn\pL+|de vuelta|de regreso|reincorpor\pL+|de nuevo|nuevamente|estaré disponible|volt\pL+|de volta|novamente|estarei disponível|reabr\pL+|reabert\pL+|responderei|responderé)[^D]{0,60}?\b(?:después del?|tras el|depois d[oe]|após( o)?)WD`), plus: 1},
	{pattern: dated(`\b(?:vuelvo|volveré|vuelta|regres\pL+|retorn\pL+|reincorpor\pL+|de nuevo|nuevamente|estaré disponible|incorporaré|volt\pL+|volta|novamente|estarei disponível|reabr\pL+|responderei|responderé)[^D]{0,60}?(?:\b(?:el|del|al|día|partir de|em|a|no dia|dia|de|desde)|:)WD`)},
	{pattern: dated(`\b(?:a partir del?|desde el|el|em|no dia|dia|a)WD[^D]{0,60}(?:\b(?:de nuevo|nuevamente|de vuelta|de regreso|vuelvo|volveré|de volta|novamente|regresso|estarei de|disponible|disponível)\b)`)},
	{pattern: dated(`\b(?:no|não) .{0,40}\b(?:hasta el|antes del?|antes de)WD`), context: lazily(`vuelv|volver|regres|respond|volt|retorn|leer|ler\b`)},
	// Italian
	{pattern: dated(`\b(?:torn\pL+|rientr\pL+|ritorn\pL+|di nuovo|nuovamente|riapr\pL+|risponder\pL+)[^D]{0,60}?\bdopo(?: il)?WD`), plus: 1},
	{pattern: dated(`\b(?:torn\pL+|rientr\pL+|ritorn\pL+|di nuovo|nuovamente|riapr\pL+|risponder\pL+|sarò disponibile|ripresa)[^D]{0,60}?(?:\b(?:il|dal|da|dall'|l'|giorno|al)|:)WD`)},
	{pattern: dated(`(?:\b(?:dal|il|partire dal|dall'|l'))WD[^D]{0,60}\b(?:di nuovo|nuovamente|torn\pL+|rientr\pL+)`)},
	{pattern: dated(`\bnon prima del(?:l')?WD`)},
	// Dutch
	{pattern: dated(`\b(?:terug|weer|retour|opnieuw|hervat)\b[^D]{0,60}?\bna\b(?: de)?WD`), plus: 1},
	{pattern: dated(`\b(?:terug|weer|retour|opnieuw|hervat)\b[^D]{0,60}?(?:\b(?:op|vanaf|per|met ingang van|sinds)|:|kantoor|aanwezig|bereikbaar)WD`)},
	{pattern: dated(`\b(?:vanaf|op|per)WD[^D]{0,60}\b(?:weer|terug|opnieuw)\b`)},
	{pattern: dated(`D ?ben ik (?:weer|terug)`)},
	{pattern: dated(`\bniet voor(?: de)?WD`)},
}

// endForms state the last day of an absence.
var endForms = []form{
	{pattern: dated(`D ?(?:-|to|until|till|through|thru|and|bis(?: zum| einschließlich| inkl)?|au|jusqu'au|al|a|ao|até(?: a[o]?)?|hasta(?: el)?|e(?: il)?|et(?: le)?|y(?: el)?|fino al|tot(?: en met| aan)?|t/m|t\.e\.m\.|und(?: dem)?|en)WE`), context: awayInSentence, plus: 1},
	{pattern: dated(`\b(?:until|till|til|through|thru|up to|ending(?: on)?)(?: and including)?WD`), context: meanwhile, plus: 1},
	{pattern: dated(`\bbis(?: zum| einschließlich| inklusive| inkl| voraussichtlich| einschl| einschließlich dem)*WD`), context: meanwhile, plus: 1},
	{pattern: dated(`\bjusqu'(?:au|à|en)WD`), context: meanwhile, plus: 1},
	{pattern: dated(`\b(?:hasta|até)(?: el| al| o| ao| a| dia)*WD`), context: meanwhile, plus: 1},
	{pattern: dated(`\b(?:fino|sino) (?:al|a)(?: giorno|l')?WD`), context: meanwhile, plus: 1},
	{pattern: dated(`(?:\btot(?: en met| aan)?|\bt/m|\bt\.e\.m\.)WD`), context: meanwhile, plus: 1},
}
