"""Text to word numbers, in memory that is bounded whatever the text is.

Each new word gets the next number. When there are too many words for the table, it goes to disk, and a new one begins with the
next token: a generation. A word then has a number in each generation that it occurs in; `vocabulary_of` brings them together.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.growing import GrowingArray
from w2v.corpora.spilled import Spilled
from w2v.corpora.word_table import Cursor, WordTable, grown, new_table, number_text, number_words

MOST_WORDS = 1 << 22  # of a table in memory: half a gigabyte with its letters
MOST_LETTERS = 1 << 28
_FIRST_SLOTS = 1 << 18
_FIRST_LETTERS = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Numbered:
    """A text as numbers of its words.

    Parameters
    ----------
    ids : GrowingArray of int32 [tokens]
        The number of each token's word in its generation.
    ends : GrowingArray of int64 [sentences]
        Where each sentence ends, rising strictly.
    table : WordTable
        The words of the last generation.
    words : int
        How many these are.
    spilled : Spilled
        The generations before, if there are any.
    """

    ids: GrowingArray
    ends: GrowingArray
    table: WordTable
    words: int
    spilled: Spilled


class Numbering:
    """Numbers the words of a text that comes piece by piece.

    Examples
    --------
    >>> numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    >>> numbering.add_text(b"the cat\\nthe d")
    >>> numbering.add_text(b"og")
    >>> numbering.end_sentence()
    >>> numbered = numbering.numbered()
    >>> numbered.ids.array().tolist(), numbered.ends.array().tolist(), numbered.table.spell(3)
    ([0, 1, 0, 2, 3], [2, 5], b'og')
    """

    def __init__(self, ids: GrowingArray, ends: GrowingArray) -> None:
        self.ids, self.ends = ids, ends
        self.sentences = 0  # given, those without words included
        self._table = new_table(_FIRST_SLOTS, _FIRST_LETTERS)
        self._spilled = Spilled()
        self._at = Cursor(*(np.zeros(1, np.int64) for _ in Cursor._fields))
        self._ids = np.empty(0, np.int32)
        self._ends = np.empty(0, np.int64)

    def add_text(self, piece: bytes) -> None:
        """Number the words between ASCII white space of a piece that ends between words; newlines end sentences."""
        text = np.frombuffer(piece, np.uint8)
        self._begin(len(text) // 2 + 1)
        while not number_text(text, self._table, self._ids, self._ends, self._at):
            self._make_room(len(text))
        self._put_away()

    def add_words(self, text: bytes, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> None:
        """Number the words `text[starts[i]:stops[i]]`, whatever is in them, as a part of a sentence."""
        letters = np.frombuffer(text, np.uint8)
        self._begin(len(starts))
        while not number_words(letters, starts, stops, self._table, self._ids, self._at):
            self._make_room(len(letters))
        self._put_away()

    def add_ends(self, ends: NDArray[np.int64]) -> None:
        """Note where sentences end, in tokens from the start of the text; those that are empty do not count."""
        last = int(self.ends.read(len(self.ends) - 1, len(self.ends))[0]) if len(self.ends) else 0
        self.ends.append(ends[np.diff(ends, prepend=last) > 0])

    def end_sentence(self) -> None:
        """End the sentence that the last piece left open."""
        if self._at.sentence[0]:
            self.ends.append(np.array([len(self.ids)], np.int64))
            self._at.sentence[0] = 0

    def numbered(self) -> Numbered:
        """All that was added."""
        return Numbered(self.ids, self.ends, self._table, int(self._at.words[0]), self._spilled)

    def close(self) -> None:
        """Give up the generations that went to disk."""
        self._spilled.close()

    def _begin(self, most_tokens: int) -> None:
        if len(self._ids) < most_tokens:
            self._ids, self._ends = np.empty(most_tokens, np.int32), np.empty(most_tokens + 1, np.int64)
        self._at.position[0] = self._at.tokens[0] = self._at.ends[0] = 0

    def _put_away(self) -> None:
        at = self._at
        self.ends.append(len(self.ids) + self._ends[: at.ends[0]])
        self.ids.append(self._ids[: at.tokens[0]])
        at.tokens[0] = at.ends[0] = 0

    def _make_room(self, letters: int) -> None:
        """Let the table grow, with room for a word of up to `letters` bytes, or begin a new generation."""
        words = int(self._at.words[0])
        if not words or (words < MOST_WORDS and int(self._table.starts[words]) + letters <= MOST_LETTERS):
            self._table = grown(self._table, words, letters)
            return
        self._put_away()
        self._spilled.put(self._table, words, len(self.ids))
        self._table = new_table(_FIRST_SLOTS, _FIRST_LETTERS)
        self._at.words[0] = 0
