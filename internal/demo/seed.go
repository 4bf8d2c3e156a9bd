package demo

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/rekindlehq/rekindle/internal/postgres"
	"github.com/rekindlehq/rekindle/internal/postgres/db"
)

// You is the rep whose leads nobody plays: their calls wait for the person at
// the keyboard.
const You = "you@rekindle.example"

var team = []db.InsertUserParams{
	{Name: "Alex You", Email: You, Role: "rep"},
	{Name: "Robin Reyes", Email: "robin@rekindle.example", Role: "rep"},
	{Name: "Kim Olsen", Email: "kim@rekindle.example", Role: "rep"},
	{Name: "Morgan Diaz", Email: "morgan@rekindle.example", Role: "manager"},
}

type newcomer struct {
	name, email, account, phone, zone, country, source, detail string
	amount                                                     int64
}

var newcomers = []newcomer{
	{"Ann Lee", "ann@acme.example", "Acme", "+493012345601", "Europe/Berlin", "DE", "ebook_download", "Ten ways to lose a lead", 1200000},
	{"Bo Chen", "bo@birch.example", "Birch", "+442071234502", "Europe/London", "GB", "webinar_attended", "Follow-up in practice", 800000},
	{"Cara Diaz", "cara@cobalt.example", "Cobalt", "+12125550103", "America/New_York", "US", "booth_visit", "Spring fair", 2500000},
	{"Dov Katz", "dov@delta.example", "Delta", "+12125550104", "America/New_York", "US", "conference_networking", "SaaS Days", 400000},
	{"Eva Novak", "eva@elm.example", "Elm", "+420212345605", "Europe/Prague", "CZ", "newsletter_click", "Price list", 300000},
	{"Finn Berg", "finn@fjord.example", "Fjord", "+4721234506", "Europe/Oslo", "NO", "site_chat", "Asked for a demo", 900000},
	{"Gita Rao", "gita@garnet.example", "Garnet", "+442071234507", "Europe/London", "GB", "site_visit", "Pricing page", 150000},
	{"Hugo Roy", "hugo@harbor.example", "Harbor", "+33123456708", "Europe/Paris", "FR", "crm_dormant", "Talked two years ago", 1100000},
	{"Ida Holm", "ida@iris.example", "Iris", "+4533123409", "Europe/Copenhagen", "DK", "rfp_past", "Tender 2024", 4200000},
	{"Jon Weiss", "jon@juniper.example", "Juniper", "+431123410", "Europe/Vienna", "AT", "info_request", "Wants a quote", 700000},
	{"Kaya Ito", "kaya@kestrel.example", "Kestrel", "+81312345611", "Asia/Tokyo", "JP", "linkedin_connection", "", 500000},
	{"Leo Rossi", "leo@larch.example", "Larch", "+390612345612", "Europe/Rome", "IT", "linkedin_profile_view", "", 200000},
	{"Mia Costa", "mia@maple.example", "Maple", "+34912345613", "Europe/Madrid", "ES", "existing_client", "Second team", 1600000},
	{"Noa Peretz", "noa@north.example", "North", "+12125550114", "America/Chicago", "US", "referral", "By Maple", 1300000},
	{"Olu Ade", "olu@opal.example", "Opal", "+442071234515", "Europe/London", "GB", "ebook_download", "Revival handbook", 600000},
	{"Pia Lund", "pia@pine.example", "Pine", "+46812345616", "Europe/Stockholm", "SE", "webinar_attended", "Cold leads", 450000},
	{"Quinn Hale", "quinn@quartz.example", "Quartz", "+13125550117", "America/Los_Angeles", "US", "info_request", "", 2100000},
	{"Rosa Lima", "rosa@river.example", "River", "+551112345618", "America/Sao_Paulo", "BR", "booth_visit", "", 350000},
	{"Sam Okoro", "sam@slate.example", "Slate", "+442071234519", "Europe/London", "GB", "site_chat", "", 750000},
	{"Tess Visser", "tess@tulip.example", "Tulip", "+31201234520", "Europe/Amsterdam", "NL", "newsletter_click", "", 250000},
	{"Uwe Kern", "uwe@umber.example", "Umber", "+493012345621", "Europe/Berlin", "DE", "conference_networking", "", 980000},
	{"Vera Popa", "vera@vale.example", "Vale", "", "Europe/Warsaw", "PL", "site_visit", "No phone known", 120000},
	{"Will Byrne", "will@willow.example", "Willow", "+35311234523", "Europe/Dublin", "IE", "ebook_download", "", 540000},
	{"Xena Frei", "xena@xenon.example", "Xenon", "+41441234524", "Europe/Zurich", "CH", "crm_dormant", "", 880000},
	{"Yara Gill", "yara@yarrow.example", "Yarrow", "+61212345625", "Australia/Sydney", "AU", "referral", "", 1900000},
	{"Zed Moss", "zed@zinc.example", "Zinc", "+6491234526", "Pacific/Auckland", "NZ", "webinar_attended", "", 300000},
	{"Amy Stone", "amy@aspen.example", "Aspen", "+12125550127", "America/Denver", "US", "ebook_download", "", 670000},
	{"Ben Marsh", "ben@basalt.example", "Basalt", "+442071234528", "Europe/London", "GB", "linkedin_connection", "", 410000},
	{"Cleo Sand", "cleo@coral.example", "Coral", "+27112345629", "Africa/Johannesburg", "ZA", "info_request", "", 1500000},
	{"Dan Frost", "dan@dune.example", "Dune", "+16045550130", "America/Toronto", "CA", "site_chat", "", 360000},
}

