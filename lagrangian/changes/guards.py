"""What the operations of an expression demand of their arguments, and whether another expression demands it too.

Two expressions that are equal where both are defined, such as x (1/x + x) and 1 + x**2, need not be defined at the same points.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Pow, Symbol

from lagrangian.changes.change import bounds_on
from lagrangian.conditions.domains import TOTAL
from lagrangian.conditions.signs import is_nonnegative, is_positive
from lagrangian.problem.canonical import CanonicalProblem

NONZERO, NONNEGATIVE, POSITIVE = "nonzero", "nonnegative", "positive"


@dataclass(frozen=True)
class Guard:
    """``of`` has to be nonzero, nonnegative or positive; without a ``demand`` it is a function with a domain of its own."""

    of: Expr
    demand: str | None = None


def guards(expression: Expr) -> frozenset[Guard]:
    """What the operations of an expression demand.

    >>> x = Symbol("x", real=True)
    >>> sorted((str(guard.of), guard.demand) for guard in guards(sympy.log(x) / sympy.sin(x)))
    [('sin(x)', 'nonzero'), ('x', 'positive')]
    """
    parts = (part for part in sympy.preorder_traversal(expression) if isinstance(part, Expr) and part.free_symbols)
    found = (_guard(part) for part in parts)
    return frozenset(guard for guard in found if guard is not None)


def _guard(part: Expr) -> Guard | None:
    if part.is_Symbol or part.is_Add or part.is_Mul or isinstance(part, TOTAL):
        return None
    if isinstance(part, Pow):
        return _power_guard(part)
    if isinstance(part, sympy.log):
        return Guard(part.args[0], POSITIVE)
    poles = _POLES.get(part.func)
    return Guard(part) if poles is None else Guard(poles(part.args[0]), NONZERO)


def _power_guard(power: Pow) -> Guard | None:
    base, exponent = power.args
    if isinstance(exponent, sympy.Integer):
        return Guard(base, NONZERO) if exponent < 0 else None
    if not base.free_symbols and base.is_positive:
        return None
    if isinstance(exponent, sympy.Rational):
        return Guard(base, NONNEGATIVE if exponent > 0 else POSITIVE)
    return Guard(power)


_POLES: dict[type, Callable[[Expr], Expr]] = {
    sympy.tan: sympy.cos,
    sympy.sec: sympy.cos,
    sympy.cot: sympy.sin,
    sympy.csc: sympy.sin,
    sympy.coth: sympy.sinh,
}


def are_kept(demanded: Iterable[Guard], known: frozenset[Guard], signed: dict[Symbol, Expr]) -> bool:
    """Whether each of some demands is met wherever those of another expression are, and variables have known signs."""
    return all(
        guard in known or _is_met(guard.of, guard.demand, signed) or _follows(guard, known, signed)
        for guard in demanded
    )


def _is_met(number: Expr, demand: str | None, signed: dict[Symbol, Expr]) -> bool:
    """Whether a demand is met by the signs of the variables."""
    if demand is None:
        return False
    seen = number.xreplace(signed)
    truth = {NONZERO: seen.is_nonzero, NONNEGATIVE: seen.is_nonnegative, POSITIVE: seen.is_positive}[demand]
    return truth is True


def _follows(guard: Guard, known: frozenset[Guard], signed: dict[Symbol, Expr]) -> bool:
    if guard.demand is None:
        return False
    if guard.demand == NONZERO:
        product = sympy.Mul(*(_numerator(other.of) for other in known if other.demand in (NONZERO, POSITIVE)))
        # the other numbers are a multiple of this one: where it is zero, one of them is
        return not sympy.denom(sympy.cancel(product / _numerator(guard.of))).free_symbols
    stronger = {POSITIVE, guard.demand}
    ratios = (sympy.cancel(guard.of / other.of) for other in known if other.demand in stronger)
    return any(ratio.xreplace(signed).is_positive for ratio in ratios)


def _numerator(expression: Expr) -> Expr:
    return sympy.numer(sympy.together(expression))


def have_same_domain(left: Iterable[Expr], right: Iterable[Expr], problem: CanonicalProblem) -> bool:
    """Whether expressions are all defined exactly where some others are, at points that the bounds of a problem allow.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(x, (), (), (x,), (), (), frozenset())
    >>> have_same_domain([x * (1 / x + x)], [1 + x**2], problem), have_same_domain([1 / x + 1], [(1 + x) / x], problem)
    (False, True)
    """
    mine, yours = (frozenset[Guard]().union(*map(guards, side)) for side in (left, right))
    if mine == yours:
        return True
    signed = signed_symbols(problem)
    return are_kept(mine, yours, signed) and are_kept(yours, mine, signed)


def signed_symbols(problem: CanonicalProblem) -> dict[Symbol, Expr]:
    """Variables that bounds keep above a number c >= 0 (or below one <= 0), written with symbols of known sign."""
    signed: dict[Symbol, Expr] = {}
    for variable, bounds in bounds_on(problem).items():
        for bound in bounds:
            sign = -1 if bound.is_upper else 1
            if is_nonnegative(sign * bound.limit) is True:
                strictly = bound.strict or is_positive(sign * bound.limit) is True
                kind = {"positive": True} if strictly else {"nonnegative": True}
                if variable not in signed or strictly:
                    signed[variable] = sign * Dummy(variable.name, **kind)
    return signed
