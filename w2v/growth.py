"""A vocabulary that grows by the words of new text."""

import numpy as np
from numpy.typing import NDArray

from w2v.corpora.frequent import Frequent
from w2v.corpus import EncodedCorpus
from w2v.vocabulary import Vocabulary

_TOKENS_AT_ONCE = 1 << 22


def grown_vocabulary(vocabulary: Vocabulary, more: Vocabulary, frequent: Frequent) -> Vocabulary:
    """A vocabulary with the words of new text that are frequent there, the counts of both added up.

    Words are numbered from the most frequent on, as ever; equally frequent ones in the order that they had, the new ones last.

    >>> grown = grown_vocabulary(Vocabulary(("a", "b"), [5, 3]), Vocabulary(("b", "c", "d"), [4, 3, 1]), Frequent(2))
    >>> grown.words, grown.counts.tolist()
    (('b', 'a', 'c'), [7, 5, 3])
    """
    least = frequent.least(more.counts)
    counts = dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True))
    for word, count in zip(more.words, more.counts.tolist(), strict=True):
        if word in counts or count >= least:
            counts[word] = counts.get(word, 0) + count
    words = sorted(counts, key=lambda word: -counts[word])
    return Vocabulary(tuple(words), np.array([counts[word] for word in words], np.int64))


def encoded_in(corpus: EncodedCorpus, vocabulary: Vocabulary) -> EncodedCorpus:
    """A corpus under the numbers of another vocabulary; words outside of it, and sentences without words in it, are left out.

    >>> from w2v.corpus import read_corpus
    >>> corpus = encoded_in(read_corpus([["a", "b"], ["c"], ["b", "c", "b"]]), Vocabulary(("x", "b"), [1, 3]))
    >>> corpus.ids.tolist(), corpus.ends.tolist(), corpus.read_tokens
    ([1, 1, 1], [1, 3], 6)
    """
    words = corpus.vocabulary.words
    numbers = np.array([vocabulary.index(word) if word in vocabulary else -1 for word in words], np.int32)
    ids = np.empty(int((corpus.vocabulary.counts * (numbers >= 0)).sum()), np.int32)
    kept_before = np.empty(len(corpus.ends), np.int64)
    kept = 0
    for start in range(0, len(corpus.ids), _TOKENS_AT_ONCE):
        piece = numbers[corpus.ids[start : start + _TOKENS_AT_ONCE]]
        first, last = np.searchsorted(corpus.ends, [start + 1, start + len(piece) + 1])
        kept_before[first:last] = kept + np.cumsum(piece >= 0)[corpus.ends[first:last] - start - 1]
        piece = piece[piece >= 0]
        ids[kept : kept + len(piece)] = piece
        kept += len(piece)
    return EncodedCorpus(vocabulary, ids, _rising(kept_before), corpus.read_tokens)


def _rising(ends: NDArray[np.int64]) -> NDArray[np.int64]:
    return ends[np.diff(ends, prepend=0) > 0]
