package received_test

import (
	"fmt"
	"time"

	"github.com/rekindlehq/rekindle/internal/received"
)

func ExampleRead() {
	raw := "From: Dana Field <dana@acme.example.com>\r\n" +
		"Date: Mon, 14 Dec 2026 09:30:00 +0100\r\n" +
		"Subject: Automatic reply: A thought on your rollout\r\n" +
		"Auto-Submitted: auto-replied\r\n\r\n" +
		"I am out of the office until 5 January. In urgent matters contact Lee.\r\n"
	m := received.Read([]byte(raw), time.Date(2026, 12, 14, 9, 0, 0, 0, time.UTC))
	fmt.Println(m.Class, m.BackOn.Format(time.DateOnly), m.Evidence[0])
	// Output: out_of_office 2027-01-06 {header Auto-Submitted auto-replied}
}
