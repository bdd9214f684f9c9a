"""Relaxations of functions of one variable: planted and closed-form optima are enclosed, certificates check what they say."""

import math
import time
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq
from sympy import Abs, Eq, Max, Rational, cos, exp, log, sin, sqrt, symbols

from lagrangian import Problem, canonicalize, certificate_from_json, certificate_to_json
from lagrangian.conditions.factorable import NotFactorableError, factored_functions, in_logarithms
from lagrangian.conditions.propagation import bounding_box, tightened
from lagrangian.conditions.relaxation import relation_rows
from lagrangian.numeric.local import NumericCandidate, numeric_candidates
from lagrangian.proof.factorable import FactorableCertificate
from lagrangian.prove_factorable import enclose_by_relaxations

x, y, z = symbols("x y z", real=True)


def canonical(objective, constraints, over=(x, y)):
    return canonicalize(Problem(objective, constraints, over=list(over)))[0]


def enclosed(problem, seconds: float = 20) -> FactorableCertificate:
    candidates = numeric_candidates(problem, time.monotonic() + 5, most=20)
    certificate = enclose_by_relaxations(problem, candidates, time.monotonic() + seconds)
    assert certificate is not None and certificate.verify() is True
    return certificate


# objective, constraints, the optimum in closed form
KNOWN = {
    # at x = y = 1 by the inequality of the means
    "a geometric program": (1 / (x * y) + x + y, [x >= Rational(1, 10), x <= 9, y >= Rational(1, 10), y <= 9], 3),
    # the entropy is least at equal parts
    "entropy": (x * log(x) + y * log(y), [Eq(x + y, 1), x >= 0, y >= 0], -math.log(2)),
    # log-sum inequality: x log(x/s) + y log(y/s) with x + y = s and the linear terms of a softmax
    "relative entropy": (
        x * log(x / (x + y)) + y * log(y / (x + y)) - x,
        [Eq(x + y, 1), x >= Rational(1, 1000), y >= Rational(1, 1000)],
        -math.log(1 + math.e),
    ),
    "a concave root": (sqrt(x) + sqrt(y), [x + y >= 1, x >= 0, y >= 0, x <= 2, y <= 2], 1),
    "a sine": (sin(x) + y**2, [x >= 0, x <= 6, y >= -1, y <= 1], -1),
    "absolute values": (Abs(x - 1) + Max(x, y), [x + y >= 2, x >= -3, x <= 3, y >= -3, y <= 3], 1),
    "a quotient": ((x + y) / (x + 2), [x >= 0, x <= 4, y >= 1, y <= 2], Rational(1, 2)),
    "an exponential on a circle": (exp(x + y), [x**2 + y**2 <= 2], math.exp(-2)),
}


@pytest.mark.parametrize("name", list(KNOWN))
def test_known_optima_are_enclosed(name) -> None:
    objective, constraints, optimum = KNOWN[name]
    certificate = enclosed(canonical(objective, constraints))
    low, high = (int(v.p) / int(v.q) for v in (certificate.lower, certificate.upper))
    assert low - 1e-9 <= float(optimum) <= high + 1e-9
    assert high - low <= 1e-5


def test_a_geometric_program_needs_no_point_to_begin_with() -> None:
    problem = canonical(*KNOWN["a geometric program"][:2])
    certificate = enclose_by_relaxations(problem, [], time.monotonic() + 20)
    assert certificate is not None and certificate.point is not None and certificate.verify() is True
    assert certificate.lower <= 3 <= certificate.upper + fmpq(1, 10**9)


