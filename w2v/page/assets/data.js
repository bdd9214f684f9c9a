"use strict";

// What the page was written with: words, and arrays of little-endian numbers in base64.

const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const count = words.length;

function decoded(text, Numbers) {
  return new Numbers(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

const places = decoded(data.places, Float32Array);
const neighborNumbers = decoded(data.neighbors, count <= 65536 ? Uint16Array : Uint32Array);
const neighborCosines = decoded(data.cosines, Int16Array);
const groups = decoded(data.groups, Uint8Array);

const numberOf = new Map();
words.forEach((word, number) => numberOf.has(word) || numberOf.set(word, number));

function neighborsOf(number) {
  const first = number * data.neighborCount;
  return Array.from({ length: data.neighborCount }, (_, i) => ({
    number: neighborNumbers[first + i],
    cosine: neighborCosines[first + i] / 32767,
  }));
}

function visible(word) {
  return word || "(empty)";
}

function shortened(word, longest) {
  const letters = visible(word);
  if (letters.length <= longest) return letters;
  return Array.from(letters.slice(0, 2 * longest)).slice(0, longest).join("") + "…";
}
