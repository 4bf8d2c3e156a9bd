package playbooks_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/playbooks"
)

// fault is a change to the default playbook, and the beginning of every problem
// that comes of it.
type fault struct {
	alter func(*testing.T, fstest.MapFS)
	says  []string
}

func drop(name string) func(*testing.T, fstest.MapFS) {
	return func(_ *testing.T, all fstest.MapFS) { delete(all, "texts/"+name+".md") }
}

func replace(file, content string) func(*testing.T, fstest.MapFS) {
	return func(_ *testing.T, all fstest.MapFS) { all[file] = &fstest.MapFile{Data: []byte(content)} }
}

func every(alter ...func(*testing.T, fstest.MapFS)) func(*testing.T, fstest.MapFS) {
	return func(t *testing.T, all fstest.MapFS) {
		t.Helper()
		for _, a := range alter {
			a(t, all)
		}
	}
}

func check(t *testing.T, faults map[string]fault) {
	t.Helper()
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			all := files(t)
			f.alter(t, all)
			_, problems := playbooks.Inspect(all)
			var said []string
			for _, p := range problems {
				said = append(said, p.String())
			}
			require.Lenf(t, said, len(f.says), "%s", strings.Join(said, "\n"))
			for i, begins := range f.says {
				require.Truef(t, strings.HasPrefix(said[i], begins), "%s\ndoes not begin with\n%s", said[i], begins)
			}
		})
	}
}

func TestAVoicemailOfAStepIsCheckedWhereItStands(t *testing.T) {
	check(t, map[string]fault{
		"a text that is not there": {
			yaml("voicemail: voicemail/sorry", "voicemail: voicemail/sory"),
			[]string{`playbook.yaml:144:115: there is no text "voicemail/sory"; did you mean "voicemail/sorry"?`},
		},
		"a text that is sent": {
			yaml("voicemail: voicemail/sorry", "voicemail: cold/faster"),
			[]string{`playbook.yaml:144:115: what is said to a voicemail has no subject`, `texts/voicemail/sorry.md:1:1: warning: no step sends this text`},
		},
		"a voicemail that is sent": {
			yaml("email: cold/faster", "email: voicemail/sorry"),
			[]string{`playbook.yaml:143:18: this text is said to a voicemail`, `texts/cold/faster.md:1:1: warning: no step sends this text`},
		},
		"a step that calls nobody": {
			yaml("{ manual: \"Connect on LinkedIn", "{ voicemail: voicemail/later, manual: \"Connect on LinkedIn"),
			[]string{`playbook.yaml:77:22: only a call reaches a voicemail`},
		},
	})
}

