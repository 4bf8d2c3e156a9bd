// Package rights is what the law lets a person ask of whoever keeps records about
// them: to be told everything (GDPR, articles 15 and 20) and to be forgotten (article
// 17); and for how long what is kept. It knows the records and the door; it must not
// know HTTP or Temporal.
package rights

import (
	"slices"
	"strings"
)

// part is one table, as far as it is about a person. The register is the one place
// that says of every column whether it is; a test holds it against the database.
type part struct {
	table   string
	what    string // what it holds and where that comes from, as the person reads it
	theirs, // which rows are about a person: what they are shown
	gone string // and which lose their values with them; empty: the same
	drop     bool              // whole rows go, not values only
	aside    bool              // not counted: the rows stay, without saying whose they are, or are none of the person's doing
	personal map[string]string // each column with values about a person, and what stands there afterwards
	texts    []string          // of those, what somebody wrote, in which others may be named as well
	plain    string            // columns that say nothing about a person: ids, kinds, instants, hashes
}

// The conditions by which rows are found. @leads are the person's own; @near are
// those and the ones in which they are named, so that the indexes by lead are used.
const (
	ofPerson = "person_id = @person"
	ofLeads  = "lead_id = ANY(@leads)"
	ofTheirs = "lead_id = ANY(@near) AND person_id = @person"
	ofEither = "lead_id = ANY(@near) AND (person_id = @person OR lead_id = ANY(@leads))"
)

const (
	none  = "''"
	null  = "NULL"
	place = "- '{zone,country,account,undo}'::text[]" // what the state of a lead has about its person's place
)

