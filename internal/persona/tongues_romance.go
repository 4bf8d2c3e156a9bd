package persona

var french = tongue{
	months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	date:   "{d} {month} {y}", dayMonth: "{d} {month}", numeric: "{dd}/{mm}/{y}", firstOfMonth: "1er",
	reply: "RE: ", wrote: "Le {date} à {time}, {who} a écrit :",
	labels:   [5]string{"Message d'origine", "De", "Envoyé", "À", "Objet"},
	greeting: "Bonjour {name},", closing: "Cordialement",
	says: map[Reaction]string{
		Interested: "merci de votre message. Cela nous intéresse. Pouvons-nous en parler cette semaine ? Jeudi après-midi me conviendrait le mieux.",
		Question:   "une question d'abord : votre produit fonctionne-t-il avec notre CRM, et combien coûteraient vingt postes par an ?",
		NotNow:     "merci, mais ce n'est pas le bon moment. Le budget de cette année est épuisé. Reprenez contact avec nous au prochain trimestre.",
		SendInfo:   "je n'ai pas le temps pour un appel en ce moment. Envoyez-moi de la documentation à transmettre, avec les tarifs.",
		RemoveMe:   "merci de me retirer de votre liste et de ne plus m'écrire.",
	},
	awaySubject: "Réponse automatique : ",
	away:        "Merci de votre message.\n\nJe suis absent du bureau depuis le {from} et serai de retour le {back}. Je ne lis pas mes messages d'ici là. En cas d'urgence, écrivez à {desk}.",
	invited:     map[Reaction]string{Accept: "Accepté : ", Decline: "Refusé : ", Counter: "Nouvelle heure proposée : "},
	another:     "Je ne suis pas libre à cette heure-là, mais à celle-ci.",
}

var spanish = tongue{
	months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	date:   "{d} de {month} de {y}", dayMonth: "{d} de {month}", numeric: "{dd}/{mm}/{y}",
	reply: "RE: ", wrote: "El {date} a las {time}, {who} escribió:",
	labels:   [5]string{"Mensaje original", "De", "Enviado", "Para", "Asunto"},
	greeting: "Hola, {name}:", closing: "Un saludo",
	says: map[Reaction]string{
		Interested: "gracias por escribir. Nos interesa. ¿Podemos hablar esta semana? El jueves por la tarde es lo que mejor me viene.",
		Question:   "antes una pregunta: ¿funciona con nuestro CRM y cuánto costarían veinte usuarios al año?",
		NotNow:     "gracias, pero ahora no es buen momento. El presupuesto de este año está agotado. Escríbame de nuevo el próximo trimestre.",
		SendInfo:   "ahora no tengo tiempo para una llamada. Envíeme algo que pueda leer y reenviar, con precios.",
		RemoveMe:   "por favor, deme de baja de su lista y no me escriba más.",
	},
	awaySubject: "Respuesta automática: ",
	away:        "Gracias por su mensaje.\n\nEstoy fuera de la oficina desde el {from} y volveré el {back}. Hasta entonces no leeré el correo. Si es urgente, escriba a {desk}.",
	invited:     map[Reaction]string{Accept: "Aceptada: ", Decline: "Rechazada: ", Counter: "Nueva hora propuesta: "},
	another:     "A esa hora no puedo, a esta sí.",
}

var portuguese = tongue{
	months: [12]string{"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"},
	date:   "{d} de {month} de {y}", dayMonth: "{d} de {month}", numeric: "{dd}/{mm}/{y}",
	reply: "RES: ", wrote: "Em {date} às {time}, {who} escreveu:",
	labels:   [5]string{"Mensagem original", "De", "Enviado", "Para", "Assunto"},
	greeting: "Olá, {name},", closing: "Com os melhores cumprimentos",
	says: map[Reaction]string{
		Interested: "obrigado pelo contacto. Isto interessa-nos. Podemos falar esta semana? Quinta-feira à tarde é o melhor para mim.",
		Question:   "antes disso, uma pergunta: funciona com o nosso CRM e quanto custariam vinte utilizadores por ano?",
		NotNow:     "obrigado, mas agora não é a altura certa. O orçamento deste ano está esgotado. Escreva-me de novo no próximo trimestre.",
		SendInfo:   "neste momento não tenho tempo para uma chamada. Envie-me algo que possa ler e reencaminhar, com preços.",
		RemoveMe:   "por favor, retire-me da sua lista e não me escreva mais.",
	},
	awaySubject: "Resposta automática: ",
	away:        "Obrigado pela sua mensagem.\n\nEstou fora do escritório desde {from} e estarei de volta em {back}. Até lá não leio o correio. Em caso de urgência, escreva para {desk}.",
	invited:     map[Reaction]string{Accept: "Aceite: ", Decline: "Recusado: ", Counter: "Nova hora proposta: "},
	another:     "A essa hora não posso, a esta sim.",
}

var italian = tongue{
	months: [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	date:   "{d} {month} {y}", dayMonth: "{d} {month}", numeric: "{dd}/{mm}/{y}", firstOfMonth: "1º",
	reply: "R: ", wrote: "Il giorno {date} alle ore {time} {who} ha scritto:",
	labels:   [5]string{"Messaggio originale", "Da", "Inviato", "A", "Oggetto"},
	greeting: "Buongiorno {name},", closing: "Cordiali saluti",
	says: map[Reaction]string{
		Interested: "grazie per il messaggio. La cosa ci interessa. Possiamo sentirci questa settimana? Giovedì pomeriggio sarebbe l'ideale.",
		Question:   "prima una domanda: funziona con il nostro CRM e quanto costerebbero venti utenti all'anno?",
		NotNow:     "grazie, ma non è il momento giusto. Il budget di quest'anno è esaurito. Mi riscriva il prossimo trimestre.",
		SendInfo:   "in questo momento non ho tempo per una telefonata. Mi mandi qualcosa da leggere e inoltrare, con i prezzi.",
		RemoveMe:   "per favore mi cancelli dalla lista e non mi scriva più.",
	},
	awaySubject: "Risposta automatica: ",
	away:        "Grazie per il messaggio.\n\nSono fuori ufficio dal {from} e sarò di ritorno il {back}. Fino ad allora non leggerò la posta. Per urgenze scrivere a {desk}.",
	invited:     map[Reaction]string{Accept: "Accettato: ", Decline: "Rifiutato: ", Counter: "Nuovo orario proposto: "},
	another:     "A quell'ora non posso, a questa sì.",
}
