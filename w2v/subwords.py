"""Vectors of character n-grams, and what they say of words that were not trained on (Bojanowski et al. 2017).

An n-gram is known by the bucket that its bytes are hashed to, exactly as in fastText: FNV-1a with 32 bits, each byte taken as a
signed number. N-grams that share a bucket share a vector.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only

FNV_BASIS = 2166136261
FNV_PRIME = 16777619
_CONTINUES = 0x80  # the upper two bits of a byte of UTF-8 that does not begin a character, under the mask 0xC0


@dataclass(frozen=True, slots=True)
class NgramRule:
    """Which n-grams a word has: of `min_n` to `max_n` characters, hashed to `bucket` buckets.

    >>> rule = NgramRule(min_n=3, max_n=4, bucket=1000)
    >>> [ngram.decode() for ngram in rule.ngrams("where")]
    ['<wh', '<whe', 'whe', 'wher', 'her', 'here', 'ere', 'ere>', 're>']
    """

    min_n: int
    max_n: int
    bucket: int

    def ngrams(self, word: str) -> list[bytes]:
        """The n-grams of <word>, one as often as it occurs, in fastText's order: by their first character, then by length.

        Characters are sequences of UTF-8, and a bracket alone is none of the n-grams.
        """
        letters = marked(word)
        begins = [i for i, byte in enumerate(letters) if byte & 0xC0 != _CONTINUES]
        begins.append(len(letters))
        last = len(begins) - 1
        return [
            letters[begins[i] : begins[i + n]]
            for i in range(last)
            for n in range(self.min_n, min(self.max_n, last - i) + 1)
            if n > 1 or 0 < i < last - 1
        ]

    def buckets(self, word: str) -> list[int]:
        """The bucket of each of a word's n-grams.

        >>> NgramRule(min_n=3, max_n=3, bucket=100).buckets("ab")
        [8, 56]
        """
        return [fnv1a(ngram) % self.bucket for ngram in self.ngrams(word)]


def marked(word: str) -> bytes:
    """The bytes of a word between < and >; bytes that are no UTF-8 are as they were in the text."""
    try:
        return b"<" + word.encode("utf-8", "surrogateescape") + b">"
    except UnicodeEncodeError:  # half of a surrogate pair, which no text file holds
        return b"<" + word.encode("utf-8", "surrogatepass") + b">"


def fnv1a(letters: bytes) -> int:
    """FNV-1a with 32 bits, of bytes as signed numbers: a byte from 128 on flips the upper 24 bits too, as in fastText.

    >>> hex(fnv1a(b"a")), hex(fnv1a("é".encode()))
    ('0xe40c292c', '0x3cfa68c1')
    """
    code = FNV_BASIS
    for byte in letters:
        code = (code ^ (byte | 0xFFFFFF00 if byte > 127 else byte)) * FNV_PRIME & 0xFFFFFFFF
    return code


@dataclass(frozen=True, slots=True, eq=False)
class Subwords:
    """The vectors of the n-grams that training met.

    Parameters
    ----------
    rule : NgramRule
    buckets : int64 [n-grams], read-only, distinct
        The buckets that n-grams of the training corpus hash to, in any order; others have no vector.
    vectors : float32 [n-grams, size], read-only, finite

    Raises
    ------
    ValueError
        When the arrays do not fit to each other or to the rule.

    Examples
    --------
    >>> rule = NgramRule(min_n=3, max_n=3, bucket=100)
    >>> subwords = Subwords(rule, [8, 56], [[1, 2], [3, 6]])  # the buckets of <ab and ab>
    >>> subwords.vector("ab").tolist(), subwords.vector("abc").tolist(), subwords.vector("xyz")
    ([2.0, 4.0], [1.0, 2.0], None)
    """

    rule: NgramRule
    buckets: NDArray[np.int64]
    vectors: NDArray[np.float32]
    _order: NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._set(self.buckets, self.vectors)
        if not np.isfinite(self.vectors).all():
            raise ValueError("the vector of an n-gram is not finite")

    @classmethod
    def checked_before(cls, rule: NgramRule, buckets: NDArray[np.int64], vectors: NDArray[np.float32]) -> "Subwords":
        """The vectors of n-grams that were checked when they were written: not one row is read."""
        subwords = cls.__new__(cls)
        object.__setattr__(subwords, "rule", rule)
        subwords._set(buckets, vectors)
        return subwords

    def _set(self, buckets: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        buckets, vectors = read_only(buckets, np.int64), read_only(vectors, np.float32)
        if buckets.ndim != 1 or vectors.ndim != 2 or len(buckets) != len(vectors):
            raise ValueError(
                f"buckets of shape {buckets.shape} do not fit to vectors of n-grams of shape {vectors.shape}"
            )
        order = np.argsort(buckets)
        if (np.diff(buckets[order], prepend=-1, append=self.rule.bucket) <= 0).any():
            raise ValueError(f"the buckets of n-grams must be distinct, from 0 to {self.rule.bucket - 1}")
        object.__setattr__(self, "buckets", buckets)
        object.__setattr__(self, "vectors", vectors)
        object.__setattr__(self, "_order", order)

    def __len__(self) -> int:
        return len(self.buckets)

    def rows(self, word: str) -> NDArray[np.int64]:
        """The numbers of a word's known n-grams, int64 [at most its n-grams], one as often as it occurs."""
        wanted = np.array(self.rule.buckets(word), np.int64)
        places = np.searchsorted(self.buckets, wanted, sorter=self._order)
        rows = self._order[places[places < len(self)]]
        return rows[self.buckets[rows] == wanted[places < len(self)]]

    def vector(self, word: str) -> NDArray[np.float32] | None:
        """The mean of the vectors of a word's known n-grams, float32 [size]; None when it has none."""
        rows = self.rows(word)
        return self.vectors[rows].mean(axis=0, dtype=np.float64).astype(np.float32) if len(rows) else None
