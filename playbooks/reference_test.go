package playbooks_test

import (
	"encoding"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/playbooks"
	"github.com/rekindlehq/rekindle/sequence"
)

var ruleID = regexp.MustCompile(`\bR\d\d\b`)

// rulesOf names the rules that a key's description does, and gives the rest of it.
func rulesOf(doc string) (rules, rest string) {
	head, after, ok := strings.Cut(doc, ": ")
	if ok && ruleID.MatchString(head) && ruleID.ReplaceAllString(strings.ReplaceAll(head, ", ", ""), "") == "" {
		doc = strings.ToUpper(after[:1]) + after[1:]
	} else {
		head = strings.Join(ruleID.FindAllString(doc, -1), ", ")
	}
	return head, cell(doc)
}

// written is a value as a playbook says it; nothing where it is left out.
func written(v reflect.Value) string {
	if v.IsZero() && v.Kind() != reflect.Bool {
		return ""
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err != nil {
			panic(err)
		}
		return "`" + string(text) + "`"
	}
	switch v.Kind() {
	case reflect.Map:
		var of []string
		for _, k := range v.MapKeys() {
			of = append(of, k.String()+": "+strings.Trim(written(v.MapIndex(k)), "`"))
		}
		slices.Sort(of)
		return "`" + strings.Join(of, ", ") + "`"
	case reflect.Slice:
		var of []string
		for i := range v.Len() {
			of = append(of, "{ "+strings.Join(points(v.Index(i)), ", ")+" }")
		}
		return "`" + strings.Join(of, ", ") + "`"
	}
	return fmt.Sprintf("`%v`", v.Interface())
}

func points(v reflect.Value) []string {
	var of []string
	for i := range v.NumField() {
		of = append(of, v.Type().Field(i).Tag.Get("yaml")+": "+strings.Trim(written(v.Field(i)), "`"))
	}
	return of
}

// form is what kind of value a key takes.
func form(f reflect.StructField) string {
	if e := f.Tag.Get("enum"); e != "" {
		return "`" + strings.ReplaceAll(e, ",", "`, `") + "`"
	}
	switch f.Type {
	case reflect.TypeFor[sequence.Wait]():
		return "wait"
	case reflect.TypeFor[sequence.Window]():
		return "window"
	case reflect.TypeFor[sequence.Percent]():
		return "share"
	case reflect.TypeFor[sequence.Rule]():
		return "rule"
	}
	switch f.Type.Kind() {
	case reflect.Int:
		return "number"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "list"
	case reflect.Map:
		return "keys"
	}
	return "text"
}

func row(b *strings.Builder, key string, f reflect.StructField, value string) {
	rules, doc := rulesOf(f.Tag.Get("doc"))
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", key, form(f), value, rules, doc)
}

// keys writes the table of a struct, and the tables of those under it.
func keys(b *strings.Builder, v reflect.Value) {
	const head = "| key | value | default | rules | what it is |\n|---|---|---|---|---|\n"
	b.WriteString(head)
	var nested []int
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := f.Tag.Get("yaml")
		switch _, textual := reflect.New(f.Type).Interface().(encoding.TextUnmarshaler); {
		case key == "-" || key == "sources" || key == "stages":
		case f.Type.Kind() == reflect.Struct && !textual:
			nested = append(nested, i)
		default:
			row(b, key, f, written(v.Field(i)))
		}
	}
	for _, i := range nested {
		f := v.Type().Field(i)
		rules, doc := rulesOf(f.Tag.Get("doc"))
		if rules != "" {
			rules = " (" + rules + ")"
		}
		fmt.Fprintf(b, "\n### %s\n\n%s%s\n\n%s", f.Tag.Get("yaml"), doc, rules, head)
		for j := range f.Type.NumField() {
			under := f.Type.Field(j)
			row(b, f.Tag.Get("yaml")+"."+under.Tag.Get("yaml"), under, written(v.Field(i).Field(j)))
		}
	}
}

func reference(pb *sequence.Playbook) string {
	var b strings.Builder
	b.WriteString(referenceHead)
	keys(&b, reflect.ValueOf(*pb))
	b.WriteString("\n## Sources\n\n`sources` holds the kinds of engagement that a lead can begin with; add your own. Each has these keys:\n\n" +
		"| key | value | default | rules | what it is |\n|---|---|---|---|---|\n")
	source := reflect.TypeFor[sequence.Source]()
	for i := range source.NumField() {
		row(&b, source.Field(i).Tag.Get("yaml"), source.Field(i), "")
	}
	b.WriteString("\nThe default playbook knows:\n\n| kind | \"You ...\" | weight | enters | qualified | cold |\n|---|---|---|---|---|---|\n")
	for _, kind := range slices.Sorted(maps.Keys(pb.Sources)) {
		s := pb.Sources[kind]
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s | %s | %s |\n", kind, cell(s.Opener), s.Weight, either(s.Enters == sequence.Revival, "revival", "warm"), either(s.Qualified, "yes", ""), either(s.Cold, "yes", ""))
	}
	stages(&b, pb)
	fields(&b)
	return b.String()
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}

