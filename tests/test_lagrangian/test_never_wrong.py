"""No claim is refuted by sampling: random problems of all kinds, each claim held against many feasible points.

Sampling can only refute, so a failure here is certain (up to the tolerance) and no false alarm: a feasible sample that is
better than a claimed optimum or infimum, or lies in a set claimed to be empty, or a claimed optimum that is not feasible.
"""

import random

import numpy as np
import pytest
import sympy
from sympy import Abs, Eq, Max, Min, cos, exp, log, sin, sqrt, symbols

from lagrangian import Problem, Status, solve

SAMPLES = 4000
SCALES = (0.3, 1.0, 3.0, 30.0, 1000.0)
TOLERANCE = 1e-7
VARIABLES = symbols("x y z", real=True)


def random_expression(source: random.Random, variables, depth: int):
    """A random expression with small integers; functions that are not polynomial are about one in three."""
    if depth == 0 or source.random() < 0.2:
        return source.choice([*variables, *variables, sympy.Integer(source.randint(-3, 3))])
    left = random_expression(source, variables, depth - 1)
    right = random_expression(source, variables, depth - 1)
    function = source.choice((sin, cos, exp, log, sqrt, Abs))
    shapes = (
        lambda: left + right,
        lambda: left - right,
        lambda: left * right,
        lambda: left * right,
        lambda: left ** source.randint(2, 4),
        lambda: left / right if right != 0 else left,
        lambda: function(left),
        lambda: source.choice((Max, Min))(left, right),
    )
    weights = (4, 3, 3, 2, 3, 1, 2, 1)
    return source.choices(shapes, weights)[0]()


def random_problem(seed: int) -> Problem | None:
    """A problem in one to three variables, with bounds, inequalities, an equation, strict ones and integers now and then."""
    source = random.Random(seed)
    variables = VARIABLES[: source.choice((1, 1, 2, 2, 3))]
    objective = random_expression(source, variables, source.choice((2, 3, 3)))
    constraints = []
    for v in variables:
        if source.random() < 0.5:
            constraints.append(v >= source.randint(-4, 1))
        if source.random() < 0.5:
            constraints.append(v <= source.randint(1, 5))
    for _ in range(source.choice((0, 0, 1, 1, 2))):
        side = random_expression(source, variables, 2)
        relation = source.choice((sympy.Le, sympy.Le, sympy.Ge, sympy.Lt))(side, source.randint(-2, 4), evaluate=False)
        constraints.append(relation)
    if source.random() < 0.25:
        constraints.append(Eq(sum(source.randint(-2, 2) * v for v in variables), source.randint(-2, 2), evaluate=False))
    integers = [v for v in variables if source.random() < 0.15]
    numbers = [objective, *(side for c in constraints for side in c.args)]
    if any(e.has(sympy.zoo, sympy.nan, sympy.oo, sympy.I) for e in numbers):
        return None
    constraints = [c for c in constraints if not (c.lhs - c.rhs).is_number]
    return Problem(objective, constraints, over=variables, integers=integers, sense=source.choice(("min", "max")))


def samples_of(problem: Problem, seed: int):
    """Points that satisfy the linear equation, with the integers rounded, and which of them are feasible, with their values."""
    generator = np.random.default_rng(seed)
    variables = problem.over
    blocks = [scale * generator.standard_normal((SAMPLES // len(SCALES), len(variables))) for scale in SCALES]
    points = np.concatenate([*blocks, np.round(blocks[2]), np.zeros((1, len(variables))), np.ones((1, len(variables)))])
    places = [i for i, v in enumerate(variables) if v in problem.integers]
    points[:, places] = np.round(points[:, places])
    for relation in problem.constraints:
        if isinstance(relation, Eq):
            points = on_plane(relation, variables, points)
    columns = tuple(points.T)
    with np.errstate(all="ignore"):
        values = evaluate(problem.objective, variables, columns)
        feasible = np.isfinite(values)
        for i in places:
            feasible &= points[:, i] == np.round(points[:, i])
        for relation in problem.all_constraints:
            left, right = (evaluate(side, variables, columns) for side in relation.args)
            feasible &= np.isfinite(left) & np.isfinite(right)
            slack = {"<=": right - left, "<": right - left, ">=": left - right, ">": left - right}.get(relation.rel_op)
            if slack is None:
                feasible &= np.abs(left - right) <= 1e-9 * (1 + np.abs(left))
            else:
                feasible &= slack > 0 if relation.rel_op in "<>" else slack >= 0
    return points[feasible], values[feasible]


def on_plane(relation, variables, points):
    coefficients = np.array([float((relation.lhs - relation.rhs).coeff(v)) for v in variables])
    constant = float((relation.lhs - relation.rhs).subs(dict.fromkeys(variables, 0)))
    if not coefficients.any():
        return points
    place = int(np.argmax(np.abs(coefficients)))
    moved = points.copy()
    moved[:, place] -= (points @ coefficients + constant) / coefficients[place]
    return moved


def evaluate(expression, variables, columns):
    """Real values, and nan where a part is not defined or not real."""
    function = sympy.lambdify(variables, expression, modules=["numpy"])
    values = np.asarray(function(*columns), dtype=complex) * np.ones(len(columns[0]))
    return np.where(values.imag == 0, values.real, np.nan)


def refuted(problem: Problem, solution, seed: int) -> str | None:
    """Why a claim is wrong; None if no sample refutes it."""
    _, values = samples_of(problem, seed)
    sign = 1.0 if problem.sense.value == "min" else -1.0
    if solution.status is Status.INFEASIBLE and len(values):
        return f"claimed infeasible, {len(values)} samples are feasible"
    if solution.status in (Status.OPTIMAL, Status.NOT_ATTAINED) and len(values):
        best, claimed = float(np.min(sign * values)), sign * float(solution.optimum)
        if best < claimed - TOLERANCE * (1 + abs(claimed)):
            return f"claimed {sign * claimed}, a sample has {sign * best}"
    if solution.status is Status.OPTIMAL:
        for point in solution.coordinates:
            numbers = {v: float(n) for v, n in point.items()}
            value = complex(problem.objective.subs(numbers).evalf())
            if abs(value - float(solution.optimum)) > 1e-5 * (1 + abs(value)):
                return f"the point {numbers} has the value {value}, claimed {float(solution.optimum)}"
    return None


def check(seed: int, time_limit_s: float) -> None:
    try:
        problem = random_problem(seed)
    except ValueError:  # SymPy refuses Max(1, sqrt(-3)) when it is written down
        return
    if problem is None:
        return
    solution = solve(problem, time_limit_s=time_limit_s)
    if solution.status not in (Status.LOCAL, Status.UNDECIDED):
        assert solution.certificate is not None and solution.certificate.verified is True
    assert refuted(problem, solution, seed) is None, f"{problem}: {solution.status.value}"


@pytest.mark.parametrize("seed", range(24))
def test_no_claim_is_refuted_by_samples(seed):
    check(seed, 3.0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1400))
def test_no_claim_about_many_problems_is_refuted_by_samples(seed):
    check(seed, 5.0)
