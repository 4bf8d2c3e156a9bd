package sequence

import "time"

// After shows the tests when a wait is over.
func (w Wait) After(t time.Time, p Place, window Window) time.Time { return w.after(t, p, window) }

// Before shows the tests the same wait counted backwards.
func (w Wait) Before(t time.Time, p Place, window Window) time.Time { return w.before(t, p, window) }

// Slot shows the tests where a touch with this key comes to lie.
func (p Place) Slot(t time.Time, w Window, spread time.Duration, key string) time.Time {
	return p.slot(t, w, spread, key)
}
