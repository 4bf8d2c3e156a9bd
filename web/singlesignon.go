package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/rekindlehq/rekindle/internal/signin"
)

// tripCookie is kept while somebody is at the single sign-on.
const (
	tripCookie = "rekindle_trip"
	tripLasts  = 10 * time.Minute
)

// leave sends somebody to the company's single sign-on.
func (p *Pages) leave(c *gin.Context) {
	address, trip, err := p.Provider.Begin(c, c.Query("next"))
	if err != nil {
		slog.ErrorContext(c, "single sign-on does not answer", "error", err)
		p.entrance(c, http.StatusServiceUnavailable, entrance{Problem: "The single sign-on does not answer. Try again in a moment, or use your password."})
		return
	}
	packed, err := json.Marshal(trip)
	if err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	p.keepTrip(c, base64.RawURLEncoding.EncodeToString(packed), int(tripLasts.Seconds()))
	c.Redirect(http.StatusSeeOther, address)
}

func (p *Pages) keepTrip(c *gin.Context, value string, age int) {
	http.SetCookie(c.Writer, &http.Cookie{
		Name: tripCookie, Value: value, Path: "/sign-in/", MaxAge: age, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// arrive takes who comes back from there.
func (p *Pages) arrive(c *gin.Context) {
	var trip signin.Trip
	if kept, err := c.Cookie(tripCookie); err == nil {
		packed, _ := base64.RawURLEncoding.DecodeString(kept)
		_ = json.Unmarshal(packed, &trip) // what is not ours has no state, and is refused
	}
	p.keepTrip(c, "", -1)
	email, err := p.Provider.Identity(c, trip, c.Query("state"), c.Query("code"))
	if err != nil {
		slog.WarnContext(c, "single sign-on failed", "error", err)
		p.entrance(c, http.StatusUnprocessableEntity, entrance{Problem: "The single sign-on did not come to its end. Try it again from here."})
		return
	}
	token, err := p.SignIn.SingleSignOn(c, email)
	if errors.Is(err, signin.ErrNoUser) {
		p.entrance(c, http.StatusForbidden, entrance{Problem: "You are who you say, but nobody of that address works here yet. Ask an administrator."})
		return
	}
	p.enter(c, token, trip.Next, err)
}
