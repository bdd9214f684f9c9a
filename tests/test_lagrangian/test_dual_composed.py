"""Duals of composed convex functions and of products of powers: at most p* everywhere, and p* at the optimum's multipliers."""

import random

import pytest
import sympy
from sympy import Eq, Ge, Max, Min, Rational, exp, log, sqrt, symbols

from lagrangian import Problem, Reason, minimize
from lagrangian.conditions.convexity import Setting
from lagrangian.duality.dual_composed import compose
from lagrangian.duality.dual_multipliers import kkt_multipliers

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
PATIENCE_S = 20.0
HALF = Rational(1, 2)

# convex problems with the optimum by hand: by symmetry, or because the constraint binds
COMPOSED = [
    (exp(x**2), [x >= 1], sympy.E),
    (exp(x**2 + y**2), [x + y >= 2], exp(2)),
    ((x**2 + y**2) ** 2, [x + y >= 2], 4),
    ((x**2 + y**2) ** 2 + x + y, [x + y >= 2], 6),
    ((x**2 + y**2) ** Rational(3, 2), [x + 2 * y >= 5], 5 * sqrt(5)),
    (-log(1 - x**2 - y**2), [x + y >= 1], log(2)),
    (-((2 - x**2 - y**2) ** Rational(1, 4)), [x + y >= 1], -(Rational(3, 2) ** Rational(1, 4))),
    (1 / sqrt(2 - x**2 - y**2), [x + y >= 1], sqrt(6) / 3),
    (Max(x**2, y**2), [x + y >= 2], 1),
    (-Min(-(x**2), y), [y <= -x, x >= 1], 1),
    (exp(exp(x) + x**2), [x >= 0], sympy.E),
    (((x - 1) ** 2 + (y - 1) ** 2) ** 2, [x + y >= 4], 4),
]


@pytest.mark.parametrize(("objective", "constraints", "value"), COMPOSED, ids=[str(c[0]) for c in COMPOSED])
def test_the_dual_function_is_the_optimal_value_at_the_optimums_multipliers(objective, constraints, value):
    over = sorted(objective.free_symbols, key=str)
    solution = minimize(objective, constraints, over=over)
    function = Problem(objective, constraints, over=over).dual().function
    assert function.is_known and any(not isinstance(r, Eq) for _, r in function.introduced)
    assert sympy.simplify(solution.value - value) == 0
    multipliers = kkt_multipliers(solution, function)
    if multipliers is not None and not objective.has(Max, Min):
        assert abs(sympy.N(function.value_at(multipliers) - value, 40)) < 1e-30
    assert solution.duality(time_limit_s=PATIENCE_S).gap == 0


@pytest.mark.parametrize(("objective", "constraints", "value"), COMPOSED, ids=[str(c[0]) for c in COMPOSED])
def test_no_multipliers_give_a_value_above_the_optimum(objective, constraints, value):
    over = sorted(objective.free_symbols, key=str)
    function = Problem(objective, constraints, over=over).dual().function
    source, finite = random.Random(5), 0
    for _ in range(40):
        at = {}
        for symbol in function.multipliers:
            number = Rational(source.randint(0, 8), source.choice([1, 2, 4]))
            at[symbol] = number if symbol.is_nonnegative else source.choice([-1, 1]) * number
        bound = function.value_at(at)
        assert bound is not None
        finite += not bound.is_infinite
        assert bound == -sympy.oo or sympy.N(value - bound, 30) > -1e-20
    assert finite > 0 or function.domain.has(Eq)


PRODUCTS = [
    (1 / (u * v), [u + v <= 2], 1),
    (1 / (u * v) + u + v, [], 3),
    (u**3 / v, [u >= 1, v <= 2], HALF),
    (u**3 / v + v, [u >= 1], 2),
    (u**2 / sqrt(v), [u >= 2, v <= 4], 2),
    (-log(u * v), [u + v <= 2], 0),
]


@pytest.mark.parametrize(("objective", "constraints", "value"), PRODUCTS, ids=[str(c[0]) for c in PRODUCTS])
def test_products_of_powers(objective, constraints, value):
    """By the means of u and v, or at the constraints: u = v = 1; u = 1 and v = 2; u = v = 1; u = 2 and v = 4; u = v = 1."""
    problem = Problem(objective, constraints, over=[u, v])
    found = minimize(objective, constraints, over=[u, v]).duality(time_limit_s=PATIENCE_S)
    assert problem.dual().function.is_known
    assert sympy.simplify(found.primal_value - value) == 0 and found.gap == 0
    assert found.reason in (Reason.KKT, Reason.SLATER, Reason.EQUALITY)


