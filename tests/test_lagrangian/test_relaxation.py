"""Lagrangian relaxation: against all points, against tables and HiGHS, and the dual function against its definition."""

import random
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from sympy import Eq, Ge, Le, Piecewise, Rational, Symbol, symbols
from sympy.core.relational import Relational

from lagrangian import Problem, Sense, Status, canonicalize
from lagrangian.candidates.linear import Farkas, LinearKKT, quadratic_program, solve_convex
from lagrangian.duality.relaxation import Relaxation, relax
from lagrangian.errors import ProblemError
from lagrangian.problem.lifting import lift
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json

small = st.integers(-5, 5)
x, y, z = symbols("x y z", real=True)


def linear(row: Sequence[int], over: Sequence[Symbol]) -> sympy.Expr:
    return sympy.Add(*(a * v for a, v in zip(row, over, strict=True)))


def binary(objective: sympy.Expr, constraints: list[Relational], over: Sequence[Symbol], sense: str) -> Problem:
    return Problem(objective, constraints, over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)), sense=sense)


def holds(relation: Relational, point: dict[Symbol, int]) -> bool:
    left, right = (side.xreplace({v: sympy.Integer(n) for v, n in point.items()}) for side in relation.args)
    return bool(
        left == right if isinstance(relation, Eq) else left <= right if isinstance(relation, Le) else left >= right
    )


def points(problem: Problem) -> list[dict[Symbol, int]]:
    """All integer points within the bounds."""
    sides: dict[Symbol, list[int]] = {v: [0, 0] for v in problem.over}
    for relation in problem.bounds:
        sides[relation.lhs][0 if isinstance(relation, Ge) else 1] = int(relation.rhs)
    ranges = [range(low, high + 1) for low, high in (sides[v] for v in problem.over)]
    return [dict(zip(problem.over, point, strict=True)) for point in product(*ranges)]


def value(problem: Problem, point: dict[Symbol, int]) -> sympy.Expr:
    return problem.objective.xreplace({v: sympy.Integer(n) for v, n in point.items()})


def best_of(problem: Problem, values: list[sympy.Expr]) -> sympy.Expr:
    return min(values) if problem.sense is Sense.MINIMIZE else max(values)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Rows of all three senses with coefficients of both signs, fractions, some with products; some infeasible."""
    over = symbols("i1:4", real=True)
    row = st.lists(small, min_size=3, max_size=3)
    objective = linear(draw(row), over) / draw(st.integers(1, 3)) + draw(st.sampled_from([0, Rational(1, 3)]))
    for _ in range(draw(st.integers(0, 2))):
        objective += draw(small) * draw(st.sampled_from(over)) * draw(st.sampled_from(over))
    kinds = st.sampled_from([Le, Le, Ge, Eq])
    count = draw(st.integers(1, 3))
    constraints = [
        draw(kinds)(linear(draw(row), over) / 2, draw(st.integers(-4, 6)), evaluate=False) for _ in range(count)
    ]
    return Problem(
        objective,
        [c for c in constraints if c.free_symbols],
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (-1, 2)),
        sense=draw(st.sampled_from(["min", "max"])),
    )


def rows_of(problem: Problem) -> list[Relational]:
    return [c for c in problem.constraints if len(c.free_symbols) > 1]


@settings(max_examples=60, deadline=None)
@given(problems(), st.data())
def test_any_choice_of_relaxed_constraints_against_all_points(problem: Problem, data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(rows_of(problem)), unique=True)) if rows_of(problem) else None
    relaxation = relax(problem, chosen)
    optimum = relaxation.solve()
    feasible = [p for p in points(problem) if all(holds(c, p) for c in problem.constraints)]
    sign = 1 if problem.sense is Sense.MINIMIZE else -1
    certificate = optimum.solution.certificate
    assert certificate is not None and certificate.verify() is True
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    if not feasible:
        assert optimum.solution.status is Status.INFEASIBLE
        return
    best = best_of(problem, [value(problem, p) for p in feasible])
    assert (optimum.solution.status, optimum.solution.value, optimum.gap) == (Status.OPTIMAL, best, 0)
    assert value(problem, optimum.solution.points[0]) == best
    assert sign * relaxation.bound <= sign * relaxation.rounded_bound <= sign * best
    if relaxation.feasible_point is not None:
        assert all(holds(c, relaxation.feasible_point) for c in problem.constraints)
        assert value(problem, relaxation.feasible_point) == relaxation.feasible_value


def by_definition(relaxation: Relaxation, multiplier: Rational) -> sympy.Expr:
    """The best of f - mu (lhs - rhs) over the points that the kept constraints leave, in the textbook's signs."""
    problem, (relaxed,) = relaxation.problem, relaxation.relaxed
    sign = 1 if problem.sense is Sense.MAXIMIZE or isinstance(relaxed, Eq) else -1
    sign *= -1 if isinstance(relaxed, Ge) else 1
    left = [p for p in points(problem) if all(holds(c, p) for c in problem.constraints if c != relaxed)]
    excess = [(relaxed.lhs - relaxed.rhs).xreplace({v: sympy.Integer(n) for v, n in p.items()}) for p in left]
    values = [value(problem, p) - sign * multiplier * e for p, e in zip(left, excess, strict=True)]
    return best_of(problem, values) if values else problem_sign(problem) * sympy.oo


