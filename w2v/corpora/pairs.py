"""Pairs of words that follow each other: counted in bounded memory, and joined in text. All kernels are in this file."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part
from w2v.corpora.growing import GrowingArray

MOST_SLOTS = 1 << 24  # 268 MB
PIECE_TOKENS = 1 << 22
_FIRST_SLOTS = 1 << 16
_ONE = np.uint64(1)


class PairTable(NamedTuple):
    """An open hash table: `keys` uint64 [slots] are pairs' keys, or 0 where a slot is free; a half at most is taken."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    taken: NDArray[np.int64]


def new_pairs(slots: int) -> PairTable:
    """An empty table."""
    return PairTable(np.zeros(slots, np.uint64), np.zeros(slots, np.int64), np.zeros(1, np.int64))


@kernel_part
def _key(first: Any, second: Any) -> np.uint64:
    return ((np.uint64(first) << np.uint64(32)) | np.uint64(second)) + _ONE


@kernel_part
def _mixed(key: np.uint64) -> np.uint64:
    code = (key ^ (key >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return code ^ (code >> np.uint64(29))


@kernel_part
def _slot(key: np.uint64, table: PairTable) -> np.uint64:
    """The slot of a key, or the free one that it would take."""
    mask = np.uint64(table.keys.shape[0] - 1)
    slot = (_mixed(key) >> np.uint64(16)) & mask
    while table.keys[slot] != np.uint64(0) and table.keys[slot] != key:
        slot = (slot + _ONE) & mask
    return slot


@kernel
def _count(
    tokens: NDArray[np.int32],
    ends: NDArray[np.int64],
    part: NDArray[np.uint64],
    table: PairTable,
    at: NDArray[np.int64],
) -> bool:
    """Count the pairs from token `at[0]` on, whose hash leaves `part[0]` divided by `part[1]`; False when there is no room.

    Tokens below 0 are in no pair. `at` is the place of the pair, and the sentence that it is in.
    """
    complete = True
    i = at[0]
    sentence = at[1]
    while i + 1 < tokens.shape[0]:
        while sentence < ends.shape[0] and ends[sentence] <= i:
            sentence += 1
        within = sentence == ends.shape[0] or ends[sentence] > i + 1
        if within and tokens[i] >= 0 and tokens[i + 1] >= 0:
            key = _key(tokens[i], tokens[i + 1])
            if _mixed(key) & (part[1] - _ONE) == part[0]:
                slot = _slot(key, table)
                if table.keys[slot] == np.uint64(0):
                    if 2 * table.taken[0] >= table.keys.shape[0]:
                        complete = False
                        break
                    table.keys[slot] = key
                    table.taken[0] += 1
                table.counts[slot] += 1
        i += 1
    at[0] = i
    at[1] = sentence
    return complete


@kernel
def _move(old: PairTable, part: NDArray[np.uint64], new: PairTable) -> None:
    """Enter those pairs of a table in another one whose hash leaves `part[0]` divided by `part[1]`."""
    for i in range(old.keys.shape[0]):
        key = old.keys[i]
        if key != np.uint64(0) and _mixed(key) & (part[1] - _ONE) == part[0]:
            slot = _slot(key, new)
            new.keys[slot] = key
            new.counts[slot] = old.counts[i]
            new.taken[0] += 1


def counted_pairs(
    ids: GrowingArray, ends: GrowingArray, least: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """The first words, second words and counts of all pairs within sentences that occur `least` times or more, in parts.

    Counts are exact. Pairs that are too many for the table are counted in parts by their hash, with a pass over the text each.
    """
    pending = [(0, 1)]
    while pending:
        rest, parts = pending.pop()
        table, parts, later = _counted(ids, ends, rest, parts)
        pending += later
        found = np.flatnonzero(table.counts >= least)
        keys = table.keys[found] - _ONE
        yield (
            (keys >> np.uint64(32)).astype(np.int64),
            (keys & np.uint64(0xFFFFFFFF)).astype(np.int64),
            table.counts[found],
        )


def _counted(
    ids: GrowingArray, ends: GrowingArray, rest: int, parts: int
) -> tuple[PairTable, int, list[tuple[int, int]]]:
    """The pairs of a part, or of as small a part of it as there is room for; also the parts that are left for later."""
    table = new_pairs(_FIRST_SLOTS)
    later = []
    for tokens, piece_ends in _pieces(ids, ends):
        at = np.zeros(2, np.int64)
        while not _count(tokens, piece_ends, np.array([rest, parts], np.uint64), table, at):
            slots = len(table.keys)
            if slots < MOST_SLOTS:
                slots *= 2
            else:
                later.append((rest + parts, 2 * parts))
                parts *= 2
            larger = new_pairs(slots)
            _move(table, np.array([rest, parts], np.uint64), larger)
            table = larger
    return table, parts, later


def _pieces(ids: GrowingArray, ends: GrowingArray) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """A text in pieces that each begin with the last token of the one before."""
    sentence = 0
    for start in range(0, len(ids), PIECE_TOKENS):
        first, stop = max(start - 1, 0), min(start + PIECE_TOKENS, len(ids))
        piece_ends = ends.read(sentence, min(sentence + stop - first, len(ends)))
        yield ids.read(first, stop), piece_ends - first
        sentence += int(np.searchsorted(piece_ends, stop - 1, side="right"))


def map_tokens(ids: GrowingArray, generations: Iterator[tuple[int, NDArray[np.int64]]]) -> None:
    """Overwrite tokens by their numbers in a vocabulary, -1 for those outside of it."""
    read = 0
    for stop, numbers in generations:
        small = numbers.astype(np.int32)
        for start in range(read, stop, PIECE_TOKENS):
            ids.write(start, small[ids.read(start, min(start + PIECE_TOKENS, stop))])
        read = stop


def pair_set(first: NDArray[np.int64], second: NDArray[np.int64]) -> PairTable:
    """A table that has these pairs of numbers, each with count 1."""
    slots = 16
    while slots < 2 * len(first) + 2:
        slots *= 2
    table = new_pairs(slots)
    for part in range(0, len(first), PIECE_TOKENS):
        pairs = np.stack([first[part : part + PIECE_TOKENS], second[part : part + PIECE_TOKENS]], 1)
        ends = 2 * np.arange(1, len(pairs) + 1)
        _count(pairs.astype(np.int32).ravel(), ends, np.array([0, 1], np.uint64), table, np.zeros(2, np.int64))
    return table


@kernel
def join(
    text: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ids: NDArray[np.int32],
    pairs: PairTable,
    delimiter: NDArray[np.uint8],
    joined: NDArray[np.uint8],
) -> int:
    """Write a text with the white space between the words of pairs replaced by a delimiter; returns its length.

    A word is in one pair at most, from the left. `starts` and `ids` are as `mark_known` writes them.
    """
    read = 0
    to = 0
    before: Any = -1
    for token in range(ids.shape[0]):
        word = ids[token]
        known = before >= 0 and word >= 0
        if known and pairs.keys[_slot(_key(before, word), pairs)] != np.uint64(0):
            gap = starts[token]
            while text[gap - 1] <= 32:
                gap -= 1
            for i in range(read, gap):
                joined[to] = text[i]
                to += 1
            for i in range(delimiter.shape[0]):
                joined[to] = delimiter[i]
                to += 1
            read = starts[token]
            before = -1
        else:
            before = word
    for i in range(read, text.shape[0]):
        joined[to] = text[i]
        to += 1
    return to
