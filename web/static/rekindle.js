// Everything works without this file. It makes the pages quicker: one key instead of a
// click, no blank page between two, and new work that appears by itself.
"use strict";

// Times are shown where the reader is.
document.cookie = "zone=" + Intl.DateTimeFormat().resolvedOptions().timeZone + "; path=/; max-age=31536000; samesite=lax";

const say = (text) => { const live = document.getElementById("live"); if (live) live.textContent = text; };

// show puts another page in the place of this one.
function show(html, address, replace) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.getElementById("main");
  if (!main) { location.href = address; return; }
  document.getElementById("main").replaceWith(main);
  document.title = page.title;
  history[replace ? "replaceState" : "pushState"]({}, "", address);
  ready();
  const first = main.querySelector("[autofocus]") || main.querySelector("h2[id]") || main;
  if (!first.matches("a, button, input, select, textarea, [tabindex]")) first.tabIndex = -1;
  first.focus();
  const said = main.querySelector("[role=status], [role=alert]");
  say(said ? said.textContent.trim() : document.title);
}

async function fetched(address, options, replace) {
  document.body.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, options);
    show(await answer.text(), answer.url, replace);
  } catch {
    say("The connection is gone. Nothing was lost; try again.");
  } finally {
    document.body.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post" || e.defaultPrevented || form.action.endsWith("/sign-out") || document.body.classList.contains("entrance")) return;
  e.preventDefault();
  if (e.submitter?.dataset.foresees) { foresee(form, e.submitter); return; }
  if (document.body.hasAttribute("aria-busy")) return;
  const data = new FormData(form, e.submitter);
  const action = e.submitter?.hasAttribute("formaction") ? e.submitter.formAction : form.action;
  fetched(action, { method: "POST", body: form.enctype === "multipart/form-data" ? data : new URLSearchParams(data) });
});

// foresee says beside a form what it would do, and leaves the form as it is.
let asked = 0;
async function foresee(form, button, unasked) {
  const place = document.getElementById(button.dataset.foresees);
  const turn = ++asked;
  try {
    const answer = await fetch(button.formAction, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    const html = await answer.text();
    if (turn !== asked || !place.isConnected) return; // something else is asked by now
    const said = new DOMParser().parseFromString(html, "text/html").getElementById(place.id);
    if (!said) { show(html, answer.url); return; }
    if (unasked && said.querySelector(".bad")) return; // nothing is filled in yet
    for (const el of said.querySelectorAll("[autofocus]")) el.removeAttribute("autofocus");
    place.replaceChildren(...said.childNodes);
    say(place.innerText.replace(/\s+/g, " ").trim());
  } catch {
    say("The connection is gone. Nothing was lost; try again.");
  }
}

// What was said before of a form that is changed, or of one that is opened, is asked again.
function foreseeAgain(form, opened = false) {
  const button = form?.querySelector("[data-foresees]");
  const place = button && document.getElementById(button.dataset.foresees);
  if (!place || opened === place.childElementCount > 0) return;
  if (form.checkValidity()) foresee(form, button, opened); else place.replaceChildren();
}

document.addEventListener("change", (e) => foreseeAgain(e.target.form));

// One key: a letter picks what carries it and goes to what is still to be said.
let keys = localStorage.getItem("keys") !== "off";

document.addEventListener("keydown", (e) => {
  if (!keys || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea")) return;
  if (e.key === "j" || e.key === "k") return step(e.key === "j" ? 1 : -1);
  const of = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === e.key);
  if (!of) return;
  e.preventDefault();
  if (of.dataset.foresees) { of.click(); return; }
  if (of.matches("button")) { of.focus(); of.click(); return; }
  of.checked = true;
  of.dispatchEvent(new Event("change", { bubbles: true }));
  const form = of.form;
  const next = [...form.querySelectorAll(".for-next input, .for-none input, .for-reason input, .for-permission select")].find((el) => el.offsetParent);
  (next || form.querySelector("button:not(.quiet)")).focus();
});

// step goes to the next or the last task of the queue.
function step(by) {
  const tasks = [...document.querySelectorAll(".queue a.task")];
  const here = tasks.findIndex((a) => a.getAttribute("aria-current"));
  const to = tasks[here + by];
  if (to) fetched(to.href, {});
}

document.addEventListener("click", (e) => {
  const offer = e.target.closest("[data-fills] button");
  if (offer) {
    const field = document.getElementById(offer.parentElement.dataset.fills);
    field.value = offer.dataset.value;
    field.focus();
  }
  const opens = e.target.closest("details.act:not([open]) > summary");
  if (opens) foreseeAgain(opens.parentElement.querySelector("form"), true);
  const task = e.target.closest(".queue a.task");
  if (task && !e.ctrlKey && !e.metaKey && !e.shiftKey && e.button === 0) { e.preventDefault(); fetched(task.href, {}); }
});

window.addEventListener("popstate", () => fetched(location.href, {}, true));

// New work appears by itself, unless somebody is at it; how far something is, sooner.
let ticks = 0;
async function refresh() {
  const list = document.querySelector("[data-live]");
  if (!list || list.dataset.live !== "soon" && ++ticks % 5) return;
  if (document.hidden || list.contains(document.activeElement) || list.querySelector(":checked, [open]")) return;
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!list.isConnected) return;
    const fresh = page.querySelector("[data-live]");
    if (!fresh) { show(page.documentElement.outerHTML, location.href, true); return; }
    const before = list.querySelectorAll(".queue li").length;
    const after = fresh.querySelectorAll(".queue li").length;
    if (list.innerText !== fresh.innerText) list.replaceWith(fresh);
    if (after > before) say("New work has come in.");
  } catch { /* the next time */ }
}
setInterval(refresh, 2000);

function ready() {
  for (const b of document.querySelectorAll("[data-fills] button")) b.hidden = false;
  document.body.classList.toggle("no-keys", !keys);
}

const toggle = document.getElementById("keys");
if (toggle) {
  const shown = () => { toggle.textContent = "One-key shortcuts: " + (keys ? "on" : "off"); toggle.setAttribute("aria-pressed", String(keys)); ready(); };
  toggle.hidden = false;
  toggle.addEventListener("click", () => { keys = !keys; localStorage.setItem("keys", keys ? "on" : "off"); shown(); });
  shown();
}
ready();
