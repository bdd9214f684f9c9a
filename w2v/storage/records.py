"""Embeddings as arrays under names, and back.

| array | | |
| --- | --- | --- |
| `letters` | uint8 | the words' bytes behind one another |
| `ends` | int64 [words] | where each word ends |
| `order` | int64 [words] | the words' numbers in the order of their bytes |
| `counts` | int64 [words] | how often each word occurs |
| `vectors` | float32 [words, size] | |
| `norms` | float64 [words] | the vectors' lengths, 1 for a length of 0 |
| `outputs` | float32 [rows, size] | the output rows, where there are any |
| `ngram_rule` | int64 [3] | with n-grams: min_n, max_n, bucket |
| `ngram_buckets` | int64 [n-grams] | |
| `ngram_vectors` | float32 [n-grams, size] | |

`order` and `norms` serve files that are mapped into memory: a word is found, and vectors are compared, without reading them
all. Where all is read they are not needed, and not looked at.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError
from w2v.search import row_norms
from w2v.storage.choice import Choice
from w2v.storage.container import Container, StoredArray, check_finite
from w2v.storage.letters import StoredNumbers, StoredWords, spell, word_bytes, word_order
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

FORMAT, VERSION = "w2v", 2
_KINDS = {
    "letters": ("u1", 1),
    "ends": ("<i8", 1),
    "order": ("<i8", 1),
    "counts": ("<i8", 1),
    "vectors": ("<f4", 2),
    "norms": ("<f8", 1),
    "outputs": ("<f4", 2),
    "ngram_rule": ("<i8", 1),
    "ngram_buckets": ("<i8", 1),
    "ngram_vectors": ("<f4", 2),
}
Load = Callable[[str, StoredArray], NDArray[Any]]
LoadRows = Callable[[str, StoredArray, list[int]], NDArray[Any]]


def to_arrays(embeddings: Embeddings) -> dict[str, NDArray[Any]]:
    """The arrays of embeddings; raises VectorFileError when a word has half of a surrogate pair."""
    words = word_bytes(embeddings.vocabulary.words)
    arrays: dict[str, Any] = {
        "letters": np.frombuffer(b"".join(words), np.uint8),
        "ends": np.cumsum([len(word) for word in words], dtype=np.int64),
        "order": word_order(words),
        "counts": embeddings.vocabulary.counts,
        "vectors": embeddings.vectors,
        "norms": _norms(embeddings.vectors),
    }
    if embeddings.outputs is not None:
        arrays["outputs"] = embeddings.outputs
    subwords = embeddings.subwords
    if subwords is not None:
        rule = subwords.rule
        arrays["ngram_rule"] = np.array([rule.min_n, rule.max_n, rule.bucket], np.int64)
        arrays["ngram_buckets"] = subwords.buckets
        arrays["ngram_vectors"] = subwords.vectors
    return {name: np.asarray(array, _KINDS[name][0]) for name, array in arrays.items()}


def _norms(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    norms = row_norms(vectors)
    return np.where(norms > 0, norms, 1)


def to_texts(embeddings: Embeddings, config: TrainingConfig | None) -> dict[str, str]:
    """What a file says about itself."""
    words, size = embeddings.vectors.shape
    texts = {"format": FORMAT, "version": str(VERSION), "words": str(words), "vector_size": str(size)}
    if config is not None:
        texts["config"] = json.dumps(asdict(config))
    return texts


def to_config(container: Container) -> TrainingConfig | None:
    """The options of the training run that a file's vectors came from; None where it does not say.

    Raises ValueError for options that this version does not have.
    """
    if "config" not in container.texts:
        return None
    options = json.loads(container.texts["config"])
    if not isinstance(options, dict):
        raise ValueError("its config is no JSON object")
    unknown = next((name for name in options if name not in OPTION_NAMES), None)
    if unknown is not None:
        raise ValueError(f"its config has the option {unknown!r}, which this version does not know")
    try:
        return TrainingConfig(**options)
    except ConfigError as error:
        raise ValueError(f"its config is not valid: {error}") from None


def check_version(container: Container) -> None:
    """Raise ValueError for a file of a later version than this module knows, or of another kind."""
    if "vectors" in container.arrays and container.arrays["vectors"].shape[1:] == (0,):
        raise ValueError("its vectors have no numbers")
    if "vectors" not in container.arrays:
        names = ", ".join(sorted(container.arrays)[:8]) or "nothing"
        raise ValueError(f"it has no vectors, but {names}")
    version = container.texts.get("version", "1")
    if not version.isdecimal() or len(version) > 9 or int(version) > VERSION:
        raise ValueError(f"it is of version {version!r}; this is the reader of version {VERSION}")


def from_arrays(container: Container, load: Load) -> Embeddings:
    """Embeddings of arrays that are all read; raises ValueError when they do not fit to each other, or are not finite."""
    words, counts = _read_words(container, load)
    vectors = _take(container, load, "vectors")
    outputs = _take(container, load, "outputs") if "outputs" in container.arrays else None
    if outputs is not None:
        check_finite(outputs, "outputs")
    return Embeddings(Vocabulary(words, counts), vectors, outputs, _subwords(container, load))


def some_from_arrays(container: Container, load: Load, load_rows: LoadRows, choice: Choice) -> Embeddings:
    """Embeddings of some words, of whose vectors alone are read. Output rows are left out, which need not be of words."""
    words, counts = _read_words(container, load)
    numbers = choice.numbers(words)
    if not numbers:
        raise ValueError("it has none of the words that were asked for")
    stored = _stored(container, "vectors")
    if stored.shape[0] != len(words):
        raise ValueError(f"{len(words)} words need as many rows of vectors, not an array of shape {stored.shape}")
    vocabulary = Vocabulary(tuple(words[number] for number in numbers), counts[numbers])
    return Embeddings(vocabulary, load_rows("vectors", stored, numbers), None, _subwords(container, load))


def mapped_from_arrays(container: Container, mapped: Load) -> Embeddings:
    """Embeddings whose arrays stay in the file: their shapes are checked, and nothing else of them is read."""
    for name in ("order", "norms"):
        if name not in container.arrays:
            raise ValueError(f"it has no {name}, which a file to map into memory needs; w2v convert writes it anew")
    letters, ends, order, counts, vectors, norms = (
        _take(container, mapped, name) for name in ("letters", "ends", "order", "counts", "vectors", "norms")
    )
    shapes = {len(array) for array in (ends, order, counts, vectors, norms)}
    if len(shapes) != 1 or not len(vectors):
        raise ValueError("its arrays are not of equally many words")
    outputs = _take(container, mapped, "outputs") if "outputs" in container.arrays else None
    subwords = _subwords(container, mapped, Subwords.checked_before)
    for rows in (outputs, None if subwords is None else subwords.vectors):
        if rows is not None and rows.shape[1] != vectors.shape[1]:
            raise ValueError(f"rows of {rows.shape[1]} numbers do not go with vectors of {vectors.shape[1]}")
    words = StoredWords(letters, ends)
    vocabulary = Vocabulary.looked_up(words, counts, StoredNumbers(words, order))
    return Embeddings.checked_before(vocabulary, vectors, norms, outputs, subwords)


def _read_words(container: Container, load: Load) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    letters, ends, counts = (_take(container, load, name) for name in ("letters", "ends", "counts"))
    if not len(ends):
        raise ValueError("it has no words")
    if len(counts) != len(ends):
        raise ValueError(f"it has {len(counts)} counts of {len(ends)} words")
    starts = np.concatenate([np.zeros(1, np.int64), ends])
    if (starts[1:] < starts[:-1]).any() or starts[-1] != letters.size:
        raise ValueError("the ends of its words do not rise up to their last letter")
    text = letters.tobytes()
    words = tuple(spell(text[start:end]) for start, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
    return words, counts


def _subwords(container: Container, load: Load, make: Callable[..., Subwords] = Subwords) -> Subwords | None:
    if "ngram_rule" not in container.arrays:
        return None
    rule, buckets, vectors = (_take(container, load, name) for name in ("ngram_rule", "ngram_buckets", "ngram_vectors"))
    if rule.shape != (3,) or not 1 <= rule[0] <= rule[1] or rule[2] < 1:
        raise ValueError(f"its rule for n-grams is {rule.tolist()[:8]}")
    return make(NgramRule(*rule.tolist()), buckets, vectors)


def _take(container: Container, load: Load, name: str) -> NDArray[Any]:
    return load(name, _stored(container, name))


def _stored(container: Container, name: str) -> StoredArray:
    """Where an array lies that is of the right type."""
    if name not in container.arrays:
        raise ValueError(f"it has no {name}")
    stored = container.arrays[name]
    kind, dimensions = _KINDS[name]
    if stored.dtype != np.dtype(kind):
        raise ValueError(f"its {name} are of type {stored.dtype}, not {np.dtype(kind)}")
    if len(stored.shape) != dimensions:
        raise ValueError(f"its {name} are of shape {stored.shape}, which has not {dimensions} dimensions")
    return stored
