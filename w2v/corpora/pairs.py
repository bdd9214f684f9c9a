"""Pairs of words that follow each other, with or without connectors between them: counted in bounded memory, and joined in text.

All kernels are in this file, since Numba watches only the file of a kernel for changes.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel, kernel_part

_ONE = np.uint64(1)
GREATEST_CODE = 2**62


class PairTable(NamedTuple):
    """An open hash table: `keys` uint64 [slots] are pairs' keys, or 0 where a slot is free; a half at most is taken."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    taken: NDArray[np.int64]


class Connectors(NamedTuple):
    """The words that may stand between the two of a pair, and the runs of them that count.

    `digits` int32 [words] has 0 for the words of pairs, and else the number, from 1 on, of a connector. The code of a run is the
    number that its digits make to the base `base`; 0 is the empty run, and -1 one whose code would be too great. `codes` int64
    [runs] rises from 0.
    """

    digits: NDArray[np.int32]
    base: int
    codes: NDArray[np.int64]


def no_connectors(words: int) -> Connectors:
    """Pairs of this many words, with nothing between them."""
    return Connectors(np.zeros(words, np.int32), 1, np.zeros(1, np.int64))


def pair_keys(
    first: NDArray[np.int64], second: NDArray[np.int64], codes: NDArray[np.int64], connectors: Connectors
) -> NDArray[np.uint64]:
    """A key other than 0 for each pair with its run; those whose run does not count are left out."""
    runs = np.searchsorted(connectors.codes, codes)
    runs[runs == len(connectors.codes)] = 0
    counts = connectors.codes[runs] == codes
    words = np.uint64(len(connectors.digits))
    run_and_first = runs[counts].astype(np.uint64) * words + first[counts].astype(np.uint64)
    return run_and_first * words + second[counts].astype(np.uint64) + _ONE


def pairs_of(
    keys: NDArray[np.uint64], connectors: Connectors
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The first words, second words and codes of runs that keys stand for."""
    words = np.uint64(len(connectors.digits))
    run_and_first, second = np.divmod(keys - _ONE, words)
    runs, first = np.divmod(run_and_first, words)
    return first.astype(np.int64), second.astype(np.int64), connectors.codes[runs.astype(np.int64)]


def new_pairs(slots: int) -> PairTable:
    """An empty table."""
    return PairTable(np.zeros(slots, np.uint64), np.zeros(slots, np.int64), np.zeros(1, np.int64))


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


@kernel_part
def _with_one_more(code: Any, digit: Any, base: Any) -> Any:
    """The code of a run with one more connector."""
    return np.int64(-1) if code < 0 or code > (GREATEST_CODE - digit) // base else code * base + digit


@kernel
def link(
    tokens: NDArray[np.int32],
    ends: NDArray[np.int64],
    connectors: Connectors,
    pairs: NDArray[np.int64],
    at: NDArray[np.int64],
) -> int:
    """Write first words, second words and codes of runs of all pairs in a piece to the three rows of `pairs`; returns how many.

    Tokens below 0 are in no pair. `at` is what the next piece goes on with: the word that a pair may begin with, or -1, and the
    code of the run behind it.
    """
    first = at[0]
    code = at[1]
    sentence = 0
    found = 0
    for i in range(tokens.shape[0] + 1):
        while sentence < ends.shape[0] and ends[sentence] <= i:
            sentence += 1
            first = np.int64(-1)
        if i < tokens.shape[0]:
            word = np.int64(tokens[i])
            digit = np.int64(connectors.digits[word]) if word >= 0 else np.int64(0)
            if digit > 0:
                code = _with_one_more(code, digit, connectors.base)
            else:
                if first >= 0 and word >= 0 and code >= 0:
                    pairs[0, found] = first
                    pairs[1, found] = word
                    pairs[2, found] = code
                    found += 1
                first = word
                code = np.int64(0)
    at[0] = first
    at[1] = code
    return found


@kernel
def count(keys: NDArray[np.uint64], part: NDArray[np.uint64], table: PairTable, at: NDArray[np.int64]) -> bool:
    """Count the keys from place `at[0]` on whose hash leaves `part[0]` divided by `part[1]`; False when there is no room."""
    complete = True
    i = at[0]
    while i < keys.shape[0]:
        key = keys[i]
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
    return complete


@kernel
def move(old: PairTable, part: NDArray[np.uint64], new: PairTable) -> None:
    """Enter those pairs of a table in another one whose hash leaves `part[0]` divided by `part[1]`."""
    for i in range(old.keys.shape[0]):
        key = old.keys[i]
        if key != np.uint64(0) and _mixed(key) & (part[1] - _ONE) == part[0]:
            slot = _slot(key, new)
            new.keys[slot] = key
            new.counts[slot] = old.counts[i]
            new.taken[0] += 1


def pair_set(keys: NDArray[np.uint64]) -> PairTable:
    """A table that has these keys, each with count 1."""
    slots = 16
    while slots < 2 * len(keys) + 2:
        slots *= 2
    table = new_pairs(slots)
    count(keys, np.array([0, 1], np.uint64), table, np.zeros(1, np.int64))
    return table


@kernel_part
def _is_space(byte: int) -> bool:
    return byte <= 32 and (byte == 32 or 9 <= byte <= 13)


@kernel_part
def _is_pair(first: Any, second: Any, code: Any, connectors: Connectors, table: PairTable) -> bool:
    run = np.searchsorted(connectors.codes, code)
    known = False
    if run < connectors.codes.shape[0] and connectors.codes[run] == code:
        words = np.uint64(connectors.digits.shape[0])
        key = (np.uint64(run) * words + np.uint64(first)) * words + np.uint64(second) + _ONE
        known = table.keys[_slot(key, table)] != np.uint64(0)
    return known


@kernel
def join(
    text: NDArray[np.uint8],
    words: tuple[NDArray[np.int64], NDArray[np.int32]],
    connectors: Connectors,
    table: PairTable,
    delimiter: NDArray[np.uint8],
    joined: NDArray[np.uint8],
) -> int:
    """Write a text with the white space inside of pairs replaced by a delimiter; returns its length.

    A word is in one pair at most, from the left. `words` are the starts and the numbers that `mark_known` writes.
    """
    starts, ids = words
    read = 0
    to = 0
    begun = 0  # the token that a pair may begin with, where `code` is that of the connectors behind it
    first = np.int64(-1)
    code = np.int64(0)
    for token in range(ids.shape[0]):
        word = np.int64(ids[token])
        digit = np.int64(connectors.digits[word]) if word >= 0 else np.int64(0)
        if digit > 0:
            code = _with_one_more(code, digit, connectors.base)
            continue
        if first >= 0 and word >= 0 and _is_pair(first, word, code, connectors, table):
            for inner in range(begun + 1, token + 1):
                gap = starts[inner]
                while _is_space(text[gap - 1]):
                    gap -= 1
                for i in range(read, gap):
                    joined[to] = text[i]
                    to += 1
                for i in range(delimiter.shape[0]):
                    joined[to] = delimiter[i]
                    to += 1
                read = starts[inner]
            word = np.int64(-1)
        begun = token
        first = word
        code = np.int64(0)
    for i in range(read, text.shape[0]):
        joined[to] = text[i]
        to += 1
    return to
