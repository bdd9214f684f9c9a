"""Gradients, cones, sections, surfaces, value functions and words of pictures, each against a closed form."""

import random
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy
from sympy import Eq, Rational, cos, log, pi, sin, sqrt, symbols

from lagrangian import Problem, ProblemError, Solution, maximize, minimize
from lagrangian.report.picture import Arrow, Contours, Level, Lift, Mark, Panel, Picture, Pin, Role, Sheet, Space
from lagrangian.report.picture_curves import spread_along
from lagrangian.report.picture_levels import contour_levels, extended, is_affine
from lagrangian.report.picture_sampling import drawable, level_values, plane_places, sampled
from lagrangian.report.picture_visibility import is_hidden
from lagrangian.report.right_side_plot import open_right_side
from lagrangian.report.solution_gradients import gradient_at

x, y, z, b = symbols("x y z b", real=True)


def cross(first: Arrow, second: Arrow) -> sympy.Expr:
    return sympy.expand(first.direction[0] * second.direction[1] - first.direction[1] * second.direction[0])


def pairs(panel: Panel) -> list[tuple[Arrow, Arrow]]:
    """The arrows of the objective and of the constraints that start at the same point."""
    normals = panel.of(Role.CONSTRAINT_GRADIENT)
    return [
        (steep, normal)
        for steep in panel.of(Role.OBJECTIVE_GRADIENT)
        for normal in normals
        if steep.start == normal.start
    ]


@pytest.fixture(scope="module")
def ellipse() -> Solution:
    """x + y on an ellipse with half axes 3 and 1: least and greatest at -(9, 1)/√10 and (9, 1)/√10 (Cauchy-Schwarz)."""
    return minimize(x + y, [Eq(x**2 / 9 + y**2, 1)], over=[x, y])


def test_gradients_at_all_optima_and_candidates_are_parallel(ellipse: Solution) -> None:
    hyperbola = minimize(x**2 + y**2, [Eq(x * y, 1)], over=[x, y])
    optimal = pairs(hyperbola.plot().panels[0])
    assert {steep.start for steep, _ in optimal} == {(1, 1), (-1, -1)}
    assert all(cross(*pair) == 0 for pair in optimal)
    assert len(pairs(ellipse.plot().panels[0])) == 1
    found = pairs(ellipse.plot(gradients="candidates").panels[0])
    ends = {(-9 / sqrt(10), -1 / sqrt(10)), (9 / sqrt(10), 1 / sqrt(10))}
    assert {tuple(map(sympy.nsimplify, steep.start)) for steep, _ in found} == ends
    assert all(sympy.simplify(cross(*pair)) == 0 for pair in found)
    assert ellipse.plot(gradients="none").panels[0].of(Role.OBJECTIVE_GRADIENT) == ()


def test_gradients_along_a_curve_lie_on_it_and_are_parallel_at_candidates_alone(ellipse: Solution) -> None:
    """|grad g| >= 2/3 on the ellipse, where g is its equation: |g| <= 1e-12 puts a point within 2e-12 of it."""
    found = [pair for pair in pairs(ellipse.plot(gradients="curves").panels[0]) if pair[0].size < 1]
    assert len(found) >= 6
    for steep, normal in found:
        across, up = map(float, steep.start)
        assert abs(across**2 / 9 + up**2 - 1) <= 1e-12
        assert np.allclose([float(d) for d in normal.direction], (2 * across / 9, 2 * up), rtol=1e-12)
        # the cross product of (1, 1) and (2 x/9, 2 y) is zero where 9 y = x alone, at the two candidates
        is_candidate = abs(9 * up - across) < 1e-6
        assert (abs(float(cross(steep, normal))) < 1e-6) == is_candidate


def test_points_on_a_curve_are_feasible_and_apart() -> None:
    points = spread_along(x**3 - y, (x, y), ((-1.2, 1.2), (-1.2, 1.2)), [x >= 0, y <= 1], 6)
    assert len(points) == 6
    assert all(abs(a**3 - c) <= 1e-12 and a >= -1e-9 and c <= 1 + 1e-9 for a, c in points)
    assert min(np.hypot(p[0] - q[0], p[1] - q[1]) for p in points for q in points if p is not q) >= 0.06 * 2.4


