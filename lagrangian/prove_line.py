"""Problems in one variable, decided completely: stationary points and limits at all ends, then the whole line covered."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

import sympy
from sympy import Abs, Derivative, Expr, Max, Min, Pow, Rational, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.checking import holds
from lagrangian.conditions.growth_curves import GrowthCurve, curves_from, is_feasible_along, limit_along
from lagrangian.conditions.line_cover import TIME, Side, is_side_above, place_of
from lagrangian.conditions.orders_of_growth import UndecidedGrowthError, sign_of
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.processes.calls import call_with_limit
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.curves import GrowthCertificate
from lagrangian.proof.one_variable import LineCertificate, is_feasible_at

MOST_POINTS = 24
TURN = Symbol("k", integer=True)
MOST_BRANCHES = 16
SOLVE_LIMIT_S = 6.0


@dataclass(frozen=True, eq=False)
class LineOutcome:
    """A certificate, with the value it is about (None: unbounded or infeasible) and the points known to be stationary or ends."""

    certificate: Certificate
    value: Expr | None
    optima: tuple[Expr, ...]


def prove_on_line(canonical: CanonicalProblem, deadline: float) -> LineOutcome | None:
    """The answer to a problem in one real variable; None where it was not decided.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(-sympy.atan(x), (), (), (x,), (), (), frozenset())
    >>> prove_on_line(problem, float("inf")).value
    -pi/2
    """
    if len(canonical.variables) != 1 or canonical.parameters or canonical.integers:
        return None
    simple = simple_points(canonical)
    outcome = _with_points(canonical, simple, deadline)
    if outcome is not None or time.monotonic() > deadline:
        return outcome
    limit = min(SOLVE_LIMIT_S, deadline - time.monotonic())
    solved = call_with_limit(solved_points, (canonical,), limit, may_fail=True) or []
    return _with_points(canonical, [*simple, *solved][:MOST_POINTS], deadline) if solved else None


def _with_points(canonical: CanonicalProblem, points: list[Expr], deadline: float) -> LineOutcome | None:
    """The answer that follows if these points are all at which something happens."""
    ordered = _distinct(points)
    if ordered is None:
        return None
    ends = list(_feasible_ends(canonical, ordered))
    falling = _falling([(curve, reached) for _, curve, reached in ends]) or _falling(_sequences(canonical))
    if falling is not None:
        unbounded = GrowthCertificate(canonical, falling)
        return LineOutcome(unbounded, None, ()) if holds(unbounded, deadline) else None
    certificate = _line_certificate(canonical, ordered, ends, deadline)
    if certificate is None or not holds(certificate, deadline):
        return None
    return LineOutcome(certificate, certificate.value, certificate.optima)


def _falling(curves: Iterable[tuple[GrowthCurve, Expr]]) -> GrowthCurve | None:
    return next((curve for curve, reached in curves if reached == -sympy.oo), None)


End = tuple[Side, GrowthCurve, Expr]


def _feasible_ends(canonical: CanonicalProblem, points: list[Expr]) -> Iterator[End]:
    """The neighborhoods that are feasible, with what the objective tends to there."""
    variable = canonical.variables[0]
    for point, side in [(None, -1), (None, 1), *((p, s) for p in points for s in (-1, 1))]:
        found = _reached(canonical, TIME, {variable: place_of(point, side)})
        if found is not None:
            curve, reached = found
            yield Side(point, side, curve.start, curve.order), curve, reached


def _reached(canonical: CanonicalProblem, time: Symbol, places: dict[Symbol, Expr]) -> tuple[GrowthCurve, Expr] | None:
    """A feasible curve and the limit along it."""
    for curve in curves_from(time, places):
        feasible = is_feasible_along(canonical, curve)
        if feasible is False:
            return None
        reached = limit_along(canonical.objective, curve) if feasible else None
        if reached is not None:
            return curve, reached
    return None


def _sequences(canonical: CanonicalProblem) -> Iterator[tuple[GrowthCurve, Expr]]:
    """Feasible sequences x = (k + j/4) period with an integer k, at which sines and cosines are 0, 1 or -1."""
    variable = canonical.variables[0]
    rates = {sympy.diff(part.args[0], variable) for part in canonical.objective.atoms(sympy.sin, sympy.cos)}
    for rate in sorted((rate for rate in rates if rate != 0 and not rate.free_symbols), key=str):
        for quarter, sign in product(range(4), (1, -1)):
            places = {variable: sign * (TURN + Rational(quarter, 4)) * 2 * sympy.pi / rate}
            found = _reached(canonical, TURN, places)
            if found is not None:
                yield found


def _line_certificate(
    canonical: CanonicalProblem, points: list[Expr], ends: list[End], deadline: float
) -> LineCertificate | None:
    variable = canonical.variables[0]
    values = {p: canonical.objective.xreplace({variable: p}) for p in points if is_feasible_at(canonical, p)}
    limits = [(side, reached) for side, _, reached in ends if reached.is_finite]
    try:
        value = _least([*values.values(), *(reached for _, reached in limits)])
        optima = [p for p in values if value is not None and sign_of(values[p] - value) == 0]
        approach = next((side for side, reached in limits if value is not None and sign_of(reached - value) == 0), None)
    except UndecidedGrowthError:
        return None
    kept = _kept(canonical, points, value, deadline)
    sides = _cover(canonical, kept, value, deadline)
    if sides is None:
        return None
    return LineCertificate(canonical, value, sides, tuple(optima), None if optima else approach)


def _least(values: Iterable[Expr]) -> Expr | None:
    least: Expr | None = None
    for value in values:
        if least is None or sign_of(value - least) < 0:
            least = value
    return least


def _kept(canonical: CanonicalProblem, points: list[Expr], value: Expr | None, deadline: float) -> list[Expr]:
    """The points whose neighborhoods intervals alone would not decide: not clearly above the value."""
    if value is None:
        return points
    kept = []
    for point in points:
        at = canonical.objective.xreplace({canonical.variables[0]: point})
        ball = None if at.has(sympy.I, sympy.zoo, sympy.nan, sympy.oo) else enclose(at - value)
        if ball is None or not ball > 0 or is_feasible_at(canonical, point) is not True:
            kept.append(point)
    return kept


def _cover(
    canonical: CanonicalProblem, points: list[Expr], value: Expr | None, deadline: float
) -> tuple[Side, ...] | None:
    sides = []
    for point, side in [(None, -1), *((p, s) for p in points for s in (-1, 1)), (None, 1)]:
        found = None
        for curve in curves_from(TIME, {}):
            if time.monotonic() > deadline:
                return None
            tried = Side(point, side, curve.start, curve.order)
            if is_side_above(canonical, value, tried):
                found = tried
                break
        if found is None:
            return None
        sides.append(found)
    return tuple(sides)


def _distinct(points: Iterable[Expr]) -> list[Expr] | None:
    """The points in increasing order, each once; None where two could not be told apart."""
    ordered: list[Expr] = []
    try:
        for point in points:
            place = len(ordered)
            for i, other in enumerate(ordered):
                sign = sign_of(point - other)
                if sign <= 0:
                    place = i if sign < 0 else -1
                    break
            if place >= 0:
                ordered.insert(place, point)
    except UndecidedGrowthError:
        return None
    return ordered


def simple_points(canonical: CanonicalProblem) -> list[Expr]:
    """Real numbers where something may happen, as far as polynomials and trials show them.

    These are stationary points, zeros of constraints, ends of domains and kinks. What follows does not rest on the list
    being complete.

    >>> x = Symbol("x", real=True)
    >>> simple_points(CanonicalProblem(sympy.log(x) - x, (), (), (x,), (), (), frozenset()))
    [0, 1]
    """
    variable = canonical.variables[0]
    found: list[Expr] = []
    for equation in _equations(canonical):
        for root in (*_guessed(equation, variable), *_roots_of_polynomial(equation, variable)):
            if root not in found:
                found.append(root)
    return found[:MOST_POINTS]


def solved_points(canonical: CanonicalProblem) -> list[Expr]:
    """More such points, by SymPy's solver, which may take long."""
    variable = canonical.variables[0]
    return [root for equation in _equations(canonical) for root in _solved(equation, variable)]


