"""KKT points of problems beyond polynomials over Q: with free parameters, exp, log or other constants, solved by SymPy.

SymPy may miss solutions, so these candidates never carry a claim of completeness; each one that is returned has been checked
by substitution.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import sympy
from sympy import Dummy, Expr, Symbol
from sympy.core.relational import Relational
from sympy.solvers.solveset import NonlinearError

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.algebra.simplification import shortened
from lagrangian.candidates.binomials import binomial_solutions
from lagrangian.candidates.logarithmic import logarithmic_solutions
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.processes.calls import call_with_limit, share_of_time

MOST_SUPPORTS = 256
LIMIT_OF_ONE_SOLVE_S = 8.0
SHARE_OF_ONE_SOLVE = 0.4


@dataclass(frozen=True)
class SymbolicCandidate:
    """A point with multipliers that satisfies stationarity, the equations and complementary slackness.

    ``feasible`` and ``dual_feasible`` are three-valued: with parameters they may hold for some values only.
    """

    point: dict[Symbol, Expr]
    value: Expr
    inequality_multipliers: tuple[Expr, ...]
    equality_multipliers: tuple[Expr, ...]
    feasible: Truth
    dual_feasible: Truth


def kkt_candidates(canonical: CanonicalProblem, deadline: float = float("inf")) -> Iterator[SymbolicCandidate]:
    """Checked KKT candidates, one set of active inequalities after another, small sets first.

    >>> from sympy import Eq, symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> b = symbols("b", positive=True)
    >>> (found,) = kkt_candidates(canonicalize(Problem(x * y, [Eq(x + y, b)], over=[x, y], sense="max"))[0])
    >>> found.value, found.equality_multipliers
    (-b**2/4, (b/2,))
    """
    indices = range(len(canonical.inequalities))
    supports = (s for size in range(len(canonical.variables) + 1) for s in combinations(indices, size))
    for _, support in zip(range(MOST_SUPPORTS), supports, strict=False):
        if time.monotonic() > deadline:
            return
        yield from _candidates_of_support(canonical, support, deadline)


def _candidates_of_support(
    canonical: CanonicalProblem, support: Sequence[int], deadline: float
) -> Iterator[SymbolicCandidate]:
    lam = [Dummy(f"lambda{j}", real=True) for j in range(len(canonical.equalities))]
    mu = [Dummy(f"mu{i}", real=True) for i in support]
    held = [canonical.inequalities[i].expression for i in support]
    equalities = [h.expression for h in canonical.equalities]
    lagrangian = canonical.objective
    for multiplier, expression in zip((*mu, *lam), (*held, *equalities), strict=True):
        lagrangian += multiplier * expression
    stationarity = [sympy.diff(lagrangian, variable) for variable in canonical.variables]
    unknowns = [*canonical.variables, *mu, *lam]
    equations = [*stationarity, *held, *equalities]
    solutions = binomial_solutions(canonical, equations, [*mu, *lam])
    for solution in _solve(equations, unknowns, deadline) if solutions is None else solutions:
        candidate = _checked(canonical, support, solution, (stationarity, held, equalities), (mu, lam))
        if candidate is not None:
            yield candidate


def _solve(equations: list[Expr], unknowns: list[Symbol], deadline: float) -> list[dict[Symbol, Expr]]:
    try:
        rows, right = sympy.linear_eq_to_matrix(equations, unknowns)
    except (NonlinearError, ValueError):
        exact = logarithmic_solutions(equations, unknowns)
        if exact:
            return exact
        limit = min(LIMIT_OF_ONE_SOLVE_S, share_of_time(deadline, SHARE_OF_ONE_SOLVE))
        found = call_with_limit(_solve_nonlinear, (equations, unknowns), limit, may_fail=True)
        return found or []
    solutions = sympy.linsolve((rows, right), *unknowns)
    return [dict(zip(unknowns, values, strict=True)) for values in solutions]


def _solve_nonlinear(equations: list[Expr], unknowns: list[Symbol]) -> list[dict[Symbol, Expr]]:
    """The solutions, part by part: SymPy finds none of many a system whose parts share no unknowns."""
    parts = [sympy.solve(rows, used, dict=True) for rows, used in _parts(equations, unknowns)]
    return [{k: v for solution in choice for k, v in solution.items()} for choice in product(*parts)]


def _parts(equations: list[Expr], unknowns: list[Symbol]) -> list[tuple[list[Expr], list[Symbol]]]:
    """The equations with the unknowns in them, those together that are linked by unknowns."""
    parts: list[tuple[list[Expr], set[Symbol]]] = []
    for equation in equations:
        if equation == 0:
            continue
        rows, used = [equation], equation.free_symbols & set(unknowns)
        linked = [part for part in parts if part[1] & used]
        for part in linked:
            rows, used = part[0] + rows, part[1] | used
        parts = [part for part in parts if part not in linked] + [(rows, used)]
    return [(rows, [unknown for unknown in unknowns if unknown in used]) for rows, used in parts]


def _checked(
    canonical: CanonicalProblem,
    support: Sequence[int],
    solution: dict[Symbol, Expr],
    system: tuple[list[Expr], list[Expr], list[Expr]],
    multipliers: tuple[list[Symbol], list[Symbol]],
) -> SymbolicCandidate | None:
    mu, lam = multipliers
    unknowns = {*canonical.variables, *mu, *lam}
    if set(solution) != unknowns or any(value.free_symbols & unknowns for value in solution.values()):
        return None
    solution = {symbol: shortened(value) for symbol, value in solution.items()}
    if not all(is_real_and_defined(value, canonical.assumptions) for value in solution.values()):
        return None
    if all3(is_zero(equation.xreplace(solution)) for group in system for equation in group) is not True:
        return None
    positions = {i: solution[symbol] for i, symbol in zip(support, mu, strict=True)}
    feasible = all3(
        (is_positive if g.strict else is_nonnegative)(-g.expression.xreplace(solution), canonical.assumptions)
        for i, g in enumerate(canonical.inequalities)
        if g.strict or i not in positions
    )
    return SymbolicCandidate(
        {variable: solution[variable] for variable in canonical.variables},
        shortened(canonical.objective.xreplace(solution)),
        tuple(positions.get(i, sympy.Integer(0)) for i in range(len(canonical.inequalities))),
        tuple(solution[symbol] for symbol in lam),
        feasible,
        all3(is_nonnegative(value, canonical.assumptions) for value in positions.values()),
    )


def is_real_and_defined(value: Expr, assumptions: Sequence[Relational]) -> bool:
    """Whether a value is real, and its denominator is not zero, for all parameters that the assumptions allow."""
    if value.has(sympy.I, sympy.oo, sympy.zoo, sympy.nan) or value.is_extended_real is False:
        return False
    for part in sympy.preorder_traversal(value):
        if part.is_Pow and part.exp.is_integer is not True and is_nonnegative(part.base, assumptions) is not True:
            return False
        if isinstance(part, sympy.log) and is_positive(part.args[0], assumptions) is not True:
            return False
    return is_nonzero(sympy.denom(sympy.together(value)), assumptions)


def is_nonzero(value: Expr, assumptions: Sequence[Relational]) -> bool:
    return (
        is_zero(value) is False or is_positive(value, assumptions) is True or is_positive(-value, assumptions) is True
    )
