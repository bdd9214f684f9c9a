"""Where a problem is defined must not change as it is simplified: sqrt(x)**2 to x, or sqrt(x**2*y) to Abs(x)*sqrt(y).

A problem is about the points at which all its functions are real numbers. Simplified, sqrt(x)**2 would be defined for x < 0 too,
and sqrt(x**2*y), which is 0 at x = 0 and y = -1, would not be defined there: neither is the problem that was stated.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from sympy import Expr, Symbol
from sympy.core.relational import Gt, Lt

from lagrangian.errors import ProblemError
from lagrangian.problem.bounds import signed_symbols
from lagrangian.problem.canonical import CanonicalProblem, side_sign
from lagrangian.problem.guards import NONNEGATIVE, NONZERO, POSITIVE, Guard, are_kept, guards
from lagrangian.problem.reductions import Bounds, bounds_of, range_of
from lagrangian.problem.tokens import clip


def refuse_changed_domain(stated: Mapping[Guard, Expr | str], problem: CanonicalProblem) -> None:
    """Nothing, if the problem is defined where it was as stated, as far as its constraints allow.

    Args:
        stated: what the functions demand as they are stated, and the text or function that does.
        problem: what became of them.

    Raises:
        ProblemError: where a demand is lost, or a new one is made, and the constraints do not contain it.
    """
    made = guards_of(problem.functions)
    if stated.keys() != made:
        bounds = bounds_of(problem)
        met = frozenset(guard for guard in made.union(stated) if _is_met_on(bounds, guard))
        refuse_change(stated, made, met | _constraints_as_guards(problem), signed_symbols(problem))


def refuse_change(
    stated: Mapping[Guard, Expr | str],
    made: frozenset[Guard],
    known: frozenset[Guard] = frozenset(),
    signed: Mapping[Symbol, Expr] = MappingProxyType({}),
) -> None:
    """As `refuse_changed_domain`, for what the simplified functions demand, with what else is known to hold."""
    for guard, text in stated.items():
        if not are_kept([guard], made | known, signed):
            raise ProblemError(
                f"{clip(str(text))!r} is defined only where {guard}, and simplified it is defined elsewhere too; "
                f"{_remedy(guard)}, or write it simplified"
            )
    for guard in sorted(made - stated.keys(), key=str):
        if not are_kept([guard], known.union(stated), signed):
            raise ProblemError(
                f"the problem is simplified to one that is defined only where {guard}, which it does not demand as stated; "
                f"{_remedy(guard)}, or keep the root of a product together, as in sqrt(Max(x**2*y, -1))"
            )


def guards_of(expressions: Iterable[Expr]) -> frozenset[Guard]:
    """What the operations of expressions demand."""
    return frozenset[Guard]().union(*map(guards, expressions))


def _constraints_as_guards(problem: CanonicalProblem) -> frozenset[Guard]:
    """What the inequalities, and the relations that parameters satisfy, say as demands."""
    excesses = [(g.expression, g.strict) for g in problem.inequalities]
    for relation in problem.assumptions:
        excesses.append((side_sign(relation) * (relation.lhs - relation.rhs), isinstance(relation, Lt | Gt)))
    return frozenset(Guard(-excess, POSITIVE if strict else NONNEGATIVE) for excess, strict in excesses)


def _is_met_on(bounds: Bounds, guard: Guard) -> bool:
    """Whether bounds on the variables keep a number on its side of zero."""
    low, high = range_of(guard.of, bounds)
    return bool(low > 0 or (guard.demand == NONNEGATIVE and low >= 0) or (guard.demand == NONZERO and high < 0))


def _remedy(guard: Guard) -> str:
    if guard.demand == NONZERO:
        return f"bound {clip(str(guard.of))} away from zero"
    return f"state {guard} as a constraint"


def have_same_domain(left: Iterable[Expr], right: Iterable[Expr], problem: CanonicalProblem) -> bool:
    """Whether expressions are all defined exactly where some others are, at points that the bounds of a problem allow.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(x, (), (), (x,), (), (), frozenset())
    >>> have_same_domain([x * (1 / x + x)], [1 + x**2], problem), have_same_domain([1 / x + 1], [(1 + x) / x], problem)
    (False, True)
    """
    mine, yours = guards_of(left), guards_of(right)
    if mine == yours:
        return True
    signed = signed_symbols(problem)
    return are_kept(mine, yours, signed) and are_kept(yours, mine, signed)
