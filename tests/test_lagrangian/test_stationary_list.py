"""Complete lists of stationary points by interval Newton methods, held against planted ones."""

import time
from dataclasses import replace

import numpy as np
import pytest
from sympy import Rational, cos, cosh, exp, log, pi, sin, symbols

from lagrangian import Kind, Sense, Status, minimize
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.prove_stationary import list_on_a_box
from lagrangian.restore_stationary import classified

x, y, z = symbols("x y z", real=True)


def listed(objective, bounds, over):
    return list_on_a_box(canonicalize(Problem(objective, bounds, over=over))[0], time.monotonic() + 60)


def box(low, high, *variables):
    return [relation for v in variables for relation in (v >= low, v <= high)]


def test_every_stationary_point_of_a_wave_is_found():
    # sin(x) + sin(y) on [0, 7]^2: cos x = cos y = 0 at pi/2, 3 pi/2 inside; at 0 the slope is 1, at 7 it is cos 7 > 0, inward
    found = listed(sin(x) + sin(y), box(0, 7, x, y), [x, y])
    assert found is not None and found.verify() is True
    one = [0.0, np.pi / 2, 3 * np.pi / 2]
    expected = sorted((a, b) for a in one for b in one)
    centers = sorted((float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2) for _, low, high, _ in found.candidates)
    assert np.allclose(centers, expected, atol=1e-9)
    assert float(found.lower) <= -2 <= float(found.upper)


def test_the_value_is_that_of_the_planted_point():
    # stationary where x = exp(-x), x = 0.5671432904097838 (the omega constant), and y = 0
    omega = 0.5671432904097838
    found = listed(x**2 / 2 + exp(-x) + cosh(y) - 1, box(-2, 2, x, y), [x, y])
    assert found is not None and len(found.candidates) == 1
    _, low, high, value = found.candidates[0]
    assert low[0] <= omega <= high[0] and low[1] < 0 < high[1]
    # the planted value is rounded
    assert value[0] - 1e-15 <= omega**2 / 2 + omega <= value[1] + 1e-15


def test_a_maximum_has_the_kinds_of_the_stated_objective():
    objective = sin(x) * exp(y / 5) - x**2 / 10 - y**2 / 20
    problem = Problem(objective, box(-5, 5, x, y), over=[x, y], sense=Sense.MAXIMIZE)
    canonical, restoration = canonicalize(problem)
    certificate = list_on_a_box(canonical, time.monotonic() + 60)
    assert certificate is not None
    points = classified(certificate, restoration)
    assert points[0].is_global and points[0].kind is Kind.STRICT_LOCAL_MAXIMUM
    assert Kind.SADDLE in [point.kind for point in points]
    assert [float(p.value) for p in points] == sorted((float(p.value) for p in points), reverse=True)
    for point in points:
        slopes = [float(objective.diff(v).xreplace(point.point)) for v in (x, y)]
        assert all(abs(slope) < 1e-9 or abs(point.point[v]) == 5 for slope, v in zip(slopes, (x, y), strict=True))
    for point in points:
        if point.kind is Kind.STRICT_LOCAL_MAXIMUM:
            here = {v: float(value) for v, value in point.point.items()}
            for step in ({x: 1e-3}, {x: -1e-3}, {y: -1e-3}):
                beside = {v: here[v] + step.get(v, 0.0) for v in (x, y)}
                assert float(objective.xreplace(beside)) < float(objective.xreplace(here))


def test_solve_shows_the_complete_list():
    solution = minimize(sin(3 * x) + x**2 / 10, box(-3, 3, x), over=[x])
    assert solution.status is Status.OPTIMAL and solution.complete
    assert solution.certificate.kind == "complete enumeration in a box"
    assert len(solution.points) == 1
    assert solution.stationary_points[0].is_global


def test_symmetric_optima_are_all_listed():
    # cos(pi x) cos(pi y) with a bowl: the minima lie near (1, 0), (0, 1), (-1, 0), (0, -1), with one value
    found = listed(cos(pi * x) * cos(pi * y) + (x**2 + y**2) / 10, box(-Rational(3, 2), Rational(3, 2), x, y), [x, y])
    assert found is not None
    assert len(found.best) == 4
    assert found.verify() is True


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (x**4 * exp(y), box(-1, 1, x, y)),  # degenerate: stationary along a line
        (sin(x) + y**2, [x >= 0, x <= 1, y >= 0]),  # not bounded
        (log(x) + y**2, box(0, 1, x, y)),  # undefined at a bound
        (sin(x) + y**2, [*box(0, 1, x, y), x + y <= 1]),  # other constraints
        (abs(x) + sin(y), box(-1, 1, x, y)),  # a kink
    ],
)
def test_what_cannot_be_listed_is_not(objective, constraints):
    problem = canonicalize(Problem(objective, constraints, over=[x, y]))[0]
    assert list_on_a_box(problem, time.monotonic() + 3) is None


def test_an_incomplete_list_is_refused():
    found = listed(sin(3 * x) + x**2 / 10, box(-3, 3, x), [x])
    assert found is not None and found.verify() is True
    assert certificate_from_json(certificate_to_json(found)).verify() is True
    inner = found.faces[0]
    fewer = replace(inner, zeros=inner.zeros[:-1])
    assert replace(found, faces=(fewer, *found.faces[1:])).verify() is not True
    moved = replace(inner.zeros[0], low=inner.zeros[0].low + 1e-3, high=inner.zeros[0].high + 1e-3)
    assert (
        replace(found, faces=(replace(inner, zeros=(moved, *inner.zeros[1:])), *found.faces[1:])).verify() is not True
    )
    wider = replace(inner.zeros[0], outer_low=inner.zeros[0].outer_low - 5)
    assert (
        replace(found, faces=(replace(inner, zeros=(wider, *inner.zeros[1:])), *found.faces[1:])).verify() is not True
    )
    assert replace(found, faces=found.faces[:-1]).verify() is not True
    other = canonicalize(Problem(sin(3 * x) + x**2 / 9, box(-3, 3, x), over=[x]))[0]
    assert replace(found, problem=other).verify() is not True
