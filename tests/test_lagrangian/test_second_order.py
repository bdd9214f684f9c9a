"""Classification against planted Hessians and against the definition, by looking around the point."""

import itertools

import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Matrix, Rational, symbols

from lagrangian import Kind, Problem, solve
from lagrangian.algebra.numbers import rational_point
from lagrangian.algebra.polynomials import Ring
from lagrangian.conditions import second_order as module
from lagrangian.conditions.multipliers import multipliers_at
from lagrangian.conditions.second_order import second_order
from lagrangian.problem.lifting import PolynomialProblem
from tests.strategies import symmetric_matrices

x, y, z = symbols("x y z", real=True)
RING = Ring((x, y))
ORIGIN = rational_point([fmpq(0), fmpq(0)])


def stated(objective, inequalities=(), equalities=()) -> PolynomialProblem:
    polynomials = [tuple(RING.polynomial(e) for e in group) for group in (inequalities, equalities)]
    return PolynomialProblem(RING, RING.polynomial(sympy.sympify(objective)), *polynomials)


@settings(max_examples=60, deadline=None)
@given(symmetric_matrices(2))
def test_quadratic_forms_at_the_origin(matrix: Matrix) -> None:
    form = sympy.expand((Matrix([[x, y]]) * matrix * Matrix([x, y]))[0, 0])
    kind = second_order(stated(form), ORIGIN, frozenset()).kind
    determinant, trace = matrix.det(), matrix.trace()
    if determinant < 0:
        assert kind is Kind.SADDLE
    elif determinant > 0:
        assert kind is (Kind.STRICT_LOCAL_MINIMUM if trace > 0 else Kind.STRICT_LOCAL_MAXIMUM)
    elif trace == 0:
        assert (form, kind) == (0, Kind.LOCAL_MINIMUM)
    else:
        # a square of a linear form: zero along a line
        assert kind is (Kind.LOCAL_MINIMUM if trace > 0 else Kind.LOCAL_MAXIMUM)


@settings(max_examples=60, deadline=None)
@given(symmetric_matrices(2))
def test_the_fast_path_in_balls_and_the_exact_one_agree(matrix: Matrix) -> None:
    form = sympy.expand((Matrix([[x, y]]) * matrix * Matrix([x, y]))[0, 0]) + x * y**2
    problem = stated(form + x, [], [x + x * y])
    fast = second_order(problem, ORIGIN, frozenset())
    skipped = module.signs_in_balls
    try:
        module.signs_in_balls = lambda *_: None
        exact = second_order(problem, ORIGIN, frozenset())
    finally:
        module.signs_in_balls = skipped
    assert (fast.kind, fast.eigenvalue_signs, fast.licq) == (exact.kind, exact.eigenvalue_signs, exact.licq)


@settings(max_examples=40, deadline=None)
@given(symmetric_matrices(2), st.tuples(st.integers(-2, 2), st.integers(-2, 2)).filter(any))
def test_kinds_agree_with_the_values_around_the_point(matrix: Matrix, normal: tuple[int, int]) -> None:
    """On the half-plane a.x <= 0: the claim must fit every feasible point near the origin (the oracle looks at a grid)."""
    a, b = normal
    form = sympy.expand((Matrix([[x, y]]) * matrix * Matrix([x, y]))[0, 0]) - a * x - b * y
    kind = second_order(stated(form, [a * x + b * y]), ORIGIN, frozenset({0})).kind
    grid = [Rational(i, 10**6) for i in range(-4, 5)]
    values = [
        form.subs({x: p, y: q}) for p, q in itertools.product(grid, grid) if (p, q) != (0, 0) and a * p + b * q <= 0
    ]
    if kind is Kind.STRICT_LOCAL_MINIMUM:
        assert min(values) > 0
    if kind is Kind.STRICT_LOCAL_MAXIMUM:
        assert max(values) < 0
    if kind is Kind.SADDLE:
        assert max(values) > 0


@pytest.mark.parametrize(
    ("objective", "kind"),
    [
        (x**4, Kind.STRICT_LOCAL_MINIMUM),
        (-(x**6), Kind.STRICT_LOCAL_MAXIMUM),
        (x**3, Kind.SADDLE),
        (x**5 + x**7, Kind.SADDLE),
    ],
    ids=str,
)
def test_one_variable_is_decided_by_higher_derivatives(objective, kind) -> None:
    (point,) = [p for p in solve(Problem(objective, over=[x])).stationary_points if p.point == {x: 0}]
    assert point.kind is kind
    assert "the first derivative that does not vanish has order" in point.reason


def test_vertices_multipliers_of_both_signs_and_abnormal_points() -> None:
    vertex = stated(x + y, [-x, -y])
    assert second_order(vertex, ORIGIN, frozenset({0, 1})).kind is Kind.STRICT_LOCAL_MINIMUM
    mixed = second_order(stated(x - y, [-x, -y]), ORIGIN, frozenset({0, 1}))
    assert mixed.kind is Kind.SADDLE
    assert "multipliers of both signs" in mixed.reason
    cusp = second_order(stated(x, [], [y**2 - x**3]), ORIGIN, frozenset())
    assert (cusp.kind, cusp.licq, cusp.multiplier_signs) == (Kind.DEGENERATE, False, None)
    assert "Fritz John" in cusp.reason
    assert multipliers_at(stated(x, [], [y**2 - x**3]), ORIGIN, frozenset()) is None


def test_dependent_gradients_may_still_prove_a_minimum() -> None:
    doubled = stated(x + y**2, [-x, -2 * x])
    judged = second_order(doubled, ORIGIN, frozenset({0, 1}))
    assert (judged.kind, judged.licq) == (Kind.STRICT_LOCAL_MINIMUM, False)


def test_bordered_minors_of_a_textbook_example() -> None:
    """f = x y on x + y = 10 (one equation, two variables): the one minor is -det > 0 at the maximum, here 2."""
    (point,) = solve(Problem(x * y, [Eq(x + y, 10)], over=[x, y], sense="max")).stationary_points
    bordered = Matrix([[0, 1, 1], [1, 0, 1], [1, 1, 0]])
    assert point.bordered_minors == (bordered.det(),)
    assert point.kind is Kind.STRICT_LOCAL_MAXIMUM


def test_maximization_is_classified_for_the_objective_as_stated() -> None:
    solution = solve(Problem(-((x - 1) ** 2), [x <= 3], over=[x], sense="max"))
    assert solution.stationary_points[0].kind is Kind.STRICT_LOCAL_MAXIMUM
    assert solution.stationary_points[0].is_global
