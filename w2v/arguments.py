"""Arguments of training that are of another kind: one clear error each, before anything is trained."""

from collections.abc import Iterable
from typing import Any

from w2v.config import TrainingConfig
from w2v.corpus import EncodedCorpus
from w2v.embeddings import Embeddings
from w2v.errors import ConfigError, CorpusError


def check_training(corpus: object, config: object, held_out: object, start: object) -> None:
    """Raise what is wrong with the kinds of what a run is made of.

    Raises
    ------
    CorpusError
        For text that is not read yet.
    ConfigError
        For other options and vectors.

    Examples
    --------
    >>> check_training([["a", "rose"]], TrainingConfig(), None, None)
    Traceback (most recent call last):
    w2v.errors.CorpusError: the corpus is of type list; read it first: train(read_corpus(source, config.min_count), config)
    """
    if not isinstance(corpus, EncodedCorpus):
        raise CorpusError(
            f"the corpus is {_of_type(corpus)}; read it first: train(read_corpus(source, config.min_count), config)"
        )
    check_config(config)
    if held_out is not None and not isinstance(held_out, EncodedCorpus):
        raise CorpusError(
            f"the held-out text is {_of_type(held_out)}; read it first: read_corpus(source, vocabulary=corpus.vocabulary)"
        )
    if start is not None and not isinstance(start, Embeddings):
        raise ConfigError(f"start is {_of_type(start)}; give vectors, such as read_vectors(path) or model.wv")


def check_config(config: object) -> None:
    """Raise a ConfigError for what is no TrainingConfig."""
    if not isinstance(config, TrainingConfig):
        raise ConfigError(f"config is {_of_type(config)}; write TrainingConfig(...), with the options as arguments")


def check_function(function: object) -> None:
    """Raise a ConfigError for what cannot be told of the progress."""
    if function is not None and not callable(function):
        raise ConfigError(f"on_progress is {_of_type(function)}; give a function of one argument, the Progress")


def listed(callbacks: Any) -> list[object]:
    """Callbacks one by one; raises a ConfigError for a single one that is not in a list."""
    if not isinstance(callbacks, Iterable):
        raise ConfigError(f"callbacks is {_of_type(callbacks)}; give a list of callbacks")
    return list(callbacks)


def _of_type(value: object) -> str:
    return f"of type {type(value).__name__}"
