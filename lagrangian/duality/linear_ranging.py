"""One-sided prices and ranges of a linear program from one optimal basis, by pivots of the parametric simplex method.

Where a right side moves, the constants of a dictionary move, and the dual simplex method keeps them nonnegative; where a
coefficient of the objective moves, the multipliers do, and the primal one keeps these so (Gass and Saaty 1955). Constants q + g u
are compared as for a small u > 0, so that at degenerate vertices, and with several optima, the side is the right one. Rows and
columns are chosen by the rule of Bland (1977).
"""

import time
from dataclasses import dataclass

from flint import fmpq

from lagrangian.duality.linear_dictionary import OBJECTIVE, ZERO, Dictionary, Label

MOST_PIVOTS = 5000


@dataclass(frozen=True, slots=True)
class Reach:
    """The slope of the value to one side, and how far it is that; ``length`` is None where there is no end."""

    slope: fmpq
    length: fmpq | None


def right_side_reach(dictionary: Dictionary, label: Label, sign: int, deadline: float = float("inf")) -> Reach | None:
    """What a constraint that becomes a.x + a_0 <= sign u (or = sign u) does to the value; None where no u > 0 is feasible.

    Raises:
        TimeoutError: after the deadline, in the seconds of time.monotonic(), or too many pivots.
    """
    found = _settled_rows(_moving_constants(dictionary, label, fmpq(sign)), deadline)
    if found is None:
        return None
    slope, length = found.rows[OBJECTIVE][-1], ZERO
    while found is not None and found.rows[OBJECTIVE][-1] == slope:
        step = min(
            (row[-2] / -row[-1] for label, row in found.rows.items() if label[0] == "g" and row[-1] < 0), default=None
        )
        if step is None:
            return Reach(slope, None)
        length += step
        found = _settled_rows(_advanced(found, step), deadline)
    return Reach(slope, length)


def _moving_constants(dictionary: Dictionary, label: Label, sign: fmpq) -> Dictionary:
    """The slack s becomes s' - sign u: what is a function of it moves, or it moves itself."""
    if label in dictionary.columns:
        place = dictionary.columns.index(label)
        rows = {name: [*row[:-1], -sign * row[place]] for name, row in dictionary.rows.items()}
    else:
        rows = {name: [*row[:-1], sign if name == label else ZERO] for name, row in dictionary.rows.items()}
    return Dictionary(dictionary.columns, rows)


def _advanced(dictionary: Dictionary, step: fmpq) -> Dictionary:
    return Dictionary(
        dictionary.columns,
        {name: [*row[:-2], row[-2] + step * row[-1], row[-1]] for name, row in dictionary.rows.items()},
    )


def _settled_rows(dictionary: Dictionary, deadline: float) -> Dictionary | None:
    """A dictionary that is feasible for small u > 0, by dual simplex pivots; None where there is none."""
    for _ in range(MOST_PIVOTS):
        _check(deadline)
        wrong = [label for label, row in dictionary.rows.items() if label[0] == "g" and (row[-2], row[-1]) < (0, 0)]
        if not wrong:
            return dictionary
        leaving = min(wrong)
        row, costs = dictionary.rows[leaving], dictionary.rows[OBJECTIVE]
        ratios = [
            (costs[j] / row[j], name, j) for j, name in enumerate(dictionary.columns) if name[0] == "g" and row[j] > 0
        ]
        if not ratios:
            return None
        dictionary = dictionary.pivoted(leaving, min(ratios)[2])
    raise TimeoutError


def coefficient_reach(dictionary: Dictionary, place: int, sign: int, deadline: float = float("inf")) -> Reach | None:
    """The variable's value where its coefficient becomes c + sign t, and how far that is so; None where that is unbounded.

    Raises:
        TimeoutError: after the deadline, in the seconds of time.monotonic(), or too many pivots.
    """
    variable: Label = ("x", place)
    found = _settled_columns(dictionary, variable, sign, ZERO, deadline)
    if found is None:
        return None
    value, length = found.rows[variable][-2], ZERO
    while found is not None and found.rows[variable][-2] == value:
        costs, row = _costs(found, variable, sign, length), found.rows[variable]
        steps = [
            costs[j] / (-sign * row[j]) for j, name in enumerate(found.columns) if name[0] == "g" and sign * row[j] < 0
        ]
        if not steps:
            return Reach(value, None)
        length += min(steps)
        found = _settled_columns(found, variable, sign, length, deadline)
    return Reach(value, length)


def _costs(dictionary: Dictionary, variable: Label, sign: int, t: fmpq) -> list[fmpq]:
    """The multipliers with the coefficient c + sign t."""
    return [a + sign * t * b for a, b in zip(dictionary.rows[OBJECTIVE], dictionary.rows[variable], strict=True)]


def _settled_columns(dictionary: Dictionary, variable: Label, sign: int, t: fmpq, deadline: float) -> Dictionary | None:
    """A dictionary that is optimal a little behind t, by simplex pivots; None where the objective is unbounded there."""
    for _ in range(MOST_PIVOTS):
        _check(deadline)
        costs, slopes = _costs(dictionary, variable, sign, t), dictionary.rows[variable]
        wrong = [
            (name, j)
            for j, name in enumerate(dictionary.columns)
            if name[0] == "g" and (costs[j], sign * slopes[j]) < (0, 0)
        ]
        if not wrong:
            return dictionary
        _, entering = min(wrong)
        ratios = [
            (row[-2] / -row[entering], name)
            for name, row in dictionary.rows.items()
            if name[0] == "g" and row[entering] < 0
        ]
        if not ratios:
            return None
        dictionary = dictionary.pivoted(min(ratios)[1], entering)
    raise TimeoutError


def _check(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError
