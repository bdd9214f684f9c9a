"""The dual of the dual of a closed convex problem has the value of the problem: kinks, norms, exponentials, powers."""

import random

import pytest
import sympy
from sympy import Abs, Eq, Max, Rational, exp, sqrt, symbols

from lagrangian import Problem, solve
from lagrangian.status import Status

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
PATIENCE_S = 30.0


def with_kinks(source):
    """Sums of |affine| and max(affine), with affine constraints that hold at an integer point: a linear program in disguise."""
    point = {t: sympy.Integer(source.randint(-3, 3)) for t in (x, y)}

    def affine():
        return source.choice([-2, -1, 1, 2]) * x + source.choice([-2, -1, 1, 2]) * y + source.randint(-3, 3)

    # the sizes rise faster than the affine functions fall: the objective is bounded below
    sizes = 3 * Abs(x - source.randint(-3, 3)) + 3 * Abs(y + source.randint(-3, 3))
    objective = sizes + Max(affine(), affine())
    sides = [affine() for _ in range(2)]
    constraints = [sympy.Le(s, s.xreplace(point) + source.randint(0, 2), evaluate=False) for s in sides]
    return Problem(objective, constraints, over=[x, y])


def smooth(problem):
    """The same problem with a variable t above each |u| and each max(u): t >= u, t >= -u."""
    kinks = sorted(problem.objective.atoms(Abs, Max), key=str)
    levels = dict(zip(kinks, symbols(f"t:{len(kinks)}", real=True), strict=True))
    above = []
    for kink, level in levels.items():
        sides = (kink.args[0], -kink.args[0]) if isinstance(kink, Abs) else kink.args
        above += [level >= side for side in sides]
    over = [*problem.over, *levels.values()]
    return Problem(problem.objective.xreplace(levels), [*problem.all_constraints, *above], over=over)


def values_of_both(problem):
    primal = solve(smooth(problem), time_limit_s=PATIENCE_S)
    dual = solve(problem.dual().problem, time_limit_s=PATIENCE_S)
    bidual = solve(problem.dual().problem.dual().problem, time_limit_s=PATIENCE_S)
    assert {primal.status, dual.status, bidual.status} <= {Status.OPTIMAL, Status.NOT_ATTAINED}
    return primal, dual, bidual


def have_one_value(*solutions):
    """Whether some number lies in all intervals that are proved to hold the values; exact ones are equal to it."""
    intervals = [solution.value_interval for solution in solutions]
    exact = {solution.value for solution in solutions if solution.optimum.is_exact}
    return max(low for low, _ in intervals) <= min(high for _, high in intervals) and len(exact) <= 1


@pytest.mark.slow
def test_many_problems_with_kinks_and_separable_ones():
    source = random.Random(31)
    for _ in range(25):
        assert have_one_value(*values_of_both(with_kinks(source)))
        assert have_one_value(*values_of_both(separable(source)))


def test_linear_programs_with_kinks():
    source = random.Random(3)
    for _ in range(3):
        assert have_one_value(*values_of_both(with_kinks(source)))


CLOSED = [
    (Problem(x**2 + y**2, [x + 2 * y >= 5], over=[x, y]), 5),
    (Problem(Max(x, -x, y, -y), [Eq(x + 2 * y, 3)], over=[x, y]), 1),
    (Problem(Abs(x) + Abs(y), [Eq(x + 2 * y, 3)], over=[x, y]), Rational(3, 2)),
    (Problem(sqrt(x**2 + y**2), [Eq(3 * x + 4 * y, 10)], over=[x, y]), 2),
    (Problem(x**4 + y**4, [x + y >= 2], over=[x, y]), 2),
    (Problem(x + y, [x**2 + y**2 <= 2], over=[x, y]), -2),
    (Problem(exp(x) + exp(y), [x + y >= 0], over=[x, y]), 2),
    (Problem(1 / u + 1 / v, [u + v <= 2], over=[u, v]), 2),
]


@pytest.mark.parametrize(("problem", "value"), CLOSED, ids=[str(p.objective) for p, _ in CLOSED])
def test_closed_convex_problems(problem, value):
    assert all(sympy.simplify(solution.value - value) == 0 for solution in values_of_both(problem))


def separable(source):
    """sum of w phi(t) with one coupling constraint, three kinds of convex functions."""
    kinds = [lambda t: t**2, lambda t: Abs(t), lambda t: (t - 1) ** 2, lambda t: 2 * Abs(t - 1)]
    objective = sum(source.randint(1, 3) * source.choice(kinds)(t) for t in (x, y, z))
    slopes = [source.choice([-2, -1, 1, 2]) for _ in range(3)]
    return Problem(objective, [slopes[0] * x + slopes[1] * y + slopes[2] * z >= source.randint(1, 4)], over=[x, y, z])


def random_program(source, number):
    """A linear or strictly convex quadratic program in two variables >= 0, feasible and bounded below by its costs >= 0."""
    costs = [source.randint(1, 6) for _ in range(2)]
    bend = [source.randint(0, 1) * source.randint(1, 4) for _ in range(2)] if number % 2 else [0, 0]
    objective = costs[0] * x + costs[1] * y + bend[0] * x**2 + bend[1] * (x - y) ** 2
    rows = [(source.randint(1, 4), source.randint(0, 3), source.randint(1, 9)) for _ in range(2)]
    constraints = [a * x + b * y >= c for a, b, c in rows]
    return Problem(objective, constraints, over=[x, y], bounds={x: (0, None), y: (0, None)})


def test_linear_and_quadratic_programs():
    source = random.Random(17)
    for number in range(12):
        assert have_one_value(*values_of_both(random_program(source, number)))


@pytest.mark.slow
def test_hundreds_of_linear_and_quadratic_programs():
    source = random.Random(23)
    for number in range(200):
        assert have_one_value(*values_of_both(random_program(source, number)))


def test_separable_problems():
    source = random.Random(9)
    for _ in range(4):
        assert have_one_value(*values_of_both(separable(source)))
