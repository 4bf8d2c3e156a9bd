package mailroom

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/mail"
	"github.com/rekindlehq/rekindle/internal/mailbox"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// Settings are a mailbox as a person gives it. Secrets are given and never shown:
// where a change leaves them out, they stay as they are.
type Settings struct {
	Address       string       `json:"address" maxLength:"254" doc:"Address that mail goes out from and comes in to" example:"robin@example.com"`
	Sender        string       `json:"sender,omitempty" maxLength:"200" doc:"Name beside the address; the owner's if left out"`
	User          string       `json:"user,omitempty" maxLength:"254" doc:"Address of the user whose mailbox it is; shared if left out"`
	Inquiries     bool         `json:"inquiries,omitempty" doc:"Mail from people who are no leads begins one (info_request)"`
	Signature     string       `json:"signature,omitempty" maxLength:"2000" doc:"Lines below the text; name and company if left out"`
	PostalAddress string       `json:"postal_address,omitempty" maxLength:"500" doc:"Below every mail; the company's if left out"`
	Zone          string       `json:"time_zone" maxLength:"64" doc:"IANA time zone by which its days are counted" example:"Europe/Berlin"`
	Hours         string       `json:"hours,omitempty" maxLength:"100" doc:"When it sends; whenever the recipient may be reached if left out" example:"mon-fri 08:00-18:00"`
	Daily         int          `json:"daily_limit,omitempty" minimum:"1" maximum:"100000" default:"50" doc:"Mails a day"`
	Gap           int          `json:"gap_seconds,omitempty" minimum:"0" maximum:"86400" default:"90" doc:"Seconds from one mail to the next, at least"`
	RampFrom      int          `json:"ramp_from,omitempty" minimum:"0" maximum:"100000" doc:"Limit of the first day of a new mailbox; no ramp if left out"`
	RampStep      int          `json:"ramp_step,omitempty" minimum:"0" maximum:"100000" doc:"So many more on each day after it"`
	SMTP          string       `json:"smtp_url,omitempty" maxLength:"1000" doc:"Submission server with user and password; never shown" example:"smtps://robin:secret@mail.example.com"`
	IMAP          string       `json:"imap_url,omitempty" maxLength:"1000" doc:"Server that is watched for answers; never shown" example:"imaps://robin:secret@mail.example.com"`
	DKIM          *DKIMSetting `json:"dkim,omitempty" doc:"Signs mail here, where the submission server does not"`
}

// DKIMSetting is the key that signs.
type DKIMSetting struct {
	Domain   string `json:"domain" maxLength:"253"`
	Selector string `json:"selector" maxLength:"63"`
	Key      string `json:"key" maxLength:"10000" doc:"Private key, PEM; never shown"`
}

// Fault is one thing that is wrong with settings.
type Fault struct{ Field, Says string }

// Faults are all that is wrong with settings.
type Faults []Fault

func (f Faults) Error() string {
	var all []string
	for _, x := range f {
		all = append(all, x.Field+" "+x.Says)
	}
	return strings.Join(all, "; ")
}

var nameOfMailbox = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Save makes the mailbox of a name, or changes it. Faults say what is wrong, and
// nothing is changed then.
func (r Room) Save(ctx context.Context, name string, s Settings) (db.Mailbox, error) {
	row, err := r.Store.MailboxByName(ctx, name)
	isNew := errors.Is(err, pgx.ErrNoRows)
	if err != nil && !isNew {
		return row, fmt.Errorf("read mailbox %s: %w", name, err)
	}
	var c mailbox.Connections
	if isNew {
		row = db.Mailbox{ID: uuid.New(), Name: name, CreatedAt: r.Now()}
	} else if c, err = r.Seal.Open(row.ID, row.Sealed); err != nil {
		return row, fmt.Errorf("open mailbox %s: %w", name, err)
	}
	faults := s.fill(&row, &c)
	if !nameOfMailbox.MatchString(name) {
		faults = append(faults, Fault{"name", "may have small letters, digits, - and _, at most 63"})
	}
	row.UserID = nil
	if s.User != "" {
		u, err := r.Store.UserByEmail(ctx, strings.ToLower(s.User))
		if errors.Is(err, pgx.ErrNoRows) {
			faults = append(faults, Fault{"user", "is no active user's address; see rekindle user list"})
		} else if err != nil {
			return row, fmt.Errorf("find the mailbox's user: %w", err)
		}
		row.UserID = &u.ID
	}
	if len(faults) > 0 {
		return row, faults
	}
	if row.RampFrom > 0 && row.RampSince == nil {
		now := r.Now()
		row.RampSince = &now
	}
	if row.Sealed, err = r.Seal.Close(row.ID, c); err != nil {
		return row, err
	}
	row, err = r.Store.SaveMailbox(ctx, db.SaveMailboxParams{
		ID: row.ID, Name: row.Name, Address: row.Address, Sender: row.Sender, UserID: row.UserID, Inquiries: row.Inquiries,
		Signature: row.Signature, PostalAddress: row.PostalAddress, Zone: row.Zone, Hours: row.Hours, DailyLimit: row.DailyLimit,
		GapSeconds: row.GapSeconds, RampFrom: row.RampFrom, RampStep: row.RampStep, RampSince: row.RampSince, Sealed: row.Sealed, CreatedAt: row.CreatedAt,
	})
	if err = postgres.Translate(err); errors.Is(err, postgres.ErrTaken) {
		return row, Faults{{"address", "belongs to another mailbox"}}
	}
	return row, err
}

