"""Sensitivity of an optimal value: shadow prices from both sides, their ranges, and what parameters do.

Which method applies to which problem: linear and convex quadratic programs piece by piece (`sensitivity_linear`), convex ones by
the set of all multipliers (`sensitivity_convex`), problems that are convex for each right side where the implicit function
theorem follows the optimum, and others by the multipliers at all optima (`sensitivity_local`). Problems in integers have stairs
(`sensitivity_integer`).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import sympy
from flint import fmpq
from sympy import Eq, Expr, Ge, Gt, Le, Lt, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_positive
from lagrangian.candidates.linear import LinearKKT
from lagrangian.duality.following import followed_slopes
from lagrangian.duality.gradients import Coordinates
from lagrangian.duality.inactive import slopes_of_slack
from lagrangian.duality.parameter_effects import (
    ComparativeStatics,
    Envelope,
    canonical_point,
    envelope,
    envelope_of,
    statics_of,
)
from lagrangian.duality.parametric import solve_parametric
from lagrangian.duality.parametric_regions import ParametricRegion
from lagrangian.duality.sensitivity_convex import convex_slopes
from lagrangian.duality.sensitivity_integer import integer_slopes
from lagrangian.duality.sensitivity_linear import (
    OUT_OF_TIME,
    coefficient_slopes,
    convex_program,
    is_linear,
    right_side_slopes,
)
from lagrangian.duality.sensitivity_local import local_slopes
from lagrangian.duality.slater import slater_of, why_not_convex
from lagrangian.duality.slopes import (
    CoefficientSensitivity,
    ConstraintSensitivity,
    OneSided,
    SlopeKind,
    stated_slopes,
    undecided,
)
from lagrangian.duality.smooth_form import smooth_form
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import call_with_limit, deadline_after, share_of_time
from lagrangian.proof.intervals import IntervalCertificate
from lagrangian.proof.spatial import SpatialCertificate
from lagrangian.prove import NOT_LISTED
from lagrangian.shown import Shown
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

TIME_LIMIT_S = 30.0
SHARE_OF_STAGE = 0.5


@dataclass(frozen=True, eq=False)
class RegionEnvelope:
    """A region of parameters with the answer there, and the envelope theorem checked in its interior."""

    region: ParametricRegion
    envelope: tuple[Envelope, ...]


@dataclass(frozen=True, eq=False)
class Sensitivity(Shown):
    """How the optimal value answers to right sides, to the coefficients of a linear objective, and to parameters.

    ``constraints`` has an entry for each constraint as stated; ``coefficients`` one for each variable of a linear program;
    ``envelope`` one for each parameter of a solution in closed form; ``statics`` is None without parameters. Where no one formula
    holds for all parameters, ``regions`` has those of `solve_parametric`, each with its shadow prices and the envelope theorem.
    """

    problem: Problem
    constraints: tuple[ConstraintSensitivity, ...]
    coefficients: tuple[CoefficientSensitivity, ...] = ()
    envelope: tuple[Envelope, ...] = ()
    statics: ComparativeStatics | None = None
    regions: tuple[RegionEnvelope, ...] = ()

    def of(self, constraint: Relational) -> ConstraintSensitivity:
        """The entry of a constraint as stated. Raises KeyError if the problem has no such constraint."""
        is_relation = isinstance(constraint, Relational)
        stated = constraint.func(*constraint.args, evaluate=False) if is_relation else constraint
        for entry in self.constraints:
            if entry.constraint == stated:
                return entry
        known = ", ".join(map(str, self.problem.all_constraints))
        raise KeyError(f"{constraint} is no constraint of the problem; it has {known or 'none'}")

    def shadow_price(self, constraint: Relational) -> Expr | None:
        """The derivative of the value by the right side, as written, where the value has one."""
        return self.of(constraint).shadow_price

    def explain(self, form: str = "text") -> str:
        """The tables as "text", "markdown", "latex" or "html"."""
        from lagrangian.report.sensitivity_steps import (
            sensitivity_derivation,  # the report is above this layer and is imported only when asked for
        )

        return sensitivity_derivation(self).render(form)

    def __str__(self) -> str:
        return self.explain()


def sensitivity(solution: Solution, *, time_limit_s: float = TIME_LIMIT_S) -> Sensitivity:
    """Shadow prices from the left and from the right, where and how far they hold, and the effect of parameters.

    For each constraint as stated, V(b) the optimal value as stated and b the right side as written, the one-sided derivatives
    dV/db. All of it is exact; what is not proved is undecided, with the reason.

    Args:
        solution: of status OPTIMAL; any other leaves all slopes undecided.
        time_limit_s: seconds after which the rest is undecided.

    >>> from sympy import symbols
    >>> from lagrangian import maximize
    >>> x, y = symbols("x y")
    >>> solution = maximize(3 * x + 2 * y, [x + y <= 4, x + 3 * y <= 6, x <= 3, x >= 0, y >= 0], over=[x, y])
    >>> entry = sensitivity(solution).of(x + 3 * y <= 6)       # both constraints meet at (3, 1) with x <= 3
    >>> entry.left.value, entry.right.value, entry.shadow_price
    (2/3, 0, None)
    """
    deadline = deadline_after(time_limit_s)
    problem = solution.problem
    reason = _why_not(solution)
    if reason is not None:
        entries = [stated_slopes(s, 1, undecided(reason), undecided(reason)) for s in problem.all_constraints]
        return Sensitivity(problem, tuple(entries), regions=_regions(solution, deadline))
    canonical, restoration = canonicalize(problem)
    if problem.integers:
        entries = integer_slopes(solution, canonical, restoration, deadline)
        return Sensitivity(problem, _in_order(problem, restoration, entries))
    smooth, definitions = smooth_form(canonical)
    optima = [_canonical(point, restoration, definitions) for point in _points(solution)]
    count, sign = len(canonical.inequalities), restoration.objective_sign
    known = None if definitions else _rational_optimum(solution, canonical, optima[0], sign)
    data = None if canonical.parameters else convex_program(smooth, deadline, known)
    coefficients: list[CoefficientSensitivity] = []
    if data is not None:
        entries = right_side_slopes(smooth, *data, sign, deadline, count)
        if is_linear(data[0]) and not definitions:
            coefficients = coefficient_slopes(*data, problem.over, sign, deadline)
    else:
        entries = _nonlinear(solution, smooth, optima, sign, deadline, count)
    return Sensitivity(
        problem,
        _in_order(problem, restoration, entries),
        tuple(coefficients),
        envelope(solution) if problem.parameters else (),
        statics_of(problem, solution, {}) if problem.parameters else None,
    )


def _regions(solution: Solution, deadline: float) -> tuple[RegionEnvelope, ...]:
    problem, left = solution.problem, deadline - time.monotonic()
    if solution.status is not Status.UNDECIDED or not problem.parameters or left <= 0:
        return ()
    found = call_with_limit(solve_parametric, (problem,), left, may_fail=True)
    if found is None:
        return ()
    return tuple(
        RegionEnvelope(r, envelope_of(problem, r.value, r.point, r.multipliers or {}))
        for r in found.regions
        if r.status is Status.OPTIMAL and r.value is not None and r.point is not None
    )


def _in_order(
    problem: Problem, restoration: Restoration, entries: list[ConstraintSensitivity]
) -> tuple[ConstraintSensitivity, ...]:
    """The entries in the user's own symbols, in the order of the constraints."""
    order = {stated: place for place, stated in enumerate(problem.all_constraints)}
    named = (_named(restoration, entry) for entry in entries)
    return tuple(sorted(named, key=lambda entry: order[entry.constraint]))


