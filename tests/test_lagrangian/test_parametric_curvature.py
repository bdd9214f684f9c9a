"""Quadratic programs whose convexity depends on parameters, against the enumeration of all faces at random parameters."""

import random
from collections.abc import Iterator
from itertools import combinations

import pytest
import sympy
from sympy import Eq, Matrix, Rational, symbols

from lagrangian import Problem, Status, solve_parametric
from tests.test_lagrangian.test_parametric import proved

x, y, z = symbols("x y z", real=True)
a, b, c = symbols("a b c", real=True)
p, q = symbols("p q", positive=True)
VALUES = [Rational(n, d) for n in range(-4, 5) for d in (1, 3)]


def stationary_points_of_faces(problem: Problem, values: dict) -> Iterator[dict]:
    """Feasible points where the gradient vanishes along a face, for every set of constraints that are held as equations."""
    objective = problem.objective.xreplace(values)
    sides = [(r.lhs - r.rhs).xreplace(values) * (-1 if isinstance(r, sympy.Ge) else 1) for r in problem.all_constraints]
    equations = [s for s, r in zip(sides, problem.all_constraints, strict=True) if isinstance(r, Eq)]
    others = [s for s in sides if s not in equations]
    gradient = [sympy.diff(objective, v) for v in problem.over]
    for size in range(len(problem.over) + 1):
        for chosen in combinations(others, size):
            held = [*chosen, *equations]
            multipliers = symbols(f"m0:{len(held)}")
            rows = [
                g + sum(m * sympy.diff(h, v) for m, h in zip(multipliers, held, strict=True))
                for g, v in zip(gradient, problem.over, strict=True)
            ]
            matrix, right = sympy.linear_eq_to_matrix([*rows, *held], *problem.over, *multipliers)
            if matrix.det() != 0:
                point = dict(zip(problem.over, matrix.LUsolve(right), strict=False))
                if all(s.xreplace(point) <= 0 for s in others):
                    yield point


def check(problem: Problem, seed: int, trials: int = 4) -> None:
    """The answer at random parameters is the least value at points of faces, and its point has it."""
    solution, draw = solve_parametric(problem), random.Random(seed)
    assert not solution.missing
    sign = 1 if problem.sense.value == "min" else -1
    for _ in range(trials):
        values = {s: abs(v) + 1 if s.is_positive else v for s in problem.parameters for v in [draw.choice(VALUES)]}
        region = solution.at(values)
        known = [problem.objective.xreplace(values | point) for point in stationary_points_of_faces(problem, values)]
        if not known:
            assert region.status is Status.INFEASIBLE
            continue
        assert region.status is Status.OPTIMAL
        assert region.value == sign * min(sign * value for value in known)
        assert problem.objective.xreplace(values).xreplace(region.point) == region.value
        assert all(bool(r.xreplace(values).xreplace(region.point)) for r in problem.all_constraints)


def random_program(seed: int) -> Problem:
    """One or two variables in a box, curvature and costs of any sign with one or two parameters, perhaps a constraint more."""
    draw = random.Random(seed)
    over = [x, y][: draw.choice([1, 2, 2])]
    curved, moved = draw.choice([a, a - 1, 2 * a + 1]), draw.choice([b, 1 + b] if len(over) == 1 else [a, 1, 2 - a])
    objective = curved * over[0] ** 2 + moved * draw.choice(over)
    if len(over) > 1:
        objective += draw.choice([-2, -1, 0, 1]) * x * y + draw.choice([-1, 1, 2]) * y**2 + draw.randint(-2, 2) * y
    constraints = [r for v in over for r in (v >= draw.randint(-1, 0), v <= draw.randint(1, 2))]
    if len(over) > 1 and draw.random() < 0.3:
        constraints.append(sum(over) <= draw.choice([1, b, 2]))
    return Problem(objective, constraints, over=over, sense=draw.choice(["min", "max"]))


@pytest.mark.parametrize("group", range(3))
def test_random_programs_have_the_least_value_of_all_faces(group: int) -> None:
    for seed in range(5 * group, 5 * group + 5):
        check(random_program(seed), seed)


def test_a_parabola_of_any_curvature_on_an_interval() -> None:
    """min a x^2 + b x on [0, 1]: the vertex where a > 0 and 0 <= -b/(2 a) <= 1, else the better end."""
    solution = proved(Problem(a * x**2 + b * x, [x >= 0, x <= 1], over=[x]))
    assert len(solution.regions) == 5
    assert {region.value for region in solution.regions} == {sympy.S.Zero, a + b, -(b**2) / (4 * a)}
    assert solution.at({a: 0, b: -1}).value == -1
    assert solution.at({a: -1, b: 1}).value == 0


def test_a_parabola_on_a_ray_is_unbounded_where_it_bends_down() -> None:
    solution = proved(Problem(a * x**2 + b * x, [x >= 0], over=[x]))
    assert solution.at({a: -1, b: 5}).status is Status.UNBOUNDED
    assert solution.at({a: 0, b: -1}).status is Status.UNBOUNDED
    assert solution.at({a: 0, b: 1}).value == 0
    assert solution.at({a: 2, b: -4}).value == -2


def test_a_monopoly_whose_costs_may_bend_down() -> None:
    """max (10 - x) x - c x^2 - 2 x on [0, 6]: 4/(1 + c) where that is at most 6, else the capacity."""
    solution = proved(Problem((10 - x) * x - c * x**2 - 2 * x, [x >= 0, x <= 6], over=[x], sense="max"))
    assert solution.at({c: 1}).point == {x: 2}
    assert solution.at({c: Rational(-1, 3)}).point == {x: 6}
    assert solution.at({c: -5}).value == 36 * 5 - 36 + 48


