"""What tells one training run from another: its options, and checksums of its texts."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import advise
from w2v.config import OPTION_NAMES, TrainingConfig
from w2v.embeddings import Embeddings
from w2v.run import Corpus, Training, TrainingRun
from w2v.vocabulary import Vocabulary

_ROWS_AT_ONCE = 1 << 16
_MAY_CHANGE = ("threads",)  # what a run may be continued with another value of
_TEXTS = {"text": "text", "held_out_text": "held-out text"}


def fingerprint(run: TrainingRun) -> dict[str, Any]:
    """The options of a run and its texts, as JSON knows them: two runs with equal ones make the same updates.

    >>> from w2v.corpus import read_corpus
    >>> run = TrainingRun(read_corpus([["a", "rose", "is", "a", "rose"]] * 20), TrainingConfig(vector_size=8))
    >>> found = fingerprint(run)
    >>> found["options"]["vector_size"], found["words"], found["text"]["tokens"], found["held_out_text"]
    (8, 3, 100, None)
    """
    vocabulary = run.corpus.vocabulary
    return {
        "options": _options(run.config),
        "words": len(vocabulary),
        "vocabulary": _checksum_of_words(vocabulary),
        "start": None if run.start is None else _checksum_of_start(run.start),
        "text": _text(run.corpus, run.training),
        "held_out_text": None if run.scoring is None or run.held_out is None else _text(run.held_out, run.scoring),
    }


def difference(kept: Mapping[str, Any], own: Mapping[str, Any]) -> str | None:
    """What the fingerprint of another run says otherwise, in a sentence; None where it says the same.

    >>> difference({"options": {"epochs": 5}}, {"options": {"epochs": 9}})
    'its option epochs is 5, here it is 9'
    """
    options = kept.get("options", {})
    for name, value in own["options"].items():
        if options.get(name) != value:
            return f"its option {name} is {options.get(name)!r}, here it is {value!r}"
    if kept == own:
        return None
    if kept.get("words") != own["words"]:
        return f"its vocabulary has {kept.get('words')} words, here it has {own['words']}"
    if kept.get("vocabulary") != own["vocabulary"]:
        return "its vocabulary has other words or counts"
    if kept.get("start") != own["start"]:
        return "it started from other vectors"
    for name, text in _TEXTS.items():
        if kept.get(name) != own[name]:
            return _difference_of_texts(text, kept.get(name), own[name])
    return "it was made by another version of this package"


def _difference_of_texts(text: str, kept: Mapping[str, Any] | None, own: Mapping[str, Any] | None) -> str:
    if not kept or not own:
        return f"it has {'a' if kept else 'no'} {text}, here there is {'one' if own else 'none'}"
    if kept.get("tokens") != own["tokens"]:
        return f"its {text} has {kept.get('tokens')} words, here it has {own['tokens']}"
    return f"its {text} is another one, or in another order"


def _options(config: TrainingConfig) -> dict[str, Any]:
    """The options under their names, NumPy's numbers as Python's."""
    values = ((name, getattr(config, name)) for name in OPTION_NAMES if name not in _MAY_CHANGE)
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in values}


def _text(corpus: Corpus, passes: Training) -> dict[str, Any]:
    """The text as it is trained: its words, its sentences in their order, and the blocks in which they are dealt."""
    return {
        "tokens": passes.blocks.tokens,
        "read_tokens": corpus.read_tokens,
        "checksum": _checksum(passes.identity()),
    }


def _checksum_of_words(vocabulary: Vocabulary) -> str:
    spelled = "\n".join(map(repr, vocabulary.words)).encode("utf-8", "surrogatepass")
    return _checksum([np.frombuffer(spelled, np.uint8), vocabulary.counts])


def _checksum_of_start(start: Embeddings) -> str:
    arrays: list[NDArray[Any]] = [start.vectors]
    if start.outputs is not None:
        arrays.append(start.outputs)
    if start.subwords is not None:
        arrays += [start.subwords.buckets, start.subwords.vectors]
    return _checksum_of_words(start.vocabulary) + _checksum(arrays)


def _checksum(arrays: Iterable[NDArray[Any]]) -> str:
    """SHA-256 of arrays with their lengths, some at a time: they may be larger than memory."""
    checksum = hashlib.sha256()
    for array in arrays:
        checksum.update(len(array).to_bytes(8, "little"))
        for start in range(0, len(array), _ROWS_AT_ONCE):
            checksum.update(np.ascontiguousarray(array[start : start + _ROWS_AT_ONCE]).data)
            advise(array, start, min(start + _ROWS_AT_ONCE, len(array)), "MADV_DONTNEED")
    return checksum.hexdigest()
