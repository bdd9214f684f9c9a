"""The buckets of many words' n-grams at once, in NumPy: reading a model is not to wait for Numba."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.subwords import FNV_BASIS, FNV_PRIME, NgramRule, marked

_LONGEST_CHARACTER = 4  # bytes, of UTF-8


def ngram_buckets(words: Sequence[str], rule: NgramRule) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The buckets of `NgramRule.buckets` of each word behind one another, and where those of each word start.

    Returns
    -------
    starts : int64 [words + 1]
    buckets : int64 [n-grams]

    Examples
    --------
    >>> starts, buckets = ngram_buckets(["ab", "", "abc"], NgramRule(min_n=3, max_n=3, bucket=100))
    >>> starts.tolist(), buckets.tolist()
    ([0, 2, 2, 5], [8, 56, 8, 31, 80])
    """
    texts = [marked(word) if word else b"" for word in words]
    letters = np.frombuffer(b"".join(texts), np.uint8)
    word_ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    begins = np.flatnonzero((letters & 0xC0) != 0x80)
    lengths = np.diff(begins, append=len(letters))
    if (lengths > _LONGEST_CHARACTER).any():  # no UTF-8, and a character may be as long as a word
        return _one_by_one(words, rule)
    ends = np.searchsorted(begins, word_ends)  # of each word, in characters
    firsts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])
    word = np.repeat(np.arange(len(words)), ends - firsts)
    hashes, exists = _hashes(letters, begins, lengths, firsts[word], ends[word], rule)
    of_word = np.zeros(len(words) + 1, np.int64)
    np.add.at(of_word, word + 1, exists.sum(axis=1))
    return np.cumsum(of_word), hashes[exists].astype(np.int64) % rule.bucket


def _one_by_one(words: Sequence[str], rule: NgramRule) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    buckets = [rule.buckets(word) if word else [] for word in words]
    starts = np.cumsum([0, *map(len, buckets)], dtype=np.int64)
    return starts, np.array([bucket for some in buckets for bucket in some], np.int64)


def _hashes(
    letters: NDArray[np.uint8],
    begins: NDArray[np.int64],
    lengths: NDArray[np.int64],
    firsts: NDArray[np.int64],
    ends: NDArray[np.int64],
    rule: NgramRule,
) -> tuple[NDArray[np.uint32], NDArray[np.bool_]]:
    """The hash of the n-gram of each length from each character on, and whether there is one: [characters, lengths].

    `begins` and `lengths` are of characters in bytes; `firsts` and `ends` are of the word of each character, in characters.
    """
    characters = np.arange(len(begins))
    hashed = np.full(len(begins), FNV_BASIS, np.uint32)
    sizes = range(rule.min_n, rule.max_n + 1)
    hashes = np.zeros((len(begins), len(sizes)), np.uint32)
    exists = np.zeros(hashes.shape, bool)
    signed = letters.view(np.int8).astype(np.int32).view(np.uint32)  # a byte from 128 on flips the upper bits too
    for n in range(1, rule.max_n + 1):
        within = characters[characters + n <= ends]
        added = within + n - 1
        for byte in range(_LONGEST_CHARACTER):
            some = lengths[added] > byte
            code = hashed[within[some]] ^ signed[begins[added[some]] + byte]
            hashed[within[some]] = code * np.uint32(FNV_PRIME)
        if n >= rule.min_n:
            if n == 1:  # a bracket alone is none
                within = within[(within > firsts[within]) & (within + 1 < ends[within])]
            hashes[within, n - rule.min_n] = hashed[within]
            exists[within, n - rule.min_n] = True
    return hashes, exists
