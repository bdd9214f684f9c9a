"""The table of conjugates: Fenchel and Young's inequality at random points, equality at the gradient, infinite elsewhere."""

import random

import pytest
import sympy
from sympy import Integer, Rational, Symbol

from lagrangian.duality import conjugates as table
from lagrangian.duality.dual_pieces import met

HALF, THIRD = Rational(1, 2), Rational(1, 3)
# entry, parameters, and how many arguments lie in which set
ENTRIES = [
    (table.EXP, (), "real", 1),
    (table.NEGATIVE_LOG, (), "positive", 1),
    (table.ENTROPY, (), "positive", 1),
    (table.ABS, (), "real", 1),
    (table.EVEN_POWER, (Integer(4),), "real", 1),
    (table.EVEN_POWER, (Rational(3, 2),), "real", 1),
    (table.POWER_ABOVE_ONE, (Integer(3),), "positive", 1),
    (table.POWER_ABOVE_ONE, (Rational(5, 2),), "positive", 1),
    (table.POWER_BELOW_ONE, (THIRD,), "positive", 1),
    (table.NEGATIVE_POWER, (Integer(-1),), "positive", 1),
    (table.NEGATIVE_POWER, (Rational(-5, 2),), "positive", 1),
    (table.NORM, (Integer(2), Integer(1), Integer(3)), "real", 2),
    (table.NORM, (Integer(0), Integer(1), Integer(3)), "real", 2),
    (table.NEGATIVE_CAP, (Integer(50), Integer(1), Integer(2)), "real", 2),
    (table.GEOMETRIC_MEAN, (THIRD, Rational(2, 3)), "positive", 2),
    (table.GEOMETRIC_MEAN, (THIRD, THIRD), "positive", 2),
    (table.SQUARE_OVER_LINEAR, (), "positive", 2),
    (table.RECIPROCAL_PRODUCT, (Integer(1), HALF), "positive", 2),
    (table.RECIPROCAL_PRODUCT, (Integer(1), Integer(2), THIRD), "positive", 3),
    (table.POWER_OVER_PRODUCT, (Integer(3), Integer(1), Integer(1)), "positive", 3),
    (table.POWER_OVER_PRODUCT, (Integer(3), Integer(1)), "positive", 2),
    (table.POWER_OVER_PRODUCT, (Rational(5, 2), HALF, THIRD), "positive", 3),
    (table.RELATIVE_ENTROPY, (), "positive", 2),
    (table.MAXIMUM, (), "real", 3),
    (table.MAXIMUM_OF_SIZES, (), "real", 3),
    (table.LOG_SUM_EXP, (), "real", 3),
    (table.LOG_ONE_PLUS_EXP, (), "real", 2),
    (table.NEGATIVE_LOG_DET, (), "matrix", 3),
]
IDS = [f"{entry.name}-{number}" for number, (entry, *_) in enumerate(ENTRIES)]


def point(kind, count, source):
    numbers = [Rational(source.randint(1, 12), 4) for _ in range(count)]
    if kind == "real":
        return [source.choice([-1, 1]) * number for number in numbers]
    if kind == "matrix":
        third = Rational(source.randint(-8, 8), 4)
        return [numbers[0], (third**2 + numbers[1]) / numbers[0], third]
    return numbers


def value(entry, weight, slopes, parameters):
    """The infimum by the table, or minus infinity where no piece holds."""
    held = [p.value for p in entry.infimum(weight, slopes, parameters) if met(p.conditions, {}) is True]
    return held[0] if held else -sympy.oo


def at(entry, weight, slopes, y, parameters):
    return weight * entry.function(y, parameters) + sum(z * e for z, e in zip(slopes, y, strict=True))


@pytest.mark.parametrize(("entry", "parameters", "kind", "count"), ENTRIES, ids=IDS)
def test_the_infimum_is_a_lower_bound_and_attained_at_the_gradient(entry, parameters, kind, count):
    source = random.Random(7)
    symbols = [Symbol(f"y{i}", real=True) for i in range(count)]
    function = entry.function(symbols, parameters)
    for _ in range(8):
        place, weight = point(kind, count, source), Rational(source.randint(1, 8), 3)
        here = dict(zip(symbols, place, strict=True))
        slopes = [sympy.simplify(-weight * sympy.diff(function, y).subs(here)) for y in symbols]
        least = value(entry, weight, slopes, parameters)
        assert abs(sympy.N(least - at(entry, weight, slopes, place, parameters), 40)) < 1e-30
        for _ in range(6):
            other = point(kind, count, source)
            assert sympy.N(at(entry, weight, slopes, other, parameters) - least, 40) > -1e-30


@pytest.mark.parametrize(("entry", "parameters", "kind", "count"), ENTRIES, ids=IDS)
def test_random_slopes_give_a_lower_bound(entry, parameters, kind, count):
    source = random.Random(11)
    for weight in (Integer(0), HALF, Integer(3)):
        for _ in range(6):
            slopes = [Rational(source.randint(-6, 6), 2) for _ in range(count)]
            least = value(entry, weight, slopes, parameters)
            for _ in range(6):
                place = point(kind, count, source)
                assert least == -sympy.oo or sympy.N(at(entry, weight, slopes, place, parameters) - least, 40) > -1e-30


