"""Special functions in compiled problems: within their stated bounds of mpmath, with exact derivatives, in lanes too."""

import math
import random
from collections.abc import Callable
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy
from flint import arb
from sympy import Expr, Rational, symbols

from lagrangian import Problem, ProblemError, Status, canonicalize, solve_batch, solve_numeric
from lagrangian.numeric.batch_solution import BatchStatus
from lagrangian.numeric.compiled import compile_problem, lower
from lagrangian.numeric.special_functions import KERNELS
from tests.oracles.rounded_graphs import UNDECIDED, balls

x, y, p = symbols("x y p", real=True)
UNIT = 2.0**-53
Draw = Callable[[random.Random], float]


def uniform(low: float, high: float) -> Draw:
    return lambda draw: draw.uniform(low, high)


def of_any_size(least: float, greatest: float) -> Draw:
    return lambda draw: 10 ** draw.uniform(least, greatest)


def errors(name: str, orders: list[float], draw_x: Draw, exact: Callable, size: Callable) -> float:
    """The greatest error at some random points, in units of rounding of a size."""
    draw, worst = random.Random(f"{name} {orders}"), 0.0
    with mpmath.workdps(50):
        for _ in range(60):
            at = draw_x(draw)
            found, true = KERNELS[name](*orders, at), exact(*map(int, orders), mpmath.mpf(at))
            if abs(true) > 1e308:
                assert math.isinf(found)
                continue
            worst = max(worst, float(abs(found - true) / (UNIT * size(true))))
    return worst


def relative(true: mpmath.mpf) -> mpmath.mpf:
    return abs(true)


def mixed(true: mpmath.mpf) -> mpmath.mpf:
    return 1 + abs(true)


@pytest.mark.parametrize("draw_x", [uniform(-20, 150), uniform(0.5, 3), of_any_size(-10, 2)])
def test_gamma(draw_x: Draw) -> None:
    assert errors("gamma", [], draw_x, mpmath.gamma, relative) <= 16


@pytest.mark.parametrize("draw_x", [uniform(0.5, 3), of_any_size(-10, 10)])
def test_the_logarithm_of_gamma(draw_x: Draw) -> None:
    assert errors("loggamma", [], draw_x, mpmath.loggamma, mixed) <= 16


@pytest.mark.parametrize("order", [0, 1, 2, 5, 10, 20, 50])
def test_polygamma(order: int) -> None:
    size = relative if order else mixed
    assert errors("polygamma", [float(order)], of_any_size(-4, 4), mpmath.polygamma, size) <= 16
    # near the middle between two poles great terms cancel
    terms = (order + 1) * 2**order * math.factorial(order)
    cancelled = errors(
        "polygamma", [float(order)], uniform(-30, 0), mpmath.polygamma, lambda true: 1 + abs(true) + terms
    )
    assert cancelled <= 16


@pytest.mark.parametrize("order", [0, 1, 2, -3, 5, 10, 30, 100])
@pytest.mark.parametrize("reach", [1, 10, 25, 60, 1000, 1e6])
def test_bessel_functions(order: int, reach: float) -> None:
    """Series, recurrences and the expansion for great arguments, on either side of where one takes over from another."""
    assert errors("bessel_j", [float(order)], uniform(-reach, reach), mpmath.besselj, mixed) <= 16
    assert errors("bessel_y", [float(order)], uniform(0, reach), mpmath.bessely, mixed) <= 16 + abs(order)


@pytest.mark.parametrize("order", [2, 7, 20])
def test_bessel_functions_that_are_small_keep_their_digits(order: int) -> None:
    """J_n(x) is about (x/2)**n / n! for small x: all of its digits are right, far below 1."""
    assert errors("bessel_j", [float(order)], of_any_size(-6, 0), mpmath.besselj, relative) <= 16 + 2 * order


