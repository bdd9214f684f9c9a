"""Paths against closed forms and exact regions: points to the bounds that follow from residuals, events to their own bounds."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Eq, Matrix, Rational, Symbol, exp, log, sqrt, symbols

from lagrangian import Problem, ProblemError, Sense, follow_path, solve_parametric
from lagrangian.numeric.path_tracing import EndReason

x, y, z, t, b, c = symbols("x y z t b c", real=True)
# what 1 / (least eigenvalue) of a problem in these tests makes of a residual of 1e-9 stays below this
SMALL = 1e-8


def checked(path) -> None:
    """What holds on every path: residuals, order, and dV/dp = dL/dp by differences of V."""
    assert path.residual.max(initial=0.0) <= 1e-9
    for i in range(len(path.pieces)):
        places = np.flatnonzero(path.piece == i)
        assert (np.diff(path.p[places]) >= 0).all()
    for segment in path.segments:
        middle, half = (segment.low + segment.high) / 2, (segment.high - segment.low) / 2
        step = min(1e-4, half / 2)
        if step > 1e-5:
            around = [path.at(middle + k * step).value for k in (-2, -1, 1, 2)]
            quotient = (around[0] - 8 * around[1] + 8 * around[2] - around[3]) / (12 * step)
            found = path.at(middle)
            # rounding of four values over the step, and the fourth-order term
            assert found.slope == pytest.approx(quotient, rel=1e-7, abs=1e-7)
            assert found.residual <= 1e-9


def events_are(path, exact) -> None:
    assert len(path.events) == len(exact)
    for event, place in zip(path.events, exact, strict=True):
        assert abs(event.parameter - float(place)) <= event.error
        assert event.error <= 1e-9


@settings(max_examples=6, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=4, max_size=4, unique=True))
def test_water_filling(noise: list[int]) -> None:
    """Channel i is used from the power sum(n_i - n_j) over the better ones on; the level is mean(noise) + power / count."""
    powers, floors = symbols("w1:5", real=True), symbols("n1:5", positive=True)
    gain = sum(log(power + n) for power, n in zip(powers, floors, strict=True))
    budget = Eq(sum(powers), b)
    problem = Problem(gain, [budget, *(w >= 0 for w in powers)], over=powers, sense=Sense.MAXIMIZE)
    path = follow_path(problem, b, 0.5, 40, others=dict(zip(floors, noise, strict=True)))
    ordered = sorted(noise)
    exact = [k * ordered[k] - sum(ordered[:k]) for k in range(1, 4)]
    exact = [e for e in exact if 0.5 < e < 40]
    events_are(path, exact)
    assert all(not event.entering and len(event.leaving) == 1 for event in path.events)
    for power in (0.75, 3.3, 11.0, 39.0):
        used = [n for k, n in enumerate(ordered) if k == 0 or k * n - sum(ordered[:k]) < power]
        level = (power + sum(used)) / len(used)
        found = path.at(power)
        assert list(found.x.values()) == pytest.approx([max(level - n, 0.0) for n in noise], abs=SMALL * 50)
        assert found.shadow_prices[budget] == pytest.approx(1 / level, abs=SMALL)
        assert found.slope == pytest.approx(1 / level, abs=SMALL)
    checked(path)


@settings(max_examples=8, deadline=None)
@given(st.integers(-3, 3), st.integers(1, 4))
def test_soft_thresholding(center: int, weight: int) -> None:
    """(x - b)**2/2 + w |x - m| is least at m where |b - m| <= w."""
    problem = Problem((x - b) ** 2 / 2 + c * t, [t >= x - y, t >= y - x], over=[x, t])
    path = follow_path(problem, b, -10, 10, others={c: weight, y: center})
    events_are(path, [center - weight, center + weight])
    for place in (-9.5, center - weight / 2, center + weight / 3, 9.25):
        expected = center + np.sign(place - center) * max(abs(place - center) - weight, 0.0)
        assert path.at(place).x[x] == pytest.approx(expected, abs=SMALL)
    checked(path)


def lasso_breakpoints(design: list[list[int]], response: list[int]) -> list[Fraction]:
    """The penalties at which the support changes, by exact enumeration of supports and signs: an independent oracle."""
    gram = Matrix(design).T * Matrix(design)
    moment = Matrix(design).T * Matrix(response)
    n, penalty = gram.rows, Symbol("penalty")
    found = set()
    for signs in np.ndindex(*[3] * n):
        sign = [s - 1 for s in signs]
        support = [i for i in range(n) if sign[i]]
        beta = sympy.zeros(n, 1)
        if support:
            part = gram.extract(support, support).LUsolve(Matrix([moment[i] - penalty * sign[i] for i in support]))
            for i, value in zip(support, part, strict=True):
                beta[i] = sympy.expand(value)
        slack = (moment - gram * beta).applyfunc(sympy.expand)
        conditions = [sign[i] * beta[i] for i in support]
        conditions += [penalty - s * slack[i] for i in range(n) if not sign[i] for s in (1, -1)]
        low, high = Fraction(0), Fraction(10**6)
        for condition in map(sympy.expand, conditions):
            slope, level = condition.coeff(penalty, 1), condition.coeff(penalty, 0)
            if slope == 0:
                high = high if level >= 0 else Fraction(-1)
                continue
            zero = Fraction(int((-level / slope).p), int((-level / slope).q))
            low, high = (max(low, zero), high) if slope > 0 else (low, min(high, zero))
        if low < high:
            found |= {low, high}
    return sorted(found - {Fraction(0), Fraction(10**6)})


@pytest.mark.parametrize(
    ("design", "response"),
    [
        ([[2, 1, 0], [1, 3, 1], [0, 1, 2], [1, 0, 1]], [5, 3, -4, 1]),
        ([[1, 2, 0], [3, 1, 1], [1, 0, 4], [2, 2, 1]], [1, 7, -5, 2]),
    ],
)
def test_the_lasso_path_has_the_exact_breakpoints(design: list[list[int]], response: list[int]) -> None:
    beta, bound = symbols("beta1:4", real=True), symbols("t1:4", real=True)
    error = Matrix(design) * Matrix(beta) - Matrix(response)
    objective = (error.T * error)[0] / 2 + b * sum(bound)
    sides = [s * v <= u for v, u in zip(beta, bound, strict=True) for s in (1, -1)]
    exact = lasso_breakpoints(design, response)
    path = follow_path(
        Problem(sympy.expand(objective), sides, over=[*beta, *bound]), b, Rational(1, 20), float(exact[-1]) + 1
    )
    events_are(path, [e for e in exact if e > 0.05])
    checked(path)


def markowitz(count: int):
    """A covariance D + u u' with distinct means, budget and return, no short sales."""
    w, r = symbols(f"w1:{count + 1}", real=True), Symbol("r", real=True)
    risks = [2 + (3 * i) % 5 for i in range(count)]
    factor = [((2 * i) % 3) - 1 for i in range(count)]
    returns = [1 + ((3 * i) % count) for i in range(count)]
    variance = (
        sum(d * v**2 for d, v in zip(risks, w, strict=True)) + sum(u * v for u, v in zip(factor, w, strict=True)) ** 2
    )
    mean = sum(m * v for m, v in zip(returns, w, strict=True))
    return Problem(variance / 2, [Eq(sum(w), 1), Eq(mean, r), *(v >= 0 for v in w)], over=w), r


