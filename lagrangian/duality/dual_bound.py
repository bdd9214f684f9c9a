"""The dual function at given multipliers by solving the inner problem there, with the certificate of that answer.

It needs no formula of the dual function: whatever `solve` proves of inf over x in X of L at these numbers is a bound of the
optimal value, by weak duality (Boyd and Vandenberghe 2004, section 5.1.3).
"""

from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Ge, Gt, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.duality.dual_function import DualFunction
from lagrangian.errors import ProblemError
from lagrangian.logic import any3, not3
from lagrangian.problem.guards import NONNEGATIVE, POSITIVE, are_kept, guards
from lagrangian.problem.problem import Problem, Sense
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

TIME_LIMIT_S = 20.0


@dataclass(frozen=True, eq=False)
class DualBound:
    """g at ``multipliers``: its ``value`` where it is proved exactly, else None, with the ``solution`` of the inner problem.

    ``reason`` says in words how it is known, or what is missing. Multipliers that are negative have no inner problem.
    """

    multipliers: dict[Symbol, Expr]
    value: Expr | None
    solution: Solution | None
    reason: str

    @property
    def interval(self) -> tuple[Rational, Rational] | None:
        """Rational bounds of g, where it is known to a finite number."""
        if self.solution is None or self.solution.status not in (Status.OPTIMAL, Status.NOT_ATTAINED):
            return None
        return self.solution.value_interval

    def __str__(self) -> str:
        stated = "not decided" if self.value is None else str(self.value)
        return f"{stated}: {self.reason}"


def dual_bound(
    function: DualFunction, multipliers: dict[Symbol, Expr], *, time_limit_s: float = TIME_LIMIT_S
) -> DualBound:
    """The dual function at multipliers, from the answer to its inner problem.

    Args:
        function: the dual function, known or not; where it has new variables, the value is that without them, which is no worse.
        multipliers: a value for the multiplier of each constraint that has one; those of new variables are not used.
        time_limit_s: for the solver.

    Raises:
        ProblemError: for a multiplier without a value, or a value for no multiplier.

    >>> from sympy import log, symbols
    >>> from lagrangian.problem.problem import Problem
    >>> x = symbols("x", real=True)
    >>> dual = Problem(x**2 + log(1 + x**2), [x >= 1], over=[x]).dual()
    >>> dual.function.is_known, dual.bound_at({dual.function.multipliers[0]: 0}).value
    (False, 0)
    """
    exact = _checked(function, multipliers)
    signs = any3(not3(is_nonnegative(exact[t.multiplier])) for t in function.terms if t.multiplier.is_nonnegative)
    if signs is not False:
        value = None if signs is None else -function.sign * sympy.oo
        reason = (
            "the sign of a multiplier is not decided" if signs is None else "a multiplier of an inequality is negative"
        )
        return DualBound(exact, value, None, reason)
    problem = inner_problem(function, exact)
    if problem is None:
        return DualBound(exact, None, None, "the set where the functions are defined cannot be stated by constraints")
    solution = solve(problem, time_limit_s=time_limit_s)
    value = proved_optimum(solution)
    verb = "minimizing" if function.sign > 0 else "maximizing"
    if value is None:
        return DualBound(
            exact, None, solution, f"{verb} {problem.objective} has no exact answer ({solution.status.value})"
        )
    return DualBound(exact, value, solution, f"by {verb} {problem.objective}: {solution.status.value}")


def _checked(function: DualFunction, multipliers: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
    needed = [term.multiplier for term in function.terms]
    missing = [symbol for symbol in needed if symbol not in multipliers]
    if missing:
        raise ProblemError(
            f"the multiplier {missing[0]} has no value; give one for each of {', '.join(map(str, needed))}"
        )
    unknown = [symbol for symbol in multipliers if symbol not in function.multipliers]
    if unknown:
        names = ", ".join(map(str, function.multipliers))
        raise ProblemError(f"{unknown[0]} is no multiplier of the dual function; it has {names or 'none'}")
    return {symbol: sympy.sympify(multipliers[symbol], strict=True) for symbol in needed}


def inner_problem(function: DualFunction, multipliers: dict[Symbol, Expr]) -> Problem | None:
    """inf (sup for a maximization) of L at these multipliers over X; None where X cannot be stated.

    Functions whose multiplier is zero still limit X to where they are defined.
    """
    problem, restoration = function.lagrangian.problem, function.lagrangian.restoration
    plain = dict(zip(problem.over, restoration.variables, strict=True))  # without what the symbols' assumptions imply
    terms = sympy.Add(*(term.expression for term in function.terms))
    objective = (problem.objective + terms).xreplace(multipliers).xreplace(plain)
    functions = [f.xreplace(plain) for f in (problem.objective, *(term.slack for term in function.terms))]
    demanded = frozenset().union(*map(guards, functions)) - guards(objective)
    domain: list[Relational] = []
    limits = _limits(function, plain)
    signed = {
        r.lhs: Dummy(positive=True) for r in limits if isinstance(r, Gt) and r.lhs.is_Symbol and r.rhs.is_nonnegative
    }
    for guard in sorted(demanded, key=str):
        if are_kept([guard], guards(objective), signed):
            continue
        if guard.demand not in (NONNEGATIVE, POSITIVE):
            return None
        domain.append((Gt if guard.demand == POSITIVE else Ge)(guard.of, 0, evaluate=False))
    return Problem(
        objective,
        [*limits, *domain],
        over=restoration.variables,
        sense=Sense.MINIMIZE if function.sign > 0 else Sense.MAXIMIZE,
        assumptions=problem.assumptions,
        integers=function.lagrangian.canonical.integers,
    )


def _limits(function: DualFunction, plain: dict[Symbol, Expr]) -> list[Relational]:
    """The relations that limit X, in plain variables, without new ones."""
    places = {relation.lhs: relation.rhs for _, relation in function.introduced}
    stated = ((r, r.lhs.xreplace(places).xreplace(plain)) for r in (*function.kept, *function.region))
    return [
        r.func(left, r.rhs.xreplace(plain), evaluate=False)
        for r, left in stated
        if left.free_symbols | r.rhs.free_symbols
    ]


def proved_optimum(solution: Solution) -> Expr | None:
    """The optimal value, infinite for infeasible and unbounded problems; None unless it is proved and exact."""
    sign = 1 if solution.problem.sense is Sense.MINIMIZE else -1
    if solution.status is Status.INFEASIBLE:
        return sign * sympy.oo
    if solution.status is Status.UNBOUNDED:
        return -sign * sympy.oo
    known = solution.status in (Status.OPTIMAL, Status.NOT_ATTAINED)
    return solution.value if known and solution.optimum is not None and solution.optimum.is_exact else None
