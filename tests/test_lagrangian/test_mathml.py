"""Formulas in MathML: well-formed, readable back to the same value, and written as in a book."""

import xml.etree.ElementTree as ET

import mpmath
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Eq, Ge, Rational, Symbol, symbols

from lagrangian.conditions.ordered_sum import ordered_sum, scaled
from lagrangian.problem.problem import Problem
from lagrangian.report.mathml import mathml
from tests.oracles import mathml_reader

x, y, multiplier, price = symbols("x y mu_1 price", positive=True)
PLACES = {x: Rational(7, 5), y: Rational(13, 3), multiplier: Rational(3, 7), price: Rational(11, 10)}
NAMES = {"x": x, "y": y, "μ_1": multiplier, "price": price}
DIGITS = 60

small = st.fractions(-9, 9, max_denominator=7).map(lambda f: Rational(f.numerator, f.denominator))
names = st.sampled_from(list(PLACES))
positive = st.recursive(
    names | small.filter(lambda q: q > 0),
    lambda inner: st.one_of(
        st.builds(sympy.Add, inner, inner),
        st.builds(sympy.Mul, inner, inner),
        st.builds(lambda a, b: a / b, inner, inner),
        st.builds(sympy.Pow, inner, st.sampled_from([-2, -1, 2, 3, Rational(1, 2), Rational(-2, 3), Rational(1, 3)])),
        st.builds(lambda a, b: sympy.Mul(a, b, evaluate=False), inner, inner),
        st.builds(lambda a, b: sympy.exp(a - b), names, small),
    ),
    max_leaves=5,
)
real = st.recursive(
    positive | small,
    lambda inner: st.one_of(
        st.builds(sympy.Add, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(sympy.Mul, inner, inner),
        st.builds(lambda a, b: sympy.Mul(a, -b, evaluate=False), inner, inner),
        st.builds(lambda a, b: sympy.Pow(-a, b, evaluate=False), inner, st.sampled_from([2, 3])),
        st.builds(lambda a, b: a / b, inner, positive),
        st.builds(sympy.Pow, positive, st.builds(lambda a, b: a - b, names, small)),
        st.builds(lambda a, b: ordered_sum([a, -b]), inner, inner),
        st.builds(lambda a, b, c: scaled(-a, ordered_sum([b, -c])), positive, inner, positive),
        st.builds(lambda f, a: f(a), st.sampled_from([sympy.sin, sympy.atan, sympy.Abs, sympy.tanh]), inner),
        st.builds(lambda a, b: sympy.Max(a, b), positive, positive),
        st.builds(lambda a: sympy.log(a) ** 2 * sympy.sin(a) ** 3, positive),
    ),
    max_leaves=5,
)


def computed(expression):
    """The value of an expression by SymPy's own arithmetic, ordered sums included."""
    plain = expression.replace(lambda e: type(e).__name__ == "OrderedSum", lambda e: sympy.Add(*e.args))
    plain = plain.replace(lambda e: type(e).__name__ == "ScaledSum", lambda e: sympy.Mul(*e.args))
    return plain.subs(PLACES).evalf(DIGITS)


def read(text):
    with mpmath.workdps(DIGITS):
        places = {shown: mpmath.mpf(PLACES[symbol].p) / PLACES[symbol].q for shown, symbol in NAMES.items()}
        return mathml_reader.value(text, places)


@settings(max_examples=60, deadline=None)
@given(real)
def test_the_formula_reads_back_to_the_same_value(expression):
    expected = computed(expression)
    assume(expected.is_finite and abs(expected) < 10**20)
    found = read(mathml(expression))
    with mpmath.workdps(DIGITS):
        assert abs(found - mpmath.mpmathify(expected)) <= mpmath.mpf(10) ** -25 * max(1, abs(found))


@pytest.mark.parametrize("relation", [sympy.Le, sympy.Ge, sympy.Lt, sympy.Gt, sympy.Eq, sympy.Ne])
def test_relations_keep_their_sides(relation):
    sign, left, right = read(mathml(relation(x - y, 3, evaluate=False)))
    assert sign == {"<=": "≤", ">=": "≥", "<": "<", ">": ">", "==": "=", "!=": "≠"}[relation.rel_op]
    assert abs(left - (mpmath.mpf(7) / 5 - mpmath.mpf(13) / 3)) < 1e-9 and right == 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "<mi>x</mi>"),
        ("lambda_2", "<msub><mi>λ</mi><mn>2</mn></msub>"),
        ("x10", "<msub><mi>x</mi><mn>10</mn></msub>"),
        ("mu'_1", "<msubsup><mi>μ</mi><mn>1</mn><mo>′</mo></msubsup>"),
        ("cost_max", "<msub><mi>cost</mi><mi>max</mi></msub>"),
        ("Omega", "<mi>Ω</mi>"),
        ("<b>&", "<mi>&lt;b&gt;&amp;</mi>"),
    ],
)
def test_names(name, expected):
    assert mathml(Symbol(name)) == expected


