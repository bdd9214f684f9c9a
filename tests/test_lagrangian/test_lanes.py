"""Vectors of eight numbers: every function is that of numbers, lane by lane, special values included."""

import math

import numpy as np
import pytest
from flint import arb, ctx
from numba import njit

from lagrangian.numeric import lanes
from lagrangian.numeric.lanes import FAST, WIDTH, maximum, minimum, negation, power, read, select, sign, write

SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    math.inf,
    -math.inf,
    math.nan,
    5e-324,
    -5e-324,
    2.0**-1022,
    1.7e308,
    -1.7e308,
    0.5,
    2.0,
]
COMPILED = {"nogil": True, "error_model": "numpy", "fastmath": FAST}
EACH_LANE = [
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "erf",
    "erfc",
]


def applied(function, *columns: np.ndarray) -> np.ndarray:
    """A function of vectors on columns of numbers, eight at a time."""
    count = len(columns[0])
    rows = -(-count // WIDTH)
    given = [np.resize(column, (rows, WIDTH)) for column in columns]
    out = np.empty((rows, WIDTH))
    if len(given) == 1:

        @njit(**COMPILED)
        def loop(x, out):
            for i in range(out.shape[0]):
                write(out, i, function(read(x, i)))

    else:

        @njit(**COMPILED)
        def loop(x, y, out):
            for i in range(out.shape[0]):
                write(out, i, function(read(x, i), read(y, i)))

    loop(*given, out)
    return out.ravel()[:count]


def by_numbers(function, *columns: np.ndarray) -> np.ndarray:
    """The same function on one number after the other."""
    if len(columns) == 1:

        @njit(**COMPILED)
        def loop(x, out):
            for i in range(len(out)):
                out[i] = function(x[i])

    else:

        @njit(**COMPILED)
        def loop(x, y, out):
            for i in range(len(out)):
                out[i] = function(x[i], y[i])

    out = np.empty(len(columns[0]))
    loop(*columns, out)
    return out


def same(left: np.ndarray, right: np.ndarray) -> bool:
    """Equal bit by bit but for the kind of nan."""
    both = np.isnan(left) & np.isnan(right)
    return bool((both | ((left == right) & (np.signbit(left) == np.signbit(right)))).all())


@pytest.mark.parametrize("name", EACH_LANE)
def test_functions_of_the_c_library_are_called_for_each_lane(name: str) -> None:
    values = np.r_[SPECIAL, np.random.default_rng(0).normal(size=500) * 3]
    one = getattr(math, name)
    function = njit(**COMPILED)(lambda x: one(x))
    assert same(applied(function, values), by_numbers(function, values))


@pytest.mark.parametrize("name", ["sqrt", "fabs", "floor", "ceil"])
def test_rounding_and_roots_are_exact(name: str) -> None:
    values = np.r_[SPECIAL, np.random.default_rng(1).normal(size=500) * 100]
    one = getattr(math, name)
    with np.errstate(invalid="ignore"):
        expected = getattr(np, name)(values)
    assert same(applied(njit(**COMPILED)(lambda x: one(x)), values), expected)


def units(found: np.ndarray, values: np.ndarray, exact) -> float:
    """The greatest error in units in the last place of the exact result, found with 120 bits."""
    before, ctx.prec = ctx.prec, 120
    try:
        errors = []
        for value, result in zip(values, found, strict=True):
            truth = exact(arb(float(value)))
            errors.append(abs(float(arb(float(result)) - truth)) / math.ulp(float(truth)))
        return max(errors)
    finally:
        ctx.prec = before


def test_exp_is_good_to_two_units() -> None:
    """By its docstring; from where results are subnormal (-708) to where they overflow (709.78)."""
    values = np.r_[np.random.default_rng(2).uniform(-708, 709.7, 4000), np.linspace(-1, 1, 401), 1e-300, -1e-300]
    found = applied(njit(**COMPILED)(lambda x: math.exp(x)), values)
    assert units(found, values, lambda v: v.exp()) <= 2


def test_log_is_good_to_two_units() -> None:
    """By its docstring; near 1, where the logarithm is small, and for subnormal numbers too."""
    random = np.random.default_rng(3)
    values = np.r_[
        np.exp(random.uniform(-700, 700, 3000)), 1 + random.normal(size=1000) * 0.3, 5e-324, 2.0**-1022, 1.7e308
    ]
    values = values[(values > 0) & (values != 1)]
    found = applied(njit(**COMPILED)(lambda x: math.log(x)), values)
    assert units(found, values, lambda v: v.log()) <= 2


def test_exp_and_log_of_special_values() -> None:
    values = np.array(SPECIAL)
    with np.errstate(all="ignore"):
        exponentials, logarithms = np.exp(values), np.log(values)
    found = applied(njit(**COMPILED)(lambda x: math.exp(x)), values)
    assert same(found[[0, 1, 4, 5, 6, 7, 8, 9, 10, 11]], exponentials[[0, 1, 4, 5, 6, 7, 8, 9, 10, 11]])
    found = applied(njit(**COMPILED)(lambda x: math.log(x)), values)
    finite = np.isfinite(logarithms)
    assert same(found[~finite], logarithms[~finite])
    assert found[2] == 0.0
    assert applied(njit(**COMPILED)(lambda x: math.exp(x)), np.array([800.0, -800.0, -745.0])).tolist() == [
        math.inf,
        0.0,
        5e-324,
    ]


PAIRS = {
    "add": lambda p, q: p + q,
    "subtract": lambda p, q: p - q,
    "multiply": lambda p, q: p * q,
    "divide": lambda p, q: p / q,
    "maximum": lambda p, q: maximum(p, q),
    "minimum": lambda p, q: minimum(p, q),
    "power": lambda p, q: power(p, q),
    "less": lambda p, q: select(p < q, 1.0, 0.0),
    "less_equal": lambda p, q: select(p <= q, 1.0, 0.0),
    "greater": lambda p, q: select(p > q, 1.0, 0.0),
    "greater_equal": lambda p, q: select(p >= q, 1.0, 0.0),
    "equal": lambda p, q: select(p == q, 1.0, 0.0),
    "unequal": lambda p, q: select(p != q, 1.0, 0.0),
    "both": lambda p, q: select((p > 0.0) & (q > 0.0), p, q),
    "either": lambda p, q: select((p > 0.0) | (q > 0.0), p, q),
    "neither": lambda p, q: select(negation(p > q), p, q),
    "sign": lambda p, q: sign(p) * 2.0 - q,
    "beside a number": lambda p, q: 2.0 - p / 3 + 1 * q,
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_operands_give_what_numbers_give(name: str) -> None:
    left, right = (grid.ravel() for grid in np.meshgrid(SPECIAL, SPECIAL))
    function = njit(**COMPILED)(PAIRS[name])
    assert same(applied(function, left, right), by_numbers(function, left, right))


def test_maximum_and_minimum_keep_what_is_not_a_number() -> None:
    values, nothing = np.array([1.0, -1.0, 0.0]), np.full(3, np.nan)
    for function in (maximum, minimum):
        for pair in ((values, nothing), (nothing, values)):
            assert np.isnan(applied(function, *pair)).all()


def test_without_compilation_the_words_mean_the_same_for_numbers() -> None:
    array = np.array([1.0, 2.0])
    lanes.write(array, 0, lanes.read(array, 1))
    assert array.tolist() == [2.0, 2.0]
    assert lanes.select(True, 1, 2) == 1
    assert lanes.negation(False) is True