@pytest.mark.parametrize("count", [4, 10])
def test_the_efficient_frontier(count: int) -> None:
    """Returns from the least to the greatest mean are possible; V is convex, and its slope is the multiplier of the return."""
    problem, r = markowitz(count)
    path = follow_path(problem, r, 0, count + 1)
    (piece,) = path.pieces
    assert (piece.start.parameter, piece.end.parameter) == pytest.approx((1, count), abs=1e-9)
    assert piece.start.reason is piece.end.reason is EndReason.BLOCKED
    assert path.x.min() >= -1e-12
    assert (np.diff(path.slope) >= -1e-9).all()
    wanted = problem.constraints[1]
    assert path.shadow_prices[:, path.constraints.index(wanted)] == pytest.approx(path.slope, abs=1e-9)
    checked(path)


def test_the_frontier_is_that_of_the_exact_regions() -> None:
    problem, r = markowitz(4)
    path, exact = follow_path(problem, r, 0, 5), solve_parametric(problem)
    for place in np.linspace(1.05, 3.95, 12).tolist():
        (region, *_) = [g for g in exact.regions if g.value is not None and all(q.subs(r, place) for q in g.relations)]
        found = path.at(place)
        assert found.value == pytest.approx(float(region.value.subs(r, place)), abs=SMALL)
        assert [found.x[v] for v in problem.over] == pytest.approx(
            [float(region.point[v].subs(r, place)) for v in problem.over], abs=SMALL
        )


