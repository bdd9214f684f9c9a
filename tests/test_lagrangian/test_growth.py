"""Orders of growth: limits and signs far out against ones known by hand, and what is beyond the scale."""

import math

import mpmath
import pytest
import sympy
from flint import arb
from sympy import Abs, E, Integer, Max, Rational, Symbol, atan, cos, exp, log, pi, sin, sqrt, tanh

from lagrangian.conditions.growth import expand
from lagrangian.conditions.growth_curves import GrowthCurve, is_feasible_along, limit_along
from lagrangian.conditions.orders_of_growth import (
    LOG,
    LOG_LOG,
    OutsideDomainError,
    UndecidedGrowthError,
    monomial,
    sign_of,
)
from lagrangian.problem.canonical import CanonicalProblem, Inequality

t = Symbol("t", real=True)
x = Symbol("x", real=True)

LIMITS = {
    exp(t) - t**5: sympy.oo,
    t**3 * exp(-(t**2)): 0,
    t * log(1 + 1 / t): 1,
    (1 + 1 / t) ** t: E,
    t ** (1 / t): 1,
    t**t: sympy.oo,
    sqrt(t**2 + 1) - t: 0,
    sqrt(t**2 + t) - t: Rational(1, 2),
    atan(t): pi / 2,
    atan(-(t**2)): -pi / 2,
    t * (pi / 2 - atan(t)): 1,
    log(1 + exp(t)) - t: 0,
    log(t) / sqrt(t): 0,
    -sqrt(t) / log(t): -sympy.oo,
    1 / log(t): 0,
    tanh(t): 1,
    t * sin(1 / t): 1,
    t**2 * (1 - cos(1 / t)): Rational(1, 2),
    sqrt(t) * sympy.acos(1 - 1 / t): sqrt(2),
    t * sympy.asin(-1 / t): -1,
    t - log(t): sympy.oo,
    t + 3 * sin(t): sympy.oo,
    Max(t, 7) - Abs(3 - t): 3,
    2**t - exp(t): -sympy.oo,
    t ** sqrt(2) - t: sympy.oo,
    exp(2 + 1 / t): E**2,
    (t**2 + 3 * t) / (2 * t**2 - 1): Rational(1, 2),
    exp(sqrt(t)) / t**9: sympy.oo,
    exp(log(t) ** 2) / t**3: sympy.oo,
}


@pytest.mark.parametrize("function", LIMITS, ids=str)
def test_limits(function: sympy.Expr) -> None:
    assert expand(function, t, Integer(2**20)).limit() == LIMITS[function]


@pytest.mark.parametrize("function", LIMITS, ids=str)
@pytest.mark.parametrize("start", [2**6, 2**14])
def test_signs_hold_from_the_start_on(function: sympy.Expr, start: int) -> None:
    """Where a sign is claimed, the function has it at the start and at points beyond."""
    shifted = function - LIMITS[function] if LIMITS[function] not in (sympy.oo, -sympy.oo) else function
    try:
        sign = expand(shifted, t, Integer(start)).sign()
    except UndecidedGrowthError:
        return
    evaluated = sympy.lambdify(t, shifted, "mpmath")
    with mpmath.workdps(200):
        for factor in (1, 1.5, 10, 500):
            value = evaluated(mpmath.mpf(start) * factor)
            # a difference that is lost in 200 digits says nothing
            assert abs(value) < mpmath.mpf(10) ** -150 or mpmath.sign(value) == sign


def test_some_signs_need_a_late_start() -> None:
    # exp(t / 10) passes t**4 between t = 128 and t = 256
    assert expand(exp(t / 10) - t**4, t, Integer(1024)).sign() == 1
    with pytest.raises(UndecidedGrowthError):
        expand(exp(t / 10) - t**4, t, Integer(64)).sign()


