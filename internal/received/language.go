package received

import "strings"

// common are frequent words that belong to one of the languages alone, or
// nearly so.
var common = map[string]string{
	"en": "the and is will with my you your have are please be for this i'm i'll of thank from not can who whom out until back office vacation",
	"de": "und der die das ich ist nicht bin mit für ihre sie bitte vom wieder werde mich wenden auf wird im zum urlaub büro abwesend",
	"fr": "le et je est pas vous dans pour votre avec du suis les vos au sera serai jusqu'au nous cette mon bonjour congés retour absent absente",
	"es": "el y los las en su por para estaré hasta con gracias correo del mi estoy hola puede una usted contacte oficina vacaciones ausente vuelvo regreso",
	"pt": "o e os as em seu não para com obrigado até estou do da uma pelo estarei olá favor férias voltarei meu dia volto ausente regresso escritório ao",
	"it": "il e gli di sono per non con che sarò fino della grazie al mio dal in sua ufficio buongiorno può rientro ferie assente torno fuori",
	"nl": "de het een ik ben niet van met voor op bij u uw mijn en terug weer kunt contact zijn tot dringende bericht kantoor vakantie afwezig verlof",
}

var languagesOf = func() map[string][]string {
	all := map[string][]string{}
	for lang, words := range common {
		for word := range strings.FieldsSeq(words) {
			all[word] = append(all[word], lang)
		}
	}
	return all
}()

// language guesses the language of a text in lower case from its common words.
// It is empty when there is too little to tell, and "en" when English is mixed
// with another language, since English is the one whose dates are ambiguous.
func language(text string) string {
	count := map[string]int{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(" \n\t,.;:!?()\"-", r) }) {
		for _, lang := range languagesOf[word] {
			count[lang]++
		}
	}
	best := ""
	for _, lang := range []string{"en", "de", "fr", "es", "pt", "it", "nl"} {
		if count[lang] >= 2 && count[lang] > count[best] {
			best = lang
		}
	}
	if count["en"]*2 > count[best] {
		return "en"
	}
	return best
}