UNBOUNDED = [
    (table.EXP, (), 1, [1], lambda t: [-t]),
    (table.EXP, (), 0, [-1], lambda t: [t]),
    (table.EXP, (), -1, [0], lambda t: [sympy.log(t)]),
    (table.NEGATIVE_LOG, (), 2, [-1], lambda t: [t]),
    (table.NEGATIVE_LOG, (), 0, [-1], lambda t: [t]),
    (table.ENTROPY, (), 0, [-1], lambda t: [t]),
    (table.ABS, (), 1, [Rational(3, 2)], lambda t: [-t]),
    (table.ABS, (), 1, [Rational(-3, 2)], lambda t: [t]),
    (table.EVEN_POWER, (Integer(4),), 0, [1], lambda t: [-t]),
    (table.POWER_ABOVE_ONE, (Integer(3),), 0, [-1], lambda t: [t]),
    (table.POWER_BELOW_ONE, (HALF,), 1, [0], lambda t: [t**2]),
    (table.NEGATIVE_POWER, (Integer(-1),), 1, [-1], lambda t: [t]),
    (table.NORM, (Integer(1), Integer(1), Integer(1)), 1, [1, 1], lambda t: [-t, -t]),
    (table.GEOMETRIC_MEAN, (HALF, HALF), 3, [1, 1], lambda t: [t, t]),
    (table.GEOMETRIC_MEAN, (THIRD, THIRD), 1, [0, 1], lambda t: [t**4, 1]),
    (table.SQUARE_OVER_LINEAR, (), 1, [3, 1], lambda t: [-3 * t / 2, t]),
    (table.RECIPROCAL_PRODUCT, (Integer(1), HALF), 1, [-1, 0], lambda t: [t, 1]),
    (table.POWER_OVER_PRODUCT, (Integer(3), Integer(1)), 1, [-1, 0], lambda t: [t, t**3]),
    (table.POWER_OVER_PRODUCT, (Integer(2), Integer(1)), 1, [-3, 2], lambda t: [3 * t / 2, t]),
    (table.POWER_OVER_PRODUCT, (Integer(3), Integer(1)), 0, [-1, 2], lambda t: [3 * t, t]),
    (table.RELATIVE_ENTROPY, (), 1, [-2, Rational(1, 5)], lambda t: [t * sympy.E, t]),
    (table.MAXIMUM, (), 1, [-2, 0], lambda t: [t, t]),
    (table.MAXIMUM, (), 1, [Rational(1, 2), Rational(-3, 2)], lambda t: [-t, 0]),
    (table.MAXIMUM_OF_SIZES, (), 1, [1, Rational(-1, 2)], lambda t: [-t, t]),
    (table.LOG_SUM_EXP, (), 1, [-2, 0], lambda t: [t, t]),
    (table.LOG_ONE_PLUS_EXP, (), 1, [-2], lambda t: [t]),
    (table.LOG_ONE_PLUS_EXP, (), 1, [1], lambda t: [-t]),
    (table.NEGATIVE_LOG_DET, (), 1, [1, 1, 3], lambda t: [t, t, -t + 1 / t]),
]


@pytest.mark.parametrize(("entry", "parameters", "weight", "slopes", "ray"), UNBOUNDED)
def test_where_no_piece_holds_a_ray_goes_to_minus_infinity(entry, parameters, weight, slopes, ray):
    weight, slopes = Integer(weight), [sympy.Rational(s) for s in slopes]
    if weight >= 0:
        assert value(entry, weight, slopes, parameters) == -sympy.oo
    values = [sympy.N(at(entry, weight, slopes, ray(Integer(10) ** k), parameters)) for k in (6, 12)]
    assert values[1] < values[0] < 0 and values[1] < -1e6


# the convex functions whose negative weights leave the infimum finite: with weight -1, the least value is known
FINITE_BELOW = [
    (table.POWER_BELOW_ONE, (HALF,), [2], 0),
    (table.GEOMETRIC_MEAN, (HALF, THIRD), [1, 0], 0),
    (table.NEGATIVE_CAP, (Integer(4), Integer(1), Integer(1)), [3, 4], -10),
]


@pytest.mark.parametrize(("entry", "parameters", "slopes", "least"), FINITE_BELOW)
def test_negative_weights(entry, parameters, slopes, least):
    slopes = [Integer(s) for s in slopes]
    assert [p.value for p in entry.below(Integer(-1), slopes, parameters) if met(p.conditions, {})] == [least]
    source = random.Random(3)
    for _ in range(20):
        place = [Rational(source.randint(0, 10), 8) for _ in slopes]
        assert sympy.N(at(entry, Integer(-1), slopes, place, parameters)) >= least


def test_every_entry_of_the_table_is_tested():
    assert {entry.name for entry, *_ in ENTRIES} == {entry.name for entry in table.TABLE}
