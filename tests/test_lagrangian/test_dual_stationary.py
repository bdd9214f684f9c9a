"""Dual functions by stationary points: against zeros of slopes computed in other ways, over boxes, and at numbers by `solve`."""

import random

import mpmath
import pytest
import sympy
from sympy import Abs, Eq, Max, Rational, cosh, exp, log, oo, sqrt, symbols

from lagrangian import Problem, ProblemError
from lagrangian.conditions.convexity import Setting
from lagrangian.duality.dual_derivation import dual_function
from lagrangian.duality.dual_inner import Inner
from lagrangian.duality.dual_pieces import met
from lagrangian.duality.dual_quartic import quartic_infimum
from lagrangian.duality.dual_terms import decompose

x, y, z = symbols("x y z", real=True)
u = symbols("u", positive=True)
a = symbols("a", positive=True)
mu, lam = symbols("mu", nonnegative=True), symbols("lambda", real=True)


def least_on_line(coefficients):
    """The least value of a polynomial of even degree: at the real zeros of its slope, by mpmath."""
    degree = len(coefficients) - 1
    slopes = [(degree - k) * c for k, c in enumerate(coefficients[:-1])]
    while slopes and slopes[0] == 0:
        slopes = slopes[1:]
    zeros = mpmath.polyroots(slopes, maxsteps=500, extraprec=400) if len(slopes) > 1 else []
    # real parts of other zeros are places too, where the value is no lower than the least one
    return min(mpmath.polyval(coefficients, mpmath.re(root)) for root in zeros)


def test_quartics_are_least_where_mpmath_finds_their_lowest_stationary_point():
    """All signs of p in u**4 + p u**2 + q u, with the shift by the third power, and q = 0 and the discriminant's zeros too."""
    source = random.Random(11)
    with mpmath.workdps(60):
        for _ in range(60):
            c = [source.randint(1, 3), *(source.randint(-4, 4) for _ in range(3))]
            g = Problem(c[0] * x**4 + c[1] * x**3 + c[2] * x**2 + c[3] * x, [Eq(x, 0)], over=[x]).dual().function
            assert not g.introduced
            place = Rational(source.randint(-9, 9), source.choice([1, 1, 2, 3]))
            numbers = [mpmath.mpf(int(k)) for k in c[:3]] + [
                mpmath.mpf(c[3]) - mpmath.mpf(place.p) / place.q,
                mpmath.mpf(0),
            ]
            found = sympy.N(g.value_at({g.multipliers[0]: place}), 40)
            assert abs(found - sympy.Float(least_on_line(numbers), 40)) < 1e-20


def test_a_double_zero_of_the_slope_is_in_one_of_the_cases():
    """27 q**2 + 8 p**3 = 0 for p = -6, q = 8: the slope 4 u**3 - 12 u + 8 has the double zero 1; least at -2."""
    g = Problem(x**4 - 6 * x**2, [Eq(x, 0)], over=[x]).dual().function
    assert sympy.simplify(g.value_at({g.multipliers[0]: -8}) - (16 - 24 - 16)) == 0
    assert sympy.simplify(g.value_at({g.multipliers[0]: 8}) - (16 - 24 - 16)) == 0


def test_the_leading_coefficient_may_depend_on_a_multiplier():
    """min x**2 with x**4 - 4 x**3 <= 1: for m = 0 it is x**2 alone, and finite; x**3 m with no fourth power never is."""
    g = dual_function(Problem(x**2, [x**4 - 4 * x**3 <= 1], over=[x]))
    assert g.value_at({g.multipliers[0]: 0}) == 0
    cubic = dual_function(Problem(x**2, [x**3 <= 1], over=[x]))
    assert cubic.value_at({cubic.multipliers[0]: 1}) == -oo and cubic.value_at({cubic.multipliers[0]: 0}) == 0


def test_parameters_of_a_quartic_divide_into_cases():
    """For x**4 + p x**2 + q x with free p and q exactly one formula holds at each of 80 places, zero included."""
    p, q = symbols("p q", real=True)
    found = decompose(x**4 + p * x**2 + q * x, Setting((x,), frozenset()))
    inner = Inner((x,), found.quadratic, {atom: factor for factor, atom in found.atoms})
    pieces, _, _ = quartic_infimum(inner)
    with mpmath.workdps(50):
        for i in range(-4, 5):
            for j in range(-4, 5):
                here = {p: sympy.Integer(i), q: sympy.Integer(j)}
                values = [part.value.xreplace(here) for part in pieces if met(part.conditions, here) is True]
                assert len(values) == 1
                expected = least_on_line([mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(i), mpmath.mpf(j), mpmath.mpf(0)])
                assert abs(sympy.N(values[0], 40) - sympy.Float(expected, 40)) < 1e-20


