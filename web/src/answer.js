// An answer of the engine as elements of a page: a table with the names of things, a word, a graph, or a file.
const EXTENSIONS = { json: "json", csv: "csv", tsv: "tsv", xml: "xml", turtle: "ttl", ntriples: "nt", jsonld: "jsonld", rdfxml: "rdf" };
const LINE = /^(.*\/source\/([^#]+))#L(\d+)$/;

export const made = (tag, given = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), given);
  element.append(...inside);
  return element;
};

/** Write what went wrong. */
export function problem(message) {
  const told = made("p", { className: "problem" }, message);
  told.setAttribute("role", "alert");
  return told;
}

/** Draw an answer; `terms` has our bases and prefixes, the way `up` to the top of the site, and the names of its `pages`. */
export function drawn(answer, terms, id = "result") {
  if (answer.file !== undefined) {
    const name = `answer.${EXTENSIONS[answer.format]}`;
    const address = URL.createObjectURL(new Blob([answer.file]));
    return [made("p", {}, made("a", { href: address, download: name }, `Save ${name}`), ` (${answer.file.length} characters)`)];
  }
  const title = (text) => made("h2", { id }, text);
  if (answer.word !== undefined) return [title(answer.word)];
  if (answer.text !== undefined) {
    return [title(`${answer.count} triples`), made("pre", { tabIndex: 0 }, made("code", {}, answer.text))];
  }
  const found = [title(`${answer.count} ${answer.count === 1 ? "row" : "rows"}`)];
  if (answer.count > answer.rows.length) {
    const told = `The first ${answer.rows.length} of ${answer.count} rows; choose CSV or JSON for all of them.`;
    found.push(made("p", { className: "note" }, told));
  }
  const head = made("tr", {}, ...answer.columns.map((name) => made("th", { scope: "col" }, name)));
  const body = answer.rows.map((row) => made("tr", {}, ...row.map((cell) => made("td", {}, ...written(cell, answer, terms)))));
  const table = made("table", { className: "sortable" }, made("thead", {}, head), made("tbody", {}, ...body));
  table.dataset.columns = answer.columns.length;
  const scroll = made("div", { className: "scroll", tabIndex: 0 }, table);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Result");
  const status = made("p", { className: "status" });
  status.setAttribute("role", "status");
  return [...found, made("div", { className: "table" }, status, scroll)];
}

/** Put what people need not see aside: the column beside its label, and lines of one row together, as pages of questions do. */
export function gathered({ columns, rows, names }, hidden, heading) {
  const shown = columns.filter((name) => !hidden.includes(name) && !columns.includes(`${name}Label`));
  const lines = shown.filter((name) => name === "line" || name.endsWith("Line"));
  const kept = shown.filter((name) => !lines.includes(name));
  const found = new Map();
  for (const row of rows) {
    const at = (name) => row[columns.indexOf(name)];
    const cells = kept.map((name) => (columns.includes(name.replace(/Label$/, "")) ? { ...at(name.replace(/Label$/, "")) } : at(name)));
    const key = JSON.stringify(cells);
    const one = found.get(key) ?? found.set(key, { cells, lines: new Map() }).get(key);
    for (const name of lines) if (at(name)) one.lines.set(at(name).value, at(name));
  }
  const whole = [...found.values()].map((one) => [...one.cells, ...(lines.length ? [[...one.lines.values()]] : [])]);
  return { columns: [...kept.map(heading), ...(lines.length ? ["source lines"] : [])], rows: whole, count: whole.length, names };
}

/** Write a cell: one term, or several side by side. */
function written(cell, answer, terms) {
  if (!Array.isArray(cell)) return [one(cell, answer, terms)];
  return cell.flatMap((term, at) => (at ? ["; ", one(term, answer, terms)] : [one(term, answer, terms)]));
}

/** Find the page of a thing of ours: its own, or the one that draws what is known under a name; undefined for neither. */
function page(iri, { bases, up, pages }, named) {
  const base = bases.findLast((one) => iri.startsWith(one));
  const [path, fragment] = iri.slice(base.length).split("#");
  let own;
  try {
    own = `${decodeURIComponent(path)}.html`;
  } catch {
    return undefined; // not percent-encoded UTF-8
  }
  if (!pages.has(own)) return named && !fragment ? `${up}thing.html#${new URLSearchParams({ iri })}` : undefined;
  const address = up + own.split("/").map(encodeURIComponent).join("/");
  return fragment ? `${address}#${encodeURIComponent(fragment)}` : address;
}

/** Write a term: an IRI as a link under its name, else its CURIE; of our own things to their pages. */
function one(term, { names }, terms) {
  if (!term?.type) return "";
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type !== "uri") return made("span", { lang: term["xml:lang"] ?? "", dir: "auto" }, term.value);
  const near = Object.entries(terms.prefixes).filter(([, space]) => term.value.startsWith(space));
  const [name, space] = near.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  const line = LINE.exec(term.value);
  const short = name === undefined ? term.value : `${name}:${term.value.slice(space.length)}`;
  const text = names?.[term.value] ?? (line ? `${line[2]}, line ${line[3]}` : short);
  if (terms.bases.some((base) => term.value.startsWith(base))) {
    const href = page(term.value, terms, Boolean(names?.[term.value]));
    return href ? made("a", { href, title: short }, text) : text;
  }
  return /^https?:/.test(term.value) ? made("a", { href: term.value, title: short, rel: "external noopener nofollow", className: "outside" }, text) : text;
}

/** Read what an answer is drawn with: the prefixes, and which pages the site has. */
export async function read(address, up) {
  const [terms, list] = await Promise.all([fetch(address).then((reply) => reply.json()), fetch(`${up}.oewg-site`).then((reply) => (reply.ok ? reply.text() : ""), () => "")]);
  return { ...terms, up, pages: new Set(list.split("\n")) };
}