def planted(draw: random.Random) -> tuple[Problem, list[tuple[int, int]], list[int], tuple[int, int]]:
    """A linear program with a vertex, two normals there, and weights for which it is the optimum."""
    while True:
        normals = [(draw.randint(-5, 5), draw.randint(-5, 5)) for _ in range(2)]
        if normals[0][0] * normals[1][1] != normals[0][1] * normals[1][0]:
            break
    weights, at = [draw.randint(1, 4) for _ in range(2)], (draw.randint(-3, 3), draw.randint(-3, 3))
    cost = [sum(w * n[axis] for w, n in zip(weights, normals, strict=True)) for axis in (0, 1)]
    constraints = [n[0] * x + n[1] * y >= n[0] * at[0] + n[1] * at[1] for n in normals]
    return Problem(cost[0] * x + cost[1] * y, constraints, over=[x, y]), normals, weights, at


def test_the_vectors_add_up_to_the_gradient_of_the_objective() -> None:
    draw = random.Random(8)
    for _ in range(4):
        problem, normals, weights, at = planted(draw)
        solution = minimize(problem.objective, problem.constraints, over=[x, y])
        (panel,) = solution.plot_gradients().panels
        chain = panel.of(Role.CONSTRAINT_GRADIENT)
        (whole,) = panel.of(Role.OBJECTIVE_GRADIENT)
        assert chain[0].start == whole.start == (0, 0) and chain[1].start == chain[0].end and chain[1].end == whole.end
        scaled = [(w * n[0], w * n[1]) for w, n in zip(weights, normals, strict=True)]
        assert [tuple(p - q for p, q in zip(v.end, v.start, strict=True)) for v in chain] == scaled
        assert set(panel.of(Role.CONE)[0].generators) == set(normals)
        (cone,) = solution.plot().panels[0].of(Role.CONE)
        assert cone.start == at and set(cone.generators) == set(normals)


def test_at_a_maximum_the_functions_point_out_of_the_feasible_set() -> None:
    """3 x + 5 y on a polygon (Hillier and Lieberman): (3, 5) = 3/2 (0, 2) + 1 (3, 2)."""
    lines = [x <= 4, 2 * y <= 12, 3 * x + 2 * y <= 18, x >= 0, y >= 0]
    solution = maximize(3 * x + 5 * y, lines, over=[x, y])
    assert solution.plot_gradients().title == "At x = 2, y = 6: ∇f = 3/2 ∇(2*y - 12) + ∇(3*x + 2*y - 18)"
    assert {arrow.direction for arrow in solution.plot().panels[0].of(Role.CONSTRAINT_GRADIENT)} == {(0, 2), (3, 2)}


def test_fritz_john_points_have_no_multipliers_and_say_so() -> None:
    """The cusp y² = x³, where the gradient is zero, and two curves that touch (Kuhn and Tucker's example)."""
    cusp = minimize(x, [Eq(y**2, x**3)], over=[x, y])
    (ring,) = cusp.plot().panels[0].of(Role.NO_GRADIENT)
    assert ring.point == (0, 0) and ring.label.endswith("= 0")
    assert "∇f is no weighted sum" in cusp.plot_gradients().title
    touching = minimize(-x, [y <= (1 - x) ** 3, y >= 0], over=[x, y])
    assert "∇f is no weighted sum" in touching.plot_gradients().title
    normals = touching.plot().panels[0].of(Role.CONSTRAINT_GRADIENT)
    assert [normal.direction for normal in normals] == [(0, -1), (0, 1)]


def test_gradients_at_a_point_of_choice(ellipse: Solution) -> None:
    """At (3, 0) the normal of the ellipse is (2/3, 0), of which (1, 1) is no multiple; inside no constraint is active."""
    assert "no weighted sum" in ellipse.plot_gradients(point={x: 3, y: 0}).title
    assert "no constraint is active" in ellipse.plot_gradients(point={x: 0, y: 0}).title
    with pytest.raises(ProblemError, match="write a number for each of x, y"):
        ellipse.plot_gradients(point={x: 3})
    with pytest.raises(ProblemError, match="the point gives y the value '0'; write a finite real number"):
        ellipse.plot_gradients(point={x: 3, y: "0"})
    with pytest.raises(ProblemError, match="two variables to be drawn, and there is x alone"):
        minimize(x**2, over=[x]).plot_gradients()
    with pytest.raises(ProblemError, match="no optimum is known whose gradients"):
        minimize(x + y, over=[x, y]).plot_gradients()