func TestAFaultInTheYAMLIsNamedWithItsLineAndColumn(t *testing.T) {
	check(t, map[string]fault{
		"an unknown key": {
			yaml("zone: America/New_York", "zone: America/New_York\nzoom: 3"),
			[]string{`playbook.yaml:5:1: unknown key "zoom"`},
		},
		"a slip in a key": {
			yaml("zone: America/New_York", "zon: America/New_York"),
			[]string{`playbook.yaml:4:1: unknown key "zon"; did you mean "zone"?`},
		},
		"a slip in a key of a step, and what is under it is still read": {
			yaml("{ email: cold/help, after: 3 weeks", "{ email: cold/help, afer: 3 weekends"),
			[]string{
				`playbook.yaml:137:29: unknown key "afer"; did you mean "after"?`,
				`playbook.yaml:137:35: "weekends" is not a unit of time`,
			},
		},
		"a slip in the name of a stage": {
			yaml("  break_up:\n    farewell", "  breakup:\n    farewell"),
			[]string{`playbook.yaml:163:3: unknown key "breakup"; did you mean "break_up"?`},
		},
		"a play of another stage": {
			yaml("  break_up:\n    farewell", "  break_up:\n    outreach: []\n    farewell"),
			[]string{`playbook.yaml:164:5: unknown key "outreach"`},
		},
		"a key that is given twice": {
			yaml("no_shows: 2", "no_shows: 2\nno_shows: 3"),
			[]string{`playbook.yaml:21:1: the key "no_shows" is given twice`},
		},
		"a text where a number is expected": {
			yaml("no_shows: 2", "no_shows: two"),
			[]string{`playbook.yaml:20:11: a number is expected, not "two"`},
		},
		"a fraction where a whole number is expected": {
			yaml("touches: 8", "touches: 8.5"),
			[]string{`playbook.yaml:16:21: a number is expected, not "8.5"`},
		},
		"a word where true is expected": {
			yaml("invite: true", "invite: yes"),
			[]string{`playbook.yaml:98:53: true or false is expected, not "yes"`},
		},
		"a mapping where a text is expected": {
			yaml(`opener: "asked us for information"`, "opener: { asked: us }"),
			[]string{`playbook.yaml:54:19: a text is expected`},
		},
		"a text that is a field without quotes": {
			yaml(`{ call: "Agree a time.", after: 2`, `{ call: {{.Asked}}, after: 2`),
			[]string{`playbook.yaml:108:18: this is not YAML: could not find flow map content`},
		},
		"a list where a wait is expected": {
			yaml("out_of_office: 7 days", "out_of_office: [7, days]"),
			[]string{`playbook.yaml:21:1: a single value is expected`},
		},
		"a text where a list is expected": {
			yaml("    find_others:\n      - { rest: \"the owner looks for others at the account\", after: 5 working days, rule: R30 }", "    find_others: the owner looks"),
			[]string{`playbook.yaml:121:18: a list is expected`},
		},
		"a text where keys are expected": {
			yaml("minimum: { touches: 8, over: 3 weeks, channels: 2 }", "minimum: 8"),
			[]string{`playbook.yaml:16:10: keys with values are expected`},
		},
		"a key without a value": {
			yaml("out_of_office: 7 days", "out_of_office:"),
			[]string{`playbook.yaml:21:1: there is no value`},
		},
		"a wait that is none": {
			yaml("out_of_office: 7 days", "out_of_office: a while"),
			[]string{`playbook.yaml:21:16: "a while" is not a wait`},
		},
		"a wait with a unit that is none": {
			yaml("out_of_office: 7 days", "out_of_office: 1 fortnight"),
			[]string{`playbook.yaml:21:16: "fortnights" is not a unit of time`},
		},
		"a window that is none": {
			yaml("email: mon-fri 09:00-17:00", "email: mon-fri 9 to 5"),
			[]string{`playbook.yaml:7:10: "9 to 5" is not a time of day`},
		},
		"a share that is none": {
			yaml("proposal: 50%", "proposal: half"),
			[]string{`playbook.yaml:48:13: "half" is not a share`},
		},
		"a bracket that is not closed": {
			yaml("minimum: { touches: 8, over: 3 weeks, channels: 2 }", "minimum: { touches: 8"),
			[]string{`playbook.yaml:17:1: this is not YAML: ',' or '}' must be specified`},
		},
		"a colon in a text without quotes": {
			yaml(`zone: America/New_York`, "zone: America: New York"),
			[]string{`playbook.yaml:4:7: this is not YAML: mapping value is not allowed in this context`},
		},
		"a tab": {
			yaml("  email: mon-fri", "\temail: mon-fri"),
			[]string{`playbook.yaml:7:1: this is not YAML: found character '	' that cannot start any token`},
		},
		"an anchor": {
			yaml("zone: America", "zone: &here America"),
			[]string{`playbook.yaml:4:7: anchors (&), aliases (*) and merge keys (<<) are not allowed in a playbook`},
		},
		"a text in stars": {
			yaml(`opener: "asked us for information"`, `opener: *asked us*`),
			[]string{`playbook.yaml:54:27: anchors (&), aliases (*) and merge keys (<<) are not allowed in a playbook`},
		},
		"a tag": {
			yaml("no_shows: 2", "no_shows: !!int 2"),
			[]string{`playbook.yaml:20:11: tags (!) are not allowed in a playbook`},
		},
		"a second document": {
			yaml("stages:\n", "---\nstages:\n"),
			[]string{`playbook.yaml:69:1: a playbook is one document`},
		},
	})
}