// register is every table with something about a person in it, in the order in which
// it is shown.
var register = []part{
	{
		table: "people", what: "Who they are and how they can be reached; basis is the legal basis and source as it was stated with the data",
		theirs: "id = @person", personal: map[string]string{
			"name": none, "email": null, "phone": null, "zone": none, "country": none, "title": none, "basis": none, "account_id": null,
			"unsubscribe_token": "'erased ' || id", "erased_at": "@now",
		}, plain: "id created_at",
	},
	{
		table: "accounts", what: "The company they belong to",
		theirs: "id = @account", gone: "id = @account AND @alone", personal: map[string]string{"name": "'account ' || id"}, plain: "id created_at",
	},
	{
		table: "engagements", what: "What they did, from which source it is known, on which basis and by whom it was reported",
		theirs: ofPerson, personal: map[string]string{"detail": none, "external_id": null, "basis": none}, texts: []string{"detail"},
		plain: "id person_id lead_id kind occurred_at recorded_at reported_by",
	},
	{
		table: "permissions", what: "What they agreed to", theirs: ofPerson, drop: true,
		personal: map[string]string{"every": none}, plain: "id person_id channel until granted_at",
	},
	{
		table: "leads", what: "How they are followed up: one life a row; state has ids, times and counts",
		theirs: ofPerson, personal: map[string]string{
			"account_id": null, "state": "state " + place, "before": "before " + place, "todo": null, "todo_at": null, "mailbox_id": null,
		}, plain: "id person_id owner_id source playbook stage final blocked next_at turn amount created_at updated_at value talking recent saved_at runs",
	},
	{
		table: "stakeholders", what: "Leads of others in which they are named as involved", theirs: ofPerson, drop: true,
		personal: map[string]string{"named_by": none}, plain: "lead_id person_id named_at started_at",
	},
	{
		table: "audit", what: "Everything that happened to their leads, by which rule and by whom; it has no names, addresses or prose",
		theirs: ofLeads, plain: "lead_id n at what actor rule entry written said",
	},
	{
		table: "tasks", what: "What somebody here was asked to do about them, and what came of it", theirs: ofTheirs, gone: ofEither,
		personal: map[string]string{"prompt": none, "result": none}, texts: []string{"prompt", "result"},
		plain: "id lead_id touch kind owner_id person_id state due_at promised hot rule created_at closed_at call_uid call_seq snoozed_until voicemail",
	},
	{
		table: "outcomes", what: "What was noted about conversations with them", theirs: ofTheirs, gone: ofEither,
		personal: map[string]string{"discussed": none, "why_none": none, "reason": none}, texts: []string{"discussed", "why_none", "reason"},
		plain: "id lead_id person_id task_id by_user outcome next_at recorded_at minutes taken_back_at",
	},
	{table: "proposals", what: "Proposals that were made to them", theirs: ofLeads, plain: "id lead_id amount sent_at expires_at"},
	{
		table: "invitation_answers", what: "What their calendar answered to invitations", theirs: ofTheirs, gone: ofEither,
		personal: map[string]string{"proposed_at": null}, plain: "id lead_id person_id uid seq answer received_at",
	},
	{
		table: "send_ledger", what: "Mail that went out to them", theirs: ofTheirs, gone: ofEither,
		personal: map[string]string{"subject": none, "body": none, "refs": none}, texts: []string{"subject", "body"},
		plain: "lead_id touch person_id message_id text_name content_id state attempt detail reserved_at sent_at mailbox_id slot_at bounced_at complained_at reconciled begun_at",
	},
	{
		table: "inbound_messages", what: "Mail that came from them; raw is the whole message in base64",
		theirs: ofPerson + " OR person_id IS NULL AND (lead_id = ANY(@leads) OR from_address = ANY(@addresses))",
		gone:   ofPerson + " OR " + ofLeads + " OR from_address = ANY(@addresses)",
		personal: map[string]string{
			"message_id": none, "raw": "''", "from_name": none, "from_address": none, "subject": none, "body": none, "evidence": "'[]'",
			"damage": "'{}'", "back_on": null, "state": "CASE WHEN state IN ('new', 'unmatched') THEN 'dismissed' ELSE state END",
		}, texts: []string{"from_name", "subject", "body"}, plain: "id key mailbox_id received_at class kind lead_id person_id touch matched_by handled_by handled_at",
	},
	{
		table: "replies", what: "Answers of theirs that were reported to us", theirs: ofTheirs, gone: ofEither,
		personal: map[string]string{"body": none}, texts: []string{"body"}, plain: "id lead_id person_id received_at",
	},
	{
		table: "import_rows", what: "Rows of files in which they stand, as they came",
		theirs: "EXISTS (SELECT FROM unnest(cells) AS cell WHERE lower(trim(cell)) = ANY(@addresses)) OR (import_id, line) IN " +
			"(SELECT r.import_id, r.line FROM import_results r WHERE r.address = ANY(@hashes) OR r.lead_id = ANY(@leads))",
		drop: true, personal: map[string]string{"cells": "'{}'", "fault": none}, plain: "import_id line",
	},
	{ // those of the rows above go with them
		table: "import_results", what: "What came of those rows", theirs: "address = ANY(@hashes) OR lead_id = ANY(@leads)", drop: true, aside: true,
		personal: map[string]string{"address": null, "faults": null}, plain: "import_id pass line result lead_id",
	},
	{
		table: "inbound_deliveries", what: "What other services reported about them, as it came",
		theirs: ofLeads + " OR EXISTS (SELECT FROM unnest(@addresses::text[]) AS address WHERE position(address IN lower(encode(body, 'escape'))) > 0)",
		personal: map[string]string{
			"headers": "'{}'", "body": null, "reason": "CASE WHEN state IN ('received', 'failed', 'ignored') THEN 'the person was erased' ELSE '' END",
			"state": "CASE WHEN state = 'received' THEN 'ignored' ELSE state END",
		}, plain: "id source_id key received_at event subject replaces remedy lead_id attempts next_at handled_at",
	},
	{
		table: "notifications", what: "What colleagues were told about their leads", theirs: ofLeads, drop: true, aside: true,
		personal: map[string]string{"about": none}, plain: "id lead_id who user_id rule at read_at",
	},
	{
		table: "dispatches", what: "Messages on their way to the workflows of their leads", theirs: ofLeads, drop: true, aside: true,
		personal: map[string]string{"payload": "'{}'", "last_error": none}, plain: "id lead_id message created_at delivered_at attempts taken_at",
	},
	{
		table: "former_addresses", what: "Addresses they had before, as hashes", theirs: ofPerson, drop: true,
		personal: map[string]string{"value_hash": null}, plain: "person_id kind until",
	},
	{
		table: "suppressions", what: "That they are not to be contacted, as hashes of address and number; it outlives the erasure, so that it holds",
		aside: true, theirs: ofPerson + " OR value_hash = ANY(@hashes)", personal: map[string]string{"person_id": null}, plain: "id kind value_hash via created_at",
	},
	{table: "playbook_move_leads", what: "Moves of their leads to another version of the policy", theirs: ofLeads, plain: "move_id lead_id moved code detail at"},
	{
		table: "batch_leads", what: "What was done to their leads together with others", theirs: ofLeads + " OR made = ANY(@leads)",
		personal: map[string]string{"before": null, "after": null}, plain: "batch_id lead_id result code detail made",
	},
	{table: "erasures", what: "Their request to be erased, and what came of it", theirs: ofPerson, plain: "person_id ground asked_by asked_at done_at removed"},
	{table: "admin_acts", what: "Who exported or erased what is known about them", theirs: "about = @person::text", plain: "id at actor act about"},
}

// elsewhere is every other table, and why no row of it is about a person who is
// followed up. Answers that are kept for repeated requests may quote one; erasure
// looks for that (see answers).
var elsewhere = map[string]string{
	"idempotency_keys": "answers to requests, for a week",
	"users":            "people who work here", "sessions": "people who work here", "sign_in_links": "people who work here",
	"sign_in_failures": "hashes, for a day", "api_keys": "programs and people who work here",
	"mailboxes": "the house's own", "inbox_watches": "the house's own", "content": "the house's own", "imports": "files without their rows", "inbound_sources": "the house's own", "inbound_refusals": "figures",
	"webhook_endpoints": "the house's own", "webhook_events": "ids and words of the code", "webhook_deliveries": "ids",
	"notification_reads": "ids of notifications and of people who work here",
	"playbooks":          "the house's own", "playbook_releases": "the house's own", "playbook_moves": "the house's own",
	"batches": "what was done to many leads, by a query", "board": "figures", "board_leads": "ids", "stage_flow": "figures", "virtual_clock": "development only", "goose_db_version": "the schema",
}

// columns are all that a part has, in order.
func (p part) columns() []string {
	all := strings.Fields(p.plain)
	for name := range p.personal {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
