package sequence

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Explanation answers a manager's question: why is this lead here, and what
// happens next?
type Explanation struct {
	Stage   Stage     `json:"stage"`
	Play    Play      `json:"play,omitempty"`
	Since   time.Time `json:"since"`
	Waiting string    `json:"waiting"`          // for what
	Until   time.Time `json:"until,omitzero"`   // zero: without limit
	Because []Ground  `json:"because"`          // the rules and their evidence
	Then    string    `json:"then,omitempty"`   // what comes next
	Unless  []string  `json:"unless,omitempty"` // what would change it
}

// Ground is one rule behind an explanation.
type Ground struct {
	Rule     Rule      `json:"rule"`
	Title    string    `json:"title"`
	Evidence []string  `json:"evidence,omitempty"`
	At       time.Time `json:"at,omitzero"` // when it was decided
}

// Explain says in words what the lead waits for and why. It reads the same state
// and playbook as Decide and decides nothing itself.
func Explain(l Lead, pb *Playbook, now time.Time) Explanation {
	t := &turn{lead: &l, now: now, pb: pb, place: PlaceOf(l, pb)}
	e := Explanation{Stage: l.Stage, Play: l.Play, Since: l.EnteredAt}
	e.because(l.Because.Rule, l.Because.Evidence...)
	if len(e.Because) > 0 {
		e.Because[0].At = l.Because.At
	}
	e.Until, _ = l.Deadline()
	switch {
	case l.Stage.Final():
		e.Waiting, e.Until = "nothing: this life is over ("+l.ending()+")", time.Time{}
		return e
	case l.Pause != nil:
		t.explainPause(&e)
	case l.Next != nil && len(l.InFlight) == 0:
		t.explainNext(&e)
	case len(l.InFlight) > 0:
		e.Waiting = "an email to be handed over to the mail server"
	default:
		e.Waiting, e.Then = "the owner", t.thenAfter(len(t.steps()))
	}
	t.explainWatch(&e)
	if e.Then == "" {
		e.Then = t.thenAfter(len(t.steps()))
	}
	e.Unless = append(e.Unless, t.unless()...)
	if u := l.Undo; u != nil && u.Was != nil && now.Before(u.Until) {
		e.Unless = append(e.Unless, "the last outcome is taken back (possible until "+t.local(u.Until)+")")
	}
	return e
}

// ending says how a life ended.
func (l Lead) ending() string {
	how := strings.ReplaceAll(l.EndedBy, "_", " ")
	if l.Stage == DoNotContact {
		return "they said stop: " + how
	}
	return how
}

func (e *Explanation) because(r Rule, evidence ...string) {
	if r == "" {
		return
	}
	for _, g := range e.Because {
		if g.Rule == r {
			return
		}
	}
	e.Because = append(e.Because, Ground{Rule: r, Title: r.Title(), Evidence: evidence})
}

func (t *turn) explainPause(e *Explanation) {
	p := t.lead.Pause
	e.Waiting = map[PauseReason]string{
		PausedOutOfOffice: "the lead to be back in the office",
		PausedSnoozed:     "the time the lead asked for",
		PausedReply:       "the owner to answer the lead's reply and record the outcome",
		PausedMailbox:     "the mailbox to work again",
		PausedColleague:   "the conversation with a colleague at the account",
		PausedOwnerAway:   "the owner to be back",
		PausedByHand:      "somebody to resume it",
		PausedParked:      "somebody to clear what is in the way and resume it",
	}[p.Reason]
	if p.Detail != "" {
		e.Waiting += " (" + p.Detail + ")"
	}
	e.because(cmp.Or(p.Rule, p.endsBy()), cmp.Or(p.Detail, string(p.Reason)))
	e.Because[len(e.Because)-1].At = p.Since
	if t.lead.Next != nil {
		e.Then = "it goes on with " + t.inWords(t.step(t.lead.Next.Step))
	}
	e.Unless = append(e.Unless, "it is resumed by hand")
}

func (t *turn) explainNext(e *Explanation) {
	n := t.lead.Next
	planned := t.step(n.Step)
	e.because(n.Rule)
	e.Until = n.At // somebody may be told something before
	e.Waiting = "the time for " + t.inWords(planned)
	if planned.Rest != "" {
		e.Waiting = planned.Rest
	}
	if b := t.lead.Blocked; b != nil {
		switch b.Reason {
		case NothingNew:
			e.Waiting = "a reason to reach out: the content library has nothing new for this lead"
			e.because(BringSomething)
			e.Unless = append(e.Unless, "a new content item is published")
		case MailboxFull:
			e.Waiting = "its turn in the mailbox, which sends so much a day and no more"
		case MailboxParked:
			e.Waiting = "the mailbox, which is parked and sends nothing until somebody resumes it"
			e.Unless = append(e.Unless, "the mailbox is resumed")
		case NewsWaits:
			e.Waiting = "what came in and has not been read yet: it counts before anything goes out"
		default:
			e.Waiting = fmt.Sprintf("the mail server, which did not take the mail (%d times)", b.Times)
		}
		e.Then = t.inWords(planned)
		return
	}
	if n.Step == introduction {
		e.Then = t.thenAfter(n.Back - 1)
		return
	}
	e.Then = t.thenAfter(n.Step)
}