func TestAFaultInThePolicyIsNamedWithItsLineAndColumn(t *testing.T) {
	check(t, map[string]fault{
		"a wait that is nothing": {
			yaml("out_of_office: 7 days", "out_of_office: at once"),
			[]string{`playbook.yaml:21:16: must be longer than nothing`},
		},
		"a key that is missing stands where its parent does": {
			yaml("  after: 1 day\n", ""),
			[]string{`playbook.yaml:11:1: late.after: must be longer than nothing`},
		},
		"a key that is missing at the top stands at the beginning": {
			yaml("out_of_office: 7 days", ""),
			[]string{`playbook.yaml:1:1: out_of_office: must be longer than nothing`},
		},
		"a window outside the legal hours": {
			yaml("call: mon-fri 09:00-18:00", "call: mon-fri 22:00-23:00"),
			[]string{
				`playbook.yaml:8:9: this window never opens`,
				`playbook.yaml:9:18: this window never opens`,
			},
		},
		"a zone that is none": {
			yaml("zone: America/New_York", "zone: America/Gotham"),
			[]string{`playbook.yaml:4:7: "America/Gotham" is not an IANA time zone`},
		},
		"a policy that is none": {
			yaml("policy: spread", "policy: panic"),
			[]string{`playbook.yaml:13:11: "panic" is no policy for late touches`},
		},
		"a slip in the name of a text": {
			yaml("{ email: cold/help, after: 3 weeks", "{ email: cold/hepl, after: 3 weeks"),
			[]string{`playbook.yaml:137:18: there is no text "cold/hepl"; did you mean "cold/help"?`},
		},
		"a text that is missing": {
			drop("owner/introduction"),
			[]string{`playbook.yaml:26:15: there is no text "owner/introduction"`},
		},
		"an empty play": {
			every(yaml("    farewell:\n", "    farewell: []\n    # was:\n"),
				yaml("      - { email: break_up/farewell, after: 1 working day, reason: occasion, rule: R64 }\n", ""),
				yaml("      - { rest: \"time to answer\", after: 3 weeks, rule: R64 }\n", "")),
			[]string{
				`playbook.yaml:164:5: the play has no steps, so the stage would be over at once`,
				`texts/break_up/farewell.md:1:1: warning: no step sends this text`,
			},
		},
		"a play that would never wait": {
			yaml("{ email: check_in/quarterly, after: 3 months,", "{ email: check_in/quarterly,"),
			[]string{
				`playbook.yaml:169:5: this play repeats, and would hardly wait: the stage cannot end`,
				`playbook.yaml:174:9: warning: stages.check_in.quarterly[4].after: a check-in comes every 3 to 6 months`,
			},
		},
		"a step that is two things": {
			yaml("{ email: cold/slower,", "{ email: cold/slower, rest: \"and rest\","),
			[]string{`playbook.yaml:140:9: a step is one thing`},
		},
		"a touch by nobody who could be called so": {
			yaml("{ email: cold/slower,", "{ email: cold/slower, by: The Director,"),
			[]string{`playbook.yaml:140:35: "The Director" cannot be the name of a mailbox`},
		},
		"a rest by somebody, in a thread": {
			yaml("{ rest: \"time to answer\", after: 4 working days, rule: R24 }", "{ rest: \"time to answer\", after: 4 working days, by: director, follows: true }"),
			[]string{`playbook.yaml:114:`, `playbook.yaml:114:`},
		},
		"a step to nobody": {
			yaml("to: stakeholders, reason: opener", "to: everybody, reason: opener"),
			[]string{`playbook.yaml:129:51: "everybody" means nothing here`},
		},
		"a rule that there is not": {
			yaml("rule: R64", "rule: R99"),
			[]string{`playbook.yaml:165:83: there is no rule "R99"`},
		},
	})
}

