"""Slater's condition, decided exactly: with a strictly feasible point as the witness, or the proof that there is none.

A convex problem meets it if some x in the relative interior of the functions' domain satisfies

    g_i(x) < 0 for the g_i that are not affine,   g_i(x) <= 0 for those that are,   h(x) = 0.

Then p* = d*, and the dual optimum is attained if p* is finite (Slater 1950; Boyd and Vandenberghe 2004, section 5.2.3).
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from flint import fmpq
from sympy import Eq, Expr, Integer, Le, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.polynomials import to_rational
from lagrangian.algebra.signs import is_nonpositive
from lagrangian.candidates.linear import Farkas, LinearKKT, QuadraticProgram, quadratic_program, solve_convex
from lagrangian.conditions.convexity import Convexity, Curvature, CurvatureProof, Setting, convexity, curvature
from lagrangian.duality.strict_points import (
    Point,
    StrictConditions,
    numeric_points,
    rational_points,
    simple_points,
    strict_conditions,
    widest_slack_problem,
)
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.lifting import NotPolynomialError, lift
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import deadline_after
from lagrangian.proof.curvature import Checker, is_affine
from lagrangian.shown import Shown
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

TIME_LIMIT_S = 20.0
SHARE_OF_ONE = 0.5
NOT_APPLICABLE = "Slater's condition is one on convex problems and does not apply"


@dataclass(frozen=True, eq=False)
class Slater(Shown):
    """Whether Slater's condition holds, with the strictly feasible ``point`` if so, and the reason in words.

    ``holds`` is None where nothing was decided, and for problems that are not convex, to which the condition does not apply.
    ``kept`` are the affine constraints without which some function is not shown to be convex, as x >= 0 is for x**3: then
    the theorem speaks of the dual in which they are not dualized but limit the domain; without any it speaks of the full dual.
    """

    holds: Truth
    reason: str
    point: dict[Symbol, Expr] | None = None
    kept: tuple[Relational, ...] = ()

    def explanation(self) -> tuple[str, ...]:
        """The condition, what was found, and what follows, in sentences."""
        condition = (
            "Slater's condition: some point of the relative interior of the domain satisfies every inequality that is not affine "
            "strictly, and the affine inequalities and equations as they are."
        )
        if self.holds is True:
            what = "the dual optimum" if not self.kept else f"the optimum of the dual that keeps {_listed(self.kept)}"
            consequence = f"The duality gap is zero, and {what} is attained if the optimal value is finite."
        elif self.holds is False:
            consequence = "So it gives no reason for a zero gap; another reason may."
        else:
            consequence = "Nothing follows from it."
        return condition, f"{self.reason[0].upper()}{self.reason[1:]}.", consequence


def slater(
    problem: Problem, *, known: Iterable[Mapping[Symbol, Expr]] = (), time_limit_s: float = TIME_LIMIT_S
) -> Slater:
    """Decide Slater's condition: exact witness, proof that there is none, or None with the reason.

    "False" is said only where the greatest slack t with h = 0, g_i <= 0 (affine), g_i + t <= 0 (others) is proved not to be
    positive, or where no point is feasible.

    Args:
        problem: parameters are allowed; the witness then holds for all values that their assumptions allow.
        known: points, in the problem's variables, that are tried first.
        time_limit_s: seconds after which the search is given up.

    Source: Slater (1950); Boyd and Vandenberghe (2004), section 5.2.3.

    >>> from sympy import symbols
    >>> x, y = symbols("x y")
    >>> slater(Problem(x + y, [x**2 + y**2 <= 1, x + y >= 1], over=[x, y])).point
    {x: 1/2, y: 1/2}
    >>> slater(Problem(x, [x**2 <= 0], over=[x])).holds
    False
    """
    canonical, restoration = canonicalize(problem)
    rename = dict(zip((*problem.over, *problem.parameters), (*canonical.variables, *canonical.parameters), strict=True))
    points = [{rename.get(v, v): value.xreplace(rename) for v, value in point.items()} for point in known]
    found = slater_of(canonical, points, deadline_after(time_limit_s))
    if found.point is None:
        return found
    named = {v: restoration.expression(found.point[rename[v]]) for v in problem.over}
    return replace(found, point=named)


def slater_of(canonical: CanonicalProblem, known: Sequence[Point], deadline: float) -> Slater:
    """The same for a problem in canonical form, with the witness under its variables."""
    refusal = why_not_convex(canonical)
    if refusal is not None:
        return Slater(None, refusal)
    conditions = strict_conditions(canonical)
    kept = _kept(canonical)
    for point in _candidates(conditions, known, deadline):
        if conditions.hold_at(point) is True:
            return Slater(True, _witness_in_words(conditions, point), point, kept)
    return replace(_without_witness(conditions, deadline), kept=kept)


def why_not_convex(canonical: CanonicalProblem) -> str | None:
    """Why the condition does not apply, or is not known to; None for a convex problem."""
    if canonical.integers:
        return f"{', '.join(sorted(map(str, canonical.integers)))} take integer values only: {NOT_APPLICABLE}"
    if not all(is_affine(h.expression, canonical.variables) for h in canonical.equalities):
        return f"the equations are not all affine: {NOT_APPLICABLE}"
    decided = convexity(canonical)
    if decided.truth is False:
        return f"{decided.reason}: {NOT_APPLICABLE}"
    if decided.truth is None or not _is_checked(canonical, decided):
        return f"{decided.reason}: it is not decided whether Slater's condition, one on convex problems, applies"
    return None


def _is_checked(canonical: CanonicalProblem, decided: Convexity) -> bool:
    """Whether each step of the proof of convexity holds on its own terms."""
    checker = Checker.of(canonical, decided.substitution)
    proofs = (decided.objective, *decided.inequalities)
    return all3(None if proof is None else checker.holds(proof) for proof in proofs) is True


def _kept(canonical: CanonicalProblem) -> tuple[Relational, ...]:
    """Affine constraints that suffice for the proof of convexity, none of them superfluous: dropped one by one where possible."""
    variables = canonical.variables
    affine = [g for g in canonical.inequalities if is_affine(g.expression, variables)]
    curved = [g for g in canonical.inequalities if g not in affine]
    needed: list[Inequality | Equality] = [*affine, *canonical.equalities]

    def suffices(kept: list[Inequality | Equality]) -> bool:
        below = (*curved, *(g for g in kept if isinstance(g, Inequality)))
        held = tuple(h for h in kept if isinstance(h, Equality))
        reduced = replace(canonical, inequalities=below, equalities=held)
        decided = convexity(reduced)
        return decided.truth is True and _is_checked(reduced, decided)

    if suffices([]):
        return ()
    for constraint in tuple(needed):
        rest = [other for other in needed if other is not constraint]
        if suffices(rest):
            needed = rest
    return tuple(constraint.stated for constraint in needed)


def _is_convex(proof: CurvatureProof | None, checker: Checker) -> bool:
    return proof is not None and proof.curvature is not Curvature.CONCAVE and checker.holds(proof) is True


def _candidates(conditions: StrictConditions, known: Sequence[Point], deadline: float) -> Iterator[Point]:
    """Points to be tested: those given, simple ones, and those with much slack, exactly or near one in floating point."""
    canonical = conditions.canonical
    yield from (point for point in known if set(point) == set(canonical.variables))
    yield from simple_points(canonical)
    if not canonical.parameters:
        found = _affine_point(conditions, deadline)
        if isinstance(found, LinearKKT):
            yield dict(zip(canonical.variables, map(to_rational, found.point), strict=True))
        if isinstance(found, Farkas):
            return
        yield from numeric_points(conditions, deadline)
    else:
        yield from _lowest_points(conditions, deadline)


def _affine_point(conditions: StrictConditions, deadline: float) -> LinearKKT | Farkas | None:
    """A point of the affine constraints alone, or the proof that they contradict each other; None for other data."""
    canonical = conditions.canonical
    affine = tuple(g for g in canonical.inequalities if is_affine(g.expression, canonical.variables))
    try:
        polynomial, lifting = lift(replace(canonical, objective=Integer(0), inequalities=affine))
    except NotPolynomialError:
        return None
    program: QuadraticProgram | None = None if lifting.definitions else quadratic_program(polynomial)
    if program is None:
        return None
    nearest = [[fmpq(int(i == j)) for j in range(program.dimension)] for i in range(program.dimension)]
    try:
        found = solve_convex(replace(program, hessian=nearest), deadline)
    except TimeoutError:
        return None
    return found if isinstance(found, LinearKKT | Farkas) else None


def _lowest_points(conditions: StrictConditions, deadline: float) -> Iterator[Point]:
    """The points at which one constraint alone has the most slack on the affine ones, for problems with parameters."""
    canonical = conditions.canonical
    stated = [Le(g, 0, evaluate=False) for g in conditions.weak]
    stated += [Eq(h.expression, 0, evaluate=False) for h in canonical.equalities]
    for function in conditions.strict:
        limit = deadline - time.monotonic()
        if limit <= 0:
            return
        lowest = Problem(function, stated, over=canonical.variables, assumptions=canonical.assumptions)
        yield from solve(lowest, time_limit_s=limit * SHARE_OF_ONE).points


def _without_witness(conditions: StrictConditions, deadline: float) -> Slater:
    """The exact optimum of the greatest slack: a witness after all, the proof that there is none, or neither."""
    for domain in (True, False) if conditions.domain else (False,):
        limit = deadline - time.monotonic()
        if limit <= 0:
            break
        widest = solve(widest_slack_problem(conditions, domain=domain), time_limit_s=limit * SHARE_OF_ONE)
        for point in _points_of(widest, conditions):
            if conditions.hold_at(point) is True:
                return Slater(True, _witness_in_words(conditions, point), point)
        if _shows_none(widest) and (not domain or _is_solid(conditions, deadline)):
            return Slater(False, _absence_in_words(widest, conditions, domain=domain))
    return Slater(None, "no strictly feasible point was found, and no proof that there is none")


def _points_of(widest: Solution, conditions: StrictConditions) -> Iterator[Point]:
    """The points of the widest slack, and rational ones near them where they are not exact."""
    variables = conditions.canonical.variables
    for point in (*widest.points, *(family.sample for family in widest.families)):
        yield {v: point[v] for v in variables}
    for coordinates in widest.coordinates:
        if not conditions.canonical.parameters:
            yield from rational_points(conditions, [float(coordinates[v]) for v in variables])


def _shows_none(widest: Solution) -> bool:
    """Whether it is proved that the greatest slack is not positive, or that nothing is feasible."""
    if widest.status is Status.INFEASIBLE:
        return True
    if widest.status not in (Status.OPTIMAL, Status.NOT_ATTAINED) or widest.optimum is None:
        return False
    if not widest.optimum.is_exact:
        ball = widest.optimum.ball()
        return ball is not None and bool(ball <= 0)
    return is_nonpositive(widest.optimum.expression, widest.problem.assumptions) is True


def _is_solid(conditions: StrictConditions, deadline: float) -> bool:
    """Whether the points where all functions' demands hold strictly are the interior of their domain.

    They are if the demands are on concave functions, and such a point exists: from it the segment through a point of the domain
    where some demand u >= 0 is u = 0 leaves the domain just behind that point.
    """
    canonical = conditions.canonical
    alone = Setting(canonical.variables, frozenset(), canonical.assumptions)
    checker = Checker(canonical.variables, (), canonical.assumptions)
    if conditions.nonzero or conditions.unknown or canonical.parameters:
        return False
    if not all(_is_convex(curvature(-u, alone), checker) for u in conditions.domain):
        return False
    only = replace(canonical, inequalities=(), equalities=())
    demands = StrictConditions(only, (), (), conditions.domain, (), unknown=False)
    points = (*simple_points(only), *numeric_points(demands, deadline))
    return any(demands.hold_at(point) is True for point in points)


def _witness_in_words(conditions: StrictConditions, point: Point) -> str:
    place = ", ".join(f"{variable} = {value}" for variable, value in point.items())
    if not conditions.strict and not conditions.domain:
        return f"all constraints are affine, and the point {place} satisfies them"
    parts = []
    if conditions.strict:
        strict = {g.expression for g in conditions.canonical.inequalities if g.strict}
        which = "not affine" if strict.isdisjoint(conditions.strict) else "not affine, or strict as stated,"
        parts.append(f"the inequalities that are {which} hold strictly")
    if conditions.domain or conditions.nonzero:
        parts.append("the functions are defined all around")
    others = ", and the affine constraints hold" if conditions.weak or conditions.canonical.equalities else ""
    return f"at the point {place} {' and '.join(parts)}{others}"


def _absence_in_words(widest: Solution, conditions: StrictConditions, *, domain: bool) -> str:
    kind = "" if widest.certificate is None else f", proved by {widest.certificate.kind}"
    if widest.status is Status.INFEASIBLE:
        return f"no point at which the functions are defined satisfies the affine constraints{kind}"
    strict = [g.stated for g in conditions.canonical.inequalities if g.expression in conditions.strict]
    where = " in the interior of the functions' domain" if domain else ""
    what = f"satisfies {_listed(strict)} strictly" if strict else "satisfies the constraints"
    return f"no feasible point{where} {what}: the greatest slack is {widest.value}{kind}"


def _listed(relations: Iterable[Relational]) -> str:
    return " and ".join(map(str, relations))
