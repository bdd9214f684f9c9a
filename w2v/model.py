"""Training in one call, as gensim's users know it."""

from collections.abc import Callable, Iterable
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpus import read_corpus
from w2v.embeddings import Embeddings
from w2v.errors import CorpusError
from w2v.option_names import in_own_terms
from w2v.progress import Progress, TrainingReport
from w2v.trainer import train


class Word2Vec:
    """Vectors trained on a corpus: gensim's `Word2Vec`.

    Parameters
    ----------
    sentences : iterable of iterables of words, optional
        Read once, so a generator does.
    corpus_file : path of a text file with a sentence a line, optional
        Give one of the two.
    on_progress : function of a Progress, optional
    **options
        Those of `TrainingConfig`, and gensim's where they mean something here (docs/from-other-tools.md): `sg` is taken for the
        architecture (1 skip-gram, 0 CBOW; without it skip-gram, where gensim has CBOW), `hs=1` together with `negative=0` for
        hierarchical softmax, and `workers` for `threads`.

    Raises
    ------
    ConfigError
        For an option that is unknown or out of its range.
    CorpusError, SourceError
        For a corpus without words to train on, or that cannot be read.

    Examples
    --------
    >>> model = Word2Vec([["a", "rose", "is", "a", "rose"]] * 20, vector_size=8)
    >>> "rose" in model.wv, model.wv["rose"].shape, model.report.vocabulary_size
    (True, (8,), 3)
    """

    wv: Embeddings
    config: TrainingConfig
    report: TrainingReport

    def __init__(
        self,
        sentences: Iterable[Iterable[str]] | None = None,
        corpus_file: str | PathLike[str] | None = None,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        **options: Any,
    ) -> None:
        options = in_own_terms(options)
        source = sentences if sentences is not None else corpus_file
        if source is None or (sentences is not None and corpus_file is not None):
            raise CorpusError("give either sentences or corpus_file")
        self.config = TrainingConfig(**options)
        self.wv, self.report = train(read_corpus(source, self.config.min_count), self.config, on_progress)

    @property
    def syn1neg(self) -> NDArray[np.float32] | None:
        """The output rows, under gensim's name."""
        return self.wv.outputs