def _named(restoration: Restoration, entry: ConstraintSensitivity) -> ConstraintSensitivity:
    """The entry in the user's own parameters."""
    left, right = (
        replace(side, value=None if side.value is None else restoration.expression(side.value))
        for side in (entry.left, entry.right)
    )
    return ConstraintSensitivity(left, right, entry.constraint)


def _why_not(solution: Solution) -> str | None:
    if solution.status is not Status.OPTIMAL:
        return f"the problem is {solution.status.value}: no optimum is proved from which the value could be followed"
    if solution.problem.integers and (
        solution.problem.parameters or set(solution.problem.over) != solution.problem.integers
    ):
        return "some variables take integer values only: the value jumps, and multipliers do not describe it"
    if not _points(solution):
        return "the optimum is not known exactly"
    return None


def _points(solution: Solution) -> list[dict[Symbol, ExactNumber]]:
    """The optima that are known exactly, or one of each infinite family where there is no other."""
    points = [p for p in solution.coordinates if all(number.is_exact for number in p.values())]
    samples = [{v: ExactNumber(value) for v, value in family.sample.items()} for family in solution.families]
    return points or samples


def _canonical(
    point: dict[Symbol, ExactNumber], restoration: Restoration, definitions: dict[Symbol, Expr]
) -> Coordinates:
    """A point under the canonical variables, with the values of the new variables in place of kinks."""
    found = canonical_point(point, restoration, {})
    values = {v: number.expression for v, number in found.items()}
    return found | {v: ExactNumber(expression.xreplace(values)) for v, expression in definitions.items()}


