"""Numbers in answers: closed forms against SymPy's minimal polynomials, intervals and digits against the definition."""

import math

import flint
import pytest
import sympy
from flint import arb, fmpq, fmpq_poly, fmpz_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import CRootOf, Eq, Float, Integer, Poly, Rational, cos, pi, sqrt, symbols

from lagrangian import maximize, minimize
from lagrangian.algebra.closed_form import ROOT_SYMBOL
from lagrangian.algebra.numbers import FieldElement, real_roots
from lagrangian.algebra.radicals import readable_form
from lagrangian.exact_numbers import EnclosedNumber, ExactNumber, ends

x = symbols("x", real=True)
cubics_and_quartics = st.lists(st.integers(-5, 5), min_size=4, max_size=5).filter(lambda c: c[-1] != 0 and any(c[:-1]))


def elements(coefficients: list[int]) -> list[FieldElement]:
    roots = real_roots(fmpz_poly(coefficients))
    return [FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus) for root in roots]


@settings(max_examples=60, deadline=None)
@given(cubics_and_quartics)
def test_readable_forms_are_the_numbers(coefficients: list[int]) -> None:
    for element in elements(coefficients):
        form = readable_form(element)
        near = Float(element.enclosure(160).mid().str(40, radius=False), 40)
        assert abs(sympy.N(form, 40) - near) < Float("1e-30")


@settings(max_examples=20, deadline=None)
@given(st.integers(-4, 4), st.integers(-4, 4), st.integers(1, 4), st.sampled_from([2, 3, 5]), st.integers(0, 1))
def test_planted_nested_square_roots_are_found(a: int, b: int, c: int, radicand: int, which: int) -> None:
    """a + b sqrt(d) + sqrt(c + 6 + sqrt(d)): degree four with a quadratic subfield."""
    planted = a + b * sqrt(radicand) + sqrt(c + 6 + sqrt(radicand)) * (-1) ** which
    polynomial = sympy.minimal_polynomial(planted, x, polys=True)
    coefficients = [int(v) for v in reversed(polynomial.clear_denoms(convert=True)[1].all_coeffs())]
    forms = [readable_form(element) for element in elements(coefficients)]
    assert not any(form.has(CRootOf) for form in forms)
    assert min(abs(sympy.N(form - planted, 30)) for form in forms) < 1e-25


