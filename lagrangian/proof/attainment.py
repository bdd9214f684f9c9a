"""Checks of the reasons why a least value is attained, or why nothing below a value exists."""

from collections.abc import Iterable
from math import lcm

from flint import fmpq, fmpq_mpoly

from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.algebra.polynomials import factorization
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.completeness import is_squared_distance, set_is_empty
from lagrangian.proof.evidence import (
    Attainment,
    BoundedMonomials,
    GrowthBySquares,
    ListEvidence,
    NearestPoint,
    NoDirectionToInfinity,
    NothingBetterThan,
)

Exponents = tuple[int, ...]


def minimum_exists(problem: PolynomialProblem, reason: Attainment) -> bool:
    """Whether the reason shows that the objective attains a minimum over the closed feasible set, unless that is empty."""
    if isinstance(reason, NearestPoint):
        return is_squared_distance(problem)
    if isinstance(reason, NoDirectionToInfinity):
        return _no_direction(problem, reason)
    if isinstance(reason, BoundedMonomials):
        return _monomials_bounded(problem, reason)
    if isinstance(reason, GrowthBySquares):
        return reason.growth.holds(problem)
    return False


def nothing_is_better(problem: PolynomialProblem, reason: NothingBetterThan) -> bool:
    """Whether the set {(x, z): x feasible, (v - f(x)) z**2 = 1}, perhaps with w = v as a variable, is shown to be empty.

    Each constraint of the set that was examined must hold at (x, 1 / sqrt(v - f(x)), v) for every better feasible x.
    """
    larger, count = reason.emptiness.problem, problem.dimension
    number = reason.value.number
    if larger.dimension != count + (1 if number.degree == 1 else 2):
        return False
    generators = larger.ring.generators
    z = generators[count]

    def moved(polynomial: fmpq_mpoly) -> fmpq_mpoly:
        return polynomial.compose(*generators[:count], ctx=larger.ring.context)

    inequalities = {str(moved(g)) for g in problem.inequalities}
    equalities = {str(moved(h)) for h in problem.equalities}
    if number.degree == 1:
        rational = reason.value.rational()
        if rational is None:
            constant, leading = number.modulus.coeffs()
            rational = fmpq(-constant, leading)
        level = larger.ring.constant(rational)
    else:
        level = generators[count + 1]
        minimal = larger.ring.constant(0)
        for coefficient in reversed(number.modulus.coeffs()):
            minimal = minimal * level + fmpq(coefficient)
        equalities.add(str(minimal))
    equalities.add(str((level - moved(problem.objective)) * z * z - 1))
    return (
        all(str(h) in equalities for h in larger.equalities)
        and all(str(g) in inequalities or _bounds_level(g, level, reason.value) for g in larger.inequalities)
        and set_is_empty(reason.emptiness)
    )


def _bounds_level(inequality: fmpq_mpoly, level: fmpq_mpoly, value: FieldElement) -> bool:
    """Whether an inequality reads c - w <= 0 or w - c <= 0 and holds for w = value."""
    for sign in (1, -1):
        rest = inequality - sign * level
        if rest.is_constant():
            constant = rest.leading_coefficient() if rest != 0 else fmpq(0)
            return (value * sign + constant).sign() <= 0
    return False


def _leading(polynomial: fmpq_mpoly, weights: Exponents) -> tuple[int, fmpq_mpoly]:
    degrees = {
        monomial: sum(w * int(power) for w, power in zip(weights, monomial, strict=True))
        for monomial in polynomial.monoms()
    }
    top = max(degrees.values(), default=0)
    terms = {tuple(map(int, key)): value for key, value in polynomial.to_dict().items() if degrees[key] == top}
    return top, polynomial.context().from_dict(terms)


