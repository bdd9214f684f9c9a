"""Points at which the gradients of active constraints are dependent: there a minimum need not have multipliers.

By Fritz John's theorem (1948) a minimum without KKT multipliers lies where nonnegative multiples of the active gradients, with
those of the equations, add up to zero: with k of them, where all k x k minors of their Jacobian vanish.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import sympy
from sympy import Expr

from lagrangian.logic import Truth, all3
from lagrangian.report.elimination import Effort, solved_by_hand
from lagrangian.report.judgment import holds_at
from lagrangian.report.kkt_equations import Held, KKTEquations
from lagrangian.report.systems import Equation, Found, Worked

MOST_SETS = 32
# of k rows there are as many minors as choices of k columns
MOST_VARIABLES = 8


@dataclass(frozen=True, eq=False, slots=True)
class DependentSet:
    """Constraints that are held as equations, the equations for dependent gradients, and which solutions are feasible."""

    held: tuple[Held, ...]
    rows: tuple[Equation, ...]
    worked: Worked
    feasible: tuple[tuple[Found, Truth], ...]


def dependent_sets(equations: KKTEquations, effort: Effort) -> tuple[list[DependentSet], bool]:
    """The sets with a curved constraint among them, and whether all of them were examined."""
    found: list[DependentSet] = []
    if len(equations.variables) > MOST_VARIABLES:
        return found, False
    for count, active in enumerate(_sets(equations)):
        if count >= MOST_SETS or effort.is_spent():
            return found, False
        found.append(_examined(equations, active, effort))
    return found, True


def _sets(equations: KKTEquations) -> Iterator[tuple[int, ...]]:
    indices = [i for i, held in enumerate(equations.inequalities) if not held.strict]
    count = len(equations.equalities)
    for size in range(min(len(indices), len(equations.variables) - count) + 1):
        for active in combinations(indices, size):
            if any(is_curved(equations, held) for held in _held(equations, active)):
                yield active


def _held(equations: KKTEquations, active: tuple[int, ...]) -> tuple[Held, ...]:
    return (*equations.equalities, *(equations.inequalities[i] for i in active))


def is_curved(equations: KKTEquations, held: Held) -> bool:
    """Whether the gradient of a constraint is not the same everywhere."""
    return any(entry.free_symbols & set(equations.variables) for entry in equations.gradient(held.function))


def _examined(equations: KKTEquations, active: tuple[int, ...], effort: Effort) -> DependentSet:
    held = _held(equations, active)
    lefts = [*(each.function for each in held), *_minors([equations.gradient(each.function) for each in held])]
    rows = tuple(Equation(f"({number})", left) for number, left in enumerate(lefts, start=1))
    worked = solved_by_hand(
        rows, equations.variables, nonzero=equations.nonzero, assumptions=equations.assumptions, effort=effort
    )
    others = [each for i, each in enumerate(equations.inequalities) if i not in active]
    points = [leaf for leaf in worked.leaves() if isinstance(leaf, Found)]
    feasible = tuple((point, all3(holds_at(equations, point, each) for each in others)) for point in points)
    return DependentSet(held, rows, worked, feasible)


def _minors(rows: list[list[Expr]]) -> list[Expr]:
    matrix = sympy.Matrix(rows)
    columns = combinations(range(matrix.cols), matrix.rows)
    return [sympy.factor(matrix[:, list(chosen)].det(method="berkowitz")) for chosen in columns]
