package playbooks

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/sequence"
)

// follows are keys that are judged by others: while those cannot be read, a fault
// of these says nothing.
var follows = map[string]string{
	"windows.unknown_place": "windows.call",
	"minimum.channels":      "stages",
	"sales_ready.kinds":     "sources",
}

// check gives the faults of the playbook's own check a place in its files.
func (d *draft) check() {
	cursor := map[string]int{} // how far each text was searched for each rule's phrases
	found := map[string]int{}  // in each text
	named, texts := textsNamed(d.pb), slices.Sorted(maps.Keys(d.pb.Texts))
	for _, f := range d.pb.Check() {
		p := Problem{File: main, Key: f.At, Rule: f.Rule, Message: clip(f.Message), Remedy: f.Remedy, Warning: f.Warning}
		if f.Text != "" {
			if found[f.Text]++; found[f.Text] <= maxFindings {
				d.faults = append(d.faults, d.phrase(p, f, cursor))
			}
			continue
		}
		if d.misread(f.At) {
			continue
		}
		name := named[f.At]
		if _, known := d.pb.Texts[name]; name != "" && !known {
			if meant := nearest(name, texts); meant != "" {
				p.Remedy = "did you mean " + quoted(meant) + "?"
				d.meant[meant] = true
			}
		}
		if _, given := d.places[f.At]; !given { // it stands where its parent does
			p.Message = f.At + ": " + p.Message
		}
		d.faults = append(d.faults, p.at(d.placeOf(f.At)))
	}
}

// misread reports a fault that only follows from a value that could not be read.
func (d *draft) misread(key string) bool {
	judged := follows[key]
	return slices.ContainsFunc(d.unread, func(other string) bool {
		return within(key, other) || key != "" && within(other, key) || judged != "" && (within(other, judged) || within(judged, other))
	})
}

// within reports that key is outer, or under it. Every key is under "".
func within(key, outer string) bool {
	if outer == "" {
		return true
	}
	rest, ok := strings.CutPrefix(key, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// placeOf finds where a key stands, or the nearest key above it that is there.
func (d *draft) placeOf(key string) place {
	for key != "" {
		if at, ok := d.places[key]; ok {
			return at
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return start
}

// outsidePlays are the texts that no step names, by their keys; empty where the
// playbook does without.
func outsidePlays(pb *sequence.Playbook) map[string]string {
	return map[string]string{"introduction": pb.Introduction, "cancellation": pb.Cancellation}
}

// textsNamed gives the text that each key names.
func textsNamed(pb *sequence.Playbook) map[string]string {
	named := map[string]string{}
	for key, name := range outsidePlays(pb) {
		if name != "" {
			named[key] = name
		}
	}
	eachStep(pb, func(at string, s sequence.Step) {
		if s.Email != "" {
			named[at+".email"] = s.Email
		}
		if s.Voicemail != "" {
			named[at+".voicemail"] = s.Voicemail
		}
	})
	return named
}

// phrase finds the words at fault in their file. Faults of one rule come in the
// order of the text, so each search goes on where the last one ended.
func (d *draft) phrase(p Problem, f sequence.Fault, cursor map[string]int) Problem {
	p.File, p.Key = textFile(f.Text), ""
	body, key := plain(d.texts[f.Text]), string(f.Rule)+" "+f.Text
	from := max(cursor[key], min(len(subjectLine), len(body)))
	i := strings.Index(body[from:], f.Phrase)
	if i < 0 {
		return p.at(start)
	}
	cursor[key] = from + i + len(f.Phrase)
	return p.at(placeIn(body, from+i))
}

// eachStep visits the steps of every play that a stage has.
func eachStep(pb *sequence.Playbook, visit func(at string, s sequence.Step)) {
	for _, stage := range sequence.Stages() {
		for _, play := range sequence.PlaysOf(stage) {
			for i, s := range pb.Steps(stage, play) {
				visit(fmt.Sprintf("stages.%s.%s[%d]", stage, play, i), s)
			}
		}
	}
}