func stages(b *strings.Builder, pb *sequence.Playbook) {
	b.WriteString("\n## Stages and plays\n\n`stages` holds, for each stage, its plays: lists of steps that are done in order. Every play of every stage must be\nthere, with at least one step. [Stages](stages.md) tells when each play is used.\n\n" +
		"| play | steps in the default playbook |\n|---|---|\n")
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			fmt.Fprintf(b, "| `stages.%s.%s` | %d |\n", stage, play, len(pb.Steps(stage, play)))
		}
	}
	b.WriteString("\n## Steps\n\nA step is exactly one of `email`, `call`, `manual`, `tell` and `rest`, and has at most one moment: `after`, `before`,\n`at_call` or `holiday`.\n\n| key | value | default | rules | what it is |\n|---|---|---|---|---|\n")
	step := reflect.TypeFor[sequence.Step]()
	for i := range step.NumField() {
		row(b, step.Field(i).Tag.Get("yaml"), step.Field(i), "")
	}
}

func fields(b *strings.Builder) {
	b.WriteString(referenceTexts + "| field | always known | what it is |\n|---|---|---|\n")
	write := func(before string, t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			fmt.Fprintf(b, "| `{{.%s%s}}` | %s | %s |\n", before, f.Name, either(f.Tag.Get("always") != "", "yes", ""), cell(f.Tag.Get("doc")))
		}
	}
	write("", reflect.TypeFor[playbooks.Fields]())
	write("Reason.", reflect.TypeFor[playbooks.Reason]())
}

const referenceHead = `# Playbook reference

A playbook is a folder: ` + "`playbook.yaml`" + ` says what is done for a lead and when, the files under ` + "`texts`" + ` say it in words. This
page lists every key; the [tutorial](playbook-tutorial.md) builds a playbook, and the [rules](rules.md) say why things
are as they are.

Written from the code by ` + "`go test ./playbooks -update`" + `; do not edit.

An editor that knows YAML checks and completes the keys, if the first line of ` + "`playbook.yaml`" + ` names the
[schema](playbook.schema.json), which ` + "`rekindle playbook schema`" + ` prints:

` + "```yaml\n# yaml-language-server: $schema=playbook.schema.json\n```" + `

## How values are written

| value | how | such as |
|---|---|---|
| wait | a number and ` + "`minutes`, `hours`, `days`, `weeks`, `months`, `working minutes`, `working hours` or `working days`" + `; or ` + "`at once`" + ` | ` + "`2 working days`" + ` |
| window | weekdays (` + "`mon tue wed thu fri sat sun`" + `) with ` + "`-` or `,`" + ` between them, and hours | ` + "`mon-fri 09:00-17:00`" + ` |
| share | a whole number and a percent sign | ` + "`10%`" + ` |
| number | a whole number, never below 0 | ` + "`3`" + ` |
| rule | the id of a rule | ` + "`R05`" + ` |

Working time counts only inside the window and on days that are neither weekend nor public holiday at the lead's place.
A wait is at most two years. A threshold that is left out switches its rule off. Anchors, aliases and tags of YAML are
not allowed. At most 1 MB of ` + "`playbook.yaml`" + `, 500 texts, 64 KB each.

## Keys

`

const referenceTexts = `
## Texts

` + "`email: warm/idea` sends the file `texts/warm/idea.md`" + `. Its first line is ` + "`Subject: ...`" + `, below it stands the email in
markdown. ` + "`voicemail: voicemail/first` names `texts/voicemail/first.md`" + `, which has no subject: the owner says it, and 20 to 35 words take
8 to 14 seconds. Subject, email, voicemail and the prompts of ` + "`call` and `manual`" + ` may name fields in double braces.

- A field that may be empty needs a fallback: ` + "`Hello{{with .FirstName}} {{.}}{{end}},`" + ` says "Hello Ann," or "Hello,".
- ` + "`{{with .Account}}{{.}}{{else}}your team{{end}}`" + ` says something else instead.
- ` + "`{{if .AskedOn}}...{{end}}`, `and`, `or`, `not`" + ` decide; nothing else is allowed, and no text can do anything but say words.

`