def test_a_time_limit_leaves_all_undecided() -> None:
    problem = Problem(a * x**2 + b * x * y + c * y**2, [x >= -1, x <= 1, y >= -1, y <= 1], over=[x, y])
    assert "time limit" in solve_parametric(problem, time_limit_s=1e-9).missing[0]


def test_a_product_over_a_box_that_moves() -> None:
    solution = proved(Problem(x * y, [x >= a, x <= 1, y >= b, y <= 1], over=[x, y]))
    assert solution.at({a: 2, b: 0}).status is Status.INFEASIBLE
    assert solution.at({a: -3, b: -2}).value == -3
    assert solution.at({a: Rational(1, 2), b: Rational(1, 3)}).value == Rational(1, 6)


def test_a_plane_of_saddles_is_unbounded() -> None:
    """x^2 + 2 a x y + y^2 - x - y without constraints: an optimum for a^2 < 1, and for a = 1 a line of them."""
    solution = solve_parametric(Problem(x**2 + 2 * a * x * y + y**2 - x - y, over=[x, y]))
    assert solution.at({a: 2}).status is Status.UNBOUNDED
    assert solution.at({a: -1}).status is Status.UNBOUNDED
    assert solution.at({a: 0}).value == Rational(-1, 2)
    assert solution.at({a: 1}).value == Rational(-1, 4)


def test_prices_as_coefficients_of_a_constraint() -> None:
    """max x^2 + y^2 with p x + q y <= b: all of b for the cheaper one."""
    solution = solve_parametric(Problem(x**2 + y**2, [p * x + q * y <= b, x >= 0, y >= 0], over=[x, y], sense="max"))
    assert not solution.missing
    assert solution.at({p: 2, q: 1, b: 4}).point == {x: 0, y: 4}
    assert solution.at({p: 2, q: 1, b: -1}).status is Status.INFEASIBLE


def test_the_optimum_over_the_closure_of_an_open_interval() -> None:
    """min a x^2 with 1 < x <= 2: the infimum a is not attained where a > 0."""
    solution = solve_parametric(Problem(a * x**2, [x > 1, x <= 2], over=[x]))
    assert solution.at({a: 1}).status is Status.NOT_ATTAINED
    open_above = solve_parametric(Problem(a * x**2, [x >= 1, x < 2], over=[x]))
    assert open_above.at({a: 1}).value == 1
    assert open_above.at({a: -1}).status is Status.UNDECIDED  # x = 1 is weak, and its value is not compared
    both_open = solve_parametric(Problem(a * x**2, [x > 1, x < 2], over=[x]))
    assert (both_open.at({a: -1}).status, both_open.at({a: -1}).value) == (Status.NOT_ATTAINED, -4)
    assert solution.at({a: -1}).value == -4


def test_gradients_that_depend_on_parameters_are_refused_with_the_reason() -> None:
    solution = solve_parametric(Problem(-(x**2) - y**2, [a * x + y <= 1, x >= 0, x <= 1, y >= 0, y <= 1], over=[x, y]))
    assert solution.regions[0].status is Status.UNDECIDED
    assert "independent depends on the parameters" in solution.missing[0]


def test_faces_without_an_optimum_are_no_candidates() -> None:
    matrix = Matrix([[-1, 2], [2, 1]])
    objective = (Matrix([[x, y]]) * matrix * Matrix([x, y]))[0] + a * x
    check(Problem(objective, [x >= 0, y >= 0, x + y <= 1], over=[x, y]), 7, trials=12)


def test_a_direction_without_curvature_needs_a_slope() -> None:
    """min a x^2 - x y + b y with 0 <= x <= 2, y >= 0: the slope b - x in y is least b - 2."""
    solution = solve_parametric(Problem(a * x**2 - x * y + b * y, [x >= 0, x <= 2, y >= 0], over=[x, y]))
    assert not solution.missing
    assert solution.at({a: 5, b: Rational(3, 2)}).status is Status.UNBOUNDED
    assert solution.at({a: 5, b: 2}).value == 0
    assert solution.at({a: -5, b: 3}).value == -20


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_without_bounds(seed: int) -> None:
    """An optimum is not worse than any point of a grid, near or far; unbounded ones have far points that are very low."""
    draw = random.Random(100 + seed)
    objective = draw.choice([a, a - 1]) * x**2 + draw.choice([-2, 0, 1, a]) * x * y + draw.choice([-1, 0, 2]) * y**2
    objective += draw.choice([b, 1, a]) * x + draw.randint(-2, 2) * y
    constraints = [x >= draw.choice([0, -1]), *draw.sample([y >= -1, x - y <= 1, x <= 2, x + y <= b], 2)]
    solution = solve_parametric(Problem(objective, constraints, over=[x, y]))
    steps = [sympy.Integer(k) for k in (-4000, -1000, -3, -2, -1, 0, 1, 2, 3, 999, 1000, 2000, 4000)]
    for _ in range(3):
        values = {s: draw.choice(VALUES) for s in solution.parameters}
        region = solution.at(values)
        lows = [(r.lhs - r.rhs).xreplace(values) * (-1 if isinstance(r, sympy.Ge) else 1) for r in constraints]
        grid = [{x: u, y: v} for u in steps for v in steps]
        known = [objective.xreplace(values).xreplace(p) for p in grid if all(g.xreplace(p) <= 0 for g in lows)]
        if region.status is Status.OPTIMAL:
            assert objective.xreplace(values).xreplace(region.point) == region.value
            assert all(g.xreplace(region.point) <= 0 for g in lows)
            assert all(region.value <= value for value in known)
        elif region.status is Status.UNBOUNDED:
            assert min(known, default=-1000) < -300
        elif region.status is Status.INFEASIBLE:
            assert not known
        else:
            assert solution.missing
