"use strict";

// Which part of the plane is seen: its middle, and how many pixels a unit has.

const canvas = document.getElementById("plane");
const view = { x: 0, y: 0, scale: 1, width: 1, height: 1 };
const SIDE_MARGIN = 44;
const TOP_MARGIN = 24;
const MOST = 0.998;
const CLOSEST = 1000;
const FARTHEST = 0.4;
const TOOLS_MARGIN = 60;

// The box of the words, or of most of them where a few are so far away that the others would be small.
function boxAround(share) {
  const side = (axis) => {
    const sorted = places.filter((_, i) => i % 2 === axis).sort();
    const left = Math.floor(((1 - share) / 2) * count);
    const [low, high] = [sorted[left], sorted[count - 1 - left]];
    return { middle: (low + high) / 2, half: Math.max((high - low) / 2, 0.01) };
  };
  const [across, up] = [side(0), side(1)];
  return { x: across.middle, y: up.middle, across: across.half, up: up.half };
}

const whole = boxAround(1);
const middle = boxAround(MOST);
const home = Math.min(middle.across / whole.across, middle.up / whole.up) < 0.75 ? middle : whole;

function scaleOf(box) {
  return Math.max(Math.min((view.width / 2 - SIDE_MARGIN) / box.across, (view.height / 2 - TOP_MARGIN) / box.up), 1);
}

function scaleOfAll() {
  return scaleOf(home);
}

function xOf(number) {
  return view.width / 2 + (places[2 * number] - view.x) * view.scale;
}

function yOf(number) {
  return view.height / 2 - (places[2 * number + 1] - view.y) * view.scale;
}

function clamped(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

// How far in or out, from where all words are seen.
function zoomLevel() {
  return view.scale / scaleOfAll();
}

function isShown(box) {
  return view.x === box.x && view.y === box.y && view.scale === scaleOf(box);
}

// Most words, and at the second time really all.
function showAll() {
  const box = isShown(home) ? whole : home;
  Object.assign(view, { x: box.x, y: box.y, scale: scaleOf(box) });
}

function moveBy(x, y) {
  view.x = clamped(view.x - x / view.scale, -1, 1);
  view.y = clamped(view.y + y / view.scale, -1, 1);
}

// Zooms so that what lies under a point of the screen stays there.
function zoomAt(x, y, factor) {
  const all = scaleOfAll();
  const scale = clamped(view.scale * factor, FARTHEST * scaleOf(whole), CLOSEST * all);
  const across = x - view.width / 2;
  const up = view.height / 2 - y;
  view.x = clamped(view.x + across / view.scale - across / scale, -1, 1);
  view.y = clamped(view.y + up / view.scale - up / scale, -1, 1);
  view.scale = scale;
}

// The new size of the screen shows the same part of the plane.
function resizeTo(width, height) {
  const level = zoomLevel();
  Object.assign(view, { width, height });
  view.scale = level * scaleOfAll();
}

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
let flight = 0;

function stopFlight() {
  cancelAnimationFrame(flight);
}

// From the middle to where the tools begin.
function roomOf(side) {
  return Math.max(side / 2 - TOOLS_MARGIN, side / 4);
}

// Where a word is in the middle, and some others are in view and beside the tools, but none closer than they need to be.
function viewAround(number, others) {
  const [x, y] = [places[2 * number], places[2 * number + 1]];
  const all = scaleOfAll();
  let scale = 16 * all;
  for (const other of others) {
    const across = Math.abs(places[2 * other] - x);
    const up = Math.abs(places[2 * other + 1] - y);
    scale = Math.min(scale, roomOf(view.width) / across, roomOf(view.height) / up);
  }
  return { x, y, scale: Math.max(scale, 0.7 * all) };
}

// Moves to another view in a quarter of a second, or at once where motion is unwanted.
function flyTo(to, redraw) {
  stopFlight();
  const from = { ...view };
  const began = performance.now();
  const step = (now) => {
    const done = stillness.matches ? 1 : clamped((now - began) / 250, 0, 1);
    const share = done * done * (3 - 2 * done);
    view.scale = from.scale * (to.scale / from.scale) ** share;
    view.x = from.x + (to.x - from.x) * share;
    view.y = from.y + (to.y - from.y) * share;
    redraw();
    if (done < 1) flight = requestAnimationFrame(step);
  };
  step(began);
}