@pytest.mark.parametrize(
    "function", [sqrt(1 - t), log(-t), log(1 / t - 1), (3 - t) ** Rational(1, 3), t * log(2 - t), sympy.asin(t)]
)
def test_functions_that_are_undefined_far_out(function: sympy.Expr) -> None:
    with pytest.raises(OutsideDomainError):
        expand(function, t, Integer(64))


@pytest.mark.parametrize(
    "function", [log(log(t)), exp(exp(t)), sin(t), sympy.asin(Rational(1, 2) + 1 / t), exp(t * sin(t))]
)
def test_functions_beyond_the_scale(function: sympy.Expr) -> None:
    with pytest.raises(UndecidedGrowthError):
        expand(function, t, Integer(64)).limit()


def test_powers_of_negative_numbers_are_not_called_undefined() -> None:
    """(-2)**t is a real number for integers t."""
    with pytest.raises(UndecidedGrowthError):
        expand(Integer(-2) ** t, t, Integer(16))


def test_a_root_of_a_negative_function_is_not_squared_away() -> None:
    problem = CanonicalProblem(-sqrt(x) * sqrt(x**3), (), (), (x,), (), (), frozenset())
    assert is_feasible_along(problem, GrowthCurve(t, {x: -t}, Integer(4), 3)) is False
    assert is_feasible_along(problem, GrowthCurve(t, {x: t}, Integer(4), 3)) is True


def test_monomials_are_ordered_and_enclosed() -> None:
    fast = monomial({(Integer(1), Integer(0), 0): Integer(1), LOG: Integer(-3)})
    slow = monomial({LOG: Rational(1, 2), LOG_LOG: Integer(-4)})
    assert (fast.order, slow.order, (slow / fast).order, (fast / fast).order) == (1, 1, -1, 0)
    assert abs(float((slow / fast).at(Integer(20))) - math.sqrt(20) / math.log(20) ** 4 * 8000 / math.exp(20)) < 1e-12
    # t**3 exp(-t) rises until t = 3, and t**(1/2) log(t)**-4 falls until log(t) = 8
    falling = fast.power(Integer(-1))
    assert falling.falls_from(Integer(4)) and not fast.falls_from(Integer(4))
    assert not slow.falls_from(Integer(8)) and not slow.power(Integer(-1)).falls_from(Integer(8))
    assert slow.power(Integer(-1)).falls_from(Integer(3000))


def test_integer_times_give_sequences() -> None:
    k = Symbol("k", integer=True)
    problem = CanonicalProblem(x * sin(x), (), (), (x,), (), (), frozenset())
    curve = GrowthCurve(k, {x: (k + Rational(3, 4)) * 2 * pi}, Integer(4), 3)
    assert limit_along(problem.objective, curve) == -sympy.oo
    assert limit_along(problem.objective, GrowthCurve(t, {x: t}, Integer(4), 3)) is None


def test_feasibility_along_curves() -> None:
    def problem(constraint: sympy.Expr, *, strict: bool) -> CanonicalProblem:
        inequality = Inequality(constraint, sympy.Le(constraint, 0, evaluate=False), strict)
        return CanonicalProblem(x, (inequality,), (), (x,), (), (), frozenset())

    curve = GrowthCurve(t, {x: 1 + 1 / t}, Integer(8), 3)
    assert is_feasible_along(problem(1 - x, strict=True), curve) is True
    assert is_feasible_along(problem(x - 1, strict=False), curve) is False
    assert is_feasible_along(problem(x - x, strict=False), curve) is True
    assert is_feasible_along(problem(x - x, strict=True), curve) is False
    assert is_feasible_along(problem(1 - x, strict=True), GrowthCurve(t, {x: 1 + 1 / t}, Integer(2), 3)) is None


def test_signs_of_numbers_are_exact() -> None:
    assert [sign_of(value) for value in (log(4) - 2 * log(2), exp(1) - 3, pi**2 - 9)] == [0, -1, 1]
    assert isinstance(monomial({LOG: pi}).at(Integer(10)), arb)
