package sequence

import "time"

// CallTime is a rep's recorded call time in a week, in minutes.
type CallTime struct {
	Cold int `json:"cold"` // with leads that never engaged
	All  int `json:"all"`
}

// TooCold reports R13: cold calls took more than their share of the time.
func (c CallTime) TooCold(pb *Playbook) bool {
	share := pb.Managing.ColdCalls
	return share > 0 && float64(c.Cold) > share.Of(float64(c.All))
}

// Cold reports whether a call to this lead is a cold call: nothing it ever did
// was an engagement of its own (R13).
func (l *Lead) Cold(pb *Playbook) bool {
	for _, e := range l.Engaged {
		if !pb.Sources[e.Kind].Cold {
			return false
		}
	}
	return true
}

// FollowUpBy is until when a follow-up that is due at an instant is in time (R80).
func (p *Playbook) FollowUpBy(due time.Time) time.Time {
	zone, ok := LoadZone(p.Zone)
	if !ok {
		zone = time.UTC
	}
	return p.Managing.FollowUp.after(due, Place{Zone: zone}, p.Windows.Call)
}

// FollowUps is how many follow-ups that were due were made in time (R80).
type FollowUps struct {
	Due    int `json:"due"`
	InTime int `json:"in_time"`
}

// Share is the coverage from 0 to 1; 1 when nothing was due.
func (c FollowUps) Share() float64 {
	if c.Due == 0 {
		return 1
	}
	return float64(c.InTime) / float64(c.Due)
}