def problem_sign(problem: Problem) -> int:
    return 1 if problem.sense is Sense.MINIMIZE else -1


@settings(max_examples=40, deadline=None)
@given(problems(), st.lists(st.fractions(0, 12, max_denominator=5), min_size=3, max_size=3), st.data())
def test_the_dual_function_against_its_definition(problem: Problem, at: list, data: st.DataObject) -> None:
    if not rows_of(problem):
        return
    relaxed = data.draw(st.sampled_from(rows_of(problem)))
    relaxation = relax(problem, [relaxed])
    function, ends = relaxation.dual_function(), relaxation.breakpoints()
    if function is None:
        assert relaxation.value_at({relaxed: 1}) == problem_sign(problem) * sympy.oo
        return
    symbol = Symbol("lambda", real=True) if isinstance(relaxed, Eq) else Symbol("mu", nonnegative=True)
    signs = (1, -1) if isinstance(relaxed, Eq) else (1,)
    places = [Rational(s * m.numerator, m.denominator) for m in at for s in signs] + list(ends)
    for place in places:
        expected = by_definition(relaxation, place)
        assert function.subs(symbol, place) == expected
        assert relaxation.value_at({relaxed: place}) == expected
        # no multiplier is better than the best
        assert problem_sign(problem) * expected <= problem_sign(problem) * relaxation.bound
    # concave for a minimization, convex for a maximization, with a kink at every breakpoint
    slopes = [piece.diff(symbol) for piece, _ in function.args] if isinstance(function, Piecewise) else []
    falling = [problem_sign(problem) * (b - a) < 0 for a, b in pairwise(slopes)]
    assert all(falling) and len(falling) == len(ends if slopes else [])


@settings(max_examples=40, deadline=None)
@given(problems(), st.data())
def test_bounds_are_never_worse_than_the_linear_relaxation(problem: Problem, data: st.DataObject) -> None:
    """The linear relaxation is solved exactly, by complementary pivoting."""
    origin = dict.fromkeys(problem.over, 0)
    objective = sympy.Poly(problem.objective, *problem.over)
    flat = sum(c * v for v, c in ((v, objective.coeff_monomial(v)) for v in problem.over)) + value(problem, origin)
    stated = Problem(flat, problem.constraints, over=problem.over, integers=problem.over, sense=problem.sense,
                     bounds=dict.fromkeys(problem.over, (-1, 2)))  # fmt: skip
    reals = Problem(flat, problem.constraints, over=problem.over, sense=problem.sense,
                    bounds=dict.fromkeys(problem.over, (-1, 2)))  # fmt: skip
    chosen = data.draw(st.lists(st.sampled_from(rows_of(problem)), unique=True)) if rows_of(problem) else None
    relaxation = relax(stated, chosen)
    program = quadratic_program(lift(canonicalize(reals)[0])[0])
    found = solve_convex(program)
    if isinstance(found, Farkas):
        return
    assert isinstance(found, LinearKKT)
    least = sum((c * v for c, v in zip(program.slope, found.point, strict=True)), fmpq(0))
    offset = problem_sign(problem) * value(stated, origin)
    assert relaxation.is_best
    assert problem_sign(problem) * relaxation.bound >= Rational(int(least.p), int(least.q)) + offset


