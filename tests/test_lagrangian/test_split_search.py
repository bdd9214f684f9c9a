"""The compiled search with all rows in the Lagrangian: against all points, and its trees against what tampers with them."""

import random
import time
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from sympy import Add, Eq, Ge, Le, symbols

from lagrangian import Problem, canonicalize
from lagrangian.conditions.integer_programs import IntegerProgram, integer_program
from lagrangian.conditions.range_reduction import Ranges
from lagrangian.proof.relaxation_tree import RelaxationTreeCertificate
from lagrangian.proof.split_trees import SplitTree
from lagrangian.relaxations.split_search import split_search

SENSES = (Le, Le, Ge, Eq)


def problem(seed: int) -> Problem:
    """Two to six variables with small ranges; no row, or some of all senses, with coefficients of both signs; ties."""
    draw = random.Random(seed)
    size = draw.choice([3, 9, 100])
    over = symbols(f"x0:{draw.randint(2, 6)}", real=True)
    ends = [(low := draw.randint(-2, 1), low + draw.choice([0, 1, 1, 1, 2, 3])) for _ in over]
    rows = []
    for _ in range(draw.randint(0, 4)):
        row = [draw.choice([0, draw.randint(-size, size)]) for _ in over]
        near = sum(a * draw.randint(*side) for a, side in zip(row, ends, strict=True))
        if sum(a != 0 for a in row) > 1:
            total = Add(*(a * v for a, v in zip(row, over, strict=True)))
            rows.append(draw.choice(SENSES)(total, near + draw.choice([0, 0, 1, -1]), evaluate=False))
    costs = [0 if seed % 5 == 0 else draw.randint(-size, size) for _ in over]
    objective = Add(*(c * v for c, v in zip(costs, over, strict=True)))
    return Problem(objective, rows, over=over, integers=over, bounds=dict(zip(over, ends, strict=True)))


def prepared(stated: Problem) -> tuple[IntegerProgram, Ranges]:
    program = integer_program(canonicalize(stated)[0])
    low, high = (np.array(side, dtype=np.int64) for side in zip(*program.ranges, strict=True))
    return program, (low, high)


def least_cost(program: IntegerProgram) -> int | None:
    points = product(*(range(low, high + 1) for low, high in program.ranges))
    return min((program.cost(p) for p in points if program.is_feasible(p)), default=None)


def searched(program: IntegerProgram, ranges: Ranges, wanted: int | None = None) -> tuple[int | None, SplitTree]:
    walked = split_search(program, ranges, wanted, time.monotonic() + 1000.0)
    assert walked is not None and walked.tree is not None
    return (None if walked.best is None else program.cost(walked.best)), walked.tree


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_the_search_against_all_points(first: int) -> None:
    """The tree proves the least cost, or that there is no point, and nothing that is not so."""
    for seed in range(first, first + 50):
        program, ranges = prepared(problem(seed))
        expected = least_cost(program)
        found, tree = searched(program, ranges)
        assert found == expected
        wanted = None if expected is None else expected - program.step
        assert tree.closes(program, wanted, ranges)
        if expected is not None:
            assert not tree.closes(program, expected, ranges), "there is a point with this cost"
            assert not tree.closes(program, None, ranges), "there is a point"
            # with the least cost known, nothing better is found, and that is proved
            again, other = searched(program, ranges, wanted)
            assert again is None and other.closes(program, wanted, ranges)


