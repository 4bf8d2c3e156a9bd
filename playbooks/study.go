package playbooks

import (
	"regexp"
	"strconv"
	"strings"
	"text/template/parse"
)

// maxFindings of one text are enough to begin with.
const maxFindings = 50

// study finds the faults of one subject, body or prompt. news says that every step
// using it brings news (R03).
func study(source string, news bool) []finding {
	t := parse.New("text")
	t.Mode = parse.SkipFuncCheck
	others := map[string]*parse.Tree{}
	if _, err := t.Parse(source, "", "", others); err != nil {
		return []finding{unparsed(source, err)}
	}
	delete(others, "text")
	if found := definition.FindStringIndex(source); found != nil && len(others) > 0 {
		return []finding{{offset: found[0], words: "define", message: notAllowed("definitions"), remedy: "write it out", forbidden: true}}
	}
	return understand(t.Root, news)
}

var (
	parseError = regexp.MustCompile(`^template: text:(\d+):(?:\d+:)? (?s:(.*))$`)
	definition = regexp.MustCompile(`{{-?\s*(define|block)\b`)
	opening    = regexp.MustCompile(`{{-?\s*(with|if|range|define|block|end)\b`)
)

// unparsed finds the place of what cannot be parsed: the library names the line
// only, so it is the first action there.
func unparsed(source string, err error) finding {
	f := finding{message: "this cannot be read: " + clip(err.Error()), remedy: "every {{ needs its }}, and every {{with}} and {{if}} its {{end}}"}
	m := parseError.FindStringSubmatch(err.Error())
	if m == nil {
		return f
	}
	if m[2] == "unexpected EOF" {
		if at, word := unclosed(source); word != "" {
			return finding{offset: at, message: "this {{" + word + "}} has no {{end}}", remedy: "write {{end}} where it ends"}
		}
	}
	f.message = "this cannot be read: " + clip(m[2])
	line, _ := strconv.Atoi(m[1])
	for i := 1; i < line; i++ {
		f.offset += strings.IndexByte(source[f.offset:], '\n') + 1
	}
	rest, _, _ := strings.Cut(source[f.offset:], "\n")
	f.offset += max(strings.Index(rest, "{{"), 0)
	return f
}

// unclosed is the innermost block that never ends.
func unclosed(source string) (offset int, word string) {
	var open [][]int
	for _, m := range opening.FindAllStringSubmatchIndex(source, -1) {
		if source[m[2]:m[3]] != "end" {
			open = append(open, m)
		} else if len(open) > 0 {
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return 0, ""
	}
	last := open[len(open)-1]
	return last[0], source[last[2]:last[3]]
}
