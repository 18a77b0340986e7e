// The editor on the SPARQL page: it stands in the place of the plain field, and answers come without loading the page anew.
import Yasqe from "@zazuko/yasqe";
import { complete } from "./completion.js";
import { drawn, problem, read as known } from "./answer.js";
import { engine } from "./engine.js";
import { addViews } from "./views.js";
import "./editor.css";

const form = document.querySelector("#editor");
const field = form.elements.query;
const format = form.elements.format;
const results = document.querySelector("#results");
const ask = form.querySelector("button");
const chooser = document.querySelector("#saved");
// A frozen page hides what does nothing without this script.
chooser.form.hidden = form.hidden = false;

const terms = form.dataset.graph ? await known(form.dataset.terms, "./") : await (await fetch(form.dataset.terms)).json();
complete(Yasqe, terms, form.dataset.things);
const editor = new Yasqe(field.parentElement, {
  value: field.value,
  screenReaderLabel: "Query",
  // No share links, no shortener, nothing kept in the browser, no prefix.cc, no service but our own.
  createShareableLink: null,
  consumeShareLink: null,
  persistenceId: null,
  prefixCcApi: null,
  showQueryButton: false,
  editorHeight: "22rem",
  extraKeys: {
    // Tab leaves the editor, so that the keyboard is never caught in it.
    Tab: false,
    "Shift-Tab": false,
    "Ctrl-S": false,
    "Ctrl-Enter": () => form.requestSubmit(ask),
    "Cmd-Enter": () => form.requestSubmit(ask),
  },
});
// Our prefixes need no declaration: the editor's grammar begins with them known.
const mode = editor.getMode();
const begin = mode.startState.bind(mode);
mode.startState = (...given) => {
  const state = begin(...given);
  return { ...state, prefixes: { ...terms.prefixes, ...state.prefixes } };
};
editor.setValue(field.value);
field.hidden = true;
field.required = false;
editor.on("change", () => (field.value = editor.getValue()));
const shown = (text) => {
  editor.setValue(text);
  field.value = text;
};

/** Show an error at its place in the query, on one line, until the query is changed. */
let marked;
function mark(message) {
  marked?.clear();
  const [, line, column] = /\b(\d+):(\d+)\b/.exec(message ?? "") ?? [];
  if (!line || line > editor.lineCount()) return;
  const told = Object.assign(document.createElement("div"), { className: "at-place", textContent: message, title: message });
  marked = editor.addLineWidget(line - 1, told);
  editor.setCursor(line - 1, column - 1);
}
editor.on("change", () => marked?.clear());

/** Ask the server for the page with the answer, and take the answer out of it; the address names the state. */
async function served(query, how) {
  if (how !== "html") return null;
  const address = `${form.getAttribute("action")}?${new URLSearchParams({ query, format: "html" })}`;
  history.replaceState(null, "", address);
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  return [...page.querySelector("#results").childNodes];
}

const ours = form.dataset.graph && engine({ terms, graph: new URL(form.dataset.graph, location).href, stop: form.elements.stop });
const run = ours ? async (query, how) => drawn(await ours(query, how), terms) : served;
let waiting = 0;
form.addEventListener("submit", async (event) => {
  if (!form.dataset.graph && format.value !== "html") return; // a download is the server's
  event.preventDefault();
  const turn = ++waiting;
  results.setAttribute("aria-busy", "true");
  const answer = await run(field.value, format.value).catch((error) => [problem(error.message)]);
  if (turn !== waiting) return;
  results.replaceChildren(...answer);
  addViews(results);
  mark(results.querySelector(".problem")?.textContent);
  results.removeAttribute("aria-busy");
});

// A saved question goes into the editor; without this script the form loads the page with it.
const take = async (address) => {
  const reply = await fetch(address);
  if (reply.ok) shown(await reply.text());
};
chooser.form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (/^[\w-]+$/.test(chooser.value)) take(`questions/${chooser.value}.rq`);
});

// A frozen page cannot be asked for a query; links to it carry the query, or the file that holds it, after the number sign.
const read = () => {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (asked.get("query")) shown(asked.get("query"));
  else if (/^questions\/[\w.,=-]+\.rq$/.test(asked.get("saved") ?? "")) take(asked.get("saved"));
};
addEventListener("hashchange", read);
read();
