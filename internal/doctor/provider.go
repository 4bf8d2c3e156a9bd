package doctor

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// provider is what is known of a mail service by its submission server's name.
type provider struct {
	name      string
	spf       string   // the term that lets it send for a domain
	selectors []string // under which it publishes keys when DKIM is switched on
	login     string   // what its customers miss most
	dkim      string   // where DKIM is switched on
}

// providers by the end of their submission server's name.
var providers = map[string]provider{
	"gmail.com": {
		"Google", "include:_spf.google.com",
		[]string{"google"},
		"Switch on 2-Step Verification and use an app password from https://myaccount.google.com/apppasswords instead of the account's password.",
		"Google Admin console: Apps, Google Workspace, Gmail, Authenticate email: generate the record, publish it, start authentication.",
	},
	"office365.com": {
		"Microsoft 365", "include:spf.protection.outlook.com",
		[]string{"selector1", "selector2"},
		"Switch on \"Authenticated SMTP\" for the mailbox (Microsoft 365 admin center: Users, Mail, Manage email apps); accounts with multi-factor sign-in need an app password.",
		"Microsoft Defender portal: Email authentication settings, DKIM: publish the two CNAME records shown there, then enable signing.",
	},
	"fastmail.com": {
		"Fastmail", "include:spf.messagingengine.com",
		[]string{"fm1", "fm2", "fm3"},
		"Use an app password (Settings, Privacy & Security) instead of the account's password.",
		"Fastmail: Settings, Domains: publish the three CNAME records shown there.",
	},
	"amazonaws.com": {
		"Amazon SES", "include:amazonses.com", nil,
		"Use SMTP credentials made in the SES console, not an access key, and those of this region.",
		"SES console: Verified identities: publish the CNAME records of Easy DKIM.",
	},
	"sendgrid.net": {
		"SendGrid", "include:sendgrid.net",
		[]string{"s1", "s2"},
		"Log in as user apikey with an API key that may send mail.", "SendGrid: Settings, Sender Authentication.",
	},
	"mailgun.org": {
		"Mailgun", "include:mailgun.org", nil,
		"Use the SMTP credentials of this sending domain.", "Mailgun: Sending, Domains, DNS records.",
	},
}

func providerOf(host string) provider {
	for suffix, p := range providers {
		if within(host, suffix) {
			return p
		}
	}
	return provider{}
}

func (p provider) loginRemedy() string {
	if p.login != "" {
		return p.login
	}
	return "Correct user and password in the server's address, with special characters percent-encoded (@ is %40); where sign-in has a second factor, use an app password."
}

func (p provider) dkimRemedy() string {
	if p.dkim != "" {
		return p.dkim
	}
	return "Switch DKIM signing on at your mail service and publish the record that it shows; or give the mailbox a DKIM key, and mail is signed here."
}

// freeMail are services whose addresses belong to everybody; their domains are not the
// customers'. One that is missing is examined as an ordinary domain.
var freeMail = strings.Fields(`gmail.com googlemail.com outlook.com outlook.de outlook.fr hotmail.com hotmail.co.uk hotmail.de
	hotmail.fr hotmail.it live.com live.co.uk live.de msn.com yahoo.com yahoo.co.uk yahoo.co.jp yahoo.de yahoo.fr yahoo.it ymail.com
	rocketmail.com aol.com icloud.com me.com mac.com gmx.com gmx.de gmx.net gmx.at gmx.ch web.de freenet.de t-online.de mail.com
	proton.me protonmail.com pm.me tutanota.com tuta.com fastmail.com hey.com zohomail.com mail.ru bk.ru list.ru inbox.ru yandex.ru
	yandex.com ya.ru rambler.ru qq.com foxmail.com 163.com 126.com sina.com naver.com daum.net orange.fr wanadoo.fr free.fr sfr.fr
	laposte.net libero.it virgilio.it tin.it alice.it bluewin.ch wp.pl o2.pl onet.pl interia.pl seznam.cz ukr.net rediffmail.com
	uol.com.br bol.com.br terra.com.br comcast.net verizon.net att.net sbcglobal.net cox.net btinternet.com sky.com virginmedia.com`)

// organisation is the domain that an organisation registered; the name itself where it
// is a public suffix.
func organisation(domain string) string {
	org, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		return domain
	}
	return org
}

func within(name, suffix string) bool {
	return name == suffix || strings.HasSuffix(name, "."+suffix)
}
