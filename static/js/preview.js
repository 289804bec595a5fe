// Shows the text beside the form as readers will see it, a moment after the last key. The frame is sandboxed without
// scripts: nothing in it runs. It keeps the site's origin, without which it would get no style sheet.
const pane = document.querySelector("[data-preview]");
const editor = document.getElementById("page_form");
const frame = pane.querySelector("iframe");
const stage = frame.parentElement;
const state = pane.querySelector("[data-state]");
const faultList = pane.querySelector("[data-faults]");
const others = document.querySelector("[data-others]");
const isEdited = editor.elements.namedItem("body") !== null;
const QUIET = 400; // milliseconds without a key

let request = new AbortController();
let timer = 0;

function listed(list, texts) {
  list.replaceChildren(
    ...texts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  list.hidden = texts.length === 0;
}

function warn(names) {
  if (!others || names.every((name) => others.textContent.includes(name))) return;
  const said = document.createElement("p");
  said.className = "desk-others";
  said.textContent = `${names.join(", ")} opened this page meanwhile. Whoever saves second is told what changed.`;
  others.replaceChildren(said);
}

function show(html) {
  const top = frame.contentDocument?.scrollingElement?.scrollTop ?? 0;
  frame.addEventListener("load", () => settle(top), { once: true });
  frame.srcdoc = html;
}

// Links stay in the preview: one within the page scrolls, any other does nothing.
function settle(top) {
  const shown = frame.contentDocument;
  shown.scrollingElement.scrollTop = top;
  shown.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    const place = link.getAttribute("href");
    if (place.startsWith("#")) shown.getElementById(place.slice(1))?.scrollIntoView();
  });
}

async function refresh() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const sent = isEdited ? { method: "POST", body: new FormData(editor) } : {};
  try {
    const answer = await fetch(pane.dataset.preview, { ...sent, signal, headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) throw new Error("no preview");
    const { html, faults, others: names } = await answer.json();
    listed(faultList, faults);
    warn(names);
    show(html);
    state.textContent = faults.length > 0 ? "Cannot be saved yet:" : "";
  } catch (error) {
    if (error.name === "AbortError") return;
    state.textContent = "No preview now. If you were signed out, sign in in another tab, then type on here.";
  }
}

function resize() {
  const chosen = pane.querySelector('[aria-pressed="true"]');
  const wanted = Number(chosen.dataset.width);
  const scale = Math.min(1, stage.clientWidth / wanted);
  frame.style.width = `${scale < 1 ? wanted : Math.min(wanted, stage.clientWidth)}px`;
  frame.style.height = `${stage.clientHeight / scale}px`;
  frame.style.transform = `scale(${scale})`;
}

pane.hidden = false;
for (const button of pane.querySelectorAll("[data-width]")) {
  button.addEventListener("click", () => {
    for (const other of pane.querySelectorAll("[data-width]")) other.setAttribute("aria-pressed", other === button);
    resize();
  });
}
new ResizeObserver(resize).observe(stage);
editor.addEventListener("input", (event) => {
  if (!event.target.name) return;
  clearTimeout(timer);
  timer = setTimeout(refresh, QUIET);
});
resize();
if (!isEdited || editor.elements.namedItem("body").value) refresh(); // a new page has nothing to show yet