@pytest.fixture(scope="module")
def nearest() -> Solution:
    """The point of the plane x + 2 y + 2 z = 9 nearest to the origin: (1, 2, 2)."""
    return minimize(x**2 + y**2 + z**2, [Eq(x + 2 * y + 2 * z, 9), z >= 0], over=[x, y, z])


def test_a_section_goes_through_the_optimum(nearest: Solution) -> None:
    picture = nearest.plot(along=(x, y))
    (panel,) = picture.panels
    assert picture.title.endswith("optimum 9; section at z = 2")
    assert [mark.point for mark in panel.of(Role.OPTIMUM)] == [(1, 2)]
    assert [contours.expression for contours in panel.of(Role.OBJECTIVE)] == [x**2 + y**2 + 4]
    (line,) = panel.of(Role.EQUATION)
    assert sympy.expand(line.expression - (x + 2 * y - 5)) == 0
    (steep, normal) = pairs(panel)[0]
    assert (steep.direction, normal.direction) == ((2, 4), (1, 2))
    (curve,) = nearest.plot(along=z).panels[0].of(Role.OBJECTIVE)
    assert curve.expression == z**2 + 5


def test_colors_of_arrows_in_a_section_are_those_of_their_boundaries() -> None:
    """z <= 1 has no boundary in the plane of x and y; x >= 0 is the second that has one."""
    solution = minimize(x + y - z, [z <= 1, x + y >= 1, x >= 0, y >= -1], over=[x, y, z])
    (panel,) = solution.plot(along=(x, y), gradients="curves").panels
    shades = {level.label: level.shade for level in panel.of(Role.CONSTRAINT)}
    assert shades == {"x + y ≥ 1": 0, "x ≥ 0": 1, "y ≥ -1": 2}
    arrows = {(arrow.label, arrow.shade) for arrow in panel.of(Role.CONSTRAINT_GRADIENT)}
    assert {("∇(x + y - 1)", 0), ("∇(x)", 1)} <= arrows <= {("∇(x + y - 1)", 0), ("∇(x)", 1), ("∇(y + 1)", 2)}
    cube = minimize(x + z, [Eq(x**3, 2), z >= x, z**2 <= 9], over=[x, y, z])
    assert cube.plot(along=(x, y)).panels[0].of(Role.EQUATION)[0].shade == 0


