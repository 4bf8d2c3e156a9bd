package playbooks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Who publishes a playbook is not always known well, and every worker reads it.
// These limits may be raised and never lowered: published versions keep them.
const (
	maxPlaybook = 1 << 20
	maxText     = 64 << 10
	maxTexts    = 500
	maxEntries  = 5_000 // files and folders under texts, of any kind
)

const main = "playbook.yaml"

var plainName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)*$`)

// folder is a playbook's files as they are written.
type folder struct {
	playbook []byte
	texts    map[string][]byte // by name: the path under texts, without .md; nil where unreadable
	problems []Problem
}

func (f *folder) fault(file, message, remedy string) {
	f.problems = append(f.problems, Problem{File: file, Message: message, Remedy: remedy}.at(start))
}

// names lists the texts in the order in which they count for the playbook's id:
// that of a walk through the folders.
func (f *folder) names() []string {
	return slices.SortedFunc(maps.Keys(f.texts), func(a, b string) int {
		return slices.Compare(strings.Split(a+".md", "/"), strings.Split(b+".md", "/"))
	})
}

func open(dir fs.FS) *folder {
	f := &folder{texts: map[string][]byte{}}
	f.playbook = f.read(dir, main, maxPlaybook)
	seen := 0
	err := fs.WalkDir(dir, "texts", func(file string, d fs.DirEntry, err error) error {
		if seen++; err == nil && seen > maxEntries {
			f.fault("texts", fmt.Sprintf("there are more than %d files", maxEntries), "keep only this playbook's texts here")
			return fs.SkipAll
		}
		if err != nil {
			return err
		}
		if hidden := strings.HasPrefix(d.Name(), "."); hidden && d.IsDir() {
			return fs.SkipDir
		} else if hidden || d.IsDir() || path.Ext(file) != ".md" {
			return nil
		}
		return f.text(dir, file)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.fault("texts", "the texts cannot be read", err.Error())
	}
	return f
}

func (f *folder) text(dir fs.FS, file string) error {
	name := strings.TrimSuffix(strings.TrimPrefix(file, "texts/"), ".md")
	if !plainName.MatchString(name) {
		f.fault(strings.ToValidUTF8(file, "?"), "a step cannot name this file", "rename it with letters, digits, _ and - only")
		return nil
	}
	if len(f.texts) == maxTexts {
		f.fault("texts", fmt.Sprintf("there are more than %d texts", maxTexts), "delete those that no step uses")
		return fs.SkipAll
	}
	f.texts[name] = f.read(dir, file, maxText)
	return nil
}

// read gives nil, and a fault, for what is no text of a sensible size. It opens
// nothing but plain files: a pipe would keep it waiting.
func (f *folder) read(dir fs.FS, file string, limit int64) []byte {
	info, err := fs.Stat(dir, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.fault(file, "the file is missing", "rekindle playbook new copies a playbook to begin with")
		return nil
	case err == nil && !info.Mode().IsRegular():
		f.fault(file, "this is not a file", "put a plain file here")
		return nil
	}
	body, err := readUpTo(dir, file, limit+1)
	switch {
	case err != nil:
		f.fault(file, "the file cannot be read", err.Error())
		return nil
	case int64(len(body)) > limit:
		f.fault(file, fmt.Sprintf("the file is larger than %d KB", limit>>10), "shorten it")
		return nil
	}
	if where, ok := strange(body); ok {
		f.problems = append(f.problems, Problem{File: file, Message: "this character is not UTF-8 text", Remedy: "save the file as UTF-8"}.at(where))
		return nil
	}
	return body
}

func readUpTo(dir fs.FS, file string, limit int64) ([]byte, error) {
	opened, err := dir.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	body, err := io.ReadAll(io.LimitReader(opened, limit))
	if body == nil {
		body = []byte{}
	}
	return body, err
}

// strange finds the first byte that no text has.
func strange(body []byte) (place, bool) {
	control := func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f }
	for i, r := range string(body) {
		if _, size := utf8.DecodeRune(body[i:]); r == utf8.RuneError && size == 1 || control(r) {
			return placeIn(string(body), i), true
		}
	}
	return place{}, false
}

// placeIn is the line and column of an offset.
func placeIn(s string, offset int) place {
	before := s[:min(max(offset, 0), len(s))]
	line := strings.LastIndexByte(before, '\n') + 1
	return place{strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[line:]) + 1}
}

// plain is a file's content without the byte order mark and carriage returns that
// some editors write. No line or column changes by it.
func plain(body []byte) string {
	return string(bytes.ReplaceAll(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("\r\n"), []byte("\n")))
}
