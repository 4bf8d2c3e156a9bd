package sequence

import "time"

// WorkParked says that something could not be done and never will be by trying
// again: a lead never fails, it waits for a person who can see why.
type WorkParked struct {
	byRekindle
	Detail string `json:"detail"` // never a name or an address
}

func (e WorkParked) decide(t *turn) error {
	t.pauseFor(PausedParked, e.Detail, time.Time{}, ByHand)
	t.tell(TheOwner, ByHand, "the lead is parked until somebody resumes it: "+e.Detail)
	return nil
}
