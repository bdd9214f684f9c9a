"""Expressions become graphs: constants are the nearest floats, what occurs twice is read once, and the rest is refused."""

import mpmath
import pytest
import sympy
from sympy import Piecewise, Rational, cos, pi, sin, sqrt, symbols

from lagrangian import ProblemError
from lagrangian.numeric.graph import Graph
from lagrangian.numeric.reading import Reader

x, y = symbols("x y", real=True)


def reader() -> Reader:
    graph = Graph()
    return Reader(graph, {x: graph.input("x", 0), y: graph.input("x", 1)})


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        (Rational(1, 3), "0.33333333333333333333333333333333333"),
        (Rational(-(10**400) - 1, 10**399), "-10.000000000000000000000000000000000"),
        (pi, "3.1415926535897932384626433832795029"),
        (sympy.E**2, "7.3890560989306502272304274605750078"),
        (sqrt(2) + sqrt(3), "3.1462643699419723423291350657155704"),
        (sympy.log(2) / sympy.log(10), "0.30102999566398119521373889472449303"),
        (sympy.Float("1e-310"), "1e-310"),
    ],
)
def test_constants_are_the_nearest_floats(number: sympy.Expr, digits: str) -> None:
    made = reader()
    node = made.node(number)
    with mpmath.workdps(40):
        assert made.graph.value(node) == float(mpmath.mpf(digits))


def test_real_roots_that_radicals_write_with_complex_numbers_are_real() -> None:
    """t**3 - 3 t + 1 = 0 has the roots 2 cos(2 pi/9), 2 cos(4 pi/9), 2 cos(8 pi/9), in radicals with sqrt(-3) inside."""
    t = symbols("t")
    found = []
    for root in sympy.roots(t**3 - 3 * t + 1, t):
        assert root.has(sympy.I)
        made = reader()
        # SymPy must know that it is real: a root of a polynomial with three real roots is
        found.append(made.graph.value(made.node(sympy.re(root))))
    expected = [2 * sympy.cos(k * pi / 9) for k in (8, 4, 2)]
    assert sorted(found) == pytest.approx([float(number) for number in expected], rel=1e-15)


def test_what_occurs_twice_is_read_once() -> None:
    made = reader()
    made.node(sin(x * y) + cos(x * y) ** 2)
    count = len(made.graph.instructions)
    assert made.node(sin(y * x)) < count
    made.node((sin(x * y) + cos(x * y) ** 2) * x)
    assert len(made.graph.instructions) == count + 1


def test_divisions_are_joined() -> None:
    """x/(y z) has one division, and x/2 none."""
    made = reader()
    made.node(x / (y * sqrt(x)) / (x + y) ** 2 + x / 2)
    operations = [operation for operation, _ in made.graph.instructions]
    assert operations.count("divide") == 1


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (symbols("z") + x, "no value is given for this symbol"),
        (sqrt(-2) * x, "only real, finite numbers"),
        (sympy.zoo * Piecewise((x, x > 0), (1, True)), "cannot be compiled"),
        (sympy.oo * (x**2 + 1), "only real, finite numbers"),
        (sympy.besseli(0, x), r"besseli\(0, x\) cannot be compiled: the functions are Abs"),
        (sympy.Integral(sin(x**x), (x, 0, y)), "cannot be compiled: the functions are"),
        (10**400 + x, "floating point can hold"),
    ],
)
def test_what_is_refused(expression: sympy.Expr, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        reader().node(expression)


@pytest.mark.parametrize(("digits", "shown"), [(1000, "(1001 characters)"), (5000, "1.00000000000000e+5000")])
def test_long_numbers_are_not_printed_whole(digits: int, shown: str) -> None:
    with pytest.raises(ProblemError) as caught:
        reader().node(10**digits + x)
    assert len(str(caught.value)) < 300
    assert shown in str(caught.value)
