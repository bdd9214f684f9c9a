"""Interval branch and bound with equations: narrowed boxes lose no point, and feasible points on curves are shown to exist."""

import time
from dataclasses import replace

import numpy as np
import pytest
import sympy
from sympy import Abs, Eq, Max, Min, Rational, atan, cos, exp, log, sin, sqrt, symbols, tan

from lagrangian.algebra.interval_arrays import Ends
from lagrangian.algebra.interval_contraction import contract
from lagrangian.algebra.interval_program import Program
from lagrangian.candidates.interval_feasible import enclosure_near
from lagrangian.candidates.intervals import search_boxes
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.interval_lagrangian import expansions, lagrangian_bound
from lagrangian.conditions.interval_model import Boxes, interval_model
from lagrangian.conditions.interval_rules import narrowed, narrowed_by_constraints
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.intervals import BoxProof
from lagrangian.prove_intervals import enclose_by_boxes

x, y, z = symbols("x y z", real=True)
FUNCTIONS = [
    x**2 + y**2,
    x * y - z,
    exp(x) - y**3 + z,
    log(x + 3) * y - sqrt(z + 2),
    1 / (x - y) + z**4,
    Abs(x - y) + Max(x, z),
    sin(2 * x + y) + cos(3 * z),
    (x + 3) ** Rational(3, 2) - y**5 * z,
    (z + 3) ** Rational(-1, 3) * x - y,
    Min(x, y * z) ** 2,
    x * exp(-y) / z**3,
    atan(x * y) + tan(z / 4),
]


def model_of(objective, constraints, over=(x, y, z)):
    return interval_model(canonicalize(Problem(objective, constraints, over=list(over)))[0])


def sampled(function, random):
    """Boxes, points in them and the values there."""
    middle = random.uniform(-3, 3, (100, 3))
    width = random.uniform(0, 1.5, (100, 3)) * random.choice([0.1, 1, 2], (100, 1))
    low, high = middle - width, middle + width
    points = low[:, None] + (high - low)[:, None] * random.random((100, 100, 3))
    with np.errstate(all="ignore"):
        values = sympy.lambdify((x, y, z), function, "numpy")(*np.moveaxis(points, 2, 0))
    return low, high, points, values


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@pytest.mark.parametrize("how", list(Ends))
def test_narrowing_by_operations_keeps_every_point_with_an_allowed_value(function, how):
    low, high, points, values = sampled(function, np.random.default_rng(1))
    program = Program((x, y, z))
    line = program.add(function)
    center = float(np.nanmedian(values))
    for least, most in ((-np.inf, center), (center - 0.3, center + 0.3), (center, np.inf)):
        (new_low, new_high), empty = contract(program, [(line, least, most)], (low, high), how)
        allowed = (values >= least) & (values <= most)
        kept = ((points >= new_low[:, None]) & (points <= new_high[:, None])).all(axis=2) & ~empty[:, None]
        assert not (allowed & ~kept).any()
        assert empty.any() or (new_high - new_low < high - low).any()


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_narrowing_of_a_problem_keeps_every_feasible_point_below_the_threshold(function):
    low, high, points, values = sampled(function, np.random.default_rng(2))
    model = model_of(function, [x + y + z**3 <= 1])
    threshold = float(np.nanmedian(values))
    boxes = Boxes(low, high, np.zeros(low.shape, dtype=bool))
    inside, empty = narrowed_by_constraints(model, boxes, np.full(len(low), threshold), Ends.PROVED)
    allowed = (values <= threshold) & (points[..., 0] + points[..., 1] + points[..., 2] ** 3 <= 1)
    kept = ((points >= inside.low[:, None]) & (points <= inside.high[:, None])).all(axis=2) & ~empty[:, None]
    assert not (allowed & ~kept).any()


def test_equations_narrow_a_box_to_their_curve():
    # the planted points (t, sin t, exp t) satisfy both equations
    model = model_of(x, [Eq(y, sin(x)), Eq(z, exp(x))])
    t = np.linspace(-0.5, 0.5, 40)
    planted = np.stack([t, np.sin(t), np.exp(t)], axis=1)
    low, high = planted - 0.01 * np.array([1, 5, 9]), planted + 0.01 * np.array([1, 9, 5])
    boxes = Boxes(low, high, np.zeros(low.shape, dtype=bool))
    inside, empty = narrowed(model, boxes, np.full(len(low), np.inf), Ends.PROVED)
    assert not empty.any()
    assert ((planted >= inside.low) & (planted <= inside.high)).all()
    # dy <= dx, and dz <= exp(x) dx, but for a tenth where the slopes vary
    steep = np.stack([np.ones(40), np.exp(t + 0.01)], axis=1)
    assert ((inside.high - inside.low)[:, 1:] <= 1.1 * 0.02 * steep).all()


