// Shows and hides the questions of a step while it is answered, by the rules that the server wrote beside them
// (intake/live.py). The server decides again on every post; without this script it does so alone.
const form = document.querySelector("form[data-live]");

const isOff = (element) => element.closest("[data-item][hidden]") !== null;

function answersOf(field) {
  const controls = [...form.elements].filter(
    (control) => (control.name === field || control.name.startsWith(`${field}-`)) && !isOff(control),
  );
  const chosen = controls.filter((control) => !["radio", "checkbox"].includes(control.type) || control.checked);
  return chosen.map((control) => ({ name: control.name, value: control.value.trim() })).filter(({ value }) => value);
}

function comparable(type, answers) {
  if (type !== "date") return type === "string" || type === "text" ? answers[0].value : number(answers[0].value);
  const part = (name) => Number(answers.find((answer) => answer.name.endsWith(name))?.value || NaN);
  return part("-year") * 10000 + part("-month") * 100 + part("-day");
}

const number = (text) => (/^[+-]?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(",", ".")) : NaN);

const compare = {
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function holds(condition) {
  if (typeof condition === "boolean") return condition;
  const answers = answersOf(condition.field);
  if (answers.length === 0) return condition.unanswered;
  if ("answered" in condition) return condition.answered;
  if ("values" in condition) {
    const fits = (answer) => condition.values.includes(answer.value);
    return condition.every ? answers.every(fits) : answers.some(fits);
  }
  const given = comparable(condition.type, answers);
  if (Number.isNaN(given)) return condition.unanswered;
  const wanted = condition.type === "date" ? Number(condition.value.replaceAll("-", "")) : condition.value;
  return compare[condition.operator](given, typeof given === "number" ? Number(wanted) : wanted);
}

function refresh() {
  // A question that goes off counts as unanswered for the next one, so look again until nothing changes.
  const items = [...form.querySelectorAll("[data-when]")];
  for (let round = 0; round <= items.length; round += 1) {
    let changed = false;
    for (const item of items) {
      const { any, when } = JSON.parse(item.dataset.when);
      const on = any ? when.some(holds) : when.every(holds);
      if (item.hidden === on) changed = true;
      item.hidden = !on;
    }
    if (!changed) break;
  }
  const shown = [...form.querySelectorAll("[data-item]")].filter((item) => !isOff(item));
  form.elements.seen.value = shown.map((item) => item.dataset.item).join(" ");
}

if (form) {
  form.addEventListener("input", refresh);
  refresh();
}
