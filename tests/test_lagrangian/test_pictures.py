"""What is drawn, as exact data: curves, points, regions and labels; and that files are drawn, the same every time."""

import random
import sys
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy
from sympy import Abs, Eq, Max, Rational, exp, log, sqrt, symbols

from lagrangian import MissingExtraError, Problem, ProblemError, maximize, minimize, relax, solve_parametric
from lagrangian.report.parametric_plot import breakpoints
from lagrangian.report.picture import Area, Curve, Panel, Picture, Role
from lagrangian.report.picture_sampling import holding, least_condition, line_places, sampled
from lagrangian.report.picture_windows import Shown, plane_window
from lagrangian.report.value_plot import plot_value

x, y, z, b, c = symbols("x y z b c", real=True)
power = symbols("power", positive=True)


def panel_of(drawn: Any) -> Panel:
    return drawn.plot().panels[0]


def points_of(panel: Panel, role: Role) -> set[tuple[Any, ...]]:
    return {tuple(map(sympy.sympify, mark.point)) for mark in panel.of(role) if hasattr(mark, "point")}


def lies_in(panel: Panel, point: tuple[Any, Any]) -> bool:
    sides = zip(point, (panel.horizontal, panel.vertical), strict=True)
    return all(side[0] <= float(value) <= side[1] for value, side in sides)


def test_one_variable_is_a_curve_with_its_stationary_points() -> None:
    """x⁴ - 2 x² on [-1/2, 2]: 0 is a maximum, 1 the minimum, both ends are maxima or minima of the interval."""
    panel = panel_of(minimize(x**4 - 2 * x**2, [x >= -Rational(1, 2), x <= 2], over=[x]))
    assert [curve.expression for curve in panel.of(Role.OBJECTIVE)] == [x**4 - 2 * x**2]
    assert set(panel.of(Role.OBJECTIVE)[0].inside) == {x + Rational(1, 2), 2 - x}
    assert points_of(panel, Role.OPTIMUM) == {(1, -1)}
    assert (0, 0) in points_of(panel, Role.MAXIMUM)
    assert panel.horizontal[0] < -0.5 and panel.horizontal[1] > 2
    assert all(lies_in(panel, mark.point) for role in (Role.OPTIMUM, Role.MAXIMUM) for mark in panel.of(role))


def test_an_infimum_that_is_not_attained_is_a_line() -> None:
    panel = panel_of(minimize(exp(-x), over=[x]))
    assert [rule.label for rule in panel.of(Role.OPTIMAL_LEVEL)] == ["0, not attained"]
    assert panel.of(Role.OPTIMUM) == ()


def test_gradients_are_parallel_at_an_optimum_with_one_active_constraint() -> None:
    """Planted: the nearest point of a disk to a point outside lies on the line to its center, with rational coordinates."""
    for a, d, radius in ((3, 4, 1), (6, 8, 5), (5, 12, 2), (-8, 15, 3)):
        panel = panel_of(minimize((x - a) ** 2 + (y - d) ** 2, [x**2 + y**2 <= radius**2], over=[x, y]))
        (steep,), (normal,) = panel.of(Role.OBJECTIVE_GRADIENT), panel.of(Role.CONSTRAINT_GRADIENT)
        length = sympy.sqrt(a**2 + d**2)
        assert steep.start == normal.start == (a * radius / length, d * radius / length)
        assert steep.direction[0] * normal.direction[1] - steep.direction[1] * normal.direction[0] == 0
        # r² - x² - y² is >= 0 in the disk: its gradient leads into it, as that of the objective does
        assert normal.direction == (-2 * steep.start[0], -2 * steep.start[1])
        assert panel.is_equal and lies_in(panel, steep.start)


def test_there_is_no_arrow_for_a_gradient_of_zero() -> None:
    """An interior optimum at algebraic numbers: rounding errors are no direction."""
    panel = panel_of(minimize(x**4 / 4 - x**2 / 2 + x / 10 + y**2 / 2, [x >= -10, y <= 10], over=[x, y]))
    assert len(points_of(panel, Role.OPTIMUM)) == 1
    assert panel.of(Role.OBJECTIVE_GRADIENT) == ()