ENTRIES = symbols("l1:5 q1:5 a1:5 r1:5", real=True)


def general_program() -> Problem:
    """A quadratic program in two variables with every coefficient a parameter, so that it is compiled once."""
    root, cost, sides = Matrix(2, 2, ENTRIES[:4]), ENTRIES[4:8], ENTRIES[8:]
    curved = (root * Matrix([x, y])).applyfunc(lambda e: e**2)
    objective = sum(curved) / 2 + (x**2 + y**2) / 2 + (cost[0] + cost[1] * b) * x + (cost[2] + cost[3] * b) * y
    rows = [sides[2 * i] * x + sides[2 * i + 1] * y <= sides[4 + 2 * i] + sides[5 + 2 * i] * b for i in range(2)]
    return Problem(objective, rows, over=[x, y], bounds={x: (-3, 3), y: (-3, 3)})


small = st.integers(-3, 3)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(small, min_size=8, max_size=8),
    st.lists(st.integers(1, 3), min_size=4, max_size=4),
    st.lists(st.integers(1, 6), min_size=2, max_size=2),
    st.lists(st.integers(-1, 1), min_size=2, max_size=2),
)
def test_quadratic_programs_have_the_values_of_their_exact_regions(
    terms: list[int], sides: list[int], levels: list[int], rates: list[int]
) -> None:
    """Where regions have a value the path has it, elsewhere there is no path."""
    right = [levels[0], rates[0], levels[1], rates[1]]
    numbers = dict(zip(ENTRIES, [*terms, *sides, *right], strict=True))
    problem = general_program()
    path = follow_path(problem, b, -4, 4, others=numbers)
    stated = [c.subs(numbers) for c in problem.constraints]
    exact = solve_parametric(
        Problem(problem.objective.subs(numbers), stated, over=[x, y], bounds=dict.fromkeys((x, y), (-3, 3)))
    )
    for number in range(-39, 40, 6):
        place = Rational(number, 10) + Rational(1, 97)
        regions = [g for g in exact.regions if all(q.subs(b, place) for q in g.relations) and g.point is not None]
        is_there = any(s.low <= float(place) <= s.high for s in path.segments)
        assert is_there == bool(regions)
        if regions:
            found = path.at(float(place))
            # the Hessian is at least the unit matrix: what a residual of 1e-9 leaves open is of that order
            assert found.value == pytest.approx(float(regions[0].value.subs(b, place)), rel=SMALL, abs=SMALL)
            assert [found.x[v] for v in (x, y)] == pytest.approx(
                [float(regions[0].point[v].subs(b, place)) for v in (x, y)], abs=SMALL
            )
    checked(path)


