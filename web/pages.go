// Package web holds the pages for reps and managers. It knows HTML, and asks the API
// for everything else; it must not know the database, Temporal or what a rule means.
package web

import (
	"context"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/api"
	"github.com/rekindlehq/rekindle/internal/signin"
)

//go:embed static
var static embed.FS

//go:embed templates
var files embed.FS

var pages = template.Must(template.ParseFS(files, "templates/signin.html"))

// SignIn opens and ends sessions.
type SignIn interface {
	// Password opens a session. Errors: signin.ErrWrong, *signin.TooMany.
	Password(ctx context.Context, email, password, from string) (token string, err error)
	// Link opens a session with the token of a link. Errors: signin.ErrWrong.
	Link(ctx context.Context, link string) (token string, err error)
	// SingleSignOn opens a session for somebody whom the provider vouches for. Errors: signin.ErrNoUser.
	SingleSignOn(ctx context.Context, email string) (token string, err error)
	// Who tells whose session it is. Errors: signin.ErrWrong.
	Who(ctx context.Context, token string) (signin.Reader, error)
	// Out ends a session.
	Out(ctx context.Context, token string) error
	// OutEverywhere ends all sessions of a user.
	OutEverywhere(ctx context.Context, user uuid.UUID) (int64, error)
	// Sessions lists where a user is signed in.
	Sessions(ctx context.Context, user uuid.UUID) ([]signin.Session, error)
	// ChangePassword ends the sessions too. Errors: signin.ErrWrong, *signin.TooMany, *signin.Weak.
	ChangePassword(ctx context.Context, user uuid.UUID, old, password string) error
	// SetZone is in which zone a user's times are shown; "" is their browser's.
	SetZone(ctx context.Context, user uuid.UUID, zone string) error
}

// Pages are what reps and managers see. They ask the API for everything, in process
// and with the reader's session: so a page can do what the API can, and no more.
type Pages struct {
	API        http.Handler
	SignIn     SignIn
	Provider   *signin.Provider // of single sign-on; nil: none
	Now        func() time.Time // on the leads' clock
	Company    string
	TemporalUI string   // address of the Temporal UI's workflows, which an id completes; none: no link
	Secure     bool     // the world reaches the pages by https
	Proxies    []string // whose word counts about where a request comes from: addresses or CIDR
}

// Handler serves the pages, and leaves every other address to the API.
func (p *Pages) Handler() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	router.ContextWithFallback = true
	_ = router.SetTrustedProxies(p.Proxies) // they are checked when the process starts
	foreign := http.NewCrossOriginProtection()
	router.NoRoute(fromHere(foreign, signedIn), gin.WrapH(p.API))

	r := router.Group("/", recovered, safe, fromHere(foreign, always))
	r.GET("/static/:file", served)
	r.GET("/sign-in", p.signInPage)
	r.POST("/sign-in", p.signIn)
	r.GET("/sign-in/link", p.linkPage)
	r.POST("/sign-in/link", p.link)
	if p.Provider != nil {
		r.GET("/sign-in/sso", p.leave)
		r.GET("/sign-in/callback", p.arrive)
	}
	r.POST("/sign-out", p.signOut)
	r.GET("/", p.page(p.home))
	r.GET("/desk", p.page(p.desk))
	r.POST("/desk/tasks/:id/:act", p.page(p.work))
	r.POST("/desk/tasks/:id/:act/preview", p.page(p.foreseeWork))
	r.POST("/desk/notices/:id/:act", p.page(p.seen))
	r.POST("/desk/done", p.page(p.doneTogether))
	r.GET("/leads", p.page(p.leads))
	r.GET("/leads/:id", p.page(p.lead))
	r.POST("/leads/:id/:act", p.page(p.act))
	r.POST("/leads/:id/:act/preview", p.page(p.foreseeAct))
	r.GET("/board", p.page(p.board))
	r.GET("/board/:chart", p.page(p.boardCSV))
	r.GET("/batches", p.page(p.batches))
	r.POST("/batches", p.page(p.makeBatch))
	r.GET("/batches/:id", p.page(p.batch))
	r.POST("/batches/:id/:act", p.page(p.changeBatch))
	r.GET("/imports", p.page(p.imports))
	r.POST("/imports", p.page(p.takeImport))
	r.GET("/imports/:id", p.page(p.imported))
	r.POST("/imports/:id/:act", p.page(p.changeImport))
	r.GET("/audit", p.page(p.audit))
	r.GET("/hooks", p.page(p.sources))
	r.POST("/hooks", p.page(p.makeSource))
	r.GET("/hooks/:name", p.page(p.source))
	r.POST("/hooks/:name/:act", p.page(p.changeSource))
	r.GET("/hooks/:name/deliveries/:id", p.page(p.delivery))
	r.POST("/hooks/:name/deliveries/:id/again", p.page(p.deliverAgain))
	r.GET("/webhooks", p.page(p.webhooks))
	r.POST("/webhooks", p.page(p.makeWebhook))
	r.GET("/webhooks/:name", p.page(p.webhook))
	r.POST("/webhooks/:name/:act", p.page(p.changeWebhook))
	r.GET("/playbooks", p.manage(p.playbooks))
	r.GET("/playbooks/moves/:move", p.manage(p.move))
	r.GET("/playbooks/:id", p.manage(p.playbook))
	r.GET("/playbooks/:id/edit", p.manage(p.editPlaybook))
	r.POST("/playbooks/:id/edit", p.manage(p.takeDraft))
	r.POST("/playbooks/:id/:act", p.manage(p.changePlaybook))
	r.GET("/account", p.page(p.account))
	r.POST("/account/:act", p.page(p.changeAccount))
	return router
}