def test_a_coordinate_of_zero_with_rounding_errors_sets_no_scale() -> None:
    """Beside 300 a coordinate of 1e-17 is zero, but one of 1/10 is not."""
    shown = Shown((x, y), (), (), (x,))
    horizontal, vertical = plane_window(shown, [(300.0, 1e-17)])
    assert vertical[1] - vertical[0] == horizontal[1] - horizontal[0]
    horizontal, vertical = plane_window(shown, [(300.0, 0.1)])
    assert vertical[1] - vertical[0] < 1 < horizontal[1] - horizontal[0]


@pytest.mark.parametrize(
    ("objective", "has_gradient"),
    [
        (Abs(x) + Abs(y), False),  # least at (0, 1), where |x| has a kink
        (Max(x, -2 * x) + y, False),  # on the line 1 + x/2 for x > 0, 1 - 5 x/2 for x < 0
        (Max(x, y) + Abs(y), False),
        (2 * Abs(x - 5) + Abs(y + 5), True),
    ],
    ids=str,
)
def test_there_is_no_gradient_at_a_kink(objective: sympy.Expr, has_gradient: bool) -> None:
    panel = panel_of(minimize(objective, [Eq(x + 2 * y, 2), x >= -1, x <= 2, x + y >= 0], over=[x, y]))
    point = dict(zip((x, y), panel.of(Role.OPTIMUM)[0].point, strict=True))
    assert bool(panel.of(Role.OBJECTIVE_GRADIENT)) == has_gradient, point


def test_the_objective_gradient_is_a_combination_of_those_of_active_constraints() -> None:
    """At a vertex of a linear program: with nonnegative weights, which are its multipliers."""
    panel = panel_of(minimize(2 * x + 3 * y, [x + y >= 4, x + 3 * y >= 6, x >= 0, y >= 0], over=[x, y]))
    (steep,), normals = panel.of(Role.OBJECTIVE_GRADIENT), panel.of(Role.CONSTRAINT_GRADIENT)
    assert [normal.direction for normal in normals] == [(1, 1), (1, 3)]
    weights = sympy.Matrix([n.direction for n in normals]).T.LUsolve(sympy.Matrix(steep.direction))
    assert list(weights) == [Rational(3, 2), Rational(1, 2)]
    assert len({normal.shade for normal in normals}) == 2
    for corner in ((0, 4), (3, 1), (6, 0)):
        assert lies_in(panel, corner)


def test_all_candidates_are_marked_by_kind() -> None:
    """x² y² - like saddles: (x² - 1)² + y² has two minima and a saddle between them (by hand)."""
    panel = panel_of(minimize((x**2 - 1) ** 2 + y**2, over=[x, y]))
    assert points_of(panel, Role.OPTIMUM) == {(-1, 0), (1, 0)}
    assert points_of(panel, Role.SADDLE) == {(0, 0)}
    assert [mark.label for mark in panel.of(Role.SADDLE)] == ["saddle point"]


def test_a_circle_of_optima_is_a_curve_and_all_of_it_is_seen() -> None:
    panel = panel_of(minimize((x**2 + y**2 - 4) ** 2, over=[x, y]))
    (curve,) = (item for item in panel.of(Role.OPTIMUM) if hasattr(item, "level"))
    assert sympy.expand(curve.expression - (x**2 + y**2 - 4)) in (0, -2 * curve.expression)
    assert all(lies_in(panel, point) for point in product((-2, 2), repeat=2))


def test_bounded_feasible_sets_are_seen_as_a_whole() -> None:
    """Planted: ellipses of any center and size, whatever the objective; they are seen as a whole."""
    draw = random.Random(5)
    for _ in range(8):
        at, across, up = (draw.randint(-40, 40), draw.randint(-40, 40)), draw.randint(1, 30), draw.randint(1, 30)
        ellipse = ((x - at[0]) / across) ** 2 + ((y - at[1]) / up) ** 2 <= 1
        panel = Problem(x - y, [ellipse], over=[x, y]).plot().panels[0]
        for point in ((at[0] - across, at[1]), (at[0] + across, at[1]), (at[0], at[1] - up), (at[0], at[1] + up)):
            assert lies_in(panel, point)
        (area,) = panel.of(Role.FEASIBLE)
        assert least_condition(area.inside, area.symbols, [np.array([at[0]]), np.array([at[1]])])[0] > 0


