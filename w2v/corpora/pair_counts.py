"""The pairs of words of a text, counted exactly in bounded memory."""

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.growing import GrowingArray
from w2v.corpora.pairs import (
    GREATEST_CODE,
    Connectors,
    PairTable,
    count,
    link,
    move,
    new_pairs,
    no_connectors,
    pair_keys,
)
from w2v.errors import ConfigError
from w2v.vocabulary import Vocabulary

MOST_SLOTS = 1 << 24  # 268 MB
PIECE_TOKENS = 1 << 22
_FIRST_SLOTS = 1 << 16
_MOST_KEYS = 1 << 64


def connectors_in(
    ids: GrowingArray, ends: GrowingArray, vocabulary: Vocabulary, words: Iterable[str], least: int
) -> tuple[Connectors, list[str]]:
    """The connectors among the words of a text, and those runs of them between two words that occur `least` times or more.

    Also returns the connectors by their digits, from 1 on. A run is left out with which no pair can occur so often.

    Raises
    ------
    ConfigError
        When words and runs are so many that pairs of them have no key of 64 bits.
    """
    connectors = no_connectors(len(vocabulary))
    known = [word for word in sorted(words) if word in vocabulary]
    if not known:
        return connectors, known
    connectors.digits[vocabulary.indices(known)] = np.arange(1, len(known) + 1)
    connectors = connectors._replace(base=len(known) + 1)
    counts: Counter[int] = Counter()
    for _, _, codes in linked(ids, ends, connectors):
        counts.update(dict(zip(*(found.tolist() for found in np.unique(codes, return_counts=True)), strict=True)))
    kept = sorted({0, *(code for code, runs in counts.items() if runs >= least)})
    if len(kept) * len(vocabulary) ** 2 >= _MOST_KEYS:
        raise ConfigError(
            f"{len(vocabulary):,} words with {len(kept):,} runs of connectors between them are too many to be counted; "
            "raise min_count"
        )
    return connectors._replace(codes=np.array(kept, np.int64)), known


def run_of(code: int, connectors: list[str]) -> tuple[str, ...]:
    """The connectors of a run.

    >>> run_of(1 * 3 + 2, ["of", "the"])
    ('of', 'the')
    """
    run: list[str] = []
    while code:
        code, digit = divmod(code, len(connectors) + 1)
        run.append(connectors[digit - 1])
    return tuple(reversed(run))


def code_of(run: Iterable[str], digits: dict[str, int]) -> int:
    """The code of a run of connectors, which have the digits from 1 on; -1 for one that is too long.

    >>> code_of(("of", "the"), {"of": 1, "the": 2})
    5
    """
    code = 0
    for word in run:
        code = code * (len(digits) + 1) + digits[word]
    return code if code <= GREATEST_CODE else -1


def linked(
    ids: GrowingArray, ends: GrowingArray, connectors: Connectors
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """The first words, second words and codes of runs of all pairs within the sentences of a text, piece by piece."""
    at = np.array([-1, 0])
    sentence = 0
    for start in range(0, len(ids), PIECE_TOKENS):
        tokens = ids.read(start, min(start + PIECE_TOKENS, len(ids)))
        piece_ends = ends.read(sentence, min(sentence + len(tokens), len(ends))) - start
        piece_ends = piece_ends[: np.searchsorted(piece_ends, len(tokens), side="right")]
        sentence += len(piece_ends)
        pairs = np.empty((3, len(tokens)), np.int64)
        first, second, codes = pairs[:, : link(tokens, piece_ends, connectors, pairs, at)]
        yield first, second, codes


def counted_pairs(
    ids: GrowingArray, ends: GrowingArray, connectors: Connectors, least: int
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.int64]]]:
    """The keys and the counts of all pairs within sentences that occur `least` times or more, in parts.

    Counts are exact. Pairs that are too many for the table are counted in parts by their hash, with a pass over the text each.
    """
    pending = [(0, 1)]
    while pending:
        rest, parts = pending.pop()
        table, later = _counted(ids, ends, connectors, rest, parts)
        pending += later
        found = np.flatnonzero(table.counts >= least)
        yield table.keys[found], table.counts[found]


def _counted(
    ids: GrowingArray, ends: GrowingArray, connectors: Connectors, rest: int, parts: int
) -> tuple[PairTable, list[tuple[int, int]]]:
    """The pairs of a part, or of as small a part of it as there is room for; also the parts that are left for later."""
    table = new_pairs(_FIRST_SLOTS)
    later = []
    for pairs in linked(ids, ends, connectors):
        keys, at = pair_keys(*pairs, connectors), np.zeros(1, np.int64)
        while not count(keys, np.array([rest, parts], np.uint64), table, at):
            slots = len(table.keys)
            if slots < MOST_SLOTS:
                slots *= 2
            else:
                later.append((rest + parts, 2 * parts))
                parts *= 2
            larger = new_pairs(slots)
            move(table, np.array([rest, parts], np.uint64), larger)
            table = larger
    return table, later


def map_tokens(ids: GrowingArray, generations: Iterator[tuple[int, NDArray[np.int64]]]) -> None:
    """Overwrite tokens by their numbers in a vocabulary, -1 for those outside of it."""
    read = 0
    for stop, numbers in generations:
        small = numbers.astype(np.int32)
        for start in range(read, stop, PIECE_TOKENS):
            ids.write(start, small[ids.read(start, min(start + PIECE_TOKENS, stop))])
        read = stop
