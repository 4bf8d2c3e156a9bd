// Package sequence holds the business of following up a lead: its stages, the
// events that reach it, the actions they call for, and the playbook that sets
// the numbers. Decide is the whole of it; Explain says in words what Decide will
// do next and why.
//
// It must not know anything else. It imports the standard library only, reads no
// clock, draws no random number, ranges over no map and performs no I/O, so that
// the workflow that runs a lead, the rehearsal that plays one and the report that
// compares two playbooks call the same function and get the same answer: same
// lead, event, time and playbook, same result, on every machine.
//
// The one thing read from outside is the time zone database, which a zone name in
// a lead refers to (place.go).
package sequence
