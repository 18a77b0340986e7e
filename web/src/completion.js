// What the editor completes: our prefixes, and the classes, properties and things of the graph, found by CURIE or by label.

/** Put our completers in the place of those that ask services elsewhere. */
export function complete(Yasqe, { prefixes, classes, properties }, things) {
  Yasqe.defaults.autocompleters = ["variables"];
  const declared = Object.entries(prefixes).map(([name, space]) => `${name}: <${space}>`);
  Yasqe.forkAutocompleter("prefixes", { name: "our-prefixes", persistenceId: null, get: () => declared });
  const kinds = [["our-classes", "class", classes], ["our-properties", "property", properties], ["our-values", "property", [], atValue]];
  let fetched; // the things are many, and fetched when the first one is typed
  for (const [name, from, told, valid] of kinds) {
    const labels = new Map(told);
    const known = async () => {
      if (!valid) return told;
      const found = await (fetched ??= fetch(things).then((reply) => reply.json()));
      for (const [curie, label] of found) labels.set(curie, label);
      return found;
    };
    Yasqe.forkAutocompleter(from, {
      name,
      bulk: false,
      autoShow: true,
      ...(valid && { isValidCompletionPosition: valid }),
      get: async (_, token) => matching(await known(), token.string),
      preProcessToken: (_, token) => token,
      postProcessSuggestion: (_, token, curie) => curie,
      postprocessHints: (_, hints) => hints.map((hint) => ({ ...hint, render: drawn(labels.get(hint.text)) })),
    });
  }
}

/** Tell whether a thing may be named here: where the grammar takes a name, but no property stands. */
function atValue(editor) {
  const { string, state } = editor.getCompleteToken();
  return /^[\p{L}][\p{L}\w:-]{2,}/u.test(string) && !["a", "SELECT"].some((word) => state.possibleCurrent.includes(word)) && state.lastProperty !== "a";
}

/** Find the terms whose CURIE or label begins as typed, the shortest label first, then those whose name or label holds it. */
function matching(known, typed) {
  const wanted = typed.trim().toLowerCase();
  const best = ([curie, label]) => (curie.toLowerCase().startsWith(wanted) ? 0 : label.toLowerCase().startsWith(wanted) ? label.length : 1e6);
  const found = wanted.includes(":") ? known.filter((one) => !best(one)) : known.filter((one) => one.join(" ").toLowerCase().includes(wanted));
  return found.sort((one, other) => best(one) - best(other)).map(([curie]) => curie).slice(0, 100);
}

const drawn = (label) => (item, _, hint) => {
  item.append(hint.text);
  if (label) item.append(Object.assign(document.createElement("span"), { className: "quiet", textContent: ` ${label}` }));
};
