"use strict";

// The canvas: points, whose pixels are set one by one, names as pictures, and the chosen word with lines to its neighbors.

const context = canvas.getContext("2d", { alpha: false });
const LARGEST = 12;
const GROUPS = 10;
const SHARES = [0.01, 0.05, 0.2, 0.5, 1];
const SIZES = [1.25, 1, 0.8];
const LARGE = 100;
const MEDIUM = 2000;
const state = { chosen: -1, pointed: -1, onlyGroup: -1, colorBy: "groups" };
const drawnLabels = [];
const labelPictures = new Map();
const MOST_PICTURES = 2000;
const RIM = 2;
let colors = {};
let ratio = 1;
let tools = { left: 0, top: 0, right: 0, bottom: 0 };
let image = new ImageData(1, 1);
let pixels = new Uint32Array(image.data.buffer);

function activeWord() {
  return state.pointed >= 0 ? state.pointed : state.chosen;
}

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const probe = document.createElement("i");
  document.body.append(probe);
  const color = (name) => {
    probe.style.color = style.getPropertyValue(name) && `var(${name})`;
    return getComputedStyle(probe).color;
  };
  colors = Object.fromEntries(["paper", "ink", "quiet", "accent", "faint"].map((name) => [name, color(`--${name}`)]));
  colors.groups = Array.from({ length: GROUPS }, (_, i) => color(`--group-${i}`));
  colors.frequency = SHARES.map((_, i) => color(`--often-${i}`));
  colors.shades = [...colors.groups, ...colors.frequency, colors.faint];
  probe.remove();
  labelPictures.clear();
}

// The first hundredth of the words, the first twentieth, and so on.
function stepOf(number) {
  return SHARES.findIndex((share) => number < Math.ceil(share * count));
}

// The place of a word's color among all: those of groups, then those of frequencies, then that of what is left out.
function shadeOf(number) {
  if (state.colorBy === "frequency") return GROUPS + stepOf(number);
  if (state.onlyGroup >= 0 && groups[number] !== state.onlyGroup) return GROUPS + SHARES.length;
  return groups[number];
}

function colorOf(number) {
  return colors.shades[shadeOf(number)];
}

function sizeOf(number) {
  return number < LARGE ? 0 : number < MEDIUM ? 1 : 2;
}

// Points grow slowly as one zooms in, and are smaller where there are many.
function radiusOf(number) {
  const few = clamped(Math.sqrt(4000 / count), 0.8, 2);
  return SIZES[sizeOf(number)] * clamped(1.9 * few * zoomLevel() ** 0.25, 1, 5.5);
}

// How much of each pixel around its middle a disk covers, in 255ths.
function maskOf(radius) {
  const half = Math.ceil(radius - 0.5);
  const side = 2 * half + 1;
  const cover = new Uint8Array(side * side);
  for (let i = 0; i < cover.length; i++) {
    const away = Math.hypot((i % side) - half, Math.floor(i / side) - half);
    cover[i] = 255 * clamped(radius + 0.5 - away, 0, 1);
  }
  return { half, side, cover };
}

