package persona

// tongues are the languages.
var tongues = map[Language]tongue{
	English: english, German: german, French: french, Spanish: spanish, Portuguese: portuguese, Italian: italian, Dutch: dutch,
}

var english = tongue{
	months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	date:   "{d} {month} {y}", dayMonth: "{month} {d}", numeric: "{month} {d}, {y}",
	reply: "RE: ", wrote: "On {date} at {time}, {who} wrote:",
	labels:   [5]string{"Original Message", "From", "Sent", "To", "Subject"},
	greeting: "Hi {name},", closing: "Best regards",
	says: map[Reaction]string{
		Interested: "thanks for staying in touch. This does interest us. Can we talk this week? Thursday afternoon suits me best.",
		Question:   "before we go any further: does it work together with the CRM that we have, and what would twenty seats cost a year?",
		NotNow:     "thank you, but the timing is wrong. Our budget for this year is spent. Please write again next quarter.",
		SendInfo:   "I have no time for a call at the moment. Please send me something that I can read and pass on, with prices.",
		RemoveMe:   "please take me off your list and do not write to me again.",
	},
	awaySubject: "Automatic reply: ",
	away:        "Thank you for your message.\n\nI am out of the office from {from} and will be back on {back}. I do not read my mail until then. If it is urgent, please write to {desk}.",
	invited:     map[Reaction]string{Accept: "Accepted: ", Decline: "Declined: ", Counter: "New time proposed: "},
	another:     "That time does not suit me, this one would.",
}

var german = tongue{
	months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	date:   "{d}. {month} {y}", dayMonth: "{d}. {month}", numeric: "{dd}.{mm}.{y}",
	reply: "AW: ", wrote: "Am {date} um {time} schrieb {who}:",
	labels:   [5]string{"Ursprüngliche Nachricht", "Von", "Gesendet", "An", "Betreff"},
	greeting: "Hallo {name},", closing: "Mit freundlichen Grüßen",
	says: map[Reaction]string{
		Interested: "danke, dass Sie sich noch einmal melden. Das ist für uns interessant. Können wir diese Woche telefonieren? Am besten passt mir Donnerstagnachmittag.",
		Question:   "vorab eine Frage: Arbeitet das mit unserem CRM zusammen, und was kosten zwanzig Arbeitsplätze im Jahr?",
		NotNow:     "vielen Dank, aber der Zeitpunkt passt nicht. Das Budget für dieses Jahr ist ausgeschöpft. Bitte melden Sie sich im nächsten Quartal wieder.",
		SendInfo:   "für ein Gespräch fehlt mir gerade die Zeit. Bitte schicken Sie mir Unterlagen mit Preisen, die ich weitergeben kann.",
		RemoveMe:   "bitte nehmen Sie mich aus Ihrem Verteiler und schreiben Sie mir nicht mehr.",
	},
	awaySubject: "Automatische Antwort: ",
	away:        "Vielen Dank für Ihre Nachricht.\n\nIch bin seit dem {from} nicht im Büro und ab dem {back} wieder erreichbar. Meine E-Mails werden in dieser Zeit nicht gelesen. In dringenden Fällen wenden Sie sich bitte an {desk}.",
	invited:     map[Reaction]string{Accept: "Zugesagt: ", Decline: "Abgesagt: ", Counter: "Neuer Terminvorschlag: "},
	another:     "Zu dieser Zeit kann ich leider nicht, zu jener schon.",
}

var dutch = tongue{
	months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
	date:   "{d} {month} {y}", dayMonth: "{d} {month}", numeric: "{dd}-{mm}-{y}",
	reply: "Antw: ", wrote: "Op {date} om {time} schreef {who}:",
	labels:   [5]string{"Oorspronkelijk bericht", "Van", "Verzonden", "Aan", "Onderwerp"},
	greeting: "Beste {name},", closing: "Met vriendelijke groet",
	says: map[Reaction]string{
		Interested: "bedankt voor je bericht. Dit is interessant voor ons. Kunnen we deze week bellen? Donderdagmiddag komt mij het beste uit.",
		Question:   "eerst een vraag: werkt het samen met ons CRM, en wat kosten twintig gebruikers per jaar?",
		NotNow:     "bedankt, maar het komt nu niet uit. Het budget voor dit jaar is op. Neem volgend kwartaal gerust weer contact op.",
		SendInfo:   "ik heb nu geen tijd om te bellen. Stuur me iets dat ik kan lezen en doorsturen, graag met prijzen.",
		RemoveMe:   "haal mij alstublieft van uw lijst en mail mij niet meer.",
	},
	awaySubject: "Automatisch antwoord: ",
	away:        "Bedankt voor uw bericht.\n\nIk ben sinds {from} niet op kantoor en ben op {back} weer terug. Tot die tijd lees ik mijn e-mail niet. Voor dringende zaken kunt u mailen naar {desk}.",
	invited:     map[Reaction]string{Accept: "Geaccepteerd: ", Decline: "Geweigerd: ", Counter: "Nieuwe tijd voorgesteld: "},
	another:     "Dan kan ik helaas niet, op dit tijdstip wel.",
}
