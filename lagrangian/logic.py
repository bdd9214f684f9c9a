"""Three-valued logic: True, False, and None for "not decided", which is never taken for False."""

from collections.abc import Iterable
from typing import Any

Truth = bool | None


def all3(values: Iterable[Truth]) -> Truth:
    """Conjunction: False as soon as one value is False, else None if one is None, else True.

    >>> all3([True, None]), all3([None, False]), all3([])
    (None, False, True)
    """
    answer: Truth = True
    for value in map(_as_truth, values):
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


def _as_truth(value: Any) -> Truth:
    """SymPy's and NumPy's own true and false as Python's; a relation that nobody has decided is an error, and never true."""
    if value is None or isinstance(value, bool):
        return value
    for truth in (True, False):
        if value == truth:
            return truth
    raise TypeError(f"{value!r} is neither true, nor false, nor None")


def any3(values: Iterable[Truth]) -> Truth:
    """Disjunction: True as soon as one value is True, else None if one is None, else False.

    >>> any3([False, None]), any3([None, True]), any3([])
    (None, True, False)
    """
    return not3(all3(not3(value) for value in values))


def not3(value: Truth) -> Truth:
    """Negation, which leaves None alone.

    >>> not3(True), not3(None)
    (False, None)
    """
    truth = _as_truth(value)
    return None if truth is None else not truth