def _nonlinear(
    solution: Solution,
    canonical: CanonicalProblem,
    optima: list[Coordinates],
    sign: int,
    deadline: float,
    count: int,
) -> list[ConstraintSensitivity]:
    """By convexity, then for what it leaves open by following the optimum, by all optima, and by what does not matter."""
    stage = partial(_stage, canonical, count, deadline)
    refusal = why_not_convex(canonical)
    if refusal is None:
        multipliers = _canonical_multipliers(solution, sign)
        entries = stage(_by_convexity, canonical, optima[0], sign, deadline, count, multipliers)
        entries = _filled(entries, partial(stage, followed_slopes, canonical, optima[0], sign, count))
    else:
        entries = _all_undecided(canonical, count, "")
    entries = _filled(entries, partial(stage, _by_all_optima, solution, canonical, sign, deadline, count))
    return _filled(entries, partial(stage, slopes_of_slack, canonical, optima[0], sign, deadline, count))


def _stage(
    canonical: CanonicalProblem, count: int, deadline: float, method: Callable[..., Any], *arguments: Any
) -> list[ConstraintSensitivity]:
    """What one method says, in a process that ends in time: one step of exact algebra may take very long."""
    limit = share_of_time(deadline, SHARE_OF_STAGE)
    found = call_with_limit(method, arguments, limit) if limit > 0 else None
    if found is None:
        return _all_undecided(canonical, count, OUT_OF_TIME)
    # relations between the symbols of another process are others
    return [replace(entry, constraint=stated) for entry, stated in zip(found, _stated(canonical, count), strict=True)]


def _by_convexity(
    canonical: CanonicalProblem,
    point: Coordinates,
    sign: int,
    deadline: float,
    count: int,
    multipliers: dict[Relational, Expr],
) -> list[ConstraintSensitivity]:
    # at an optimum with long coordinates a constraint is active more often than it is slack, and zero costs most to decide
    known = [{v: number.expression for v, number in point.items()}]
    known = [p for p in known if all(value.is_Rational or value.free_symbols for value in p.values())]
    qualification = slater_of(canonical, known, time.monotonic() + (deadline - time.monotonic()) / 2)
    return convex_slopes(canonical, point, sign, qualification, deadline, count, multipliers)


def _canonical_multipliers(solution: Solution, sign: int) -> dict[Relational, Expr]:
    """The multipliers of L = F + sum(mu g) + sum(lambda h) from those in the textbook's signs."""
    return {s: -sign * value if isinstance(s, Eq) else value for s, value in solution.multipliers.items()}


def _rational_optimum(
    solution: Solution, canonical: CanonicalProblem, point: Coordinates, sign: int
) -> LinearKKT | None:
    """The optimum with the multipliers of the solution, where all of these are rational numbers."""
    multipliers = _canonical_multipliers(solution, sign)
    stated: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    values = [point[v].expression for v in canonical.variables] + [multipliers.get(c.stated, sympy.nan) for c in stated]
    if not all(isinstance(value, Rational) for value in values):
        return None
    exact = [fmpq(int(value.p), int(value.q)) for value in values]
    count, held = len(canonical.variables), len(canonical.inequalities)
    return LinearKKT(exact[:count], exact[count : count + held], exact[count + held :])