def test_ridge_regression_has_no_events() -> None:
    """(A'A + b)^-1 A'y."""
    design, response = np.array([[2.0, 1.0], [1.0, 3.0], [0.0, 1.0]]), np.array([1.0, -2.0, 4.0])
    error = Matrix([[2, 1], [1, 3], [0, 1]]) * Matrix([x, y]) - Matrix([1, -2, 4])
    path = follow_path(Problem((error.T * error)[0] + b * (x**2 + y**2), over=[x, y]), b, 0, 20)
    assert not path.events and len(path.segments) == 1
    for penalty, found in zip(path.p, path.x, strict=True):
        exact = np.linalg.solve(design.T @ design + penalty * np.eye(2), design.T @ response)
        assert found == pytest.approx(exact, abs=1e-12)
    checked(path)


def test_a_linear_program_in_its_right_side_and_in_its_cost() -> None:
    polygon = [x + y <= 4, x <= 3, x >= 0, y >= 0]
    path = follow_path(Problem(-3 * x - 2 * y, [*polygon, x + 3 * y <= b], over=[x, y]), b, -2, 14)
    events_are(path, [3, 6])
    assert path.pieces[0].start.reason is EndReason.BLOCKED
    assert (path.gaps[0].low, path.gaps[0].high, path.gaps[0].found_some) == (-2.0, path.p[0], False)
    assert path.p[0] == pytest.approx(0, abs=1e-12)
    checked(path)
    # vertices (3, 1), (3, 1) and (0, 2): at b = 3 only the multipliers change, at b = 9 the optimum jumps along an edge
    path = follow_path(Problem(-3 * x - b * y, [*polygon, x + 3 * y <= 6], over=[x, y]), b, 0, 12)
    assert path.jumps == pytest.approx([9.0], abs=1e-9)
    assert path.at(8).x == pytest.approx({x: 3, y: 1}, abs=SMALL)
    assert path.at(10).x == pytest.approx({x: 0, y: 2}, abs=SMALL)
    assert path.pieces[0].end.reason is EndReason.JUMP


def test_many_constraints_enter_at_once() -> None:
    """The projection of (b, ..., b) on the unit box: all upper bounds become active at b = 1, all lower ones cease at 0."""
    w = symbols("w1:6", real=True)
    path = follow_path(Problem(sum((v - b) ** 2 for v in w), over=w, bounds=dict.fromkeys(w, (0, 1))), b, -1, 2)
    events_are(path, [0, 1])
    assert [(len(e.entering), len(e.leaving)) for e in path.events] == [(0, 5), (5, 0)]
    assert path.at(0.25).x == pytest.approx(dict.fromkeys(w, 0.25), abs=SMALL)


def test_folds_are_found_and_the_jump_is_marked() -> None:
    """x**4/4 - x**2/2 - b x: the left minimum meets the maximum where 3 x**2 = 1, at b = 2/(3 sqrt 3)."""
    path = follow_path(Problem(x**4 / 4 - x**2 / 2 - b * x, over=[x]), b, -1, 1)
    fold = 2 / (3 * float(sqrt(3)))
    first, second = path.pieces
    assert first.end.reason is EndReason.FOLD
    assert abs(first.end.parameter - fold) <= first.end.error + 1e-15
    assert first.end.error < 1e-12
    assert path.jumps == (second.start.parameter,)
    # the other minimum has the lower value as soon as b > 0
    assert path.better.min() > 0 and path.better.max() < fold and len(path.better) >= 15
    for value, place in zip(path.p, path["x"], strict=True):
        assert place**3 - place == pytest.approx(value, abs=1e-9)
    checked(path)


def test_a_bifurcation_ends_a_piece() -> None:
    path = follow_path(Problem(x**4 / 4 - b * x**2 / 2, over=[x]), b, -1, 1)
    assert path.pieces[0].end.reason is EndReason.BIFURCATION
    assert abs(path.pieces[0].end.parameter) <= path.pieces[0].end.error
    assert path.jumps == ()
    assert abs(path.at(0.25).x[x]) == pytest.approx(0.5, abs=SMALL)


