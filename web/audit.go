package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/rekindlehq/rekindle/api"
)

// auditSheet is who did what, as far as a manager asked.
type auditSheet struct {
	Actor, Kind, Lead string
	From, Until       string // as the form has them
	Automatic         bool
	Users             []api.Colleague
	Lines             []api.AuditLine
	Next              string
	File              string
}

func (p *Pages) audit(v *visit) error {
	d := auditSheet{
		Actor: v.Query("actor"), Kind: v.Query("kind"), Lead: v.Query("lead_id"), From: v.Query("from"), Until: v.Query("until"),
		Automatic: v.Query("automatic") != "" && v.Query("lead_id") != "",
	}
	q := url.Values{}
	for name, value := range map[string]string{"actor": d.Actor, "kind": d.Kind, "lead_id": d.Lead, "after": v.Query("after")} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if d.Automatic {
		q.Set("automatic", "true")
	}
	for name, value := range map[string]string{"from": d.From, "until": d.Until} {
		if at, err := time.ParseInLocation(formTime, value, v.zone); err == nil {
			q.Set(name, at.UTC().Format(time.RFC3339))
		}
	}
	var page api.AuditPage
	var users api.Colleagues
	err := v.get("/v1/audit?"+q.Encode(), &page)
	var refused *api.Problem
	if errors.As(err, &refused) && refused.Status == http.StatusUnprocessableEntity { // what was typed is still there
		err = nil
	} else {
		refused = nil
	}
	if err = errors.Join(err, v.get("/v1/users", &users)); err != nil {
		return err
	}
	d.Lines, d.Users = page.Lines, users.Users
	q.Del("after")
	d.File = "/v1/audit.csv?" + q.Encode()
	if page.Next != "" {
		again := v.Request.URL.Query()
		again.Set("after", page.Next)
		d.Next = "/audit?" + again.Encode()
	}
	status := http.StatusOK
	if refused != nil {
		status = refused.Status
	}
	return v.show(status, "audit", "Who did what", Said{Problem: refused}, d)
}