def test_places_hold_their_values_and_rows_hold_there() -> None:
    problem = canonical(exp(x) * cos(y) + x**3 / (y + 4), [x >= -1, x <= 2, y >= -1, y <= 1])
    form = factored_functions(problem)
    box = ((fmpq(-1), fmpq(2)), (fmpq(-1), fmpq(1)))
    sides = tightened(form, box, None)
    rows = relation_rows(form, sides)
    for a in np.linspace(-1, 2, 5):
        for b in np.linspace(-1, 1, 5):
            values = [a, b]
            for definition in form.definitions:
                values.append(evaluate(definition, values))
            total = sum(float(v) * values[j] for j, v in form.objective.coefficients.items())
            assert abs(total - (math.exp(a) * math.cos(b) + a**3 / (b + 4))) < 1e-12
            assert all(
                float(low) - 1e-9 <= v <= float(high) + 1e-9 for v, (low, high) in zip(values, sides, strict=True)
            )
            assert all(
                sum(float(v) * values[j] for j, v in row.coefficients.items()) + float(row.constant) <= 1e-8
                for row in rows
            )


def evaluate(definition, values) -> float:
    kind = type(definition).__name__
    if kind == "Product":
        return values[definition.left] * values[definition.right]
    if kind == "Quotient":
        return values[definition.numerator] / values[definition.denominator]
    if kind == "Combination":
        form = definition.form
        return sum(float(v) * values[j] for j, v in form.coefficients.items()) + float(form.constant)
    u = values[definition.argument]
    name = definition.function.value
    return u ** int(definition.exponent) if name == "power" else {"exp": math.exp, "cos": math.cos}[name](u)


def test_logarithms_make_powers_exponentials() -> None:
    problem = in_logarithms(canonical(x**2 / y + 3 * sqrt(x) * y, [x >= 1, y >= 1]))
    assert problem.objective == exp(2 * x - y) + 3 * exp(x / 2 + y)
    assert in_logarithms(canonical(x * y, [x >= 0, y >= -1])) is None
    # (y**2 + y) / y would become y + 1, which is defined where y = 0
    assert in_logarithms(canonical(x + (y**2 + y) / y, [x >= 1])) is None


# objectives that, multiplied out, are defined at a point where they are not, and have their infimum only there
CANCELLED = {
    "a divisor": (x * (exp(y) + 1 / x), [x >= 0, x <= 1, y >= 0, y <= 1]),
    "a divisor under a power": (x**2 * (y**2 + 1 / x) + y, [x >= 0, x <= 1, y >= -1, y <= 1]),
    "a logarithm": ((x * (1 + log(x - 1)) - x * log(x - 1)) * y, [x >= 1, x <= 3, y >= 1, y <= 2]),
    "a divisor of a positive variable": ((x * (1 + 1 / (x - 1)) - x / (x - 1)) * y, [x >= 1, x <= 3, y >= 1, y <= 2]),
}


@pytest.mark.parametrize("name", list(CANCELLED))
def test_multiplying_out_keeps_the_domain(name) -> None:
    problem = canonical(*CANCELLED[name])
    candidates = numeric_candidates(problem, time.monotonic() + 5, most=20)
    assert candidates and enclose_by_relaxations(problem, candidates, time.monotonic() + 2) is None


def test_infinite_sides_are_probed() -> None:
    # x - y = 1 and x y <= 0: bounds carried alone leave both variables free
    form = factored_functions(canonical(x * y, [Eq(x - y, 1)]))
    box = bounding_box(form, fmpq(0))
    assert box is not None and box[0][0] <= 0 and box[0][1] >= 1


def test_an_infimum_that_is_not_attained_is_not_claimed() -> None:
    # log(x) <= 0 leaves 0 < x <= 1: the infimum 0 of x has no point
    problem = canonical(x, [log(x) <= 0], (x,))
    near = [NumericCandidate(np.array([1e-9]), 1e-9, 0.0)]
    assert enclose_by_relaxations(problem, near, time.monotonic() + 3) is None
    # x / y is not defined at the corner (0, 0) of the feasible set
    problem = canonical(x / y, [x >= 0, y >= 0, x <= y, x <= 1, y <= 1])
    near = [NumericCandidate(np.array([0.0, 1.0]), 0.0, 0.0)]
    found = enclose_by_relaxations(problem, near, time.monotonic() + 3)
    assert found is None or found.lower <= 0 <= found.upper


