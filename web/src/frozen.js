// SPARQL over a frozen site: the graph is fetched once, a worker answers, and this draws what it answers.
const SHOWN = 200;
const EXTENSIONS = { json: "json", csv: "csv", tsv: "tsv", xml: "xml", turtle: "ttl", ntriples: "nt", jsonld: "jsonld", rdfxml: "rdf" };

const made = (tag, given = {}, ...inside) => {
  const element = Object.assign(document.createElement(tag), given);
  element.append(...inside);
  return element;
};

/** Return a function that runs a query, given its text and a format, and gives the elements that show the answer. */
export function frozen(form, terms) {
  const prologue = Object.entries(terms.prefixes).map(([name, space]) => `PREFIX ${name}: <${space}>`).join(" ");
  const graph = new URL(form.dataset.graph, location).href;
  const stop = form.querySelector("[name=stop]");
  const listed = fetch(".oewg-site").then((list) => (list.ok ? list.text() : ""), () => "");
  let worker, refuse;

  const ended = (message) => {
    worker?.terminate();
    worker = undefined;
    refuse?.(new Error(message));
  };
  stop.addEventListener("click", () => ended("stopped"));

  /** Ask the worker; one that was stopped or that fell over is replaced, and fetches the graph from the browser's cache. */
  function asked(query, format) {
    if (refuse) ended("another query was asked");
    return new Promise((resolve, reject) => {
      refuse = reject;
      worker ??= new Worker(new URL("worker.js", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }) => (data.problem === undefined ? resolve(data) : reject(new Error(data.problem)));
      worker.onerror = (event) => {
        event.preventDefault();
        ended(`the engine ended: ${event.message || "it could not be loaded"}`);
      };
      worker.postMessage({ graph, query: `${prologue} ${query}`, shift: prologue.length + 1, format, most: SHOWN });
    });
  }

  return async (query, format) => {
    stop.hidden = false;
    try {
      const pages = new Set((await listed).split("\n"));
      return drawn(await asked(query, format), { ...terms, pages });
    } finally {
      stop.hidden = true;
      refuse = undefined;
    }
  };
}

function drawn(answer, terms) {
  if (answer.file !== undefined) {
    const address = URL.createObjectURL(new Blob([answer.file]));
    const name = `answer.${EXTENSIONS[answer.format]}`;
    return [made("p", {}, made("a", { href: address, download: name }, `Save ${name}`), ` (${answer.file.length} characters)`)];
  }
  const title = (text) => made("h2", { id: "result" }, text);
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
  const body = answer.rows.map((row) => made("tr", {}, ...row.map((term) => made("td", {}, written(term, terms)))));
  const table = made("table", {}, made("thead", {}, head), made("tbody", {}, ...body));
  const scroll = made("div", { className: "scroll", tabIndex: 0 }, table);
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Result");
  return [...found, scroll];
}

/** Name the file of a page as the list of the site has it; undefined for a path that is not percent-encoded UTF-8. */
function file(path) {
  try {
    return `${decodeURIComponent(path)}.html`;
  } catch {
    return undefined;
  }
}

/** Write a term: an IRI as a link under its CURIE, of our own things to their pages beside this one, if the site lists them. */
function written(term, { prefixes, base, pages }) {
  if (!term) return "";
  if (term.type === "bnode") return `_:${term.value}`;
  if (term.type !== "uri") return made("span", { lang: term["xml:lang"] ?? "", dir: "auto" }, term.value);
  const near = Object.entries(prefixes).filter(([, space]) => term.value.startsWith(space));
  const [name, space] = near.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  const text = name === undefined ? term.value : `${name}:${term.value.slice(space.length)}`;
  if (term.value.startsWith(base)) {
    const [path, line] = term.value.slice(base.length).split("#");
    const page = file(path);
    if (!pages.has(page)) return text;
    const address = `./${page.split("/").map(encodeURIComponent).join("/")}`;
    return made("a", { href: line ? `${address}#${encodeURIComponent(line)}` : address }, text);
  }
  return /^https?:/.test(term.value) ? made("a", { href: term.value, rel: "external noopener nofollow", className: "outside" }, text) : text;
}
