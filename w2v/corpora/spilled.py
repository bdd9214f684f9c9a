"""Word tables on disk, and what their words count together, part by part.

A word goes to one of 256 parts by its hash, so the words of a part can be brought together without those of the others.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.scratch import open_scratch, put, scratch_name, take
from w2v.corpora.word_table import Cursor, WordTable, add_counted, gather_letters, grown, new_table

PARTS = 256


@dataclass(frozen=True, slots=True, eq=False)
class Generation:
    """A table on disk: its words part by part, each with its number, hash and count, and the letters of all.

    `tokens` is where in the text its tokens end, `first` the number of words of the generations before, and `bounds` int64
    [PARTS + 1] are where its parts begin. The file has `numbers`, `hashes`, `counts` and `starts`, int64 each, from position
    `place` on, and the letters behind.
    """

    tokens: int
    first: int
    words: int
    bounds: NDArray[np.int64]
    place: int


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The words of one part of all generations: what they count together, and where each first occurs.

    `first` int64 [words] rises with the place of the first occurrence. `members` has for each generation the number in it of
    each of its words of this part, and the word's number in `table`.
    """

    number: int
    table: WordTable
    words: int
    first: NDArray[np.int64]
    members: list[tuple[NDArray[np.int64], NDArray[np.int64]]]


class Spilled:
    """The generations of words that went to a file without a name, in the folder for temporary files."""

    def __init__(self) -> None:
        self.generations: list[Generation] = []
        self._file: BinaryIO | None = None

    def put(self, table: WordTable, words: int, tokens: int) -> None:
        """Write the first `words` words of a table; `tokens` is where in the text it ends.

        Raises
        ------
        SourceError
            When the file cannot be written.
        """
        parts = (table.hashes[:words] >> np.uint64(56)).astype(np.int64)
        order = np.argsort(parts, kind="stable")
        lengths = np.diff(table.starts[: words + 1])[order]
        letters = np.empty(int(lengths.sum()), np.uint8)
        gather_letters(table, order, letters)
        first = sum(generation.words for generation in self.generations)
        place = self._write(order, table.hashes[order], table.counts[order], np.append(0, np.cumsum(lengths)), letters)
        bounds = np.searchsorted(parts[order], np.arange(PARTS + 1))
        self.generations.append(Generation(tokens, first, words, bounds, place))

    def parts(self) -> Iterator[Part]:
        """The parts one after the other."""
        return map(self._part, range(PARTS))

    def write_numbers(self, part: Part, numbers: NDArray[np.int64]) -> None:
        """Give each word of a part a number, which takes the place of its counts in the file."""
        for generation, (_, members) in zip(self.generations, part.members, strict=True):
            start = generation.bounds[part.number]
            assert self._file is not None
            put(
                self._file, generation.place + 8 * (2 * generation.words + int(start)), numbers[members], scratch_name()
            )

    def numbers_of(self, generation: Generation) -> NDArray[np.int64]:
        """The numbers that the words of a generation got, int64 [words]."""
        numbers = np.empty(generation.words, np.int64)
        numbers[self._column(generation, 0, 0, generation.words)] = self._column(generation, 2, 0, generation.words)
        return numbers

    def close(self) -> None:
        """Give up the file."""
        if self._file is not None:
            self._file.close()

    def _part(self, number: int) -> Part:
        table = new_table(1 << 12, 1 << 16)
        at = Cursor(*(np.zeros(1, np.int64) for _ in Cursor._fields))
        first: list[NDArray[np.int64]] = []
        members = []
        for generation in self.generations:
            begin, end = generation.bounds[number : number + 2].tolist()
            before = int(at.words[0])
            starts = self._column(generation, 3, begin, end + 1)
            letters = self._read(
                generation.place + 8 * (4 * generation.words + 1) + int(starts[0]),
                int(starts[-1] - starts[0]),
                np.uint8,
            )
            words = (
                self._column(generation, 1, begin, end).view(np.uint64),
                self._column(generation, 2, begin, end),
                starts - starts[0],
                letters,
            )
            found = np.empty(end - begin, np.int64)
            at.position[0] = 0
            while not add_counted(words, table, found, at):
                table = grown(table, int(at.words[0]), len(letters))
            own = self._column(generation, 0, begin, end)
            first.append(generation.first + own[found >= before])
            members.append((own, found))
        return Part(number, table, int(at.words[0]), np.concatenate(first), members)

    def _column(self, generation: Generation, column: int, begin: int, end: int) -> NDArray[np.int64]:
        return self._read(generation.place + 8 * (column * generation.words + begin), end - begin, np.int64)

    def _write(self, *arrays: NDArray[Any]) -> int:
        """Write arrays one after the other at the end; returns where they begin."""
        if self._file is None:
            self._file = open_scratch()
        place = position = os.fstat(self._file.fileno()).st_size
        for array in arrays:
            put(self._file, position, array, scratch_name())
            position += array.nbytes
        return place

    def _read(self, position: int, count: int, dtype: Any) -> NDArray[Any]:
        assert self._file is not None
        return take(self._file, position, count, dtype)
