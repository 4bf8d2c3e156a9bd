package importing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rekindlehq/rekindle/internal/csvfile"
)

// Field is what a column can tell about somebody. Fields have the names that they
// have in the API.
type Field string

// The fields.
const (
	Name       Field = "name"
	FirstName  Field = "first_name"
	LastName   Field = "last_name"
	Email      Field = "email"
	Phone      Field = "phone"
	Account    Field = "account"
	Title      Field = "title"
	Zone       Field = "time_zone"
	Country    Field = "country"
	Basis      Field = "basis"
	Source     Field = "source"
	Detail     Field = "detail"
	OccurredAt Field = "occurred_at"
	Owner      Field = "owner" // email address of a rep
	Amount     Field = "amount"
)

// Fields are all of them, in the order in which they are offered.
var Fields = []Field{Name, FirstName, LastName, Email, Phone, Account, Title, Country, Zone, Source, Detail, OccurredAt, Owner, Amount, Basis}

// Known says what a row does whose person is known already.
type Known string

// What it can do.
const (
	Complete Known = "complete" // what was missing about them is filled in; their lead goes on as it is
	Engage   Known = "engage"   // as if they had done it now: their lead is woken, or they get a new one
	Leave    Known = "leave"    // nothing
)

// Order is how a date in figures is read: 03/04/2026.
type Order string

// The orders of day and month.
const (
	DayFirst   Order = "day_first"
	MonthFirst Order = "month_first"
)

// Plan is how the rows of a file are read, and what they do.
type Plan struct {
	Columns []Field          `json:"columns" doc:"What each column of the file means, in its order; empty: nothing"`
	Fixed   map[Field]string `json:"fixed,omitempty" doc:"What holds for every row that does not say it itself"`
	Known   Known            `json:"known" enum:"complete,engage,leave" doc:"What a row does whose person is known: complete fills in what was missing, engage wakes their lead or makes one, leave does nothing"`
	Dates   Order            `json:"dates" enum:"day_first,month_first" doc:"How a date such as 03/04/2026 is read"`
}

// Faults are what is wrong with a plan for a header, each with its path.
func (p Plan) Faults(header []string) (faults []Fault) {
	if len(p.Columns) != len(header) {
		return []Fault{{Field: "columns", Message: fmt.Sprintf("the file has %d columns, and %d are said; say one for each, empty for those that mean nothing", len(header), len(p.Columns))}}
	}
	seen := map[Field]int{}
	for i, f := range p.Columns {
		at := fmt.Sprintf("columns[%d]", i)
		switch before, twice := seen[f]; {
		case f == "":
		case !slices.Contains(Fields, f):
			faults = append(faults, Fault{at, fmt.Sprintf("there is no field %q", f)})
		case twice:
			faults = append(faults, Fault{at, fmt.Sprintf("%s is told by the column %q already", f, header[before])})
		default:
			seen[f] = i
		}
	}
	for f := range p.Fixed {
		if !slices.Contains(Fields, f) || slices.Contains([]Field{Email, Phone, Name, FirstName, LastName}, f) {
			faults = append(faults, Fault{"fixed." + string(f), "cannot be the same for everybody"})
		}
	}
	has := func(f Field) bool { _, column := seen[f]; return column || p.Fixed[f] != "" }
	if !has(Email) && !has(Phone) {
		faults = append(faults, Fault{"columns", "one column must be the email address or the phone number"})
	}
	if !has(Source) {
		faults = append(faults, Fault{"fixed.source", "is required: which kind of engagement brought them, such as crm_dormant"})
	}
	if !has(Basis) {
		faults = append(faults, Fault{"fixed.basis", "is required: where the data come from and on which legal basis (GDPR), such as: consent, trade fair 2026"})
	}
	slices.SortFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Field, b.Field) })
	return faults
}

