"""Counting the words of a corpus in parallel: each piece by itself, then the words part by part, each with all its counts.

A word belongs to a part by its checksum. Rare words are left out only when all pieces are counted, so nothing is estimated;
equally frequent words are in the order of their first occurrence in the corpus, as `read_corpus` has them.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.frequent import Frequent
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbered, Numbering
from w2v.corpora.options import TextOptions
from w2v.distributed.pieces import Piece, add_piece
from w2v.errors import CorpusError
from w2v.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class Counted:
    """Words, how often each occurs, and in which piece and at which rank in it each first does, int64 [words]."""

    words: list[bytes]
    counts: NDArray[np.int64]
    pieces: NDArray[np.int64]
    places: NDArray[np.int64]


def count_piece(piece: Piece, number: int, options: TextOptions, parts: int) -> tuple[Counted, ...]:
    """The words of piece `number` of a corpus, in so many parts."""
    numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    add_piece(piece, options, numbering)
    words, counts, places = _words_of(numbering.numbered())
    chosen = np.fromiter((zlib.crc32(word) for word in words), np.int64, len(words)) % parts
    return tuple(_part(words, counts, places, number, np.flatnonzero(chosen == part)) for part in range(parts))


def _words_of(numbered: Numbered) -> tuple[list[bytes], NDArray[np.int64], NDArray[np.int64]]:
    if not numbered.spilled.generations:
        words = list(map(numbered.table.spell, range(numbered.words)))
        return words, numbered.table.counts[: numbered.words], np.arange(numbered.words)
    numbered.spilled.put(numbered.table, numbered.words, len(numbered.ids))
    found, counts, places = [], [], []
    for part in numbered.spilled.parts():
        found += list(map(part.table.spell, range(part.words)))
        counts.append(part.table.counts[: part.words].copy())
        places.append(part.first)
    return found, np.concatenate(counts), np.concatenate(places)


def _part(
    words: list[bytes], counts: NDArray[np.int64], places: NDArray[np.int64], number: int, chosen: NDArray[np.int64]
) -> Counted:
    return Counted([words[i] for i in chosen.tolist()], counts[chosen], np.full(len(chosen), number), places[chosen])


def add_up(frequent: Frequent, *counted: Counted) -> Counted:
    """The words of one part of all pieces, given in their order, that may be kept; where none may, the most frequent.

    >>> one = Counted([b"a", b"b"], np.array([2, 1]), np.array([0, 0]), np.array([0, 1]))
    >>> two = Counted([b"b", b"c"], np.array([4, 1]), np.array([1, 1]), np.array([0, 1]))
    >>> found = add_up(Frequent(2), one, two)
    >>> found.words, found.counts.tolist(), found.pieces.tolist(), found.places.tolist()
    ([b'a', b'b'], [2, 5], [0, 0], [0, 1])
    """
    numbers: dict[bytes, int] = {}
    members = [np.array([numbers.setdefault(word, len(numbers)) for word in own.words], np.int64) for own in counted]
    counts = np.zeros(len(numbers), np.int64)
    pieces, places = np.zeros((2, len(numbers)), np.int64)
    known = 0
    for own, member in zip(counted, members, strict=True):
        counts[member] += own.counts
        new = member >= known
        pieces[member[new]], places[member[new]] = own.pieces[new], own.places[new]
        known += int(new.sum())
    kept = frequent.foremost(counts)
    if not len(kept):
        kept = np.flatnonzero(counts == counts.max(initial=0))
    words = list(numbers)
    return Counted([words[i] for i in kept.tolist()], counts[kept], pieces[kept], places[kept])


def vocabulary(parts: Sequence[Counted], frequent: Frequent, name: str) -> Vocabulary:
    """The vocabulary of a corpus from the words of all its parts.

    Raises
    ------
    CorpusError
        When there is no word, or none that is kept.
    """
    words = [word for part in parts for word in part.words]
    if not words:
        raise CorpusError(f"{name} has no words")
    counts, pieces, places = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("counts", "pieces", "places")
    )
    order = np.lexsort((places, pieces, -counts))
    least = frequent.least(counts)
    if counts[order[0]] < least:
        raise frequent.none_kept(name, words[order[0]], int(counts[order[0]]))
    order = order[: np.count_nonzero(counts >= least)]
    spelled = tuple(words[i].decode("utf-8", "surrogateescape") for i in order.tolist())
    return Vocabulary(spelled, counts[order])
