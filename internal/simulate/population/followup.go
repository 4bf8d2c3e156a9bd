package population

import (
	"time"

	"github.com/rekindlehq/rekindle/sequence"
)

// followedUp counts a follow-up that was due (R80).
func (l *life) followedUp(inTime bool) {
	l.one[due]++
	if inTime {
		l.one[onTime]++
	}
}

// cancel takes back tasks as the core asks for it.
func (l *life) cancel(c sequence.CancelTasks) {
	kept := l.agenda[:0]
	for _, e := range l.agenda {
		if e.what != repWorks || !taken(e, c) {
			kept = append(kept, e)
			continue
		}
		l.missed(e)
	}
	l.agenda = kept
}

// missed counts a task that nobody did before its time was over.
func (l *life) missed(e errand) {
	if e.what == repWorks && !l.inTime(e.due) {
		l.followedUp(false)
	}
}

// inTime reports whether a task that was due is done in time now. Most are: as
// many days as there are working days is never too late, without a calendar.
func (l *life) inTime(due time.Time) bool {
	late := l.now.Sub(due)
	if within := l.pb.Managing.FollowUp; within.Unit == sequence.WorkingDays && late <= time.Duration(within.N)*24*time.Hour {
		return true
	}
	return late <= 0 || !l.now.After(l.inTimeUntil(due))
}

// inTimeUntil is the last instant at which a task that was due is still done in
// time: so much working time after it (R80).
func (l *life) inTimeUntil(due time.Time) time.Time {
	within, t := l.pb.Managing.FollowUp, l.place.NextOpen(due, l.calls)
	switch within.Unit {
	case sequence.WorkingDays:
		for range within.N {
			t = l.place.NextOpen(t.In(l.place.Zone).AddDate(0, 0, 1), l.calls)
		}
		return t
	case sequence.WorkingHours:
		return l.worked(t, time.Duration(within.N)*time.Hour)
	case sequence.WorkingMinutes:
		return l.worked(t, time.Duration(within.N)*time.Minute)
	case sequence.Minutes:
		return due.Add(time.Duration(within.N) * time.Minute)
	case sequence.Hours:
		return due.Add(time.Duration(within.N) * time.Hour)
	case sequence.Days:
		return due.AddDate(0, 0, within.N)
	case sequence.Weeks:
		return due.AddDate(0, 0, 7*within.N)
	case sequence.Months:
		return due.AddDate(0, within.N, 0)
	}
	return t
}

// worked is so much time in the window later.
func (l *life) worked(t time.Time, d time.Duration) time.Time {
	for {
		t = l.place.NextOpen(t, l.calls).In(l.place.Zone)
		y, m, day := t.Date()
		left := time.Date(y, m, day, 0, l.calls.To, 0, 0, l.place.Zone).Sub(t)
		if d <= left || left <= 0 {
			return t.Add(d)
		}
		d -= left
		t = t.Add(left)
	}
}