def test_where_two_curves_meet_all_of_their_points_are_seen() -> None:
    """A circle and a line through (-1, -2) and (2, 1)."""
    panel = panel_of(minimize(x, [Eq(x**2 + y**2, 5), Eq(x - y, 1)], over=[x, y]))
    assert points_of(panel, Role.OPTIMUM) == {(-1, -2)}
    assert lies_in(panel, (-1, -2)) and lies_in(panel, (2, 1))


def test_strict_boundaries_and_equations_have_their_own_roles() -> None:
    panel = panel_of(minimize(x**2 + y**2, [x > -1, Eq(x + y, 2)], over=[x, y]))
    assert [level.label for level in panel.of(Role.STRICT)] == ["x > -1"]
    assert [level.label for level in panel.of(Role.EQUATION)] == ["x + y = 2"]
    assert [area.label for area in panel.of(Role.FEASIBLE)] == ["inequalities hold"]


def test_infeasible_problems_show_their_constraints_and_no_feasible_set() -> None:
    picture = minimize(x, [x**2 + y**2 <= 1, x + y >= 2], over=[x, y]).plot()
    (panel,) = picture.panels
    assert picture.title == "minimize x: infeasible"
    assert panel.of(Role.FEASIBLE) == ()
    assert len(panel.of(Role.CONSTRAINT)) == 2
    assert all(lies_in(panel, point) for point in ((-1, 0), (1, 0), (1, 1)))


def test_integer_points_are_those_that_are_feasible() -> None:
    constraints = [2 * x + 3 * y <= 12, 3 * x + y <= 9]
    panel = panel_of(
        maximize(3 * x + 2 * y, constraints, over=[x, y], integers=[x, y], bounds={x: (0, None), y: (0, None)})
    )
    expected = {(i, j) for i, j in product(range(13), repeat=2) if 2 * i + 3 * j <= 12 and 3 * i + j <= 9}
    assert points_of(panel, Role.LATTICE) == expected
    assert [area.label for area in panel.of(Role.FEASIBLE)] == ["feasible, but for integrality"]


def test_the_domain_of_the_objective_bounds_the_feasible_set() -> None:
    panel = panel_of(minimize(-log(x) - log(y), [x + y <= 1], over=[x, y]))
    (area,) = panel.of(Role.FEASIBLE)
    places = [np.array([-0.1, 0.2]), np.array([0.3, 0.3])]
    assert list(least_condition(area.inside, area.symbols, places, area.defined) >= 0) == [False, True]


@pytest.mark.parametrize(
    ("problem", "message"),
    [
        (Problem(x + y + z, over=[x, y, z]), "3 variables; pictures show one or two"),
        (Problem(x * b, over=[x]), r"the parameters b; .*solve_parametric\(problem\).plot\(\)"),
    ],
)
def test_what_cannot_be_drawn_says_why(problem: Problem, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        problem.plot()


def test_a_gap_is_a_band_with_its_exact_size() -> None:
    """One thing of worth 3 and one of 2 with room for 3/2 of weight 2, by hand: g is least-cost of 4 points; p* = -3, d* = -4."""
    room = 2 * x + 2 * y <= 3
    problem = minimize(-3 * x - 2 * y, [room], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)})
    panel = panel_of(problem.duality([room]))
    (band,) = panel.of(Role.GAP)
    assert (band.low, band.high, band.label) == (-4, -3, "gap = 1")
    assert [rule.label for rule in (*panel.of(Role.PRIMAL_VALUE), *panel.of(Role.DUAL_VALUE))] == ["p* = -3", "d* = -4"]
    (curve,) = panel.of(Role.DUAL)
    for mu in (Rational(0), Rational(1, 2), Rational(1), Rational(5, 4), Rational(3)):
        worths = [-3 * i - 2 * j + mu * (2 * i + 2 * j - 3) for i, j in product((0, 1), repeat=2)]
        assert curve.expression.subs(curve.symbol, mu) == min(worths)
    assert points_of(panel, Role.OPTIMUM) == {(1, -4)}


