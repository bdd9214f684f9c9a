"""Certificates by Lagrangian relaxation: what is changed fails, what is stored holds, and large numbers are exact."""

from dataclasses import replace
from itertools import product
from operator import mul

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, symbols

from lagrangian import Problem, canonicalize, verify_file
from lagrangian.conditions.core_sweeps import core_sweep, is_core
from lagrangian.conditions.inner_problems import InnerProblem
from lagrangian.conditions.integer_programs import integer_program
from lagrangian.duality.relaxation import relax
from lagrangian.proof.relaxation_tree import (
    CoreLeaf,
    LagrangianLeaf,
    RangeReduction,
    RangeSplit,
    RelaxationTreeCertificate,
)
from lagrangian.relaxations import search as relaxation_search

a, b, c, d = over = symbols("a:d", real=True)
TWO_ROWS = Problem(
    8 * a + 11 * b + 6 * c + 4 * d,
    [5 * a + 7 * b + 4 * c + 3 * d <= 14, 3 * a + 2 * b + 5 * c + 6 * d <= 9],
    over=over,
    integers=over,
    bounds=dict.fromkeys(over, (0, 1)),
    sense="max",
)
ONE_ROW = Problem(
    8 * a + 11 * b + 6 * c + 4 * d,
    [5 * a + 7 * b + 4 * c + 3 * d <= 14],
    over=over,
    integers=over,
    bounds=dict.fromkeys(over, (0, 1)),
    sense="max",
)


def certificate(problem: Problem) -> RelaxationTreeCertificate:
    found = relax(problem).solve().solution.certificate
    assert isinstance(found, RelaxationTreeCertificate) and found.verify() is True
    return found


def by_hand(problem: Problem, best: tuple[int, ...] | None, *steps: object) -> RelaxationTreeCertificate:
    canonical, _ = canonicalize(problem)
    return RelaxationTreeCertificate(canonical, tuple(range(len(problem.constraints))), best, steps)  # type: ignore[arg-type]


@pytest.mark.parametrize(("problem", "worse"), [(ONE_ROW, (1, 1, 0, 0)), (TWO_ROWS, (1, 0, 1, 0))])
def test_a_point_that_is_not_best_is_not_proved(problem: Problem, worse: tuple[int, ...]) -> None:
    """The best of one row is 21 at (0, 1, 1, 1), that of both 19 at (1, 1, 0, 0)."""
    found = certificate(problem)
    assert found.value == {1: -21, 2: -19}[len(problem.constraints)]
    assert replace(found, best=worse).verify() is not True
    assert replace(found, best=(1, 1, 1, 1)).verify() is False, "it is not feasible"
    assert replace(found, best=(0, 1, 1)).verify() is False
    assert replace(found, best=None).verify() is not True
    assert replace(found, best=(0, 0, 0, 0)).verify() is not True


def test_trees_that_leave_something_out_fail() -> None:
    best = (0, 1, 1, 1)
    zero = LagrangianLeaf((fmpq(0),), False)
    assert by_hand(ONE_ROW, best).verify() is False
    assert by_hand(ONE_ROW, best, zero).verify() is False
    assert by_hand(ONE_ROW, best, RangeSplit(0, 0), LagrangianLeaf((fmpq(3, 2),), False)).verify() is False
    assert by_hand(ONE_ROW, best, CoreLeaf(fmpq(3, 2))).verify() is True
    assert by_hand(ONE_ROW, best, CoreLeaf(fmpq(3, 2)), zero).verify() is False, "a step too many"
    assert by_hand(ONE_ROW, best, RangeSplit(7, 0), zero, zero).verify() is False
    assert by_hand(ONE_ROW, best, RangeSplit(0, 10**30), zero, zero).verify() is False


def test_multipliers_with_a_wrong_sign_or_number_fail() -> None:
    """With a negative multiplier of an inequality the "bound" would be above the optimum."""
    best = (0, 1, 1, 1)
    for step in (
        LagrangianLeaf((fmpq(-5),), False),
        LagrangianLeaf((fmpq(-5),), True),
        LagrangianLeaf((), False),
        RangeReduction((fmpq(-5),)),
        CoreLeaf(fmpq(-5)),
    ):
        assert by_hand(ONE_ROW, best, step).verify() is False
    assert by_hand(TWO_ROWS, best, CoreLeaf(fmpq(1))).verify() is False, "there are two rows"


