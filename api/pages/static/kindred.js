// Makes the pages better; they work without it. Sends answers only when a button is pressed, keeps none anywhere but
// in the page itself, and puts none into an address.
"use strict";

document.documentElement.classList.add("script");

const intake = document.getElementById("intake");
const said = document.getElementById("said");
const pageTitle = document.title;

// Leaving at once

const exit = document.getElementById("exit");
const EXIT_KEYS = ["Escape", "Shift"];
const EXIT_PRESSES = 3;
const EXIT_WITHIN_MS = 5000;
let presses = { key: "", times: [] };

function leave() {
  document.body.hidden = true;
  document.title = "Weather";
  // So that "back" finds an empty form.
  shown.clear();
  for (const field of document.querySelectorAll("input, textarea, select")) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = false;
    else field.value = "";
  }
  window.location.replace(exit.href);
}

exit.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
document.addEventListener("keydown", (event) => {
  if (!EXIT_KEYS.includes(event.key)) {
    presses = { key: "", times: [] };
    return;
  }
  if (event.repeat) return;
  const recent = presses.key === event.key ? presses.times.filter((time) => event.timeStamp - time < EXIT_WITHIN_MS) : [];
  presses = { key: event.key, times: [...recent, event.timeStamp] };
  if (presses.times.length >= EXIT_PRESSES) leave();
});

// Saying and focusing

function say(words) {
  said.textContent = "";
  window.setTimeout(() => { said.textContent = words; }, 50);
}

function focusOn(element) {
  if (!element) return;
  window.scrollTo(0, 0);
  element.focus({ preventScroll: true });
}

// The screens of the intake. Which one shows is decided by the address and the style sheet.

function focusOnScreen() {
  const target = document.querySelector(".screen :target");
  if (target) {
    const field = target.matches("input, textarea, select") ? target : target.querySelector("input");
    field.focus();
    return;
  }
  focusOn((document.querySelector(".screen:target") || document.querySelector(".screen.opening")).querySelector("h1"));
}

function goOnWithEnter(event) {
  if (event.key !== "Enter" || event.target.type !== "text") return;
  const next = event.target.closest(".screen").querySelector("a.first");
  if (!next) return;
  event.preventDefault();
  next.click();
}

function presetTimeZone(select) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!select || select.value || !zone || !zone.includes("/")) return;
  if (![...select.options].some((option) => option.value === zone)) {
    select.add(new Option(zone.split("/").pop().replaceAll("_", " "), zone));
  }
  select.value = zone;
}

// Groups, fetched into this page, so that "back" finds every answer where it was.

const STEPS = { "#check": "/understood", "#groups": "/results", "#none": "/none-of-these" };
const HASH_OF = { "/understood": "#check", "/results": "#groups", "/none-of-these": "#none" };
const shown = new Map();
let place = null;
let underWay = null;

async function send(path, fields) {
  if (underWay) underWay.abort();
  underWay = new AbortController();
  const body = new URLSearchParams(fields);
  const reply = await fetch(path, { method: "POST", body, headers: { Accept: "text/html" }, signal: underWay.signal });
  return { status: reply.status, page: new DOMParser().parseFromString(await reply.text(), "text/html") };
}

function copyAnswers(form) {
  const answers = new FormData(form);
  for (const field of intake.elements) {
    if (!field.name) continue;
    const given = answers.getAll(field.name);
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = given.length ? given.includes(field.value) : field.type === "radio" && field.name.includes(".") && !field.value;
    } else {
      field.value = given[0] || "";
    }
  }
}

function isFor(page, id) {
  return page.getElementById(id) !== null;
}

// The parts of a fetched page are kept themselves, with what was filled in on them since.
function partsOf(page) {
  return { title: page.title, help: page.getElementById("help"), main: [...page.querySelector("main").childNodes] };
}

function show(parts) {
  place.replaceChildren(...parts.main);
  document.getElementById("help").replaceWith(parts.help);
  document.title = parts.title;
  intake.hidden = true;
  place.hidden = false;
  wire(place);
  focusOn(place.querySelector("h1"));
}

function showIntake() {
  place.hidden = true;
  intake.hidden = false;
  document.title = pageTitle;
}

