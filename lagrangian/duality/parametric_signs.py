"""Conditions on parameters in their simplest form: factors of known sign left out, a root or a logarithm taken off.

A condition (e, strict) stands for e <= 0, or e < 0. What comes out holds only where the condition does; it may leave out
parameters at which a squared factor vanishes. A denominator without a known sign gives alternatives, one for each sign.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import sympy
from sympy import Expr, Pow, log
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive

HALF = sympy.Rational(1, 2)


@dataclass(frozen=True, slots=True)
class SignCondition:
    """expression <= 0, or < 0 where ``strict``."""

    expression: Expr
    strict: bool = False


@dataclass(eq=False)
class Signs:
    """What is known of signs: the assumptions, and the signs that an alternative supposes."""

    assumptions: Sequence[Relational]
    supposed: dict[Expr, int] = field(default_factory=dict)

    def sign(self, expression: Expr) -> int | None:
        """1 or -1; None where the sign is open, or the expression may vanish."""
        if expression in self.supposed:
            return self.supposed[expression]
        if -expression in self.supposed:
            return -self.supposed[-expression]
        if is_positive(expression, self.assumptions):
            return 1
        return -1 if is_positive(-expression, self.assumptions) else None

    def is_nonnegative(self, expression: Expr) -> bool:
        return self.supposed.get(expression) == 1 or is_nonnegative(expression, self.assumptions) is True


def simplified(condition: SignCondition, signs: Signs) -> list[SignCondition] | None:
    """Conditions that together imply the one given, none where it holds anyhow; None where it never holds.

    >>> a, b = sympy.symbols("a b", positive=True)
    >>> simplified(SignCondition((a**2 - a * b) / (a + b)), Signs(()))
    [SignCondition(expression=a - b, strict=False)]
    """
    expression = condition.expression
    sign = signs.sign(expression) if expression != 0 else 0
    if sign is not None:
        return [] if sign < 0 or (sign == 0 and not condition.strict) else None
    if not condition.strict and signs.is_nonnegative(-expression):
        return []
    return _by_factors(expression, condition.strict, signs)


def _by_factors(expression: Expr, strict: bool, signs: Signs) -> list[SignCondition] | None:
    outer, open_factors, squares = 1, [], []
    for base, exponent in _factors(expression):
        sign = signs.sign(base)
        if sign is not None:
            outer *= sign if exponent.is_odd else 1
        elif exponent.is_even or signs.is_nonnegative(base):
            squares.append(base)
        else:
            open_factors.append(base)
    positive = [_is_not_zero(base, signs) for base in squares] if strict else []
    if None in positive:
        return [SignCondition(expression, strict)]
    extra = [condition for condition in positive if condition is not None]
    if not open_factors:
        return extra if outer < 0 else None
    return [*_taken_off(outer * sympy.Mul(*open_factors), strict, signs), *extra]


def _is_not_zero(base: Expr, signs: Signs) -> SignCondition | None:
    """base > 0 for a base that is known to be >= 0."""
    if not signs.is_nonnegative(base):
        return None
    if isinstance(base, Pow):
        base = base.base
    return SignCondition(-base, strict=True)


def _factors(expression: Expr) -> list[tuple[Expr, Expr]]:
    """The bases and exponents of numerator and denominator; a power that is no integer one is a base of its own."""
    factored = sympy.factor(sympy.together(expression))
    found = []
    for part in sympy.Mul.make_args(factored):
        base, exponent = part.as_base_exp()
        if exponent.is_Integer:
            found.append((base, exponent))
        elif exponent.is_Rational:
            # b^(p/q) and b^(-p/q) have the same sign where they are defined
            found.append((Pow(base, abs(exponent)), sympy.S.One))
        else:
            found.append((part, sympy.S.One))
    return found


def _taken_off(expression: Expr, strict: bool, signs: Signs) -> list[SignCondition]:
    """alpha sqrt(R) + beta <= 0 and alpha log(R) + beta <= 0 as conditions on R, where the signs of alpha and beta allow it."""
    expanded = sympy.expand_log(sympy.expand(expression))
    outer = [part for part in expanded.atoms(Pow, log) if _is_outer(part)]
    if len(outer) == 1:
        (part,) = outer
        alpha, beta = expanded.coeff(part), expanded.coeff(part, 0)
        if not alpha.has(part) and not beta.has(part) and sympy.expand(alpha * part + beta - expanded) == 0:
            take_off = _without_log if isinstance(part, log) else _without_root
            found = take_off(part, alpha, beta, strict, signs)
            if found is not None:
                return found
    if outer and all(isinstance(part, log) for part in outer):
        joined = sympy.logcombine(expanded, force=True)
        if isinstance(joined, log):
            return _by_factors(joined.args[0] - 1, strict, signs) or [SignCondition(expanded, strict)]
    return [SignCondition(expanded, strict)]


def _is_outer(part: Expr) -> bool:
    return bool(part.free_symbols) and (isinstance(part, log) or part.exp == HALF)


def _without_root(part: Expr, alpha: Expr, beta: Expr, strict: bool, signs: Signs) -> list[SignCondition] | None:
    """For alpha > 0 beta must be <= 0; for alpha < 0 there are two cases unless beta >= 0."""
    sign, radicand = signs.sign(alpha), part.base
    difference = sympy.expand(alpha**2 * radicand - beta**2)
    if sign == 1:
        not_positive = simplified(SignCondition(beta), signs)
        return None if not_positive is None else [SignCondition(difference, strict), *not_positive]
    if sign == -1 and signs.is_nonnegative(beta):
        return [SignCondition(-difference, strict)]
    return None


def _without_log(part: Expr, alpha: Expr, beta: Expr, strict: bool, signs: Signs) -> list[SignCondition] | None:
    sign = signs.sign(alpha)
    if sign is None:
        return None
    return [SignCondition(sympy.expand(sign * (part.args[0] - sympy.exp(-beta / alpha))), strict)]


def alternatives(
    values: Sequence[Expr], arguments: Sequence[Expr], signs: Signs
) -> Iterator[tuple[list[SignCondition], Signs]]:
    """Conditions under which values are defined, and arguments positive, with the signs of denominators that each supposes."""
    roots, denominators = _domain(values)
    roots |= dict.fromkeys(arguments, True)
    conditions = [SignCondition(-base, strict) for base, strict in roots.items()]
    unknown = [d for d in denominators if signs.sign(d) is None]
    for chosen in product((1, -1), repeat=len(unknown)):
        supposed = dict(zip(unknown, chosen, strict=True))
        positive = {base: 1 for base, strict in roots.items() if strict}
        added = [SignCondition(-sign * d, strict=True) for d, sign in supposed.items()]
        # with the signs known before: a condition must not be left out because it is supposed
        parts = [simplified(condition, signs) for condition in (*conditions, *added)]
        if all(part is not None for part in parts):
            domain = [condition for part in parts if part is not None for condition in part]
            yield domain, Signs((*signs.assumptions, *_bounds(positive)), signs.supposed | positive | supposed)


def _bounds(positive: Iterable[Expr]) -> list[Relational]:
    """Expressions > 0 that have one symbol, and are affine in it, as bounds of that symbol."""
    found = []
    for expression in positive:
        product_of_parts = sympy.Mul(*sympy.fraction(sympy.together(expression)))
        symbols = product_of_parts.free_symbols
        polynomial = product_of_parts.as_poly(*symbols) if len(symbols) == 1 else None
        if polynomial is not None and polynomial.degree() == 1 and polynomial.LC().is_number:
            bound = -polynomial.TC() / polynomial.LC()
            kind = sympy.Gt if polynomial.LC().is_positive else sympy.Lt
            found.append(kind(polynomial.gen, bound, evaluate=False))
    return found


def _domain(values: Sequence[Expr]) -> tuple[dict[Expr, bool], list[Expr]]:
    """What must not be negative under roots, or must be positive (True) in logarithms and denominators; other denominators."""
    roots: dict[Expr, bool] = {}
    denominators: dict[Expr, None] = {}
    for value in values:
        for part in sympy.preorder_traversal(value):
            if isinstance(part, log):
                roots[part.args[0]] = True
            elif isinstance(part, Pow) and part.exp.is_integer is not True and part.base.free_symbols:
                roots[part.base] = roots.get(part.base, False) or part.exp.is_positive is not True
        for base, exponent in _factors(sympy.denom(sympy.together(value))):
            if exponent.is_integer and base.free_symbols and not isinstance(base, Pow):
                denominators[base] = None
    return roots, list(denominators)
