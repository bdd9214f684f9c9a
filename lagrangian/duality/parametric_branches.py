"""Problems with parameters as the best of finitely many others: integer variables, and kinks that bend the wrong way.

Each assignment of bounded integer variables is a problem in the other variables; |u| is u where u >= 0, and -u where u <= 0, and
a maximum is one of its arguments where it is not less than the others. The value is the best of the values of these problems, and
where all of them are infeasible there is none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import sympy
from sympy import Abs, Eq, Expr, Ge, Le, Min, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import holds
from lagrangian.duality.parametric_best import Candidate, TooManyCellsError, best_cells
from lagrangian.duality.parametric_nonconvex import divided
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.duality.parametric_space import (
    Conditions,
    ParameterSpace,
    conditions_of_relations,
    relations_of_conditions,
)
from lagrangian.duality.smooth_form import KINKS
from lagrangian.logic import Truth, all3
from lagrangian.problem.problem import Problem, Sense
from lagrangian.status import Status

MOST_BRANCHES = 256
NO_BOUNDS = "an integer variable has no numbers as bounds: only finitely many values can be tried"
OPEN_CONSTANT = "whether a constraint holds at numbers for the integer variables was not decided"
MANY_BRANCHES = f"there are more than {MOST_BRANCHES} cases"
Solver = Callable[[Problem], ParametricSolution]


@dataclass(frozen=True, eq=False)
class Branch:
    """A problem in fewer variables or without a kink, the values of the variables it lacks, and conditions on the parameters."""

    problem: Problem
    values: dict[Symbol, Expr]
    conditions: Conditions = ()


def integer_branches(problem: Problem) -> list[Branch] | str:
    """A branch for each assignment of the integer variables; a text that says why there is none."""
    chosen = [v for v in problem.over if v in problem.integers]
    ranges = [_range(problem, v) for v in chosen]
    if any(r is None for r in ranges):
        return NO_BOUNDS
    sizes = [r for r in ranges if r is not None]
    if sympy.prod(len(r) for r in sizes) > MOST_BRANCHES:
        return MANY_BRANCHES
    assigned = [dict(zip(chosen, map(sympy.Integer, values), strict=True)) for values in product(*sizes)]
    truths = [_constants_hold(problem, values) for values in assigned]
    if None in truths:
        return OPEN_CONSTANT
    return [_assigned(problem, values) for values, truth in zip(assigned, truths, strict=True) if truth]


def _constants_hold(problem: Problem, values: dict[Symbol, Expr]) -> Truth:
    """Whether the constraints hold in which nothing is left but numbers."""
    stated = (_at(relation, values) for relation in problem.all_constraints)
    return all3(holds(relation) for relation in stated if not relation.free_symbols)


def _at(relation: Relational, values: dict[Symbol, Expr]) -> Relational:
    return relation.func(relation.lhs.xreplace(values), relation.rhs.xreplace(values), evaluate=False)


def _range(problem: Problem, variable: Symbol) -> range | None:
    """The integers that constraints with this variable alone leave."""
    lows, highs = [], []
    for relation in problem.all_constraints:
        difference = sympy.expand(relation.lhs - relation.rhs)
        slope = sympy.diff(difference, variable)
        if difference.free_symbols != {variable} or not slope.is_Rational:
            continue
        bound, below = -difference.xreplace({variable: sympy.S.Zero}) / slope, slope.is_positive
        if not bound.is_Rational:
            continue
        is_upper = isinstance(relation, Le | sympy.Lt) == below
        if is_upper or isinstance(relation, Eq):
            highs.append(sympy.floor(bound))
        if not is_upper or isinstance(relation, Eq):
            lows.append(sympy.ceiling(bound))
    return range(int(max(lows)), int(min(highs)) + 1) if lows and highs else None


def _assigned(problem: Problem, values: dict[Symbol, Expr]) -> Branch:
    """The problem with numbers for its integer variables, where the constraints in which only numbers are left hold."""
    rest = [v for v in problem.over if v not in values]
    kept, conditions = [], []
    for relation in problem.all_constraints:
        stated = _at(relation, values)
        if stated.free_symbols & set(rest):
            kept.append(stated)
        elif stated.free_symbols:
            conditions += conditions_of_relations([stated])
    objective = problem.objective.xreplace(values)
    # without variables left the objective is the value
    inner = Problem(objective, kept, over=rest or problem.over, sense=problem.sense, assumptions=problem.assumptions)
    return Branch(inner, values, tuple(conditions))


def kink_branches(problem: Problem) -> list[Branch]:
    """A branch for each argument that an innermost kink may have as its value; none where there are no kinks in the variables."""
    atoms = _kinks(problem)
    if not atoms:
        return []
    atom = atoms[0]
    sign = -1 if isinstance(atom, Min) else 1
    arguments = [atom.args[0], -atom.args[0]] if isinstance(atom, Abs) else list(atom.args)
    found = []
    for place, argument in enumerate(arguments):
        added = [Ge(sign * (argument - other), 0, evaluate=False) for k, other in enumerate(arguments) if k != place]
        found.append(Branch(_replaced(problem, {atom: argument}, added), {}))
    return found


def count_kinks(problem: Problem) -> int:
    return len(_kinks(problem))


def _kinks(problem: Problem) -> list[Expr]:
    """The different kinks in the variables, innermost first."""
    sides = [side for relation in problem.all_constraints for side in relation.args]
    atoms = set().union(*(e.atoms(*KINKS) for e in (problem.objective, *sides)))
    return sorted((a for a in atoms if a.free_symbols & set(problem.over)), key=lambda a: (sympy.count_ops(a), str(a)))


def _replaced(problem: Problem, change: dict[Expr, Expr], added: list[Relational]) -> Problem:
    relations = [
        r.func(r.lhs.xreplace(change), r.rhs.xreplace(change), evaluate=False)
        for r in (*problem.constraints, *problem.bounds)
    ]
    return Problem(
        problem.objective.xreplace(change),
        [*relations, *added],
        over=problem.over,
        sense=problem.sense,
        assumptions=problem.assumptions,
    )


def best_of_branches(
    problem: Problem, branches: list[Branch], solve: Solver, deadline: float = float("inf")
) -> list[ParametricRegion] | str:
    """The regions of the best branch; a text that says why the problem is not treated.

    Raises:
        TimeoutError: what ``solve`` raises, and after the deadline, in the seconds of time.monotonic().
    """
    space = ParameterSpace(problem.assumptions, deadline)
    candidates: list[Candidate] = []
    ends: dict[Status, list[Conditions]] = {Status.UNBOUNDED: [], Status.UNDECIDED: []}
    for branch in branches:
        for found in _answers(problem, branch, solve):
            if isinstance(found, Candidate):
                candidates.append(found)
            elif found[0] in ends:
                ends[found[0]].append(found[1])
    regions: list[ParametricRegion] = []
    left: list[Conditions] = [()]
    try:
        for status, listed in ends.items():
            left, inside = divided(space, left, listed)
            regions += [ParametricRegion(status, _stated(c), reason=_REASONS[status]) for c in inside]
        cells = best_cells(space, left, sorted(candidates, key=_numbers_first))
    except TooManyCellsError:
        return "the values of the cases divide the parameters into too many cells"
    return regions + [_region(problem, cell.conditions, cell.best) for cell in cells]


_REASONS = {
    Status.UNBOUNDED: "one of the cases is unbounded",
    Status.UNDECIDED: "one of the cases is not decided, or its optimum is not attained",
}
BEST_CASE = "it is the best of all cases, each of which was solved"
NO_CASE = "all cases are infeasible"


def _answers(problem: Problem, branch: Branch, solve: Solver) -> Iterator[Candidate | tuple[Status, Conditions]]:
    """Candidates, and parameters where the branch has no attained optimum; infeasible ones are left out."""
    sign = 1 if problem.sense is Sense.MINIMIZE else -1
    if len(branch.values) == len(problem.over):
        yield Candidate(branch.conditions, sign * branch.problem.objective, branch.values)
        return
    solution = solve(branch.problem)
    if solution.covers is not True:
        yield Status.UNDECIDED, branch.conditions
        return
    for region in solution.regions:
        conditions = (*branch.conditions, *conditions_of_relations(region.relations))
        if region.status is Status.OPTIMAL and region.value is not None and region.point is not None:
            yield Candidate(conditions, sign * region.value, branch.values | region.point)
        elif region.status is not Status.INFEASIBLE:
            yield Status.UNBOUNDED if region.status is Status.UNBOUNDED else Status.UNDECIDED, conditions


def _numbers_first(candidate: Candidate) -> tuple[bool, Expr]:
    value = candidate.value
    return (False, value) if value.is_Rational else (True, sympy.S.Zero)


def _stated(conditions: Conditions) -> tuple[Relational, ...]:
    return tuple(relations_of_conditions(conditions))


def _region(problem: Problem, conditions: Conditions, best: Candidate | None) -> ParametricRegion:
    if best is None:
        return ParametricRegion(Status.INFEASIBLE, _stated(conditions), reason=NO_CASE)
    sign = 1 if problem.sense is Sense.MINIMIZE else -1
    point = {v: best.answer[v] for v in problem.over}
    # multipliers of a case are none of the problem
    return ParametricRegion(
        Status.OPTIMAL, _stated(conditions), sympy.expand(sign * best.value), point, {}, {}, reason=BEST_CASE
    )
