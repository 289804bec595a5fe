// What patients sent does not stay on a screen that nobody watches. When the desk was not used in any tab for as long as
// a session lasts, this page goes to the sign-in; one in which something was typed is covered, and keeps it.
const cover = document.getElementById("idle");
const MARGIN = 60_000; // the server notes once a minute that a session is in use
const quiet = Number(cover.dataset.minutes) * 60_000 + MARGIN;
const tabs = new BroadcastChannel("desk-in-use");
let used = Date.now();
const texts = document.querySelectorAll("textarea, input:not([type=checkbox], [type=radio])");
let isTyped = [...texts].some((text) => text.value !== text.defaultValue); // before this script ran

function noteUse() {
  if (Date.now() - used < 1000) return;
  used = Date.now();
  tabs.postMessage("");
}

function cede() {
  if (Date.now() - used < quiet || !cover.hidden) return;
  if (isTyped) showCover(true);
  else location.assign(`${cover.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function showCover(covered) {
  cover.hidden = !covered;
  document.getElementById("container").hidden = covered;
}

async function askAgain() {
  const answer = await fetch(cover.dataset.ask, { redirect: "manual" });
  if (answer.ok) showCover(false);
  cover.querySelector("[data-over]").hidden = answer.ok;
}

tabs.addEventListener("message", () => { used = Date.now(); });
tabs.postMessage(""); // that this page was asked for is a use, too
for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, noteUse, { capture: true, passive: true });
addEventListener("input", () => { isTyped = true; });
cover.querySelector("button").addEventListener("click", askAgain);
document.addEventListener("visibilitychange", cede);
setInterval(cede, 5000);
