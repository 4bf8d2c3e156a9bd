package mailroom_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/mailroom"
	"github.com/rekindlehq/rekindle/internal/postgres"
)

func good() mailroom.Settings {
	return mailroom.Settings{
		Address: "Sales@Seller.example", Zone: "Europe/Berlin", Hours: "mon-fri 08:00-18:00", Daily: 50, Gap: 90, RampFrom: 10, RampStep: 5,
		SMTP: "smtps://u:secret@mail.example.com", IMAP: "imaps://u:secret@mail.example.com",
	}
}

func (s *setting) connections(name string) mailbox.Connections {
	row, err := s.Store.MailboxByName(s.t.Context(), name)
	require.NoError(s.t, err)
	c, err := s.Connections(s.t.Context(), row.ID.String())
	require.NoError(s.t, err)
	return c
}

func TestAMailboxIsMadeAndChangedAndKeepsTheSecretsThatAreLeftOut(t *testing.T) {
	s := newSetting(t)
	row, err := s.Save(t.Context(), "sales", good())
	require.NoError(t, err)
	require.Equal(t, "sales@seller.example", row.Address)
	require.NotNil(t, row.RampSince, "the ramp begins with the mailbox")
	require.Equal(t, good().SMTP, s.connections("sales").SMTP)

	changed := good()
	changed.SMTP, changed.Daily, changed.IMAP = "", 80, "imaps://u:other@mail.example.com"
	again, err := s.Save(t.Context(), "sales", changed)
	require.NoError(t, err)
	require.Equal(t, row.ID, again.ID)
	require.Equal(t, row.RampSince, again.RampSince, "and does not begin anew")
	require.Equal(t, mailbox.Connections{SMTP: good().SMTP, IMAP: changed.IMAP}, s.connections("sales"))

	all, err := s.Statuses(t.Context())
	require.NoError(t, err)
	shown, err := json.Marshal(all)
	require.NoError(t, err)
	require.Contains(t, string(shown), "sales@seller.example")
	require.NotContains(t, string(shown), "secret")
	require.NotContains(t, string(shown), "mail.example.com")
}

func TestWhatIsWrongWithAMailboxIsSaidAndNothingIsChanged(t *testing.T) {
	s := newSetting(t)
	for field, wrong := range map[string]func(*mailroom.Settings){
		"address":     func(m *mailroom.Settings) { m.Address = "sales" },
		"time_zone":   func(m *mailroom.Settings) { m.Zone = "Berlin" },
		"hours":       func(m *mailroom.Settings) { m.Hours = "all day" },
		"daily_limit": func(m *mailroom.Settings) { m.Daily = 0 },
		"ramp_step":   func(m *mailroom.Settings) { m.RampStep = 0 },
		"smtp_url":    func(m *mailroom.Settings) { m.SMTP = "mail.example.com" },
		"imap_url":    func(m *mailroom.Settings) { m.IMAP = "https://u:secret@mail.example.com" },
		"user":        func(m *mailroom.Settings) { m.User = "nobody@seller.example" },
		"dkim.key": func(m *mailroom.Settings) {
			m.DKIM = &mailroom.DKIMSetting{Domain: "seller.example", Selector: "s", Key: "x"}
		},
	} {
		t.Run(field, func(t *testing.T) {
			settings := good()
			wrong(&settings)
			_, err := s.Save(t.Context(), "sales", settings)
			var faults mailroom.Faults
			require.ErrorAs(t, err, &faults)
			require.Len(t, faults, 1)
			require.Equal(t, field, faults[0].Field)
			require.NotContains(t, err.Error(), "secret")
		})
	}
	_, err := s.Save(t.Context(), "The Sales", good())
	require.ErrorContains(t, err, "small letters")
	taken := good()
	taken.Address = rita
	_, err = s.Save(t.Context(), "sales", taken)
	require.ErrorContains(t, err, "belongs to another mailbox")
	_, err = s.Store.MailboxByName(t.Context(), "sales")
	require.Error(t, err)
}

func TestAMailboxIsResumedWhenWhatParkedItHasPassedByItself(t *testing.T) {
	for reason, c := range map[string]struct {
		after   time.Duration
		probe   error
		resumed bool
	}{
		postgres.ParkedDisconnected: {time.Minute, nil, true},
		"still disconnected":        {24 * time.Hour, errors.New("no route"), false},
		postgres.ParkedLimit:        {time.Hour, nil, false},
		"the next day":              {24 * time.Hour, nil, true},
		postgres.ParkedLogin:        {240 * time.Hour, nil, false},
		postgres.ParkedBounces:      {240 * time.Hour, nil, false},
		postgres.ParkedComplaints:   {240 * time.Hour, nil, false},
		postgres.ParkedByHand:       {240 * time.Hour, nil, false},
	} {
		t.Run(reason, func(t *testing.T) {
			s := newSetting(t)
			why := map[string]string{"still disconnected": postgres.ParkedDisconnected, "the next day": postgres.ParkedLimit}[reason]
			if why == "" {
				why = reason
			}
			_, err := s.Store.ParkMailbox(t.Context(), s.box, why, "said so", now)
			require.NoError(t, err)
			probed := 0
			s.Now = func() time.Time { return now.Add(c.after) }
			s.Probe = func(context.Context, string) error { probed++; return c.probe }
			require.NoError(t, s.Tend(t.Context()))
			row, err := s.Store.MailboxRow(t.Context(), s.box)
			require.NoError(t, err)
			require.Equal(t, c.resumed, row.Parked == "", row.Parked)
			require.Equal(t, why == postgres.ParkedDisconnected, probed > 0, "only a line is tried")
		})
	}
}
