// What axe-core objects to on this page: a line a rule, and of the rules of contrast a line for each of the letters.
// Letters are judged once a kind, where it is first seen: `judged` are the kinds so far, `rules` axe-core's own options.
// A kind is what such a rule looks at: the letters' colour, size and weight, and what is painted behind them.
async ({ judged, contrast, rules }) => {
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

  for (const rule of axe._audit.rules.filter(({ id }) => contrast.includes(id))) {
    rule.ofAxe ??= rule.matches;
    rule.matches = (one, ...more) => !known.has(kind(one)) && rule.ofAxe(one, ...more);
  }
  const reporter = (found, options, done) => done(found); // axe-core's own describes each node by selectors
  const found = await axe.run({ ...rules, reporter, preload: false });

  const lettered = found.filter(({ id }) => contrast.includes(id));
  const nodes = (verdict) => lettered.flatMap((rule) => rule[verdict]).map(({ node }) => node.element);
  const kinds = (verdict) => nodes(verdict).filter(Boolean).map(kind); // a node of a frame has no element here
  // What is hidden here, or could not be decided, stays to be judged elsewhere.
  [...kinds("passes"), ...kinds("violations")].forEach((one) => known.add(one));
  kinds("incomplete").forEach((one) => known.delete(one));
  const shown = (rule) => rule.violations.slice(0, lettered.includes(rule) ? Infinity : 1);
  const faults = found.flatMap((rule) => shown(rule).map(({ node }) => `${rule.id}: ${node.source}`));
  return { judged: [...known], faults };
}