def _stated(canonical: CanonicalProblem, count: int) -> list[Relational]:
    return [g.stated for g in canonical.inequalities[:count]] + [h.stated for h in canonical.equalities]


def _filled(
    entries: list[ConstraintSensitivity], method: Callable[[], list[ConstraintSensitivity]]
) -> list[ConstraintSensitivity]:
    """The entries with what another method says where a side is undecided."""
    if all(side.kind is not SlopeKind.UNDECIDED for entry in entries for side in (entry.left, entry.right)):
        return entries
    return [
        replace(entry, left=_better(entry.left, other.left), right=_better(entry.right, other.right))
        for entry, other in zip(entries, method(), strict=True)
    ]


def _better(known: OneSided, other: OneSided) -> OneSided:
    if known.kind is not SlopeKind.UNDECIDED:
        return known
    if other.kind is not SlopeKind.UNDECIDED:
        return other
    reasons = [reason for side in (known, other) for reason in side.reason.split("; ") if reason]
    return undecided("; ".join(dict.fromkeys(reasons)))


def _by_all_optima(
    solution: Solution, canonical: CanonicalProblem, sign: int, deadline: float, count: int
) -> list[ConstraintSensitivity]:
    """By the multipliers at all optima, those on the boundary of strict inequalities looked for too."""
    closed = solution
    if any(g.strict for g in canonical.inequalities) and not canonical.parameters:
        closed = solve(_closed(solution.problem), time_limit_s=max((deadline - time.monotonic()) / 2, 0.1))
    optima = None if canonical.parameters else _all_optima(closed, solution)
    if optima is None:
        return _all_undecided(canonical, count, "not all optima are known exactly, or there are infinitely many")
    plain, restoration = canonicalize(solution.problem)
    if canonical.variables != plain.variables:
        return _all_undecided(canonical, count, "some function has kinks")
    return local_slopes(canonical, [_canonical(p, restoration, {}) for p in optima], sign, deadline, count)


def _all_undecided(canonical: CanonicalProblem, count: int, reason: str) -> list[ConstraintSensitivity]:
    return [stated_slopes(s, 1, undecided(reason), undecided(reason)) for s in _stated(canonical, count)]


def _closed(problem: Problem) -> Problem:
    """The problem with weak inequalities in place of strict ones, its variables real."""
    named = {v: Symbol(v.name, real=True) for v in problem.over}
    relations = [
        {Lt: Le, Gt: Ge}.get(r.func, r.func)(r.lhs.xreplace(named), r.rhs.xreplace(named), evaluate=False)
        for r in problem.all_constraints
    ]
    return Problem(problem.objective.xreplace(named), relations, over=named.values(), sense=problem.sense)


def _all_optima(closed: Solution, solution: Solution) -> list[dict[Symbol, ExactNumber]] | None:
    """All optima, exactly, strictly feasible in the stated problem; None where they are not all known."""
    certificate = closed.certificate
    # boxes around points in closed form, outside of which no box has the value
    by_boxes = isinstance(certificate, SpatialCertificate | IntervalCertificate) and closed.missing == ()
    complete = closed.complete or closed.missing == (NOT_LISTED,) or by_boxes
    if closed.status is not Status.OPTIMAL or closed.families or not complete or set(closed.missing) - {NOT_LISTED}:
        return None
    if not all(number.is_exact for point in closed.coordinates for number in point.values()):
        return None
    points = [dict(zip(solution.problem.over, p.values(), strict=True)) for p in closed.coordinates]
    strict = [r for r in solution.problem.all_constraints if isinstance(r, Lt | Gt)]
    inside = all(
        is_positive((r.gts - r.lts).xreplace({v: n.expression for v, n in point.items()}))
        for point in points
        for r in strict
    )
    return points if inside and points else None
