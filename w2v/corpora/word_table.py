"""Words by number in an open hash table, in the order of their first occurrence: the kernels that read text.

All kernels that take parts of this file are in it, since Numba watches only the file of a kernel for changes.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part


class WordTable(NamedTuple):
    """An open hash table; word w is `letters[starts[w] : starts[w + 1]]`.

    A slot holds 32 bits of a word's hash and the word's number plus one, or 0 where it is free. A quarter at most is taken.
    """

    slots: NDArray[np.uint64]
    hashes: NDArray[np.uint64]
    counts: NDArray[np.int64]
    starts: NDArray[np.int64]
    letters: NDArray[np.uint8]

    def spell(self, word: int) -> bytes:
        """The word of a number."""
        return self.letters[self.starts[word] : self.starts[word + 1]].tobytes()


class Cursor(NamedTuple):
    """Where in a piece the work stands, each an int64 [1]; `words` and `sentence` go on from piece to piece."""

    position: NDArray[np.int64]
    tokens: NDArray[np.int64]
    ends: NDArray[np.int64]
    words: NDArray[np.int64]
    sentence: NDArray[np.int64]  # tokens of the sentence that has not ended


_TAG = np.uint64(0xFFFFFFFF00000000)
_NUMBER = np.uint64(0xFFFFFFFF)
_OFFSET = np.uint64(14695981039346656037)  # FNV-1a's
_PRIME = np.uint64(1099511628211)
_NEWLINE = 10


def new_table(slots: int, letters: int) -> WordTable:
    """An empty table; `slots` is a power of two, and `letters` the room for the bytes of all words."""
    most_words = slots // 4
    return WordTable(
        slots=np.zeros(slots, np.uint64),
        hashes=np.zeros(most_words, np.uint64),
        counts=np.zeros(most_words, np.int64),
        starts=np.zeros(most_words + 1, np.int64),
        letters=np.zeros(letters, np.uint8),
    )


def grown(table: WordTable, words: int, text_bytes: int) -> WordTable:
    """A table with twice the room, and room for one more word of `text_bytes`."""
    used = int(table.starts[words])
    larger = new_table(2 * len(table.slots), 2 * len(table.letters) + text_bytes)
    larger.hashes[:words] = table.hashes[:words]
    larger.counts[:words] = table.counts[:words]
    larger.starts[: words + 1] = table.starts[: words + 1]
    larger.letters[:used] = table.letters[:used]
    enter_all(larger, words)
    return larger


@kernel_part
def _is_space(byte: int) -> bool:
    return byte <= 32 and (byte == 32 or 9 <= byte <= 13)


@kernel_part
def _mixed(code: np.uint64) -> np.uint64:
    return (code ^ (code >> np.uint64(32))) * np.uint64(0x9E3779B97F4A7C15)


@kernel_part
def _first_slot(code: np.uint64, table: WordTable) -> np.uint64:
    return (code >> np.uint64(20)) & np.uint64(table.slots.shape[0] - 1)


@kernel_part
def _find(text: NDArray[np.uint8], start: int, stop: int, code: np.uint64, table: WordTable) -> np.uint64:
    """The slot of the word `text[start:stop]`, or the free slot that it would take."""
    slot = _first_slot(code, table)
    while True:
        entry = table.slots[slot]
        if entry == np.uint64(0):
            break
        if (entry ^ code) & _TAG == np.uint64(0):
            word = np.int64(entry & _NUMBER) - 1
            letters = table.starts[word]
            if table.starts[word + 1] - letters == stop - start:
                same = start
                while same < stop and table.letters[letters + same - start] == text[same]:
                    same += 1
                if same == stop:
                    break
        slot = (slot + np.uint64(1)) & np.uint64(table.slots.shape[0] - 1)
    return slot


@kernel_part
def _has_room(words: int, letters: int, table: WordTable) -> bool:
    return words < table.counts.shape[0] and table.starts[words] + letters <= table.letters.shape[0]


@kernel_part
def _insert(
    text: NDArray[np.uint8], start: int, stop: int, code: np.uint64, slot: np.uint64, words: int, table: WordTable
) -> None:
    """Make `text[start:stop]` the word number `words`, with count 0."""
    letters = table.starts[words]
    table.slots[slot] = (code & _TAG) | np.uint64(words + 1)
    table.hashes[words] = code
    table.counts[words] = 0
    for i in range(start, stop):
        table.letters[letters + i - start] = text[i]
    table.starts[words + 1] = letters + stop - start


@kernel
def number_text(
    text: NDArray[np.uint8], table: WordTable, ids: NDArray[np.int32], ends: NDArray[np.int64], at: Cursor
) -> bool:
    """Number the words of a piece from the cursor on; False, with the cursor before a word, when the table must grow.

    Writes the piece's tokens to `ids`, and to `ends` where sentences end in it, counted from the start of the piece.
    """
    position = at.position[0]
    words = at.words[0]
    tokens = at.tokens[0]
    sentence = at.sentence[0]
    complete = True
    while position < text.shape[0]:
        if _is_space(text[position]):
            if text[position] == _NEWLINE and sentence > 0:
                ends[at.ends[0]] = tokens
                at.ends[0] += 1
                sentence = 0
            position += 1
            continue
        start = position
        code = _OFFSET
        while position < text.shape[0] and not _is_space(text[position]):
            code = (code ^ np.uint64(text[position])) * _PRIME
            position += 1
        code = _mixed(code)
        slot = _find(text, start, position, code, table)
        if table.slots[slot] == np.uint64(0):
            if not _has_room(words, position - start, table):
                position = start
                complete = False
                break
            _insert(text, start, position, code, slot, words, table)
            words += 1
        word = np.int64(table.slots[slot] & _NUMBER) - 1
        table.counts[word] += 1
        ids[tokens] = word
        tokens += 1
        sentence += 1
    at.position[0] = position
    at.words[0] = words
    at.tokens[0] = tokens
    at.sentence[0] = sentence
    return complete


@kernel
def number_words(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    stops: NDArray[np.int64],
    table: WordTable,
    ids: NDArray[np.int32],
    at: Cursor,
) -> bool:
    """Number the words `text[starts[i]:stops[i]]` from `at.position` on; False when the table must grow before the next."""
    words = at.words[0]
    complete = True
    for i in range(at.position[0], starts.shape[0]):
        code = _OFFSET
        for k in range(starts[i], stops[i]):
            code = (code ^ np.uint64(text[k])) * _PRIME
        code = _mixed(code)
        slot = _find(text, starts[i], stops[i], code, table)
        if table.slots[slot] == np.uint64(0):
            if not _has_room(words, stops[i] - starts[i], table):
                at.position[0] = i
                complete = False
                break
            _insert(text, starts[i], stops[i], code, slot, words, table)
            words += 1
        word = np.int64(table.slots[slot] & _NUMBER) - 1
        table.counts[word] += 1
        ids[at.tokens[0]] = word
        at.tokens[0] += 1
    at.words[0] = words
    return complete


@kernel
def add_counted(
    words: tuple[NDArray[np.uint64], NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]],
    table: WordTable,
    numbers: NDArray[np.int64],
    at: Cursor,
) -> bool:
    """Add the counts of distinct words, given as hashes, counts, starts and letters, from `at.position` on.

    Writes each word's number in the table; False when the table must grow before the next.
    """
    hashes, counts, starts, letters = words
    complete = True
    for i in range(at.position[0], hashes.shape[0]):
        slot = _find(letters, starts[i], starts[i + 1], hashes[i], table)
        if table.slots[slot] == np.uint64(0):
            if not _has_room(at.words[0], starts[i + 1] - starts[i], table):
                at.position[0] = i
                complete = False
                break
            _insert(letters, starts[i], starts[i + 1], hashes[i], slot, at.words[0], table)
            at.words[0] += 1
        word = np.int64(table.slots[slot] & _NUMBER) - 1
        table.counts[word] += counts[i]
        numbers[i] = word
    return complete


@kernel
def enter_all(table: WordTable, words: int) -> None:
    """Fill an empty `table.slots` with the first `words` words."""
    for word in range(words):
        slot = _first_slot(table.hashes[word], table)
        while table.slots[slot] != np.uint64(0):
            slot = (slot + np.uint64(1)) & np.uint64(table.slots.shape[0] - 1)
        table.slots[slot] = (table.hashes[word] & _TAG) | np.uint64(word + 1)


@kernel
def gather_letters(table: WordTable, order: NDArray[np.int64], letters: NDArray[np.uint8]) -> None:
    """Write the letters of words one after the other, in an order."""
    to = 0
    for i in range(order.shape[0]):
        for k in range(table.starts[order[i]], table.starts[order[i] + 1]):
            letters[to] = table.letters[k]
            to += 1


@kernel
def mark_known(
    text: NDArray[np.uint8], table: WordTable, starts: NDArray[np.int64], ids: NDArray[np.int32], at: Cursor
) -> None:
    """Look up the words of a piece: where each starts, and its number or -1; -1 with start -1 stands where a line ends."""
    position = at.position[0]
    tokens = at.tokens[0]
    while position < text.shape[0]:
        if _is_space(text[position]):
            if text[position] == _NEWLINE:
                starts[tokens] = -1
                ids[tokens] = -1
                tokens += 1
            position += 1
            continue
        start = position
        code = _OFFSET
        while position < text.shape[0] and not _is_space(text[position]):
            code = (code ^ np.uint64(text[position])) * _PRIME
            position += 1
        slot = _find(text, start, position, _mixed(code), table)
        starts[tokens] = start
        ids[tokens] = np.int64(table.slots[slot] & _NUMBER) - 1
        tokens += 1
    at.position[0] = position
    at.tokens[0] = tokens
