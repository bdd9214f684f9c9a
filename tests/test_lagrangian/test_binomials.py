"""KKT systems of two-term equations in positive variables, against the closed forms of microeconomics."""

import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Dummy, Eq, Rational, log, symbols

from lagrangian import Problem, Status, canonicalize, maximize, minimize
from lagrangian.candidates.binomials import binomial_solutions

x, y, z, b, p, q = symbols("x y z b p q", positive=True)
EXPONENTS = st.builds(Rational, st.integers(1, 4), st.integers(5, 9))


def solutions(problem):
    canonical, _ = canonicalize(problem)
    multipliers = [Dummy("l", real=True) for _ in canonical.equalities]
    held = [h.expression for h in canonical.equalities]
    lagrangian = canonical.objective + sum(m * h for m, h in zip(multipliers, held, strict=True))
    found = binomial_solutions(canonical, [*(lagrangian.diff(v) for v in canonical.variables), *held], multipliers)
    return found if found is None else [[s[v] for v in canonical.variables] for s in found]


@settings(max_examples=15, deadline=None)
@given(st.lists(EXPONENTS, min_size=2, max_size=3))
def test_the_budget_is_shared_as_the_exponents_are(exponents) -> None:
    """Cobb and Douglas: p x = alpha / (alpha + beta + ...) b."""
    over, prices = (x, y, z)[: len(exponents)], (p, q, 1)[: len(exponents)]
    revenue = sympy.Mul(*(v**e for v, e in zip(over, exponents, strict=True)))
    cost = sympy.Add(*(v * price for v, price in zip(over, prices, strict=True)))
    (found,) = solutions(Problem(revenue, [Eq(cost, b)], over=over, sense="max"))
    for value, exponent, price in zip(found, exponents, prices, strict=True):
        assert sympy.simplify(value * price - exponent / sum(exponents) * b) == 0


def test_the_best_revenue_of_cobb_and_douglas_is_proved_and_has_the_multiplier_as_its_slope() -> None:
    budget = Eq(p * x + q * y, b)
    solution = maximize(x ** Rational(1, 2) * y ** Rational(1, 4), [budget], over=[x, y])
    assert solution.status is Status.OPTIMAL and solution.certificate.verify() is True
    assert sympy.simplify(solution.multipliers[budget] - sympy.diff(solution.value, b)) == 0


def test_exponents_may_be_parameters() -> None:
    alpha, beta = symbols("alpha beta", positive=True)
    (found,) = solutions(Problem(x**alpha * y**beta, [Eq(p * x + q * y, b)], over=[x, y], sense="max"))
    assert sympy.simplify(found[0] - alpha * b / ((alpha + beta) * p)) == 0
    assert sympy.simplify(found[1] - beta * b / ((alpha + beta) * q)) == 0


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([Rational(1, 2), Rational(1, 3), Rational(-1), Rational(-2)]))
def test_a_constant_elasticity_of_substitution(rho) -> None:
    """(x^rho + y^rho)^(1/rho): x = b p^(s-1) / (p^s + q^s) with s = rho/(rho - 1) (Arrow and others 1961)."""
    (found,) = solutions(Problem((x**rho + y**rho) ** (1 / rho), [Eq(p * x + q * y, b)], over=[x, y], sense="max"))
    s = rho / (rho - 1)
    for value, price in zip(found, (p, q), strict=True):
        assert sympy.simplify(value - b * price ** (s - 1) / (p**s + q**s)) == 0


def test_the_can_of_least_surface() -> None:
    (found,) = solutions(Problem(2 * x**2 + 2 * x * y, [Eq(x**2 * y, b)], over=[x, y]))
    assert sympy.simplify(found[1] - 2 * found[0]) == 0 and sympy.simplify(found[0] ** 2 * found[1] - b) == 0


def test_no_solution_in_positive_numbers() -> None:
    assert solutions(Problem(x * y, over=[x, y])) == []  # y = 0 and x = 0
    assert solutions(Problem(x + sympy.sqrt(x), over=[x])) == []  # 1 + 1/(2 sqrt(x)) = 0


def test_other_systems_are_left_to_others() -> None:
    u = symbols("u", real=True)
    c = symbols("c", real=True)
    assert solutions(Problem(u**2 - u, over=[u])) is None  # u may be negative
    assert solutions(Problem(x - log(x) ** 2, over=[x])) is None
    assert solutions(Problem(x**3 + x**2 - 3 * x, over=[x])) is None  # three terms
    assert solutions(Problem(x**2 - c * x, over=[x])) is None  # c may have any sign
    assert solutions(Problem(x * y, [Eq(x * y, b)], over=[x, y])) is None  # infinitely many


def test_zero_is_a_solution_of_its_own() -> None:
    """x >= 0 does not exclude x = 0, and the minimum of x^2 is there."""
    v = symbols("v", nonnegative=True)
    assert minimize(v**2, over=[v]).points == ({v: 0},)
    assert minimize(b * v + v**2, over=[v]).points == ({v: 0},)