def least_of_convex(function, variable, low, high):
    """The infimum of a convex function by bisection of its slope between numbers near the ends; None where it has no zero."""
    slope = sympy.lambdify(variable, sympy.diff(function, variable), "mpmath")
    left, right = mpmath.mpf(low), mpmath.mpf(high)
    if slope(left) > 0 or slope(right) < 0:
        return None
    for _ in range(200):
        middle = (left + right) / 2
        left, right = (middle, right) if slope(middle) < 0 else (left, middle)
    return sympy.lambdify(variable, function, "mpmath")(left)


ON_LINE = [exp(x) + exp(-x), exp(2 * x) + exp(x), cosh(x), exp(x) + 3 * exp(-x) + x, exp(2 * x) + 2 * exp(-2 * x)]
ON_HALF_LINE = [
    u**2 - log(u),
    -log(u) - sqrt(u),
    u**4 + u**2,
    1 / u - log(u),
    u ** Rational(3, 2) - sqrt(u),
]


@pytest.mark.parametrize("function", [*ON_LINE, *ON_HALF_LINE], ids=str)
def test_convex_functions_of_one_variable(function):
    """At each multiplier the formula is the value where the slope is zero, found by bisection, or minus infinity far out."""
    (variable,) = function.free_symbols
    problem = Problem(function, [variable >= 1, variable <= 3], over=[variable])
    g = problem.dual().function
    assert not g.introduced and g.is_known
    source, checked = random.Random(4), 0
    low, high = ("-80", "80") if variable == x else ("1e-30", "1e30")
    with mpmath.workdps(50):
        for _ in range(12):
            values = {s: Rational(source.randint(0, 9), source.choice([1, 2, 3])) for s in g.multipliers}
            tilted = (
                problem.objective + sum(t.expression for t in g.lagrangian.terms if t.multiplier in values)
            ).xreplace(values)
            expected = least_of_convex(tilted, variable, low, high)
            found = g.value_at(values)
            if expected is None:
                slope = sympy.lambdify(variable, sympy.diff(tilted, variable), "mpmath")
                if variable == u and slope(mpmath.mpf(low)) > 0:  # least at the open end 0
                    assert abs(found - tilted.xreplace({u: sympy.Integer(0)})) == 0
                    continue
                assert found == -oo or min(abs(slope(mpmath.mpf(end))) for end in (low, high)) < 1e-10
                continue
            checked += 1
            assert abs(sympy.N(found, 40) - sympy.Float(expected, 40)) < 1e-15 * (1 + abs(found))
    assert checked >= 3


def test_weights_that_vanish_are_cases_of_their_own():
    """min u with 1/u - log(u) <= 1: L = u + m (1/u - log(u) - 1) has the infimum 0 over u > 0 for m = 0, at the open end."""
    g = Problem(u, [1 / u - log(u) <= 1, u <= 9], over=[u]).dual().function
    values = dict.fromkeys(g.multipliers, sympy.Integer(0))
    assert g.value_at(values) == 0
    first = g.multipliers[0]
    assert sympy.simplify(g.value_at({**values, first: sympy.Integer(1)}) - (phi() - 1)) == 0


def phi():
    """min u + 1/u - log(u): 1 - 1/u**2 - 1/u = 0 at the golden ratio."""
    golden = (1 + sqrt(5)) / 2
    return golden + 1 / golden - log(golden)


def test_kept_bounds_of_sums_of_convex_functions():
    """exp(x) + exp(-x) - m (x - 1) over 0 <= x <= 2: the slope vanishes inside for 0 < m < 2 sinh(2), and the ends follow."""
    problem = Problem(exp(x) + exp(-x), [x >= 1], over=[x], bounds={x: (0, 2)})
    g = problem.dual(relax=problem.constraints).function
    (multiplier,) = g.multipliers
    for place, least in (
        (0, 2),
        (10, exp(2) + exp(-2) - 10),
        (Rational(3, 2), Rational(5, 2) - Rational(3, 2) * (log(2) - 1)),
    ):
        assert (
            sympy.N(g.value_at({multiplier: sympy.Integer(place) if place in (0, 10) else place}) - least, 30) < 1e-25
        )


