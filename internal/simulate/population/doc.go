// Package population lets a playbook work on a thousand made-up leads. Prospects
// and reps are drawn from a population file; what happens to each lead is decided
// by sequence.Decide, the code that runs real ones. It knows the core and its own
// file format. It must not know where playbooks come from, or Temporal.
//
// Every draw comes from generators seeded by the seed, the lead's number and the
// purpose of the draw. So a result depends neither on the number of workers nor on
// the order of work, and two playbooks meet the same people.
package population