def test_the_end_of_a_curved_feasible_range() -> None:
    """x + y on a disk of radius sqrt(b - 1): multipliers grow without bound as the disk becomes a point."""
    path = follow_path(Problem(x + y, [x**2 + y**2 <= b - 1], over=[x, y]), b, -1, 3)
    (piece,) = path.pieces
    assert piece.start.reason is EndReason.DIVERGED
    assert abs(piece.start.parameter - 1) <= piece.start.error <= 1e-9
    for value, found in zip(path.p, path.value, strict=True):
        # V = -sqrt(2 (b - 1)), and b is known to rounding
        assert found == pytest.approx(-np.sqrt(2 * (value - 1)), abs=1e-7 if value - 1 < 1e-6 else 1e-9)


def test_a_turning_point_of_the_constraints() -> None:
    """x on the circle x**2 + b**2 = 1."""
    path = follow_path(Problem(x, [Eq(x**2 + b**2, 1)], over=[x]), b, 0, 2)
    assert path.pieces[0].end.reason in (EndReason.DIVERGED, EndReason.DEPENDENT)
    assert abs(path.pieces[0].end.parameter - 1) <= path.pieces[0].end.error


def test_maximization_has_the_users_signs() -> None:
    cap, budget = x <= 2, Eq(x + y, b)
    path = follow_path(Problem(4 * x + log(y), [cap, budget], over=[x, y], sense=Sense.MAXIMIZE), b, 1, 5)
    events_are(path, [2.25])
    found = path.at(4)
    assert found.value == pytest.approx(8 + np.log(2), abs=SMALL)
    assert found.slope == found.shadow_prices[budget] == pytest.approx(0.5, abs=SMALL)
    assert found.multipliers[cap] == found.shadow_prices[cap] == pytest.approx(3.5, abs=SMALL)
    assert set(found.active_set) == {cap, budget}


def test_other_parameters_and_a_reversed_role() -> None:
    problem = Problem((x - b) ** 2 + exp(c) * x, [x >= c], over=[x])
    path = follow_path(problem, "b", -3, 3, others={"c": 0})
    events_are(path, [0.5])
    assert path.others == {c: 0.0}


@pytest.mark.parametrize(("cap", "high", "factor"), [(500, 1, 1000), (2e5, 1e6, 1), (2e-7, 1e-6, 1)])
def test_any_units_will_do(cap: float, high: float, factor: int) -> None:
    """(x - factor b)**2 in large and small units: rounding is counted, not taken for a violation."""
    path = follow_path(Problem(1000 * factor * (x - factor * b) ** 2, [x <= cap], over=[x]), b, 0, high)
    (event,) = path.events
    assert abs(event.parameter - cap / factor) <= event.error <= 1e-8 * high
    assert path.x.ravel() == pytest.approx(np.minimum(factor * path.p, cap), rel=1e-12, abs=1e-18)


def test_a_point_on_the_boundary_of_a_strict_inequality_is_a_limit() -> None:
    path = follow_path(Problem(x, [x > b], over=[x]), b, 0, 1)
    assert path.x.ravel() == pytest.approx(path.p, abs=1e-15)


def test_curved_constraints_that_touch_and_leave() -> None:
    """x = min(b, 1 + (b - 1)**2) between 1 and 2; max(b, b**2 - 1) up to x = 2: golden ratios and roots of 3."""
    path = follow_path(Problem((x - b) ** 2, [x <= 1 + (b - 1) ** 2], over=[x]), b, 0, 3)
    events_are(path, [1, 2])
    checked(path)
    path = follow_path(Problem((x - b) ** 2, [x >= b**2 - 1, x <= 2], over=[x]), b, -2, 2)
    golden = (1 + float(sqrt(5))) / 2
    events_are(path, [1 - golden, golden])
    ends = path.pieces[0].start, path.pieces[0].end
    assert all(abs(abs(end.parameter) - float(sqrt(3))) <= end.error for end in ends)
    assert {end.reason for end in ends} == {EndReason.BLOCKED}


