package sequence

// Description is one business rule as the catalogue shows it.
type Description struct {
	ID        Rule   `json:"id"`
	Title     string `json:"title"`
	Says      string `json:"says"`
	Threshold string `json:"threshold,omitempty"` // keys of the playbook
	Where     string `json:"where"`               // what the rule decides
}

var catalogue = []Description{
	{SpeedToLead, "speed to lead: acknowledge at once, call within the limit", "An inbound lead is acknowledged by email at once and called within the limit; an overdue first call goes to the manager.", "stages.warm.inbound within", "transition, touch, escalation"},
	{Remind, "remind them what they asked for", "First and revival touches say what the lead asked for, and when we last spoke.", "stages, texts", "touch, validation"},
	{BringSomething, "every touch brings a reason to reach out", "Every email brings a reason to reach out that this lead has not had; with none available it waits and says so.", "reason_recheck_after; reason of a step", "touch, block"},
	{Permission, "a time or permission that the lead gave goes first", "Regular value mail needs a recorded permission; a time, interval or channel that the lead named overrides the playbook.", "only: permission of a step", "touch, wait, pause"},
	{Persist, "persist: never give up before the minimum of touches", "Warm does not end by silence before its minimum of touches, time and channels.", "minimum", "transition, touch"},
	{ValueFirst, "value before pitch: no empty phrases", "Texts that say \"checking in\" or \"touching base\" are flagged.", "texts", "validation"},
	{Sources, "each source has its own opener", "Known kinds of engagement, each with its opener and weight; the playbook may add kinds.", "sources", "evidence, transition"},
	{SalesReady, "several kinds of engagement make a lead sales-ready", "So many distinct kinds of engagement within the time make a lead sales-ready: first in the queue, and the owner is told.", "sales_ready", "flag, priority"},
	{DormantImport, "a dormant contact enters through revival", "Leads of dormant sources enter through revival, not warm.", "sources.enters", "transition"},
	{ColdCalls, "cold calls take a small share of the time", "If calls to leads without any engagement take more than the share of a rep's call time in a week, the manager is told.", "managing.cold_call_share", "report"},
	{NextStepNamed, "every conversation names its next step", "The outcome of a conversation names the next step, or why there is none, or it is refused.", "", "refusal, transition"},
	{BothCalendars, "a scheduled call is in both calendars", "A scheduled call is invited to, moved and called off under one id, and both sides are reminded.", "stages.scheduled_call.booked; cancellation", "touch, task"},
	{SendMeSomething, "information is sent together with a proposed time", "\"Send me something\" is answered with the information and a proposed time.", "stages.scheduled_call.information", "transition, touch"},
	{Prepared, "a call is prepared by its brief", "A call task shows the brief and is completed with what was discussed.", "outcome_within", "task"},
	{NoShow, "a missed call is re-offered, kindly", "A missed call is offered again so often, then taken as quiet.", "no_shows; stages.scheduled_call.no_show", "transition, touch"},
	{VoicemailLoop, "voicemails in a row change the channel", "After so many voicemails in a row without an answer the channel changes.", "voicemails_in_a_row", "touch"},
	{InTheirTime, "reminders belong to the lead's time zone", "Waits, windows and reminders are counted at the lead's place.", "zone; windows", "wait"},
	{QuietAfter, "quiet after engaging: others at the account are asked", "Somebody who talked with us and then leaves so many touches unanswered brings in the stakeholders; with none known the owner is asked to find them.", "quiet_after_engaging", "transition, task"},
	{PrimaryFirst, "the primary is told first and may object", "The primary is told who will be contacted, and outreach waits for a grace period.", "stages.multi_stakeholder", "transition, touch"},
	{Objection, "an objection of the primary calls the outreach off", "If the primary objects, outreach is called off and a call is arranged.", "", "transition"},
	{WrongPerson, "not the decision maker: others at the account are asked", "The diagnosis or outcome \"wrong person\" opens the way to the stakeholders.", "", "transition, task"},
	{AccountCalm, "while one at the account talks, the others are left alone", "While one person at an account is in conversation, the touches of the others pause.", "account_calm", "pause"},
	{Diagnose, "a cold lead is diagnosed", "On entering cold the owner is asked why; the answer chooses the play.", "stages.cold", "task, transition"},
	{Empathy, "one honest, guilt-free message", "One message that it is fine not to have answered.", "stages.cold", "touch"},
	{BeOfHelp, "something that makes their work easier, instead of asking about the sale", "Help is offered instead of a question about the sale.", "stages.cold", "touch"},
	{LetGo, "not a fit is let go, with the reason", "A lead that is not a fit, or never was, is disqualified with the reason.", "", "transition"},
	{QualifiedOnly, "only the qualified are revived", "Cold leads are revived when they are qualified; the others get a last message.", "sources.qualified", "transition"},
	{Investment, "the more was invested, the more emphasis", "Conversations and proposals raise a lead's priority, and open steps for invested leads.", "opportunity.conversation, proposal, invested", "priority, touch"},
	{StillInMarket, "fewer are still in the market as time goes by", "The share of those who still want to buy, by the time since they said so, weighs the expected value.", "opportunity.still_in_market", "priority"},
	{FreshEyes, "a cold case is reopened by fresh eyes and news", "New clues, new witnesses and news reopen a cold case early; another owner may take it.", "fresh_eyes", "transition"},
	{EmailThenCall, "revival writes first, then calls", "Revival begins with an email and goes on with a call.", "stages.revival.reopen", "touch, validation"},
	{CloseYourFile, "no clear answer: should we close your file?", "A non-committal answer, or none, is followed by the question whether to close the file.", "stages.revival.close_file", "transition, touch"},
	{NeverAskToBuy, "never ask at once to buy", "The first revival touch does not ask whether the lead is ready to buy.", "texts", "validation"},
	{ExpiredProposal, "the proposal expired and calls are not returned", "So long after a proposal expired, with calls not returned, comes the break-up.", "expired_proposal", "transition"},
	{TriedHard, "tried hard, without a response", "So many call attempts a week in so many weeks in a row, without a response, end in the break-up.", "tried_hard", "transition"},
	{DecidedNo, "the decision maker said no with a reason", "A no of the decision maker, with its reason, leads to the break-up.", "", "transition"},
	{EffortTooHigh, "the effort exceeds the opportunity", "Effort beyond its share of the expected value ends in the break-up; bigger opportunities earn more effort.", "effort; opportunity", "transition"},
	{Decisive, "one last message seeks a clear answer", "The break-up message seeks a clear answer and the reason.", "stages.break_up", "touch"},
	{NoIsNoForNow, "a no that is not a stop is a no for now", "A no that is not a stop goes on to check-in, in the end.", "", "transition"},
	{CheckInQuarterly, "a quarterly check-in", "Every quarter, moved off holidays, with a greeting where the playbook says so.", "stages.check_in.quarterly", "touch"},
	{CreativeUses, "a lead on good terms may help otherwise", "A check-in lead on good terms may be asked for a referral; silent ones may go to a training pool.", "check_ins; only: good_terms of a step", "touch, notice"},
	{StopMeansStop, "stop means stop, everywhere at once", "Only the lead's own stop ends contact, and it ends it everywhere at once.", "", "transition"},
	{BuysOrDies, "only a win, a stop, a disqualification or an address that is gone end a life", "The only ends of a life.", "", "transition"},
	{FollowUpInTime, "follow-ups in time", "The share of leads that got a follow-up in time is shown daily.", "managing.follow_up_within", "report"},
	{QueueOrder, "promised first, then sales-ready, then value and urgency", "Calls are ordered by promised time, then sales-ready, then expected value times urgency; one task per person.", "opportunity", "priority"},
	{HoldingCost, "what stagnant leads cost", "Stagnant leads are shown with what they cost to hold.", "effort.holding_cost, stagnant_after", "report"},
	{Inherited, "a reassigned lead begins with an introduction", "A reassigned lead begins with an introduction by its new owner, and its open tasks move.", "introduction", "touch, task"},
	{OutOfOffice, "an automatic reply pauses, it is no engagement", "An automatic reply pauses until the date it names, or for the default.", "out_of_office", "pause"},
	{CallingHours, "calls only within legal hours at the lead's place", "Calls between 8:00 and 21:00 at the lead's place, stricter where a playbook says so.", "windows", "wait, refusal"},
}

// Catalogue lists every business rule in order of its id.
func Catalogue() []Description { return catalogue }