def _no_direction(problem: PolynomialProblem, reason: NoDirectionToInfinity) -> bool:
    cone, weights = reason.emptiness.problem, reason.weights
    if cone.dimension != problem.dimension or len(weights) != problem.dimension or min(weights) < 1:
        return False
    below = [*problem.inequalities, *problem.facts, *([problem.objective] if reason.with_objective else [])]
    forms = [form for degree, form in (_leading(p, weights) for p in below) if degree > 0]
    zeros = [form for degree, form in (_leading(p, weights) for p in problem.equalities) if degree > 0]
    if reason.with_objective and _leading(problem.objective, weights)[0] == 0:
        return False
    common = lcm(*weights)
    sphere = problem.ring.constant(-1)
    for x, weight in zip(problem.ring.generators, weights, strict=True):
        sphere += x ** (2 * common // weight)
    return (
        sphere in cone.equalities
        and all(h == sphere or _vanishes_at_infinity(h, forms, zeros) for h in cone.equalities)
        and all(any(_is_positive_multiple(g, form) for form in forms) for g in cone.inequalities)
        and set_is_empty(reason.emptiness)
    )


def _is_positive_multiple(polynomial: fmpq_mpoly, form: fmpq_mpoly) -> bool:
    ratio = polynomial.leading_coefficient() / form.leading_coefficient()
    return bool(ratio > 0 and polynomial == ratio * form)


def _vanishes_at_infinity(polynomial: fmpq_mpoly, forms: list[fmpq_mpoly], zeros: list[fmpq_mpoly]) -> bool:
    """Whether form = 0 for some equality, form <= 0 for a square, or both form <= 0 and -form <= 0 say polynomial = 0."""
    if any(_divides_a_power(form, polynomial) for form in zeros):
        return True
    for form in forms:
        if _divides_a_power(form, polynomial):
            if any(_is_positive_multiple(-form, other) for other in forms):
                return True
            constant, factors = factorization(form)
            if constant > 0 and all(exponent % 2 == 0 for _, exponent in factors):
                return True
    return False


def _divides_a_power(form: fmpq_mpoly, polynomial: fmpq_mpoly) -> bool:
    """Whether polynomial vanishes wherever form does: the form divides a power of it."""
    return bool(polynomial ** max(1, int(form.total_degree())) % form == 0)


def _monomials_bounded(problem: PolynomialProblem, reason: BoundedMonomials) -> bool:
    count = problem.dimension
    below = [*problem.inequalities, *problem.facts, *problem.equalities, *(-h for h in problem.equalities)]
    terms = [{tuple(map(int, key)): value for key, value in p.to_dict().items()} for p in below]
    zero = (0,) * count
    nonnegative = {
        key.index(1)
        for table in terms
        if table.get(zero, 0) >= 0 and len(set(table) - {zero}) == 1
        for key, value in table.items()
        if key != zero and sum(key) == 1 and value < 0
    }
    justified: set[Exponents] = set()
    positive: set[int] = set()
    if nonnegative != set(range(count)):
        return False
    for table in terms:
        others = {key: value for key, value in table.items() if key != zero}
        if all(value > 0 for value in others.values()):
            justified |= set(others)
        elif len(others) == 1 and table.get(zero, 0) > 0:
            (key,) = others
            justified.add(tuple(-power for power in key))
            positive |= {i for i, power in enumerate(key) if power > 0}
    objective = {tuple(map(int, key)): value for key, value in problem.objective.to_dict().items() if any(key)}
    if all(value > 0 for value in objective.values()):
        justified |= set(objective)
    return (
        positive == set(range(count))
        and set(reason.rows) <= justified
        and _no_common_direction(reason.rows, reason.emptiness)
    )


def _no_common_direction(rows: Iterable[Exponents], emptiness: ListEvidence) -> bool:
    cone = emptiness.problem
    generators = cone.ring.generators
    forms = []
    for row in rows:
        form = cone.ring.constant(0)
        for x, power in zip(generators, row, strict=True):
            form += x * power
        forms.append(form)
    sphere = cone.ring.constant(-1)
    for x in generators:
        sphere += x * x
    return (
        sphere in cone.equalities
        and all(h == sphere or _vanishes_at_infinity(h, forms, []) for h in cone.equalities)
        and all(any(_is_positive_multiple(g, form) for form in forms if form != 0) for g in cone.inequalities)
        and set_is_empty(emptiness)
    )


def value_is_bound(value: FieldElement, reason: NothingBetterThan) -> bool:
    return compare(value, reason.value) == 0
