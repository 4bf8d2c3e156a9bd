package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/rekindlehq/rekindle/internal/calendar"
	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
	"github.com/rekindlehq/rekindle/sequence"
)

// feedReaches is how far back a feed goes.
const feedReaches = 30 * 24 * time.Hour

// CalendarFeed is the secret address of a rep's calendar.
type CalendarFeed struct {
	URL string `json:"url" doc:"Subscribe to it in a calendar program; whoever knows it can read the calls. Shown once" example:"https://rekindle.example.com/calendar/3q2-7w.ics"`
}

// UserPath is the path of a user's own things.
type UserPath struct {
	User string `path:"user" doc:"Id of the user, or me: the user of the key"`
}

// calendars registers the feed of each rep's calls (R21). The new address is
// asked for by PUT: the answers of POSTs are kept, and this one is a secret.
func (a *API) calendars(api huma.API, router *gin.Engine) {
	noted(a, api, operation(http.MethodPut, "/users/{user}/calendar-feed", "renewCalendarFeed", "A new secret address for the calendar of a rep's calls; the one before it stops working", people...),
		"calendar_opened", func(in *UserPath, _ *body[CalendarFeed]) string { return in.User }, a.renewFeed)
	noted(a, api, operation(http.MethodDelete, "/users/{user}/calendar-feed", "revokeCalendarFeed", "Close the calendar of a rep's calls", people...),
		"calendar_closed", func(in *UserPath, _ *struct{}) string { return in.User }, a.revokeFeed)
	router.GET("/calendar/:file", a.feed)
}

func (a *API) renewFeed(ctx context.Context, in *UserPath) (*body[CalendarFeed], error) {
	user, err := calendarOwner(ctx, in.User)
	if err != nil {
		return nil, err
	}
	secret, err := a.Store.RenewCalendar(ctx, user)
	if err != nil {
		return nil, err
	}
	return reply(CalendarFeed{URL: FeedURL(a.PublicURL, secret)}), nil
}

func (a *API) revokeFeed(ctx context.Context, in *UserPath) (*struct{}, error) {
	user, err := calendarOwner(ctx, in.User)
	if err != nil {
		return nil, err
	}
	return nil, a.Store.RevokeCalendar(ctx, user)
}

// FeedURL is the address of a feed on a server.
func FeedURL(public, secret string) string {
	return strings.TrimSuffix(public, "/") + "/calendar/" + secret + ".ics"
}

// calendarOwner is whose feed is meant. A rep has one of their own; managers see
// to everybody's.
func calendarOwner(ctx context.Context, name string) (uuid.UUID, error) {
	c := callerOf(ctx)
	if name == "me" {
		if c.User == nil {
			return uuid.Nil, problem(http.StatusConflict, "key_of_nobody", "this key belongs to no user, so it has no calendar", "name the user, or use a key made with --user")
		}
		return *c.User, nil
	}
	user, err := uuid.Parse(name)
	if err != nil || c.Role == Rep && (c.User == nil || *c.User != user) {
		return uuid.Nil, postgres.ErrNotFound
	}
	return user, nil
}

// feed serves a rep's calls to whoever knows the address: calendar programs send
// no key.
func (a *API) feed(c *gin.Context) {
	secret, named := strings.CutSuffix(c.Param("file"), ".ics")
	user, err := a.Store.UserByCalendarHash(c, postgres.CalendarHash(secret))
	if !named || errors.Is(err, pgx.ErrNoRows) {
		writeProblem(c, problem(http.StatusNotFound, "no_such_calendar", "there is no calendar at this address, or no longer", "ask for a new address: rekindle user calendar, or PUT /v1/users/me/calendar-feed"))
		return
	}
	var calls []db.CalendarOfRow
	if err == nil {
		calls, err = a.Store.CalendarOf(c, db.CalendarOfParams{OwnerID: user.ID, Since: a.now().Add(-feedReaches)})
	}
	if err != nil {
		var p *Problem
		if errors.As(fail(c, err), &p) {
			writeProblem(c, p)
		}
		return
	}
	entries := make([]calendar.Entry, len(calls))
	for i, call := range calls {
		entries[i] = entryOf(call)
	}
	content := calendar.Feed("Calls of "+user.Name, entries)
	sum := sha256.Sum256([]byte(content))
	c.Header("Content-Type", "text/calendar; charset=utf-8")
	c.Header("Content-Disposition", `inline; filename="calls.ics"`)
	c.Header("Cache-Control", "private, no-cache") // ask every time; mostly nothing has changed
	c.Header("ETag", `"`+base64.RawURLEncoding.EncodeToString(sum[:])+`"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, strings.NewReader(content))
}

// entryOf is a call as its owner reads it in the calendar.
func entryOf(call db.CalendarOfRow) calendar.Entry {
	e := calendar.Entry{
		UID: call.CallUid, Seq: int(call.CallSeq), At: call.DueAt, Stamp: call.CreatedAt, Description: call.Prompt,
		Summary: strings.TrimSpace("Call " + call.Name),
	}
	if e.UID == "" {
		e.UID = "task-" + call.ID.String()
	}
	if call.Account != "" {
		e.Summary += " (" + call.Account + ")"
	}
	switch answerTo(call) {
	case sequence.Accepted:
		e.Description += "\nThey accepted the invitation."
	case sequence.Tentative:
		e.Description, e.Tentative = e.Description+"\nThey may come.", true
	case sequence.Countered:
		e.Description, e.Tentative = e.Description+"\nThey propose another time.", true
	case sequence.Declined:
	}
	return e
}

// answerTo is what was said to the invitation; empty when nothing was.
func answerTo(call db.CalendarOfRow) sequence.InvitationAnswer {
	to := ""
	if call.PersonID != call.LeadPersonID {
		to = call.PersonID.String()
	}
	var invited []sequence.Invitation
	if json.Unmarshal(call.Invited, &invited) != nil {
		return ""
	}
	for _, i := range invited {
		if i.UID == call.CallUid && i.Seq == int(call.CallSeq) && i.To == to {
			return i.Answer
		}
	}
	return ""
}
