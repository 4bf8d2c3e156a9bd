package api

import (
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// shown is what of a stranger's HTML is shown: its structure and its links. Nothing
// is loaded from elsewhere, so that reading a message tells nobody.
var shown = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "div", "span", "blockquote", "pre", "code", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup",
		"h1", "h2", "h3", "h4", "h5", "h6")
	p.AllowLists()
	p.AllowTables()
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	p.AllowAttrs("href").OnElements("a")
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true)
	return p
})

// harmless is HTML that may be shown inside a page.
func harmless(html string) string { return shown().Sanitize(html) }
