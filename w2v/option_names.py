"""What the training options of gensim, word2vec.c and fastText are called here: taken where they mean the same, else refused.

docs/from-other-tools.md has all of them in tables; tests compare.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from w2v.config import OPTION_NAMES, Architecture, Loss
from w2v.errors import ConfigError

_RENAMED = {"workers": "threads"}
_OLD_NAMES = {"size": "vector_size", "iter": "epochs"}  # of gensim 3
# gensim's options that have one value here, and what to do for another.
_FIXED: dict[str, tuple[tuple[Any, ...], str]] = {
    "null_word": ((0, False), "there is no word for padding"),
    "trim_rule": (
        (None,),
        "min_count alone decides here; or leave words out of the text, or give train a corpus that was read with your own "
        "vocabulary: read_corpus(source, vocabulary=Vocabulary(words, counts))",
    ),
    "sorted_vocab": ((1, True), "words are always numbered by their counts"),
    "batch_words": ((10_000,), "blocks have about 10,000 words whatever the sentences; leave it out"),
    "compute_loss": ((True, False), "the loss is always computed, model.report has it"),
    "comment": ((None,), "there is no place to keep it"),
    "max_vocab_size": (
        (None,),
        "no word is dropped in counting, so that counts are right; max_final_vocab=N keeps the most frequent in the end",
    ),
    "word_ngrams": ((1,), "only n-grams of characters are there; join words in the text"),
}


def in_own_terms(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a TrainingConfig, from its own names and gensim's.

    Raises
    ------
    ConfigError
        For an unknown name, one of gensim 3, a value of gensim's that means nothing here, and two names of one option; with what
        to write.

    Examples
    --------
    >>> in_own_terms({"vector_size": 50, "workers": 2, "sg": 0, "sorted_vocab": 1})
    {'vector_size': 50, 'threads': 2, 'architecture': <Architecture.CBOW: 'cbow'>}
    >>> in_own_terms({"iter": 3})
    Traceback (most recent call last):
    w2v.errors.ConfigError: iter is a name of gensim 3; write epochs=3
    """
    own: dict[str, Any] = {}
    for name, value in options.items():
        if name in _OLD_NAMES:
            raise ConfigError(f"{name} is a name of gensim 3; write {_OLD_NAMES[name]}={value!r}")
        if name in _FIXED:
            _check_fixed(name, value)
        elif name == "hashfxn":
            if value is not hash:
                raise ConfigError(f"hashfxn is {value!r}, but the first rows follow from the seed alone; leave it out")
        elif name in _RENAMED:
            _set(own, options, _RENAMED[name], value, name)
        elif name not in ("sg", "hs"):
            if name not in OPTION_NAMES:
                raise ConfigError(f"unknown option {name!r}{_meant(name)}; there are {', '.join(OPTION_NAMES)}")
            own[name] = value
    if "sg" in options:
        kind = Architecture.SKIP_GRAM if _flag("sg", options["sg"]) else Architecture.CBOW
        _set(own, options, "architecture", kind, "sg")
    if "hs" in options:
        _set_loss(own, options)
    return own


def _set_loss(own: dict[str, Any], options: Mapping[str, Any]) -> None:
    hs = _flag("hs", options["hs"])
    _set(own, options, "loss", Loss.HIERARCHICAL_SOFTMAX if hs else Loss.NEGATIVE_SAMPLING, "hs")
    if hs and own.pop("negative", None) != 0:
        raise ConfigError(
            "hs=1 without negative=0 trains both losses at once in gensim, which this package does not; write hs=1, negative=0"
        )


def _set(own: dict[str, Any], options: Mapping[str, Any], name: str, value: Any, gensim_name: str) -> None:
    if name in options:
        raise ConfigError(f"give either {gensim_name} or {name}")
    own[name] = value


def _flag(name: str, value: Any) -> bool:
    if value not in (0, 1):
        raise ConfigError(f"{name} is {value!r}; it must be 0 or 1")
    return bool(value)


def _check_fixed(name: str, value: Any) -> None:
    allowed, remedy = _FIXED[name]
    if not any(value is known or (isinstance(value, int) and value == known) for known in allowed):
        raise ConfigError(f"{name} is {value!r}, which is not supported: {remedy}")


def _meant(name: str) -> str:
    near = difflib.get_close_matches(name, OPTION_NAMES, n=1)
    return f" (do you mean {near[0]}?)" if near else ""


_WORD2VEC_C = {
    "-train": "CORPUS, without a name before it",
    "-output": "--output",
    "-size": "--vector-size",
    "-window": "--window",
    "-sample": "--sample",
    "-hs": "--loss hierarchical-softmax",
    "-negative": "--negative",
    "-threads": "--threads",
    "-iter": "--epochs",
    "-min-count": "--min-count",
    "-alpha": "--alpha",
    "-classes": None,
    "-debug": "--quiet",
    "-binary": "--output FILE.bin, or FILE.txt for text",
    "-save-vocab": None,
    "-read-vocab": None,
    "-cbow": "--architecture cbow",
}
_FASTTEXT = {
    "-input": "CORPUS, without a name before it",
    "-minCount": "--min-count",
    "-minCountLabel": None,
    "-wordNgrams": None,
    "-bucket": "--bucket",
    "-minn": "--min-n",
    "-maxn": "--max-n",
    "-t": "--sample",
    "-label": None,
    "-lr": "--alpha",
    "-lrUpdateRate": None,
    "-dim": "--vector-size",
    "-ws": "--window",
    "-epoch": "--epochs",
    "-neg": "--negative",
    "-loss": "--loss",
    "-thread": "--threads",
    "-pretrainedVectors": "--start",
    "-saveOutput": "--output FILE.npz, which keeps the output rows",
    "-verbose": "--quiet",
    "-seed": "--seed",
}


def command_hint(arguments: Sequence[str]) -> str:
    """What the first of word2vec.c's or fastText's options among some arguments is called here; empty where there is none.

    >>> command_hint(["-size", "100"])
    "; word2vec.c's -size is --vector-size here"
    """
    for argument in arguments:
        for tool, names in (("word2vec.c", _WORD2VEC_C), ("fastText", _FASTTEXT)):
            if argument in names:
                here = names[argument]
                return f"; {tool}'s {argument} is {here} here" if here else f"; {tool}'s {argument} is not there"
    return ""
