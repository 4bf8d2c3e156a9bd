package sequence

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// What R06 and R56 do not want to read. They are warnings: a phrase can be
// innocent, and a person decides.
var (
	emptyPhrases = regexp.MustCompile(`(?i)(just )?(checking|check) in\b( with you)?|(just )?touch(ing)? base|(just )?following up|(just )?circling back|any updates?\?|bump(ing)? this`)
	askingToBuy  = regexp.MustCompile(`(?i)ready to (buy|order|sign|purchase|get started)|(want|like|willing) to (buy|order|sign|purchase)|place (an|your) order|sign (up|the contract) (now|today)|close the deal|buy now`)
)

// phrases flags texts that bring nothing but themselves (R06).
func (c *checker) phrases() {
	for _, name := range slices.Sorted(maps.Keys(c.Texts)) {
		t := c.Texts[name]
		for _, part := range []string{t.Subject, t.Body} {
			for _, phrase := range emptyPhrases.FindAllString(part, -1) {
				c.faults = append(c.faults, Fault{
					Text: name, Phrase: phrase, Rule: ValueFirst, Warning: true,
					Message: "\"" + phrase + "\" asks for attention and brings nothing", Remedy: "say what is new for this person, or leave the sentence out",
				})
			}
		}
	}
}

// asksToBuy flags a first revival touch that asks whether they are ready to buy
// (R06, R56).
func (c *checker) asksToBuy(text string) {
	t := c.Texts[text]
	for _, phrase := range askingToBuy.FindAllString(t.Subject+"\n"+t.Body, -1) {
		c.faults = append(c.faults, Fault{
			Text: text, Phrase: phrase, Rule: NeverAskToBuy, Warning: true,
			Message: "the first revival touch asks at once to buy: \"" + phrase + "\"", Remedy: "remind them, tell what is new, and ask for something small",
		})
	}
}

// reminds flags a first touch that does not say what the lead asked for (R02).
func (c *checker) reminds(at, text string) {
	if t, ok := c.Texts[text]; ok && !strings.Contains(t.Subject+t.Body, ".Asked") {
		c.warn(at, Remind, "the text does not say what the lead asked for", "use {{.Asked}}, and {{.AskedOn}} and {{.LastSpokeOn}} where you can, in texts/"+text+".md")
	}
}
