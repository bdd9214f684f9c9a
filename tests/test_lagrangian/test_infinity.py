"""Problems that are unbounded though the list of candidates does not end, or where no local search ends."""

import pytest
from sympy import symbols

from lagrangian import Problem, Status, solve
from lagrangian.methods.infinity import unbounded_curve, unbounded_curve_from_feasible_points
from lagrangian.methods.task import nothing_known, prepare
from lagrangian.methods.turns import may_be_unbounded

x, y, z = symbols("x y z", real=True)

UNBOUNDED = {
    "strict constraint on another variable": Problem(x, [y >= -1, y < 3], over=[x, y], sense="max"),
    "product of variables": Problem(
        x * z + y, [x >= -4, y >= -3, y <= 3, x * y + y <= -1], over=[x, y, z], sense="max"
    ),
    "bilinear in a slab": Problem(x + y * z, [x >= -1, x <= 1, z >= -3], over=[x, y, z], sense="max"),
    "variable that occurs nowhere else": Problem(2 * x * y, [z >= 0, z <= 3, y**4 <= 7], over=[x, y, z]),
    "along a parabola": Problem(-y, [y <= x**2], over=[x, y]),
}
BOUNDED = {
    "coercive": Problem(x**2 + y**2, [x + y >= 1], over=[x, y]),
    "bounded below and not coercive": Problem((x * y - 1) ** 2, [x >= 0], over=[x, y]),
    "bounded by a constraint": Problem(x, [x**2 + y**2 <= 1], over=[x, y]),
}


@pytest.mark.parametrize("name", UNBOUNDED)
def test_a_curve_is_found_and_verified(name):
    solution = solve(UNBOUNDED[name], time_limit_s=20)
    assert solution.status is Status.UNBOUNDED
    assert solution.certificate.verify() is True


def test_a_curve_may_start_at_a_feasible_point_far_from_the_origin():
    task = prepare(Problem(-y, [x >= 19, x <= 21, (x - 20) ** 2 <= y], over=[x, y]))
    found = unbounded_curve_from_feasible_points(task, nothing_known(task.restoration.problem), float("inf"))
    assert found.solution.status is Status.UNBOUNDED and found.solution.certificate.verify() is True


@pytest.mark.parametrize("name", BOUNDED)
@pytest.mark.parametrize("method", [unbounded_curve, unbounded_curve_from_feasible_points])
def test_bounded_problems_have_no_such_curve(name, method):
    found = method(prepare(BOUNDED[name]), nothing_known(BOUNDED[name]), float("inf"))
    assert found.solution is None


def test_problems_in_a_box_are_not_asked():
    assert may_be_unbounded(prepare(Problem(x * y, [x >= 0, x <= 1, y >= 0, y <= 1], over=[x, y]))) is False
    assert may_be_unbounded(prepare(Problem(x * y, [x >= 0, x <= 1, y >= 0], over=[x, y]))) is True
