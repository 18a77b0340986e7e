// Search on a frozen site: the page holds the whole list, and this shows what is asked for, the best first.
const form = document.querySelector("main form[role=search]");
const told = document.getElementById("told");
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
const entries = [...document.querySelectorAll("ul.found > li")].map((item, at) => ({
  item, at, list: item.parentElement,
  names: [item.firstElementChild.textContent, ...(item.children[1]?.textContent.split(" · ") ?? [])].map(plain),
}));

const score = (wanted, words, name) =>
  name === wanted ? 4 : name.startsWith(`${wanted} `) ? 3 : words.every((word) => ` ${name} `.includes(` ${word} `)) ? 2 : name.includes(wanted) ? 1 : 0;

function show(text) {
  const wanted = plain(text), words = wanted.split(" ");
  const best = entries.map((entry) => ({ ...entry, score: wanted ? Math.max(...entry.names.map((name) => score(wanted, words, name))) : 1 }));
  best.sort((one, other) => other.score - one.score || one.at - other.at);
  for (const { item, list, score } of best) {
    item.hidden = !score;
    list.append(item);
  }
  const sections = [...new Set(best.map(({ list }) => list.closest("section")))];
  for (const section of sections) section.hidden = !section.querySelector("li:not([hidden])");
  document.querySelector("main nav").hidden = Boolean(wanted);
  if (wanted) for (const section of sections) section.parentElement.append(section);
  const count = best.filter(({ score }) => score).length;
  told.textContent = count ? `${count} found` : "No name matches.";
  told.hidden = !wanted;
}

form.hidden = false;
form.elements.q.value = new URLSearchParams(location.search).get("q") ?? "";
form.elements.q.addEventListener("input", () => show(form.elements.q.value));
show(form.elements.q.value);
