/* Small comforts; every page works without this file. No framework, nothing inline. */
"use strict";

/* Copy buttons are there only where they can work. */
function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copy-label]") || button;
  const before = label.textContent;
  navigator.clipboard.writeText((source.value ?? source.textContent).trim()).then(() => {
    label.textContent = "Copied";
    setTimeout(() => { label.textContent = before; }, 2000);
  });
}

function reveal(root) {
  const canCopy = Boolean(navigator.clipboard);
  for (const element of root.querySelectorAll("[data-copy], [data-print], [data-dismiss]")) {
    element.hidden = "copy" in element.dataset && !canCopy;
  }
  inLocalTime(root);
}

/* A moment by the reader's own clock; where it stands as it was written, it is in UTC. */
function inLocalTime(root) {
  const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.textContent = `${clock.format(new Date(time.dateTime))} ${zone}`;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-print], [data-dismiss]");
  if (button && "copy" in button.dataset) copyFrom(button);
  if (button && "print" in button.dataset) window.print();
  if (button && "dismiss" in button.dataset) button.closest(".message").remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* The tab one is on is in sight, also where they do not all fit. */
function showTab() {
  const nav = document.querySelector(".tabs:has(> [aria-current])");
  if (nav) nav.scrollLeft = nav.querySelector("[aria-current]").offsetLeft - nav.offsetLeft - nav.clientWidth / 3;
}

document.addEventListener("DOMContentLoaded", () => { reveal(document); showTab(); });
document.addEventListener("htmx:load", (event) => reveal(event.detail.elt));

/* A poll that answers as before changes nothing, so that focus, selection and open details stay. */
const lastAnswer = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr, requestConfig } = event.detail;
  if (requestConfig.verb !== "get" || !target.id || !target.matches("[hx-trigger*='every']")) return;
  if (xhr.status === 200 && lastAnswer.get(target.id) === xhr.responseText) event.detail.shouldSwap = false;
  lastAnswer.set(target.id, xhr.responseText);
});

/* An error that says how it is put in place is a notice for that place; of any other one line tells, until a call of
   the page succeeds. */
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || !xhr.getResponseHeader("HX-Reswap")) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

function tellFailure(words) {
  const line = document.getElementById("call-failed");
  line.hidden = !words;
  line.querySelector("p").textContent = words;
}

document.addEventListener("htmx:responseError", (event) => {
  tellFailure(`The server answered with an error (${event.detail.xhr.status}). Load the page again.`);
});
for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => tellFailure("The server cannot be reached. What stands here may be out of date."));
}
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) tellFailure(""); });