@pytest.mark.parametrize("planted", [(0.3, -0.2), (1.1, 0.7)])
def test_stationarity_leaves_a_small_box_around_a_minimizer(planted):
    a, b = planted
    function = (
        1 - exp(-((x - Rational(a)) ** 2)) * cos(y - Rational(b)) + (y - Rational(b)) ** 2 * (x - Rational(a)) ** 2
    )
    model = model_of(function, [x >= -4, x <= 4, y >= -4, y <= 4], (x, y))
    nothing = np.zeros((1, 2), dtype=bool)
    around = Boxes(np.array([[a - 0.1, b - 0.1]]), np.array([[a + 0.12, b + 0.12]]), nothing)
    inside, empty = narrowed(model, around, np.array([np.inf]), Ends.PROVED)
    assert not empty[0]
    assert (inside.low[0] <= planted).all() and (planted <= inside.high[0]).all()
    assert (inside.high - inside.low < 0.05).all()
    beside = Boxes(np.array([[a + 0.2, b + 0.1]]), np.array([[a + 0.3, b + 0.2]]), nothing)
    assert narrowed(model, beside, np.array([np.inf]), Ends.PROVED)[1][0]
    # at a bound a slope is allowed
    corner = Boxes(np.array([[-4.0, -4.0]]), np.array([[-3.9, -3.9]]), nothing)
    kept, empty = narrowed(model, corner, np.array([np.inf]), Ends.PROVED)
    assert not empty[0] and (kept.low == corner.low).all() and (kept.high == corner.high).all()


def test_a_feasible_point_on_curves_is_enclosed():
    # x = 1/2 is a bound, so that y = cos(1/2) and z = exp(cos(1/2)) are the only feasible values beside it
    model = model_of(x, [Eq(y, cos(x)), Eq(log(z), y), x >= Rational(1, 2), x <= 3])
    near = np.array([0.5, np.cos(0.5), np.exp(np.cos(0.5))])
    found = enclosure_near(model, near + 1e-9)
    assert found is not None
    assert found.solved and found.holds(model)
    exact = [Rational(1, 2), cos(Rational(1, 2)), exp(cos(Rational(1, 2)))]
    for place, value in enumerate(exact):
        assert sympy.Rational(float(found.low[place])) <= value.evalf(40) <= sympy.Rational(float(found.high[place]))


def test_a_box_without_a_zero_is_refused():
    model = model_of(x, [Eq(x**2 + y**2, 1), Eq(x * y, 1), z <= 1])
    beside = FeasibleEnclosure(np.array([0.9, 0.9, 0.0]), np.array([1.1, 1.1, 0.0]), (0, 1))
    assert not beside.holds(model)
    circle = model_of(x, [Eq(x**2 + y**2, 1), z <= 1])
    # x is solved for, y and z are held; y must be one number
    good = FeasibleEnclosure(np.array([0.8 - 1e-6, 0.6, 0.0]), np.array([0.8 + 1e-6, 0.6, 0.0]), (0,))
    assert good.holds(circle)
    wide = FeasibleEnclosure(good.low, np.array([0.8 + 1e-6, 0.61, 0.0]), (0,))
    assert not wide.holds(circle)
    outside = FeasibleEnclosure(np.array([0.8 - 1e-6, 0.6, 1.5]), np.array([0.8 + 1e-6, 0.6, 1.5]), (0,))
    assert not outside.holds(circle)
    strict = model_of(x, [x**2 + y**2 < 1, z <= 1])
    assert not FeasibleEnclosure(good.low, good.high, (0,), (0,)).holds(strict)


