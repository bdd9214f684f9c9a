"""Training in one call, as gensim's users know it."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.checkpoint import Checkpoints
from w2v.config import OPTION_NAMES, Loss, TrainingConfig
from w2v.continuing import check_goes_on, continued_config, read_more
from w2v.corpora.frequent import Frequent
from w2v.corpus import EncodedCorpus, read_corpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError, VectorFileError
from w2v.formats import read_config, read_vectors, write_vectors
from w2v.gensim_names import MODEL_ATTRIBUTES
from w2v.growth import grown_vocabulary
from w2v.option_names import in_own_terms
from w2v.progress import Progress, TrainingReport
from w2v.progress_bar import progress_shown
from w2v.search import best_rows
from w2v.trainer import train
from w2v.vocabulary import Vocabulary


class Word2Vec:
    """Vectors trained on a corpus: gensim's `Word2Vec`.

    Parameters
    ----------
    sentences : iterable of iterables of words, optional
        Read once, so a generator does.
    corpus_file : path of a text file with a sentence a line, optional
        Give one of the two, or none and train later, with `build_vocab` and `train`.
    on_progress : function of a Progress, optional
    progress : bool
        Whether to show a bar on a terminal or in a notebook, and else a line now and then.
    callbacks, start, checkpoints
        As for `w2v.train`.
    **options
        Those of `TrainingConfig`, and gensim's where they mean something here (docs/from-other-tools.md): `sg` is taken for the
        architecture (1 skip-gram, 0 CBOW; without it skip-gram, where gensim has CBOW), `hs=1` together with `negative=0` for
        hierarchical softmax, and `workers` for `threads`.

    Attributes
    ----------
    wv : Embeddings
        The vectors; not there before training.
    config : TrainingConfig
        The options, those of the latest training where it had others.
    report : TrainingReport
        What the latest training did; not there before.
    corpus_count : int
        The sentences of the latest text.

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
        on_progress: Callable[[Progress], object] | None = None,
        progress: bool = False,
        callbacks: Sequence[object] = (),
        start: Embeddings | None = None,
        checkpoints: Checkpoints | None = None,
        **options: Any,
    ) -> None:
        options = in_own_terms(options)
        self.config = TrainingConfig(**options)
        self.corpus_count = 0
        self._vocabulary: Vocabulary | None = None
        self._trained = False
        self._start, self._callbacks = start, callbacks
        if sentences is not None or corpus_file is not None:
            corpus = _read(_one_of(sentences, corpus_file), self.config)
            self._train(corpus, self.config, on_progress, progress, checkpoints)

    def build_vocab(
        self,
        sentences: Iterable[Iterable[str]] | None = None,
        corpus_file: str | PathLike[str] | None = None,
        *,
        update: bool = False,
    ) -> None:
        """Count the words to train on; with `update`, add those of new text to the words that there are.

        A word is added when it occurs `min_count` times in the new text and is among its `max_final_vocab`, and the counts of
        all words add up. Words keep their rows, and the next training gives new rows to new words. `train(..., update=True)` does
        the same with one pass over the text less.
        """
        source = _one_of(sentences, corpus_file)
        if not update:
            if self._trained:
                raise ConfigError("this model is trained; write update=True to add words to its vocabulary")
            corpus = _read(source, self.config)
            self._vocabulary = corpus.vocabulary
        else:
            known = self._known_vocabulary()
            if self._trained:
                check_goes_on(self.wv, self.config, update=True)
            corpus = read_corpus(source)
            self._vocabulary = grown_vocabulary(known, corpus.vocabulary, Frequent.of(self.config))
        self.corpus_count = len(corpus.ends)

    def train(
        self,
        sentences: Iterable[Iterable[str]] | None = None,
        corpus_file: str | PathLike[str] | None = None,
        *,
        total_examples: int | None = None,
        total_words: int | None = None,
        epochs: int | None = None,
        start_alpha: float | None = None,
        end_alpha: float | None = None,
        update: bool = False,
        on_progress: Callable[[Progress], object] | None = None,
        progress: bool = False,
        callbacks: Sequence[object] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> TrainingReport:
        """Train, on the same text or another; a model that is trained goes on from its rows.

        The learning rate falls from `start_alpha` over these epochs as ever. Where training goes on it has to be said, since it
        was planned to end: `start_alpha=model.config.alpha` starts again with the first rate, as gensim does, and
        `start_alpha=model.config.min_alpha` goes on with the last. The random numbers are those of the next seed.

        Parameters
        ----------
        sentences, corpus_file
            As for `Word2Vec`; words outside of the vocabulary are left out, or with `update` added to it as by `build_vocab`.
        total_examples, total_words
            gensim needs these; here the text is counted, and they mean nothing.
        epochs : int, optional
            By default those of the options.
        start_alpha, end_alpha : float, optional
            The learning rate at the start, and the least one; by default `alpha`, for the first training, and `min_alpha`.
        on_progress, progress, callbacks, checkpoints
            As for `Word2Vec`.

        Raises
        ------
        ConfigError
            When the learning rate must be said, or words are added to a tree of hierarchical softmax.
        CorpusError
            When no word of the text is in the vocabulary, or the vectors came without output rows.

        Examples
        --------
        >>> model = Word2Vec([["a", "rose", "is", "a", "rose"]] * 20, vector_size=8)
        >>> report = model.train([["a", "daisy", "is", "a", "flower"]] * 20, start_alpha=0.01, update=True)
        >>> model.wv.index_to_key, report.trained_tokens
        (['a', 'rose', 'is', 'daisy', 'flower'], 100)
        """
        source = _one_of(sentences, corpus_file)
        config = self._next_config(epochs, start_alpha, end_alpha, update)
        if update or self._vocabulary is not None:
            read = partial(read_corpus, source)
            corpus = read_more(read, self._known_vocabulary(), config, update=update)
        else:
            corpus = _read(source, config)
        if callbacks is not None:
            self._callbacks = callbacks
        return self._train(corpus, config, on_progress, progress, checkpoints)

    def save(self, path: str | PathLike[str]) -> None:
        """Write an archive (`.npz` or `.safetensors`) with all that training needs to go on; nothing in it is a pickle.

        Raises
        ------
        ConfigError
            For another ending, whose format does not hold all of it.
        SourceError
            When the file cannot be written.
        """
        if not fspath(path).endswith((".npz", ".safetensors")):
            raise ConfigError(
                f"{fspath(path)} must end in .npz or .safetensors, which hold the options and the output rows too; "
                "write_vectors(model.wv, path) writes the vectors alone"
            )
        write_vectors(self.wv, path, self.config)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> "Word2Vec":
        """Read what `save` wrote; `train` goes on from there.

        Raises
        ------
        VectorFileError
            When the file is damaged, or holds vectors without the options they were trained with.
        SourceError
            When it cannot be read.

        Examples
        --------
        >>> import tempfile
        >>> model = Word2Vec([["a", "rose", "is", "a", "rose"]] * 20, vector_size=8)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(folder + "/model.npz")
        ...     again = Word2Vec.load(folder + "/model.npz")
        >>> again.wv.vectors.tobytes() == model.wv.vectors.tobytes(), again.config == model.config
        (True, True)
        """
        config = read_config(path)
        if config is None:
            raise VectorFileError(
                f"{fspath(path)} does not say how its vectors were trained; read_vectors(path) reads them, and "
                "Word2Vec(sentences, start=vectors) trains from them"
            )
        model = cls()
        model.config, model.wv, model._trained = config, read_vectors(path), True
        model._vocabulary = model.wv.vocabulary
        return model

    def predict_output_word(self, context_words_list: Sequence[str], topn: int = 10) -> list[tuple[str, float]]:
        """The words most likely to stand among some others, by softmax over x·y, with x the mean or sum of the words' rows.

        The sum where CBOW trained with `cbow_mean=0`, else the mean; y are the output rows. For models of negative sampling, as
        in gensim, whose scores are no log-probabilities by themselves: the order means more than the numbers.

        Returns
        -------
        Pairs of a word and its share, the greatest first.

        Raises
        ------
        ConfigError
            For another loss.
        UnknownWordError, QueryError
            For a word without a vector, and for none.
        CorpusError
            When the output rows are not there.

        Examples
        --------
        >>> model = Word2Vec([["a", "rose", "is", "a", "rose"]] * 20, vector_size=8)
        >>> len(model.predict_output_word(["a", "is"], topn=2))
        2
        """
        if self.config.loss is not Loss.NEGATIVE_SAMPLING:
            raise ConfigError(
                f"words are predicted by models of negative sampling; the loss of this one is {self.config.loss}"
            )
        if self.wv.outputs is None:
            raise CorpusError("these vectors came without output rows, which predict words")
        mean = self.wv.get_mean_vector(context_words_list, pre_normalize=False, ignore_missing=False)
        total = mean if self.config.cbow_mean else mean * np.float32(len(context_words_list))
        scores = (self.wv.outputs @ total).astype(np.float64)
        shares = np.exp(scores - scores.max())
        best = best_rows(scores, max(topn, 0))
        return [(self.wv.vocabulary.words[number], float(shares[number] / shares.sum())) for number in best.tolist()]

    @property
    def syn1neg(self) -> NDArray[np.float32] | None:
        """The output rows, under gensim's name."""
        return self.wv.outputs

    def __repr__(self) -> str:
        vectors = self.__dict__.get("wv")
        is_now = "not trained" if vectors is None else f"{len(vectors):,} words of {vectors.vector_size} numbers"
        return f"<Word2Vec: {is_now}>"

    def __getattr__(self, name: str) -> Any:
        """What is not there otherwise: the options, as in gensim `model.epochs`, and what gensim's other names stand for."""
        if name in ("wv", "report"):
            raise AttributeError(f"there is no {name} yet: this model is not trained")
        if name in OPTION_NAMES and "config" in self.__dict__:
            return getattr(self.config, name)
        hint = MODEL_ATTRIBUTES.get(name)
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}" + (f"; {hint}" if hint else "")
        )

    def _train(
        self,
        corpus: EncodedCorpus,
        config: TrainingConfig,
        on_progress: Callable[[Progress], object] | None,
        progress: bool,
        checkpoints: Checkpoints | None,
    ) -> TrainingReport:
        """Train, and only then become the model that was trained: what fails changes nothing."""
        start = self.wv if self._trained else self._start
        with progress_shown() if progress else nullcontext() as show:
            hear = on_progress if show is None else _both(show, on_progress)
            self.wv, self.report = train(
                corpus, config, hear, start=start, checkpoints=checkpoints, callbacks=self._callbacks
            )
        self.config, self._vocabulary, self._trained = config, self.wv.vocabulary, True
        self.corpus_count = len(corpus.ends)
        return self.report

    def _next_config(
        self, epochs: int | None, start_alpha: float | None, end_alpha: float | None, update: bool
    ) -> TrainingConfig:
        given = {"epochs": epochs, "alpha": start_alpha, "min_alpha": end_alpha}
        chosen: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if not self._trained:
            return replace(self.config, **chosen)
        check_goes_on(self.wv, self.config, update=update)
        return continued_config(self.config, chosen)

    def _known_vocabulary(self) -> Vocabulary:
        if self._vocabulary is None:
            raise ConfigError("there is no vocabulary to update; leave update out")
        return self._vocabulary


def _one_of(
    sentences: Iterable[Iterable[str]] | None, corpus_file: str | PathLike[str] | None
) -> Iterable[Iterable[str]] | str | PathLike[str]:
    source = sentences if sentences is not None else corpus_file
    if source is None or (sentences is not None and corpus_file is not None):
        raise CorpusError("give either sentences or corpus_file")
    return source


def _read(source: Any, config: TrainingConfig) -> EncodedCorpus:
    return read_corpus(source, config.min_count, max_final_vocab=config.max_final_vocab)


def _both(
    first: Callable[[Progress], object], second: Callable[[Progress], object] | None
) -> Callable[[Progress], object]:
    def hear(progress: Progress) -> None:
        first(progress)
        if second is not None:
            second(progress)

    return hear
