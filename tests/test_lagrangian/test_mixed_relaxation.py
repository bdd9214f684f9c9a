"""Lagrangian relaxation with continuous variables beside integers: against HiGHS, and proofs that are changed fail."""

import random
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq
from scipy.optimize import Bounds, LinearConstraint, milp
from sympy import Add, Eq, Ge, Le, Rational, Symbol, symbols
from sympy.core.relational import Relational

from lagrangian import Problem, Sense, Status, verify_file
from lagrangian.duality.relaxation import Relaxation, relax
from lagrangian.errors import ProblemError
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.mixed_tree import IntegerSplit, MixedTreeCertificate, RowsLeaf

KINDS = (Le, Le, Ge, Eq)


def problem(seed: int) -> Problem:
    """Two to six variables, one of them continuous at least, with fractions as bounds; rows of all senses, some infeasible."""
    draw = random.Random(seed)
    over = symbols(f"x0:{draw.randint(2, 6)}", real=True)
    integers = [v for v in over[1:] if draw.random() < 0.6]
    low = [Rational(draw.randint(-4, 2), draw.choice([1, 1, 2, 3])) for _ in over]
    high = [least + Rational(draw.randint(0, 7), draw.choice([1, 2])) for least in low]
    size, rows = draw.choice([3, 9]), []
    for _ in range(draw.randint(1, 4)):
        row = [draw.choice([0, draw.randint(-size, size)]) for _ in over]
        middle = sum(a * (least + most) / 2 for a, least, most in zip(row, low, high, strict=True))
        if sum(a != 0 for a in row) > 1:
            limit = sympy.floor(middle) + draw.choice([0, 1, -1, Rational(1, 2)])
            rows.append(
                draw.choice(KINDS)(Add(*(a * v for a, v in zip(row, over, strict=True))), limit, evaluate=False)
            )
    objective = Add(*(draw.randint(-size, size) * v for v in over))
    sense = draw.choice(["min", "max"])
    bounds = {v: side for v, *side in zip(over, low, high, strict=True)}
    return Problem(objective, rows, over=over, integers=integers, bounds=bounds, sense=sense)


def by_highs(stated: Problem, objective: sympy.Expr, rows: list[Relational]) -> float | None:
    """The optimal value of an objective under some of the rows and all bounds, in floating point; None where infeasible."""
    sign = 1 if stated.sense is Sense.MINIMIZE else -1
    sides = {v: [-np.inf, np.inf] for v in stated.over}
    for relation in stated.bounds:
        # HiGHS has been seen to lose points where ranges of integers end at fractions
        rounded = sympy.ceiling if isinstance(relation, Ge) else sympy.floor
        end = rounded(relation.rhs) if relation.lhs in stated.integers else relation.rhs
        sides[relation.lhs][0 if isinstance(relation, Ge) else 1] = float(end)
    constraints = []
    for c in rows:
        row = [float(c.lhs.coeff(v)) for v in stated.over]
        low, high = (-np.inf if isinstance(c, Le) else float(c.rhs)), (np.inf if isinstance(c, Ge) else float(c.rhs))
        constraints.append(LinearConstraint(np.array([row]), low, high))
    found = milp(
        [sign * float(objective.coeff(v)) for v in stated.over],
        constraints=constraints,
        bounds=Bounds(*zip(*(sides[v] for v in stated.over), strict=True)),
        integrality=[int(v in stated.integers) for v in stated.over],
        options={"mip_rel_gap": 0},
    )
    assert found.status in (0, 2)
    origin = dict.fromkeys(stated.over, 0)
    return None if found.status else sign * found.fun + float(objective.xreplace(origin))


def close(exact: sympy.Expr, floating: float) -> bool:
    return abs(float(exact) - floating) < 1e-6 * (1.0 + abs(floating))


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_mixed_problems_against_highs(first: int) -> None:
    for seed in range(first, first + 30):
        stated = problem(seed)
        expected = by_highs(stated, stated.objective, list(stated.constraints))
        relaxation = relax(stated)
        optimum = relaxation.solve()
        solution = optimum.solution
        assert solution.certificate is not None and solution.certificate.verify() is True
        assert certificate_from_json(certificate_to_json(solution.certificate)).verify() is True
        if expected is None:
            assert solution.status is Status.INFEASIBLE
            continue
        assert solution.status is Status.OPTIMAL and optimum.gap == 0 and close(solution.value, expected)
        point = solution.points[0]
        assert all(c.xreplace(point) == True for c in (*stated.constraints, *stated.bounds))  # noqa: E712
        assert all(point[v].is_integer for v in stated.integers)
        assert stated.objective.xreplace(point) == solution.value
        sign = 1 if stated.sense is Sense.MINIMIZE else -1
        assert sign * relaxation.bound <= sign * solution.value
        if relaxation.feasible_value is not None:
            assert sign * relaxation.feasible_value >= sign * solution.value


def dual_value(relaxation: Relaxation, multiplier: Rational) -> float | None:
    """The dual function of one relaxed row from its definition, in the textbook's signs."""
    stated, (relaxed,) = relaxation.problem, relaxation.relaxed
    sign = 1 if stated.sense is Sense.MAXIMIZE or isinstance(relaxed, Eq) else -1
    sign *= -1 if isinstance(relaxed, Ge) else 1
    penalized = sympy.expand(stated.objective - sign * multiplier * (relaxed.lhs - relaxed.rhs))
    return by_highs(stated, penalized, list(relaxation.kept))