// fromHere refuses what another site lets a browser send, where that could do harm:
// to pages always, to the API when it comes with a session.
func fromHere(foreign *http.CrossOriginProtection, harmful func(*gin.Context) bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := foreign.Check(c.Request); err != nil && harmful(c) {
			c.AbortWithStatus(http.StatusForbidden)
		}
	}
}

func always(*gin.Context) bool { return true }

func signedIn(c *gin.Context) bool {
	_, err := c.Cookie(signin.Cookie)
	return err == nil
}

// safe keeps pages from loading or running anything that is not ours.
func safe(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

func recovered(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			if r == http.ErrAbortHandler { //nolint:errorlint // a value, not a chain: the server breaks the answer off
				panic(r)
			}
			slog.ErrorContext(c, "a page panicked", "route", c.FullPath(), "panic", r)
			c.AbortWithStatus(http.StatusInternalServerError)
		}
	}()
	c.Next()
}

// visit is one reader's request for a page.
type visit struct {
	*gin.Context
	pages  *Pages
	Reader signin.Reader
	zone   *time.Location // in which times are shown
	now    time.Time
}

// page lets those in who have signed in; the others are sent to sign in and come
// back. Whatever fails ends on a page that says what to do.
func (p *Pages) page(serve func(*visit) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		v, err := p.visit(c)
		if errors.Is(err, signin.ErrWrong) {
			c.Redirect(http.StatusSeeOther, "/sign-in?next="+next(c))
			return
		}
		if err == nil {
			err = serve(v)
		}
		if err != nil && !c.Writer.Written() {
			v.fail(err)
		}
	}
}

func (p *Pages) visit(c *gin.Context) (*visit, error) {
	v := &visit{Context: c, pages: p, now: p.Now(), zone: time.UTC}
	token, err := c.Cookie(signin.Cookie)
	if err != nil {
		return v, signin.ErrWrong
	}
	if v.Reader, err = p.SignIn.Who(c, token); err != nil {
		return v, err
	}
	name := v.Reader.Zone
	if name == "" {
		name, _ = c.Cookie("zone")
	}
	if zone, err := time.LoadLocation(name); err == nil && name != "Local" {
		v.zone = zone
	}
	return v, nil
}

// home is where a reader's day begins.
func (p *Pages) home(v *visit) error {
	if v.Reader.Role == api.Rep {
		v.Redirect(http.StatusSeeOther, "/desk")
	} else {
		v.Redirect(http.StatusSeeOther, "/board")
	}
	return nil
}
