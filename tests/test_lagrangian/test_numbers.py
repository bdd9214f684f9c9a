"""Real algebraic numbers against SymPy's own, which are built in another way."""

import itertools

import flint
import pytest
import sympy
from flint import arb, fmpq, fmpq_poly, fmpz_poly
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Poly, Rational, symbols

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.matrices import determinant, inertia, null_space, rank, solve_combination
from lagrangian.algebra.numbers import FieldElement, compare, rational_point, real_roots
from lagrangian.algebra.polynomials import Ring, maximal_minors
from lagrangian.processes.calls import call_with_limit

x = symbols("x")
coefficients = st.lists(st.integers(-6, 6), min_size=2, max_size=6).filter(lambda c: c[-1] != 0 and any(c[:-1]))


def elements(polynomial: fmpz_poly) -> list[FieldElement]:
    return [FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus) for root in real_roots(polynomial)]


@settings(max_examples=60, deadline=None)
@given(coefficients)
def test_real_roots_are_those_that_sturm_counts(values: list[int]) -> None:
    polynomial = Poly(list(reversed(values)), x)
    found = real_roots(fmpz_poly(values))
    assert len(found) == Poly(polynomial).sqf_part().count_roots()
    floats = [float(root.enclosure(64)) for root in found]
    assert floats == sorted(floats)


@settings(max_examples=40, deadline=None)
@given(coefficients)
def test_closed_forms_are_roots_and_lie_in_the_enclosure(values: list[int]) -> None:
    for element in elements(fmpz_poly(values)):
        form = closed_form(element)
        number = sympy.N(form, 30)
        assert number.is_real
        assert abs(number - sympy.Float(str(element.enclosure(128).mid().str(40, radius=False)), 30)) < 1e-25
        if not form.has(sympy.CRootOf):
            assert (
                sympy.minimal_polynomial(form, x)
                == Poly([int(c) for c in reversed(element.number.modulus.coeffs())], x).as_expr()
            )


@settings(max_examples=40, deadline=None)
@given(coefficients, st.lists(st.integers(-3, 3), min_size=1, max_size=3), st.integers(-4, 4))
def test_field_arithmetic_agrees_with_sympy(values: list[int], inner: list[int], shift: int) -> None:
    found = elements(fmpz_poly(values))
    assume(found)
    t = found[0]
    element = FieldElement(t.root, fmpq_poly(inner) % t.root.rational_modulus)
    expected = sum(c * sympy.N(closed_form(t), 40) ** k for k, c in enumerate(inner))
    combined = element * element - element * 3 + shift
    assert (
        abs(sympy.Float(combined.enclosure(160).mid().str(40, radius=False), 40) - (expected**2 - 3 * expected + shift))
        < 1e-28
    )
    if not element.is_zero():
        assert (element * element.inverse() - 1).is_zero()
    assert element.sign() == (0 if element.is_zero() else (1 if expected > 0 else -1))


def test_comparison_is_exact_across_fields_and_for_near_ties() -> None:
    root_two = elements(fmpz_poly([-2, 0, 1]))[1]
    fourth_root_of_four = elements(fmpz_poly([-4, 0, 0, 0, 1]))[1]
    assert compare(root_two, fourth_root_of_four) == 0
    near = FieldElement(rational_point([0]).root, fmpq_poly([fmpq(6369051672525773, 4503599627370496)]))
    assert compare(root_two, near) == -1
    assert compare(near, root_two) == 1
    apart = real_roots(fmpz_poly([1, -4 * 10**40, 0, 4 * 10**40]))
    assert len(apart) == 3
    assert (elements(fmpz_poly([1, -4 * 10**40, 0, 4 * 10**40]))[2] - 1).sign() == -1


def test_sign_of_a_hidden_zero_is_zero() -> None:
    """sqrt(2) sqrt(3) - sqrt(6), through the field of sqrt(2) + sqrt(3)."""
    t = elements(fmpz_poly([1, 0, -10, 0, 1]))[3]
    # with t = sqrt(2) + sqrt(3): sqrt(2) = (t**3 - 9 t) / 2 and sqrt(3) = (11 t - t**3) / 2
    two = (t * t * t - t * 9) / 2
    three = (t * 11 - t * t * t) / 2
    assert (two * two - 2).sign() == 0
    assert ((two * three) * (two * three) - 6).sign() == 0
    assert closed_form(two) == sympy.sqrt(2)


