package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/rekindlehq/rekindle/internal/signin"
)

// entrance is what the page says on which one signs in.
type entrance struct {
	Company string
	Sso     bool
	Email   string
	Next    string
	Link    string // the token of a link
	Problem string
}

// next is the page that was asked for, to come back to.
func next(c *gin.Context) string {
	if c.Request.Method != http.MethodGet || c.Request.URL.Path == "/" {
		return ""
	}
	return url.QueryEscape(c.Request.URL.RequestURI())
}

// own is an address of ours, or the first page: nobody is sent elsewhere.
func own(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.Contains(address, "\\") {
		return "/"
	}
	return address
}

func (p *Pages) signInPage(c *gin.Context) {
	p.entrance(c, http.StatusOK, entrance{Next: c.Query("next")})
}

func (p *Pages) entrance(c *gin.Context, status int, e entrance) {
	e.Company, e.Sso = p.Company, p.Provider != nil
	c.Status(status)
	c.Header("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(c.Writer, "signin.html", e); err != nil {
		slog.ErrorContext(c, "a page failed", "route", c.FullPath(), "error", err)
	}
}

func (p *Pages) signIn(c *gin.Context) {
	e := entrance{Email: c.PostForm("email"), Next: c.PostForm("next")}
	token, err := p.SignIn.Password(c, e.Email, c.PostForm("password"), c.ClientIP())
	var many *signin.TooMany
	switch {
	case errors.As(err, &many):
		e.Problem = "Too many attempts failed. Wait until " + many.Until.UTC().Format("15:04 MST") + ", or ask an administrator for a link."
		p.entrance(c, http.StatusTooManyRequests, e)
	case errors.Is(err, signin.ErrWrong):
		e.Problem = "Address and password do not belong together."
		p.entrance(c, http.StatusUnprocessableEntity, e)
	default:
		p.enter(c, token, e.Next, err)
	}
}

// linkPage asks before it takes the link, which works once: programs that look at
// what is in a mail do not press buttons.
func (p *Pages) linkPage(c *gin.Context) {
	if token, err := c.Cookie(signin.Cookie); err == nil {
		if _, err := p.SignIn.Who(c, token); err == nil {
			c.Redirect(http.StatusSeeOther, "/")
			return
		}
	}
	p.entrance(c, http.StatusOK, entrance{Link: c.Query("token")})
}

func (p *Pages) link(c *gin.Context) {
	token, err := p.SignIn.Link(c, c.PostForm("token"))
	if errors.Is(err, signin.ErrWrong) {
		p.entrance(c, http.StatusUnprocessableEntity, entrance{Problem: "This link was used, or is too old. Ask for another one, or sign in with your password."})
		return
	}
	p.enter(c, token, "", err)
}

// enter gives the browser its session.
func (p *Pages) enter(c *gin.Context, token, next string, err error) {
	if err != nil {
		slog.ErrorContext(c, "nobody can sign in", "error", err)
		p.entrance(c, http.StatusServiceUnavailable, entrance{Next: next, Problem: "That did not work on our side. Try again in a moment."})
		return
	}
	http.SetCookie(c.Writer, &http.Cookie{
		Name: signin.Cookie, Value: token, Path: "/", MaxAge: int(signin.Lasts.Seconds()), HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode,
	})
	c.Redirect(http.StatusSeeOther, own(next))
}

func (p *Pages) signOut(c *gin.Context) {
	if token, err := c.Cookie(signin.Cookie); err == nil {
		if err := p.SignIn.Out(c, token); err != nil {
			slog.ErrorContext(c, "a session cannot be ended", "error", err)
			p.entrance(c, http.StatusServiceUnavailable, entrance{Problem: "You are still signed in: the database does not answer. Try again in a moment."})
			return
		}
	}
	http.SetCookie(c.Writer, &http.Cookie{Name: signin.Cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode})
	c.Redirect(http.StatusSeeOther, "/sign-in")
}
