// The contrast of letters by these rules of axe-core, each kind of them judged where it is first seen. `judged` are the
// kinds so far.
// A kind is what the rule looks at: the letters' colour, size and weight, and what is painted behind them.
async ({ judged, rules }) => {
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
  const found = await axe.run({ include }, { runOnly: rules, elementRef: true, preload: false });
  const kinds = (verdict) => found[verdict].flatMap((rule) => rule.nodes).map((node) => kind(node.element));
  // What is hidden here, or could not be decided, stays to be judged elsewhere.
  [...kinds("passes"), ...kinds("violations")].forEach((one) => known.add(one));
  kinds("incomplete").forEach((one) => known.delete(one));
  const faults = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
  return { judged: [...known], faults };
}