def knapsack(count: int, heaviest: int, extra: int) -> tuple[list[int], list[int], int]:
    """Weights by a fixed rule; with ``extra`` worth and weight go together, the hard kind of knapsacks (Pisinger 2005)."""
    weights = [1 + (7919 * k * k + 104729 * k) % heaviest for k in range(1, count + 1)]
    worths = [w + extra if extra else 1 + (6007 * k + 31 * k * k) % heaviest for k, w in enumerate(weights)]
    return worths, weights, sum(weights) // 2


@pytest.mark.parametrize(("count", "extra", "most"), [(60, 0, 1), (400, 0, 1), (400, 100, 1), (120, 7, 3)])
def test_knapsacks_against_a_table(count: int, extra: int, most: int) -> None:
    """Bounded ones (up to ``most`` of an item) too."""
    worths, weights, capacity = knapsack(count, 1000, extra)
    over = symbols(f"k0:{count}", real=True)
    problem = Problem(
        linear(worths, over),
        [linear(weights, over) <= capacity],
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (0, most)),
        sense="max",
    )
    best = np.zeros(capacity + 1, dtype=np.int64)
    for worth, weight in zip(worths * most, weights * most, strict=True):
        best[weight:] = np.maximum(best[weight:], best[: len(best) - weight] + worth)
    relaxation = relax(problem)
    assert relaxation.relaxed == problem.constraints
    optimum = relaxation.solve()
    assert (optimum.solution.status, optimum.solution.value) == (Status.OPTIMAL, int(best[capacity]))
    assert optimum.solution.certificate.verify() is True
    # the best bound of one knapsack is Dantzig's: the items of most worth a weight, the last one in part
    left, bound = Rational(capacity), Rational(0)
    for worth, weight in sorted(zip(worths, weights, strict=True), key=lambda item: Rational(-item[0], item[1])):
        part = min(left, most * weight)
        bound, left = bound + part * Rational(worth, weight), left - part
    assert relaxation.bound == bound and relaxation.is_best