def test_an_entropy_is_not_claimed_where_it_is_not_defined() -> None:
    # -x log(x) has the infimum 0 on ]0, 1/2], at the end that is open
    problem = canonical(-x * log(x), [x >= 0, x <= Rational(1, 2)], (x,))
    near = [NumericCandidate(np.array([1e-12]), 2.8e-11, 0.0)]
    assert enclose_by_relaxations(problem, near, time.monotonic() + 3) is None


def test_a_negative_quotient_under_a_logarithm_is_no_relative_entropy() -> None:
    # with y = -1 it is x log(-x), which is defined for x < 0 and falls from there to x = -2
    problem = canonical(x * log(x / y), [Eq(y, -1), x <= Rational(-1, 10), x >= -2])
    certificate = enclosed(problem)
    low, high = (
        float(certificate.lower.p) / float(certificate.lower.q),
        float(certificate.upper.p) / float(certificate.upper.q),
    )
    assert low <= -2 * math.log(2) <= high + 1e-9


def test_infeasible_problems_are_refuted() -> None:
    problem = canonical(x, [exp(x) + exp(y) <= 1, x + y >= 0, x >= -5, x <= 5, y >= -5, y <= 5])
    certificate = enclose_by_relaxations(problem, [], time.monotonic() + 10)
    assert certificate is not None and certificate.point is None and certificate.verify() is True


def test_functions_that_are_not_known_are_named() -> None:
    with pytest.raises(NotFactorableError, match="gamma"):
        factored_functions(canonical(sympy.gamma(x), [x >= 1, x <= 2], (x,)))


def test_certificates_are_stored_and_read() -> None:
    certificate = enclosed(canonical(*KNOWN["an exponential on a circle"][:2]))
    again = certificate_from_json(certificate_to_json(certificate))
    assert again.verify() is True and (again.lower, again.upper) == (certificate.lower, certificate.upper)


def test_certificates_that_are_changed_fail() -> None:
    certificate = enclosed(canonical(*KNOWN["a geometric program"][:2]))
    gap = certificate.upper - certificate.lower
    assert replace(certificate, lower=certificate.upper + gap).verify() is False
    assert replace(certificate, upper=certificate.lower - gap, cutoff=certificate.lower - gap).verify() is False
    assert replace(certificate, point=None).verify() is False
    assert (
        replace(certificate, problem=canonical(1 / (x * y) + x + y, [x >= 2, x <= 9, y >= 1, y <= 9])).verify() is False
    )
    moved = replace(certificate.point, low=certificate.point.low - 1, high=certificate.point.high - 1)
    assert replace(certificate, point=moved).verify() is False


TERMS = [
    lambda a, b: exp((a - 2 * b) / 3),
    lambda a, b: a * log(a / b),
    lambda a, b: sin(a + 2 * b),
    lambda a, b: sqrt(a * b) - a**2 * b,
    lambda a, b: a ** Rational(5, 3) / b,
    lambda a, b: Abs(a - b) + Max(a, b),
    lambda a, b: 1 / (a + b) + cos(a * b),
]


@pytest.mark.parametrize("seed", [0, 1, 2, 3, 5, 6])
def test_no_sample_is_below_the_bound_of_a_random_problem(seed) -> None:
    random = np.random.default_rng(seed)
    chosen = random.choice(len(TERMS), 3)
    weights = [Rational(int(w), 5) for w in random.integers(-9, 10, 3)]
    pairs = [(x, y), (y, z), (z, x)]
    objective = sum(w * TERMS[k](*pair) for w, k, pair in zip(weights, chosen, pairs, strict=True))
    bounds = [c for v in (x, y, z) for c in (v >= Rational(1, 5), v <= 2)]
    problem = canonical(objective, [*bounds, x * y + z <= 3], (x, y, z))
    certificate = enclosed(problem)
    points = 0.2 + 1.8 * random.random((3, 20_000))
    values = sympy.lambdify([x, y, z], objective + 0 * x, "numpy")(*points) * np.ones(20_000)
    feasible = values[points[0] * points[1] + points[2] <= 3]
    lower = int(certificate.lower.p) / int(certificate.lower.q)
    assert feasible.min() >= lower - 1e-9 * (1 + abs(lower))
