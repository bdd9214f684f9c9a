"""From numbers in the order of first occurrence to those of a vocabulary, in place and piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import kernel
from w2v.corpora.frequent import Frequent
from w2v.corpora.numbering import Numbered
from w2v.corpora.spilled import Generation, Spilled
from w2v.errors import CorpusError
from w2v.vocabulary import Vocabulary

PIECE_TOKENS = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Renumbering:
    """A vocabulary, and for each generation of a text's words their numbers in it.

    `ranks` int64 [numbers given to spilled words] are their numbers in the vocabulary; `last` int64 [words of the last
    generation] has the numbers where nothing was spilled. A number is -1 for a word outside of the vocabulary.
    """

    vocabulary: Vocabulary
    last: NDArray[np.int64]
    ranks: NDArray[np.int64]
    spilled: Spilled

    def by_generation(self, tokens: int) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """For each generation the token that it ends before, and the numbers of its words; `tokens` are those of the text."""
        if not self.spilled.generations:
            yield tokens, self.last
        for generation in self.spilled.generations:
            yield generation.tokens, self._of(generation)

    def _of(self, generation: Generation) -> NDArray[np.int64]:
        numbers = self.spilled.numbers_of(generation)
        known = numbers >= 0
        numbers[known] = self.ranks[numbers[known]]
        return numbers


def renumbering(numbered: Numbered, frequent: Frequent, vocabulary: Vocabulary | None, name: str) -> Renumbering:
    """The words of a text that occur often enough, from the most frequent on, or a vocabulary that is given.

    Equally frequent words are in the order of their first occurrence. Nothing is estimated, however many words there are.

    Raises
    ------
    CorpusError
        When there is no word, or none that is kept, or none in the vocabulary.
    """
    if not len(numbered.ids):
        raise CorpusError(f"{name} has no words")
    if numbered.spilled.generations:
        return _of_spilled(numbered, frequent, vocabulary, name)
    table = numbered.table
    counts = table.counts[: numbered.words].copy()
    if vocabulary is not None:
        numbers = np.array([_number_in(vocabulary, table.spell(word)) for word in range(len(counts))], np.int64)
        _check_known(int(numbers.max()), vocabulary, name)
        return Renumbering(vocabulary, numbers, numbers[:0], numbered.spilled)
    order = np.argsort(-counts, kind="stable")
    order = order[: np.count_nonzero(counts >= frequent.least(counts))]
    if not len(order):
        most = int(counts.argmax())
        raise frequent.none_kept(name, table.spell(most), int(counts[most]))
    numbers = np.full(len(counts), -1, np.int64)
    numbers[order] = np.arange(len(order))
    words = tuple(_text(table.spell(word)) for word in order.tolist())
    return Renumbering(Vocabulary(words, counts[order]), numbers, numbers[:0], numbered.spilled)


def _of_spilled(numbered: Numbered, frequent: Frequent, vocabulary: Vocabulary | None, name: str) -> Renumbering:
    spilled = numbered.spilled
    spilled.put(numbered.table, numbered.words, len(numbered.ids))
    if vocabulary is not None:
        greatest = -1
        for part in spilled.parts():
            found = [_number_in(vocabulary, part.table.spell(word)) for word in range(part.words)]
            numbers = np.array(found, np.int64)
            spilled.write_numbers(part, numbers)
            greatest = max(greatest, int(numbers.max(initial=-1)))
        _check_known(greatest, vocabulary, name)
        return Renumbering(vocabulary, numbered.table.counts[:0], np.arange(len(vocabulary)), spilled)
    words, counts, order = _frequent(spilled, frequent, name)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    vocabulary = Vocabulary(tuple(_text(words[word]) for word in order.tolist()), counts[order])
    return Renumbering(vocabulary, counts[:0], ranks, spilled)


def _frequent(
    spilled: Spilled, frequent: Frequent, name: str
) -> tuple[list[bytes], NDArray[np.int64], NDArray[np.int64]]:
    """The frequent words of all parts, their counts, and their order; numbers the spilled words by these."""
    least = _least(spilled, frequent)
    words: list[bytes] = []
    all_counts, all_first = [], []
    most = (0, 0, b"")
    for part in spilled.parts():
        counts = part.table.counts[: part.words]
        kept = np.flatnonzero(counts >= least)
        numbers = np.full(part.words, -1, np.int64)
        numbers[kept] = len(words) + np.arange(len(kept))
        spilled.write_numbers(part, numbers)
        words.extend(part.table.spell(word) for word in kept.tolist())
        all_counts.append(counts[kept].copy())
        all_first.append(part.first[kept])
        if part.words:
            top = int(counts.argmax())
            most = max(most, (int(counts[top]), -int(part.first[top]), part.table.spell(top)))
    if not words:
        raise frequent.none_kept(name, most[2], most[0])
    found = np.concatenate(all_counts)
    return words, found, np.lexsort((np.concatenate(all_first), -found))


def _least(spilled: Spilled, frequent: Frequent) -> int:
    """How often a word of all parts has to occur to be kept."""
    if frequent.max_final_vocab is None:
        return frequent.min_count
    counts = np.empty(0, np.int64)
    for part in spilled.parts():
        counts = np.append(counts, part.table.counts[: part.words])
        counts = counts[frequent.foremost(counts)]
    return frequent.least(counts)


def _text(word: bytes) -> str:
    return word.decode("utf-8", "surrogateescape")


def _number_in(vocabulary: Vocabulary, word: bytes) -> int:
    text = _text(word)
    return vocabulary.index(text) if text in vocabulary else -1


def _check_known(greatest: int, vocabulary: Vocabulary, name: str) -> None:
    if greatest < 0:
        raise CorpusError(f"no word of {name} is in the vocabulary of {len(vocabulary)} words")


def renumber(numbered: Numbered, new: Renumbering) -> None:
    """Overwrite a text's numbers by those in the vocabulary; words without one, and sentences without words, are left out."""
    ids, ends = numbered.ids, numbered.ends
    read = sentence = kept = written = last = 0
    for stop_of_generation, numbers in new.by_generation(len(ids)):
        small = numbers.astype(np.int32)
        while read < stop_of_generation:
            stop = min(read + PIECE_TOKENS, stop_of_generation)
            tokens = ids.read(read, stop)
            piece_ends = ends.read(sentence, min(sentence + stop - read, len(ends)))
            piece_ends = piece_ends[: np.searchsorted(piece_ends, stop, side="right")] - read
            new_ends = np.empty(len(piece_ends), np.int64)
            more, more_ends = _renumber(tokens, piece_ends, small, new_ends, np.array([kept, last]))
            ids.write(kept, tokens[:more])
            ends.write(written, new_ends[:more_ends])
            read, sentence, kept, written = stop, sentence + len(piece_ends), kept + more, written + more_ends
            last = int(new_ends[more_ends - 1]) if more_ends else last
    ids.cut(kept)
    ends.cut(written)


@kernel
def _renumber(
    tokens: NDArray[np.int32],
    ends: NDArray[np.int64],
    numbers: NDArray[np.int32],
    new_ends: NDArray[np.int64],
    before: NDArray[np.int64],
) -> tuple[int, int]:
    """Overwrite tokens by their new numbers, without those of number -1; returns how many are left, and how many ends.

    `before` are the tokens left of earlier pieces, and the last end written for them. An end is written where something is left
    of the sentence. A token is always written, and overwritten unless it was kept: it goes to where what has been read stood.
    """
    kept: Any = 0
    written = 0
    read = 0
    last = before[1]
    for sentence in range(ends.shape[0] + 1):
        complete = sentence < ends.shape[0]
        stop = ends[sentence] if complete else tokens.shape[0]
        for position in range(read, stop):
            number = numbers[tokens[position]]
            tokens[kept] = number
            kept += np.int64(number >= 0)
        read = stop
        if complete and before[0] + kept > last:
            last = before[0] + kept
            new_ends[written] = last
            written += 1
    return kept, written