async function ask(path, fields, form) {
  let answer;
  try {
    answer = await send(path, fields);
  } catch (error) {
    if (error.name !== "AbortError") apologise(form, UNREACHABLE);
    return;
  }
  // A mistake is shown by the server's own page, with all answers in it.
  if (answer.status === 422) {
    form.action = path;
    form.submit();
    return;
  }
  if (answer.status >= 400) {
    const help = answer.page.getElementById("help");
    if (help) document.getElementById("help").replaceWith(help);
    apologise(form, answer.page.querySelector("main .lead").textContent);
    return;
  }
  const carried = answer.page.querySelector("main form");
  if (carried) copyAnswers(carried);
  const hash = isFor(answer.page, "confirm") ? "#check" : HASH_OF[path === "/understood" ? "/results" : path];
  shown.set(hash, partsOf(answer.page));
  if (window.location.hash === hash) show(shown.get(hash));
  else window.location.hash = hash;
}

const UNREACHABLE = "We couldn't reach Kindred. Check your connection and try again.";

function apologise(form, words) {
  let note = form.querySelector(".mistakes");
  if (!note) {
    note = Object.assign(document.createElement("p"), { className: "mistakes", tabIndex: -1 });
    form.append(note);
  }
  note.textContent = `${words} Your answers are still here.`;
  note.focus();
}

function follow() {
  const path = STEPS[window.location.hash];
  if (!path) {
    showIntake();
    focusOnScreen();
    return;
  }
  const parts = shown.get(window.location.hash);
  if (parts) show(parts);
  else ask(path, new FormData(intake), intake);
}

// One wish changed: the list moves, the form stays where it is.

async function renew(form) {
  let answer;
  try {
    answer = await send("/results", new FormData(form));
  } catch (error) {
    if (error.name !== "AbortError") apologise(form, UNREACHABLE);
    return;
  }
  const fresh = answer.page.getElementById("list");
  if (!fresh) {
    form.submit();
    return;
  }
  const before = namesIn(document.getElementById("list"));
  const after = namesIn(fresh);
  const main = form.closest("main");
  main.querySelector(".results-top").replaceWith(answer.page.querySelector(".results-top"));
  main.querySelector(".to-answers").replaceWith(answer.page.querySelector(".to-answers"));
  document.getElementById("list").replaceWith(fresh);
  wire(main);
  if (intake) {
    copyAnswers(form);
    shown.delete("#groups");
  }
  say(describeChange(before, after));
}

function describeChange(before, after) {
  if (before.join("\n") === after.join("\n")) return "The list is the same.";
  const added = after.filter((name) => !before.includes(name));
  const count = after.length === 1 ? "1 group" : `${after.length} groups`;
  return `The list has changed: ${count}.${added.length ? ` New: ${added.join(", ")}.` : ""}`;
}

function namesIn(list) {
  return [...list.querySelectorAll("article h2")].map((heading) => heading.textContent.trim());
}

function wire(root) {
  const change = root.querySelector("#change");
  if (change && !change.dataset.wired) {
    change.dataset.wired = "yes";
    change.addEventListener("change", () => renew(change));
    change.addEventListener("submit", (event) => {
      event.preventDefault();
      renew(change);
    });
    root.querySelector("#change-wishes").open = window.matchMedia("(min-width: 60rem)").matches;
    root.querySelector("#print").addEventListener("click", () => window.print());
  }
  if (!intake) return;
  for (const form of root.querySelectorAll("form:not(#change, #intake)")) {
    if (form.dataset.wired) continue;
    form.dataset.wired = "yes";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const path = new URL(event.submitter?.hasAttribute("formaction") ? event.submitter.formAction : form.action).pathname;
      if (path !== "/answers") {
        ask(path, new FormData(form), form);
        return;
      }
      copyAnswers(form);
      window.location.hash = `#${document.querySelector(".screen").id}`;
    });
  }
}

// The address belongs to the screens, so the skip link moves the focus only.
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  document.getElementById("main").focus();
});

if (intake) {
  place = document.createElement("div");
  place.hidden = true;
  intake.after(place);
  intake.addEventListener("keydown", goOnWithEnter);
  intake.addEventListener("submit", (event) => {
    event.preventDefault();
    shown.clear();
    ask("/understood", new FormData(intake), intake);
  });
  window.addEventListener("hashchange", follow);
  // After the browser has put back what was typed.
  window.addEventListener("pageshow", () => {
    presetTimeZone(document.getElementById("time_zone"));
    if (STEPS[window.location.hash]) follow();
  });
}
focusOn(document.getElementById("mistakes"));
wire(document);
