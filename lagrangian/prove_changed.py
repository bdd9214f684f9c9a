"""Problems that changes of variables make polynomial: the answer to the reduced problem, in the variables as stated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import sympy
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.changes.change import Preimages
from lagrangian.changes.reduction import Reduction, reduction
from lagrangian.checking import holds
from lagrangian.conditions.second_order import Kind
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.lifting import NotPolynomialError, lift
from lagrangian.proof.changes import ChangeCertificate
from lagrangian.prove import prove
from lagrangian.restore import Setting, restore
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.status import Status

MOST_POINTS = 64
OPPOSITE = {
    Kind.STRICT_LOCAL_MINIMUM: Kind.STRICT_LOCAL_MAXIMUM,
    Kind.STRICT_LOCAL_MAXIMUM: Kind.STRICT_LOCAL_MINIMUM,
    Kind.LOCAL_MINIMUM: Kind.LOCAL_MAXIMUM,
    Kind.LOCAL_MAXIMUM: Kind.LOCAL_MINIMUM,
}


@dataclass(frozen=True, eq=False)
class _Way:
    """The way back from a reduced problem."""

    canonical: CanonicalProblem
    reduced: Reduction
    restoration: Restoration

    def value(self, number: ExactNumber | None) -> ExactNumber | None:
        """The stated objective, from the value of the reduced one, which is always minimized."""
        if number is None:
            return None
        inner = self.reduced.scale * number.expression + self.reduced.offset
        return ExactNumber(self.restoration.value(inner))

    def stated(self, point: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
        names = zip(self.restoration.variables, self.restoration.problem.over, strict=True)
        return {over: point[variable] for variable, over in names}


def prove_changed(canonical: CanonicalProblem, restoration: Restoration, deadline: float) -> Solution | None:
    """The answer by way of new variables; None where no change makes the problem polynomial, or that is not decided in time.

    >>> from lagrangian.problem.problem import Problem
    >>> x = sympy.Symbol("x")
    >>> canonical, restoration = canonicalize(Problem(sympy.exp(2 * x) - 4 * sympy.exp(x)))
    >>> prove_changed(canonical, restoration, float("inf")).points
    ({x: log(2)},)
    """
    reduced = reduction(canonical)
    if reduced is None:
        return None
    inner, back = canonicalize(reduced.problem)
    try:
        polynomial, lifting = lift(inner)
    except NotPolynomialError:
        return None
    solution = restore(prove(inner, polynomial, lifting, deadline), Setting(inner, inner, back, lifting, None), 0.0)
    if solution.status in (Status.LOCAL, Status.UNDECIDED) or solution.certificate is None:
        return None
    certificate = ChangeCertificate(canonical, inner, solution.certificate)
    if not holds(certificate, deadline):
        return None
    return _restored(solution, _Way(canonical, reduced, restoration), certificate)


def _restored(solution: Solution, way: _Way, certificate: ChangeCertificate) -> Solution | None:
    points: list[dict[Symbol, ExactNumber]] = []
    families: list[SolutionFamily] = []
    value = way.value(solution.optimum)
    for point in solution.points:
        found = _preimages(way, point)
        if found is None or value is None:
            return None
        own, periodic = found
        points += [{v: ExactNumber(e) for v, e in way.stated(p).items()} for p in own]
        families += [SolutionFamily(equations, 0, value.expression, sample) for equations, sample in periodic]
    for family in solution.families:
        found = _preimages(way, family.sample)
        if found is None or value is None:
            return None
        samples = [*(way.stated(p) for p in found[0]), *(sample for _, sample in found[1])]
        families.append(SolutionFamily(_in_old(way, family), family.dimension, value.expression, samples[0]))
    if solution.status is Status.OPTIMAL and not points and not families:
        return None
    multipliers, prices = _multipliers(solution, way)
    return replace(
        solution,
        problem=way.restoration.problem,
        optimum=value,
        coordinates=tuple(points),
        families=tuple(families),
        multipliers=multipliers,
        shadow_prices=prices,
        certificate=certificate,
        complete=solution.complete and not any(change.bounds_left_out for change in way.reduced.changes),
        classify=partial(_stationary_points, solution, way),
    )


Periodic = tuple[tuple[Relational, ...], dict[Symbol, Expr]]


def _preimages(way: _Way, point: dict[Symbol, Expr]) -> tuple[list[dict[Symbol, Expr]], list[Periodic]] | None:
    """The points in the old variables at one in the new: single ones, or one family with a sample where there is a period."""
    values, periods = dict(point), {}
    branches = [values]
    for change in reversed(way.reduced.changes):
        grown = []
        for branch in branches:
            found = change.preimages([branch[new] for new in change.new])
            if found is None or len(branches) * len(found.values) > MOST_POINTS:
                return None
            grown += [{**branch, change.old: value} for value in found.values]
            if found.period is not None:
                periods[change.old] = found
        branches = grown
    if not periods:
        return branches, []
    return [], [(_periodic(way, branch, periods), way.stated(branch)) for branch in branches]


def _periodic(way: _Way, branch: dict[Symbol, Expr], periods: dict[Symbol, Preimages]) -> tuple[Relational, ...]:
    """x = x_0 + k period for the variables that have one, x = x_0 for the others, and what is said of k."""
    names = zip(way.restoration.variables, way.restoration.problem.over, strict=True)
    equations: list[Relational] = []
    conditions: list[Relational] = []
    for variable, over in names:
        found = periods.get(variable)
        step = sympy.Integer(0)
        if found is not None and found.period is not None and found.integer is not None:
            step = found.period * found.integer
            conditions += found.conditions
        equations.append(Eq(over, branch[variable] + step, evaluate=False))
    return (*equations, *conditions)


def _in_old(way: _Way, family: SolutionFamily) -> tuple[Relational, ...]:
    """A family's equations with the new variables written as functions of the old ones."""
    names = dict(zip(way.restoration.variables, way.restoration.problem.over, strict=True))
    found = []
    for equation in family.equations:
        expression = equation.lhs - equation.rhs
        for change in reversed(way.reduced.changes):
            expression = expression.xreplace(change.stated_in_old())
        simple = sympy.trigsimp(expression)
        if simple != 0:
            found.append(Eq(simple.xreplace(names), 0, evaluate=False))
    return tuple(dict.fromkeys(found))