def test_a_logarithm_of_a_sum_of_exponentials_of_squares():
    """log(exp(x**2) + exp(y**2)) on x + y >= 2 is least at x = y = 1, with shares 1/2 and so the slope 1."""
    g = Problem(log(exp(x**2) + exp(y**2)), [x + y >= 2], over=[x, y]).dual().function
    assert [str(r) for _, r in g.introduced] == ["y_1 >= x**2", "y_2 >= y**2"]
    values = dict(zip(g.multipliers, (sympy.Integer(1), HALF, HALF), strict=True))
    assert sympy.simplify(g.value_at(values) - 1 - log(2)) == 0


def test_a_logarithm_of_a_product():
    """-log(u v**2/4) + u + v - 3 is least at u = 1, v = 2, where it is 0."""
    g = Problem(-log(u * v**2 / 4), [u + v <= 3], over=[u, v]).dual().function
    assert sympy.expand_log(g.value_at(dict.fromkeys(g.multipliers, sympy.Integer(1))), force=True) == 0


def test_a_cost_with_a_parameter():
    """min 1/(u v) with u + v <= c: at u = v = c/2 it is 4/c**2, and g(m) = 3 m**(2/3) - c m is that at m = 8/c**3."""
    c = symbols("c", positive=True)
    g = Problem(1 / (u * v), [u + v <= c], over=[u, v]).dual().function
    m = g.multipliers[0]
    at = {symbol: sympy.Integer(0) for symbol in g.multipliers} | {m: 8 / c**3}
    assert sympy.simplify(g.value_at(at) - 4 / c**2) == 0


def test_a_composed_function_with_a_weight_of_either_sign_is_not_decided():
    g = Problem(x + y, [Eq(exp(x**2 + y**2), 2)], over=[x, y]).dual().function
    assert "the sign of its weight -lambda is not known" in g.missing
    above = Problem(x + y, [exp(x**2 + y**2) >= 2], over=[x, y]).dual().function
    assert "sign of its weight" in above.missing


NOT_COMPOSED = [
    exp(-(x**2)),
    (x**2 - 1) ** 2,
    sqrt(1 + x**4),
    1 / (1 + x**2),
    log(1 + x**2),
    log(exp(x**2) + exp(-(y**2))),
]


@pytest.mark.parametrize("function", NOT_COMPOSED, ids=str)
def test_what_is_not_convex_by_the_rule_is_not_composed(function):
    assert compose(function, Setting((x, y), frozenset())) is None


def test_sums_of_a_product_and_logarithms_are_restricted_where_the_constraints_say():
    """log(x y) is defined for two negative numbers too, where nothing is known of the signs."""
    assert not Problem(-log(x * y), [x + y <= 1], over=[x, y]).dual().function.is_known
    known = Problem(-log(x * y), [x + y <= 2, x >= 0, y >= 0], over=[x, y]).dual().function
    assert known.region == (Ge(x, 0, evaluate=False), Ge(y, 0, evaluate=False))


def test_parameters_in_norms_entropies_and_sums_of_exponentials():
    """By hand: c m for m**2 (1/a + 1/b) <= 1; -log(a + b) of relative entropy; log(2 sqrt(a b)) + c/2 of the sum."""
    a, b, c = symbols("a b c", positive=True)
    at = {a: sympy.Integer(2), b: sympy.Integer(3), c: sympy.Integer(5)}
    norm = Problem(sqrt(a * x**2 + b * y**2), [x + y >= c], over=[x, y]).dual().function
    assert norm.expression == c * norm.multipliers[0]
    for m, inside in ((Rational(13, 12), True), (Rational(12, 11), True), (Rational(11, 10), False)):
        assert (norm.domain.xreplace({norm.multipliers[0]: m}).xreplace(at) == sympy.true) is inside
    entropy = Problem(u * log(u / a) + v * log(v / b), [Eq(u + v, 1)], over=[u, v]).dual().function
    best = entropy.value_at({entropy.multipliers[0]: 1 - log(a + b)})
    assert abs(sympy.N((best + log(a + b)).xreplace(at), 30)) < 1e-25
    total = Problem(log(a * exp(x) + b * exp(y)), [x + y >= c], over=[x, y]).dual().function
    best = total.value_at({total.multipliers[0]: HALF})
    assert abs(sympy.N((best - log(2 * sqrt(a * b)) - c / 2).xreplace(at), 30)) < 1e-25
