// Answers queries over the graph of a frozen site with Oxigraph, apart from the page, so that a long query can be stopped.
import start, { Store } from "oxigraph";

const GRAPHS = { turtle: "text/turtle", ntriples: "application/n-triples", jsonld: "application/ld+json", rdfxml: "application/rdf+xml" };
const TRIPLES = 400;
// As the server does (formats.py): classes are values of @type, which framing by type looks at.
const TYPED = /"http:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns#type":\[((?:\{"@id":"[^"]*"\},?)+)\]/g;
const typed = (text) => text.replace(TYPED, (_, ids) => `"@type":[${ids.replace(/\{"@id":("[^"]*")\}/g, "$1")}]`);
let ready;

/** Fetch the engine and the graph, once. The graph is compressed; a host that says so in a header has it unpacked already. */
async function opened(graph) {
  const [, reply] = await Promise.all([start({ module_or_path: new URL("oxigraph.wasm", import.meta.url) }), fetch(graph)]);
  if (!reply.ok) throw new Error(`the graph could not be fetched: ${reply.status}`);
  let bytes = new Uint8Array(await reply.arrayBuffer());
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  }
  const store = new Store();
  store.load(bytes, { format: "application/n-quads", lenient: true, no_transaction: true });
  return store;
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
  return { columns: head.vars, rows, count: results.bindings.length };
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
