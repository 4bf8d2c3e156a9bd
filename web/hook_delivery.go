package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/rekindlehq/rekindle/internal/hook"
)

// deliveryPage is one call of a service.
type deliveryPage struct {
	hook.View
	Source string
	Shown  string // what it brought, indented where it is JSON
}

func (p *Pages) delivery(v *visit) error { return p.deliveryWith(v, http.StatusOK, Said{}) }

func (p *Pages) deliveryWith(v *visit, status int, said Said) error {
	d := deliveryPage{Source: v.Param("name")}
	if err := v.get(deliveryAt(v), &d.View); err != nil {
		return err
	}
	var indented bytes.Buffer
	if d.Shown = d.Body; json.Indent(&indented, []byte(d.Body), "", "  ") == nil {
		d.Shown = indented.String()
	}
	return v.show(status, "delivery", "What "+d.Source+" reported", said, d)
}

// deliverAgain has it processed by the mapping as it is now.
func (p *Pages) deliverAgain(v *visit) error {
	if err := v.post(deliveryAt(v)+"/again", v.PostForm("once"), map[string]any{}, nil); err != nil {
		said, status, err := v.said("again", err)
		if err != nil {
			return err
		}
		return p.deliveryWith(v, status, said)
	}
	v.Redirect(http.StatusSeeOther, "/hooks/"+url.PathEscape(v.Param("name"))+"/deliveries/"+url.PathEscape(v.Param("id")))
	return nil
}

func deliveryAt(v *visit) string {
	return sourceAt(v.Param("name")) + "/deliveries/" + url.PathEscape(v.Param("id"))
}
