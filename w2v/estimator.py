"""Documents as vectors, as a transformer for scikit-learn's pipelines and searches (extra `sklearn`).

This module needs scikit-learn; nothing else in the package imports it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.corpora.words import tokenize
from w2v.corpus import read_corpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError
from w2v.extras import extra
from w2v.formats import read_vectors
from w2v.trainer import train

_base = extra("sklearn.base", "sklearn", "a transformer for scikit-learn")
_FeatureNames: Any = _base.ClassNamePrefixFeaturesOutMixin
_Transformer: Any = _base.TransformerMixin
_Estimator: Any = _base.BaseEstimator
_validation = extra("sklearn.utils.validation", "sklearn", "a transformer for scikit-learn")
WEIGHTINGS = ("mean", "idf", "sif")
_OWN = ("vectors", "weighting", "sif_a", "tokenizer", "lowercase")


class Word2VecTransformer(_FeatureNames, _Transformer, _Estimator):
    """Train word vectors on documents, or take those that there are, and make each document the mean of its words' vectors.

    Parameters
    ----------
    vectors : Embeddings or path of a file of vectors, optional
        Take these in place of training; then no training option may be given.
    weighting : "mean", "idf" or "sif"
        With "mean" a document of words w_1 ... w_n is (1/n) Σ v_i. With "idf" it is Σ f_i v_i / Σ f_i, where
        f = log((1 + N) / (1 + d)) + 1 for a word that d of the N fitted documents have (so scikit-learn weighs words). With
        "sif" it is (1/n) Σ a / (a + p_i) v_i, where p is a word's share of the fitted text, without its part along the first
        singular vector of the fitted documents (Arora, Liang and Ma 2017).
    sif_a : float
        The a above.
    tokenizer, lowercase
        How documents that are strings become words (`w2v.tokenize`); documents may be lists of words too.
    vector_size, window, ... : the training options
        Those of `TrainingConfig`, with its defaults.

    Attributes
    ----------
    embeddings_ : Embeddings
    word_weights_ : float64 [words]
    common_ : float64 [size] or None
        The direction that "sif" takes out.

    Raises
    ------
    ConfigError
        At `fit`, for options out of their range.
    CorpusError
        At `fit` and `transform`, for what is no sequence of documents.

    Notes
    -----
    Words without a vector are left out, and a document without any word that has one is a zero vector. Pickling a fitted
    transformer, with joblib or without, is scikit-learn's way to keep it: load only files that you would run as a program.
    `write_vectors(transformer.embeddings_, path)` keeps the vectors without pickle.

    Examples
    --------
    >>> documents = ["the cat sat", "the dog sat", ["a", "cat", "and", "a", "dog"]] * 20
    >>> transformer = Word2VecTransformer(vector_size=8, min_count=1).fit(documents)
    >>> transformer.transform(["a cat", "no known words"]).shape, transformer.get_feature_names_out()[0]
    ((2, 8), 'word2vectransformer0')
    """

    def __init__(
        self,
        *,
        vectors: Any = None,
        weighting: str = "mean",
        sif_a: float = 1e-3,
        tokenizer: str = "words",
        lowercase: bool = False,
        vector_size: int = 100,
        window: int = 5,
        shrink_windows: bool = True,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sample: float = 1e-3,
        negative: int = 5,
        ns_exponent: float = 0.75,
        alpha: float = 0.025,
        min_alpha: float = 0.0001,
        epochs: int = 5,
        shuffle: bool = True,
        seed: int = 1,
        threads: int = 1,
        subwords: bool = False,
        min_n: int = 3,
        max_n: int = 6,
        bucket: int = 2_000_000,
        deterministic: bool = False,
        loss: str = "negative-sampling",
        architecture: str = "skip-gram",
        cbow_mean: int = 1,
    ) -> None:
        self.vectors = vectors
        self.weighting = weighting
        self.sif_a = sif_a
        self.tokenizer = tokenizer
        self.lowercase = lowercase
        self.vector_size = vector_size
        self.window = window
        self.shrink_windows = shrink_windows
        self.min_count = min_count
        self.max_final_vocab = max_final_vocab
        self.sample = sample
        self.negative = negative
        self.ns_exponent = ns_exponent
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.epochs = epochs
        self.shuffle = shuffle
        self.seed = seed
        self.threads = threads
        self.subwords = subwords
        self.min_n = min_n
        self.max_n = max_n
        self.bucket = bucket
        self.deterministic = deterministic
        self.loss = loss
        self.architecture = architecture
        self.cbow_mean = cbow_mean

    def fit(self, X: Iterable[str | Sequence[str]], y: object = None) -> "Word2VecTransformer":
        """Train on documents, or with `vectors` only weigh their words; `y` is not looked at."""
        config = self._config()
        documents = self._tokens(X)
        if self.vectors is None:
            self.embeddings_ = train(
                read_corpus(documents, config.min_count, max_final_vocab=config.max_final_vocab), config
            )[0]
        else:
            self.embeddings_ = self.vectors if isinstance(self.vectors, Embeddings) else read_vectors(self.vectors)
        numbers = [self._known(words) for words in documents]
        self.word_weights_ = self._weights(numbers)
        self.common_ = None
        if self.weighting == "sif":
            means = self._means(documents).astype(np.float64)
            # The greatest eigenvector of the small matrix is the first singular vector of the long one.
            self.common_ = np.linalg.eigh(means.T @ means)[1][:, -1]
        return self

    def fit_transform(self, X: Iterable[str | Sequence[str]], y: object = None, **options: Any) -> NDArray[np.float32]:
        """`fit`, and the vectors of the same documents; of a generator too, which can be read once only."""
        documents = list(X) if isinstance(X, Iterator) else X
        vectors: NDArray[np.float32] = super().fit_transform(documents, y, **options)
        return vectors

    def transform(self, X: Iterable[str | Sequence[str]]) -> NDArray[np.float32]:
        """The vector of each document, float32 [documents, size]."""
        _validation.check_is_fitted(self, "embeddings_")
        means = self._means(self._tokens(X))
        if self.common_ is None:
            return means
        return (means - np.outer(means @ self.common_, self.common_)).astype(np.float32)

    @property
    def _n_features_out(self) -> int:
        return self.embeddings_.vector_size

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.non_deterministic = self.threads != 1 and not self.deterministic
        return tags

    def _config(self) -> TrainingConfig:
        if self.weighting not in WEIGHTINGS:
            raise ConfigError(f"weighting is {self.weighting!r}; it must be one of {', '.join(WEIGHTINGS)}")
        if isinstance(self.sif_a, bool) or not isinstance(self.sif_a, int | float) or not 0 < self.sif_a < np.inf:
            raise ConfigError(f"sif_a is {self.sif_a!r}; it must be a positive number")
        options = {name: value for name, value in self.get_params(deep=False).items() if name not in _OWN}
        if self.vectors is not None:
            usual = TrainingConfig()
            for name, value in options.items():
                if value != getattr(usual, name):
                    raise ConfigError(
                        f"vectors are given, so {name}={value!r} would mean nothing; leave one of them out"
                    )
        return TrainingConfig(**options)

    def _tokens(self, X: Any) -> list[list[str]]:
        if isinstance(X, str | bytes):
            raise CorpusError(f"{X[:60]!r} is one document; give a list of documents")
        if isinstance(X, Mapping) or getattr(X, "ndim", 1) != 1:
            raise CorpusError(
                f"{type(X).__name__} is no sequence of documents, each a string or a list of words; of a table give the column "
                "with the text: table['text']"
            )
        try:
            documents = list(X)
        except TypeError:
            raise CorpusError(f"{X!r} is no sequence of documents") from None
        return [self._words(document, number) for number, document in enumerate(documents, 1)]

    def _words(self, document: Any, number: int) -> list[str]:
        if isinstance(document, str):
            return tokenize(document, self.tokenizer, lowercase=self.lowercase)
        try:
            words: list[Any] = [document] if isinstance(document, bytes) else list(document)
        except TypeError:
            words = [document]
        wrong = [word for word in words if not isinstance(word, str)]
        if wrong:
            raise CorpusError(f"document {number} has {wrong[0]!r} in it; a document is a string, or a list of words")
        return [word.lower() for word in words] if self.lowercase else words

    def _known(self, words: Sequence[str]) -> list[int]:
        vocabulary = self.embeddings_.vocabulary
        return [vocabulary.index(word) for word in words if word in vocabulary]

    def _weights(self, documents: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        words = len(self.embeddings_)
        if self.weighting == "mean":
            return np.ones(words)
        if self.weighting == "idf":
            occurring = np.zeros(words, np.int64)
            for numbers in documents:
                occurring[np.unique(numbers).astype(np.int64)] += 1
            return np.log((1 + len(documents)) / (1 + occurring)) + 1
        counts = np.bincount([number for numbers in documents for number in numbers], minlength=words)
        return self.sif_a / (self.sif_a + counts / max(counts.sum(), 1))

    def _means(self, documents: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        means = np.zeros((len(documents), self.embeddings_.vector_size), np.float32)
        for row, words in zip(means, documents, strict=True):
            numbers = self._known(words)
            weights = self.word_weights_[numbers]
            total = weights @ self.embeddings_.vectors[numbers].astype(np.float64)
            composed = self._composed(words)
            whole = weights.sum() if self.weighting == "idf" else float(len(numbers))
            if len(composed):
                unseen = self._weight_of_unseen()
                total = total + unseen * composed.sum(axis=0)
                whole += len(composed) * (unseen if self.weighting == "idf" else 1)
            if whole:
                row[:] = total / whole
        return means

    def _composed(self, words: Sequence[str]) -> NDArray[np.float64]:
        """The vectors of words outside of the vocabulary, by their n-grams."""
        embeddings = self.embeddings_
        if embeddings.subwords is None:
            return np.zeros((0, embeddings.vector_size))
        unseen = [embeddings[word] for word in words if word not in embeddings.vocabulary and word in embeddings]
        return np.array(unseen, np.float64).reshape(-1, embeddings.vector_size)

    def _weight_of_unseen(self) -> float:
        """That of a word in no fitted document."""
        return float(self.word_weights_.max()) if self.weighting == "idf" else 1.0
