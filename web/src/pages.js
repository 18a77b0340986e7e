// On frozen pages: a question with other settings, a record that has no page of its own, an address that leads nowhere.
import { drawn, gathered, made, problem, read } from "./answer.js";
import { engine } from "./engine.js";

const TOP = new URL("../../", import.meta.url).href;
const PARAMETER = /^#\+ param ([\w-]+): (\w+) = *(.*?) *(?:\| choices: .*)?$/gm;
const FROM = (name) => name.replaceAll("-", "_");
const results = document.querySelector("#results");
const form = document.querySelector("form[data-query]");
const asked = () => new URLSearchParams(location.hash.slice(1));
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const heading = (name) => name.replace(/Label$/, "").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).replaceAll("_", " ").trim();

/** Write a setting as a term of SPARQL: an IRI or a short name of ours, or a literal of the parameter's type. */
function term(text, type, { prefixes }) {
  if (type === "iri") {
    const [, prefix, local] = /^([\w-]+):(.*)$/.exec(text) ?? [];
    const iri = prefixes[prefix] === undefined ? text : prefixes[prefix] + local;
    if (!/^https?:[^<>"{}|^`\\\s]+$/.test(iri)) throw new Error(`${text || "nothing"} is not a valid setting; choose one from the list`);
    return `<${iri}>`;
  }
  const valid = { date: /^\d{4}-\d{2}-\d{2}$/, integer: /^-?\d+$/, string: /^/ }[type];
  if (!valid.test(text)) throw new Error(`${text || "nothing"} is not a valid ${type === "date" ? "date; write it as 2021-03-12" : "whole number"}`);
  return type === "date" ? `"${text}"^^<http://www.w3.org/2001/XMLSchema#date>` : type === "integer" ? text : JSON.stringify(text);
}

/** Put settings in the place of the defaults of a saved query, as the server does (query.with_values). */
function filled(text, values, terms) {
  for (const [, name, type, standard] of [...text.matchAll(PARAMETER)]) {
    if (!values.has(name) || values.get(name) === standard) continue;
    const place = new RegExp(`^( *VALUES \\?${FROM(name)} \\{ )${escaped(standard)}(?= \\} *$)`, "gm");
    const value = term(values.get(name), type, terms);
    text = text.replace(place, (_, start) => start + value);
  }
  return text;
}

const saving = (name, text) => made("a", { href: URL.createObjectURL(new Blob([text])), download: name }, name);

/** Answer a question with the settings of its form, and say which they are. */
async function question() {
  const text = await (await fetch(form.dataset.query)).text();
  const terms = await read(form.dataset.terms, "../");
  const run = engine({ terms, graph: new URL(form.dataset.graph, location).href, stop: form.elements.stop, most: Infinity });
  const standard = document.querySelector("#default");
  const heads = [...document.querySelectorAll(".with")];
  form.hidden = false;
  document.querySelector("#settings").hidden = true;
  let turn = 0;

  async function answered() {
    const values = asked();
    const mine = ++turn;
    standard.hidden = values.size > 0;
    for (const one of heads) one.hidden = values.size > 0;
    results.replaceChildren();
    if (!values.size) return form.reset();
    for (const [name, value] of values) if (form.elements[name]) form.elements[name].value = value;
    const told = [...form.querySelectorAll("label")].map((label) => {
      const field = label.control;
      return `${label.textContent.trim()}: ${field.selectedOptions?.[0]?.textContent.trim() ?? field.value}`;
    });
    results.setAttribute("aria-busy", "true");
    results.append(made("p", { className: "quiet" }, "Downloading the data and running the query …"));
    const shown = await (async () => {
      const query = filled(text, values, terms);
      const answer = await run(query);
      const hidden = [...text.matchAll(PARAMETER)].map(([, name]) => FROM(name));
      const table = gathered(answer, hidden, heading);
      const save = async (format) => saving(form.dataset.query.replace(/rq$/, format), (await run(query, format)).file);
      const [csv, json] = [await save("csv"), await save("json")];
      const edit = made("a", { href: `../sparql.html#${new URLSearchParams({ query })}` }, "open it in the query editor");
      const none = "No rows. “Not listed” only means that no source page lists a contribution or an entry.";
      const rows = table.count ? drawn(table, terms, "asked") : [made("p", { className: "note" }, none)];
      return [...rows, made("p", {}, "Save ", csv, " or ", json, ", or ", edit, ".")];
    })().catch((error) => [problem(error.message)]);
    if (mine !== turn) return;
    results.removeAttribute("aria-busy");
    results.replaceChildren(made("p", { className: "with" }, `Settings: ${told.join("; ")}.`), ...shown);
    results.append(made("p", {}, made("a", { href: form.getAttribute("action") }, "Back to the default settings")));
    results.scrollIntoView({ block: "start" });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = new URLSearchParams(new FormData(form));
    if (`#${values}` === location.hash) answered();
    else location.hash = values;
  });
  addEventListener("hashchange", answered);
  await answered();
}

/** Draw what the graph holds of a thing: what is stated of it and where, and what mentions it; or all that mention it in one way. */
async function record() {
  const terms = await read(results.dataset.terms, "./");
  const run = engine({ terms, graph: new URL(results.dataset.graph, location).href, most: 1000 });
  const iri = asked().get("iri") ?? "";
  const way = asked().get("to") ?? "";
  const expanded = (text) => text.replace(/^([\w-]+):(?!\/)/, (found, prefix) => terms.prefixes[prefix] ?? found);
  const thing = expanded(iri);
  if (![thing, expanded(way) || thing].every((one) => /^https?:[^<>"{}|^`\\\s]+$/.test(one))) throw new Error("This is not the address of a record.");
  const parts = way
    ? { "Mentioned by": `SELECT ?entry { ?entry <${expanded(way)}> <${thing}> } ORDER BY ?entry` }
    : {
        "What is stated": `SELECT ?property ?value ?line { { <${thing}> ?property ?value OPTIONAL { GRAPH ?line { <${thing}> ?property ?value } } } } ORDER BY ?property ?value ?line`,
        "Mentioned by": `SELECT ?property ?entry { ?entry ?property <${thing}> } ORDER BY ?property ?entry`,
        "What this graph contains": `SELECT ?entry ?property ?value { GRAPH <${thing}> { ?entry ?property ?value } } ORDER BY ?entry ?property ?value`,
      };
  const name = (await run(`SELECT ?thing { VALUES ?thing { <${thing}> } }`)).names[thing] ?? thing;
  const found = [];
  for (const [title, query] of Object.entries(parts)) {
    const answer = await run(query);
    if (answer.count) found.push(made("h2", {}, title), ...drawn(gathered(answer, [], heading), terms, "").slice(1));
    if (answer.count > answer.rows.length) found.push(made("p", { className: "note" }, `The first ${answer.rows.length} of ${answer.count}.`));
  }
  document.title = `${name} · oewg-kg`;
  document.querySelector("h1").textContent = name;
  const ask = made("a", { href: `sparql.html#${new URLSearchParams({ query: `DESCRIBE <${thing}>` })}` }, "DESCRIBE in SPARQL");
  const about = made("p", { className: "about" }, made("span", { className: "iri" }, thing));
  results.replaceChildren(about, ...(found.length ? found : [problem("Nothing is recorded under this address.")]), made("p", {}, ask));
}

const shown = (work) => work().catch((error) => results.replaceChildren(problem(error.message)));
if (form) shown(question);
else if (results?.dataset.graph) {
  shown(record);
  addEventListener("hashchange", () => shown(record));
} else if (document.querySelector("#lost")) {
  // A thing without a page of its own, at the address that its IRI has.
  const path = location.href.startsWith(TOP) ? location.href.slice(TOP.length) : "";
  if (/^(claim|membership|rollcall)\/[^#?]+$/.test(path)) location.replace(`${TOP}thing.html#${new URLSearchParams({ iri: `https://w3id.org/oewg-kg/${path}` })}`);
}
