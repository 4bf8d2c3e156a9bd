package sink

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Does is what the sink does with mail.
type Does string

// What it can do.
const (
	Takes   Does = ""
	Defers  Does = "defer"  // 451 at the recipient
	Refuses Does = "refuse" // 554 after the message
	Drags   Does = "drag"   // takes some seconds to answer the message
	Loses   Does = "lose"   // hangs up after the message, which is gone
	Keeps   Does = "keep"   // hangs up after the message, which it has
)

// Mood is what the sink does until an instant.
type Mood struct {
	Does  Does      `json:"does"`
	Until time.Time `json:"until"`
}

const moodName = "mood.json"

// SetMood changes what the sink in a folder does, whether it runs or not.
func SetMood(dir string, m Mood) error {
	encoded, err := json.Marshal(m)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, moodName)
	if err := errors.Join(os.WriteFile(path+".new", encoded, 0o644), os.Rename(path+".new", path)); err != nil {
		return fmt.Errorf("set the sink's mood: %w", err)
	}
	return nil
}

// mood is what the sink does now; it takes mail when nothing else is said.
func mood(dir string) Does {
	encoded, err := os.ReadFile(filepath.Join(dir, moodName))
	var m Mood
	if err != nil || json.Unmarshal(encoded, &m) != nil || time.Now().After(m.Until) {
		return Takes
	}
	return m.Does
}