def test_kept_bounds_that_are_not_at_zero():
    """cosh(x) - x over -1 <= x <= 3 is least where sinh(x) = 1; u**2 - log(u) + u over u >= 1/3 where 2 u - 1/u + 1 = 0."""
    problem = Problem(cosh(x) - x, [x >= Rational(1, 3)], over=[x], bounds={x: (-1, 3)})
    g = problem.dual(relax=problem.constraints).function
    assert sympy.simplify(g.value_at({g.multipliers[0]: sympy.Integer(0)}) - (sqrt(2) - log(1 + sqrt(2)))) == 0
    problem = Problem(u**2 - log(u) + u, [u <= 2], over=[u], bounds={u: (Rational(1, 3), None)})
    g = problem.dual(relax=problem.constraints).function
    assert sympy.simplify(g.value_at({g.multipliers[0]: sympy.Integer(0)}) - (Rational(3, 4) + log(2))) == 0


def quadratic_on_box(source):
    """x'Qx/2 + c'x with Q = A'A over a box, two or three variables; singular ones too."""
    variables = [x, y, z][: source.choice([2, 2, 3])]
    size = len(variables)
    root = sympy.Matrix(source.choice([1, size]), size, lambda i, j: source.randint(-2, 2))
    point = sympy.Matrix(variables)
    objective = sympy.expand(
        (point.T * root.T * root * point)[0, 0] + sum(source.randint(-4, 4) * v for v in variables)
    )
    bounds = {v: (source.randint(-2, 0), source.randint(1, 2)) for v in variables}
    return Problem(objective + variables[0] * variables[1] * 0, [sum(variables) >= 1], over=variables, bounds=bounds)


def test_convex_quadratics_over_boxes_are_those_that_solve_finds():
    source, seen = random.Random(8), 0
    for _ in range(12):
        problem = quadratic_on_box(source)
        dual = problem.dual(relax=problem.constraints)
        (multiplier,) = dual.function.multipliers
        for _ in range(2):
            place = {multiplier: Rational(source.randint(0, 8), 2)}
            seen += 1
            assert sympy.simplify(dual.function.value_at(place) - dual.bound_at(place).value) == 0
    assert seen == 24


def test_functions_that_are_concave_in_each_variable_are_least_at_a_corner():
    problem = Problem(
        x * y - 2 * x * z - y**2, [x + y + z <= 1], over=[x, y, z], bounds=dict.fromkeys((x, y, z), (-1, 2))
    )
    dual = problem.dual(relax=problem.constraints)
    (multiplier,) = dual.function.multipliers
    for place in (0, 1, 3):
        corners = [
            i * j - 2 * i * k - j**2 + place * (i + j + k - 1) for i in (-1, 2) for j in (-1, 2) for k in (-1, 2)
        ]
        assert dual.function.value_at({multiplier: sympy.Integer(place)}) == min(corners)
        assert dual.bound_at({multiplier: place}).value == min(corners)


def test_a_box_that_is_open_on_one_side_needs_a_positive_definite_hessian():
    problem = Problem((x + y) ** 2 - x, [x + y <= 3], over=[x, y], bounds={x: (0, None), y: (0, 1)})
    assert not problem.dual(relax=problem.constraints).function.is_known
    definite = Problem(x**2 + x * y + y**2 - x, [x + y <= 3], over=[x, y], bounds={x: (0, None), y: (0, 1)})
    dual = definite.dual(relax=definite.constraints)
    for place in (0, Rational(1, 2), 1, 4):
        values = dict.fromkeys(dual.function.multipliers, sympy.sympify(place))
        assert dual.function.value_at(values) == dual.bound_at(values).value


def test_the_greatest_size_has_the_sum_of_sizes_as_its_dual_norm():
    """min max(|x|, |y|) on x + 2 y = 3: g = 3 l where |l| + |2 l| <= 1."""
    g = Problem(Max(Abs(x), Abs(y)), [Eq(x + 2 * y, 3)], over=[x, y]).dual().function
    (multiplier,) = g.multipliers
    third = Rational(1, 3)
    assert [g.value_at({multiplier: place}) for place in (third, -third, third + Rational(1, 99))] == [1, -1, -oo]