def _equations(canonical: CanonicalProblem) -> list[Expr]:
    """Expressions that are zero at the points in question."""
    variable = canonical.variables[0]
    functions = [canonical.objective, *(g.expression for g in canonical.inequalities)]
    functions += [h.expression for h in canonical.equalities]
    equations = [equation for function in functions for equation in _singular(function, variable)]
    equations += functions[1:]
    equations += [sympy.diff(branch, variable) for branch in _branches(canonical.objective)]
    # a derivative that stays one, such as that of a floor, has no roots that could be found
    return [
        equation for equation in dict.fromkeys(equations) if equation.has(variable) and not equation.has(Derivative)
    ]


def _guessed(equation: Expr, variable: Symbol) -> list[Expr]:
    """Simple numbers that are roots."""
    numbers = [Rational(n) for n in (0, 1, -1, 2, -2)]
    numbers += [sympy.E, 1 / sympy.E, sympy.log(2), -sympy.log(2)]
    if equation.has(sympy.sin, sympy.cos, sympy.tan):
        numbers += [Rational(k, 12) * sympy.pi for k in range(-24, 25) if k % 12 in (2, 3, 4, 6, 8, 9, 10, 0)]
    return [number for number in numbers if equation.xreplace({variable: number}) == 0]


def _singular(function: Expr, variable: Symbol) -> list[Expr]:
    """Expressions that are zero where a function has an end of its domain, a pole or a kink."""
    found: list[Expr] = []
    for part in sympy.preorder_traversal(function):
        if not part.has(variable):
            continue
        if isinstance(part, Pow) and not (isinstance(part.exp, sympy.Integer) and part.exp > 0):
            found.append(part.base)
        elif isinstance(part, sympy.log | Abs):
            found.append(part.args[0])
        elif isinstance(part, sympy.asin | sympy.acos):
            found += [part.args[0] - 1, part.args[0] + 1]
        elif isinstance(part, sympy.tan):
            found.append(sympy.cos(part.args[0]))
        elif isinstance(part, Max | Min):
            found += [a - b for i, a in enumerate(part.args) for b in part.args[i + 1 :]]
    return [part for part in found if part.has(variable)]


