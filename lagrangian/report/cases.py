"""The KKT conditions case by case: which inequalities are active, what remains to be solved, and what becomes of each point.

A case is a set of inequalities that hold as equations; the multipliers of the others are zero. With independent gradients
no KKT point needs more multipliers than there are variables (Caratheodory 1907), so larger sets give no new point.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb

import sympy
from sympy.solvers.solveset import NonlinearError

from lagrangian.report.blocks import Sentence
from lagrangian.report.elimination import Effort, solved_by_hand
from lagrangian.report.judgment import Judged, judge, judge_family
from lagrangian.report.kkt_equations import KKTEquations
from lagrangian.report.systems import Found, Infinite, Worked

MOST_CASES = 32


@dataclass(frozen=True, eq=False, slots=True)
class CaseWorked:
    """One set of active inequalities, the solving of its equations, its points, and what is said of each of its solutions.

    ``reasons`` are by the identity of the leaves of ``worked``.
    """

    number: int
    active: tuple[int, ...]
    worked: Worked
    judged: tuple[Judged, ...]
    reasons: dict[int, Sentence]


@dataclass(eq=False)
class Cases:
    """All cases of a problem, the groups that are impossible at once, and what was left out.

    ``impossible`` holds sets of inequalities that cannot be active together; no case with one of them among its own is solved.
    """

    equations: KKTEquations
    total: int
    worked: list[CaseWorked] = field(default_factory=list)
    impossible: list[tuple[int, ...]] = field(default_factory=list)
    excluded: int = 0

    @property
    def left_out(self) -> int:
        return self.total - len(self.worked) - self.excluded


def worked_cases(equations: KKTEquations, effort: Effort, chosen: Sequence[tuple[int, ...]] = ()) -> Cases:
    """Every case, or the first of those ``chosen`` where there are more than a person would go through."""
    cases = Cases(equations, count_of_cases(equations))
    for active in _sets(equations) if cases.total <= MOST_CASES else chosen[:MOST_CASES]:
        if any(set(known) <= set(active) for known in cases.impossible):
            cases.excluded += 1
        elif _contradict(equations, active):
            cases.impossible.append(active)
            cases.excluded += 1
        elif not effort.is_spent():
            _add(cases, active, effort)
    return cases


def _can_be_active(equations: KKTEquations) -> list[int]:
    return [i for i, held in enumerate(equations.inequalities) if not held.strict]


def count_of_cases(equations: KKTEquations) -> int:
    """How many sets of active inequalities are to be looked at."""
    count, largest = len(_can_be_active(equations)), _largest(equations)
    return sum(comb(count, size) for size in range(min(count, largest) + 1))


def _largest(equations: KKTEquations) -> int:
    """The number of variables, less the rank of affine equations: curved ones may have dependent gradients somewhere."""
    rows = [equations.gradient(held.function) for held in equations.equalities]
    affine = [row for row in rows if not any(entry.free_symbols for entry in row)]
    return len(equations.variables) - (sympy.Matrix(affine).rank() if affine else 0)


def _sets(equations: KKTEquations) -> Iterator[tuple[int, ...]]:
    indices = _can_be_active(equations)
    for size in range(min(len(indices), _largest(equations)) + 1):
        yield from combinations(indices, size)


def _contradict(equations: KKTEquations, active: tuple[int, ...]) -> bool:
    """Whether affine inequalities cannot hold as equations together: x = 0 and x = 1."""
    if len(active) < 2:
        return False
    functions = [equations.inequalities[i].function for i in active]
    try:
        rows, right = sympy.linear_eq_to_matrix(functions, list(equations.variables))
    except NonlinearError:
        return False
    if rows.free_symbols or right.free_symbols:
        return False
    return bool(rows.row_join(right).rank() > rows.rank())


def _add(cases: Cases, active: tuple[int, ...], effort: Effort) -> None:
    equations, number = cases.equations, len(cases.worked) + 1
    worked = solved_by_hand(
        equations.labelled(active),
        equations.unknowns(active),
        functions=equations.functions,
        nonzero=equations.nonzero,
        assumptions=equations.assumptions,
        effort=effort,
    )
    judged: list[Judged] = []
    reasons: dict[int, Sentence] = {}
    for leaf in worked.leaves():
        earlier = [(c.number, j) for c in cases.worked for j in c.judged] + [(number, j) for j in judged]
        if isinstance(leaf, Found):
            point: Judged | None = judge(equations, active, leaf, earlier)
            reasons[id(leaf)] = point.reason  # type: ignore[union-attr]
        elif isinstance(leaf, Infinite):
            reasons[id(leaf)], point = judge_family(equations, active, leaf, earlier)
        else:
            continue
        judged += [] if point is None else [point]
    cases.worked.append(CaseWorked(number, active, worked, tuple(judged), reasons))
