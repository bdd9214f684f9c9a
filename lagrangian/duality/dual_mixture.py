"""Points on whose average the constraints hold, as a proof that no multipliers give a better bound.

Such points are minimizers of the Lagrangian at the best multipliers. Where they are finitely many their weights are the solution
of a linear program. Where all functions are quadratic they are x0 + ker H, and along directions d of the kernel the points
x0 +- t d add t**2 d'Qd/2 to the average of a function with Hessian Q: again a linear program, for the sums of t**2.
"""

from collections.abc import Sequence
from itertools import combinations

import sympy
from sympy import Eq, Expr, Integer, Le, Rational, Symbol, sqrt

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.duality.dual_function import DualFunction
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

Mixture = tuple[tuple[Expr, dict[Symbol, Expr]], ...]
MOST_DIRECTIONS = 4


def mixture(function: DualFunction, inner: Solution, time_limit_s: float) -> Mixture:
    """Minimizers of the inner problem with weights, that satisfy the relaxed constraints on average; () where none are found.

    Args:
        function: the dual function, which says what is relaxed.
        inner: the answer to the inner problem at the best multipliers.
        time_limit_s: for the linear program.
    """
    canonical = function.lagrangian.canonical
    if canonical.parameters or inner.status is not Status.OPTIMAL:
        return ()
    relaxed = {term.stated for term in function.terms}
    limits = [(Eq, h.expression) for h in canonical.equalities if h.stated in relaxed]
    limits += [(Le, g.expression) for g in canonical.inequalities if g.stated in relaxed]
    if inner.points and not inner.families:
        return _of_points(canonical, inner.points, limits, time_limit_s)
    return _along_kernel(canonical, canonicalize(inner.problem)[0], limits, time_limit_s)


def averages_to(function: DualFunction, points: Mixture, value: Expr) -> Truth:
    """Whether points average to a value of the objective as stated, and satisfy the relaxed constraints on average."""
    canonical, sign = function.lagrangian.canonical, function.lagrangian.restoration.objective_sign
    relaxed = {term.stated for term in function.terms}

    def average(expression: Expr) -> Expr:
        return sympy.Add(*(weight * expression.xreplace(point) for weight, point in points))

    return all3(
        [
            is_zero(average(canonical.objective) - sign * value),
            *(is_nonnegative(-average(g.expression)) for g in canonical.inequalities if g.stated in relaxed),
            *(is_zero(average(h.expression)) for h in canonical.equalities if h.stated in relaxed),
        ]
    )


def _of_points(
    canonical: CanonicalProblem,
    points: Sequence[dict[Symbol, Expr]],
    limits: list[tuple[type, Expr]],
    time_limit_s: float,
) -> Mixture:
    weights = [Symbol(f"w_{k}", real=True) for k in range(len(points))]

    def average(expression: Expr) -> Expr:
        return sympy.Add(*(w * expression.xreplace(p) for w, p in zip(weights, points, strict=True)))

    total = Eq(sympy.Add(*weights), 1, evaluate=False)
    found = _least(
        average(canonical.objective), [(kind, average(e)) for kind, e in limits], weights, [total], time_limit_s
    )
    pairs = zip(weights, points, strict=True)
    return tuple((found[w], dict(p)) for w, p in pairs if is_positive(found[w]) is True) if found else ()


def _along_kernel(
    canonical: CanonicalProblem, inner: CanonicalProblem, limits: list[tuple[type, Expr]], time_limit_s: float
) -> Mixture:
    variables = list(canonical.variables)
    if inner.inequalities or inner.integers or not all(_is_quadratic(f, variables) for f in canonical.functions):
        return ()
    hessian = sympy.hessian(inner.objective, variables)
    origin = dict.fromkeys(variables, Integer(0))
    slopes = sympy.Matrix([sympy.diff(inner.objective, v).xreplace(origin) for v in variables])
    if not all(entry.is_Rational for entry in (*hessian, *slopes)):
        return ()
    middle = dict(zip(variables, -hessian.pinv() * slopes, strict=True))
    kernel = hessian.nullspace()
    if not kernel or len(kernel) > MOST_DIRECTIONS:
        return ()
    directions = [*kernel, *(a + b for a, b in combinations(kernel, 2)), *(a - b for a, b in combinations(kernel, 2))]
    squares = [Symbol(f"c_{k}", real=True) for k in range(len(directions))]

    def average(expression: Expr) -> Expr:
        bends = [(d.T * sympy.hessian(expression, variables) * d)[0, 0] / 2 for d in directions]
        return expression.xreplace(middle) + sympy.Add(*(c * b for c, b in zip(squares, bends, strict=True)))

    found = _least(average(canonical.objective), [(kind, average(e)) for kind, e in limits], squares, [], time_limit_s)
    return () if found is None else _spread(middle, directions, [found[c] for c in squares])


def _spread(middle: dict[Symbol, Expr], directions: list[sympy.Matrix], squares: list[Expr]) -> Mixture:
    """Equal weights on middle +- sqrt(K c) d for the K directions with c > 0, or the middle alone."""
    used = [(d, c) for d, c in zip(directions, squares, strict=True) if c != 0]
    if not used:
        return ((Integer(1), middle),)
    points = []
    for direction, square in used:
        step = sqrt(len(used) * square)
        for sign in (1, -1):
            moved = zip(middle.items(), direction, strict=True)
            points.append((Rational(1, 2 * len(used)), {v: value + sign * step * d for (v, value), d in moved}))
    return tuple(points)


def _is_quadratic(expression: Expr, variables: list[Symbol]) -> bool:
    polynomial = expression.as_poly(*variables)
    return polynomial is not None and polynomial.total_degree() <= 2


def _least(
    objective: Expr, limits: list[tuple[type, Expr]], weights: list[Symbol], more: list[Expr], time_limit_s: float
) -> dict[Symbol, Expr] | None:
    constraints = [kind(e, 0, evaluate=False) for kind, e in limits if e.free_symbols]
    bounds = dict.fromkeys(weights, (0, None))
    solution = solve(Problem(objective, [*constraints, *more], over=weights, bounds=bounds), time_limit_s=time_limit_s)
    return solution.points[0] if solution.status is Status.OPTIMAL and solution.points else None