def test_solutions_that_are_not_isolated_are_not_followed() -> None:
    path = follow_path(Problem((x + y - b) ** 2, over=[x, y]), b, 0, 1)
    assert len(path) == 0 and path.pieces == ()
    assert [gap.found_some for gap in path.gaps] == [True]
    with pytest.raises(ProblemError, match="nothing to draw"):
        path.plot()


def test_nothing_is_found_where_nothing_is_feasible() -> None:
    path = follow_path(Problem(x, [x >= b, x <= b - 1], over=[x]), b, 0, 1)
    assert [(g.low, g.high, g.found_some) for g in path.gaps] == [(0.0, 1.0, False)]
    with pytest.raises(ProblemError, match=r"no solution at b = 0\.5"):
        path.at(0.5)


def test_arrays_are_read_only_and_survive_a_file(tmp_path) -> None:
    path = follow_path(Problem((x - b) ** 2, [x <= 1, x >= 0], over=[x]), b, -1, 2)
    with pytest.raises(ValueError, match="read-only"):
        path.x[0] = 1.0
    path.to_npz(tmp_path / "path.npz")
    with np.load(tmp_path / "path.npz", allow_pickle=False) as stored:
        for name, array in path.to_arrays().items():
            assert (stored[name] == array).all()
        assert stored["event_texts"].tolist()[0].endswith("x >= 0 becomes inactive")
    assert path["x"].tolist() == path.x[:, 0].tolist()
    with pytest.raises(KeyError, match="is not a variable"):
        path["q"]


def test_every_step_is_at_most_the_distance_of_the_points() -> None:
    path = follow_path(Problem((x - b) ** 2, [x <= 1], over=[x]), b, 0, 2, points=21)
    assert max(after - before for before, after in pairwise(path.p)) <= 0.1 * (1 + 1e-9)


def test_the_picture_holds_pieces_events_and_active_sets() -> None:
    path = follow_path(Problem(x**4 / 4 - x**2 / 2 - b * x, [x <= 1], over=[x]), b, -1, 1)
    points, values, active = path.plot().panels
    assert [len(panel.items) for panel in (points, values, active)] == [3, 3, 2]
    (bar,) = [item for item in active.items if hasattr(item, "row")]
    assert (float(bar.low), float(bar.high), bar.label) == (path.jumps[0], 1.0, "x ≤ 1")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameter": "q"}, "q is not a parameter of the problem; the parameters are b, c"),
        ({"low": 2}, "from 2 to 1; write a lower end"),
        ({"high": float("nan")}, "high is nan; write a finite number"),
        ({"others": {}}, "no value is given for c"),
        ({"others": {"c": 1, "d": 2}}, "gives a value for d"),
        ({"others": {"c": "one"}}, "the value of c is 'one'"),
        ({"points": 1}, "points is 1"),
        ({"tolerance": 1e-3}, "the tolerance is 0.001"),
        ({"start": [0.0, 1.0]}, "the start has shape"),
    ],
)
def test_bad_input_is_refused(change: dict, message: str) -> None:
    asked = {"parameter": b, "low": 0, "high": 1, "others": {c: 1}} | change
    with pytest.raises(ProblemError, match=message):
        follow_path(Problem((x - b) ** 2 + c, over=[x]), **asked)


def test_problems_of_other_kinds_are_refused() -> None:
    with pytest.raises(ProblemError, match="Abs"):
        follow_path(Problem(Abs(x - b) + x**2, over=[x]), b, 0, 1)
    with pytest.raises(ProblemError, match="must be integers"):
        follow_path(Problem((x - b) ** 2, over=[x], integers=[x]), b, 0, 1)
    q = Symbol("q", positive=True)
    with pytest.raises(ProblemError, match="declared nonnegative"):
        follow_path(Problem((x - q) ** 2, over=[x]), q, -1, 1)
