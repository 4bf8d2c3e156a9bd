package received

import (
	"regexp"
	"sync"
)

// pattern is a regular expression that is compiled when it is first needed: the
// program has many commands, and few of them read mail. All patterns are of
// package regexp and so take time linear in the text.
type pattern = func() *regexp.Regexp

func lazily(source string) pattern {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(source) })
}