def test_the_domain_of_a_dual_function_is_drawn() -> None:
    """x² y-like partitioning of two: g = l1 + l2 where [[-l1, 1/2], [1/2, -l2]] is positive semidefinite (Boyd, section 5.2)."""
    panel = panel_of(minimize(x * y, [Eq(x**2, 1), Eq(y**2, 1)], over=[x, y]).duality())
    (area,), (contours,) = panel.of(Role.DOMAIN), panel.of(Role.DUAL)
    first, second = area.symbols
    assert contours.expression == first + second
    for values in product(range(-3, 4), repeat=2):
        places = [np.array([float(value)]) for value in values]
        expected = values[0] <= 0 and values[1] <= 0 and 4 * values[0] * values[1] >= 1
        assert bool(holding(area.inside, area.symbols, places)[0]) == expected
    assert points_of(panel, Role.OPTIMUM) == {(-Rational(1, 2), -Rational(1, 2))}


def test_determined_multipliers_are_not_drawn() -> None:
    """The dual of a linear program over two multipliers; those of x >= 0 and y >= 0 follow from them."""
    problem = Problem(2 * x + 3 * y, [x + y >= 4, x + 3 * y >= 6, x >= 0, y >= 0], over=[x, y])
    panel = panel_of(problem.dual())
    (area,) = panel.of(Role.DOMAIN)
    first, second = area.symbols
    assert set(area.inside) == {first, second, 2 - first - second, 3 - first - 3 * second}
    assert all(lies_in(panel, corner) for corner in ((0, 0), (2, 0), (1.5, 0.5), (0, 1)))


def test_dual_problems_are_drawn_as_problems() -> None:
    dual = Problem(2 * x + 3 * y, [x + y >= 4, x + 3 * y >= 6, x >= 0, y >= 0], over=[x, y]).dual().problem
    panel = dual.plot().panels[0]
    assert len(panel.of(Role.CONSTRAINT)) == 4
    assert all(lies_in(panel, corner) for corner in ((0, 0), (2, 0), (1.5, 0.5), (0, 1)))


def test_a_dual_function_that_is_finite_at_one_multiplier_is_a_point() -> None:
    relaxed = x**2 >= 1
    panel = panel_of(minimize(x, [relaxed, x >= -2], over=[x]).duality([relaxed]))
    assert points_of(panel, Role.BREAKPOINT) == points_of(panel, Role.OPTIMUM) == {(0, -2)}
    assert panel.of(Role.DUAL) == ()


def test_duals_that_cannot_be_drawn_say_why() -> None:
    signs = [Eq(x**2, 1), Eq(y**2, 1), Eq(z**2, 1)]
    with pytest.raises(ProblemError, match=r"multipliers lambda_1, lambda_2, lambda_3; one or two can be drawn"):
        Problem(x * y + y * z, signs, over=[x, y, z]).dual().plot()
    with pytest.raises(ProblemError, match="-oo for all multipliers"):
        Problem(x, [Eq(y, 0)], over=[x, y]).dual().plot()
    with pytest.raises(ProblemError, match="the dual function is not known: sin"):
        Problem(sympy.sin(x), [x >= 0], over=[x]).dual().plot()
    with pytest.raises(ProblemError, match="the parameters b"):
        Problem(x**2, [x >= b], over=[x]).dual().plot()


def test_regions_of_one_parameter_have_their_values_and_breakpoints() -> None:
    """The projection of b on [0, 2]: V is b², 0 or (b - 2)², with breakpoints at 0 and 2."""
    solution = solve_parametric(Problem((x - b) ** 2, [x >= 0, x <= 2], over=[x]))
    values, points = solution.plot().panels
    assert breakpoints(solution) == (0, 2)
    assert [rule.level for rule in values.of(Role.BREAKPOINT)] == [0, 2]
    found = {curve.label: (curve.expression, curve.inside) for curve in values.of(Role.REGION)}
    assert found["active: x ≥ 0"] == (b**2, (-b,))
    assert sympy.expand(found["active: x ≤ 2"][0] - (b - 2) ** 2) == 0
    assert found["nothing active"][0] == 0
    assert {curve.expression for curve in points.of(Role.REGION)} == {sympy.Integer(0), sympy.Integer(2), b}
    assert values.horizontal[0] < 0 and values.horizontal[1] > 2


def test_the_ends_that_assumptions_set_are_seen() -> None:
    """min x² + 1 where (x - 2)(x - 4) <= b (Boyd and Vandenberghe, exercise 5.1): feasible from b = -1 on, 1 from b = 8 on."""
    constraint = (x - 2) * (x - 4) <= b
    solution = solve_parametric(Problem(x**2 + 1, [constraint], over=[x], assumptions=[b > -1]))
    assert breakpoints(solution) == (8,)
    low, high = solution.plot().panels[0].horizontal
    assert low < -1 and high > 8


