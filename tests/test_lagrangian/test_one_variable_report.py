"""The sign of the derivative in one variable: what is not decided is told as that, and ends are found by their value."""

import sympy
from sympy import Integer, cbrt, sqrt, symbols

from lagrangian.report.one_variable import Interval, _rows

x = symbols("x", real=True)


def test_where_a_value_is_not_known_to_be_real_nothing_is_said_of_it():
    interval = Interval(Integer(0), Integer(4), True, True)
    (unknown,) = _rows(sympy.Function("f")(x), x, x, interval, [], [])
    (imaginary,) = _rows(sqrt(x - 5), x, x, interval, [], [])
    assert unknown[1:] == ("", "not decided") and imaginary[1:] == ("", "not defined")


def test_an_end_is_in_the_interval_however_it_is_written():
    end, same = cbrt(sqrt(5) + 2) - cbrt(sqrt(5) - 2), Integer(1)
    assert end != same
    assert Interval(Integer(0), end, True, True).holds(same)
    assert not Interval(Integer(0), end, True, False).holds(same)
    assert not Interval(-sympy.oo, sympy.Rational(1, 2), False, True).holds(same)