def _multipliers(solution: Solution, way: _Way) -> tuple[dict[Relational, Expr], dict[Relational, Expr]]:
    """Those of constraints that kept their form; none at all where one that did not is active.

    L = F + mu g with F = scale F' + offset and g = factor g': mu = scale mu' / factor.
    """
    canonical, restoration = way.canonical, way.restoration
    stated = [*(g.stated for g in canonical.inequalities), *(h.stated for h in canonical.equalities)]
    inner = canonicalize(way.reduced.problem)[1]
    found: dict[Relational, Expr] = {}
    for constraint, (relation, factor) in zip(stated, way.reduced.counterparts, strict=True):
        multiplier = sympy.Integer(0) if relation is None else solution.multipliers.get(relation)
        if relation is None or multiplier is None or (factor is None and multiplier != 0):
            return {}, {}
        sign = inner.textbook_multiplier(relation, 1)
        found[constraint] = way.reduced.scale * multiplier * sign / (factor or 1)
    multipliers = {c: restoration.textbook_multiplier(c, value) for c, value in found.items()}
    if not solution.shadow_prices:
        return multipliers, {}
    return multipliers, {c: restoration.shadow_price(c, value) for c, value in found.items()}


def _stationary_points(solution: Solution, way: _Way) -> tuple[StationaryPoint, ...]:
    """The candidates of the reduced problem at all their points of the stated one, or at one of infinitely many.

    A change of variables keeps their kinds, but for bounds that it leaves out: at these other candidates may be.
    For a maximization the reduced problem is the minimization of -f, so that kinds are turned round, and reasons speak of -f.
    """
    told = "" if way.restoration.objective_sign > 0 else "for -f, which is minimized: "
    found = []
    for candidate in solution.stationary_points:
        preimages = _preimages(way, candidate.point)
        value = way.value(candidate.objective)
        if preimages is None or value is None:
            continue
        turned = candidate.kind if way.restoration.objective_sign > 0 else OPPOSITE.get(candidate.kind, candidate.kind)
        points = [*preimages[0], *(_canonical(way, sample) for _, sample in preimages[1])]
        for point in points:
            kept = turned in OPPOSITE or not _is_at_bound_left_out(way, point)
            found.append(
                replace(
                    candidate,
                    coordinates={v: ExactNumber(e) for v, e in way.stated(point).items()},
                    objective=value,
                    kind=turned if kept else Kind.UNDECIDED,
                    reason=told + candidate.reason if kept else "it lies at a bound that the new variables do not show",
                    active=_active(candidate.active, way),
                    bordered_minors=(),
                )
            )
    return tuple(found)


def _canonical(way: _Way, sample: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    return {v: sample[over] for v, over in zip(way.restoration.variables, way.restoration.problem.over, strict=True)}


def _is_at_bound_left_out(way: _Way, point: dict[Symbol, Expr]) -> bool:
    """Whether a point may lie at a bound that leaves the whole circle: what is a saddle point there may be a minimum here."""
    return any(
        is_zero(point[change.old] - limit) is not False
        for change in way.reduced.changes
        for limit in change.bounds_left_out
    )


def _active(relations: Sequence[Relational], way: _Way) -> tuple[Relational, ...]:
    stated = [*(g.stated for g in way.canonical.inequalities), *(h.stated for h in way.canonical.equalities)]
    pairs = zip(stated, way.reduced.counterparts, strict=True)
    return tuple(constraint for constraint, (relation, _) in pairs if relation is not None and relation in relations)