def test_nested_roots_and_negative_ones() -> None:
    assert closed_form(elements(fmpz_poly([4, 0, 0, 1]))[0]) == -(2 ** Rational(2, 3))
    assert closed_form(elements(fmpz_poly([-1, -1, 1]))[0]) == Rational(1, 2) - sympy.sqrt(5) / 2
    quartic = closed_form(elements(fmpz_poly([2, 0, -4, 0, 1]))[3])
    assert quartic == sympy.sqrt(2 + sympy.sqrt(2))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 3).flatmap(lambda n: st.lists(st.integers(-3, 3), min_size=n * n, max_size=n * n)))
def test_inertia_and_determinant_agree_with_sympys_characteristic_polynomial(entries: list[int]) -> None:
    size = round(len(entries) ** 0.5)
    matrix = sympy.Matrix(size, size, entries)
    matrix = matrix + matrix.T
    point = rational_point([fmpq(int(v)) for v in matrix])
    rows = [list(point.coordinates[i * size : (i + 1) * size]) for i in range(size)]
    eigenvalues = Poly(matrix.charpoly().as_expr(), symbols("lambda"))
    zeros = next(k for k, c in enumerate(reversed(eigenvalues.all_coeffs())) if c != 0)
    signs = [c for c in eigenvalues.all_coeffs() if c != 0]
    positive = sum(int(a * b) < 0 for a, b in itertools.pairwise(signs))
    assert inertia(rows) == (positive, size - positive - zeros, zeros)
    assert determinant(rows).rational() == fmpq(int(matrix.det()))


def test_linear_algebra_over_a_field() -> None:
    one, two, root = elements(fmpz_poly([-2, 0, 1]))[1] * 0 + 1, None, elements(fmpz_poly([-2, 0, 1]))[1]
    two = one + 1
    rows = [[one, root], [root, two]]
    assert rank(rows) == 1
    (vector,) = null_space(rows, one, 2)
    assert all((a * vector[0] + b * vector[1]).is_zero() for a, b in rows)
    assert solve_combination([[one, root]], [root, two]) is not None
    assert solve_combination([[one, root]], [one, one]) is None


def test_minors_against_sympys_determinants() -> None:
    ring = Ring(symbols("x y z"))
    u, v, w = ring.generators
    rows = [[u, v * w, w], [v, u * u, u + 1]]
    expected = [rows[0][i] * rows[1][j] - rows[0][j] * rows[1][i] for i, j in ((0, 1), (0, 2), (1, 2))]
    assert maximal_minors(rows, ring.constant(1)) == expected


@pytest.mark.parametrize(
    "expression",
    [
        sympy.pi + sympy.sqrt(2),
        sympy.E * sympy.log(3),
        sympy.sin(2) ** 3 - sympy.cos(1),
        2**sympy.pi,
        sympy.atan(5) / 7,
        sympy.Max(sympy.sqrt(2), Rational(3, 2)),
        sympy.erf(1),
        sympy.CRootOf(x**5 - x + 1, 0) + 1,
        Rational(5, 3) ** Rational(-2, 7),
    ],
)
def test_balls_hold_the_value_to_fifty_digits(expression: sympy.Expr) -> None:
    ball = enclose(expression, 200)
    exact = sympy.N(expression, 50)
    assert abs(sympy.Float(ball.mid().str(60, radius=False), 55) - exact) < sympy.Float(10) ** -45


def test_what_cannot_be_evaluated_is_not_enclosed() -> None:
    assert enclose(sympy.zeta(3)) is None
    assert enclose(1 / (sympy.sqrt(2) * sympy.sqrt(3) - sympy.sqrt(6))) is None


def _same(value):
    return value


@settings(max_examples=10, deadline=None)
@given(st.integers(-(10**30), 10**30), st.integers(1, 10**20), st.integers(20, 400))
def test_numbers_and_polynomials_go_to_another_process_and_back(top: int, bottom: int, bits: int) -> None:
    value = fmpq(top, bottom)
    ring = Ring(sympy.symbols("x y"))
    polynomial = ring.polynomial(sympy.Rational(top, bottom) * ring.variables[0] ** 2 - ring.variables[1])
    for exact in (value, fmpq_poly([value, 1]), fmpz_poly([top, bottom]), polynomial, ring.primitive(polynomial)):
        assert call_with_limit(_same, (exact,), 10.0) == exact
    with flint.ctx.workprec(bits):
        ball = arb(value).sqrt() if top >= 0 else arb(value)
    assert call_with_limit(_same, (ball,), 10.0).contains(ball)