// A color as a pixel of an ImageData: its bytes are red, green, blue, opaque.
function pixelOf(color) {
  const [red, green, blue] = color.match(/\d+/g).map(Number);
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

function mixed(under, over, cover) {
  const rest = 255 - cover;
  const mix = (shift) => ((((under >>> shift) & 255) * rest + ((over >>> shift) & 255) * cover) / 255) << shift;
  return (0xff000000 | mix(16) | mix(8) | mix(0)) >>> 0;
}

function stamp(mask, x, y, pixel) {
  const { half, side, cover } = mask;
  const { width, height } = canvas;
  const top = Math.max(y - half, 0);
  const bottom = Math.min(y + half, height - 1);
  const left = Math.max(x - half, 0);
  const right = Math.min(x + half, width - 1);
  for (let row = top; row <= bottom; row++) {
    let from = (row - y + half) * side + left - x + half;
    for (let to = row * width + left; to <= row * width + right; to++, from++) {
      if (cover[from] === 255) pixels[to] = pixel;
      else if (cover[from]) pixels[to] = mixed(pixels[to], pixel, cover[from]);
    }
  }
}

function isSeen(x, y) {
  return x > -LARGEST && y > -LARGEST && x < view.width + LARGEST && y < view.height + LARGEST;
}

// Rare words first, so that frequent ones lie on top. Twenty thousand calls of the canvas would take a tenth of a second.
function drawPoints() {
  const masks = [0, LARGE, MEDIUM].map((number) => maskOf(radiusOf(number) * ratio));
  const shades = colors.shades.map(pixelOf);
  pixels.fill(pixelOf(colors.paper));
  for (let i = count - 1; i >= 0; i--) {
    const x = xOf(i);
    const y = yOf(i);
    if (!isSeen(x, y)) continue;
    stamp(masks[sizeOf(i)], Math.round(x * ratio), Math.round(y * ratio), shades[shadeOf(i)]);
  }
  context.putImageData(image, 0, 0);
}

// A name with a rim of the background's color, as a picture that is drawn once: outlines of letters are slow.
function labelPicture(number, font) {
  const key = `${number} ${font}`;
  let picture = labelPictures.get(key);
  if (!picture) {
    if (labelPictures.size > MOST_PICTURES) labelPictures.clear();
    picture = document.createElement("canvas");
    context.font = font;
    picture.width = Math.ceil((context.measureText(labelOf(number)).width + 2 * RIM) * ratio);
    picture.height = Math.ceil(2 * LABEL_HALF * ratio);
    const pen = picture.getContext("2d");
    pen.scale(ratio, ratio);
    Object.assign(pen, { font, textBaseline: "middle", lineWidth: 3, lineJoin: "round" });
    pen.strokeStyle = colors.paper;
    pen.strokeText(labelOf(number), RIM, LABEL_HALF);
    pen.fillStyle = colors.ink;
    pen.fillText(labelOf(number), RIM, LABEL_HALF);
    labelPictures.set(key, picture);
  }
  return picture;
}

function drawLabel(number, left, y, font) {
  const picture = labelPicture(number, font);
  const width = picture.width / ratio;
  const height = picture.height / ratio;
  const snapped = (place) => Math.round(place * ratio) / ratio;
  context.drawImage(picture, snapped(left - RIM), snapped(y - height / 2), width, height);
  drawnLabels.push({ number, left, right: left + width - 2 * RIM, y });
}

function drawLabels() {
  const level = Math.min(levelOf(view.scale), levelsDone - 1);
  for (let i = 0; i < count; i++) {
    if (labelLevels[i] > level || (state.onlyGroup >= 0 && groups[i] !== state.onlyGroup)) continue;
    const x = xOf(i) + LABEL_LEFT;
    const y = yOf(i);
    if (x < view.width && y > -LABEL_HALF && y < view.height + LABEL_HALF && x + labelWidth(context, i) > 0) {
      drawLabel(i, x, y, LABEL_FONT);
    }
  }
}

// Lines to the neighbors, and names where they find room around the point.
function drawActive(active) {
  const neighbors = neighborsOf(active);
  const x = xOf(active);
  const y = yOf(active);
  context.strokeStyle = colors.accent;
  context.lineWidth = 1.2;
  for (const { number, cosine } of neighbors) {
    context.globalAlpha = clamped(cosine, 0.25, 1);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(xOf(number), yOf(number));
    context.stroke();
  }
  context.globalAlpha = 1;
  const boxes = new Boxes();
  const { left, top, right, bottom } = tools;
  boxes.add(left, top, right, bottom);
  for (const { number } of neighbors.toReversed()) drawRing(boxes, number, 1.5, colors.ink);
  drawRing(boxes, active, 2.5, colors.accent);
  drawFreely(boxes, active, "600 14px system-ui, sans-serif");
  for (const { number } of neighbors) drawFreely(boxes, number, LABEL_FONT);
}

// A point that stands out, and that no name may hide.
function drawRing(boxes, number, width, color) {
  const radius = Math.max(radiusOf(number), 3);
  boxes.add(xOf(number) - 5, yOf(number) - 5, xOf(number) + 5, yOf(number) + 5);
  context.beginPath();
  context.arc(xOf(number), yOf(number), radius + width / 2 + 0.5, 0, 2 * Math.PI);
  context.fillStyle = colorOf(number);
  context.fill();
  context.lineWidth = width;
  context.strokeStyle = color;
  context.stroke();
}

function drawFreely(boxes, number, font) {
  const x = xOf(number);
  const y = yOf(number);
  if (!isSeen(x, y)) return;
  context.font = font;
  const width = context.measureText(labelOf(number)).width;
  const [right, left, middle] = [x + 9, x - 9 - width, clamped(x - width / 2, 2, view.width - width - 2)];
  const corners = [[right, y], [left, y], [middle, y - 16], [middle, y + 16]];
  for (const away of [12, 24, 36]) {
    corners.push([right, y - away], [right, y + away], [left, y - away], [left, y + away]);
    corners.push([middle, y - away - 16], [middle, y + away + 16]);
  }
  for (const [from, level] of corners) {
    if (from + width > view.width || from < 0) continue;
    if (!boxes.add(from - 1, level - LABEL_HALF + 1, from + width + 1, level + LABEL_HALF - 1)) continue;
    drawLabel(number, from, level, font);
    return;
  }
}

function draw() {
  const active = activeWord();
  drawnLabels.length = 0;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.globalAlpha = 1;
  context.font = LABEL_FONT;
  drawPoints();
  if (active < 0) {
    drawLabels();
    return;
  }
  context.globalAlpha = 0.72;
  context.fillStyle = colors.paper;
  context.fillRect(0, 0, view.width, view.height);
  context.globalAlpha = 1;
  drawActive(active);
}

let frame = 0;

function redraw() {
  if (!frame) {
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }
}

// A window that moves to another screen keeps its size in points, not that in pixels.
function watchRatio() {
  const changed = () => {
    fitCanvas();
    watchRatio();
  };
  matchMedia(`(resolution: ${window.devicePixelRatio}dppx)`).addEventListener("change", changed, { once: true });
}

// Where the buttons lie on the canvas, with a little room around them.
function placeOfTools(stage) {
  const box = document.querySelector(".tools").getBoundingClientRect();
  const [x, y] = [stage.left + 4, stage.top + 4];
  return { left: box.left - x, top: box.top - y, right: box.right - x + 8, bottom: box.bottom - y + 8 };
}

function fitCanvas() {
  const box = canvas.getBoundingClientRect();
  ratio = window.devicePixelRatio || 1;
  labelPictures.clear();
  canvas.width = Math.max(Math.round(box.width * ratio), 1);
  canvas.height = Math.max(Math.round(box.height * ratio), 1);
  image = context.createImageData(canvas.width, canvas.height);
  pixels = new Uint32Array(image.data.buffer);
  tools = placeOfTools(box);
  resizeTo(Math.max(box.width, 1), Math.max(box.height, 1));
  draw();
}

// The word whose name, or else whose point, lies under a place of the screen; -1 for none.
function wordAt(x, y, reach) {
  const label = drawnLabels.findLast((box) => x >= box.left && x <= box.right && Math.abs(y - box.y) <= LABEL_HALF - 1);
  if (label) return label.number;
  let nearest = -1;
  let least = reach * reach;
  for (let i = 0; i < count; i++) {
    const distance = (xOf(i) - x) ** 2 + (yOf(i) - y) ** 2;
    if (distance < least) [nearest, least] = [i, distance];
  }
  return nearest;
}