@pytest.mark.parametrize("order", [7, 9, 11, 13, 14, 18, 28])
def test_cosines_are_recognized_under_affine_changes(order: int) -> None:
    polynomial = fmpq_poly(fmpz_poly.cos_minpoly(order))(fmpq_poly([fmpq(1, 3), fmpq(-2, 5)])).numer()
    found = [readable_form(e) for e in elements([int(c) for c in polynomial.coeffs()])]
    assert len(found) == sympy.totient(order) // 2
    # 2 cos(2 pi k / n) = 1/3 - 2/5 z
    expected = {
        sympy.expand(Rational(5, 6) - 5 * cos(2 * pi * k / order))
        for k in range(1, order // 2 + 1)
        if sympy.gcd(k, order) == 1
    }
    assert set(found) == expected


def test_casus_irreducibilis_without_cosines_of_rational_angles_stays_a_root() -> None:
    """x^3 - 4 x + 1 has three real roots and no real radicals for them (Wantzel 1843)."""
    forms = [readable_form(element) for element in elements([1, -4, 0, 1])]
    assert forms == [CRootOf(Poly(ROOT_SYMBOL**3 - 4 * ROOT_SYMBOL + 1), k) for k in range(3)]


@settings(max_examples=60, deadline=None)
@given(cubics_and_quartics, st.integers(1, 40), st.sampled_from([1, -1]))
def test_intervals_and_digits(coefficients: list[int], digits: int, sign: int) -> None:
    for element in elements(coefficients):
        number = ExactNumber(element, sign)
        low, high = number.interval(digits)
        assert high - low <= Rational(2, 10**digits)
        with flint.ctx.workprec(400):
            fine = element.enclosure(400) * sign
            ends = [arb(fmpq(int(end.p), int(end.q))) for end in (low, high)]
            assert not fine < ends[0] and not fine > ends[1]
        shown = Rational(number.decimal(digits))
        exact = sympy.N(number.expression, digits + 30)
        # cut off: towards zero, by less than one unit of the last digit
        unit = Rational(1, 10 ** len(number.decimal(digits).partition(".")[2]))
        assert abs(shown) <= abs(exact) + Float("1e-60") and abs(exact) - abs(shown) < unit


@settings(max_examples=40, deadline=None)
@given(cubics_and_quartics, st.sampled_from([1, -1]))
def test_minimal_polynomials(coefficients: list[int], sign: int) -> None:
    for element in elements(coefficients):
        polynomial = ExactNumber(element, sign).minimal_polynomial
        assert polynomial.is_irreducible and polynomial.LC() > 0 and polynomial.primitive()[0] == 1
        value = arb(0)
        with flint.ctx.workprec(200):
            for coefficient in polynomial.all_coeffs():
                value = value * (element.enclosure(200) * sign) + int(coefficient)
            assert value.contains(0)


def test_numbers_that_are_expressions() -> None:
    assert ExactNumber(Rational(1, 5)).decimal(3) == "0.200"
    assert ExactNumber(Integer(-12345)).decimal(3) == "-12345"
    assert ExactNumber(Rational(-1, 3000)).decimal(4) == "-0.0003333"
    assert ExactNumber(sympy.log(2)).minimal_polynomial is None
    assert ExactNumber(sympy.log(2)).decimal(10) == "0.6931471805"
    assert ExactNumber(sqrt(2) / 2).minimal_polynomial == Poly(2 * ROOT_SYMBOL**2 - 1, ROOT_SYMBOL)
    assert ExactNumber(x).interval() is None


def test_enclosed_numbers_claim_no_more_than_they_know() -> None:
    number = EnclosedNumber(0.5, arb("0.5", "0.001"))
    low, high = number.interval(12)
    assert low <= Rational(499, 1000) and high >= Rational(501, 1000)
    assert number.decimal(10) is None
    assert EnclosedNumber(0.5).interval() is None


def test_explanations_show_polynomial_interval_and_digits() -> None:
    told = minimize(x**6 / 6 - x**2 / 2 + x, over=[x]).explain()
    root = CRootOf(x**5 - x + 1, 0)
    assert "root 1 of t⁵ - t + 1" in told
    assert f"x begins with         {str(sympy.N(root, 40))[:31]}" in told
    assert "x lies in             [-1.167303978261419, -1.167303978261418]" in told


def test_a_regular_heptagon() -> None:
    """cos(2 pi / 7) is the largest root of 8 x^3 + 4 x^2 - 4 x - 1."""
    solution = maximize(x, [Eq(8 * x**3 + 4 * x**2 - 4 * x - 1, 0)], over=[x])
    assert solution.points == ({x: cos(2 * pi / 7)},)


@pytest.mark.parametrize("power", [10, 30, 100])
def test_floats_are_right_where_cancellation_eats_the_digits(power: int) -> None:
    """The fractional part of 10**k sqrt(2), by its definition in integers."""
    (root,) = (r for r in real_roots(fmpz_poly([-2, 0, 1])) if r.enclosure(64) > 0)
    whole = math.isqrt(2 * 10 ** (2 * power))
    number = ExactNumber(FieldElement(root, fmpq_poly([-whole, 10**power])))
    further = math.isqrt(2 * 10 ** (2 * power + 60)) - whole * 10**30
    assert float(number) == pytest.approx(further / 10**30, rel=1e-15)
    low, high = ends(number.ball())
    assert low < Rational(further + 1, 10**30) and Rational(further, 10**30) < high
    assert high - low < Rational(1, 10**18)


def test_a_zero_that_is_not_seen_to_be_one_has_a_tiny_ball() -> None:
    number = ExactNumber(sympy.Add(sqrt(2) * sqrt(3), -sqrt(6), evaluate=False))
    assert abs(float(number)) < 1e-100