// called are the names that programs give to columns: HubSpot, Salesforce, Pipedrive,
// Outlook, Google, and people in English, German, French and Spanish. Only letters
// and figures count.
var called = map[Field][]string{
	Name:       {"name", "fullname", "contactname", "leadname", "contact", "person", "displayname", "ansprechpartner", "kontakt", "nomcomplet", "nombrecompleto", "personname"},
	FirstName:  {"firstname", "givenname", "vorname", "prenom", "nombre", "first"},
	LastName:   {"lastname", "surname", "familyname", "nachname", "nom", "apellido", "apellidos", "last"},
	Email:      {"email", "emailaddress", "mail", "emails", "emailwork", "workemail", "personemailwork", "email1value", "primaryemail", "mailadresse", "emailadresse", "courriel", "correo", "correoelectronico", "adresseemail"},
	Phone:      {"phone", "phonenumber", "mobile", "mobilephone", "mobilephonenumber", "telephone", "tel", "businessphone", "workphone", "personphonework", "phone1value", "telefon", "telefonnummer", "handy", "mobil", "telefono", "portable"},
	Account:    {"company", "companyname", "account", "accountname", "organization", "organisation", "organizationname", "organization1name", "associatedcompany", "primaryassociatedcompany", "firma", "unternehmen", "societe", "entreprise", "empresa"},
	Title:      {"title", "jobtitle", "role", "position", "organization1title", "funktion", "berufsbezeichnung", "fonction", "poste", "cargo", "puesto"},
	Zone:       {"timezone", "zone", "tz", "zeitzone", "fuseauhoraire", "zonahoraria"},
	Country:    {"country", "countrycode", "countryregion", "mailingcountry", "billingcountry", "land", "pays", "pais", "businesscountryregion"},
	Source:     {"source", "leadsource", "originalsource", "originaltrafficsource", "quelle", "leadquelle", "origine", "origen", "kind"},
	Detail:     {"detail", "details", "campaign", "campaignname", "sourcedetail", "note", "notes", "notiz", "bemerkung", "remarque", "nota"},
	OccurredAt: {"occurredat", "date", "createdate", "createddate", "createdat", "datecreated", "leadcreated", "lastactivitydate", "datum", "erstelltam", "fecha", "addtime"},
	Owner:      {"owner", "owneremail", "contactowner", "leadowner", "leadowneremail", "assignedto", "besitzer", "zustaendig", "proprietaire", "propietario"},
	Amount:     {"amount", "value", "dealvalue", "dealamount", "expectedvalue", "annualcontractvalue", "betrag", "wert", "montant", "importe", "valor"},
	Basis:      {"basis", "legalbasis", "consent", "consentsource", "legalbasisforprocessingcontactsdata", "rechtsgrundlage", "einwilligung", "consentement"},
}

var (
	notLetters = regexp.MustCompile(`[^a-z0-9]+`)
	plain      = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss", "é", "e", "è", "e", "ê", "e", "ó", "o", "í", "i", "á", "a", "ñ", "n", "ç", "c")
)

func bare(s string) string { return notLetters.ReplaceAllString(plain.Replace(strings.ToLower(s)), "") }

// Guess is the plan that a header and the first rows suggest. What it cannot tell is
// left open.
func Guess(header []string, first []csvfile.Row) Plan {
	p := Plan{Columns: make([]Field, len(header)), Fixed: map[Field]string{}, Known: Complete, Dates: DayFirst}
	taken := map[Field]bool{}
	for i, title := range header {
		for _, f := range Fields {
			if !taken[f] && slices.Contains(called[f], bare(title)) {
				p.Columns[i], taken[f] = f, true
				break
			}
		}
	}
	for i := range header { // nobody calls it so, but it is full of addresses
		if p.Columns[i] == "" && !taken[Email] && mostly(first, i, func(s string) bool { return strings.Contains(s, "@") }) {
			p.Columns[i], taken[Email] = Email, true
		}
	}
	if taken[FirstName] && taken[Name] { // "nom" beside "name"; the parts say more
		p.Columns[slices.Index(p.Columns, Name)] = ""
	}
	if i := slices.Index(p.Columns, OccurredAt); i >= 0 && mostly(first, i, monthLeads) {
		p.Dates = MonthFirst
	}
	return p
}

// mostly: more than half of what stands in a column is like that.
func mostly(rows []csvfile.Row, column int, like func(string) bool) bool {
	yes, all := 0, 0
	for _, r := range rows {
		if column >= len(r.Cells) || strings.TrimSpace(r.Cells[column]) == "" {
			continue
		}
		all++
		if like(r.Cells[column]) {
			yes++
		}
	}
	return 2*yes > all
}
