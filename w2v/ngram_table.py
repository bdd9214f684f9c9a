"""The rows that each word's vector is the mean of: its own, and those of its character n-grams."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.compilation import kernel, kernel_part
from w2v.errors import CorpusError
from w2v.subwords import FNV_BASIS, FNV_PRIME, NgramRule, marked


@dataclass(frozen=True, slots=True, eq=False)
class NgramTable:
    """Rows of words by number, and behind them rows of the buckets that n-grams of these words hash to, and no others.

    Parameters
    ----------
    starts : int64 [words + 1], read-only
    rows : int32 [entries], read-only
        Word w is the mean of the rows `rows[starts[w] : starts[w + 1]]`: row w, then one row for each of its n-grams, one as
        often as it occurs.
    buckets : int64 [n-gram rows], read-only
        The bucket of each row behind those of the words, in the order in which words have them: with the most frequent words
        first, rows that are often needed stand together.
    """

    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    buckets: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", read_only(self.starts, np.int64))
        object.__setattr__(self, "rows", read_only(self.rows, np.int32))
        object.__setattr__(self, "buckets", read_only(self.buckets, np.int64))

    def __len__(self) -> int:
        return len(self.starts) - 1 + len(self.buckets)


def ngram_table(words: Sequence[str], rule: NgramRule) -> NgramTable:
    """List the rows of each word.

    Only buckets that occur get a row: two million buckets of 100 numbers would take 900 MB, and a row that no word of the corpus
    has is never trained.

    Raises
    ------
    CorpusError
        When a word is not a string.

    Examples
    --------
    >>> table = ngram_table(["ab", "b", "abc"], NgramRule(min_n=3, max_n=3, bucket=100))
    >>> table.rows.tolist(), table.starts.tolist(), table.buckets.tolist()
    ([0, 3, 4, 1, 5, 2, 3, 6, 7], [0, 3, 5, 9], [8, 56, 43, 31, 80])
    """
    for word in words:
        if not isinstance(word, str):
            raise CorpusError(f"the word {word!r} is not a string, and has no n-grams; write str(word), or no subwords")
    texts = [marked(word) for word in words]
    letters = np.frombuffer(b"".join(texts), np.uint8)
    ends = np.cumsum([len(text) for text in texts])
    starts = np.zeros(len(words) + 1, np.int64)
    nothing = np.empty(0, np.int64)
    _hash_ngrams(letters, ends, rule.min_n, rule.max_n, rule.bucket, starts, nothing)
    hashed = np.empty(starts[-1], np.int64)
    _hash_ngrams(letters, ends, rule.min_n, rule.max_n, rule.bucket, starts, hashed)
    own = starts[:-1]
    is_ngram = np.ones(len(hashed), bool)
    is_ngram[own] = False
    buckets, firsts, numbers = np.unique(hashed[is_ngram], return_index=True, return_inverse=True)
    order = np.argsort(firsts)
    places = np.empty(len(buckets), np.int64)
    places[order] = np.arange(len(buckets))
    rows = np.empty(len(hashed), np.int32)
    rows[own] = np.arange(len(words))
    rows[is_ngram] = len(words) + places[numbers]
    return NgramTable(starts, rows, buckets[order])


@kernel_part
def _character_end(letters: NDArray[np.uint8], position: Any, stop: Any) -> Any:
    """Where the character of UTF-8 ends that starts at `position`."""
    position += 1
    while position < stop and (letters[position] & 0xC0) == 0x80:
        position += 1
    return position


@kernel
def _hash_ngrams(
    letters: NDArray[np.uint8],
    ends: NDArray[np.int64],
    min_n: int,
    max_n: int,
    bucket: int,
    starts: NDArray[np.int64],
    hashed: NDArray[np.int64],
) -> None:
    """Write to `starts` where each word's entries start: one for itself, and one for each n-gram.

    The n-grams' buckets go to `hashed`, unless it is empty, in the order of `NgramRule.ngrams`.
    """
    entries = 0
    begin = 0
    for word in range(ends.shape[0]):
        stop = ends[word]
        starts[word] = entries
        entries += 1
        first = begin
        while first < stop:
            code = np.uint32(FNV_BASIS)
            last = first
            for n in range(1, max_n + 1):
                if last == stop:
                    break
                after = _character_end(letters, last, stop)
                for position in range(last, after):
                    code = np.uint32((code ^ np.uint32(np.int8(letters[position]))) * np.uint32(FNV_PRIME))
                last = after
                if n >= min_n and (n > 1 or (first > begin and last < stop)):
                    if hashed.shape[0] > 0:
                        hashed[entries] = np.int64(code) % bucket
                    entries += 1
            first = _character_end(letters, first, stop)
        begin = stop
    starts[ends.shape[0]] = entries