// fill brings the settings into a row and its secrets.
func (s Settings) fill(row *db.Mailbox, c *mailbox.Connections) (faults Faults) {
	fault := func(field, says string) { faults = append(faults, Fault{field, says}) }
	a, err := netmail.ParseAddress(s.Address)
	if err != nil || a.Name != "" {
		fault("address", "is not an email address; write it as robin@example.com")
	} else {
		row.Address = strings.ToLower(a.Address)
	}
	row.Sender, row.Inquiries, row.Signature, row.PostalAddress = oneLine(s.Sender), s.Inquiries, strings.TrimSpace(s.Signature), oneLine(s.PostalAddress)
	if row.Zone = s.Zone; s.Zone == "" {
		fault("time_zone", "is missing; write it as Europe/Berlin")
	} else if _, ok := sequence.LoadZone(s.Zone); !ok {
		fault("time_zone", "is not an IANA time zone; write it as Europe/Berlin")
	}
	if row.Hours = s.Hours; s.Hours != "" {
		if err := new(sequence.Window).UnmarshalText([]byte(s.Hours)); err != nil {
			fault("hours", err.Error())
		}
	}
	row.DailyLimit, row.GapSeconds = int32(s.Daily), int32(s.Gap)
	row.RampFrom, row.RampStep = int32(s.RampFrom), int32(s.RampStep)
	if s.Daily < 1 {
		fault("daily_limit", "is missing: how many mails a day, at least 1")
	}
	if s.RampFrom > 0 && s.RampStep == 0 && s.RampFrom < s.Daily {
		fault("ramp_step", "is missing: a ramp that begins below the daily limit must grow")
	}
	return append(faults, s.connect(c)...)
}

