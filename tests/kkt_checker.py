"""Re-verifies every condition of every solution, from the statement alone: no code of the package's engines is used.

Exactly where SymPy decides that a residual is zero, else to 60 digits: a wrong root of any of the polynomials met here would
be off by far more.
"""

import sympy
from sympy import Eq, Expr, Ge, Gt, Le, Lt
from sympy.core.relational import Relational

from lagrangian import Problem, Sense, Solution, Status, solve

DIGITS = 60
ROUNDING = 1e-7


def solved(problem: Problem, **options: object) -> Solution:
    """Solve, and check all that the solution says before a test looks at it."""
    solution = solve(problem, **options)
    check(solution)
    return solution


def check(solution: Solution) -> None:
    claimed = solution.status not in (Status.LOCAL, Status.UNDECIDED)
    if claimed:
        assert solution.certificate is not None
        assert solution.certificate.verify() is True
    if solution.status is Status.OPTIMAL:
        assert solution.points or solution.families
    if solution.optimum is not None and not solution.optimum.is_exact:
        check_estimates(solution)
    elif solution.status in (Status.OPTIMAL, Status.LOCAL):
        for point in (*solution.points, *(family.sample for family in solution.families)):
            check_point(solution.problem, point, solution.value)
        if solution.multipliers:
            first = (*solution.points, *(family.sample for family in solution.families))[0]
            check_multipliers(solution.problem, first, solution.multipliers)


def check_estimates(solution: Solution) -> None:
    """Points in floating point are feasible, and have the value, up to rounding; an enclosure holds the value of the point."""
    for point in solution.points:
        value = float(solution.problem.objective.subs(point))
        assert abs(value - float(solution.optimum)) <= ROUNDING * (1 + abs(value))
        for constraint in solution.problem.all_constraints:
            missed = float((constraint.lhs - constraint.rhs).subs(point))
            missed = (
                abs(missed) if isinstance(constraint, Eq) else -missed if isinstance(constraint, Ge | Gt) else missed
            )
            assert missed <= ROUNDING * (1 + max(abs(float(x)) for x in point.values()))
    if solution.value_interval is not None:
        low, high = solution.value_interval
        assert low - ROUNDING <= solution.value <= high + ROUNDING


def check_point(problem: Problem, point: dict, value: Expr) -> None:
    for constraint in problem.all_constraints:
        assert relation_holds(constraint, point), f"{constraint} fails at {point}"
    assert vanishes(problem.objective.subs(point) - value)


def check_multipliers(problem: Problem, point: dict, multipliers: dict[Relational, Expr]) -> None:
    """Stationarity of the textbook's Lagrangian, dual feasibility, complementary slackness."""
    lagrangian = problem.objective
    sign = -1 if problem.sense is Sense.MINIMIZE else 1
    for stated, multiplier in multipliers.items():
        if isinstance(stated, Eq):
            lagrangian -= multiplier * (stated.lhs - stated.rhs)
        else:
            slack = stated.rhs - stated.lhs if isinstance(stated, Le | Lt) else stated.lhs - stated.rhs
            assert not_negative(multiplier), f"dual feasibility of {stated}"
            assert vanishes(multiplier * slack.subs(point)), f"complementary slackness of {stated}"
            lagrangian += sign * multiplier * slack
    for variable in problem.over:
        assert vanishes(sympy.diff(lagrangian, variable).subs(point)), f"stationarity in {variable}"


def relation_holds(relation: Relational, point: dict) -> bool:
    difference = (relation.lhs - relation.rhs).subs(point)
    if isinstance(relation, Eq):
        return vanishes(difference)
    if isinstance(relation, Ge | Gt):
        difference = -difference
    if isinstance(relation, Lt | Gt):
        return not_negative(-difference) and not vanishes(difference)
    return not_negative(-difference)


def vanishes(expression: Expr) -> bool:
    if expression.has(sympy.nan, sympy.zoo, sympy.oo):
        return False
    if expression.free_symbols:
        return sympy.simplify(expression) == 0
    return expression == 0 or abs(sympy.N(expression, DIGITS)) < sympy.Float(10) ** (-DIGITS + 15)


def not_negative(expression: Expr) -> bool:
    if expression.free_symbols:
        return sympy.simplify(expression).is_nonnegative is True
    return vanishes(expression) or sympy.N(expression, DIGITS) > 0
