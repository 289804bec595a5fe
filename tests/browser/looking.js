// What can be measured of a page as the browser shows it. Each function returns its faults, a line each.
(() => {
  const shown = (one) =>
    one.checkVisibility({ visibilityProperty: true }) && !one.closest(".visually-hidden, .skip-link");
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const named = (one) => {
    const text = one.textContent.replace(/\s+/g, " ").trim();
    return `${one.localName}.${one.className.baseVal ?? one.className} “${text.slice(0, 40)}”`;
  };

  // A table may scroll in a box of its own; the page may not.
  function wide() {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const sticksOut = (one) => one.getBoundingClientRect().right > clientWidth + 1 && !one.closest(".table-scroll");
    return [`${scrollWidth} px wide`, ...all("body *").filter(sticksOut).slice(0, 3).map(named)];
  }

  // Markup that no template of ours has: a text has brought it. The admin's calendar is hidden by a style.
  function planted() {
    const at = (value) => (URL.canParse(value, document.baseURI) ? new URL(value, document.baseURI) : location);
    const leads = ["href", "xlink:href", "src", "action", "formaction", "data", "poster"];
    const ways = ["http:", "https:", "mailto:", "tel:", "sms:", "file:"];
    const isForeign = ({ name, value }) => name.endsWith("action") && at(value).origin !== location.origin;
    const isStrange = ({ name, value }) => leads.includes(name) && !ways.includes(at(value).protocol);
    const bad = (one) => one.name.startsWith("on") || isForeign(one) || isStrange(one);
    const strange = [
      "base, object, embed, math, listing, [http-equiv], iframe:not([sandbox])",
      "[style]:not(iframe, .calendarbox, .clockbox)",
      "script:not([src], [type='application/ld+json'])",
    ];
    return [...document.querySelectorAll("*")]
      .filter((one) => one.matches(strange) || [...one.attributes].some(bad))
      .map((one) => `planted ${one.outerHTML.slice(0, 120)}`);
  }

  // WCAG 1.4.12. The style sheet is made by script: the policy refuses one in the page.
  function space() {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
      p { margin-block-end: 2em !important }
    `);
    document.adoptedStyleSheets = [sheet];
  }

  const linesOf = (one) => {
    const range = document.createRange();
    const texts = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return texts.flatMap((node) => (range.selectNodeContents(node), [...range.getClientRects()]));
  };

  function isCut(one) {
    const { overflowX, overflowY } = getComputedStyle(one);
    const cuts = (how) => ["hidden", "clip"].includes(how) && one.localName !== "select" && one.textContent.trim();
    return (
      (cuts(overflowX) && one.scrollWidth > one.clientWidth + 1) ||
      (cuts(overflowY) && one.scrollHeight > one.clientHeight + 1)
    );
  }

  function leavesItsBox(one) {
    if (!one.matches("button, .button, summary, th, td, legend, label, svg text")) return false;
    const drawing = one.ownerSVGElement;
    const box = (drawing ?? one).getBoundingClientRect();
    // A drawing that lets its letters out of its box is held by the window alone.
    if (drawing && getComputedStyle(drawing).overflow === "visible") [box.x, box.width] = [0, innerWidth];
    return (drawing ? [one.getBoundingClientRect()] : linesOf(one)).some(
      (text) =>
        text.left < box.left - 2 ||
        text.right > box.right + 2 ||
        text.top < box.top - 4 ||
        text.bottom > box.bottom + 4,
    );
  }

  const isInTheWay = (one) =>
    ["fixed", "sticky"].includes(getComputedStyle(one).position) &&
    one.getBoundingClientRect().height > innerHeight / 4;

  // Text that is cut off, leaves its button or drawing, or would cover a small window while it is scrolled.
  function cramped() {
    const tests = { "cut off": isCut, "out of its box": leavesItsBox, "in the way": isInTheWay };
    return Object.entries(tests).flatMap(([fault, test]) =>
      all("body *")
        .filter(test)
        .map((one) => `${fault}: ${named(one)}`),
    );
  }

  // A radio button or tick box is hit by its label as well.
  function target(one) {
    const parts = [one, ...(["radio", "checkbox"].includes(one.type) ? one.labels : [])];
    const boxes = parts.map((part) => part.getBoundingClientRect());
    const left = Math.min(...boxes.map((box) => box.left));
    const top = Math.min(...boxes.map((box) => box.top));
    const right = Math.max(...boxes.map((box) => box.right));
    const bottom = Math.max(...boxes.map((box) => box.bottom));
    return { one, width: right - left, height: bottom - top, x: (left + right) / 2, y: (top + bottom) / 2 };
  }

  function isInSentence(one) {
    if (getComputedStyle(one).display !== "inline") return false;
    let block = one.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const length = (part) => part.textContent.trim().length;
    const linked = [...block.querySelectorAll("a")].reduce((sum, link) => sum + length(link), 0);
    return length(block) > linked + 3;
  }

  // 44 px, but for a link in a sentence. The number of a source may be smaller where none other is within 24 px.
  function targets() {
    const found = all("a[href], button, summary, select, textarea, input:not([type=hidden])").map(target);
    const isNumber = ({ one }) => one.closest(".cite, .sources__back");
    const small = found.filter(
      (it) => !isNumber(it) && (it.width < 43.5 || it.height < 43.5) && !isInSentence(it.one),
    );
    const numbers = found.filter(isNumber);
    const crowded = numbers.filter((it) =>
      numbers.some((other) => other !== it && Math.hypot(other.x - it.x, other.y - it.y) < 23.5),
    );
    return [
      ...small.map((it) => `${Math.round(it.width)} × ${Math.round(it.height)}: ${named(it.one)}`),
      ...crowded.map((it) => `within 24 px of another: ${named(it.one)}`),
    ];
  }

  // For a reader who asked for less motion.
  function moving() {
    const moves = (one) => {
      const { transitionDuration, animationName } = getComputedStyle(one);
      return animationName !== "none" || transitionDuration.split(", ").some((time) => time !== "0s");
    };
    const smooth = getComputedStyle(document.documentElement).scrollBehavior !== "auto";
    return [
      ...(smooth ? ["scrolls smoothly"] : []),
      ...document.getAnimations().map((one) => `animates ${one.effect.target.localName}`),
      ...new Set(all("*").filter(moves).map((one) => `moves ${one.localName}`)),
    ];
  }

  // The element that has the focus: its name, its kind, where it is, and what is wrong with how it is shown.
  function focus() {
    const one = document.activeElement;
    const label = one.labels?.[0];
    const seen = label && ["radio", "checkbox"].includes(one.type) ? label : one;
    const [first] = seen.getClientRects();
    const [x, y] = [first.left + Math.min(first.width, 60) / 2, first.top + Math.min(first.height, 40) / 2];
    const over = document.elementFromPoint(x, y);
    const { outlineStyle, outlineWidth } = getComputedStyle(seen);
    const faults = [];
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) faults.push("out of the window");
    else if (!over || !(seen.contains(over) || one.contains(over))) faults.push(`under ${over && named(over)}`);
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) faults.push("no outline of 2 px");
    const name = (label ?? one).innerText || one.ariaLabel || "";
    const box = { x: first.left - 8, y: first.top - 8, width: first.width + 16, height: first.height + 16 };
    return { name: name.trim(), kind: `${one.localName}.${seen.className}`, box, faults };
  }

  return { wide, space, cramped, targets, moving, focus, planted };
})()
