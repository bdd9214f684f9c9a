"""Three-valued logic: True, False, and None for "not decided", which is never taken for False."""

from collections.abc import Iterable

Truth = bool | None


def all3(values: Iterable[Truth]) -> Truth:
    """Conjunction: False as soon as one value is False, else None if one is None, else True.

    >>> all3([True, None]), all3([None, False]), all3([])
    (None, False, True)
    """
    answer: Truth = True
    for value in values:
        if value is False:
            return False
        if value is None:
            answer = None
    return answer


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
    return None if value is None else not value
