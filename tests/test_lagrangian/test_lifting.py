"""Lifted problems have the old problem's points, and their new variables the values they stand for."""

import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from sympy import Abs, Max, Min, Rational, sqrt, symbols

from lagrangian import Problem, canonicalize
from lagrangian.problem.lifting import NotPolynomialError, lift
from lagrangian.problem.monotone import strip_outer_function
from tests.strategies import rationals

x, y = symbols("x y", real=True)
EXPRESSIONS = [
    1 / (1 + x**2) + y,
    sqrt(x**2 + y**2 + 1),
    Abs(x - y) + x / (y**2 + 2),
    Max(x, y, 1) - Min(x**2, y),
    (x**2 + 1) ** Rational(-3, 2),
    sqrt(2) * x + Abs(Abs(y) - 1),
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
@settings(max_examples=15, deadline=None)
@given(first=rationals(), second=rationals())
def test_new_variables_at_their_definitions_satisfy_the_lifted_problem(expression, first, second) -> None:
    canonical, _ = canonicalize(Problem(expression, over=[x, y]))
    polynomial, lifting = lift(canonical)
    point = dict(zip(canonical.variables, (first, second), strict=True))
    values = {**point, **{v: definition.subs(point) for v, definition in lifting.definitions.items()}}

    def at(member) -> float:
        return float(sympy.N(polynomial.ring.expression(member).subs(values), 30))

    assert abs(at(polynomial.objective) - float(canonical.objective.subs(point))) < 1e-12
    assert all(abs(at(h)) < 1e-12 for h in polynomial.equalities)
    assert all(at(g) < 1e-12 for g in (*polynomial.inequalities, *polynomial.facts))


def test_signs_of_quotients_are_facts_where_they_are_known() -> None:
    canonical, _ = canonicalize(Problem(1 / x, [x >= 0], over=[x]))
    polynomial, _ = lift(canonical)
    assert len(polynomial.facts) == 1
    open_sign, _ = lift(canonicalize(Problem(1 / x, over=[x]))[0])
    assert open_sign.facts == ()


def test_the_same_expression_gets_one_variable() -> None:
    polynomial, _ = lift(canonicalize(Problem(1 / (x + 3) + y / (x + 3) ** 2, over=[x, y]))[0])
    assert polynomial.dimension == 3


@pytest.mark.parametrize("objective", [sympy.exp(x) + x, sympy.pi * x, x**y, sympy.sin(x), x ** sympy.sqrt(2)], ids=str)
def test_what_cannot_be_lifted_is_named(objective) -> None:
    with pytest.raises(NotPolynomialError):
        lift(canonicalize(Problem(objective, over=[x, y]))[0])


def test_outer_exponentials_are_taken_off_with_their_sign() -> None:
    inner, outer = strip_outer_function(canonicalize(Problem(5 - 2 * sympy.exp(x * y), over=[x, y]))[0])
    assert inner.objective == -x * y
    assert outer.value(inner.objective) == 5 - 2 * sympy.exp(x * y)
    assert outer.value_at_minus_infinity == -sympy.oo
    assert strip_outer_function(canonicalize(Problem(sympy.exp(x) + x, over=[x]))[0]) is None


def test_primitive_integer_multiples_keep_sign_and_zeros() -> None:
    polynomial, _ = lift(canonicalize(Problem(-x / 6 + Rational(1, 4), over=[x]))[0])
    assert polynomial.ring.primitive(polynomial.objective).to_dict() == {(1,): -2, (0,): 3}
    assert polynomial.objective(fmpq(3, 2)) == 0
