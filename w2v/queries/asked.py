"""What a question is asked with: words, their numbers, vectors, weights, and how many answers are wanted."""

from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from w2v.errors import QueryError

Query = str | int | ArrayLike
Asked = Query | tuple[Query, float] | Sequence[Query | tuple[Query, float]]


def number_of(key: Any) -> int | None:
    """A whole number as such; None for what is none."""
    return int(key) if isinstance(key, Integral) and not isinstance(key, bool) else None


def is_key(query: Any) -> bool:
    """Whether a query is a word or a word's number, and not a vector."""
    return isinstance(query, str) or number_of(query) is not None


def refuse_bytes(query: Any) -> None:
    """Raise a QueryError for bytes, whose elements would be taken for numbers of words."""
    if isinstance(query, bytes | bytearray | memoryview):
        raise QueryError(f"{query!r} is bytes, and words are text; write {bytes(query).decode(errors='replace')!r}")


def several(words: Any) -> list[Any]:
    """What is given as several words or vectors, as a list; one word would be taken for its letters."""
    refuse_bytes(words)
    if isinstance(words, str):
        raise QueryError(f"{words!r} is one word, where several are asked for; write [{words!r}, ...]")
    try:
        return list(words)
    except TypeError:
        raise QueryError(f"{words!r} is no sequence of words or vectors") from None


def listed(asked: Any) -> list[Any]:
    """What is given as one query or as several, as a list."""
    refuse_bytes(asked)
    if asked is None:
        return []
    if is_key(asked) or (isinstance(asked, np.ndarray) and asked.ndim == 1 and asked.dtype.kind in "fiu"):
        return [asked]
    try:
        return list(asked)
    except TypeError:
        raise QueryError(f"{asked!r} is neither a word nor a vector, nor a sequence of them") from None


def weighted(asked: Any, usual: float) -> list[tuple[Any, float]]:
    """Queries with their factors; a pair of a query and a number has that one."""
    return [_pair(query) if _is_pair(query) else (query, usual) for query in listed(asked)]


def _is_pair(query: Any) -> bool:
    """Whether this is a query with its weight, and not a vector of two numbers."""
    return (
        isinstance(query, tuple)
        and len(query) == 2
        and (is_key(query[0]) or isinstance(query[0], list | tuple | np.ndarray))
    )


def _pair(query: tuple[Any, Any]) -> tuple[Any, float]:
    if isinstance(query[1], bool) or not isinstance(query[1], Real) or not np.isfinite(float(query[1])):
        raise QueryError(f"{query!r} has a weight that is not a finite number")
    return query[0], float(query[1])


def count_or_none(topn: Any) -> int | None:
    """How many words are wanted, or None for all."""
    if topn is not None and number_of(topn) is None:
        raise QueryError(f"topn is {topn!r}; it must be a whole number, or None for all words")
    return topn


def at_least_one(topn: int) -> int:
    """How many words are wanted, where none would be no answer."""
    if number_of(topn) is None or topn < 1:
        raise QueryError(f"topn is {topn!r}; it must be a whole number of at least 1")
    return int(topn)
