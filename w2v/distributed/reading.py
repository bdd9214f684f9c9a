"""What a worker reads: its pieces of the corpus, of which it may hold sentences out."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from w2v.config import TrainingConfig
from w2v.corpora.frequent import Frequent
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.renumbering import renumber, renumbering
from w2v.corpus import EncodedCorpus
from w2v.distributed.pieces import Piece, add_piece
from w2v.errors import CorpusError
from w2v.held_out import hold_out
from w2v.vocabulary import Vocabulary

_NUMBERS_AT_ONCE = 1 << 20


class Share(NamedTuple):
    """What a worker trains on, and what it holds out."""

    training: EncodedCorpus
    held_out: EncodedCorpus | None


class Description(NamedTuple):
    """What the others need to know of a share."""

    tokens: int
    read_tokens: int
    checksum: str


def read_share(pieces: Sequence[Piece], options: TextOptions, vocabulary: Vocabulary) -> EncodedCorpus:
    """Read pieces of a corpus, one after the other, with its vocabulary.

    Raises
    ------
    CorpusError
        When not one word of them is in the vocabulary.
    SourceError
        When a file cannot be read or has changed.
    """
    numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    for piece in pieces:
        add_piece(piece, options, numbering)
    numbered = numbering.numbered()
    if not len(numbered.ids):
        raise CorpusError("the corpus has too few words for so many workers: one of them has none; take fewer")
    read_tokens = len(numbered.ids)
    new = renumbering(numbered, Frequent(), vocabulary, "a worker's share of the corpus")
    renumber(numbered, new)
    return EncodedCorpus(vocabulary, numbered.ids.array(), numbered.ends.array(), read_tokens)


def share(corpus: EncodedCorpus, config: TrainingConfig) -> Share:
    """Hold out what the configuration asks for."""
    return Share(*hold_out(corpus, config.held_out)) if config.held_out else Share(corpus, None)


def description(corpus: EncodedCorpus) -> Description:
    """How much text there is, and a checksum that tells it from others."""
    checksum = hashlib.sha256()
    for array in (corpus.ids, corpus.ends):
        checksum.update(len(array).to_bytes(8, "little"))
        for start in range(0, len(array), _NUMBERS_AT_ONCE):
            checksum.update(np.ascontiguousarray(array[start : start + _NUMBERS_AT_ONCE]).data)
    return Description(len(corpus.ids), corpus.read_tokens, checksum.hexdigest())


def joined(corpora: Sequence[EncodedCorpus]) -> EncodedCorpus:
    """Texts of one vocabulary, one after the other.

    >>> from w2v.corpus import read_corpus
    >>> one = read_corpus([["a", "b"], ["a"]])
    >>> joined([one, one]).ends.tolist()
    [2, 3, 5, 6]
    """
    starts = np.cumsum([0, *(len(corpus.ids) for corpus in corpora)])
    return EncodedCorpus(
        corpora[0].vocabulary,
        np.concatenate([corpus.ids for corpus in corpora]),
        np.concatenate([corpus.ends + start for corpus, start in zip(corpora, starts, strict=False)]),
        sum(corpus.read_tokens for corpus in corpora),
    )