def test_dual_functions_against_their_definition() -> None:
    met = 0
    for seed in range(200, 300):
        stated = problem(seed)
        for row in [c for c in stated.constraints if len(c.free_symbols) > 1]:
            try:
                relaxation = relax(stated, [row])
            except ProblemError:
                continue
            function = relaxation.dual_function()
            if function is None:
                continue
            met += 1
            symbol = Symbol("lambda", real=True) if isinstance(row, Eq) else Symbol("mu", nonnegative=True)
            for place in (0, Rational(1, 3), 2, Rational(17, 2), *relaxation.breakpoints()):
                expected = dual_value(relaxation, Rational(place))
                assert expected is not None and close(relaxation.value_at({row: place}), expected)
                assert function.subs(symbol, place) == relaxation.value_at({row: place})
            assert relaxation.is_best
            if relaxation.breakpoints():
                sign = 1 if stated.sense is Sense.MINIMIZE else -1
                at_kinks = [sign * function.subs(symbol, place) for place in (*relaxation.breakpoints(), 0)]
                assert relaxation.bound.is_infinite or sign * relaxation.bound == max(at_kinks)
    assert met > 40


y1, y2 = symbols("y1 y2", real=True)
flows = symbols("a1 b1 a2 b2", real=True)
a1, b1, a2, b2 = flows
DEMANDS = [Eq(a1 + a2, 7), Eq(b1 + b2, 6)]
SITES = [a1 + b1 <= 9 * y1, a2 + b2 <= 8 * y2, a1 <= 7 * y1, b1 <= 6 * y1, a2 <= 7 * y2, b2 <= 6 * y2]
PLANTS = Problem(
    20 * y1 + 15 * y2 + 3 * a1 + 2 * b1 + Rational(5, 2) * a2 + 4 * b2,
    [*DEMANDS, *SITES],
    over=[y1, y2, *flows],
    integers=[y1, y2],
    bounds={y1: (0, 1), y2: (0, 1), **dict.fromkeys(flows, (0, 10))},
)


def test_capacitated_facilities_with_flows() -> None:
    """Both plants are needed, since 13 is more than either gives: 35 + 2 * 6 (b at 1) + 5/2 * 7 (a at 2) = 129/2."""
    relaxation = relax(PLANTS)
    assert relaxation.relaxed == tuple(DEMANDS)
    optimum = relaxation.solve()
    assert (optimum.solution.status, optimum.solution.value) == (Status.OPTIMAL, Rational(129, 2))
    assert relaxation.bound <= Rational(129, 2)
    with_costs = {DEMANDS[0]: 5, DEMANDS[1]: 4}
    # site 1: max(0, (5 - 3) * 7 + (4 - 2) * 2 - 20 or (4 - 2) * 6 + (5 - 3) * 3 - 20) = 0; site 2: 7 * 5/2 - 15 = 5/2
    assert relaxation.value_at(with_costs) == 5 * 7 + 4 * 6 - Rational(5, 2)


def certificate(stated: Problem) -> MixedTreeCertificate:
    found = relax(stated).solve().solution.certificate
    assert isinstance(found, MixedTreeCertificate) and found.verify() is True
    return found


def test_what_is_changed_fails() -> None:
    found = certificate(PLANTS)
    assert found.best is not None
    worse = (*found.best[:2], fmpq(3), fmpq(6), fmpq(4), fmpq(0))
    assert replace(found, best=worse).verify() is False, "feasible, but not best"
    assert replace(found, best=None).verify() is False
    assert replace(found, best=(fmpq(1, 2), *found.best[1:])).verify() is False, "not an integer"
    assert replace(found, steps=()).verify() is False
    assert replace(found, steps=(*found.steps, found.steps[-1])).verify() is False
    rows = len(PLANTS.constraints)
    for multipliers in ((fmpq(0),) * rows, (fmpq(-1),) * rows, ()):
        assert replace(found, steps=(RowsLeaf(multipliers, False),)).verify() is False
        assert replace(found, steps=(RowsLeaf(multipliers, True),)).verify() is False
    for split in (IntegerSplit(2, 3), IntegerSplit(-1, 0), IntegerSplit(9, 0), IntegerSplit(0, 10**30)):
        assert replace(found, steps=(split, *found.steps, *found.steps)).verify() is False
    # a split that leaves one part empty needs a leaf for it all the same
    assert replace(found, steps=(IntegerSplit(0, 5), *found.steps)).verify() is False


def test_answers_are_stored_and_verified(tmp_path) -> None:
    path = tmp_path / "answer.json"
    relax(PLANTS).solve().solution.save_certificate(path)
    assert verify_file(path, PLANTS).proved is True


def test_rows_that_contradict_each_other_only_in_the_integers() -> None:
    """2 n = 2 t + 1 with t in [1/4, 1/3] holds for n between 3/4 and 5/6 alone."""
    n, t = symbols("n t", real=True)
    row = Eq(2 * n - 2 * t, 1)
    stated = Problem(n, [row], over=[n, t], integers=[n], bounds={n: (0, 3), t: (Rational(1, 4), Rational(1, 3))})
    assert relax(stated, [row]).solve().solution.status is Status.INFEASIBLE


def test_products_and_strict_rows_of_continuous_variables_are_refused() -> None:
    n, t = symbols("n t", real=True)
    bounds = {n: (0, 3), t: (0, 2)}
    with pytest.raises(ProblemError, match="in a product"):
        relax(Problem(n * t, [n + t <= 4], over=[n, t], integers=[n], bounds=bounds))
    with pytest.raises(ProblemError, match="is strict"):
        relax(Problem(n + t, [n + t < 4], over=[n, t], integers=[n], bounds=bounds))
    with pytest.raises(ProblemError, match="no upper bound"):
        relax(Problem(n + t, [n - t <= 4], over=[n, t], integers=[n], bounds={n: (0, 3), t: (0, None)}))