def multidimensional(count: int, seed: int) -> Problem:
    draw = random.Random(seed)
    over = symbols(f"m0:{count}", real=True)
    rows = [[draw.randint(1, 50) for _ in over] for _ in range(3)]
    worths = [sum(column) // 3 + draw.randint(0, 20) for column in zip(*rows, strict=True)]
    return binary(linear(worths, over), [linear(row, over) <= sum(row) // 2 for row in rows], over, "max")


def covering(count: int, seed: int) -> Problem:
    draw = random.Random(seed)
    over = symbols(f"c0:{count}", real=True)
    rows = [sum(draw.sample(over, 3)) >= draw.choice([1, 1, 2]) for _ in range(count)]
    return binary(linear([draw.randint(1, 30) for _ in over], over), rows, over, "min")


def assignment(agents: int, jobs: int, seed: int) -> Problem:
    draw = random.Random(seed)
    over = symbols(f"a0:{agents * jobs}", real=True)
    rows: list[Relational] = []
    for i in range(agents):
        needs = [draw.randint(5, 25) for _ in range(jobs)]
        rows.append(linear(needs, over[i * jobs : (i + 1) * jobs]) <= sum(needs) // agents + 12)
    rows += [Eq(sum(over[j::jobs]), 1) for j in range(jobs)]
    return binary(linear([draw.randint(10, 50) for _ in over], over), rows, over, "min")


def by_highs(problem: Problem) -> float | None:
    sign = problem_sign(problem)
    rows = [[float((c.lhs - c.rhs).coeff(v)) for v in problem.over] for c in problem.constraints]
    right = [
        -float((c.lhs - c.rhs).xreplace(dict.fromkeys(problem.over, sympy.Integer(0)))) for c in problem.constraints
    ]
    low = [b if isinstance(c, Ge | Eq) else -np.inf for c, b in zip(problem.constraints, right, strict=True)]
    high = [b if isinstance(c, Le | Eq) else np.inf for c, b in zip(problem.constraints, right, strict=True)]
    found = milp(
        [sign * float(problem.objective.coeff(v)) for v in problem.over],
        constraints=LinearConstraint(np.array(rows), low, high),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(problem.over)),
        options={"mip_rel_gap": 0},
    )
    return None if found.x is None else sign * round(found.fun)


FAMILIES = {
    **{f"multidimensional {seed}": multidimensional(14, seed) for seed in range(3)},
    **{f"covering {seed}": covering(14, seed) for seed in range(3)},
    **{f"assignment {seed}": assignment(2, 7, seed) for seed in range(3)},
}


@pytest.mark.parametrize("name", FAMILIES)
def test_families_against_all_points(name: str) -> None:
    problem = FAMILIES[name]
    grid = np.array(list(product((0, 1), repeat=len(problem.over))))
    keep = np.ones(len(grid), dtype=bool)
    for c in problem.constraints:
        sums = grid @ np.array([int(c.lhs.coeff(v)) for v in problem.over])
        right = int(c.rhs)
        keep &= sums == right if isinstance(c, Eq) else sums <= right if isinstance(c, Le) else sums >= right
    values = grid[keep] @ np.array([int(problem.objective.coeff(v)) for v in problem.over])
    optimum = relax(problem).solve()
    assert optimum.solution.certificate.verify() is True
    if not keep.any():
        assert optimum.solution.status is Status.INFEASIBLE
    else:
        expected = int(values.min() if problem.sense is Sense.MINIMIZE else values.max())
        assert (optimum.solution.status, optimum.solution.value) == (Status.OPTIMAL, expected)


@pytest.mark.parametrize(
    "problem",
    [multidimensional(22, 5), covering(40, 7), assignment(3, 10, 8), assignment(4, 9, 9)],
    ids=["multidimensional", "covering", "assignment", "smaller assignment"],
)
def test_families_against_highs(problem: Problem) -> None:
    expected = by_highs(problem)
    optimum = relax(problem).solve()
    assert optimum.solution.certificate.verify() is True
    assert optimum.solution.value == expected
    assert optimum.solution.status is (Status.INFEASIBLE if expected is None else Status.OPTIMAL)


def test_what_is_relaxed_by_default_leaves_structure() -> None:
    problem = assignment(3, 6, 1)
    relaxation = relax(problem)
    assert all(isinstance(c, Eq) for c in relaxation.relaxed) and len(relaxation.kept) == 3
    # the assignments kept instead: choices, whose bound is only that of the linear relaxation
    other = relax(problem, relaxation.kept)
    assert other.kept == relaxation.relaxed
    assert other.bound <= relaxation.bound
    assert other.solve().solution.value == relaxation.solve().solution.value


def test_the_example_by_hand() -> None:
    """max 5x + 6y + 3z, 3x + 4y + 2z <= 6: worth a weight 5/3, 3/2, 3/2; one piece for every item that is taken or not."""
    room = 3 * x + 4 * y + 2 * z <= 6
    relaxation = relax(binary(5 * x + 6 * y + 3 * z, [room], (x, y, z), "max"), [room])
    mu = Symbol("mu", nonnegative=True)
    assert relaxation.dual_function() == Piecewise(
        (14 - 3 * mu, mu <= Rational(3, 2)), (5 + 3 * mu, mu <= Rational(5, 3)), (6 * mu, True)
    )
    assert relaxation.breakpoints() == (Rational(3, 2), Rational(5, 3))
    assert relaxation.multipliers == {room: Rational(3, 2)}
    assert (relaxation.bound, relaxation.rounded_bound) == (Rational(19, 2), 9)
    assert relaxation.value_at({}) == 14
    optimum = relaxation.solve()
    assert optimum.solution.points == ({x: 0, y: 1, z: 1},)
    assert optimum.solution.value == 9


def test_quadratic_objectives_stay_separable() -> None:
    """min (x - 3)^2 + (y + 1)^2 - x with x + y = 5 relaxed: parabolas, each at the integer beside its vertex."""
    budget = Eq(x + y, 5)
    problem = Problem(
        (x - 3) ** 2 + (y + 1) ** 2 - x, [budget], over=[x, y], integers=[x, y], bounds={x: (-9, 9), y: (-9, 9)}
    )
    relaxation = relax(problem)
    optimum = relaxation.solve()
    values = {(i, 5 - i): (i - 3) ** 2 + (6 - i) ** 2 - i for i in range(-4, 10)}
    assert optimum.solution.value == min(values.values())
    assert optimum.solution.points[0] in [{x: i, y: j} for (i, j), v in values.items() if v == min(values.values())]


def test_contradictory_constraints_have_a_ray() -> None:
    problem = binary(x + y, [2 * x + 2 * y >= 1, 2 * x + 2 * y <= 1], (x, y), "min")
    optimum = relax(problem).solve()
    assert optimum.solution.status is Status.INFEASIBLE
    assert optimum.solution.certificate.verify() is True
    full = binary(x + y, [x + 2 * y >= 7], (x, y), "min")
    relaxation = relax(full)
    assert relaxation.bound == sympy.oo and relaxation.multipliers == {}
    assert relaxation.solve().solution.certificate.verify() is True


def test_the_time_limit_leaves_a_bound_and_a_gap() -> None:
    problem = multidimensional(40, 11)
    relaxation = relax(problem)
    optimum = relaxation.solve(time_limit_s=0.0)
    solution = optimum.solution
    assert solution.status is Status.UNDECIDED and solution.certificate is None
    assert "the time was over" in solution.missing[0]
    assert optimum.bound >= solution.value and optimum.gap == optimum.bound - solution.value
    assert all(holds(c, solution.points[0]) for c in problem.constraints)


def test_without_time_the_dual_function_is_not_known() -> None:
    """Two rows, one of them kept as a knapsack, so that the pieces are looked for one by one."""
    problem = Problem(
        5 * x + 4 * y + 6 * z, [3 * x + 4 * y + 2 * z <= 8, 2 * x + y + 3 * z <= 7],
        over=[x, y, z], integers=[x, y, z], bounds=dict.fromkeys([x, y, z], (0, 4)), sense="max",
    )  # fmt: skip
    relaxed = problem.constraints[:1]
    assert len(relax(problem, relaxed).breakpoints()) > 1
    hurried = relax(problem, relaxed, time_limit_s=0.0)
    assert hurried.breakpoints() is None and hurried.dual_function() is None
    assert hurried.bound >= relax(problem, relaxed).solve().solution.value


BAD = {
    "has no upper bound": Problem(x + y, [x - y >= 1], over=[x, y], integers=[x, y], bounds={x: (0, None), y: (0, 1)}),
    "is a parameter": Problem(
        Symbol("b") * x, [x + y <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}
    ),
    "not linear or quadratic": Problem(x**3, [x + y <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}),
    "is not linear": Problem(x, [x * y <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}),
    "more than 100 digits": Problem(
        x, [10**120 * x + y <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}
    ),
    "is strict": Problem(x, [x + y < 3], over=[x, y], integers=[x, y], bounds={x: (0, 1), y: (0, 1)}),
    "too far": Problem(x, [x + y <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 10**20), y: (0, 1)}),
}


@pytest.mark.parametrize("message", BAD)
def test_other_problems_are_refused(message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        relax(BAD[message])


def test_constraints_that_cannot_be_relaxed_are_named() -> None:
    problem = Problem(x + y, [x + y >= 1, 2 * x <= 3], over=[x, y], integers=[x, y], bounds={x: (0, 5), y: (0, 5)})
    with pytest.raises(ProblemError, match="bounds one variable"):
        relax(problem, [2 * x <= 3])
    with pytest.raises(ProblemError, match="no constraint of the problem"):
        relax(problem, [x + y >= 2])
    with pytest.raises(ProblemError, match="is no constraint"):
        relax(problem, [1])
    relaxation = relax(problem, [x + y >= 1])
    with pytest.raises(ProblemError, match="negative"):
        relaxation.value_at({x + y >= 1: -1})
    with pytest.raises(ProblemError, match="no rational number"):
        relaxation.value_at({x + y >= 1: sympy.sqrt(2)})
    for wrong in (True, "1", 0.5, sympy.nan):
        with pytest.raises(ProblemError, match="no rational number"):
            relaxation.value_at({x + y >= 1: wrong})
    with pytest.raises(ProblemError, match="write a list of constraints"):
        relax(problem, 5)
    with pytest.raises(ProblemError, match="is not relaxed"):
        relaxation.value_at({2 * x <= 3: 1})
    with pytest.raises(ProblemError, match="0 constraints are relaxed"):
        relax(problem, []).dual_function()


def test_multipliers_of_any_size_are_taken() -> None:
    """No objective: x + y - 1 is least at 0, and its multiplier may be as small or as large as one likes."""
    rows = [x + y <= 1, x + 2 * y >= 1]
    problem = Problem(0, rows, over=[x, y], integers=[x, y], bounds={x: (0, 2), y: (0, 2)})
    relaxation = relax(problem, rows)
    for size in (Rational(1, 10**30), sympy.Integer(10**30)):
        assert relaxation.value_at({rows[0]: size}) == -size


def test_kept_constraints_that_tie_too_much_together_are_refused() -> None:
    over = symbols("t0:60", real=True)
    draw = random.Random(3)
    rows = [linear([draw.randint(10**6, 10**7) for _ in over], over) <= 10**8 for _ in range(2)]
    with pytest.raises(ProblemError, match="relax more constraints"):
        relax(binary(sum(over), rows, over, "max"), [])


def test_bounds_may_follow_from_constraints() -> None:
    n, m = symbols("n m", integer=True, nonnegative=True)
    relaxation = relax(Problem(7 * n + 5 * m, [4 * n + 3 * m <= 17], over=[n, m], sense="max"))
    expected = max(7 * i + 5 * j for i in range(5) for j in range(6) if 4 * i + 3 * j <= 17)
    assert relaxation.solve().solution.value == expected


def test_equations_that_a_minimizer_breaks_leave_the_multipliers_open() -> None:
    """Its cost is the bound at multipliers 0, but an equation has to hold, not only to be at most its right side."""
    over = symbols("s0:10", real=True)
    equations = [Eq(3 * a + 3 * b, 6) for a, b in pairwise(over)]
    problem = Problem(sum(v**2 for v in over), equations, over=over, integers=over, bounds=dict.fromkeys(over, (-3, 3)))
    hurried = relax(problem, equations, time_limit_s=0.0)
    assert hurried.bound == 0 and hurried.value_at(dict.fromkeys(equations, Rational(1, 10))) > 0
    assert not hurried.is_best


def test_kept_rows_whose_sums_are_beyond_64_bits() -> None:
    """The covering row leaves room for 5 below its greatest sum, so that no variable but those of weight 1 can go down."""
    count = 10
    over = symbols(f"h0:{count}", real=True)
    weights = [2**60 + i for i in range(count - 2)] + [1, 2]
    covering = linear(weights, over) >= 2 * sum(weights) - 5
    other = over[0] + 2 * over[1] + over[2] <= 100
    problem = Problem(sum(over), [covering, other], over=over, integers=over, bounds=dict.fromkeys(over, (0, 2)))
    relaxation = relax(problem, [other])
    optimum = relaxation.solve().solution
    assert optimum.status is Status.OPTIMAL and optimum.certificate.verify() is True
    # 1 a + 2 b <= 5 for the steps down a, b <= 2 of the last two: three steps at most
    assert relaxation.bound == optimum.value == 2 * count - 3
