"""What the operations of an expression demand of their arguments, and whether another expression demands it too.

Two expressions that are equal where both are defined, such as x (1/x + x) and 1 + x**2, need not be defined at the same points.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import sympy
from sympy import Dummy, Expr, Pow, Symbol

NONZERO, NONNEGATIVE, POSITIVE = "nonzero", "nonnegative", "positive"

# functions that are defined everywhere
TOTAL = (
    sympy.exp,
    sympy.sin,
    sympy.cos,
    sympy.sinh,
    sympy.cosh,
    sympy.tanh,
    sympy.atan,
    sympy.erf,
    sympy.Abs,
    sympy.Max,
    sympy.Min,
)


@dataclass(frozen=True)
class Guard:
    """``of`` has to be nonzero, nonnegative or positive; without a ``demand`` it is a function with a domain of its own."""

    of: Expr
    demand: str | None = None

    def __str__(self) -> str:
        signs = {NONZERO: "!= 0", NONNEGATIVE: ">= 0", POSITIVE: "> 0", None: "is defined"}
        return f"{self.of} {signs[self.demand]}"


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
    if part.is_Symbol or part.is_Add or part.is_Mul:
        return None
    if isinstance(part, Pow):
        return power_guard(part.base, part.exp)
    return call_guard(part.func, part.args)


def power_guard(base: Expr, exponent: Expr) -> Guard | None:
    """What base**exponent demands, whatever SymPy makes of it."""
    if isinstance(exponent, sympy.Integer):
        return Guard(_vanishing_part(base), NONZERO) if exponent < 0 else None
    if base.is_positive:
        return None
    if isinstance(exponent, sympy.Rational):
        return Guard(base, NONNEGATIVE if exponent > 0 else POSITIVE)
    return Guard(Pow(base, exponent))


def _vanishing_part(product: Expr) -> Expr:
    """What is zero just where a product is, wherever that is defined: x y of 2 Abs(x) y**3/z."""
    found: dict[Expr, None] = {}
    for factor in sympy.Mul.make_args(product):
        base, exponent = factor.as_base_exp()
        if isinstance(exponent, sympy.Rational) and exponent > 0:
            base = base.args[0] if isinstance(base, sympy.Abs) else base
            if base.free_symbols:
                found[base] = None
        elif not exponent.is_negative and factor.free_symbols:
            found[factor] = None
    return sympy.Mul(*found)


def call_guard(function: type, arguments: tuple[Expr, ...]) -> Guard | None:
    """What a function of these arguments demands, whatever SymPy makes of it."""
    if issubclass(function, TOTAL):
        return None
    demanded = _DEMANDS.get(function)
    return Guard(function(*arguments)) if demanded is None else demanded(arguments[0])


_DEMANDS: dict[type, Callable[[Expr], Guard]] = {
    sympy.log: lambda argument: Guard(argument, POSITIVE),
    sympy.tan: lambda argument: Guard(sympy.cos(argument), NONZERO),
    sympy.sec: lambda argument: Guard(sympy.cos(argument), NONZERO),
    sympy.cot: lambda argument: Guard(sympy.sin(argument), NONZERO),
    sympy.csc: lambda argument: Guard(sympy.sin(argument), NONZERO),
    sympy.coth: lambda argument: Guard(sympy.sinh(argument), NONZERO),
    sympy.asin: lambda argument: Guard(1 - argument**2, NONNEGATIVE),
    sympy.acos: lambda argument: Guard(1 - argument**2, NONNEGATIVE),
}


def are_kept(demanded: Iterable[Guard], known: frozenset[Guard], signed: Mapping[Symbol, Expr]) -> bool:
    """Whether each of some demands is met wherever those of another expression are, and variables have known signs."""
    return all(_is_kept(guard, known, signed) for guard in demanded)


def _is_kept(guard: Guard, known: frozenset[Guard], signed: Mapping[Symbol, Expr]) -> bool:
    if guard in known or _is_met(guard.of, guard.demand, signed) or _follows(guard, known, signed):
        return True
    weaker = (Guard(guard.of, NONNEGATIVE), Guard(_vanishing_part(guard.of), NONZERO))
    return guard.demand == POSITIVE and are_kept(weaker, known, signed)


def _is_met(number: Expr, demand: str | None, signed: Mapping[Symbol, Expr]) -> bool:
    """Whether a demand is met, wherever the number is defined, by what is known of the symbols and the signs of variables."""
    seen = number.xreplace(signed).replace(_is_root, _sign_of_root)
    if demand is None:
        return isinstance(seen, Pow) and seen.base.is_positive is True
    if demand == NONZERO:
        return seen.is_nonzero is True
    above, below = sympy.fraction(seen)
    # above/below has the sign of above*below, which SymPy knows of 1/x**2
    has_sign = seen.is_nonnegative is True or (above * below).is_nonnegative is True
    return has_sign and (demand == NONNEGATIVE or above.is_nonzero is True)


def _is_root(part: Expr) -> bool:
    return isinstance(part, Pow) and isinstance(part.exp, sympy.Rational) and not part.exp.is_integer


def _sign_of_root(root: Pow) -> Expr:
    """A symbol of the sign that a root has wherever it is defined."""
    return Dummy(positive=True) if root.exp.is_negative else Dummy(nonnegative=True)


def _follows(guard: Guard, known: frozenset[Guard], signed: Mapping[Symbol, Expr]) -> bool:
    if guard.demand is None:
        return False
    if guard.demand == NONZERO:
        product = sympy.Mul(*(_numerator(other.of) for other in known if other.demand in (NONZERO, POSITIVE)))
        # the other numbers are a multiple of this one: where it is zero, one of them is
        return not sympy.denom(sympy.cancel(product / _numerator(guard.of))).free_symbols
    stronger = (other for other in known if other.demand in (POSITIVE, guard.demand))
    return any(
        _is_kept_by(other, sympy.cancel(guard.of / other.of).xreplace(signed), guard.demand) for other in stronger
    )


def _is_kept_by(other: Guard, ratio: Expr, demand: str) -> bool:
    """Whether ``ratio`` times a nonnegative (or positive) number is nonnegative (or positive) wherever both are defined."""
    if ratio.is_positive:
        return True
    above, below = sympy.fraction(ratio)
    if other.demand == POSITIVE and above.is_nonzero and (above * below).is_nonnegative:
        # below times the number is above times the other one, which is not zero
        return True
    # x**2 y >= 0 says nothing of y where x = 0, so that 1/x**2 will not do
    return demand == NONNEGATIVE and ratio.is_nonnegative is True and not below.free_symbols


def _numerator(expression: Expr) -> Expr:
    return sympy.numer(sympy.together(expression))
