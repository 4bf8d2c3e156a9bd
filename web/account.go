package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/signin"
)

// account is what somebody can change about themself.
type account struct {
	Sessions []signin.Session
	Zone     string
}

func (p *Pages) account(v *visit) error { return p.accountWith(v, http.StatusOK, Said{}) }

func (p *Pages) accountWith(v *visit, status int, said Said) error {
	sessions, err := p.SignIn.Sessions(v, v.Reader.User)
	if err != nil {
		return err
	}
	return v.show(status, "account", "Your account", said, account{sessions, v.Reader.Zone})
}

func (p *Pages) changeAccount(v *visit) error {
	var err error
	switch v.Param("act") {
	case "password":
		err = p.SignIn.ChangePassword(v, v.Reader.User, v.PostForm("old"), v.PostForm("password"))
	case "zone":
		zone := v.PostForm("zone")
		if _, unknown := time.LoadLocation(zone); unknown != nil || zone == "Local" {
			err = &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "there is no such time zone", Remedy: "give its IANA name, such as Europe/Berlin, or leave it empty"}
			break
		}
		if err = p.SignIn.SetZone(v, v.Reader.User, zone); err == nil {
			v.Redirect(http.StatusSeeOther, "/account")
			return nil
		}
	case "sign-out":
		_, err = p.SignIn.OutEverywhere(v, v.Reader.User)
	default:
		err = &api.Problem{Status: http.StatusNotFound, Detail: "there is nothing here"}
	}
	if err == nil { // every session is over, this one too
		v.Redirect(http.StatusSeeOther, "/sign-in")
		return nil
	}
	said, status, err := v.said(v.Param("act"), changed(err))
	if err != nil {
		return err
	}
	said.Form = nil // passwords are typed again
	return p.accountWith(v, status, said)
}

// changed says why a password stays as it is.
func changed(err error) error {
	var many *signin.TooMany
	var weak *signin.Weak
	switch {
	case errors.Is(err, signin.ErrWrong):
		return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: "that is not your present password", Remedy: "type it again, or ask an administrator for a link"}
	case errors.As(err, &many):
		return &api.Problem{Status: http.StatusTooManyRequests, Detail: many.Error()}
	case errors.As(err, &weak):
		return &api.Problem{Status: http.StatusUnprocessableEntity, Detail: weak.Error()}
	}
	return err
}