def test_a_section_elsewhere_shows_no_optimum(nearest: Solution) -> None:
    picture = nearest.plot(along=(x, y), at={z: 1})
    assert picture.panels[0].of(Role.OPTIMUM) == () and picture.title.endswith("; section at z = 1")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({}, r"3 variables; pictures show one or two: write along=\(x, y\)"),
        ({"along": (x, b)}, "along has b, which is no variable of the problem; it has x, y, z"),
        ({"along": (x, y, z)}, "write one variable or two different ones of x, y, z"),
        ({"along": (x, x)}, "write one variable or two different ones"),
        ({"along": (x, y), "at": {x: 1}}, "at gives x a number, which the section does not fix; it fixes z"),
        ({"along": (x, y), "at": {z: sympy.oo}}, "at gives z the value oo; write a finite real number"),
        (
            {"along": (x, y), "gradients": "all"},
            "gradients is 'all'; write one of 'optima', 'candidates', 'curves', 'none'",
        ),
    ],
    ids=str,
)
def test_choices_that_do_not_fit_say_so(nearest: Solution, choices: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        nearest.plot(**choices)


def test_without_an_optimum_a_section_needs_numbers() -> None:
    unbounded = minimize(x + y + z, over=[x, y, z])
    with pytest.raises(ProblemError, match=r"no optimum is known to cut through; give z a number, at=\{z: \.\.\.\}"):
        unbounded.plot(along=(x, y))
    assert unbounded.plot(along=(x, y), at={z: 0}).panels[0].of(Role.OBJECTIVE)[0].expression == x + y


def test_a_surface_carries_its_candidates_and_constraints(ellipse: Solution) -> None:
    (space,) = ellipse.plot_surface().panels
    (sheet,) = space.of(Role.OBJECTIVE)
    assert isinstance(space, Space) and isinstance(sheet, Sheet) and sheet.expression == x + y
    pins = [item for item in space.items if isinstance(item, Pin)]
    assert len(pins) == 2
    assert all(sympy.simplify(pin.point[0] + pin.point[1] - pin.point[2]) == 0 for pin in pins)
    (lift,) = [item for item in space.items if isinstance(item, Lift)]
    assert lift.surface == x + y and sympy.expand(lift.curve.expression - (x**2 / 9 + y**2 - 1)) == 0
    low, high = space.heights
    assert low < -float(sqrt(10)) and high > float(sqrt(10))
    with pytest.raises(ProblemError, match="a surface needs two variables, and there is x alone"):
        minimize(x**2, over=[x]).plot_surface()


def test_a_hill_hides_what_is_behind_it() -> None:
    """From the side of -x, at 20 degrees: on z = 4 - 2 x² the slope away from the eye is steeper than tan 20° beyond the top."""
    space = Space(("x", "y", "f"), (-2.0, 2.0), (-2.0, 2.0), (-4.0, 4.0), (), (20.0, 180.0))

    def hill(places: Any) -> Any:
        return 4 - 2 * places[0] ** 2

    across = np.array([-1.5, -0.5, 0.0, 0.5, 1.0, 1.5])
    points = np.column_stack([across, np.zeros(6), 4 - 2 * across**2])
    assert is_hidden(points, hill, space).tolist() == [False, False, False, True, True, True]
    flat = np.column_stack([across, np.zeros(6), np.zeros(6)])
    assert not is_hidden(flat, lambda places: 0 * places[0], space).any()
    assert is_hidden(flat - [0, 0, 1], lambda places: 0 * places[0], space).any()


def test_the_tangent_of_the_value_has_the_shadow_price_as_its_slope() -> None:
    """V(b) = b²/2 for b >= 0, and 0 below, where the constraint is slack."""
    constraint = x + y >= 3
    solution = minimize(x**2 + y**2, [constraint], over=[x, y])
    panel = solution.plot_value(constraint).panels[0]
    (tangent,) = panel.of(Role.TANGENT)
    assert tangent.expression.diff(tangent.symbol) == solution.shadow_price(constraint) == 3
    assert tangent.expression.subs(tangent.symbol, 3) == Rational(9, 2)
    assert {curve.expression for curve in panel.of(Role.REGION)} == {tangent.symbol**2 / 2, sympy.Integer(0)}
    assert panel.horizontal[0] < 0 and panel.horizontal[1] > 3


def test_a_kink_of_the_value_has_two_half_tangents() -> None:
    """3 x + 2 y <= V with x + 3 y <= b at b = 6, by hand: V = 3·3 + 2·(b - 3)/3 up to 6, and 11 beyond."""
    constraint = x + 3 * y <= 6
    solution = maximize(3 * x + 2 * y, [x + y <= 4, constraint, x <= 3, x >= 0, y >= 0], over=[x, y])
    panel = solution.plot_value(constraint).panels[0]
    slopes = {curve.label: curve.expression.diff(curve.symbol) for curve in panel.of(Role.TANGENT)}
    assert slopes == {"slope to the left 2/3": Rational(2, 3), "slope to the right 0": 0}
    assert any(strip.label == "infeasible" for strip in panel.of(Role.NO_OPTIMUM))


def test_a_slope_may_be_infinite_to_one_side() -> None:
    """The greatest x with x² <= b is √b: at 0 upright to the right, and nothing to the left."""
    solution = maximize(x, [x**2 <= 0], over=[x])
    panel = solution.plot_value(x**2 <= 0, span=(-1.0, 2.0)).panels[0]
    assert [rule.label for rule in panel.of(Role.TANGENT)] == ["infinite slope to the right"]


def test_values_without_a_formula_are_computed_one_by_one() -> None:
    """The longest sum of coordinates on x⁴ + y⁴ = b: 2 (b/2)^(1/4), by symmetry and Hölder's inequality."""
    curve = Eq(x**4 + y**4, 2)
    solution = maximize(x + y, [curve], over=[x, y])
    panel = solution.plot_value(curve, span=(0.5, 4.0)).panels[0]
    marks = panel.of(Role.VALUE)
    assert len(marks) >= 5
    for mark in marks:
        assert abs(float(mark.point[1]) - 2 * (float(mark.point[0]) / 2) ** 0.25) <= 1e-12
    (tangent,) = panel.of(Role.TANGENT)
    assert tangent.expression == b / 4 + Rational(3, 2)


def test_the_value_of_whole_numbers_is_a_stair() -> None:
    """Things of worth 3 and 5 and weight 2 and 3, any number of them: V(b) by hand for b = 0 to 8."""
    room = 2 * x + 3 * y <= 4
    over = {"over": [x, y], "integers": [x, y], "bounds": {x: (0, None), y: (0, None)}}
    solution = maximize(3 * x + 5 * y, [room], **over)
    panel = solution.plot_value(room, span=(-0.5, 8.5)).panels[0]
    best = [0, 0, 3, 5, 6, 8, 10, 11, 13]
    assert {mark.point for mark in panel.of(Role.VALUE)} == set(enumerate(best))
    steps = {step.points for step in panel.of(Role.OBJECTIVE)}
    assert steps == {((k, v), (k + 1, v)) for k, v in enumerate(best)}
    assert [item.label for item in panel.of(Role.TANGENT)] == ["V jumps to the left", "slope to the right 0"]


def test_right_sides_that_are_no_numbers_get_an_addend() -> None:
    side = open_right_side(Problem(x**2, [x**2 >= x + 1], over=[x]), x**2 >= x + 1)
    assert side.base == 0 and side.stated == sympy.Ge(x**2, x + 1 + side.symbol)
    assert side.at(sympy.Integer(2)).constraints == (x**2 >= x + 3,)
    named = symbols("b", positive=True)
    other = open_right_side(Problem(named**2, [named <= 3], over=[named]), named <= 3)
    assert other.symbol.name == "c" and not other.problem.implied_constraints
    assert len(other.problem.constraints) == 2


def test_the_value_over_a_parameter_has_the_shadow_price_as_its_slope() -> None:
    """√b is the greatest √x with x <= b; at b = 4 its slope is 1/4."""
    u, p = symbols("u p", positive=True)
    solution = maximize(sqrt(u), [u <= p], over=[u])
    (tangent,) = solution.plot_value(p, at={p: 4}).panels[0].of(Role.TANGENT)
    assert tangent.expression.diff(p) == solution.shadow_price(u <= p).subs(p, 4) == Rational(1, 4)
    with pytest.raises(ProblemError, match="p"):
        solution.plot_value(p)


def test_a_problem_is_cut_where_numbers_say() -> None:
    picture = Problem(x * y * z, [x + y + z <= 3], over=[x, y, z]).plot(along=(x, y), at={z: 1})
    (line,) = picture.panels[0].of(Role.CONSTRAINT)
    assert sympy.expand(line.expression - (2 - x - y)) == 0


def test_value_functions_that_cannot_be_drawn_say_why() -> None:
    problem = Problem(x**2, [x >= 1], over=[x])
    with pytest.raises(ProblemError, match="x >= 2 is no constraint of the problem; it has x ≥ 1"):
        open_right_side(problem, x >= 2)
    with pytest.raises(ProblemError, match="the parameters b; put numbers in their place"):
        open_right_side(Problem(x**2, [x >= b], over=[x]), x >= b)


@pytest.mark.parametrize("scale", [Rational(1, 10**6), Rational(1), Rational(10**6)], ids=str)
def test_windows_grow_with_the_problem(scale: sympy.Rational) -> None:
    """The optimum (0, s) of a problem that is s times as large: the window is, too."""
    solution = minimize((x - scale) ** 2 + (y - 2 * scale) ** 2, [x + y <= scale], over=[x, y])
    (panel,) = solution.plot().panels
    sides = np.array([panel.horizontal, panel.vertical]) / float(scale)
    assert np.allclose(sides, [(-1.25, 1.25), (-0.25, 2.25)], rtol=1e-9)
    assert panel.is_equal


def test_an_infeasible_line_shows_what_each_constraint_allows() -> None:
    (panel,) = minimize(x**2, [x >= 1, x <= 0], over=[x]).plot().panels
    assert [(strip.label, strip.inside) for strip in panel.of(Role.CONSTRAINT)] == [
        ("x ≥ 1", (x - 1,)),
        ("x ≤ 0", (-x,)),
    ]
    assert panel.of(Role.FEASIBLE) == () and panel.horizontal[0] < 0 < 1 < panel.horizontal[1]


def test_periodic_functions_show_some_periods_with_all_their_extrema() -> None:
    (panel,) = minimize(sin(x), over=[x]).plot().panels
    optima = [mark.point[0] for mark in panel.of(Role.OPTIMUM)]
    maxima = [mark.point[0] for mark in panel.of(Role.MAXIMUM)]
    assert all(sin(place) == -1 for place in optima) and all(sin(place) == 1 for place in maxima)
    low, high = (side / float(2 * pi) for side in panel.horizontal)
    for places, offset in ((optima, Rational(-1, 4)), (maxima, Rational(1, 4))):
        seen = {place / (2 * pi) - offset for place in places}
        assert {0, 1, -1} <= seen <= set(range(int(np.floor(low)) - 1, int(np.ceil(high)) + 2))


def test_heights_of_one_variable_show_what_lies_between_candidates() -> None:
    """(x - 1)² (x - 10)² (x - 100)²: the hills between the zeros matter, not the 10⁹ beyond them."""
    f = (x - 1) ** 2 * (x - 10) ** 2 * (x - 100) ** 2
    (panel,) = minimize(f, over=[x]).plot().panels
    hill = max(float(mark.point[1]) for mark in panel.of(Role.MAXIMUM))
    assert hill < panel.vertical[1] < 3 * hill


def test_no_line_is_drawn_through_a_pole() -> None:
    places = np.linspace(-1, 1, 400)
    values = drawable(1 / (3 * x - 1), [x], [places])
    beside = np.isfinite(values[1:]) & np.isfinite(values[:-1])
    assert not (beside & (values[1:] * values[:-1] < 0)).any() and np.isfinite(values).sum() >= 396
    plane = plane_places((-1.0, 1.0), (-1.0, 1.0), 40)
    values = drawable(sympy.tan(x * 2) + y, [x, y], plane)
    assert np.nanmax(np.abs(np.diff(values, axis=1))) < 40


def test_an_equation_that_keeps_its_sign_is_drawn_all_the_same() -> None:
    """(x - y)² = 0 is the line x = y: values change their sign across it."""
    level = Level((x - y) ** 2, (x, y), sympy.Integer(0), "", Role.EQUATION)
    across, up = plane_places((-1.0, 1.0), (-1.0, 1.0), 30)
    values = level_values(level, across, up)
    assert ((values > 0) == (across > up))[across != up].all() or ((values > 0) == (across < up))[across != up].all()


def test_levels_of_contours_are_where_the_values_are() -> None:
    """Planted shapes: a plane, a paraboloid, a narrow well and a peak; levels ascend, and half the area has half the levels."""
    across, up = plane_places((-3.0, 3.0), (-3.0, 3.0), 60)
    for shape in (
        x + y,
        x**2 + y**2,
        (x**2 + y**2) ** 3,
        -((x**2 + y**2) ** 3),
        log(x**2 + y**2 + 0.01),
        10**6 + x / 10**3,
    ):
        values = sampled(sympy.sympify(shape), [x, y], [across, up])
        levels = contour_levels(values)
        assert levels is not None and 6 <= len(levels) <= 16 and (np.diff(levels) > 0).all()
        below = np.mean(levels <= np.median(values))
        assert 0.25 <= below <= 0.75
    assert contour_levels(np.full((5, 5), 7.0)) is None


def test_levels_that_are_chosen_in_the_feasible_part_go_on_beyond_it() -> None:
    """x on [-2, 2], seen where x >= 1 alone: a plane has equal steps, wherever it is seen, and they go on."""
    across, up = plane_places((-2.0, 2.0), (0.0, 1.0), 81)
    seen = np.where((across >= 1) & (up <= 2 - across), across, np.nan)
    assert is_affine(across) and is_affine(seen) and not is_affine(across**2)
    levels = contour_levels(seen)
    assert levels is not None and np.allclose(np.diff(levels), levels[1] - levels[0])
    more = extended(levels, across)
    assert np.allclose(np.diff(more), levels[1] - levels[0]) and more[0] < 0.5 and more[-1] <= 2


def test_pictures_tell_what_they_show() -> None:
    picture = minimize((x - 2) ** 2 + y**2, [x**2 + y**2 <= 1, x < 5], over=[x, y]).plot()
    words = picture.describe()
    assert words.startswith("minimize y² + (x − 2)²: optimum 1. Across: x from ")
    for part in (
        "Shaded: feasible set.",
        "Optimum at (1, 0).",
        "∇f at (1, 0) toward (-2, 0)".replace("-", "−"),
        "x < 5",
    ):
        assert part in words, words
    surface = minimize(x**2 + y**2, [Eq(x + y, 2)], over=[x, y]).plot_surface().describe()
    assert (
        "Surface: objective." in surface
        and "on the surface: x + y = 2" in surface
        and "Optimum at (1, 1, 2)." in surface
    )


def test_many_points_are_counted() -> None:
    marks = tuple(Mark((k, 0), "feasible integer point", Role.LATTICE) for k in range(9))
    words = Picture("nine", (Panel(("x", "y"), (0.0, 9.0), (0.0, 1.0), marks),)).describe()
    assert words.endswith("(5, 0) and 3 more.")


def test_an_svg_file_says_in_words_what_it_shows(tmp_path: Path) -> None:
    """Signs that mean something in XML are escaped."""
    pytest.importorskip("matplotlib")
    marks = (Mark((0, 0), 'a < b & "c"', Role.OPTIMUM), Contours(x + y, (x, y), "contours", Role.OBJECTIVE))
    picture = Picture('x < "y" & z', (Panel(("x", "y"), (-1.0, 1.0), (-1.0, 1.0), marks),))
    picture.save(tmp_path / "picture.svg")
    root = ElementTree.parse(tmp_path / "picture.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert root.get("role") == "img" and root.get("aria-label") == 'x < "y" & z'
    assert root.findtext(f"{space}desc") == picture.describe()
    assert (tmp_path / "picture.svg").read_text(encoding="utf-8") == picture._repr_svg_()


def test_every_kind_of_picture_is_drawn_the_same_every_time(ellipse: Solution) -> None:
    pytest.importorskip("matplotlib")
    cone = minimize(2 * x + 3 * y, [x + y >= 4, x + 3 * y >= 6], over=[x, y])
    cusp = minimize(x, [Eq(y**2, x**3)], over=[x, y])
    for picture in (
        ellipse.plot(gradients="curves"),
        ellipse.plot_surface(),
        cone.plot(),
        cone.plot_gradients(),
        cusp.plot(),
    ):
        assert picture._repr_svg_() == picture._repr_svg_()


def test_a_trigonometric_boundary_is_followed() -> None:
    points = spread_along(y - cos(x), (x, y), ((-4.0, 4.0), (-2.0, 2.0)), [], 9)
    assert len(points) == 9 and all(abs(c - np.cos(a)) <= 1e-12 for a, c in points)


def test_rounding_errors_at_a_point_that_is_not_exact_are_no_gradient() -> None:
    """The least of Hock and Schittkowski's problem 5 is at (1/2 - pi/3, -1/2 - pi/3), where the gradient is zero."""
    f = sin(x + y) + (x - y) ** 2 - 3 * x / 2 + 5 * y / 2 + 1
    point = {x: sympy.Float(float(Rational(1, 2) - pi / 3)), y: sympy.Float(float(-Rational(1, 2) - pi / 3))}
    assert gradient_at(f, (x, y), point) == (0, 0)
    assert all(slope != 0 for slope in gradient_at(f, (x, y), {x: point[x] + Rational(1, 1000), y: point[y]}) or ())


def test_candidates_far_above_the_others_are_left_out() -> None:
    """x⁶ - 15 x⁴ + 27 x² + 250 is 7 at ±3, its least (by hand: 729 - 1215 + 243 + 250), 263 at most between, and 7175 at ±5."""
    f = x**6 - 15 * x**4 + 27 * x**2 + 250
    (panel,) = minimize(f, over=[x], bounds={x: (-5, 5)}).plot().panels
    assert {mark.point for mark in panel.of(Role.OPTIMUM)} == {(-3, 7), (3, 7)}
    assert {mark.point for mark in panel.of(Role.MAXIMUM)} == {(-1, 263), (1, 263)}
    assert 263 < panel.vertical[1] < 1000
