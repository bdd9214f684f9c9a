"""The best of finitely many candidates, each of which exists under conditions on the parameters: cells of parameters.

If some candidate is an optimum wherever there is one, the value is the least of the values of those that exist. Cells are split
by the conditions of one candidate after the other, and where two exist by the sign of the difference of their values.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy import Expr

from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import Conditions, ParameterSpace

MOST_CELLS = 200


@dataclass(frozen=True, eq=False)
class Candidate:
    """A feasible point with its value, for the parameters that satisfy the conditions; ``answer`` is what is known of it."""

    conditions: Conditions
    value: Expr
    answer: Any = None


@dataclass(frozen=True, eq=False)
class Cell:
    """Parameters, and the candidate that is the best one there; None where there is none."""

    conditions: Conditions
    best: Candidate | None = None


class TooManyCellsError(Exception):
    """The cells are too many. Internal: it becomes a reason."""


# whether two candidates that exist under the conditions have the same value there
Tie = Callable[[Candidate, Candidate, Conditions], bool]


def _no_tie(one: Candidate, other: Candidate, conditions: Conditions) -> bool:
    return False


def best_cells(
    space: ParameterSpace, start: Iterable[Conditions], candidates: Iterable[Candidate], tie: Tie = _no_tie
) -> list[Cell]:
    """Cells that do not meet, but for parameters with equal values, and that hold all of ``start``.

    Raises:
        TooManyCellsError: for more than MOST_CELLS of them.

    >>> p = sympy.symbols("p", real=True)
    >>> cells = best_cells(ParameterSpace(), [()], [Candidate((), p), Candidate((), sympy.Integer(1))])
    >>> [(cell.conditions[0].expression, cell.best.value) for cell in cells]        # min(p, 1)
    [(p - 1, p), (1 - p, 1)]
    """
    cells = [Cell(conditions) for conditions in start]
    for candidate in candidates:
        cells = [part for cell in cells for part in _with(space, cell, candidate, tie)]
        if len(cells) > MOST_CELLS:
            raise TooManyCellsError
    return merged(space, cells)


def _with(space: ParameterSpace, cell: Cell, candidate: Candidate, tie: Tie) -> list[Cell]:
    """The cell, divided where a candidate is better."""
    inside = (*cell.conditions, *candidate.conditions)
    if space.is_empty(inside):
        return [cell]
    if cell.best is None:
        ahead, behind = True, False
    elif tie(cell.best, candidate, inside):
        return [cell]
    else:
        difference = space.core(candidate.value - cell.best.value, inside, exact=False)
        better, worse = SignCondition(difference), SignCondition(sympy.expand(-difference))
        if space.implies(inside, worse):
            return [cell]
        ahead, behind = True, not space.implies(inside, better)
    added = [c for c in candidate.conditions if not space.implies(cell.conditions, c)]
    parts = [Cell(space.pruned(part), cell.best) for part in space.outside(cell.conditions, added)]
    if ahead and not behind:
        return [*parts, Cell(space.pruned(inside), candidate)]
    sides = [((*inside, worse), cell.best), ((*inside, better), candidate)]
    return [*parts, *(Cell(space.pruned(s), best) for s, best in sides if not space.is_empty(s))]


def merged(space: ParameterSpace, cells: Sequence[Cell]) -> list[Cell]:
    """Cells with the same candidate joined where their union has few conditions."""
    left, found = list(cells), []
    while left:
        cell = left.pop(0)
        for k, other in enumerate(left):
            if other.best is cell.best and (both := space.union(cell.conditions, other.conditions)) is not None:
                left[k] = Cell(both, cell.best)
                break
        else:
            found.append(cell)
    return found
