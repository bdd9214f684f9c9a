"use strict";

// The search: words that begin with the letters, then those that have them inside; accents and capitals do not matter.

const MOST_FOUND = 8;
const searchBox = byId("search");
const suggestions = byId("suggestions");
const folded = words.map(fold);
let found = [];
let marked = -1;

function fold(word) {
  return word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function wordsWith(letters) {
  const wanted = fold(letters);
  if (!wanted) return [];
  const same = [];
  const beginning = [];
  const inside = [];
  for (let i = 0; i < count; i++) {
    const place = folded[i].indexOf(wanted);
    if (place < 0) continue;
    const list = folded[i] === wanted ? same : place === 0 ? beginning : inside;
    if (list.length < MOST_FOUND) list.push(i);
  }
  return [...same, ...beginning, ...inside].slice(0, MOST_FOUND);
}

function suggest() {
  found = wordsWith(searchBox.value.trim());
  marked = found.length ? 0 : -1;
  const items = found.map((number, i) => {
    const rank = element("small", { textContent: `no. ${grouped.format(number + 1)}` });
    const item = element("li", { id: `suggestion-${i}`, role: "option" }, wordElement(visible(words[number])), rank);
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(i));
    return item;
  });
  const none = element("li", { className: "none", textContent: "No such word on this page" });
  suggestions.replaceChildren(...(items.length || !searchBox.value.trim() ? items : [none]));
  showSuggestions(searchBox.value.trim() !== "");
  if (searchBox.value.trim()) say(found.length ? `${found.length} words found` : "No such word on this page");
}

function showSuggestions(shown) {
  suggestions.hidden = !shown;
  searchBox.setAttribute("aria-expanded", shown && found.length > 0);
  markSuggestion(marked);
}

function markSuggestion(number) {
  marked = number;
  const options = suggestions.querySelectorAll("[role=option]");
  options.forEach((item, i) => item.setAttribute("aria-selected", i === marked));
  if (marked >= 0 && !suggestions.hidden) searchBox.setAttribute("aria-activedescendant", `suggestion-${marked}`);
  else searchBox.removeAttribute("aria-activedescendant");
}

function take(number) {
  if (!(number in found)) return;
  searchBox.value = "";
  const word = found[number];
  found = [];
  suggest();
  choose(word);
}

searchBox.addEventListener("input", suggest);
searchBox.addEventListener("focus", () => searchBox.value.trim() && suggest());
searchBox.addEventListener("blur", () => showSuggestions(false));
searchBox.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && found.length) markSuggestion((marked + step + found.length) % found.length);
  else if (event.key === "Enter") take(marked);
  else if (event.key === "Escape" && searchBox.value) {
    searchBox.value = "";
    suggest();
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
