"""What can be stated, and the one clear error for what cannot."""

import math

import pytest
import sympy
from sympy import And, Eq, Function, Gt, I, Interval, Matrix, Ne, Or, Rational, Symbol, oo, pi, sin, sqrt, symbols, zoo

from lagrangian import Problem, ProblemError, Sense

x, y, b = symbols("x y b")


def test_bounds_assumptions_and_constraints_are_all_constraints() -> None:
    p = Symbol("p", positive=True)
    problem = Problem(p + x, [Eq(p + x, 3)], over=[p, x], bounds={x: (None, 2)})
    assert problem.all_constraints == (Eq(p + x, 3, evaluate=False), sympy.Le(x, 2), Gt(p, 0, evaluate=False))


@pytest.mark.parametrize(
    ("assumption", "relation"),
    [("positive", sympy.Gt), ("negative", sympy.Lt), ("nonnegative", sympy.Ge), ("nonpositive", sympy.Le)],
)
def test_symbol_assumptions_become_relations(assumption: str, relation: type) -> None:
    variable = Symbol("v", **{assumption: True})
    assert Problem(variable, over=[variable]).implied_constraints == (relation(variable, 0, evaluate=False),)


def test_integer_symbols_are_integer_variables() -> None:
    n = Symbol("n", integer=True)
    assert Problem(n + x, over=[n, x], integers=[x]).integers == {n, x}


def test_decimals_are_read_as_the_exact_decimal() -> None:
    problem = Problem(0.1 * x, [x <= 0.3], over=[x])
    assert problem.objective == x / 10
    assert problem.constraints == (sympy.Le(x, Rational(3, 10)),)


def test_without_over_every_symbol_is_a_variable_and_with_it_the_others_are_parameters() -> None:
    assert Problem(x * y, [x <= b]).over == (b, x, y)
    assert Problem(x * y, [x <= b], over=[x, y]).parameters == (b,)


def test_and_is_taken_apart() -> None:
    assert set(Problem(x, [And(x > 0, x < 1)], over=[x]).constraints) == {x > 0, x < 1}


def test_sense_by_name() -> None:
    assert Problem(x, [x <= 1], over=[x], sense="max").sense is Sense.MAXIMIZE


ERRORS = [
    (lambda: Problem(x, [x == y], over=[x]), "constraint 1 is the Python bool False; write Eq(a, b) instead of a == b"),
    (lambda: Problem(x, [x <= 1, True], over=[x]), "constraint 2 is the Python bool True"),
    (lambda: Problem(x, [sympy.Le(1, 2)], over=[x]), "constraint 1 has collapsed to True"),
    (lambda: Problem(x, [Or(x < 0, x > 1)], over=[x]), "alternatives are not supported"),
    (lambda: Problem(x, [Ne(x, 1)], over=[x]), "a set without one point cannot be optimized over"),
    (lambda: Problem(x, ["x <= 1"], over=[x]), "constraint 1 is the text 'x <= 1'"),
    (lambda: Problem(x, [x + 1], over=[x]), "constraint 1 is x + 1, which is no relation; write Eq(a, b)"),
    (lambda: Problem(x, [Interval(0, 1)], over=[x]), "which is no relation"),
    (lambda: Problem(x, 5, over=[x]), "the constraints are 5; write a list of relations"),
    (lambda: Problem(x < 1, over=[x]), "the objective is the relation x < 1"),
    (lambda: Problem(True, over=[x]), "the objective is the truth value True"),
    (lambda: Problem("x**2", over=[x]), "the objective is the text 'x**2'"),
    (lambda: Problem(Matrix([x]), over=[x]), "write one scalar SymPy expression"),
    (lambda: Problem(object(), over=[x]), "of type object; write a SymPy expression"),
    (lambda: Problem(I * x, over=[x]), "the objective, I*x, contains I: complex data"),
    (
        lambda: Problem(Function("f")(x) + 1, over=[x]),
        "the objective, f(x) + 1, contains f(x), a function without a formula",
    ),
    (lambda: Problem(x + oo, over=[x]), "infinite data; every number must be real and finite"),
    (lambda: Problem(x, [Eq(x, zoo, evaluate=False)], over=[x]), "constraint 1, zoo, contains zoo: infinite data"),
    (lambda: Problem(x * sympy.nan, over=[x]), "not a number"),
    (lambda: Problem(x + math.inf, over=[x]), "every number must be real and finite"),
    (lambda: Problem(sqrt(-2), over=[x]), "every number must be real and finite"),
    (lambda: Problem(3), "the problem has no variables; name them with over=[x, y]"),
    (lambda: Problem(x, over=[]), "the problem has no variables"),
    (lambda: Problem(x, over=["x"]), "over contains 'x', which is no symbol"),
    (lambda: Problem(x, over=[x, x]), "over names x more than once"),
    (lambda: Problem(x, over=[x, Symbol("i", imaginary=True)]), "the variable i is declared not to be real and finite"),
    (lambda: Problem(x + Symbol("x", real=True), over=[x]), "two different symbols are called x"),
    (lambda: Problem(x + Symbol("q", imaginary=True), over=[x]), "the parameter q is declared not to be real"),
    (lambda: Problem(x, over=[x], bounds={y: (0, 1)}), "bounds name y, which is not among the variables x"),
    (lambda: Problem(x, over=[x], bounds={x: 3}), "the bounds of x are 3; write (low, high)"),
    (lambda: Problem(x, over=[x, y], bounds={x: (y, None)}), "the bound y of x depends on variables"),
    (lambda: Problem(x, over=[x], bounds={x: (oo, None)}), "a bound of x, oo, contains oo: infinite data"),
    (lambda: Problem(x, over=[x], bounds={x: (None, -math.inf)}), "every number must be real and finite"),
    (
        lambda: Problem(1, over=[Symbol("u", nonzero=True)]),
        "the variable u is declared nonzero, which is no constraint",
    ),
    (lambda: Problem(1, over=[Symbol("u", rational=True)]), "the variable u is declared rational"),
    (lambda: Problem(1, over=[Symbol("u", odd=True)]), "the variable u is declared odd"),
    (lambda: Problem(x, over=[x], integers=[y]), "integers name y, which is not among the variables x"),
    (lambda: Problem(x, over=[x], sense="least"), "the sense is 'least'; write 'min' or 'max'"),
]


@pytest.mark.parametrize(("statement", "message"), ERRORS)
def test_each_misuse_has_one_clear_error(statement, message: str) -> None:
    with pytest.raises(ProblemError) as caught:
        statement()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_nothing_that_makes_sense_is_refused() -> None:
    Problem(sin(pi * x) + sqrt(x), [x <= pi, Eq(y, sqrt(2))], over=[x, y])
