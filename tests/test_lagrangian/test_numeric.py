"""Local solutions in floating point: planted optima are found, and nothing that they say is called proved."""

import time

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Eq, Max, cos, exp, log, sin, sqrt, symbols

from lagrangian import Problem, Status, canonicalize
from lagrangian.numeric.functions import numeric_functions
from lagrangian.numeric.local import box, numeric_candidate
from tests.kkt_checker import solved
from tests.strategies import Planted, convex_quadratic_programs

x, y, z = symbols("x y z", real=True)
LIMIT_S = 3.0


def candidate_of(problem: Problem):
    return numeric_candidate(canonicalize(problem)[0], time.monotonic() + LIMIT_S)


@settings(max_examples=15, deadline=None)
@given(convex_quadratic_programs())
def test_planted_optima_are_found(planted: Planted) -> None:
    found = candidate_of(Problem(planted.objective, planted.constraints, over=planted.over))
    assert found is not None
    assert found.value == pytest.approx(float(planted.value), abs=1e-6)
    assert found.residual < 1e-7
    assert found.point == pytest.approx([float(planted.point[v]) for v in planted.over], abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.1, 2.0), min_size=2, max_size=2))
def test_derivatives_are_those_of_central_differences(at: list[float]) -> None:
    problem = Problem(sin(x * y) + exp(x) / y, [log(x) + sqrt(y) <= 3, Eq(x**3, cos(y))], over=[x, y])
    functions = numeric_functions(canonicalize(problem)[0])
    point, step = np.array(at), 1e-6
    for j in range(2):
        shift = step * np.eye(2)[j]
        slope = (functions.values(point + shift) - functions.values(point - shift)) / (2 * step)
        assert functions.jacobian(point)[:, j] == pytest.approx(slope, rel=1e-5, abs=1e-6)


def test_where_a_function_is_undefined_its_value_is_nan() -> None:
    functions = numeric_functions(canonicalize(Problem(log(x) + sqrt(y), [1 / x <= 2], over=[x, y]))[0])
    assert np.isnan(functions.values(np.array([-1.0, 1.0]))[0])
    assert np.isnan(functions.values(np.array([1.0, -1.0]))[0])
    assert functions.values(np.array([1.0, 4.0]))[0] == 2.0


def test_kinks_have_the_derivative_of_a_side() -> None:
    functions = numeric_functions(canonicalize(Problem(Abs(x) + Max(x, y), over=[x, y]))[0])
    assert functions.jacobian(np.array([-2.0, 1.0])).tolist() == [[-1.0, 1.0]]
    assert functions.jacobian(np.array([2.0, 1.0])).tolist() == [[2.0, 0.0]]


def test_the_box_is_what_single_variables_are_bounded_by() -> None:
    canonical, _ = canonicalize(Problem(x + y, [2 * x <= 3, -x <= 1, x * y <= 1, y >= 0], over=[x, y]))
    low, high = box(canonical)
    assert low.tolist() == [-1.0, 0.0]
    assert high.tolist() == [1.5, np.inf]


def test_the_best_of_many_local_minima() -> None:
    """x^2 / 100 + 1 - cos(3 x) on [-20, 20] has nineteen local minima and its least value 0 at 0."""
    found = candidate_of(Problem(x**2 / 100 + 1 - cos(3 * x), [x <= 20, x >= -20], over=[x]))
    assert found.value == pytest.approx(0.0, abs=1e-9)


def test_no_candidate_where_a_cusp_turns_rounding_into_a_better_value() -> None:
    """x is least at (1, 0) on the cusp y <= (x - 1)^3, y >= 0, where no multipliers exist."""
    assert candidate_of(Problem(x, [y <= (x - 1) ** 3, y >= 0], over=[x, y])) is None


def test_no_candidate_for_contradictions_or_without_a_bound() -> None:
    assert candidate_of(Problem(x, [y * exp(x) >= 1, y <= -1], over=[x, y])) is None
    assert candidate_of(Problem(x**3, over=[x])) is None


def test_no_start_after_the_deadline() -> None:
    assert numeric_candidate(canonicalize(Problem(x**2, over=[x]))[0], 0.0) is None


def test_a_candidate_in_floating_point_is_called_that() -> None:
    """Beyond every exact method: a sum of incommensurable waves in five variables."""
    v = symbols("v1:6", real=True)
    objective = sum(sin(k * a) * exp(b / 7) for k, a, b in zip((1, 2, 3, 4, 5), v, (*v[1:], v[0]), strict=True))
    solution = solved(Problem(objective, over=v, bounds=dict.fromkeys(v, (-3, 3))), time_limit_s=4)
    assert solution.status in (Status.UNDECIDED, Status.LOCAL, Status.OPTIMAL)
    if solution.status is Status.LOCAL:
        assert not solution.optimum.is_exact
        assert solution.certificate.verify() is True
        assert "found in floating point" in solution.missing[0]
    if solution.status is Status.UNDECIDED:
        assert not solution.optimum.is_exact
        assert solution.certificate is None
        assert solution.value_interval is None
        assert "numerical candidate" in solution.missing[0]
        told = solution.explain()
        assert "value  ≈" in told
        assert "Exactly" not in told
        assert isinstance(solution.value, sympy.Float)


def test_candidates_are_good_to_rounding() -> None:
    """x^4 - 2 x on [0, 2] and Rosenbrock's valley on a circle, where values alone would leave half of the digits."""
    found = candidate_of(Problem(x**4 - 2 * x, over=[x], bounds={x: (0, 2)}))
    assert found.point[0] == pytest.approx(0.5 ** (1 / 3), abs=1e-13)
    circle = Eq(x**2 + y**2, 1)
    found = candidate_of(Problem(100 * (y - x**2) ** 2 + (1 - x) ** 2, [circle], over=[x, y]))
    exact = solved(Problem(100 * (y - x**2) ** 2 + (1 - x) ** 2, [circle], over=[x, y]))
    assert found.point == pytest.approx([float(v) for v in exact.coordinates[0].values()], abs=1e-11)
    assert found.value == pytest.approx(float(exact.optimum), rel=1e-12)
