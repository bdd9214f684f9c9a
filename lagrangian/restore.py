"""From the outcome of a proof to a Solution in the user's symbols, senses and signs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import flint
import sympy
from flint import arb, fmpq_mpoly
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.polynomials import to_rational
from lagrangian.algebra.signs import is_zero
from lagrangian.algebra.simplification import shortened
from lagrangian.candidates.symbolic import SymbolicCandidate
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.second_order import Kind
from lagrangian.conditions.symbolic_second_order import symbolic_second_order
from lagrangian.exact_numbers import PRECISION, EnclosedNumber, ExactNumber, numbers_of
from lagrangian.numeric.local import NumericCandidate
from lagrangian.outcome import Family, Outcome
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.convexity import has_full_column_rank
from lagrangian.proof.monotone import MonotoneCertificate
from lagrangian.proof.spatial import SpatialCertificate
from lagrangian.proof.sum_of_squares import SquaresEnclosure
from lagrangian.prove_symbolic import SymbolicOutcome
from lagrangian.restore_multipliers import multipliers_and_prices
from lagrangian.restore_points import stationary_points
from lagrangian.setting import Setting
from lagrangian.solution import Solution, SolutionFamily, StationaryPoint
from lagrangian.status import Status


def restore(outcome: Outcome, setting: Setting, elapsed_s: float) -> Solution:
    """The solution that the outcome of the polynomial engine stands for."""
    problem = setting.restoration.problem
    status, optimum = _status_and_value(outcome, setting)
    representative = next(iter(outcome.best), None) or next((f.sample for f in outcome.families), None)
    multipliers, prices = multipliers_and_prices(outcome, setting, representative)
    return Solution(
        problem=problem,
        status=status,
        optimum=optimum,
        coordinates=tuple(numbers_of(problem.over, candidate.point) for candidate in outcome.best),
        families=tuple(_family(family, outcome, setting) for family in outcome.families),
        multipliers=multipliers,
        shadow_prices=prices,
        certificate=_certificate(outcome.certificate, setting),
        missing=outcome.missing,
        tried=outcome.tried,
        elapsed_s=elapsed_s,
        complete=outcome.candidates.complete,
        classify=partial(stationary_points, outcome, setting),
        leaves_out_families=len(outcome.candidates.families) > len(outcome.families),
    )


def _status_and_value(outcome: Outcome, setting: Setting) -> tuple[Status, ExactNumber | None]:
    if outcome.status is Status.UNBOUNDED and setting.outer is not None and setting.outer.sign > 0:
        limit = setting.outer.value_at_minus_infinity
        return Status.NOT_ATTAINED, ExactNumber(limit, setting.restoration.objective_sign)
    return outcome.status, None if outcome.value is None else setting.number(outcome.value)


def _certificate(certificate: Certificate | None, setting: Setting) -> Certificate | None:
    if certificate is None or setting.outer is None:
        return certificate
    return MonotoneCertificate(setting.canonical, setting.inner, setting.outer, certificate)


def _without_multiples(polynomials: Sequence[fmpq_mpoly]) -> list[fmpq_mpoly]:
    """The equations that no other one divides: p = 0 says nothing where a factor of p is zero."""
    kept: list[fmpq_mpoly] = []
    for polynomial in sorted(polynomials, key=lambda p: int(p.total_degree())):
        if polynomial != 0 and all(polynomial % other != 0 for other in kept):
            kept.append(polynomial)
    return kept


def _family(family: Family, outcome: Outcome, setting: Setting) -> SolutionFamily:
    ring = outcome.candidates.problem.ring
    names = dict(zip(setting.restoration.variables, setting.restoration.problem.over, strict=True))
    equations: dict[Expr, Relational] = {}
    for equation in _without_multiples(family.family.equations):
        # what new variables of the lifting stand for is put back, which makes their defining equations trivial
        stated = ring.expression(equation).xreplace(setting.lifting.definitions)
        reduced = sympy.numer(sympy.together(stated)).expand()
        if reduced != 0 and reduced not in equations and -reduced not in equations:
            equations[reduced] = Eq(reduced.xreplace(names), 0, evaluate=False)
    sample = numbers_of(setting.restoration.problem.over, family.sample.point)
    return SolutionFamily(
        tuple(equations.values()),
        family.family.dimension,
        setting.number(family.family.value).expression,
        {variable: number.expression for variable, number in sample.items()},
    )


def restore_symbolic(
    outcome: SymbolicOutcome, canonical: CanonicalProblem, restoration: Restoration, elapsed_s: float
) -> Solution:
    """The solution that KKT points found by SymPy stand for."""
    best = outcome.best
    pairs: list[tuple[Relational, Expr]] = []
    if best is not None:
        pairs += [(g.stated, mu) for g, mu in zip(canonical.inequalities, best.inequality_multipliers, strict=True)]
        pairs += [(h.stated, v) for h, v in zip(canonical.equalities, best.equality_multipliers, strict=True)]
    named = [(stated, restoration.expression(value)) for stated, value in pairs]
    unique = best is not None and _has_independent_gradients(canonical, best)
    return Solution(
        problem=restoration.problem,
        status=outcome.status,
        optimum=None if best is None else _symbolic_number(restoration, best.value),
        coordinates=tuple(_symbolic_point(candidate, restoration) for candidate in _best_ones(outcome)),
        families=(),
        multipliers={stated: restoration.textbook_multiplier(stated, value) for stated, value in named},
        shadow_prices={stated: restoration.shadow_price(stated, value) for stated, value in named} if unique else {},
        certificate=outcome.certificate,
        missing=outcome.missing or _others(outcome, canonical),
        tried=outcome.tried,
        elapsed_s=elapsed_s,
        complete=False,
        classify=partial(_symbolic_candidates, outcome, canonical, restoration),
    )


def _has_independent_gradients(canonical: CanonicalProblem, candidate: SymbolicCandidate) -> bool:
    """Whether the gradients of the equations and of all inequalities that may be active are independent."""
    point = candidate.point
    held = [g.expression for g in canonical.inequalities if is_zero(g.expression.xreplace(point)) is not False]
    held += [h.expression for h in canonical.equalities]
    variables = canonical.variables
    columns = sympy.Matrix(len(variables), len(held), lambda i, j: sympy.diff(held[j], variables[i]).xreplace(point))
    return not held or has_full_column_rank(columns) is True


def _others(outcome: SymbolicOutcome, canonical: CanonicalProblem) -> tuple[str, ...]:
    """What is not known of other optima. The optima of a convex problem are a convex set, so that a strict one is alone."""
    best = outcome.best
    if best is None or outcome.status is not Status.OPTIMAL:
        return ()
    multipliers = best.inequality_multipliers, best.equality_multipliers
    if symbolic_second_order(canonical, best.point, *multipliers).kind is Kind.STRICT_LOCAL_MINIMUM:
        return ()
    return ("other points with the same value: they were not looked for",)


def restore_numeric(
    solution: Solution, candidate: NumericCandidate | None, restoration: Restoration, elapsed_s: float
) -> Solution:
    """An answer that is not proved, with a better point in floating point where one was found."""
    if candidate is None or not is_clearly_better(candidate, solution, restoration):
        return replace(solution, elapsed_s=elapsed_s)
    point: dict[Symbol, ExactNumber] = {
        v: EnclosedNumber(float(x)) for v, x in zip(restoration.problem.over, candidate.point, strict=True)
    }
    what = (
        f"any proof: the point is a numerical candidate of {candidate.source}, feasible up to {candidate.residual:.1g}"
    )
    return replace(
        solution,
        status=Status.UNDECIDED,
        optimum=EnclosedNumber(restoration.value(candidate.value)),
        coordinates=(point,),
        families=(),
        multipliers={},
        shadow_prices={},
        certificate=None,
        missing=(what, *solution.missing),
        elapsed_s=elapsed_s,
    )


def restore_enclosed(
    solution: Solution,
    certificate: SpatialCertificate | SquaresEnclosure,
    restoration: Restoration,
    elapsed_s: float,
    estimate: NumericCandidate | None = None,
) -> Solution:
    """The answer of branch and bound: an exact value with its points, an enclosed one with an estimate, or no feasible point."""
    known = replace(
        solution, families=(), multipliers={}, shadow_prices={}, certificate=certificate, elapsed_s=elapsed_s
    )
    if certificate.point is None or certificate.lower is None or certificate.upper is None:
        return replace(known, status=Status.INFEASIBLE, optimum=None, coordinates=(), missing=())
    over = restoration.problem.over
    if isinstance(certificate, SpatialCertificate) and certificate.is_exact:
        value = restoration.value(to_rational(certificate.upper))
        exact = tuple(
            {v: ExactNumber(to_rational(x)) for v, x in zip(over, p, strict=False)} for p in certificate.optima
        )
        missing = (
            () if certificate.optima else ("other points with the same value: they were not looked for to the end",)
        )
        coordinates = exact or (_coordinates(certificate.point, over),)
        return replace(
            known, status=Status.OPTIMAL, optimum=ExactNumber(value), coordinates=coordinates, missing=missing
        )
    with flint.ctx.workprec(PRECISION):
        middle, radius = arb((certificate.lower + certificate.upper) / 2), (certificate.upper - certificate.lower) / 2
        ball = arb(middle.mid(), (arb(radius) + middle.rad()).upper()) * restoration.objective_sign
    low, high = float(to_rational(certificate.lower)), float(to_rational(certificate.upper))
    middle_value, estimates = high, [float(to_rational(x)) for x in certificate.point.center[: len(over)]]
    if estimate is not None and estimate.value < high + (high - low):
        middle_value, estimates = min(max(estimate.value, low), high), [float(x) for x in estimate.point]
    enclosed: dict[Symbol, ExactNumber] = {v: EnclosedNumber(x) for v, x in zip(over, estimates, strict=True)}
    return replace(
        known,
        status=Status.OPTIMAL,
        optimum=EnclosedNumber(restoration.value(middle_value), ball),
        coordinates=(enclosed,),
        missing=(
            "the exact value: it is enclosed, and the point is an estimate; others with that value were not looked for",
        ),
    )


def restore_feasible(
    solution: Solution,
    polynomial: PolynomialProblem,
    point: FeasibleBox | None,
    restoration: Restoration,
    elapsed_s: float,
) -> Solution:
    """An answer without proof, with a feasible point where one was found."""
    if point is None:
        return replace(solution, elapsed_s=elapsed_s)
    low, high = point.value(polynomial)
    value = to_rational(high)
    return replace(
        solution,
        status=Status.UNDECIDED,
        optimum=ExactNumber(restoration.value(value))
        if low == high
        else EnclosedNumber(restoration.value(float(value))),
        coordinates=(_coordinates(point, restoration.problem.over),),
        missing=("any proof that the point is optimal: it is the best feasible one that was found", *solution.missing),
        elapsed_s=elapsed_s,
    )


def _coordinates(point: FeasibleBox, over: tuple[Symbol, ...]) -> dict[Symbol, ExactNumber]:
    """The coordinates of a feasible point, those it was solved for enclosed, without what a lifting has added."""
    found: dict[Symbol, ExactNumber] = {}
    radii = dict(zip(point.solved, point.radii, strict=True))
    for place, (variable, x) in enumerate(zip(over, point.center, strict=False)):
        value = to_rational(x)
        if place in radii:
            with flint.ctx.workprec(PRECISION):
                ball = arb(arb(x).mid(), (arb(radii[place]) + arb(x).rad()).upper())
            found[variable] = EnclosedNumber(float(value), ball)
        else:
            found[variable] = ExactNumber(value)
    return found


def is_clearly_better(candidate: NumericCandidate, solution: Solution, restoration: Restoration) -> bool:
    """Whether a point in floating point has a better value than the answer, beyond rounding."""
    if solution.optimum is None:
        return True
    known = float(restoration.value(float(solution.optimum)))
    return candidate.value < known - 1e-6 * (1.0 + abs(known))


def _symbolic_number(restoration: Restoration, value: Expr) -> ExactNumber:
    return ExactNumber(shortened(restoration.value(restoration.expression(value))))


def _symbolic_point(candidate: SymbolicCandidate, restoration: Restoration) -> dict[Symbol, ExactNumber]:
    values = [ExactNumber(restoration.expression(value)) for value in candidate.point.values()]
    return dict(zip(restoration.problem.over, values, strict=True))


def _best_ones(outcome: SymbolicOutcome) -> list[SymbolicCandidate]:
    """The best candidate, and those with the same value where it is a number."""
    best = outcome.best
    if best is None:
        return []
    others = [c for c in outcome.candidates if c is not best and best.value.is_number]
    return [best, *(c for c in others if is_zero(c.value - best.value) is True)]


def _symbolic_candidates(
    outcome: SymbolicOutcome, canonical: CanonicalProblem, restoration: Restoration
) -> tuple[StationaryPoint, ...]:
    found = []
    for candidate in outcome.candidates:
        if _is_infeasible(canonical, candidate):
            continue
        is_global = outcome.status is Status.OPTIMAL and candidate is outcome.best
        judged = symbolic_second_order(
            canonical,
            candidate.point,
            candidate.inequality_multipliers,
            candidate.equality_multipliers,
            restoration.objective_sign,
        )
        kind, reason = judged.kind, judged.reason
        if is_global and kind is Kind.UNDECIDED:
            kind = Kind.LOCAL_MINIMUM if restoration.objective_sign > 0 else Kind.LOCAL_MAXIMUM
            reason = f"{reason}; it is a global one by the certificate"
        found.append(
            StationaryPoint(
                _symbolic_point(candidate, restoration),
                _symbolic_number(restoration, candidate.value),
                kind,
                reason,
                _active(canonical, candidate),
                is_global,
            )
        )
    return tuple(found)


def _is_infeasible(canonical: CanonicalProblem, candidate: SymbolicCandidate) -> bool:
    """Whether a constraint is broken for certain."""
    for inequality in canonical.inequalities:
        value = inequality.expression.xreplace(candidate.point)
        ball = enclose(value) if value.is_number else None
        if ball is not None and ball > 0:
            return True
    return False


def _active(canonical: CanonicalProblem, candidate: SymbolicCandidate) -> tuple[Relational, ...]:
    return tuple(g.stated for g in canonical.inequalities if is_zero(g.expression.xreplace(candidate.point)) is True)