def shape(expression):
    """The formula without markup, in the order in which it is read."""
    return "".join(ET.fromstring(f"<math>{mathml(expression)}</math>").itertext()).replace("\u2062", "")


def test_terms_stand_where_the_text_form_has_them():
    a, b = symbols("x y")
    problem = Problem(a**2 + b**2, [a + b >= 1], over=[a, b])
    assert shape(problem.lagrangian().written) == "x2+y2−μ(x+y−1)"
    assert shape(2 * sympy.sqrt(x) - x * sympy.sin(y)) == "2x−xsin\u2061(y)"
    assert shape(Eq(multiplier * (x - 1), 0, evaluate=False)) == "μ1(x−1)=0"


@pytest.mark.parametrize(
    ("expression", "element"),
    [
        (x / 2, "mfrac"),
        (x / (y + 1), "mfrac"),
        (sympy.sqrt(x), "msqrt"),
        (sympy.cbrt(x), "mroot"),
        (x**2, "msup"),
        (sympy.Matrix([[1, x], [y, 0]]), "mtable"),
        (sympy.Piecewise((x, x > y), (0, True)), "mtable"),
    ],
)
def test_what_is_set_in_two_dimensions(expression, element):
    assert ET.fromstring(f"<math>{mathml(expression)}</math>").find(f".//{element}") is not None


def test_no_signs_but_those_that_are_needed():
    assert shape(-x / 2 - y) == "−x2−y"
    assert shape(x * (y - 1)) == "x(y−1)"
    assert shape((x * y) ** 2) == "x2y2"
    assert shape(3 * 2**x) == "3·2x"
    assert shape(4 * sympy.Integer(2) ** Rational(2, 3)) == "4·22/3"
    assert shape(4 * sympy.sqrt(2)) == "42"  # the root sign is between them
    assert shape(sympy.Abs(x - Symbol("z")) ** 3) == "|x−z|3"
    assert shape(sympy.Pow(-x, 2, evaluate=False)) == "(−x)2"


@pytest.mark.parametrize(
    "value",
    [
        sympy.oo,
        -sympy.oo,
        sympy.zoo,
        sympy.nan,
        sympy.true,
        sympy.Float("1.5e-12"),
        sympy.CRootOf(x**5 - x - 1, 0) + x,
        sympy.Derivative(x**2, x),
        sympy.Function("f<")(x),
        sympy.Integral(x**2, (x, 0, 1)),
        sympy.Interval.Lopen(0, 1),
        sympy.FiniteSet(1, x),
        sympy.EmptySet,
        sympy.And(x > 1, sympy.Or(y < 2, Ge(x, y))),
        sympy.zeros(0, 2),
        (x, y),
        {x: 1, y: Rational(1, 2)},
        "text <b>",
    ],
)
def test_anything_else_is_well_formed(value):
    ET.fromstring(f"<math>{mathml(value)}</math>")


def test_a_root_of_a_polynomial_is_held_together():
    assert "(root\u00a01\u00a0of\u00a0t5−t−1)" in shape(sympy.CRootOf(Symbol("z") ** 5 - Symbol("z") - 1, 0) + x)


def test_floats_with_powers_of_ten():
    assert abs(read(mathml(sympy.Float("-2.5e-12"))) / mpmath.mpf("-2.5e-12") - 1) < 1e-14
