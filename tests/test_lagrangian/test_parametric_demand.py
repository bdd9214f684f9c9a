"""Demand with free prices, incomes and exponents: Cobb-Douglas, CES, and corner solutions."""

from itertools import combinations

import pytest
import sympy
from sympy import Rational, log, sqrt, symbols

from lagrangian import Problem, Status, solve_parametric
from tests.parametric_programs import proved, random_values

x, y, z = symbols("x y z", real=True)
a, b, c, d, m, p, q, r = symbols("a b c d m p q r", positive=True)


def test_demand_with_corner_solutions() -> None:
    """max a log(x + 1) + b log(y + 1), p x + q y <= m: with both goods the shares of m + p + q are a and b over a + b."""
    budget = p * x + q * y <= m
    solution = proved(Problem(a * log(x + 1) + b * log(y + 1), [budget, x >= 0, y >= 0], over=[x, y], sense="max"))
    by_active = {region.active_set: region for region in solution.regions}
    both = by_active[(budget,)]
    assert sympy.simplify(both.point[x] + 1 - a * (m + p + q) / (p * (a + b))) == 0
    assert by_active[(budget, x >= 0)].point == {x: 0, y: m / q}
    assert by_active[(budget, y >= 0)].point == {x: m / p, y: 0}
    for region in solution.regions:
        assert sympy.simplify(sympy.diff(sympy.expand_log(region.value), m) - region.shadow_prices[budget]) == 0


def test_demand_for_three_goods_needs_products_of_conditions() -> None:
    """The regions cover, but in the space of monomials alone they do not."""
    objective = a * log(x + 1) + b * log(y + 1) + log(z + 1)
    solution = proved(Problem(objective, [p * x + q * y + z <= m, x >= 0, y >= 0, z >= 0], over=[x, y, z], sense="max"))
    assert len(solution.regions) == 7
    for seed in range(10):
        values = random_values(seed, (a, b, m, p, q))
        weights, prices = [values[a], values[b], 1], [values[p], values[q], 1]
        best = max(demands(weights, prices, values[m]), key=lambda place: utility(weights, place))
        assert [sympy.nsimplify(k) for k in solution.at(values).point.values()] == best


def demands(weights, prices, income):
    """For each set of goods that are bought, the demand for them, where it is not negative."""
    for size in (1, 2, 3):
        for bought in combinations(range(3), size):
            total = income + sum(prices[i] for i in bought)
            share = sum(weights[i] for i in bought)
            place = [weights[i] * total / (share * prices[i]) - 1 if i in bought else sympy.S.Zero for i in range(3)]
            if min(place) >= 0:
                yield place


def utility(weights, place) -> float:
    return float(sum(w * sympy.log(k + 1) for w, k in zip(weights, place, strict=True)))


def test_cobb_douglas_and_ces_demand() -> None:
    """Shares a/(a+b) of the income in logarithms; with square roots x = a^2 q m / (p (a^2 q + b^2 p))."""
    budget = p * x + q * y <= m
    cobb_douglas = proved(Problem(a * log(x) + b * log(y), [budget, x >= 0, y >= 0], over=[x, y], sense="max"))
    assert sympy.simplify(cobb_douglas.regions[0].point[x] - a * m / ((a + b) * p)) == 0
    roots = proved(Problem(a * sqrt(x) + b * sqrt(y), [budget, x >= 0, y >= 0], over=[x, y], sense="max"))
    (region,) = roots.regions
    assert sympy.simplify(region.point[x] - a**2 * q * m / (p * (a**2 * q + b**2 * p))) == 0
    assert sympy.simplify(sympy.diff(region.value, m) - region.shadow_prices[budget]) == 0


def test_cobb_douglas_demand_as_a_product() -> None:
    """max x^a y^b: the logarithm is maximized; the multipliers are those of the product."""
    budget = p * x + q * y <= m
    solution = proved(Problem(x**a * y**b, [budget, x >= 0, y >= 0], over=[x, y], sense="max"))
    (region,) = solution.regions
    assert sympy.simplify(region.point[x] - a * m / ((a + b) * p)) == 0
    price = region.shadow_prices[budget]
    assert sympy.simplify(sympy.expand_log(log(price) - log(sympy.diff(region.value, m)))) == 0


def test_a_product_that_may_be_positive_where_both_factors_are_negative() -> None:
    """max x^2 y^2 without x, y >= 0 is no product of powers of nonnegative functions: nothing is claimed."""
    solution = solve_parametric(Problem(x**2 * y**2, [x + a * y <= m], over=[x, y], sense="max"))
    assert [region.status for region in solution.regions] == [Status.UNDECIDED]


def test_ces_demand_with_a_free_exponent() -> None:
    """max a x^r + b y^r with 0 < r < 1: x = m (a/p)^e / (p (a/p)^e + q (b/q)^e) with e = 1/(1 - r)."""
    budget = p * x + q * y <= m
    problem = Problem(a * x**r + b * y**r, [budget, x >= 0, y >= 0], over=[x, y], sense="max", assumptions=[r < 1])
    (region,) = proved(problem).regions
    for seed in range(5):
        values = random_values(seed, (a, b, p, q, m)) | {r: Rational(1, seed + 2)}
        e = 1 / (1 - values[r])
        first, second = (values[a] / values[p]) ** e, (values[b] / values[q]) ** e
        expected = values[m] * first / (values[p] * first + values[q] * second)
        assert abs(sympy.N(region.point[x].xreplace(values) - expected, 30)) < 1e-20


def test_assumptions_between_parameters_are_used() -> None:
    """Two goods that are substitutes, b > c: the revenue is concave."""
    revenue = x * (a - b * x - c * y) + y * (d - c * x - b * y)
    solution = proved(Problem(revenue, [x >= 0, y >= 0], over=[x, y], sense="max", assumptions=[b > c]))
    assert solution.at({a: 2, b: 2, c: 1, d: 2}).point == {x: Rational(1, 3), y: Rational(1, 3)}
    assert solution.at({a: 9, b: 2, c: 1, d: 1}).point == {x: Rational(9, 4), y: 0}


@pytest.mark.parametrize(("factor", "inner"), [(2 ** (-x), 1 / log(2)), (sympy.exp(-x), 1)])
def test_a_factor_with_variables_in_the_exponent_is_part_of_the_product(factor: sympy.Expr, inner: sympy.Expr) -> None:
    """max a x 2^(-x) on [0, 3] lies inside, at x = 1/log(2): no claim of the end x = 3."""
    solution = solve_parametric(Problem(a * x * factor, [x >= 0, x <= 3], over=[x], sense="max"))
    assert all(r.status is Status.UNDECIDED or r.point[x] == inner for r in solution.regions)