def test_relaxed_rows_must_be_there() -> None:
    found = certificate(TWO_ROWS)
    for relaxed in ((0, 0), (1, 0), (0, 2), (-1, 0)):
        assert replace(found, relaxed=relaxed).verify() is False


def test_every_step_that_is_dropped_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaxation_search, "HANDED_OVER", -1)
    draw = [
        ((37 * k * k + 11 * k) % 41 + 3, (53 * k * k + 7 * k) % 37 + 2, (29 * k * k + 5 * k) % 43 + 4)
        for k in range(18)
    ]
    names = symbols("s0:18", real=True)
    rows = [sum(n[r] * v for n, v in zip(draw, names, strict=True)) <= sum(n[r] for n in draw) // 2 for r in (0, 1)]
    worth = sum((n[2] + n[0]) * v for n, v in zip(draw, names, strict=True))
    problem = Problem(worth, rows, over=names, integers=names, bounds=dict.fromkeys(names, (0, 1)), sense="max")
    found = certificate(problem)
    leaves = [k for k, step in enumerate(found.steps) if isinstance(step, LagrangianLeaf)]
    assert len(leaves) > 1
    for k in leaves:
        assert replace(found, steps=(*found.steps[:k], *found.steps[k + 1 :])).verify() is not True


@pytest.mark.parametrize("problem", [ONE_ROW, TWO_ROWS], ids=["one row", "two rows"])
def test_answers_are_stored_and_verified(problem: Problem, tmp_path) -> None:
    path = tmp_path / "answer.json"
    relax(problem).solve().solution.save_certificate(path)
    verification = verify_file(path, problem)
    assert verification.proved is True
    assert "Lagrangian relaxation" in verification.sentence()


def test_numbers_beyond_64_bits_are_exact() -> None:
    """The same knapsack with everything times 10^25 has the same optima, and 10^25 times the value."""
    scale = 10**25
    large = Problem(
        scale * ONE_ROW.objective,
        [scale * (5 * a + 7 * b + 4 * c + 3 * d) <= 14 * scale],
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (0, 1)),
        sense="max",
    )
    optimum = relax(large).solve()
    assert optimum.solution.value == scale * relax(ONE_ROW).solve().solution.value
    assert optimum.solution.certificate.verify() is True
    assert relax(large).bound == scale * relax(ONE_ROW).bound


def test_inner_problems_are_bounds_for_all_multipliers() -> None:
    program = integer_program(canonicalize(TWO_ROWS)[0])
    inner = InnerProblem(program, (0, 1))
    best = program.cost((0, 1, 1, 0))
    for first in range(6):
        for second in range(6):
            found = inner.minimum((first, second), 3, inner.low, inner.high)
            assert found is not None and found.value <= 3 * best


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_states_of_one_row_against_all_points(data: st.DataObject) -> None:
    """Any multiplier and any cost that is wanted; with few states kept, points are feasible and good enough, if any."""
    count = data.draw(st.integers(2, 6))
    weights = data.draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    costs = data.draw(st.lists(st.integers(-9, 3), min_size=count, max_size=count))
    names = symbols(f"w0:{count}", real=True)
    limit = data.draw(st.integers(0, 25))
    row = Add(*(w * v for w, v in zip(weights, names, strict=True))) <= limit
    objective = Add(*(c * v for c, v in zip(costs, names, strict=True)))
    problem = Problem(objective, [row], over=names, integers=names, bounds=dict.fromkeys(names, (0, 2)))
    inner = InnerProblem(integer_program(canonicalize(problem)[0]), (0,))
    feasible = [p for p in product(range(3), repeat=count) if sum(map(mul, weights, p)) <= limit]
    best = min(sum(map(mul, costs, p)) for p in feasible)
    multiplier, unit, wanted = (
        data.draw(st.integers(0, 9)),
        data.draw(st.integers(1, 4)),
        data.draw(st.integers(-60, 5)),
    )
    assert is_core(inner)
    swept = core_sweep(inner, multiplier, unit, wanted, (inner.low, inner.high), 10**6)
    assert swept is not None and (swept.point is not None) == (best <= wanted)
    if swept.point is not None:
        point = tuple(map(int, swept.point))
        assert point in feasible and sum(map(mul, costs, point)) == best
    few = core_sweep(inner, multiplier, unit, wanted, (inner.low, inner.high), 10**6, widest=2)
    if few is not None and few.point is not None:
        point = tuple(map(int, few.point))
        assert point in feasible and sum(map(mul, costs, point)) <= wanted