@pytest.mark.parametrize(
    "draw_x",
    [of_any_size(-10, 300), uniform(-0.3678, 4), lambda draw: -0.36787944117144233 + 10 ** draw.uniform(-16, -1)],
)
def test_the_principal_branch_of_lambert(draw_x: Draw) -> None:
    assert errors("lambert_w", [], draw_x, lambda t: mpmath.lambertw(t).real, relative) <= 16


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("loggamma", (0.0,), math.inf),
        ("loggamma", (-1.5,), math.nan),
        ("polygamma", (0.0, 0.0), math.nan),
        ("polygamma", (3.0, -4.0), math.nan),
        ("polygamma", (0.0, math.nan), math.nan),
        ("bessel_j", (0.0, 0.0), 1.0),
        ("bessel_j", (4.0, 0.0), 0.0),
        ("bessel_j", (2.0, math.inf), 0.0),
        ("bessel_j", (2.0, math.nan), math.nan),
        ("bessel_y", (0.0, 0.0), -math.inf),
        ("bessel_y", (-1.0, 0.0), math.inf),
        ("bessel_y", (1.0, -2.0), math.nan),
        ("bessel_y", (1.0, math.inf), 0.0),
        ("bessel_y", (400.0, 1e-3), -math.inf),
        ("lambert_w", (0.0,), 0.0),
        ("lambert_w", (-0.4,), math.nan),
        ("lambert_w", (math.nan,), math.nan),
        ("lambert_w", (math.inf,), math.inf),
    ],
)
def test_special_arguments(name: str, arguments: tuple, expected: float) -> None:
    assert KERNELS[name](*arguments) == pytest.approx(expected, nan_ok=True)


# --- in problems ----------------------------------------------------------------------------------------------------

EXPRESSIONS = [
    sympy.gamma(x) * y + sympy.loggamma(y + 4) / (x + 5),
    sympy.polygamma(0, x) * sympy.polygamma(2, y + 4) + sympy.digamma(x) + sympy.factorial(x / 4),
    sympy.besselj(0, x * y) + sympy.besselj(3, x + y) * sympy.besselj(-1, y),
    sympy.bessely(0, x + 4) * y + sympy.bessely(2, y + 5),
    sympy.LambertW(x + 4) * sympy.LambertW(y / 10 + 1),
]


def exact_value(expression: Expr, at: dict) -> mpmath.mpf:
    with mpmath.workdps(50):
        return mpmath.re(sympy.lambdify(list(at), expression, "mpmath")(*map(mpmath.mpf, at.values())))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_values_slopes_and_curvatures_are_those_of_sympy_within_their_rounding_errors(expression: Expr) -> None:
    """The exact number and the compiled one lie in the ball of all that rounding may do; vectors give what numbers give."""
    problem = Problem(expression, over=[x, y])
    lowered, compiled = lower(canonicalize(problem)[0]), compile_problem(problem)
    pattern = compiled.hessian_pattern
    by = [(), (x,), (y,), *(((x, y)[i], (x, y)[j]) for i, j in zip(pattern.rows, pattern.columns, strict=True))]
    derivatives = [sympy.diff(expression, *variables) if variables else expression for variables in by]
    draw, compared = random.Random(3), 0
    for _ in range(12):
        at = {x: draw.uniform(-3, 3), y: draw.uniform(-3, 3)}
        out = np.empty(compiled.size)
        compiled.evaluate(np.array(list(at.values())), np.ones(1), np.empty(0), out)
        made = balls(lowered.graph.instructions, {("x", 0): at[x], ("x", 1): at[y], ("weights", 0): 1.0})
        for node, derivative, found in zip(lowered.functions[-1].outputs, derivatives, out, strict=True):
            ball, true = made[node], exact_value(derivative, at)
            assert ball is not None and ball is not UNDECIDED
            assert ball.overlaps(arb(mpmath.nstr(true, 48, strip_zeros=False)) * arb(1, 1e-40)), derivative
            assert ball.contains(arb(found)), derivative
            compared += float(ball.rad()) <= 1e-10 * (1 + abs(float(ball.mid())))
    assert compared >= 0.9 * 12 * len(by)


