// Answers queries over the graph of a frozen site with Oxigraph, apart from the page, so that a long query can be stopped.
import start, { Store } from "oxigraph";

const GRAPHS = { turtle: "text/turtle", ntriples: "application/n-triples", jsonld: "application/ld+json", rdfxml: "application/rdf+xml" };
const TRIPLES = 400;
// As the server does (formats.py): classes are values of @type, which framing by type looks at.
const TYPED = /"http:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns#type":\[((?:\{"@id":"[^"]*"\},?)+)\]/g;
const typed = (text) => text.replace(TYPED, (_, ids) => `"@type":[${ids.replace(/\{"@id":("[^"]*")\}/g, "$1")}]`);
let ready;

/** Fetch a compressed file; a host that says so in a header has it unpacked already. */
async function fetched(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`${address} could not be fetched: ${reply.status}`);
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unpacked).arrayBuffer());
}

/** Fetch the engine and the graph, once. */
async function opened(graph) {
  const [engine, quads] = await Promise.all([fetched(new URL("oxigraph.wasm.gz", import.meta.url).href), fetched(graph)]);
  await start({ module_or_path: engine });
  const store = new Store();
  store.load(quads, { format: "application/n-quads", lenient: true, no_transaction: true });
  return store;
}

/** Find the names of things: English ones, or without a language. */
function names(store, rows) {
  const things = new Set(rows.flat().filter((term) => term?.type === "uri").map((term) => term.value));
  const wanted = [...things].filter((iri) => !/[<>"{}|^`\\\s]/.test(iri)).map((iri) => `<${iri}>`).join(" ");
  const found = store.query(`SELECT ?thing (MIN(?name) AS ?label) {
    VALUES ?thing { ${wanted} }
    ?thing <http://www.w3.org/2004/02/skos/core#prefLabel>|<http://www.w3.org/2000/01/rdf-schema#label> ?name
    FILTER (LANG(?name) IN ("en", "")) } GROUP BY ?thing`);
  return Object.fromEntries(found.map((row) => [row.get("thing").value, row.get("label").value]));
}

function answered(store, { query, format, most }) {
  if (format !== "html") {
    const file = store.query(query, { results_format: GRAPHS[format] ?? format });
    return { format, file: format === "jsonld" ? typed(file) : file };
  }
  const found = JSON.parse(store.query(query, { results_format: "json" }));
  if (Array.isArray(found)) {
    // A graph, which the engine wrote as JSON-LD; it is shown as triples.
    const triples = store.query(query, { results_format: GRAPHS.ntriples }).trimEnd().split("\n").filter(Boolean);
    return { count: triples.length, text: triples.sort().slice(0, TRIPLES).join("\n") };
  }
  if ("boolean" in found) return { word: found.boolean ? "Yes" : "No" };
  const { head, results } = found;
  const rows = results.bindings.slice(0, most).map((binding) => head.vars.map((name) => binding[name] ?? null));
  return { columns: head.vars, rows, count: results.bindings.length, names: names(store, rows) };
}

addEventListener("message", async ({ data }) => {
  try {
    const store = await (ready ??= opened(data.graph));
    postMessage(answered(store, data));
  } catch (error) {
    // The place of a syntax error is counted after the prefixes that were put before the query.
    const message = String(error.message ?? error).replace(/ at 1:(\d+)/, (_, column) => ` at 1:${column - data.shift}`);
    postMessage({ problem: message });
  }
});
