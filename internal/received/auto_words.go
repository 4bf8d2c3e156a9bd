package received

// The phrases of automatic mail, on text in lower case (see judged).
var (
	// autoSubject are subjects that only programs put: with a colon, or alone.
	// "Re: automatic reply" is a person's.
	autoSubject = lazily(`^\s*[\[(*]?\s*(auto(matic|mated|matische[rs]?)?[ -]?(reply|response|responder|answer|antwort|reply message)|autoreply|auto-?re|out[ -]of[ -](the )?office( (auto-?reply|notification|reply|message))?|vacation (reply|response|message|notice)|away from (my |the )?(mail|office|desk)|ooo|` +
		`automatische (antwort|rückmeldung|e-mail|abwesenheits\w*)|abwesenheits(notiz|benachrichtigung|meldung|assistent|nachricht|mitteilung)|abwesend|abwesenheit|nicht im büro|eingangsbestätigung|` +
		`réponse automatique|message (automatique|d'absence)|absence( du bureau)?|absent du bureau|notification d'absence|` +
		`respuesta automática|respuesta automatica|mensaje automático|fuera de (la )?oficina|ausente|ausencia( de la oficina)?|` +
		`resposta automática|resposta automatica|mensagem automática|fora do escritório|ausência( temporária)?|ausente do escritório|` +
		`risposta automatica|messaggio automatico|fuori (sede|ufficio)|assente|assenza|` +
		`automatisch (antwoord|bericht)|automatische beantwoording|afwezig(heid(sbericht|smelding|sassistent)?)?|niet aanwezig|niet op kantoor)\s*[\])*]?\s*([:-]|$)`)

	// autoText are sentences in which a text says of itself that it is automatic.
	autoText = lazily(`(^|[.!\n*#-]\s*)(please note:? )?(this is an? (auto(matic|mated|-?generated)?)[ -]?(matically generated |ally generated )?(e-?mail |mail )?(reply|response|message|answer|e-?mail|notification|acknowledg)|this (e-?mail|message|reply|response) (was|is|has been) (sent |generated )?auto(matically|mated)|automatic (reply|response)\s*([:.!\n]|$)|` +
		`(dies|das|dieses) ist eine automatisch|diese (e-?mail|nachricht|antwort) (wurde|wird|ist) automatisch|automatische antwort\s*([:.!\n]|$)|` +
		`ceci est (un|une) (réponse|message|courriel|e-?mail) automatique|(ce|cette) (message|courriel|e-?mail|réponse) (a été |est )?(envoyée?|générée?)? ?automatique|réponse automatique\s*([:.!\n]|$)|` +
		`(este|esta|esto) es (un|una) (respuesta|mensaje|correo|e-?mail) (automátic|generad. automátic)|este (mensaje|correo) (ha sido|fue|se ha) (enviado|generado) automática|respuesta automática\s*([:.!\n]|$)|` +
		`(esta|este) é (um|uma) (resposta|mensagem|e-?mail) automátic|esta mensagem foi (enviada|gerada) automatica|resposta automática\s*([:.!\n]|$)|` +
		`(questa|questo) è (un|una|un') ?(risposta|messaggio|e-?mail) (automatic|generat)|questo messaggio è (stato )?(generato|inviato) automatica|risposta automatica\s*([:.!\n]|$)|` +
		`dit is een (automatisch|geautomatiseerd)|dit bericht (is|wordt|werd) automatisch|automatisch (antwoord|bericht)\s*([:.!\n]|$))`)

	// away speaks of absence, in a message already known to be automatic.
	away = lazily(`out[ -]of[ -](the |my )?office|\booo\b|\b(am|are|is|be|been|currently|be) (currently |now |presently )?(away|absent|unavailable|travell?ing|abroad|not available|out)\b|not available|away (from|until|on|for|between)|on (\w+ ){0,2}(leave|vacation|holidays?|pto|sabbatical)\b|(annual|parental|maternity|paternity|sick|medical) leave|not (be )?(in (the|my) office|at my desk|checking)|(office|offices|company|we) (is|are|will be|remains?) closed|will be closed|vacation|(limited|no|without|intermittent) access to (my )?(e-?mail|mail)|(back|return(ing)?) (in|to) (the )?office|will (be back|return)|i('m| am) back on|` +
		`nicht im (büro|haus|dienst|hause)|abwesen|ausser haus|außer haus|im urlaub|\burlaub|elternzeit|mutterschutz|dienstreise|geschäftsreise|betriebsferien|nicht (persönlich )?(erreichbar|am platz|verfügbar)|geschlossen|wieder (da|erreichbar|im büro|im haus|für sie|zurück)|` +
		`absente?\b|absence|en congés?\b|congé|vacances|en déplacement|fermée?s?\b|indisponible|de retour|hors du bureau|pas au bureau|` +
		`fuera de (la |mi )?oficina|ausente|ausencia|de vacaciones|vacaciones|de viaje|de baja\b|permiso|cerrad[oa]s?\b|regreso|vuelvo|volveré|de vuelta|no (estaré|estoy|me encuentro|me encontraré) (disponible|en la oficina)|sin acceso|` +
		`fora do escritório|ausência|férias|licença|em viagem|encerrad[oa]s?|fechad[oa]s?|não estarei|voltarei|regresso|de volta|indisponível|sem acesso|` +
		`fuori (sede|ufficio)|assen(te|za)|in ferie|\bferie\b|in vacanza|in congedo|in trasferta|in malattia|chius[oiae]\b|rientr|torno|tornerò|di nuovo in ufficio|non (sono|sarò) (in ufficio|disponibile|raggiungibile)|` +
		`afwezig|niet (aanwezig|op kantoor|bereikbaar)|op vakantie|vakantie|er (even |momenteel )?niet\b|weer (aanwezig|bereikbaar|terug|op kantoor)|met verlof|verlof|gesloten|ouderschapsverlof|zwangerschapsverlof|op reis`)

	// awayNow is absence said of oneself at the start of a text.
	awayNow = lazily(`(i am|i'm|i will be|i'll be|we are|our office is) (currently |now |presently |on |)(out of (the )?office|away|(annual |parental |maternity |sick )?leave|vacation|holidays?|closed|travelling|traveling|unavailable|absent)|(ich bin|ich befinde mich|wir sind) .{0,40}(nicht im büro|abwesend|urlaub|nicht erreichbar|außer haus|elternzeit)|je suis (actuellement |)(absente?|en congé|en vacances|en déplacement)|(estoy|estaré|me encuentro) (actualmente |)(fuera de|de vacaciones|ausente)|(estou|estarei|encontro-me) (atualmente |de |em |)(fora|férias|ausente|licença)|(sono|sarò) (attualmente |)(fuori|assente|in ferie|in vacanza)|ik ben .{0,40}(afwezig|niet aanwezig|vakantie|verlof|niet op kantoor)|out[ -]of[ -](the )?office`)

	// acknowledged is the receipt that a shared mailbox or a help desk gives.
	acknowledged = lazily(`(thank you for (contacting|your (e-?mail|message|enquiry|inquiry|request))|we have received your|your (request|ticket|message|case) .{0,40}(has been )?(received|created|opened|logged)|haben ihre (anfrage|nachricht|e-?mail) erhalten|avons bien reçu|hemos recibido|recebemos|abbiamo ricevuto|hebben uw .{0,20}(bericht|e-?mail|vraag) ontvangen)`)

	// gone says that the person has left: automatic, but nobody comes back.
	gone = lazily(`no longer (with|at|work(s|ing)?|employed|part of)|(has|have) left (the )?(company|organi[sz]ation|firm|business)|(have|has) (now )?(left|retired)\b|last (working )?day (with|at|was)|nicht mehr (bei|für|im unternehmen|in unserem|tätig)|(unternehmen|firma) verlassen|ausgeschieden|ne (travaille|fait|fais) plus|(j'ai|a) quitté (la société|l'entreprise|ses fonctions|notre)|ya no (trabaj|form|labor|se encuentra en)|(já )?não (trabalh|faz mais|faço mais|está mais)\w* .{0,20}(mais|n[ao]|parte|empresa)|non (lavor|fa più|faccio più)\w* (più|parte)|non lavor\w+ più|werk(t|zaam)? niet (meer|langer)|niet meer (werkzaam|in dienst)|heeft .{0,30}verlaten`)
)