var library = []struct{ kind, title string }{
	{"article", "What nine hundred lost deals have in common"},
	{"feature", "Calendars now agree a time by themselves"},
	{"webinar", "Forty minutes on waking cold leads"},
	{"price", "A smaller plan for small teams"},
	{"terms", "Leave within the first ninety days"},
	{"product", "The mobile desk is here"},
	{"article", "How Birch halved its response time"},
	{"event", "Open house in March"},
	{"feature", "Call briefs before every call"},
	{"article", "Why speed to lead matters more than price"},
	{"product", "A connector for your CRM"},
	{"article", "The honest break-up mail"},
	{"feature", "Holidays of twenty-two countries"},
	{"webinar", "Ask us anything, the recording"},
	{"article", "A field guide to follow-up"},
	{"price", "Yearly billing at a tenth less"},
	{"feature", "Reports that explain themselves"},
	{"article", "Three questions that revive a case"},
	{"event", "Meet us at the autumn fair"},
	{"article", "What buyers wish sellers knew"},
}

// Seed makes the team, the content library and some thirty leads, through the
// API where it has a way. It does nothing where leads exist already.
func Seed(ctx context.Context, s *postgres.Store, c Client) (int, error) {
	n, err := s.CountLeads(ctx)
	if err != nil || n > 0 {
		return 0, err
	}
	for _, item := range library {
		if err := c.Post(ctx, "/content", map[string]any{"kind": item.kind, "title": item.title, "url": "https://rekindle.example/news"}, nil); err != nil {
			return 0, fmt.Errorf("seed the content library: %w", err)
		}
	}
	you, err := s.UserByEmail(ctx, You)
	if err != nil {
		return 0, err
	}
	for i, p := range newcomers {
		lead := map[string]any{
			"name": p.name, "email": p.email, "account": p.account, "time_zone": p.zone, "country": p.country,
			"source": p.source, "detail": p.detail, "amount": p.amount, "basis": "demo",
		}
		if p.phone != "" {
			lead["phone"] = p.phone
		}
		if i%6 == 0 {
			lead["owner_id"] = you.ID
		}
		if err := c.Post(ctx, "/leads", lead, nil); err != nil {
			return i, fmt.Errorf("seed %s: %w", p.email, err)
		}
	}
	return len(newcomers), nil
}

// Team makes the demo's users; those who exist stay.
func Team(ctx context.Context, s *postgres.Store) error {
	for _, u := range team {
		u.ID = uuid.New()
		if _, err := s.InsertUser(ctx, u); err != nil {
			return fmt.Errorf("seed %s: %w", u.Email, err)
		}
	}
	return nil
}
