package received

import (
	"net/mail"
	"strings"
	"time"

	"github.com/jhillyerd/enmime/v2"
)

func (m *Message) fillHeader(t *taken) {
	m.MessageID = first(messageIDs(t.header.Get("Message-Id"), 1))
	m.InReplyTo = messageIDs(t.header.Get("In-Reply-To"), maxIDs)
	m.References = messageIDs(t.header.Get("References"), maxIDs)
	m.Subject = t.decodeWords(t.header.Get("Subject"))
	if from := t.addresses("From"); len(from) > 0 {
		m.From = from[0]
	}
	m.To, m.Cc = t.addresses("To"), t.addresses("Cc")
	if path := t.addresses("Return-Path"); len(path) > 0 {
		m.ReturnPath = path[0].Email
	}
	m.Date = t.date()
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

var messageID = lazily(`<([^<>\s]{1,500})>`)

// messageIDs reads a list of message ids. The newest ones, at the end, are the
// ones kept when there are more than most. Bare ids without <> count too.
func messageIDs(value string, most int) []string {
	value = readable(value)
	var ids []string
	for _, found := range messageID().FindAllStringSubmatch(value, -1) {
		ids = append(ids, found[1])
	}
	if ids == nil {
		for _, word := range strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" \t\n,;<>", r) }) {
			if strings.Contains(word, "@") && len(word) <= 500 {
				ids = append(ids, word)
			}
		}
	}
	return ids[max(0, len(ids)-most):]
}

// addresses reads an address header as well as it can be read: by the rules,
// and where those are broken by looking for anything like an address.
func (t *taken) addresses(header string) []Address {
	value := strings.Join(t.header.Values(header), ", ")
	if strings.TrimSpace(value) == "" {
		return nil
	}
	if len(value) > maxHeader {
		t.damage.note("a header is too long and was cut off")
		value = clip(value, maxHeader)
	}
	var all []Address
	list, err := enmime.ParseAddressList(value)
	if err == nil {
		for _, a := range list {
			all = append(all, address(t.decodeWords(a.Name), a.Address))
		}
	} else {
		all = likeAddresses(t.decodeWords(value))
		if header != "Return-Path" {
			t.damage.note("header " + header + " is malformed")
		}
	}
	return all[:min(len(all), maxAddresses)]
}

func address(name, email string) Address {
	email = strings.Trim(strings.Join(strings.Fields(readable(email)), ""), "'")
	if at := strings.LastIndexByte(email, '@'); at >= 0 {
		email = email[:at] + strings.ToLower(email[at:])
	}
	return Address{Name: clip(strings.Trim(oneLine(name), `"' `), 300), Email: clip(email, 320)}
}

var likeAddress = lazily(`([^<>,;:"\n]{0,200}?)"?\s*<?([\pL\pN._%+&'*/=?^{|}~#!$-]{1,64}@[\pL\pN](?:[\pL\pN.-]{0,252}[\pL\pN])?)>?`)

func likeAddresses(value string) []Address {
	var all []Address
	for _, found := range likeAddress().FindAllStringSubmatch(value, maxAddresses) {
		all = append(all, address(found[1], found[2]))
	}
	return all
}

// dateForms are those that the library does not take but senders write.
var dateForms = []string{
	"Mon, 2 Jan 2006 15:04:05", "2 Jan 2006 15:04:05", "Mon Jan _2 15:04:05 2006", "Mon Jan _2 15:04:05 MST 2006",
	"Mon, 2 Jan 2006 15:04:05 GMT-0700", "Mon, 2 Jan 2006 15:04:05 GMT-07:00", "Mon, 2 Jan 2006 15:04:05 -07:00",
	"2006-01-02 15:04:05 -0700", time.RFC3339,
}

func (t *taken) date() time.Time {
	value := oneLine(clip(t.header.Get("Date"), 200))
	if value == "" {
		t.damage.note("header Date is missing")
		return time.Time{}
	}
	if date, err := mail.ParseDate(value); err == nil {
		return date
	}
	if comment := strings.IndexByte(value, '('); comment > 0 {
		value = strings.TrimSpace(value[:comment])
	}
	for _, form := range dateForms {
		if date, err := time.Parse(form, value); err == nil {
			return date
		}
	}
	t.damage.note("header Date is unreadable")
	return time.Time{}
}
