// Helps to write a page: inserts sources, words and figures where the caret is, and asks before typed text is left.
const textForm = document.getElementById("page_form");
const boxes = textForm ? [...textForm.querySelectorAll("textarea")] : [];
let caret = boxes.find((box) => box.name === "body");

function insert(code) {
  caret.focus();
  // The old command keeps the browser's undo; where it is gone, the text goes in without it.
  if (!document.execCommand("insertText", false, code)) {
    caret.setRangeText(code, caret.selectionStart, caret.selectionEnd, "end");
    caret.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function search(shelf, words) {
  const wanted = words.toLowerCase().split(/\s+/);
  let found = 0;
  for (const item of shelf.querySelectorAll("li")) {
    const text = item.textContent.toLowerCase();
    item.hidden = !wanted.every((word) => text.includes(word));
    found += item.hidden ? 0 : 1;
  }
  shelf.querySelector("[data-none]").hidden = found > 0;
}

for (const box of boxes) box.addEventListener("focus", () => { caret = box; });

for (const shelf of document.querySelectorAll(".shelf")) {
  const field = shelf.querySelector("[data-search]");
  field.closest("label").hidden = false;
  shelf.querySelector("[data-without-script]").hidden = true;
  field.addEventListener("input", () => search(shelf, field.value));
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it would save the page
  });
  for (const button of shelf.querySelectorAll("[data-insert]")) {
    button.hidden = false;
    button.addEventListener("click", () => insert(button.dataset.insert));
  }
}

let isTyped = document.querySelector(".errornote") !== null;
if (boxes.length > 0) {
  textForm.addEventListener("input", (event) => { isTyped ||= event.target.name !== undefined && event.target.name !== ""; });
  textForm.addEventListener("submit", (event) => {
    if (!event.submitter?.formTarget) isTyped = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (isTyped) event.preventDefault();
  });
}