def test_equations_in_variables_at_their_bounds_are_decided_exactly():
    constraints = [x >= 0, x <= 2, y >= 0, y <= 2, z >= 0, z <= 2, Eq(y, log(1 + x)), y <= 4 * x, Eq(exp(z) + x, 2)]
    model = model_of(x + y + z, constraints)
    found = enclosure_near(model, np.array([1e-13, 0.0, np.log(2) + 1e-10]))
    assert found is not None and found.holds(model) and found.solved == (2,)
    assert found.low[0] == found.high[0] == found.low[1] == found.high[1] == 0.0
    assert found.low[2] <= np.log(2) <= found.high[2]
    # held at values that satisfy the equation up to rounding alone
    aside = FeasibleEnclosure(np.array([0.5, np.log(1.5), 0.4]), np.array([0.5, np.log(1.5), 0.41]), (2,))
    assert not aside.holds(model)
    strict = model_of(x + y + z, [*constraints, y < 4 * x])
    assert not FeasibleEnclosure(found.low, found.high, (2,)).holds(strict)


def test_bounds_that_are_no_floating_point_numbers_count_exactly_in_equations():
    constraints = [x >= Rational(1, 10), x <= 2, y >= 0, y <= 2, z >= 0, z <= 2]
    near = np.array([0.1, 1.0, 0.5])
    holds = model_of(x, [*constraints, Eq(exp(10 * x - 1) + x - Rational(11, 10), 0)])
    fails = model_of(x, [*constraints, Eq(exp(10 * x - 1) + x - sympy.Rational(1.1), 0)])
    assert enclosure_near(holds, near) is not None
    assert enclosure_near(fails, near) is None


def test_a_lagrangian_is_not_taken_to_bend_where_it_is_affine():
    # F = x + y**2 on [-1, 1]^2 is least at (-1, 0): -1; a negative alpha may use the curvature in y alone
    model = model_of(x + y**2, [x + y <= 5], (x, y))
    box = Boxes(np.full((1, 2), -1.0), np.full((1, 2), 1.0), np.zeros((1, 2), dtype=bool))
    found = expansions(model, box, np.zeros((1, 2)), Ends.PROVED)
    for alpha in (-1.0, -0.1, 0.0):
        assert lagrangian_bound(model, found, np.zeros((1, 1)), np.zeros((1, 1)), np.array([alpha]))[0] <= -1.0


def test_penalties_make_a_lagrangian_convex_around_a_minimizer_on_a_curve():
    # the greatest x y on the unit circle is 1/2; L without penalty is not convex
    model = model_of(-x * y, [Eq(x**2 + y**2, 1)], (x, y))
    root = np.sqrt(0.5)
    box = Boxes(np.full((1, 2), root - 0.02), np.full((1, 2), root + 0.02), np.zeros((1, 2), dtype=bool))
    found = expansions(model, box, np.full((1, 2), root), Ends.PROVED)
    plain, augmented = (
        lagrangian_bound(model, found, np.full((1, 1), 0.5), np.full((1, 1), penalty), np.zeros(1))[0]
        for penalty in (0.0, 1.0)
    )
    assert plain == -np.inf
    assert -0.5 - 1e-9 < augmented <= -0.5 + 1e-12


def test_an_altered_smaller_box_is_refused():
    model = model_of(exp(x) + y**2, [Eq(x + sin(y), 1), x >= -2, x <= 2, y >= -2, y <= 2], (x, y))
    found = search_boxes(model, 1.8, np.inf)
    assert found.tree is not None
    assert BoxProof(model.canonical, 1.8, found.tree).verify() is True
    assert found.tree.boxes
    for low, high in found.tree.boxes.values():
        high[:] = low + 0.1 * (high - low)
    assert BoxProof(model.canonical, 1.8, found.tree).verify() is not True


def test_a_problem_with_sines_as_equations_is_enclosed():
    # a power flow of two lines: with p = sin(a), q = sin(b) = 1 - p, the cost p**2 + 2 q**2 is least at p = 2/3: 2/3
    a, b, p, q = symbols("a b p q", real=True)
    limits = [a >= 0, a <= Rational(3, 2), b >= 0, b <= Rational(3, 2)]
    problem = Problem(p**2 + 2 * q**2, [Eq(p, sin(a)), Eq(q, sin(b)), Eq(p + q, 1), *limits], over=[a, b, p, q])
    certificate = enclose_by_boxes(canonicalize(problem)[0], None, time.monotonic() + 60)
    assert certificate is not None
    assert certificate.lower <= Rational(2, 3) <= certificate.upper
    assert certificate.upper - certificate.lower < Rational(1, 10**8)
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    moved = replace(certificate.enclosures[0], low=certificate.enclosures[0].low + 1e-3)
    assert replace(certificate, enclosures=(moved,)).verify() is not True