def test_extrema_of_affine_functions_with_sizes_among_them():
    """max(2 y, y + |x|) is that of 2 y, y + x and y - x; max(|x|, 1 - y) has |x| = max(x, -x)."""
    for function in (Max(2 * y, y + Abs(x)), Max(Abs(x), 1 - y), Max(Abs(x) + Abs(y), 2 * x)):
        problem = Problem(function, [x + y >= 3, x <= 7, y <= 7, x >= -7, y >= -7], over=[x, y])
        dual = problem.dual()
        assert dual.function.is_known
        values = dict.fromkeys(dual.function.multipliers, sympy.Integer(0))
        assert dual.function.value_at(values) in (0, -oo)


# functions without a formula here, with the infimum of L at the multiplier by hand
AT_NUMBERS = [
    (Problem(exp(x**2), [x >= 1], over=[x]), 0, 1),
    (Problem(x**6 - 3 * x**2, [x >= 2], over=[x]), 0, -2),
    (Problem(x**6 + 6 * x, [x <= 2], over=[x]), 0, -5),
    (Problem(sympy.sin(x), [x >= 5], over=[x]), 0, -1),
    (Problem(sympy.sin(x), [x >= 5], over=[x]), 1, -oo),
    (Problem(-(x**6), [x**8 <= 1], over=[x]), 3, -3 - Rational(27, 256) / 27 + 0),
    (Problem(2 - x**6, [x <= 2], over=[x], sense="max"), 0, 2),
    (Problem(x**2 * y**2 + x**2 + y**2 - 3 * x * y, [x + y >= 1], over=[x, y]), 0, -Rational(1, 4)),
]


@pytest.mark.parametrize(
    ("problem", "place", "least"), AT_NUMBERS, ids=[str(p.objective) + f" {m}" for p, m, _ in AT_NUMBERS]
)
def test_the_dual_function_at_numbers(problem, place, least):
    dual = problem.dual()
    bound = dual.bound_at(dict.fromkeys(dual.function.multipliers[:1], place))
    assert bound.value == least and str(bound).startswith(str(least))
    if abs(least) != oo:
        low, high = bound.interval
        assert low <= least <= high and bound.solution.certificate.verify() is True


def test_bounds_at_numbers_keep_the_domain_of_functions_without_a_weight():
    """With m = 0 the logarithm is gone from L = x, but not its domain: the infimum is 0, not minus infinity."""
    dual = Problem(x, [log(x) >= 1], over=[x]).dual()
    assert dual.bound_at({dual.function.multipliers[0]: 0}).value == 0
    hole = Problem(x, [1 / x >= 1], over=[x]).dual()
    assert hole.bound_at({hole.function.multipliers[0]: 0}).value is None


def test_bounds_at_numbers_leave_relaxed_signs_out():
    """x >= 0 by the symbol's assumption has a multiplier, so L = -x is unbounded although -x <= 0 for the symbol."""
    n = symbols("n", nonnegative=True)
    dual = Problem(-n, [n <= 3], over=[n]).dual()
    assert dual.bound_at(dict.fromkeys(dual.function.multipliers, 0)).value == -oo


def test_multipliers_must_be_those_of_the_dual_function():
    dual = Problem(x**2, [x >= 1], over=[x]).dual()
    with pytest.raises(ProblemError, match="the multiplier mu has no value; give one for each of mu"):
        dual.bound_at({})
    with pytest.raises(ProblemError, match="y is no multiplier of the dual function; it has mu"):
        dual.bound_at({dual.function.multipliers[0]: 1, y: 2})
    assert dual.bound_at({dual.function.multipliers[0]: -1}).value == -oo


def test_textbook_duals_with_symbols_left_free():
    """With a > 0: min a exp(x) + exp(-x) on x >= 1, min x**4 - a x**2 on x = 0, min a x**2 + y over a disk."""
    g = Problem(x**4 - a * x**2, [Eq(x, 0)], over=[x]).dual().function
    assert sympy.simplify(g.value_at({g.multipliers[0]: sympy.Integer(0)}) + a**2 / 4) == 0
    g = Problem(a * exp(x) + exp(-x), [x >= 1], over=[x]).dual().function
    assert sympy.simplify(g.value_at({g.multipliers[0]: sympy.Integer(0)}) - 2 * sqrt(a)) == 0