func TestAFaultInATextIsNamedWithItsLineAndColumn(t *testing.T) {
	check(t, map[string]fault{
		"a prompt with an unknown field": {
			yaml("You {{.Asked}}. What", "You {{.Askt}}. What"),
			[]string{`playbook.yaml:73:24: there is no field .Askt; did you mean ".Asked"?`},
		},
		"a prompt with news, which a task never brings": {
			yaml("Agree a time.\", after: 2", "Tell of {{.Reason.Title}}\", after: 2"),
			[]string{`playbook.yaml:108:28: there may be no Reason here`},
		},
		"a loop": {
			text("cold/help", "Hello", "{{range .Account}}x{{end}} Hello"),
			[]string{`texts/cold/help.md:3:9: a text may use fields, if, with, and, or, not, but no range`},
		},
		"a call": {
			text("cold/help", "Hello", `{{printf "%s" .Account}} Hello`),
			[]string{`texts/cold/help.md:3:3: a text may use fields, if, with, and, or, not, but no function printf`},
		},
		"a variable": {
			text("cold/help", "Hello", `{{$a := .Account}} Hello`),
			[]string{`texts/cold/help.md:3:3: a text may use fields, if, with, and, or, not, but no variables`},
		},
		"a definition": {
			text("cold/help", "Hello", `Hi {{define "x"}}{{range .Account}}{{end}}{{end}}{{template "x" .}} Hello`),
			[]string{`texts/cold/help.md:3:4: a text may use fields, if, with, and, or, not, but no definitions`},
		},
		"an unknown field": {
			text("cold/help", "Hello", "Hello {{.Nickname}}"),
			[]string{`texts/cold/help.md:3:9: there is no field .Nickname`},
		},
		"a slip in a field": {
			text("cold/help", "Hello", "Hello {{.Firstname}} of {{.Acount}}"),
			[]string{
				`texts/cold/help.md:3:9: there is no field .Firstname; did you mean ".FirstName"?`,
				`texts/cold/help.md:3:27: there is no field .Acount; did you mean ".Account"?`,
			},
		},
		"an unknown field in a subject": {
			text("cold/help", "Subject: ", "Subject:  Ä {{.Mood}} "),
			[]string{`texts/cold/help.md:1:15: there is no field .Mood`},
		},
		"something that is not closed": {
			text("cold/help", "Hello", "{{with .Account}} Hello"),
			[]string{`texts/cold/help.md:3:1: this {{with}} has no {{end}}`},
		},
		"braces that are not closed": {
			text("cold/help", "Take from it", "Take {{.Owner from it"),
			[]string{`texts/cold/help.md:13:6: this cannot be read: unexpected "," in operand`},
		},
		"no subject": {
			text("cold/help", "Subject: ", "About: "),
			[]string{`texts/cold/help.md:1:1: a text begins with a line "Subject: ..."`},
		},
		"an empty subject": {
			text("cold/help", "Subject: Something useful, nothing to answer", "Subject:  "),
			[]string{`texts/cold/help.md:1:9: the subject is empty`},
		},
		"no body": {
			replace("texts/cold/help.md", "Subject: Help\n\n \n"),
			[]string{`texts/cold/help.md:1:1: there is no text below the subject`},
		},
		"news in a text whose step brings none": {
			text("cold/empathy", "Hello", "{{.Reason.Title}} Hello"),
			[]string{`texts/cold/empathy.md:3:3: there may be no Reason here`},
		},
		"a field of the lead inside of with": {
			text("cold/help", "Hello", "{{with .Account}}{{.}} and {{.Owner}}{{end}} Hello"),
			[]string{`texts/cold/help.md:3:30: .Owner is not known here`},
		},
		"a field that is no text": {
			text("cold/help", "Hello", "{{.Reason}} {{.}} Hello"),
			[]string{
				`texts/cold/help.md:3:3: {{.Reason}} is no text`,
				`texts/cold/help.md:3:15: {{.}} is no text`,
			},
		},
		"an argument for a field": {
			text("cold/help", "Hello", `{{.Account "x"}} {{"x" | .Owner}} {{not}} Hello`),
			[]string{
				`texts/cold/help.md:3:3: .Account takes nothing after it`,
				`texts/cold/help.md:3:26: .Owner takes nothing after it`,
				`texts/cold/help.md:3:37: not needs something to judge`,
			},
		},
		"a field that may be empty": {
			text("cold/help", "Hello", "Hello {{.FirstName}}"),
			[]string{`texts/cold/help.md:3:9: warning: {{.FirstName}} may be empty`},
		},
		"a fallback that may be empty": {
			text("cold/help", "Hello", "Hello {{or .FirstName .Account}}"),
			[]string{`texts/cold/help.md:3:9: warning: {{or .FirstName .Account}} may be empty`},
		},
		"an empty phrase": {
			text("cold/help", "Take from it", "Just checking in. Take from it"),
			[]string{`texts/cold/help.md:13:1: warning: "Just checking in" asks for attention and brings nothing`},
		},
		"an empty phrase in the subject, and again in the body": {
			every(text("cold/help", "Subject: ", "Subject: Touching base: "), text("cold/help", "Take from it", "So, touching base. Take from it")),
			[]string{
				`texts/cold/help.md:1:10: warning: "Touching base" asks for attention and brings nothing`,
				`texts/cold/help.md:13:5: warning: "touching base" asks for attention and brings nothing`,
			},
		},
		"a voicemail that says nothing": {
			replace("texts/voicemail/sorry.md", "\n"),
			[]string{`texts/voicemail/sorry.md:1:1: there is nothing to say`},
		},
		"a voicemail that names what may be missing, and a field that is none": {
			replace("texts/voicemail/sorry.md", "\nHello {{.FirstName}},\nthis is {{.Mood}}."),
			[]string{`texts/voicemail/sorry.md:2:9: warning: {{.FirstName}} may be empty`, `texts/voicemail/sorry.md:3:11: `},
		},
		"a voicemail with news, which a call never brings": {
			text("voicemail/sorry", "I am sorry.", "{{.Reason.Title}}"),
			[]string{`texts/voicemail/sorry.md:1:`},
		},
		"a voicemail that nobody listens to": {
			replace("texts/voicemail/sorry.md", strings.Repeat("one two three {{.Owner}} five ", 11)),
			[]string{`texts/voicemail/sorry.md:1:1: warning: saying these 55 words takes longer than twenty seconds`},
		},
		"a voicemail that no step says": {
			replace("texts/voicemail/spare.md", "Hello, this is {{.Owner}}."),
			[]string{`texts/voicemail/spare.md:1:1: warning: no step sends this text, or says it`},
		},
		"a text that no step sends": {
			replace("texts/cold/spare.md", "Subject: Spare\n\nSpare."),
			[]string{`texts/cold/spare.md:1:1: warning: no step sends this text`},
		},
		"a name that no step can give": {
			replace("texts/cold/für dich.md", "Subject: Spare\n\nSpare."),
			[]string{`texts/cold/für dich.md:1:1: a step cannot name this file`},
		},
		"another encoding": {
			text("cold/help", "Take from it", "Gr\xfc\xdfe. Take"),
			[]string{`texts/cold/help.md:13:3: this character is not UTF-8 text`},
		},
	})
}
