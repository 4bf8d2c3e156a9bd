package playbooks

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rekindlehq/rekindle/internal/holidays"
	"github.com/rekindlehq/rekindle/sequence"
)

// draft is a playbook as far as its files could be read.
type draft struct {
	*folder
	pb      *sequence.Playbook
	places  map[string]place
	unread  []string // keys whose value is not known
	letters map[string]letter
	meant   map[string]bool // texts that a step probably means
	wrong   []Problem       // no playbook can be made of it
	faults  []Problem       // a playbook, and not one to publish
}

// Inspect reads the playbook in a folder, playbook.yaml and texts/**.md, and names
// every fault in the order of the files. The playbook is nil if the files cannot be
// read as one; with faults that are not warnings it must not be published.
func Inspect(dir fs.FS) (*sequence.Playbook, []Problem) {
	d := read(dir)
	if d.pb == nil {
		return nil, inOrder(d.wrong)
	}
	d.check()
	d.checkTexts()
	problems := inOrder(append(d.wrong, d.faults...))
	if len(d.wrong) > 0 {
		return nil, problems
	}
	return d.pb, problems
}

// Read reads a playbook that is to be published. The same files give the same ID,
// whatever they are called. The error names every fault, a line each.
func Read(dir fs.FS) (*sequence.Playbook, error) {
	if _, err := fs.Stat(dir, main); err != nil {
		return nil, fmt.Errorf("read %s: %w", main, err)
	}
	pb, problems := Inspect(dir)
	if err := refusal(problems); err != nil {
		return nil, err
	}
	return pb, nil
}

// Load reads a version that was published. What a newer release has come to refuse
// does not matter to it, or its leads would be stranded: only files that are no
// playbook are an error.
func Load(dir fs.FS) (*sequence.Playbook, error) {
	d := read(dir)
	if err := refusal(inOrder(d.wrong)); err != nil {
		return nil, err
	}
	if d.pb == nil {
		return nil, errors.New("there is no playbook")
	}
	return d.pb, nil
}

func read(dir fs.FS) *draft {
	d := &draft{folder: open(dir), letters: map[string]letter{}, meant: map[string]bool{}}
	d.wrong = d.problems
	if d.playbook == nil {
		return d
	}
	root, problem := tree(plain(d.playbook))
	if problem != nil {
		d.wrong = append(d.wrong, *problem)
		return d
	}
	d.pb = &sequence.Playbook{Holidays: holidays.Tables(), Texts: map[string]sequence.Text{}}
	decoded := decode(root, d.pb)
	d.places, d.unread = decoded.places, decoded.unread
	d.wrong, d.faults = append(d.wrong, decoded.wrong...), decoded.empty
	d.readTexts()
	d.pb.ID = d.pb.Name + "-" + d.hash()
	return d
}

// hash names the content. Published versions are known by it: it never changes.
func (f *folder) hash() string {
	hash := sha256.New()
	hash.Write(f.playbook)
	for _, name := range f.names() {
		fmt.Fprintf(hash, "\x00%s\x00%s", name, f.texts[name])
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}

func textFile(name string) string { return "texts/" + name + ".md" }
