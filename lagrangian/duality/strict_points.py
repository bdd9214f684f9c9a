"""Points of a convex set at which the constraints that are not affine hold strictly: tested exactly, and looked for.

A search may use floating point; a point counts only after `StrictConditions.hold_at` has tested it exactly.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sympy import Eq, Expr, Ge, Integer, Le, Rational, Symbol

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.convexity import solve_affine_equalities
from lagrangian.logic import Truth, all3, not3
from lagrangian.numeric.local import numeric_candidate
from lagrangian.problem.canonical import CanonicalProblem, Equality
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.guards import NONNEGATIVE, NONZERO, POSITIVE, guards
from lagrangian.problem.problem import Problem, Sense
from lagrangian.proof.curvature import is_affine

Point = dict[Symbol, Expr]
DENOMINATORS = (1, 2, 10, 1000, 10**6, 10**9)
TIGHT = 1e-7
STARTS = 6


@dataclass(frozen=True, eq=False)
class StrictConditions:
    """h = 0, ``weak`` <= 0, ``strict`` < 0, ``domain`` > 0 and ``nonzero`` != 0; all functions of ``canonical.variables``.

    ``strict`` are the inequalities that are not affine and those stated as < 0; ``domain`` what logarithms and roots demand,
    which holds strictly in the interior of the set where the functions are defined. ``unknown`` says that some function's
    domain is not known.
    """

    canonical: CanonicalProblem
    weak: tuple[Expr, ...]
    strict: tuple[Expr, ...]
    domain: tuple[Expr, ...]
    nonzero: tuple[Expr, ...]
    unknown: bool

    def hold_at(self, point: Point) -> Truth:
        """Whether a point meets all of it, exactly; None where a sign is open, as it may be with parameters."""
        assumptions = self.canonical.assumptions
        return all3(
            [
                *(is_zero(h.expression.xreplace(point)) for h in self.canonical.equalities),
                *(is_nonnegative(-g.xreplace(point), assumptions) for g in self.weak),
                *(is_positive(-g.xreplace(point), assumptions) for g in self.strict),
                *(is_positive(u.xreplace(point), assumptions) for u in self.domain),
                *(not3(is_zero(u.xreplace(point))) for u in self.nonzero),
                None if self.unknown else True,
            ]
        )


def strict_conditions(canonical: CanonicalProblem) -> StrictConditions:
    """What a point has to meet that is strictly feasible where constraints are not affine.

    >>> from sympy import log, symbols
    >>> x, y = symbols("x y")
    >>> canonical, _ = canonicalize(Problem(-log(x), [x**2 + y**2 <= 4, x + y <= 2], over=[x, y]))
    >>> conditions = strict_conditions(canonical)
    >>> conditions.weak, conditions.strict, conditions.domain
    ((x + y - 2,), (x**2 + y**2 - 4,), (x,))
    """
    variables = canonical.variables
    weak: list[Expr] = []
    strict: list[Expr] = []
    for inequality in canonical.inequalities:
        is_weak = not inequality.strict and is_affine(inequality.expression, variables)
        (weak if is_weak else strict).append(inequality.expression)
    demands = {guard for function in canonical.functions for guard in guards(function)}
    chosen = sorted((g for g in demands if g.of.free_symbols & set(variables)), key=str)
    return StrictConditions(
        canonical,
        tuple(weak),
        tuple(strict),
        tuple(dict.fromkeys(g.of for g in chosen if g.demand in (POSITIVE, NONNEGATIVE))),
        tuple(g.of for g in chosen if g.demand == NONZERO),
        any(g.demand is None for g in chosen),
    )


def widest_slack_problem(conditions: StrictConditions, *, domain: bool = True, weak: bool = False) -> Problem:
    """maximize t <= 1 subject to h = 0, weak <= 0, strict + t <= 0 and domain >= t.

    A point that meets the conditions exists if and only if the supremum is positive (with ``domain`` and without ``weak``).

    Args:
        domain: whether what the functions' domain demands has slack t too.
        weak: whether the weak inequalities have slack t too, for a point in the interior.
    """
    canonical = conditions.canonical
    name = "slack"
    while any(symbol.name == name for symbol in (*canonical.variables, *canonical.parameters)):
        name += "'"
    slack = Symbol(name, real=True)
    with_slack = (*conditions.strict, *(conditions.weak if weak else ()))
    stated = [Eq(h.expression, 0, evaluate=False) for h in canonical.equalities]
    stated += [Le(g, 0, evaluate=False) for g in conditions.weak if not weak]
    stated += [Le(g + slack, 0, evaluate=False) for g in with_slack]
    stated += [Ge(u - slack, 0, evaluate=False) for u in (conditions.domain if domain else ())]
    stated += [Le(slack, 1, evaluate=False)]
    over = [*canonical.variables, slack]
    return Problem(slack, stated, over=over, sense=Sense.MAXIMIZE, assumptions=canonical.assumptions)


def simple_points(canonical: CanonicalProblem) -> Iterator[Point]:
    """Points with equal coordinates, moved to where the affine equations hold."""
    for number in (0, 1, Rational(1, 2), -1, 2):
        yield from _on_equations(canonical, dict.fromkeys(canonical.variables, Integer(0) + number))


def numeric_points(conditions: StrictConditions, deadline: float) -> Iterator[Point]:
    """Rational points near those in floating point that have the widest slack, first in the interior, then on affine parts."""
    for weak in (True, False):
        if time.monotonic() > deadline:
            return
        widest = canonicalize(widest_slack_problem(conditions, weak=weak))[0]
        found = numeric_candidate(widest, deadline, most=STARTS)
        if found is not None and found.value < 0:
            floats = [float(x) for x in found.point[:-1]]
            yield from rational_points(conditions, floats, hold_tight=not weak)


def rational_points(conditions: StrictConditions, near: Sequence[float], *, hold_tight: bool = True) -> Iterator[Point]:
    """Points with short rational free coordinates near a given one, on the equations and on the weak ones that hold tightly."""
    canonical = conditions.canonical
    if hold_tight:
        canonical = replace(canonical, equalities=(*canonical.equalities, *_tight(conditions, near)))
    for denominator in DENOMINATORS:
        fractions = [Fraction(x).limit_denominator(denominator) for x in near]
        values = [Rational(f.numerator, f.denominator) for f in fractions]
        yield from _on_equations(canonical, dict(zip(canonical.variables, values, strict=True)))


def _tight(conditions: StrictConditions, near: Sequence[float]) -> list[Equality]:
    """The weak inequalities that a point in floating point meets up to rounding, as equations."""
    names = dict(zip(conditions.canonical.variables, near, strict=True))
    return [Equality(g, Eq(g, 0, evaluate=False)) for g in conditions.weak if abs(float(g.subs(names))) < TIGHT]


def _on_equations(canonical: CanonicalProblem, point: Point) -> Iterator[Point]:
    """The point with its pivot coordinates moved so that the affine equations hold."""
    substitution = solve_affine_equalities(canonical)
    if substitution is not None:
        free = {v: value for v, value in point.items() if v not in substitution}
        yield {v: free[v] if v in free else substitution[v].xreplace(free) for v in canonical.variables}
