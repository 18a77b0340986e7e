// A table of which all rows are shown is sorted and filtered here; longer ones by the server, by the same links.
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const order = new Intl.Collator("en", { numeric: true }).compare;

function prepare(table) {
  const place = table.closest(".table"), body = table.tBodies[0];
  table.dataset.ready = "";
  const status = place.querySelector(".status"), count = body.rows.length;
  if (place.querySelector("nav.pages")) return;
  let field = place.querySelector(".sift input[type=search]");
  if (!field && count > 7) {
    const label = document.createElement("label");
    field = Object.assign(document.createElement("input"), { type: "search" });
    label.append("Rows containing ", field);
    place.prepend(label);
  }
  field?.addEventListener("input", () => {
    const wanted = folded(field.value);
    for (const row of body.rows) row.hidden = !folded(row.textContent).includes(wanted);
    const shown = [...body.rows].filter((row) => !row.hidden).length;
    status.textContent = wanted ? `${shown} of ${count} rows` : "";
  });
  for (const head of table.tHead.rows[0].cells) {
    if (head.cellIndex >= table.dataset.columns) continue;
    if (!head.firstElementChild) head.innerHTML = `<a href="#rows">${head.innerHTML}</a>`;
    head.firstElementChild.addEventListener("click", (event) => {
      event.preventDefault();
      const down = head.getAttribute("aria-sort") === "ascending", text = (row) => row.cells[head.cellIndex].textContent.trim();
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      for (const link of table.tHead.querySelectorAll("a")) link.textContent = link.textContent.replace(/ [▲▼]$/, "");
      event.target.textContent += down ? " ▼" : " ▲";
      const rows = [...body.rows].sort((one, other) => (!text(one) - !text(other)) || order(text(one), text(other)) * (down ? -1 : 1));
      body.append(...rows);
    });
  }
}

// A script puts the answers to queries into the place for results.
const prepareAll = () => document.querySelectorAll("table.sortable:not([data-ready])").forEach(prepare);
prepareAll();
const results = document.getElementById("results");
if (results) new MutationObserver(prepareAll).observe(results, { childList: true, subtree: true });

// Names are offered while one types in the search of every page, and wherever an actor is named.
let late = 0;
for (const field of document.querySelectorAll("input[data-names]")) field.addEventListener("input", () => {
  clearTimeout(late);
  late = setTimeout(async () => {
    if (field.value.length < 2) return;
    const answer = await fetch(`${field.dataset.names}?prefix=${encodeURIComponent(field.value)}`);
    if (!answer.ok) return;
    const { result } = await answer.json();
    document.getElementById("offered").replaceChildren(...result.slice(0, 8).map(({ name }) => new Option(name)));
  }, 150);
});
