// Keeps the list fresh: asks for the newest message, and takes the list anew from the page when it is another one.
"use strict";

const every = 2000;

async function refresh() {
  const shown = document.getElementById("messages");
  if (document.hidden || "still" in shown.dataset) return;
  const query = new URLSearchParams(location.search);
  query.set("limit", "1");
  const newest = await (await fetch("api/messages?" + query)).json();
  if ((newest[0]?.id ?? "") === shown.dataset.latest) return;
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const fresh = page.getElementById("messages");
  const focused = document.activeElement?.getAttribute("href");
  shown.replaceWith(fresh);
  if (focused) fresh.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  const subject = fresh.querySelector(".subject");
  document.getElementById("news").textContent = subject ? "New message: " + subject.textContent : "The mailbox is empty.";
}

setInterval(() => refresh().catch(() => {}), every); // while the server is away the list stays as it is