// inWords says what a step does, as a rep would.
func (t *turn) inWords(s *Step) string {
	switch c := t.channel(s); {
	case s.Rest != "":
		return s.Rest
	case s.Tell != "":
		return "a word to the owner: " + s.Tell
	case c == ByEmail && s.To == Stakeholders:
		return "the email " + s.Email + " to the stakeholders"
	case c == ByEmail:
		return "the email " + s.Email
	case c == ByCall && s.To == Stakeholders:
		return "calls by the owner to the stakeholders"
	case c == ByCall:
		return "a call by the owner"
	}
	return "a touch by hand: " + strings.TrimSuffix(t.manualPrompt(s), ".")
}

// thenAfter names what follows the planned step.
func (t *turn) thenAfter(i int) string {
	steps := t.steps()
	for i++; i < len(steps); i++ {
		next := &steps[i]
		if !t.holds(next) || t.lead.madeBefore(steps, i) || next.Holiday != "" || !next.Before.IsZero() && t.lead.Call == nil {
			continue
		}
		if next.After.IsZero() || !next.Before.IsZero() || next.AtCall {
			return t.inWords(next)
		}
		return t.inWords(next) + ", " + next.After.String() + " later"
	}
	switch t.lead.Stage {
	case Warm:
		if t.lead.StageTouches+1 < t.pb.Minimum.Touches {
			return "more attempts, until the minimum of touches is reached"
		}
		return "cold, if nobody answers"
	case ScheduledCall:
		if t.lead.Call != nil {
			return t.lead.callInWords() + ", and its outcome"
		}
		return "others at the account, or cold, if nobody answers"
	case MultiStakeholder:
		if t.lead.Play == TellPrimary {
			return "the stakeholders are written to"
		}
		return "cold, if nobody answers"
	case Cold:
		if t.lead.Qualified {
			return "revival"
		}
		return "one last message"
	case Revival:
		if t.lead.Play == Reopen {
			return "the question whether to close the file"
		}
		return "one last message"
	case BreakUp:
		return "a check-in every quarter"
	case CheckIn:
		return "the next check-in"
	case Won, Disqualified, DoNotContact:
	}
	return ""
}

func (t *turn) explainWatch(e *Explanation) {
	w := t.lead.Watch
	if w == nil {
		return
	}
	e.because(w.Rule)
	owed := map[WatchKind]string{
		WatchFirstCall: "the owner to make the first call",
		WatchReply:     "the owner to answer the reply",
		WatchOutcome:   t.lead.callInWords() + ", and its outcome from the owner",
	}[w.For]
	if t.lead.Pause == nil && t.lead.Next == nil {
		e.Waiting = owed
	}
	e.Unless = append(e.Unless, "by "+t.local(w.At)+" nothing is recorded: the manager is told")
}

// unless names what would change the plan in every living stage.
func (t *turn) unless() []string {
	all := []string{"a reply or an outcome comes first"}
	switch t.lead.Stage {
	case Cold, Revival, BreakUp, CheckIn:
		all = append(all, "any sign of life: back to warm")
	case MultiStakeholder:
		all = append(all, "the primary objects: the outreach is called off")
	}
	return append(all, "they say stop: nothing is sent any more ("+string(StopMeansStop)+")")
}

// Markdown writes the explanation for the Temporal UI: no names, ids only.
func (e Explanation) Markdown(zone *time.Location) string {
	b := fmt.Appendf(nil, "**%s**", strings.ReplaceAll(string(e.Stage), "_", " "))
	if e.Play != "" {
		b = fmt.Appendf(b, " · %s", strings.ReplaceAll(string(e.Play), "_", " "))
	}
	b = fmt.Appendf(b, " since %s\n\n- **Waiting for** %s\n", e.Since.In(zone).Format("2 Jan 2006"), e.Waiting)
	if !e.Until.IsZero() {
		b = fmt.Appendf(b, "- **Until** %s\n", e.Until.In(zone).Format("Mon 2 Jan 2006 15:04 MST"))
	}
	for _, g := range e.Because {
		b = fmt.Appendf(b, "- **Because** %s %s", g.Rule, g.Title)
		if len(g.Evidence) > 0 {
			b = fmt.Appendf(b, " (%s)", strings.Join(g.Evidence, ", "))
		}
		if !g.At.IsZero() {
			b = fmt.Appendf(b, " on %s", g.At.In(zone).Format("2 Jan 2006 15:04"))
		}
		b = append(b, '\n')
	}
	if e.Then != "" {
		b = fmt.Appendf(b, "- **Then** %s\n", e.Then)
	}
	for _, u := range e.Unless {
		b = fmt.Appendf(b, "- **Unless** %s\n", u)
	}
	return string(b)
}