def knapsacks(count: int, rows: int, seed: int) -> Problem:
    draw = random.Random(seed)
    over = symbols(f"k0:{count}", real=True)
    table = [[draw.randint(1, 40) for _ in over] for _ in range(rows)]
    worths = [sum(column) // rows + draw.randint(0, 20) for column in zip(*table, strict=True)]
    limits = [sum(row) // 2 for row in table]
    return Problem(
        Add(*(c * v for c, v in zip(worths, over, strict=True))),
        [Add(*(a * v for a, v in zip(row, over, strict=True))) <= b for row, b in zip(table, limits, strict=True)],
        over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense="max",
    )  # fmt: skip


def test_trees_that_leave_something_out_fail() -> None:
    program, ranges = prepared(knapsacks(14, 3, 1))
    least, tree = searched(program, ranges)
    assert least is not None
    wanted = least - program.step
    assert tree.closes(program, wanted, ranges) and len(tree.entries) > 5
    for k in range(len(tree.entries)):
        assert not replace(tree, entries=np.delete(tree.entries, k, axis=0)).closes(program, wanted, ranges)
    assert not replace(tree, entries=tree.entries[:0]).closes(program, wanted, ranges)
    assert not replace(tree, entries=np.vstack([tree.entries, tree.entries[-1:]])).closes(program, wanted, ranges)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("entries", lambda e: np.where(e == e.max(), 10**6, e)),
        ("entries", lambda e: e[:, :1]),
        ("entries", lambda e: np.where(e[:, :1] == -1, np.array([-1, -1]), e)),
        ("entries", lambda e: np.where(e[:, :1] == -1, np.array([-1, 10**6]), e)),
        ("multipliers", lambda m: -m - 1),
        ("multipliers", lambda m: m[:, :2]),
        ("multipliers", lambda m: m * 0),
        ("multipliers", lambda m: m + 2**62),
        ("unit", lambda u: 0),
        ("unit", lambda u: -u),
        ("unit", lambda u: u * 64),
    ],
)
def test_arrays_of_wrong_forms_places_or_signs_fail(field: str, change) -> None:
    program, ranges = prepared(knapsacks(14, 3, 1))
    least, tree = searched(program, ranges)
    assert least is not None
    changed = replace(tree, **{field: change(getattr(tree, field))})
    assert not changed.closes(program, least - program.step, ranges)


def test_trees_are_checked_with_large_integers_where_sums_do_not_fit() -> None:
    """The same tree, with costs and unit, or rows and multipliers, beyond 64 bits."""
    program, ranges = prepared(knapsacks(12, 2, 2))
    least, tree = searched(program, ranges)
    assert least is not None
    scale = 2**40
    large = replace(program, costs=tuple(scale * c for c in program.costs))
    wanted = scale * (least - program.step)
    scaled = replace(tree, multipliers=tree.multipliers * 2**20, unit=tree.unit)
    assert not scaled.closes(large, wanted, ranges)
    rows = tuple(
        replace(row, coefficients=tuple(scale * a for a in row.coefficients), limit=scale * row.limit)
        for row in program.rows
    )
    assert tree.closes(replace(large, rows=rows), wanted, ranges)
    assert not tree.closes(replace(large, rows=rows), scale * least, ranges)


def test_numbers_that_are_too_large_are_left_to_others() -> None:
    program, ranges = prepared(knapsacks(8, 2, 3))
    large = replace(program, costs=tuple(10**30 * c for c in program.costs))
    assert split_search(large, ranges, None, time.monotonic() + 1000.0) is None
    assert split_search(program, ranges, None, time.monotonic() + 1000.0) is not None


def test_without_time_there_is_a_point_and_a_bound() -> None:
    program, ranges = prepared(knapsacks(60, 8, 4))
    searched(*prepared(problem(1)))  # compiled
    walked = split_search(program, ranges, None, time.monotonic())
    assert walked is not None and walked.tree is None
    assert walked.best is not None and program.is_feasible(walked.best)
    assert walked.bound is not None and walked.bound <= program.cost(walked.best)


def test_the_tree_is_stored_in_the_certificate() -> None:
    from lagrangian import relax
    from lagrangian.proof.encoding import certificate_from_json, certificate_to_json

    certificate = relax(knapsacks(26, 4, 5)).solve().solution.certificate
    assert isinstance(certificate, RelaxationTreeCertificate)
    assert any(isinstance(step, SplitTree) for step in certificate.steps)
    assert any("multipliers of all constraints" in sentence for sentence in certificate.explanation())
    read = certificate_from_json(certificate_to_json(certificate))
    assert isinstance(read, RelaxationTreeCertificate) and read.verify() is True
    assert read.best is not None
    assert replace(read, best=(0,) * len(read.best)).verify() is False


def test_no_number_wraps_around() -> None:
    """x + y = 1 can hold: no multiplier contradicts it, not the one whose sums are 0 in 64 bits, nor a large unit."""
    x, y = symbols("x y", real=True)
    program, ranges = prepared(Problem(0, [Eq(x + y, 1)], over=[x, y], integers=[x, y], bounds={x: (0, 2), y: (0, 2)}))
    leaf = np.array([[-1, 0]], dtype=np.int64)
    for multiplier in (-(2**63), -(2**62), 2**62):
        assert not SplitTree(leaf, np.array([[multiplier]], dtype=np.int64), 1).closes(program, None, ranges)
    assert not SplitTree(leaf, np.array([[0]], dtype=np.int64), 2**70).closes(program, 0, ranges)
