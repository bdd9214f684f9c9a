"use strict";

// Pointers, keys, the fragment of the address, and the first picture.

const CLICK_MOVES = 5;
const STEP = 80;
const pointers = new Map();
let moved = 0;

function placeIn(event) {
  const box = canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function changeView(change) {
  stopFlight();
  change();
  redraw();
}

// Chooses a word, or none with -1, and goes to it.
function choose(number, fly = true) {
  state.chosen = number;
  state.pointed = -1;
  showWord();
  tellAddress(number < 0 ? "" : `#word=${encodeURIComponent(words[number])}`);
  if (number >= 0) {
    const nearest = neighborsOf(number).slice(0, 3);
    const told = nearest.map((neighbor) => `${words[neighbor.number]} ${neighbor.cosine.toFixed(2)}`);
    say(`${words[number]}. ${told.join(", ")}`);
    if (fly) flyTo(viewAround(number, neighborsOf(number).map((neighbor) => neighbor.number)), redraw);
  }
  redraw();
}

function tellAddress(fragment) {
  if (location.hash === fragment) return;
  try {
    history.pushState(null, "", fragment || location.pathname + location.search);
  } catch {
    // a page inside another one may not have an address of its own
  }
}

function chooseByAddress() {
  const match = /^#word=(.*)$/s.exec(location.hash);
  if (!match) return choose(-1);
  let word = match[1];
  try {
    word = decodeURIComponent(word);
  } catch {
    // not an encoded word: looked for as it stands
  }
  if (numberOf.has(word)) return choose(numberOf.get(word));
  state.chosen = -1;
  showWord();
  byId("hint").textContent = `The word “${shortened(word, 60)}” is not on this page.`;
  redraw();
}

function pointAt(number) {
  canvas.classList.toggle("pointing", number >= 0);
  if (number === state.pointed) return;
  state.pointed = number;
  showWord();
  redraw();
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  canvas.setPointerCapture(event.pointerId);
  if (!pointers.size) moved = 0;
  pointers.set(event.pointerId, placeIn(event));
  stopFlight();
});

canvas.addEventListener("pointermove", (event) => {
  const now = placeIn(event);
  const before = pointers.get(event.pointerId);
  if (!before) {
    if (event.pointerType === "mouse") pointAt(wordAt(now.x, now.y, 10));
    return;
  }
  const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
  pointers.set(event.pointerId, now);
  moved += Math.hypot(now.x - before.x, now.y - before.y);
  if (moved < CLICK_MOVES) return;
  canvas.classList.add("dragging");
  changeView(() => (others.length ? pinch(before, now, others[0]) : moveBy(now.x - before.x, now.y - before.y)));
});

// Two fingers: one moved while the other stayed.
function pinch(before, now, other) {
  const middle = (place) => ({ x: (place.x + other.x) / 2, y: (place.y + other.y) / 2 });
  const apart = (place) => Math.max(Math.hypot(place.x - other.x, place.y - other.y), 1);
  const [from, to] = [middle(before), middle(now)];
  moveBy(to.x - from.x, to.y - from.y);
  zoomAt(to.x, to.y, apart(now) / apart(before));
}

canvas.addEventListener("pointerup", (event) => {
  if (!pointers.delete(event.pointerId)) return;
  const { x, y } = placeIn(event);
  if (moved < CLICK_MOVES) choose(wordAt(x, y, event.pointerType === "mouse" ? 10 : 24), false);
  if (!pointers.size) canvas.classList.remove("dragging");
});

canvas.addEventListener("pointercancel", (event) => {
  pointers.delete(event.pointerId);
  canvas.classList.remove("dragging");
});

canvas.addEventListener("pointerleave", () => pointAt(-1));

canvas.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const { x, y } = placeIn(event);
    const unit = [1, 16, view.height][event.deltaMode];
    const speed = event.ctrlKey ? 0.01 : 0.0016;
    changeView(() => zoomAt(x, y, Math.exp(-clamped(event.deltaY * unit, -400, 400) * speed)));
  },
  { passive: false },
);

canvas.addEventListener("dblclick", (event) => {
  const { x, y } = placeIn(event);
  changeView(() => zoomAt(x, y, event.shiftKey ? 0.5 : 2));
});

const zoomMiddle = (factor) => changeView(() => zoomAt(view.width / 2, view.height / 2, factor));
const KEYS = {
  ArrowLeft: () => changeView(() => moveBy(STEP, 0)),
  ArrowRight: () => changeView(() => moveBy(-STEP, 0)),
  ArrowUp: () => changeView(() => moveBy(0, STEP)),
  ArrowDown: () => changeView(() => moveBy(0, -STEP)),
};
const KEYS_ANYWHERE = {
  "+": () => zoomMiddle(1.5),
  "=": () => zoomMiddle(1.5),
  "-": () => zoomMiddle(1 / 1.5),
  0: () => changeView(showAll),
  "/": () => searchBox.focus(),
  Escape: () => choose(-1),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === searchBox && event.key !== "Escape") return;
  const act = KEYS_ANYWHERE[event.key] || (event.target === canvas && KEYS[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
});

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : darkness.matches;
  root.dataset.theme = dark ? "light" : "dark";
  recolor();
}

function recolor() {
  readColors();
  redraw();
}

const darkness = matchMedia("(prefers-color-scheme: dark)");
darkness.addEventListener("change", recolor);
byId("theme").addEventListener("click", switchTheme);
byId("zoom-in").addEventListener("click", () => zoomMiddle(1.5));
byId("zoom-out").addEventListener("click", () => zoomMiddle(1 / 1.5));
byId("fit").addEventListener("click", () => changeView(showAll));
byId("clear").addEventListener("click", () => {
  choose(-1);
  canvas.focus();
});
for (const choice of document.querySelectorAll("[name=color]")) {
  choice.addEventListener("change", () => {
    Object.assign(state, { colorBy: choice.value, onlyGroup: -1 });
    showLegend();
    redraw();
  });
}
window.addEventListener("popstate", chooseByAddress);

byId("title").textContent = data.title;
byId("summary").textContent = data.summary;
const facts = data.facts.map((fact) => fact.replaceAll(" %", "\u00a0%")); // a number stays with its sign
byId("facts").replaceChildren(...facts.map((fact) => element("p", { textContent: fact })));
readColors();
showLegend();
showWord();
new ResizeObserver(fitCanvas).observe(canvas);
fitCanvas();
watchRatio();
showAll();
workOutLevels(context, redraw);
chooseByAddress();
