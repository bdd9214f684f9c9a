"""Exact expressions as floating-point numbers at many places, for drawing alone."""

from collections.abc import Iterable, Sequence

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Eq, Expr, Ge, Gt, Symbol
from sympy.core.relational import Relational

from lagrangian.report.picture import Level, Range

ON_A_LINE = 401
ON_A_SIDE = 141
ROUNDING = 1e-9


def condition_of(relation: Relational) -> Expr:
    """An expression that is >= 0 where an inequality holds, and 0 where an equation does.

    >>> x = Symbol("x")
    >>> condition_of(x <= 3)
    3 - x
    """
    left, right = relation.lhs, relation.rhs
    return left - right if isinstance(relation, Ge | Gt | Eq) else right - left


def conditions_of(relations: Iterable[Relational]) -> tuple[Expr, ...]:
    """Expressions that are all >= 0 where relations hold: for an equation one and its negative.

    >>> x = Symbol("x")
    >>> conditions_of([x <= 3, Eq(x, 2)])
    (3 - x, x - 2, 2 - x)
    """
    return tuple(
        sign * condition_of(relation)
        for relation in relations
        for sign in ((1, -1) if isinstance(relation, Eq) else (1,))
    )


def sampled(expression: Expr, symbols: Sequence[Symbol], places: Sequence[NDArray]) -> NDArray:
    """The values at places, nan where they are not real and finite.

    Computed in complex numbers: a logarithm or a root of a negative number is not real, and so not drawn.
    """
    numbers = {n: sympy.Float(n.evalf(17)) for n in expression.atoms(sympy.CRootOf)}
    function = sympy.lambdify(list(symbols), expression.xreplace(numbers), modules=["scipy", "numpy"])
    with np.errstate(all="ignore"):
        found = np.asarray(function(*(place.astype(complex) for place in places)), dtype=complex)
    values = np.broadcast_to(found, places[0].shape)
    real = np.isfinite(values) & (np.abs(values.imag) <= ROUNDING * (1 + np.abs(values.real)))
    return np.where(real, values.real, np.nan)


def poles(expression: Expr) -> tuple[Expr, ...]:
    """Functions at whose zeros an expression may jump from one infinity to the other.

    >>> x, y = sympy.symbols("x y")
    >>> poles(1 / (x - y) + sympy.sqrt(x)), poles(sympy.tan(x))
    ((x - y,), (cos(x),))
    """
    bases = {power.base for power in expression.atoms(sympy.Pow) if power.exp.is_negative}
    tangents = {sympy.cos(part.args[0]) for part in expression.atoms(sympy.tan, sympy.sec)}
    cotangents = {sympy.sin(part.args[0]) for part in expression.atoms(sympy.cot, sympy.csc)}
    return tuple(sorted(bases | tangents | cotangents, key=sympy.default_sort_key))


def drawable(expression: Expr, symbols: Sequence[Symbol], places: Sequence[NDArray]) -> NDArray:
    """The values at places of a grid, without those beside a pole: no line is to be drawn from one infinity to the other."""
    values = sampled(expression, symbols, places)
    for pole in poles(expression):
        if pole.free_symbols & set(symbols):
            values = np.where(changes_sign(sampled(pole, symbols, places)), np.nan, values)
    return values


def changes_sign(values: NDArray) -> NDArray:
    """Where the sign is another one than at a neighbor on the grid."""
    found = np.zeros(values.shape, dtype=bool)
    for axis in range(values.ndim):
        change = np.diff(np.sign(values), axis=axis) != 0
        change &= np.isfinite(np.diff(values, axis=axis))
        sides = [(0, 1) if a == axis else (0, 0) for a in range(values.ndim)]
        found |= np.pad(change, sides)
        found |= np.pad(change, [side[::-1] for side in sides])
    return found


def simple_zeros(expression: Expr, symbols: Sequence[Symbol]) -> Expr:
    """A function with the same zeros; that of a polynomial changes its sign at them, also where a factor is repeated.

    >>> x, y = sympy.symbols("x y")
    >>> simple_zeros((x - y) ** 2, (x, y)), simple_zeros(x - sympy.exp(y), (x, y))
    (x - y, x - exp(y))
    """
    polynomial = expression.as_poly(*symbols)
    if polynomial is None or not (polynomial.domain.is_ZZ or polynomial.domain.is_QQ) or polynomial.is_ground:
        return expression
    return expression if polynomial.is_sqf else polynomial.sqf_part().as_expr()


def level_values(item: Level, across: NDArray, up: NDArray) -> NDArray:
    """What is zero on a level curve and changes its sign there; nan where the conditions of the curve do not hold."""
    if isinstance(item.level, sympy.Rational):
        values = drawable(simple_zeros(item.expression - item.level, item.symbols), item.symbols, [across, up])
    else:
        values = drawable(item.expression, item.symbols, [across, up]) - float(item.level)
    return np.where(holding(item.inside, item.symbols, [across, up]), values, np.nan)


def holding(conditions: Iterable[Expr], symbols: Sequence[Symbol], places: Sequence[NDArray]) -> NDArray:
    """Where all conditions hold, up to rounding."""
    held = np.ones(places[0].shape, dtype=bool)
    for condition in conditions:
        values = sampled(condition, symbols, places)
        held &= np.isfinite(values) & (values >= -ROUNDING * (1 + np.abs(values)))
    return held


def least_condition(
    conditions: Iterable[Expr], symbols: Sequence[Symbol], places: Sequence[NDArray], defined: Iterable[Expr] = ()
) -> NDArray:
    """The least of the conditions, each in units of its own size; negative where one of them, or a function, is not defined."""
    least = np.full(places[0].shape, np.inf)
    for condition in conditions:
        values = sampled(condition, symbols, places)
        size = np.nanmedian(np.abs(values)) if np.isfinite(values).any() else 1.0
        least = np.fmin(least, np.where(np.isfinite(values), values / (size or 1.0), -1.0))
    for function in defined:
        least = np.where(np.isfinite(sampled(function, symbols, places)), least, -1.0)
    return np.where(np.isinf(least), 1.0, least)


def line_places(window: Range, conditions: Iterable[Expr], symbol: Symbol) -> NDArray:
    """Places on an axis, with the exact ends of where polynomial conditions hold among them."""
    places = np.linspace(*window, ON_A_LINE)
    ends = [float(end) for condition in conditions for end in zeros(condition, symbol)]
    return np.unique(np.concatenate([places, [end for end in ends if window[0] <= end <= window[1]]]))


def plane_places(horizontal: Range, vertical: Range, count: int = ON_A_SIDE) -> tuple[NDArray, NDArray]:
    """A grid of places of the plane."""
    across, up = np.meshgrid(np.linspace(*horizontal, count), np.linspace(*vertical, count))
    return across, up


def zeros(expression: Expr, symbol: Symbol) -> tuple[Expr, ...]:
    """The real zeros of a polynomial in one symbol, exactly; () for another function.

    >>> x = Symbol("x")
    >>> zeros(2 * x**2 - 4, x)
    (-sqrt(2), sqrt(2))
    """
    numerator = sympy.fraction(sympy.together(expression))[0]
    polynomial = numerator.as_poly(symbol)
    if polynomial is None or polynomial.degree() < 1 or not all(c.is_Rational for c in polynomial.coeffs()):
        return ()
    return tuple(dict.fromkeys(polynomial.real_roots()))