def test_breakpoints_of_water_filling() -> None:
    """Two channels of noise 1/2 and 1: the second gets power when the first is filled to its level, at 1/2."""
    channels = log(Rational(1, 2) + x) + log(1 + y)
    solution = solve_parametric(Problem(channels, [Eq(x + y, power), x >= 0, y >= 0], over=[x, y], sense="max"))
    assert breakpoints(solution) == (Rational(1, 2),)
    assert solution.plot().panels[0].horizontal[0] == 0


def test_where_there_is_no_optimum_is_shaded() -> None:
    solution = solve_parametric(Problem(x, [x >= b, x <= 1], over=[x]))
    (strip,) = solution.plot().panels[0].of(Role.NO_OPTIMUM)
    assert strip.label == "infeasible"
    assert strip.inside == (b - 1,)


def test_regions_of_two_parameters_are_named_by_their_active_sets() -> None:
    """The projection on the positive quadrant: the four quadrants, by the signs of the coordinates that are cut off."""
    solution = solve_parametric(Problem((x - b) ** 2 + (y - c) ** 2, [x >= 0, y >= 0], over=[x, y]))
    (panel,) = solution.plot().panels
    areas = panel.of(Role.REGION)
    labels = {area.label.partition(": ")[2] for area in areas}
    assert labels == {"nothing active", "active: x ≥ 0", "active: y ≥ 0", "active: x ≥ 0, y ≥ 0"}
    for area in areas:
        for place in product((-1, 1), repeat=2):
            active = [name for name, value in zip(("x ≥ 0", "y ≥ 0"), place, strict=True) if value < 0]
            expected = f"active: {', '.join(active)}" if active else "nothing active"
            inside = holding(area.inside, area.symbols, [np.array([float(value)]) for value in place])[0]
            assert inside == area.label.endswith(f": {expected}")


def test_three_parameters_are_too_many() -> None:
    with pytest.raises(ProblemError, match="3 parameters; pictures show one or two"):
        solve_parametric(Problem((x - b) ** 2 + c * x + z * x, over=[x])).plot()


