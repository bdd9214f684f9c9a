"""Models of gensim's from embeddings, and back: in memory, since gensim's own files are pickles, which are never loaded here."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.config import Architecture, Loss, TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, W2VError
from w2v.extras import extra
from w2v.storage.ngram_buckets import ngram_buckets
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

_WORDS_AT_ONCE = 4096
_SAME_OPTIONS = ("vector_size", "window", "sample", "ns_exponent", "alpha", "min_alpha", "epochs", "cbow_mean")
_LOSSES = (Loss.NEGATIVE_SAMPLING, Loss.HIERARCHICAL_SOFTMAX)


def to_gensim(embeddings: Embeddings, config: TrainingConfig | None = None) -> Any:
    """gensim's KeyedVectors, or with the options of training a whole Word2Vec or FastText that can be trained on.

    Vectors and output rows are the same numbers, in arrays of gensim's own. With n-grams the result is gensim's
    FastTextKeyedVectors or FastText. gensim has a row for each bucket: those of n-grams that training did not meet are zero, and
    gensim counts them in the mean where this package leaves them out, so an unseen word has the same vector where all of its
    n-grams are known.

    Parameters
    ----------
    embeddings : Embeddings
        For a whole model with the output rows, and with counts.
    config : TrainingConfig, optional
        Those of the training run: `w2v.read_config` has them from an archive.

    Raises
    ------
    MissingExtraError
        When gensim is not installed.
    ConfigError
        When the loss is one that gensim does not have.
    W2VError
        When output rows or counts are missing for a whole model, or these are no embeddings.

    Examples
    --------
    >>> embeddings = Embeddings(Vocabulary(("king", "queen"), [3, 2]), [[2, 0], [3, 1]])
    >>> to_gensim(embeddings).most_similar("king")  # doctest: +SKIP
    [('queen', 0.9486833214759827)]
    """
    if not isinstance(embeddings, Embeddings):
        raise W2VError(f"{type(embeddings).__name__} is no Embeddings of this package, such as a model's wv")
    models = extra("gensim.models", "gensim", "a model of gensim's")
    if config is None:
        vectors = _empty_vectors(models, embeddings)
        for name, value in _arrays(embeddings).items():
            setattr(vectors, name, value)
        return vectors
    return _model(models, embeddings, config)


def from_gensim(model: Any) -> Embeddings:
    """The embeddings of gensim's KeyedVectors, FastTextKeyedVectors, Word2Vec or FastText; the arrays are copies.

    Counts are taken over, the output rows of negative sampling too; not those of hierarchical softmax, whose tree is another
    here. A model that gensim saved becomes a file of this package's by

        from gensim.models import Word2Vec  # which unpickles: only files that you trust
        model = Word2Vec.load("model")
        w2v.write_vectors(w2v.from_gensim(model), "model.npz", w2v.config_from_gensim(model))

    Raises
    ------
    W2VError
        When it is none of these, a key is no string, or a number is not finite.
    """
    vectors = getattr(model, "wv", model)
    for name in ("index_to_key", "vectors", "key_to_index"):
        if not hasattr(vectors, name):
            raise W2VError(f"{type(model).__name__} is no model of gensim's: it has no {name}")
    keys = tuple(vectors.index_to_key)
    odd = next((key for key in keys if not isinstance(key, str)), None)
    if odd is not None or len(keys) != len(vectors.vectors):
        raise W2VError(f"the model has the key {odd!r}, which is no word")
    counts = np.array(vectors.expandos.get("count", np.zeros(len(keys))), np.int64)
    outputs = getattr(model, "syn1neg", None) if not getattr(model, "hs", 0) else None
    outputs = None if outputs is None else np.array(outputs, np.float32)
    try:
        copied = np.array(vectors.vectors, np.float32)
        return Embeddings(Vocabulary(keys, counts), copied, outputs, _subwords_from_gensim(vectors))
    except ValueError as error:
        raise W2VError(f"the model's arrays are not sound: {error}") from None


def _subwords_from_gensim(vectors: Any) -> Subwords | None:
    if getattr(vectors, "vectors_ngrams", None) is None or not vectors.bucket:
        return None
    rule = NgramRule(max(int(vectors.min_n), 1), int(vectors.max_n), int(vectors.bucket))
    return Subwords(rule, np.arange(rule.bucket), np.array(vectors.vectors_ngrams, np.float32))


def config_from_gensim(model: Any) -> TrainingConfig:
    """The options of a gensim Word2Vec or FastText, as far as both packages have them.

    Raises
    ------
    ConfigError
        When both losses of gensim are on, or an option is out of the range that it has here.
    W2VError
        When it is no such model.
    """
    if not hasattr(model, "negative") or not hasattr(model, "wv"):
        raise W2VError(f"{type(model).__name__} is no Word2Vec or FastText of gensim's, and has no options of training")
    if model.hs and model.negative:
        raise ConfigError(
            "the model trains hierarchical softmax and negative sampling at once, which this package does not"
        )
    options = {name: getattr(model, name) for name in _SAME_OPTIONS}
    options["architecture"] = Architecture.SKIP_GRAM if model.sg else Architecture.CBOW
    if model.sg:
        del options["cbow_mean"]
    options["loss"] = Loss.HIERARCHICAL_SOFTMAX if model.hs else Loss.NEGATIVE_SAMPLING
    if model.negative:
        options["negative"] = int(model.negative)
    options.update(min_count=max(int(model.min_count), 1), max_final_vocab=model.max_final_vocab)
    options.update(seed=int(model.seed), threads=int(model.workers))
    vectors = model.wv
    if getattr(vectors, "vectors_ngrams", None) is not None and vectors.bucket:
        options.update(subwords=True, min_n=max(vectors.min_n, 1), max_n=vectors.max_n, bucket=vectors.bucket)
    return TrainingConfig(**options)


def _model(models: Any, embeddings: Embeddings, config: TrainingConfig) -> Any:
    _check_whole(embeddings, config)
    model = _untrained(models, embeddings, config)
    counts = dict(zip(embeddings.vocabulary.words, embeddings.vocabulary.counts.tolist(), strict=True))
    model.build_vocab_from_freq(counts)
    model.corpus_total_words = sum(counts.values())
    model.min_count, model.max_final_vocab, model.sorted_vocab = config.min_count, config.max_final_vocab, 1
    for name, value in _arrays(embeddings).items():
        if name != "expandos":  # the counts, beside what gensim has made of them
            setattr(model.wv, name, value)
    outputs = np.zeros((len(embeddings), embeddings.vector_size), np.float32)
    rows = np.asarray(embeddings.outputs)[: len(outputs)]
    outputs[: len(rows)] = rows
    setattr(model, "syn1" if model.hs else "syn1neg", outputs)
    if model.hs:
        _set_tree(model.wv, embeddings.vocabulary.counts)
    return model


def _untrained(models: Any, embeddings: Embeddings, config: TrainingConfig) -> Any:
    """A model without words."""
    options = {name: getattr(config, name) for name in _SAME_OPTIONS}
    hierarchical = config.loss is Loss.HIERARCHICAL_SOFTMAX
    options.update(
        sg=int(config.architecture is Architecture.SKIP_GRAM),
        hs=int(hierarchical),
        negative=0 if hierarchical else config.negative,
        seed=config.seed % 2**32,
        workers=config.threads,
        min_count=1,
        sorted_vocab=0,  # keeps the words' order: gensim's sorting turns words of equal counts around
    )
    if embeddings.subwords is None:
        return models.Word2Vec(**options)
    rule = embeddings.subwords.rule
    return models.FastText(**options, min_n=rule.min_n, max_n=rule.max_n, bucket=rule.bucket)


def _check_whole(embeddings: Embeddings, config: TrainingConfig) -> None:
    if config.loss not in _LOSSES:
        raise ConfigError(f"gensim has no {config.loss}; leave config out for its KeyedVectors alone")
    if config.vector_size != embeddings.vector_size:
        raise ConfigError(f"vector_size is {config.vector_size}, but the vectors have {embeddings.vector_size} numbers")
    if embeddings.outputs is None:
        raise W2VError(
            "a whole model needs the output rows, which .npz and .safetensors keep; leave config out without them"
        )
    if not (embeddings.vocabulary.counts > 0).all():
        raise W2VError("a whole model needs the counts of the words; read_vectors takes them from a file with counts=")


def _empty_vectors(models: Any, embeddings: Embeddings) -> Any:
    if embeddings.subwords is None:
        return models.KeyedVectors(embeddings.vector_size)
    rule = embeddings.subwords.rule
    return models.fasttext.FastTextKeyedVectors(embeddings.vector_size, rule.min_n, rule.max_n, rule.bucket)


def _arrays(embeddings: Embeddings) -> dict[str, Any]:
    """What gensim's vectors consist of, by the names of their attributes."""
    words = list(embeddings.vocabulary.words)
    arrays: dict[str, Any] = {
        "index_to_key": words,
        "key_to_index": {word: number for number, word in enumerate(words)},
        "vectors": np.array(embeddings.vectors, np.float32),
        "expandos": {"count": np.array(embeddings.vocabulary.counts, np.int64)},
        "norms": None,
    }
    subwords = embeddings.subwords
    if subwords is not None:
        rows = np.zeros((subwords.rule.bucket, embeddings.vector_size), np.float32)
        rows[subwords.buckets] = subwords.vectors
        arrays["vectors_ngrams"] = rows
        arrays["buckets_word"], arrays["vectors_vocab"] = _own_rows(words, embeddings.vectors, subwords.rule, rows)
    return arrays