// connect replaces the secrets that are given.
func (s Settings) connect(c *mailbox.Connections) (faults Faults) {
	if s.SMTP != "" {
		if _, err := mail.ParseServer(s.SMTP); err != nil {
			faults = append(faults, Fault{"smtp_url", "is not a mail server's address; write smtp://user:password@host:587 or smtps://user:password@host:465"})
		}
		c.SMTP = s.SMTP
	}
	if s.IMAP != "" {
		u, err := url.Parse(s.IMAP)
		if err != nil || u.Hostname() == "" || u.User.Username() == "" || !slices.Contains([]string{"imap", "imaps"}, u.Scheme) {
			faults = append(faults, Fault{"imap_url", "is not a mail server's address; write imaps://user:password@host:993 or imap://user:password@host:143"})
		}
		c.IMAP = s.IMAP
	}
	if d := s.DKIM; d != nil {
		if _, err := mail.ParseKey(d.Key); err != nil {
			faults = append(faults, Fault{"dkim.key", err.Error()})
		}
		if d.Domain == "" || d.Selector == "" {
			faults = append(faults, Fault{"dkim", "needs a domain and a selector"})
		}
		c.DKIM = &mailbox.DKIM{Domain: strings.ToLower(d.Domain), Selector: d.Selector, Key: d.Key}
	}
	return faults
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// Status is a mailbox and how it fares. It shows no secrets.
type Status struct {
	Name         string     `json:"name"`
	Address      string     `json:"address"`
	Sender       string     `json:"sender,omitempty"`
	User         *uuid.UUID `json:"user_id,omitempty" doc:"Whose it is; shared if left out"`
	Inquiries    bool       `json:"inquiries"`
	Zone         string     `json:"time_zone"`
	Hours        string     `json:"hours,omitempty"`
	Limit        int        `json:"limit_today" doc:"Mails it may send today, ramp included"`
	Daily        int        `json:"daily_limit"`
	Gap          int        `json:"gap_seconds"`
	Used         int        `json:"used_today"`
	Planned      int        `json:"planned" doc:"Mails that have a slot"`
	Waiting      int        `json:"waiting" doc:"Leads that wait for it"`
	Parked       string     `json:"parked,omitempty" enum:"login,disconnected,provider_limit,bounces,complaints,manual" doc:"Why it sends nothing"`
	ParkedDetail string     `json:"parked_detail,omitempty"`
	ParkedAt     *time.Time `json:"parked_at,omitempty"`
	Watched      *time.Time `json:"watched_since,omitempty" doc:"Since when its inbox is watched"`
	WatchError   string     `json:"watch_error,omitempty"`
}

// Statuses lists the mailboxes and how they fare.
func (r Room) Statuses(ctx context.Context) ([]Status, error) {
	rows, err := r.Store.MailboxRows(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the mailboxes: %w", err)
	}
	now, all := r.Now(), []Status{}
	for _, row := range rows {
		m, err := postgres.MailboxOf(row)
		if err != nil {
			return nil, err
		}
		since := m.Limits.DayOf(now)
		use, err := r.Store.MailboxUse(ctx, db.MailboxUseParams{ID: row.ID, At: &now, Since: &since})
		if err != nil {
			return nil, fmt.Errorf("read the use of mailbox %s: %w", row.Name, err)
		}
		all = append(all, Status{
			Name: row.Name, Address: row.Address, Sender: row.Sender, User: row.UserID, Inquiries: row.Inquiries, Zone: row.Zone, Hours: row.Hours,
			Limit: m.Limits.On(now), Daily: m.Limits.Daily, Gap: int(row.GapSeconds), Used: int(use.Used), Planned: int(use.Planned), Waiting: int(use.Waiting),
			Parked: row.Parked, ParkedDetail: row.ParkedDetail, ParkedAt: row.ParkedAt, Watched: use.ConnectedAt, WatchError: use.Error,
		})
	}
	return all, nil
}

// ErrNoMailbox: there is none of that name. Returned by Park and Resume.
var ErrNoMailbox = errors.New("there is no mailbox of this name; rekindle mailbox list shows them")

// Park stops a mailbox by hand; its leads wait with that reason.
func (r Room) Park(ctx context.Context, name, why string) error {
	row, err := r.byName(ctx, name)
	if err != nil {
		return err
	}
	_, err = r.Store.ParkMailbox(ctx, row.ID, postgres.ParkedByHand, cmp.Or(oneLine(why), "parked by hand"), r.Now())
	return err
}

// Resume lets a mailbox send again; how many touches got a slot is returned.
func (r Room) Resume(ctx context.Context, name string) (int, error) {
	row, err := r.byName(ctx, name)
	if err != nil {
		return 0, err
	}
	return r.Store.ResumeMailbox(ctx, row.ID, r.Now())
}

func (r Room) byName(ctx context.Context, name string) (db.Mailbox, error) {
	row, err := r.Store.MailboxByName(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return row, ErrNoMailbox
	}
	return row, err
}

// Connections opens the secrets of a mailbox.
func (r Room) Connections(ctx context.Context, id string) (mailbox.Connections, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return mailbox.Connections{}, fmt.Errorf("read the id of a mailbox: %w", err)
	}
	row, err := r.Store.MailboxRow(ctx, u)
	if err != nil {
		return mailbox.Connections{}, fmt.Errorf("read mailbox %s: %w", id, err)
	}
	return r.Seal.Open(row.ID, row.Sealed)
}

// Tend resumes the mailboxes that are parked for a reason that passes by itself: a
// server that can be reached again, a provider's limit on the next day.
func (r Room) Tend(ctx context.Context) error {
	rows, err := r.Store.MailboxRows(ctx)
	if err != nil {
		return fmt.Errorf("read the mailboxes: %w", err)
	}
	var problems []error
	for _, row := range rows {
		if over, err := r.isOver(ctx, row); err != nil || !over {
			problems = append(problems, err)
			continue
		}
		_, err := r.Store.ResumeMailbox(ctx, row.ID, r.Now())
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

func (r Room) isOver(ctx context.Context, row db.Mailbox) (bool, error) {
	switch row.Parked {
	case postgres.ParkedLimit:
		m, err := postgres.MailboxOf(row)
		return err == nil && m.Limits.DayOf(r.Now()).After(*row.ParkedAt), err
	case postgres.ParkedDisconnected:
		c, err := r.Seal.Open(row.ID, row.Sealed)
		if err != nil {
			return false, fmt.Errorf("open mailbox %s: %w", row.Name, err)
		}
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		return r.Probe(ctx, c.SMTP) == nil, nil
	}
	return false, nil
}
