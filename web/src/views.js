// A result as a chart, a map or a timeline, where its columns allow, drawn from the table on the page.
import { made } from "./answer.js";

const NUMBER = /^-?\d+(\.\d+)?$/;
const DATE = /^\d{4}-\d{2}-\d{2}/;
const STATE = /state\/[A-Z]{3}(\.html)?$/;
const RANK = /(ordinal|number|code|year)$/i; // numbers that say which one, not how many
const MOST = 60;
const [LEFT, WIDTH, LANE] = [260, 1000, 24];

const drawn = (tag, given = {}, ...inside) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
};
const short = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
const picture = (kind, height, width, label) => drawn("svg", { class: `picture ${kind}`, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${label}; the table has the numbers` });

/** Read a table: its columns, and of each cell the text and where its link leads. */
function read(table) {
  const columns = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => ({ text: cell.textContent.trim(), href: cell.querySelector("a")?.getAttribute("href") ?? "" })));
  return columns.map((name, at) => ({ name, cells: rows.map((row) => row[at]) }));
}

const all = (column, test) => column.cells.length > 0 && column.cells.every((cell) => test(cell));
const dated = (column) => all(column, ({ text }) => !text || DATE.test(text)) && column.cells.some(({ text }) => text);
const counts = (column) => all(column, ({ text }) => NUMBER.test(text)) && !RANK.test(column.name);

/** Bars of the first number, or of how many rows each of few values has; undefined where neither helps. */
function chart(columns) {
  const size = columns[0].cells.length;
  const number = columns.find(counts);
  const label = columns.find((column) => !all(column, ({ text }) => NUMBER.test(text)));
  if (number && label && size >= 2 && size <= 40) return () => bars(number.name, label.cells.map(({ text }, at) => [text, Number(number.cells[at].text)]));
  const few = columns.map((column) => [column.name, Map.groupBy(column.cells, ({ text }) => text)]);
  const [name, groups] = few.filter(([, found]) => found.size >= 2 && found.size <= Math.min(12, size / 2)).sort((one, other) => one[1].size - other[1].size)[0] ?? [];
  if (size < 8 || !groups) return undefined;
  return () => bars(`rows by ${name}`, [...groups].map(([text, found]) => [text || "nothing", found.length]).sort((one, other) => other[1] - one[1]));
}

function bars(title, rows) {
  const longest = Math.max(...rows.map(([, number]) => Math.abs(number)), 1);
  const svg = drawn("svg", { class: "bars", height: rows.length * 40, role: "img", "aria-label": `${title}; the table has the numbers` });
  rows.forEach(([label, number], at) => {
    const width = `${(Math.abs(number) / longest) * 90}%`;
    svg.append(drawn("text", { x: 0, y: at * 40 + 14 }, short(label)));
    svg.append(drawn("rect", { class: "s0", x: 0, y: at * 40 + 20, width, height: 16 }), drawn("text", { x: width, dx: 6, y: at * 40 + 33 }, String(number)));
  });
  return [title, svg];
}

/** The map of the site with the states of a column marked; the number beside them is in the title of each. */
function map(columns, page) {
  const column = page && columns.find((one) => all(one, ({ text, href }) => !text || STATE.test(href)) && one.cells.some(({ text }) => text));
  if (!column) return undefined;
  return async () => {
    const site = new DOMParser().parseFromString(await (await fetch(page)).text(), "text/html");
    const svg = site.querySelector("svg.map");
    const local = (href) => /state\/([A-Z]{3})/.exec(href ?? "")?.[1];
    const found = Map.groupBy(column.cells, ({ href }) => local(href));
    for (const square of svg.querySelectorAll("a")) {
      const rows = found.get(local(square.getAttribute("href"))) ?? [];
      square.setAttribute("class", rows.length ? "yes" : "");
      square.querySelector(".sign")?.remove();
      square.querySelector("text").setAttribute("y", Number(square.querySelector("rect").getAttribute("y")) + 18);
      const name = square.querySelector("title");
      name.textContent = `${name.textContent.split(":")[0]}: ${rows.length} ${rows.length === 1 ? "row" : "rows"}`;
    }
    svg.setAttribute("aria-label", `states in the column ${column.name}`);
    return [`states in the column ${column.name}`, document.importNode(svg, true)];
  };
}

/** A mark for each row at its date, or from the first date to the second, the earliest first. */
function timeline(columns) {
  const [start, end] = columns.filter(dated);
  const label = columns.find((column) => !dated(column));
  if (!start || !label || start.cells.length < 2) return undefined;
  const day = (text) => Date.parse(text.slice(0, 10));
  return () => {
    const rows = label.cells.map((cell, at) => ({ ...cell, from: start.cells[at].text, to: end?.cells[at].text || start.cells[at].text }));
    const listed = rows.filter(({ from }) => from).sort((one, other) => day(one.from) - day(other.from)).slice(0, MOST);
    const first = day(listed[0].from);
    const last = Math.max(...listed.map(({ to }) => day(to)));
    const place = (time) => LEFT + 10 + ((time - first) / Math.max(last - first, 864e5)) * (WIDTH - LEFT - 40);
    const svg = picture("timeline", listed.length * LANE + 24, WIDTH, `${label.name} by ${start.name}`);
    const years = [new Date(first).getUTCFullYear(), new Date(last).getUTCFullYear()];
    const every = Math.ceil((years[1] - years[0] + 1) / 14);
    for (let year = years[0] + 1; year <= years[1]; year += every) {
      const x = place(Date.UTC(year, 0, 1));
      svg.append(drawn("line", { class: "grid", x1: x, x2: x, y1: 14, y2: listed.length * LANE + 24 }), drawn("text", { class: "year", x: x + 4, y: 11 }, String(year)));
    }
    listed.forEach(({ text, from, to }, at) => {
      const [x, y] = [place(day(from)), 20 + at * LANE];
      const mark = drawn("rect", { x, y, width: Math.max(place(day(to)) - x, 8), height: 12, rx: 3 });
      svg.append(drawn("text", { class: "lane", x: 8, y: y + 11 }, short(text)));
      svg.append(drawn("g", { class: "held" }, drawn("title", {}, `${text}: ${from}${to === from ? "" : ` to ${to}`}`), mark));
    });
    return [`${label.name} by ${start.name}${rows.length > MOST ? `, the first ${MOST}` : ""}`, svg];
  };
}

/** Put buttons above the table of a result, one for each view that its columns allow. */
export function addViews(results) {
  const table = results.querySelector("table");
  if (!table?.tBodies[0]?.rows.length) return;
  const scroll = table.closest(".scroll");
  const columns = read(table);
  const found = { Chart: chart(columns), Map: map(columns, document.querySelector("footer a[href$='map'], footer a[href$='map.html']")?.href), Timeline: timeline(columns) };
  const ways = Object.entries({ Table: () => [], ...found }).filter(([, draw]) => draw);
  if (ways.length < 2) return;
  const figure = made("figure", { hidden: true });
  const buttons = ways.map(([name, draw]) => {
    const button = made("button", { type: "button" }, name);
    button.setAttribute("aria-pressed", String(name === "Table"));
    button.addEventListener("click", async () => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === button));
      const [title, svg] = await draw();
      scroll.hidden = Boolean(svg);
      figure.hidden = !svg;
      if (svg) figure.replaceChildren(made("figcaption", {}, title), made("div", { className: "scroll", tabIndex: 0 }, svg));
    });
    return button;
  });
  const choice = made("p", { className: "views" }, ...buttons.flatMap((button) => [button, " "]));
  choice.setAttribute("role", "group");
  choice.setAttribute("aria-label", "Show the result as");
  scroll.before(choice);
  scroll.after(figure);
}
