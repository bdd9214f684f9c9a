"""Right sides of problems whose variables are all integers: the value is a staircase, whose next steps are found.

With V the least value, g <= 0 one constraint and X the integer points that satisfy the others,

    V(u) = V(0) for 0 <= u < min {g(x) : x in X, f(x) < V(0)}         a looser right side, up to the first better point
    V(-u) = V(0) for 0 <= u <= -min {g(x) : x in X, g(x) <= 0, f(x) <= V(0)}           a tighter one, up to the last optimum

and both minima are integer programs, which `solve` proves. If g = 0 at all optima, the value jumps at once.
"""

import time
from collections.abc import Sequence

import sympy
from sympy import Eq, Expr, Le, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import holds
from lagrangian.duality.slopes import (
    ConstraintSensitivity,
    OneSided,
    SlopeKind,
    stated_slopes,
    undecided,
)
from lagrangian.logic import all3
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.problem import Problem
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

SHARE_OF_ONE = 0.5
NOT_PROVED = "the next better point, or the last optimum, was not proved in the time given"
NOTHING_BETTER = "no looser right side has a better value"
JUMPS = "the value jumps at the end of this range"
JUMPS_AT_ONCE = "the value jumps: a better point meets the strict inequality with equality"
NO_INTEGERS = "no integer point is feasible to that side, however near"


def integer_slopes(
    solution: Solution, canonical: CanonicalProblem, restoration: Restoration, deadline: float
) -> list[ConstraintSensitivity]:
    """What both sides of each right side are, for a problem in integers with a proved optimum."""
    sign = restoration.objective_sign
    plain = {v: Symbol(v.name, real=True) for v in solution.problem.over}
    objective = restoration.expression(canonical.objective).xreplace(plain)
    assert solution.value is not None, "an optimum is proved"
    value = sign * solution.value
    bounds = [restoration.expression(g.expression).xreplace(plain) for g in canonical.inequalities]
    held = [restoration.expression(h.expression).xreplace(plain) for h in canonical.equalities]
    strict = [g.strict for g in canonical.inequalities]
    found = []
    for k, inequality in enumerate(canonical.inequalities):
        others = [_below(g, strict[i]) for i, g in enumerate(bounds) if i != k] + [
            Eq(h, 0, evaluate=False) for h in held
        ]
        search = _Search(tuple(plain.values()), others, objective, value, deadline, sign)
        up, down = search.looser(bounds[k]), search.tighter(bounds[k], strict[k])
        found.append(stated_slopes(inequality.stated, sign, up, down))
    for k, equality in enumerate(canonical.equalities):
        others = [_below(g, strict[i]) for i, g in enumerate(bounds)]
        others += [Eq(h, 0, evaluate=False) for i, h in enumerate(held) if i != k]
        search = _Search(tuple(plain.values()), others, objective, value, deadline, sign)
        up, down = search.moved(held[k]), search.moved(-held[k])
        found.append(stated_slopes(equality.stated, sign, up, down))
    return found


def _below(function: Expr, strict: bool) -> Relational:
    return (Lt if strict else Le)(function, 0, evaluate=False)


class _Search:
    """The integer programs about one constraint: minima of its function under the others."""

    def __init__(
        self,
        variables: tuple[Symbol, ...],
        others: Sequence[Relational],
        objective: Expr,
        value: Expr,
        deadline: float,
        sign: int,
    ) -> None:
        self.variables, self.others, self.objective = variables, list(others), objective
        self.deadline, self.sign = deadline, sign
        self.better = Lt(objective, value, evaluate=False)
        self.as_good = Le(objective, value, evaluate=False)

    def least(self, function: Expr, *added: Relational) -> Expr | Status:
        """The least value of a function, or the status where none is proved."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            return Status.UNDECIDED
        stated = [*self.others, *added]
        # an objective without variables is never better than its value, and always as good
        fixed = all3(holds(r) for r in stated if not r.free_symbols)
        if fixed is not True:
            return Status.UNDECIDED if fixed is None else Status.INFEASIBLE
        problem = Problem(function, [r for r in stated if r.free_symbols], over=self.variables, integers=self.variables)
        found = solve(problem, time_limit_s=left * SHARE_OF_ONE)
        exact = found.status is Status.OPTIMAL and isinstance(found.value, sympy.Rational)
        return found.value if exact else found.status

    def looser(self, function: Expr) -> OneSided:
        """g <= u for u >= 0."""
        step = self.least(function, self.better)
        if step is Status.INFEASIBLE:
            return _constant(sympy.oo, NOTHING_BETTER)
        if isinstance(step, Status) or not step.is_nonnegative:
            return undecided(NOT_PROVED)
        if step == 0:  # a strict inequality: any looser one lets the point in
            return OneSided(SlopeKind.INFINITE, -sympy.oo, JUMPS_AT_ONCE)
        return _constant(step, JUMPS)

    def tighter(self, function: Expr, strict: bool) -> OneSided:
        """g <= -u for u >= 0."""
        last = self.least(function, _below(function, strict), self.as_good)
        if isinstance(last, Status):
            return undecided(NOT_PROVED)
        if last < 0:
            return _constant(-last, JUMPS)
        beyond = self.least(self.objective, Lt(function, 0, evaluate=False))
        if beyond is Status.INFEASIBLE:
            return OneSided(SlopeKind.INFEASIBLE, reason=NO_INTEGERS)
        if isinstance(beyond, Status):
            return undecided(NOT_PROVED)
        reason = f"the value jumps to {self.sign * beyond}: every optimum meets the constraint with equality"
        return OneSided(SlopeKind.INFINITE, sympy.oo, reason)

    def moved(self, function: Expr) -> OneSided:
        """h = u for small u > 0: the least positive value of h is where points are feasible again."""
        least = self.least(function, Lt(0, function, evaluate=False))
        if least is Status.INFEASIBLE or isinstance(least, sympy.Expr):
            return OneSided(SlopeKind.INFEASIBLE, reason=NO_INTEGERS)
        return undecided(NOT_PROVED)


def _constant(reach: Expr, reason: str) -> OneSided:
    zero = sympy.Integer(0)
    return OneSided(SlopeKind.FINITE, zero, reason, reach, zero)