def _branches(function: Expr) -> list[Expr]:
    """The smooth functions that a function with Abs, Max and Min consists of."""
    branches = [function]
    while len(branches) <= MOST_BRANCHES:
        kinked = next((branch for branch in branches if branch.atoms(Abs, Max, Min)), None)
        if kinked is None:
            break
        part = min(kinked.atoms(Abs, Max, Min), key=sympy.default_sort_key)
        choices = (part.args[0], -part.args[0]) if isinstance(part, Abs) else part.args
        branches.remove(kinked)
        branches += [kinked.xreplace({part: choice}) for choice in choices]
    return branches


def _roots_of_polynomial(equation: Expr, variable: Symbol) -> list[Expr]:
    numerator = sympy.numer(sympy.together(equation))
    if not numerator.is_polynomial(variable):
        return []
    polynomial = sympy.Poly(numerator, variable)
    if polynomial.degree() == 1:
        return [-polynomial.coeff_monomial(1) / polynomial.coeff_monomial(variable)]
    if not all(isinstance(number, Rational) for number in polynomial.coeffs()):
        return []
    return [root for root, _ in polynomial.real_roots(multiple=False)]


def _solved(equation: Expr, variable: Symbol) -> list[Expr]:
    if equation.is_polynomial(variable):
        return []
    try:
        found = sympy.solve(equation, variable)
    except (NotImplementedError, ValueError, TypeError, sympy.PolynomialError):
        return []
    simple = [sympy.simplify(root) for root in found if isinstance(root, Expr)]
    return [root for root in simple if not root.free_symbols and not root.has(sympy.I) and enclose(root) is not None]