def test_the_relaxation_is_drawn_through_its_breakpoints() -> None:
    """Random knapsacks: the path is the dual function by enumeration of all points, and linear in between."""
    draw = random.Random(11)
    for _ in range(4):
        over = symbols("i:l")
        worth, weight = ([draw.randint(1, 20) for _ in over] for _ in range(2))
        room = sum(w * v for w, v in zip(weight, over, strict=True)) <= sum(weight) // 2
        objective = sum(w * v for w, v in zip(worth, over, strict=True))
        problem = Problem(objective, [room], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense="max")
        relaxation = relax(problem, [room])
        optimum = relaxation.solve()
        panel = relaxation.plot(optimum=optimum).panels[0]
        (path,) = panel.of(Role.DUAL)
        chosen = list(product((0, 1), repeat=4))
        sizes = [(np.dot(worth, point), np.dot(weight, point) - sum(weight) // 2) for point in chosen]
        for place, value in (*path.points, *_middles(path.points)):
            assert value == max(int(gain) - place * int(over_room) for gain, over_room in sizes)
        best = max(int(gain) for gain, over_room in sizes if over_room <= 0)
        assert [rule.level for rule in panel.of(Role.PRIMAL_VALUE)] == [best]
        assert panel.of(Role.PRIMAL_VALUE)[0].label == f"integer optimum {best}"
        assert [rule.level for rule in panel.of(Role.DUAL_VALUE)] == [relaxation.bound]


def test_of_many_breakpoints_those_near_the_best_multiplier_are_drawn() -> None:
    draw = random.Random(3)
    over = symbols("k1:301")
    worth, weight = ([draw.randint(1, 10**6) for _ in over] for _ in range(2))
    room = sum(w * v for w, v in zip(weight, over, strict=True)) <= sum(weight) // 2
    objective = sum(w * v for w, v in zip(worth, over, strict=True))
    problem = Problem(objective, [room], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense="max")
    relaxation = relax(problem, [room])
    panel = relaxation.plot().panels[0]
    (path,) = panel.of(Role.DUAL)
    assert 20 < len(path.points) <= 102
    low, high = panel.horizontal
    assert low < float(relaxation.multipliers[room]) < high
    for place, value in path.points[1:-1:10]:
        assert value == sum(max(0, w - place * a) for w, a in zip(worth, weight, strict=True)) + place * (
            sum(weight) // 2
        )


def _middles(points: tuple[tuple[Any, Any], ...]) -> list[tuple[Any, Any]]:
    return [((p[0] + q[0]) / 2, (p[1] + q[1]) / 2) for p, q in pairwise(points)]


def test_the_value_function_and_its_tangent() -> None:
    budget = minimize(x**2, [x >= b], over=[x], bounds={x: (0, None)})
    with pytest.raises(ProblemError, match="no value in closed form"):
        plot_value(budget, c, {b: 1})
    u, p = symbols("u p", positive=True)
    (panel,) = plot_value(maximize(sqrt(u), [u <= p], over=[u]), p, {p: 4}).panels
    (tangent,) = panel.of(Role.TANGENT)
    assert sympy.expand(tangent.expression - (2 + (p - 4) / 4)) == 0
    assert points_of(panel, Role.OPTIMUM) == {(4, 2)}


def test_what_is_not_real_is_not_drawn() -> None:
    places = np.array([-1.0, 0.0, 1.0, 4.0])
    assert np.array_equal(np.isfinite(sampled(log(x), [x], [places])), [False, False, True, True])
    assert np.array_equal(sampled(sqrt(x), [x], [places])[1:], [0, 1, 2])
    assert np.isnan(sampled(1 / x, [x], [places])[1])
    assert np.array_equal(sampled(Abs(x) + sympy.Integer(1), [x], [places]), [2, 1, 2, 5])


def test_the_ends_of_conditions_are_among_the_places() -> None:
    assert float(sqrt(2)) in line_places((0.0, 5.0), (2 - x**2,), x)


def test_files_are_drawn_and_the_same_every_time(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    room = 2 * x + 2 * y <= 3
    packing = Problem(3 * x + 2 * y, [room], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}, sense="max")
    everything = [
        minimize((x - 2) ** 2 + y**2, [x**2 + y**2 <= 1, x > -2], over=[x, y]),
        minimize((x**2 + y**2 - 1) ** 2, over=[x, y]),
        minimize(exp(-x), [x >= 0], over=[x]),
        minimize(x**2, [x >= 1], over=[x]).duality(),
        Problem(x * y, [Eq(x**2, 1), Eq(y**2, 1)], over=[x, y]).dual(),
        solve_parametric(Problem(x**2, [x >= b, x <= 2], over=[x])),
        solve_parametric(Problem(x**2, [x >= b, x <= c], over=[x])),
        relax(packing, [room]),
    ]
    for number, drawn in enumerate(everything):
        first, second = tmp_path / f"{number}.svg", tmp_path / f"{number}-again.svg"
        drawn.plot(first)
        drawn.plot(second)
        assert first.read_bytes() == second.read_bytes()
        assert b"<svg" in first.read_bytes()
    drawn.plot(tmp_path / "last.png")
    assert (tmp_path / "last.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ProblemError, match=r"end its name in \.svg, \.png or \.pdf"):
        drawn.plot(tmp_path / "last.picture")


def test_a_picture_shows_itself_in_a_notebook() -> None:
    pytest.importorskip("matplotlib")
    area = Area((x, y, 1 - x - y), (x, y), "a triangle", Role.REGION, name="1")
    curve = Curve(x**2, x, "x²", Role.OBJECTIVE)
    panels = tuple(Panel(("x", "y"), (0.0, 1.0), (0.0, 1.0), (item,)) for item in (area, curve))
    assert "<svg" in Picture("two panels", panels)._repr_svg_()


def test_pictures_are_data_without_their_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    solution = minimize(x**2, [x >= 1], over=[x])
    assert len(solution.plot().panels) == 1
    with pytest.raises(MissingExtraError, match=r"pip install '\.\[plot\]'"):
        solution.plot(tmp_path / "picture.svg")
    assert solution.plot()._repr_svg_() is None
    assert str(solution.plot()).startswith("minimize x²: optimum 1 (")
