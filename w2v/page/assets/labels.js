"use strict";

// Which words are named at which zoom, so that names never overlap.
//
// Level by level, each a quarter closer than the one before, words get their names in the order of their numbers where there is
// room. Two names that do not overlap move apart as one zooms in: a word that is named at a level is named at all closer ones,
// and moving the view changes nothing. Rare words wait for closer levels, where more words have room: else short rare ones would
// fill the gaps between frequent ones. A level takes some milliseconds; they are worked out one after another between frames.

const LABEL_FONT = "12px system-ui, sans-serif";
const LABEL_LETTERS = 28;
const LABEL_LEFT = 7;
const LABEL_HALF = 9;
const FIRST_SCALE = 60;
const LEVEL_RATIO = 1.25;
const UNNAMED = 255;
const WORDS_BY_SCALE = 0.03;
const CELL_WIDTH = 64;
const CELL_HEIGHT = 2 * LABEL_HALF;

const labelLevels = new Uint8Array(count).fill(UNNAMED);
const labelWidths = new Float32Array(count);
let levelsDone = 0;
let unnamed = count;

function levelOf(scale) {
  return Math.floor(Math.log(scale / FIRST_SCALE) / Math.log(LEVEL_RATIO));
}

const LAST_LEVEL = Math.min(levelOf(CLOSEST * 1000), UNNAMED - 1);

function labelOf(number) {
  return shortened(words[number], LABEL_LETTERS);
}

function labelWidth(context, number) {
  if (!labelWidths[number]) labelWidths[number] = context.measureText(labelOf(number)).width + 1;
  return labelWidths[number];
}

// The boxes of names by the cells of a grid that they reach into.
class Boxes {
  constructor() {
    this.cells = new Map();
  }

  // Puts a box in, unless it would overlap another one.
  add(left, top, right, bottom) {
    const keys = [];
    for (let row = Math.floor(top / CELL_HEIGHT); row <= Math.floor(bottom / CELL_HEIGHT); row++) {
      for (let column = Math.floor(left / CELL_WIDTH); column <= Math.floor(right / CELL_WIDTH); column++) {
        const key = row * 4194304 + column;
        const others = this.cells.get(key);
        if (others) {
          for (let i = 0; i < others.length; i += 4) {
            if (left < others[i + 2] && others[i] < right && top < others[i + 3] && others[i + 1] < bottom) return false;
          }
        }
        keys.push(key);
      }
    }
    for (const key of keys) {
      const others = this.cells.get(key);
      if (others) others.push(left, top, right, bottom);
      else this.cells.set(key, [left, top, right, bottom]);
    }
    return true;
  }
}

function addLabel(boxes, context, number, scale) {
  const x = places[2 * number] * scale + LABEL_LEFT;
  const y = -places[2 * number + 1] * scale;
  return boxes.add(x - 6, y - LABEL_HALF, x + labelWidth(context, number) + 4, y + LABEL_HALF);
}

function workOutLevel(context, level) {
  context.font = LABEL_FONT;
  const scale = FIRST_SCALE * LEVEL_RATIO ** level;
  const boxes = new Boxes();
  for (let i = 0; i < count; i++) if (labelLevels[i] !== UNNAMED) addLabel(boxes, context, i, scale);
  const candidates = Math.min(count, WORDS_BY_SCALE * scale * scale);
  for (let i = 0; i < candidates; i++) {
    if (labelLevels[i] === UNNAMED && addLabel(boxes, context, i, scale)) {
      labelLevels[i] = level;
      unnamed--;
    }
  }
  levelsDone = level + 1;
}

// Works on the levels until all are done; `changed` hears of each.
function workOutLevels(context, changed) {
  if (levelsDone > LAST_LEVEL || !unnamed) return;
  workOutLevel(context, levelsDone);
  changed();
  setTimeout(workOutLevels, 0, context, changed);
}