def _own_rows(
    words: Sequence[str], vectors: NDArray[np.float32], rule: NgramRule, rows: NDArray[np.float32]
) -> tuple[list[NDArray[np.uint32]], NDArray[np.float32]]:
    """The buckets of each word's n-grams, and the row of its own: z = m x - Σ z_g, where x = (z + Σ z_g) / m."""
    buckets_of: list[NDArray[np.uint32]] = []
    own = np.empty(vectors.shape, np.float32)
    for first in range(0, len(words), _WORDS_AT_ONCE):
        starts, buckets = ngram_buckets(words[first : first + _WORDS_AT_ONCE], rule)
        for start, stop in pairwise(starts.tolist()):
            number = len(buckets_of)
            buckets_of.append(buckets[start:stop].astype(np.uint32))
            others = rows[buckets[start:stop]].sum(axis=0, dtype=np.float64)
            own[number] = vectors[number] * np.float64(stop - start + 1) - others
    return buckets_of, own


def _set_tree(vectors: Any, counts: NDArray[np.int64]) -> None:
    """Make the tree of hierarchical softmax this package's: among equal counts gensim's joins others first."""
    from w2v.huffman import huffman_paths  # loads Numba

    paths = huffman_paths(counts)
    for word, (start, stop) in enumerate(pairwise(paths.starts.tolist())):
        vectors.set_vecattr(word, "code", (1 - paths.turns[start:stop]).astype(np.uint8))
        vectors.set_vecattr(word, "point", paths.nodes[start:stop].astype(np.uint32))
