package webhooks

import "time"

// How long is waited for an endpoint. It takes all of a lead's events in their order, so
// one that is refused holds up those behind it.
const (
	// ParkedAfter is how long an endpoint may take nothing before it is parked.
	ParkedAfter = 24 * time.Hour
	// GivenUpAfter is how long one event is tried while others are taken.
	GivenUpAfter = 72 * time.Hour
	// Kept is how long events are kept, taken or not, for replays.
	Kept = 30 * 24 * time.Hour
)

// schedule is after how long an event is tried again. The first attempts follow
// Standard Webhooks' example; the later ones come every hour, so that an endpoint that
// is back has everything within the hour.
var schedule = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}

// again is how long an event waits that was refused so often. Luck, from 0 to 1, keeps
// those that failed together from coming back together.
func again(attempts int, luck float64) time.Duration {
	wait := schedule[min(max(attempts, 1), len(schedule))-1]
	return time.Duration(float64(wait) * (0.8 + 0.4*luck))
}

// shunned is how long nothing at all is tried at an endpoint that has taken nothing for
// a while.
func shunned(failing time.Duration) time.Duration {
	return min(max(failing/10, 5*time.Second), 10*time.Minute)
}
