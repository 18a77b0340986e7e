// What the editor completes: our prefixes, and the classes and properties of the graph, found by CURIE or by label.

/** Put our completers in the place of those that ask services elsewhere. */
export function complete(Yasqe, { prefixes, classes, properties }) {
  Yasqe.defaults.autocompleters = ["variables"];
  const declared = Object.entries(prefixes).map(([name, space]) => `${name}: <${space}>`);
  Yasqe.forkAutocompleter("prefixes", { name: "our-prefixes", persistenceId: null, get: () => declared });
  for (const [name, from, known] of [["our-classes", "class", classes], ["our-properties", "property", properties]]) {
    const labels = new Map(known);
    Yasqe.forkAutocompleter(from, {
      name,
      bulk: false,
      autoShow: true,
      get: (_, token) => matching(known, token.string),
      preProcessToken: (_, token) => token,
      postProcessSuggestion: (_, token, curie) => curie,
      postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, render: drawn(labels.get(hint.text)) })),
    });
  }
}

/** Find the terms that begin as typed, then those whose name or label holds it. */
function matching(known, typed) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return known.map(([curie]) => curie);
  const first = known.filter(([curie]) => curie.toLowerCase().startsWith(wanted));
  const rest = wanted.includes(":") ? [] : known.filter((one) => one.join(" ").toLowerCase().includes(wanted));
  return [...new Set([...first, ...rest].map(([curie]) => curie))];
}

const drawn = (label) => (item, _, hint) => {
  item.append(hint.text);
  if (label) item.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: ` ${label}` }));
};
