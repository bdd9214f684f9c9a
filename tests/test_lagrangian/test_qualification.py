"""Constraint qualifications against their definitions: the direction or the multipliers are checked as witnesses."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Eq, Matrix, symbols

from lagrangian import Kind, Problem, Qualification, Status, minimize, solve
from lagrangian.algebra.numbers import rational_point
from lagrangian.algebra.polynomials import Ring
from lagrangian.conditions.qualification import qualification_at
from lagrangian.problem.lifting import PolynomialProblem

x, y, z = symbols("x y z", real=True)


def at(problem: Problem, **place) -> Qualification:
    wanted = {symbol: place[symbol.name] for symbol in problem.over}
    (point,) = [p for p in solve(problem).stationary_points if p.point == wanted]
    return point.qualification


def check_witness(found: Qualification, problem: Problem, place: dict) -> None:
    """The direction decreases every active g and keeps every h; the abnormal multipliers add the gradients up to zero."""
    over = list(problem.over)
    rows = {}
    for stated in problem.all_constraints:
        g = stated.lhs - stated.rhs if not isinstance(stated, sympy.Ge) else stated.rhs - stated.lhs
        if isinstance(stated, Eq) or g.subs(place) == 0:
            rows[stated] = Matrix([[sympy.diff(g, v).subs(place) for v in over]])
    if found.mfcq:
        direction = Matrix([found.direction[v] for v in over])
        for stated, row in rows.items():
            slope = (row * direction)[0, 0]
            assert slope == 0 if isinstance(stated, Eq) else slope < 0
    else:
        weights = found.abnormal
        assert any(weight != 0 for weight in weights.values())
        assert all(weight >= 0 for stated, weight in weights.items() if not isinstance(stated, Eq))
        total = sum((weight * rows[stated] for stated, weight in weights.items()), sympy.zeros(1, len(over)))
        assert sympy.simplify(total) == sympy.zeros(1, len(over))


@pytest.mark.parametrize(
    ("constraints", "place", "licq", "mfcq", "affine"),
    [
        ([x + y >= 0, x - y >= 0], {x: 0, y: 0}, True, True, True),
        ([x >= 0, y >= 0, x + y >= 0], {x: 0, y: 0}, False, True, True),
        ([x >= 0, x <= 0], {x: 0, y: 0}, False, False, True),
        ([y >= x**2, y >= 2 * x**2], {x: 0, y: 0}, False, True, False),
        ([y >= x**2, y <= -(x**2)], {x: 0, y: 0}, False, False, False),
        ([(x - 1) ** 2 + y**2 <= 1, (x + 1) ** 2 + y**2 <= 1], {x: 0, y: 0}, False, False, False),
        ([Eq(y**2, x**3)], {x: 0, y: 0}, False, False, False),
        ([Eq(x + y, 0), x >= 0, y >= 0], {x: 0, y: 0}, False, False, True),
    ],
    ids=str,
)
def test_textbook_cases(constraints, place, licq, mfcq, affine) -> None:
    problem = Problem(x**2 + y**2 + x, constraints, over=[x, y])
    found = at(problem, x=0, y=0)
    assert (found.licq, found.mfcq, found.affine) == (licq, mfcq, affine)
    assert found.holds is (licq or mfcq or affine)
    check_witness(found, problem, place)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)).filter(any), min_size=1, max_size=4))
def test_half_planes_through_the_origin(normals: list[tuple[int, int]]) -> None:
    """MFCQ says that some d has a . d < 0 for all normals a: looked for among 720 directions."""
    constraints = [sympy.Le(a * x + b * y + x**2, 0, evaluate=False) for a, b in dict.fromkeys(normals)]
    problem = Problem(x**2 + y**2, constraints, over=[x, y])
    ring = Ring((x, y))
    polynomials = tuple(ring.polynomial(stated.lhs) for stated in constraints)
    polynomial = PolynomialProblem(ring, ring.polynomial(problem.objective), polynomials, ())
    active = frozenset(range(len(constraints)))
    found = qualification_at(polynomial, rational_point([0, 0]), active, (x, y), constraints, ())
    angles = [math.pi * k / 360 for k in range(720)]
    directions = [(math.cos(t), math.sin(t)) for t in angles]
    exists = any(all(a * p + b * q < -1e-9 for a, b in normals) for p, q in directions)
    assert found.mfcq is exists
    check_witness(found, problem, {x: 0, y: 0})


@pytest.mark.parametrize(
    ("objective", "constraints", "kind"),
    [
        (x, [Eq(y**2, x**3)], Kind.STRICT_LOCAL_MINIMUM),
        (x, [x**2 <= 0, Eq(y, 0)], Kind.ISOLATED),
        (y, [(x - 1) ** 2 + y**2 <= 1, (x + 1) ** 2 + y**2 <= 1], Kind.ISOLATED),
        (-x, [y <= (1 - x) ** 3, y >= 0], Kind.STRICT_LOCAL_MINIMUM),
    ],
    ids=str,
)
def test_minima_without_a_qualification_are_found_and_explained(objective, constraints, kind) -> None:
    solution = minimize(objective, constraints, over=[x, y])
    assert solution.status is Status.OPTIMAL
    (point,) = [p for p in solution.stationary_points if p.is_global]
    assert point.kind is kind
    assert point.qualification.holds is False
    assert not solution.multipliers
    told = solution.explain()
    assert "no constraint qualification" in told
    assert "Fritz John's conditions hold there with mu_0 = 0" in told


def test_kinks_have_no_gradients_to_speak_of() -> None:
    (point,) = minimize(Abs(x), over=[x]).stationary_points
    assert point.qualification is None


def test_no_active_constraint() -> None:
    point = minimize(x**2, [x <= 1], over=[x]).stationary_points[0]
    assert point.qualification.unconstrained
    assert point.qualification.explanation == "no constraint is active"
