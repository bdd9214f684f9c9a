"""Maximum entropy and its like: logarithms beside multipliers, and exact tests of what vanishes."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import CRootOf, Eq, Integer, Rational, Symbol, log, sqrt

from lagrangian import Problem, Status, solve
from lagrangian.algebra.signs import is_zero
from lagrangian.algebra.zero_tests import is_zero_combination, is_zero_in_one_root, vanishes_as_logarithms
from lagrangian.candidates.logarithmic import logarithmic_solutions

X = sympy.symbols("x1:5", real=True)
m, n = sympy.symbols("m n", real=True)
t = Symbol("t")
ROOT = CRootOf(t**5 - t - 1, 0)

fractions = st.builds(Rational, st.integers(1, 9), st.integers(1, 9))


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-2, 3), min_size=2, max_size=4, unique=True),
    fractions,
    fractions,
    st.lists(fractions, min_size=4, max_size=4),
)
def test_a_planted_solution_is_found(exponents, scale, ratio, weights) -> None:
    """u_i = x_i / w_i = scale * ratio**a_i: the moments of x determine scale and ratio, up to other positive roots."""
    variables = X[: len(exponents)]
    planted = [weight * scale * ratio**a for weight, a in zip(weights, exponents, strict=False)]
    equations = [log(x / w) + 1 + m + a * n for x, w, a in zip(variables, weights, exponents, strict=False)]
    equations += [
        sum(variables) - sum(planted),
        sum(a * (x - p) for x, p, a in zip(variables, planted, exponents, strict=True)),
    ]
    solutions = logarithmic_solutions(equations, [*variables, m, n])
    assert [s for s in solutions if [s[x] for x in variables] == planted]
    for solution in solutions:
        assert all(abs(complex(sympy.N(e.xreplace(solution), 30))) < 1e-20 for e in equations)


@pytest.mark.parametrize(
    "equations",
    [
        [X[0] - 1, X[1] - m],  # no logarithm
        [log(X[0]) + X[0] + m, X[0] - 1],  # the variable stands beside its logarithm
        [log(X[0]) + m**2, X[0] - 1],  # not affine in the multiplier
        [log(X[0]) + m, X[0] - 1, m - 1],  # the multiplier in another equation
        [log(X[0]) + log(X[1]) + m, X[0] - 1, X[1] - 2],  # fewer equations than logarithms
        [log(X[0]) + 1, X[0] - 1],  # a constant that no multiplier takes up
        [log(X[0]) + sqrt(2) * m, X[0] - 1],  # not rational
        [log(X[0]) + m, log(X[1]) + m],  # infinitely many solutions
    ],
)
def test_other_systems_are_left_alone(equations) -> None:
    assert logarithmic_solutions(equations, [*X[:2], m]) == []


def test_the_dice_of_jaynes() -> None:
    """Of all distributions of a die with mean 9/2 the one of maximum entropy (Jaynes 1962): p_i is z**i, normalized."""
    faces = sympy.symbols("p1:7", real=True)
    mean = sum(i * p for i, p in enumerate(faces, start=1))
    problem = Problem(
        -sum(p * log(p) for p in faces), [Eq(sum(faces), 1), Eq(mean, Rational(9, 2))], over=faces, sense="max"
    )
    solution = solve(problem, time_limit_s=120)
    assert solution.status is Status.OPTIMAL and solution.certificate.kind == "convexity"
    (point,) = solution.points
    low, high = 1.0, 2.0  # the ratio z by bisection, in floating point
    for _ in range(60):
        z = (low + high) / 2
        powers = [z**i for i in range(1, 7)]
        low, high = (z, high) if sum(i * w for i, w in enumerate(powers, 1)) / sum(powers) < 4.5 else (low, z)
    expected = [w / sum(powers) for w in powers]
    assert [float(point[p]) for p in faces] == pytest.approx(expected, rel=1e-12)
    assert float(sympy.N(solution.value)) == pytest.approx(-sum(p * math.log(p) for p in expected), rel=1e-12)


def test_a_distribution_with_a_bounded_mean() -> None:
    a, b, c = X[:3]
    problem = Problem(
        a * log(a) + b * log(b) + c * log(c), [Eq(a + b + c, 1), a + 2 * b + 3 * c >= Rational(5, 2)], over=[a, b, c]
    )
    solution = solve(problem, time_limit_s=60)
    # the ratio z solves z**2 - z - 3 = 0
    z = (1 + sqrt(13)) / 2
    assert solution.status is Status.OPTIMAL
    assert all(sympy.expand(solution.points[0][x] * (1 + z + z**2) - z**k) == 0 for k, x in enumerate((a, b, c)))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(-4, 4), fractions), min_size=1, max_size=4), fractions)
def test_combinations_of_logarithms(terms, other) -> None:
    product = sympy.Mul(*(base**weight for weight, base in terms))
    combination = sympy.Add(*(weight * log(base, evaluate=False) for weight, base in terms)) - log(
        product, evaluate=False
    )
    assert combination == 0 or is_zero(combination) is True
    if product != other:
        assert is_zero(combination + log(product) - log(other)) is False


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=6))
def test_rational_functions_of_one_root(coefficients) -> None:
    polynomial = sympy.Poly(coefficients, t)
    value = polynomial.as_expr().subs(t, ROOT)
    multiple = (polynomial * sympy.Poly(t**5 - t - 1, t)).as_expr().subs(t, ROOT)
    if value.has(ROOT):
        assert is_zero_in_one_root(value / (ROOT**2 + 1)) is bool(polynomial.rem(sympy.Poly(t**5 - t - 1, t)).is_zero)
    if multiple.has(ROOT):
        assert is_zero_in_one_root(multiple) is True


@pytest.mark.parametrize(
    "number", [sqrt(2) - 1, ROOT + sqrt(2), ROOT + CRootOf(t**5 - t - 1, 1), log(ROOT), Integer(3)]
)
def test_other_numbers_are_not_decided_in_one_root(number) -> None:
    assert is_zero_in_one_root(number) is None


@pytest.mark.parametrize(
    "number", [sqrt(2) * log(2) - log(3), log(2) + 1, log(log(2)) - 1, Integer(0), log(-2 * sympy.I)]
)
def test_other_numbers_are_not_decided_by_logarithms(number) -> None:
    assert is_zero_combination(number, is_zero) is None


@pytest.mark.parametrize(
    ("expression", "vanishes"),
    [
        (log(sympy.exp(m) + sympy.exp(n)) + log(1 / (sympy.exp(m - n) + 1)) - n, True),
        (log(sympy.exp(m) + sympy.exp(n)) - m - n, False),
        (log(m) - log(m), False),  # no logarithm is left
        (log(m**2) - 2 * log(m), False),  # m may be negative
        (log(sympy.exp(m) + 1) / 2 - log(sympy.sqrt(sympy.exp(m) + 1)), True),
    ],
)
def test_logarithms_with_parameters(expression, vanishes) -> None:
    assert vanishes_as_logarithms(expression) is vanishes


def test_the_softmax_is_a_maximum_of_entropy() -> None:
    s, r = sympy.symbols("s r", real=True)
    x, y = X[:2]
    solution = solve(Problem(s * x + r * y - x * log(x) - y * log(y), [Eq(x + y, 1)], over=[x, y], sense="max"))
    assert solution.status is Status.OPTIMAL
    assert sympy.simplify(solution.points[0][x] - sympy.exp(s) / (sympy.exp(s) + sympy.exp(r))) == 0
