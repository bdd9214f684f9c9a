"""Why the least value is attained: the feasible set is bounded, the objective is coercive, or no feasible point is better.

Behaviour at infinity is read off leading forms. With weights w and s**w_i d_i = x_i, sum(d_i**(2 L / w_i)) = 1, L a common
multiple of the weights, every sequence of feasible points that tends to infinity has a limit direction d with lead(g)(d) <= 0
and lead(h)(d) = 0 for the weighted leading forms, and lead(f)(d) <= 0 if f stays bounded above along it. If no such direction
exists, the feasible set is bounded (without the objective's condition) or its sublevel sets are (with it).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import lcm

from flint import fmpq_mpoly, fmpq_poly
from sympy import Symbol

from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.polynomials import Ring, factorization
from lagrangian.candidates.emptiness import Emptiness, Unknown, examine_set
from lagrangian.candidates.enumeration import CandidatePoint
from lagrangian.problem.lifting import PolynomialProblem

Weights = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ConeAtInfinity:
    """No direction leads to infinity: the feasible set is bounded or, ``with_objective``, its sublevel sets are."""

    weights: Weights
    with_objective: bool
    emptiness: Emptiness


@dataclass(frozen=True, eq=False)
class NothingBetter:
    """No feasible point has a value below ``value``: {h = 0, g <= 0, (value - f) z**2 = 1} is empty."""

    value: FieldElement
    emptiness: Emptiness


@dataclass(frozen=True, eq=False)
class LogarithmicCone:
    """All variables are positive, and the sublevel sets are bounded in their logarithms.

    ``rows`` are exponent vectors a with x**a bounded above on every sublevel set: no w other than zero has a.w <= 0 for all.
    """

    rows: tuple[Weights, ...]
    emptiness: Emptiness


Attainment = ConeAtInfinity | LogarithmicCone | NothingBetter


def bounded_or_coercive(problem: PolynomialProblem, deadline: float = float("inf")) -> ConeAtInfinity | None:
    """A proof that the feasible set is compact or that the objective's sublevel sets in it are; None if neither is shown.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> disc = PolynomialProblem(ring, ring.polynomial(x), (ring.polynomial(x**2 + y**2 - 1),), ())
    >>> bounded_or_coercive(disc).with_objective
    False
    >>> camel = PolynomialProblem(ring, ring.polynomial(x**6 - 4 * x**4 + x * y + 4 * y**4 - y**2), (), ())
    >>> bounded_or_coercive(camel).weights
    (2, 3)
    """
    for with_objective in (False, True):
        for weights in weight_choices(problem, with_objective):
            cone = cone_at_infinity(problem, weights, with_objective)
            if cone is not None:
                proof = examine_set(cone, deadline)
                if isinstance(proof, Emptiness):
                    return ConeAtInfinity(weights, with_objective, proof)
    return None


def logarithmically_bounded(problem: PolynomialProblem, deadline: float = float("inf")) -> LogarithmicCone | None:
    """A proof for problems in positive variables whose monomials bound each other, such as geometric programs.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> nonnegative = (ring.polynomial(-x), ring.polynomial(-y))
    >>> crate = PolynomialProblem(ring, ring.polynomial(x + y), nonnegative, (ring.polynomial(x * y - 1),))
    >>> logarithmically_bounded(crate).rows
    ((-1, -1), (0, 1), (1, 0), (1, 1))
    """
    rows = bounded_monomials(problem)
    if rows is None:
        return None
    proof = examine_set(direction_set(rows, problem.ring), deadline)
    return LogarithmicCone(rows, proof) if isinstance(proof, Emptiness) else None


def bounded_monomials(problem: PolynomialProblem) -> tuple[Weights, ...] | None:
    """Exponents of monomials that are bounded above where f is; None unless every variable is shown to be positive."""
    below = [*problem.inequalities, *problem.facts, *problem.equalities, *(-h for h in problem.equalities)]
    nonnegative = {i for polynomial in below for i in _shown_nonnegative(polynomial)}
    rows: set[Weights] = set()
    positive: set[int] = set()
    for polynomial, constant_counts in [*((p, True) for p in below), (problem.objective, False)]:
        terms = {tuple(map(int, monomial)): value for monomial, value in polynomial.terms()}
        constant = terms.pop((0,) * problem.dimension, 0) if constant_counts else 0
        if not all(i in nonnegative or power % 2 == 0 for monomial in terms for i, power in enumerate(monomial)):
            continue
        if all(value > 0 for value in terms.values()):
            rows |= set(terms)
        elif constant > 0 and len(terms) == 1:
            (monomial,) = terms
            rows.add(tuple(-power for power in monomial))
            positive |= {i for i, power in enumerate(monomial) if power}
    return tuple(sorted(rows)) if positive & nonnegative == set(range(problem.dimension)) else None


def _shown_nonnegative(polynomial: fmpq_mpoly) -> list[int]:
    """[i] if polynomial <= 0 reads x_i >= c for some c >= 0."""
    terms = {tuple(map(int, monomial)): value for monomial, value in polynomial.terms()}
    constant = terms.pop((0,) * len(next(iter(terms), ())), 0)
    if constant >= 0 and len(terms) == 1:
        ((monomial, value),) = terms.items()
        if value < 0 and sum(monomial) == 1:
            return [monomial.index(1)]
    return []


def direction_set(rows: Iterable[Weights], ring: Ring) -> PolynomialProblem:
    """The unit vectors w with a.w <= 0 for all rows a."""
    forms = []
    for row in rows:
        forms.append(sum((x * power for x, power in zip(ring.generators, row, strict=True) if power), ring.constant(0)))
    kept, opposite = _opposite_pairs(forms)
    sphere = sum((x**2 for x in ring.generators), ring.constant(-1))
    return PolynomialProblem(ring, ring.constant(0), tuple(kept), (*opposite, sphere))


def nothing_better(
    problem: PolynomialProblem, value: FieldElement, deadline: float = float("inf")
) -> NothingBetter | CandidatePoint | Unknown:
    """A proof that no feasible point has a smaller objective, or such a point (with the auxiliary coordinates cut off)."""
    found = examine_set(better_points(problem, value), deadline)
    if isinstance(found, Emptiness):
        return NothingBetter(value, found)
    return found


def weight_choices(problem: PolynomialProblem, with_objective: bool) -> Iterator[Weights]:
    """All ones, and with the objective the weights that give its pure powers x_i**k_i one degree."""
    count = problem.dimension
    ones = (1,) * count
    yield ones
    if with_objective:
        powers = [_pure_power(problem.objective, i) for i in range(count)]
        known = [power for power in powers if power]
        if known:
            common = lcm(*known)
            weights = tuple(common // power if power else 1 for power in powers)
            if weights != ones:
                yield weights


def _pure_power(polynomial: fmpq_mpoly, variable: int) -> int:
    """The highest k with a term c * x**k, 0 if there is none."""
    pure = [
        int(monomial[variable])
        for monomial in polynomial.monoms()
        if all(int(power) == 0 for i, power in enumerate(monomial) if i != variable)
    ]
    return max(pure, default=0)


def leading_form(polynomial: fmpq_mpoly, weights: Weights, ring: Ring) -> tuple[int, fmpq_mpoly]:
    """The weighted degree of a polynomial and its terms of that degree."""
    graded: dict[int, dict[tuple[int, ...], object]] = {}
    for monomial, value in polynomial.terms():
        degree = sum(weight * int(power) for weight, power in zip(weights, monomial, strict=True))
        graded.setdefault(degree, {})[tuple(map(int, monomial))] = value
    top = max(graded, default=0)
    return top, ring.context.from_dict(graded.get(top, {}))


def cone_at_infinity(problem: PolynomialProblem, weights: Weights, with_objective: bool) -> PolynomialProblem | None:
    """The limit directions of unbounded feasible sequences as a set on the weighted sphere; None if f is constant."""
    ring = problem.ring
    below = [*problem.inequalities, *problem.facts]
    if with_objective:
        if leading_form(problem.objective, weights, ring)[0] == 0:
            return None
        below.append(problem.objective)
    inequalities, equalities = [], []
    for polynomial in below:
        degree, form = leading_form(polynomial, weights, ring)
        if degree > 0:
            even, simple = _without_even_powers(form)
            if not even:
                inequalities.append(simple)
            elif form.leading_coefficient() > 0:
                equalities.append(simple)
    for polynomial in problem.equalities:
        degree, form = leading_form(polynomial, weights, ring)
        if degree > 0:
            equalities.append(squarefree(form))
    common = lcm(*weights)
    generators = ring.generators
    sphere = sum(
        (x ** (2 * common // weight) for x, weight in zip(generators, weights, strict=True)), ring.constant(-1)
    )
    kept, opposite = _opposite_pairs(inequalities)
    equalities = [*distinct([*equalities, *opposite]), sphere]
    return PolynomialProblem(ring, ring.constant(0), tuple(kept), tuple(equalities))


def squarefree(polynomial: fmpq_mpoly) -> fmpq_mpoly:
    """The product of the distinct factors, which has the same zeros."""
    result = polynomial * 0 + 1
    for factor, _ in factorization(polynomial)[1]:
        result *= factor
    return result


def _without_even_powers(form: fmpq_mpoly) -> tuple[bool, fmpq_mpoly]:
    """(True, product of the factors) for a constant times a square, so that form <= 0 says either nothing or form = 0."""
    _, factors = factorization(form)
    if factors and all(exponent % 2 == 0 for _, exponent in factors):
        return True, squarefree(form)
    return False, form


def distinct(polynomials: Iterable[fmpq_mpoly]) -> list[fmpq_mpoly]:
    """The polynomials without repetition, in order."""
    return list({str(polynomial): polynomial for polynomial in polynomials}.values())


def _opposite_pairs(inequalities: Iterable[fmpq_mpoly]) -> tuple[list[fmpq_mpoly], list[fmpq_mpoly]]:
    """The inequalities without repetition, pairs p <= 0 and -p <= 0 taken out as equations p = 0 (up to positive factors)."""
    unique = distinct([form / abs(form.leading_coefficient()) for form in inequalities])
    opposite = [form for form in unique if -form in unique]
    kept = [form for form in unique if form not in opposite]
    return kept, [form for i, form in enumerate(opposite) if -form not in opposite[:i]]


def better_points(problem: PolynomialProblem, value: FieldElement) -> PolynomialProblem:
    """The points with an objective below an algebraic number v, as a closed set in the variables x, z and, if needed, w.

    (w - f(x)) z**2 = 1, where w = v for a rational v and else w is pinned to v by its minimal polynomial and an interval.
    """
    names = [*problem.ring.variables, Symbol("z")]
    number = value.number
    if number.degree > 1:
        names.append(Symbol("w"))
    ring = Ring(tuple(Symbol(f"{symbol}_{i}") for i, symbol in enumerate(names)))
    generators = ring.generators
    count = problem.dimension
    inequalities = [_move(g, ring, count) for g in problem.inequalities]
    equalities = [_move(h, ring, count) for h in problem.equalities]
    objective = _move(problem.objective, ring, count)
    z = generators[count]
    if number.degree == 1:
        constant, leading = number.modulus.coeffs()
        level = ring.constant(-fmpq_poly([constant])[0] / leading)
    else:
        level = generators[count + 1]
        minimal = sum((level**power * int(c) for power, c in enumerate(number.modulus.coeffs())), ring.constant(0))
        low, high = rational_bracket(value)
        equalities.append(minimal)
        inequalities += [low - level, level - high]
    equalities.append((level - objective) * z * z - 1)
    return PolynomialProblem(ring, ring.constant(0), tuple(inequalities), tuple(equalities))


def _move(polynomial: fmpq_mpoly, ring: Ring, count: int) -> fmpq_mpoly:
    return polynomial.compose(*ring.generators[:count], ctx=ring.context)


def rational_bracket(value: FieldElement) -> tuple[object, object]:
    """Rational numbers around an algebraic one, between which no conjugate lies."""
    number = value.number
    for bits in (64, 128, 256, 512, 1024):
        ball = number.enclosure(bits)
        low, high = ball.lower().fmpq(), ball.upper().fmpq()
        if low < high:
            return low, high
    raise AssertionError("an irrational number has a ball of positive width")