def test_eight_instances_side_by_side_have_the_values_of_single_ones() -> None:
    """The batch evaluates vectors: the optimum of gamma(x) + p x is where gamma(x) digamma(x) = -p."""
    slopes = np.linspace(-1, 1, 9)
    found = solve_batch(Problem(sympy.gamma(x) + p * x, [x >= Rational(1, 2)], over=[x]), {"p": slopes})
    assert (found.status == BatchStatus.LOCAL).all()
    for slope, place in zip(slopes, found["x"], strict=True):
        with mpmath.workdps(30):
            root = mpmath.findroot(lambda t, slope=slope: mpmath.gamma(t) * mpmath.digamma(t) + slope, float(place))
        assert abs(float(root) - place) <= 1e-8


def test_the_least_value_of_gamma_is_found() -> None:
    """gamma has its minimum for positive x at 1.4616321449683623, the zero of digamma."""
    result = solve_numeric(Problem(sympy.gamma(x), [x >= Rational(1, 2)], over=[x]))
    assert result.status is Status.LOCAL and result.is_strict_local_optimum is True
    low, high = result.enclosure[x]
    with mpmath.workdps(40):
        root = mpmath.findroot(mpmath.digamma, 1.46)
        assert mpmath.mpf(int(low.p)) / int(low.q) < root < mpmath.mpf(int(high.p)) / int(high.q)
    assert high - low < Rational(1, 10**20) and result.closed_form is None


@pytest.mark.parametrize(
    ("function", "start", "place"),
    [
        # where J_0' = -J_1 vanishes, and Y_0' = -Y_1
        (sympy.besselj(0, x), 3.5, "3.8317059702075123156"),
        (sympy.bessely(0, x), 5.0, "5.4296810407941351328"),
        # x W(x) has the slope W(x) (2 + W(x))/(1 + W(x)), 0 at 0
        (x * sympy.LambertW(x), 0.1, "0"),
        (sympy.asinh(x) ** 2 + sympy.erfc(x), 0.3, None),
    ],
)
def test_local_optima_with_special_functions_are_proved(function: Expr, start: float, place: str | None) -> None:
    result = solve_numeric(Problem(function, over=[x]), start=[start], starts=1)
    assert result.verified and result.is_strict_local_optimum is True
    low, high = result.enclosure[x]
    if place is not None:
        assert low - Rational(1, 10**18) <= Rational(place) <= high + Rational(1, 10**18)


def test_programs_in_pieces_may_have_special_functions() -> None:
    names = symbols("v1:31")
    function = sum(sympy.besselj(1, v) * sympy.sin(v * w) + sympy.exp(v - w) for v, w in pairwise(names))
    compiled = compile_problem(Problem(function, over=names))
    place, slopes = np.linspace(0.5, 3, 30), np.empty(30)
    compiled.gradient(place, np.empty(0), slopes)
    exact = sympy.lambdify(names, [function.diff(names[0]), function.diff(names[29])], "mpmath")(*place.tolist())
    assert [slopes[0], slopes[29]] == pytest.approx([float(e) for e in exact], rel=1e-12)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sympy.besselj(Rational(1, 2), x), "the order of besselj must be an integer from -500 to 500"),
        (sympy.bessely(y, x), "the order of bessely must be an integer"),
        (sympy.polygamma(51, x), "the order of polygamma must be an integer from 0 to 50"),
        (sympy.LambertW(x, -1), "of LambertW only the principal branch"),
        (sympy.zeta(x), "zeta.* cannot be compiled: the functions are Abs, LambertW, Mod, acos"),
    ],
)
def test_what_has_no_compiled_form_is_refused(expression: Expr, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        compile_problem(Problem(expression, over=[x]))
