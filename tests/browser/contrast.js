// The contrast of letters by axe-core, each kind of them judged where it is first seen. `judged` are the kinds so far.
// A kind is what the rule looks at: the letters' colour, size and weight, and what is painted behind them.
async (judged) => {
  const known = new Set(judged);
  const said = (one, ...names) => names.map((name) => getComputedStyle(one)[name]).join();

  const grounds = new Map();
  const ground = (one) => {
    if (!one) return "";
    if (!grounds.has(one)) {
      const own = said(one, "backgroundColor", "backgroundImage", "opacity", "mixBlendMode", "position");
      const paints = own !== "rgba(0, 0, 0, 0),none,1,normal,static";
      grounds.set(one, ground(one.parentElement) + (paints ? ` > ${one.localName}.${one.className} ${own}` : ""));
    }
    return grounds.get(one);
  };
  const kind = (one) => [said(one, "color", "fontSize", "fontWeight", "textShadow"), ground(one)].join();

  const holdsText = (one) =>
    one.matches("input, select, textarea") ||
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const include = [...document.querySelectorAll("body, body *")].filter(
    (one) => holdsText(one) && !known.has(kind(one)),
  );
  if (!include.length) return { judged, faults: [] };
  const { passes, violations } = await axe.run(
    { include },
    { runOnly: ["color-contrast"], elementRef: true, preload: false },
  );
  // What is hidden here, or could not be decided, stays to be judged elsewhere.
  const nodes = [...passes, ...violations].flatMap((rule) => rule.nodes);
  nodes.forEach((node) => known.add(kind(node.element)));
  const faults = violations.flatMap((rule) => rule.nodes).map((node) => `color-contrast: ${node.html}`);
  return { judged: [...known], faults };
}
