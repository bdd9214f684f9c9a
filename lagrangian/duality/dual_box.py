"""Infima over variables that occur together and lie in a box, whose bounds are kept in the inner problem.

A convex quadratic function is least exactly where its slopes point inwards: for each choice of variables at their lower and upper
bounds the others follow from a linear system, and the choice is right where they lie within their bounds (Boyd and
Vandenberghe 2004, section 4.2.3). A function that is concave in each variable alone is least at a corner.
"""

from collections.abc import Iterator
from itertools import product

import sympy
from sympy import Expr, Min, Symbol

from lagrangian.conditions.convexity import principal_minors
from lagrangian.duality.dual_inner import WHOLE, Inner
from lagrangian.duality.dual_pieces import Piece, decided, found, nonnegative, piece, positive

Answer = tuple[tuple[Piece, ...], str, bool]
MOST_VARIABLES = 3
MOST_CORNERS = 64
CORNERS = "concave in each variable alone: least at a corner of the box"
CONVEX = "a convex quadratic over a box: its slopes point inwards at the bounds that hold, and vanish elsewhere"


def box_infimum(inner: Inner) -> Answer | None:
    """The infimum over a box of a function that is concave in each variable, or a convex quadratic; None for others.

    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y", real=True)
    >>> boxed = Problem(x * y, [x + y >= 1], over=[x, y], bounds={x: (0, 1), y: (-1, 1)})
    >>> boxed.dual(relax=boxed.constraints).function.expression
    mu_1 + Min(-1, -mu_1, 1 - 2*mu_1)
    """
    if inner.integers or not inner.has_bounds:
        return None
    return _over_corners(inner) or _convex_quadratic(inner)


def _over_corners(inner: Inner) -> Answer | None:
    bounds = [inner.intervals.get(v, WHOLE) for v in inner.variables]
    if any(end is None for pair in bounds for end in pair) or 2 ** len(bounds) > MOST_CORNERS:
        return None
    functions = [inner.quadratic, *(atom.expression for atom in inner.weights)]
    if not all(function.is_polynomial(*inner.variables) for function in functions) or _regions(inner):
        return None
    bends = [sympy.expand(sympy.diff(inner.expression, v, 2)) for v in inner.variables]
    if not all(bend == 0 or decided(nonnegative(-bend), inner.assumptions) is True for bend in bends):
        return None
    corners = [dict(zip(inner.variables, ends, strict=True)) for ends in product(*bounds)]
    values = [sympy.expand(inner.expression.xreplace(corner)) for corner in corners]
    return found(piece(Min(*values), [])), CORNERS, True


def _regions(inner: Inner) -> bool:
    return any(atom.region for atom in inner.weights)


def _convex_quadratic(inner: Inner) -> Answer | None:
    matrix = inner.hessian
    if inner.weights or len(inner.variables) > MOST_VARIABLES:
        return None
    minors = list(principal_minors(matrix))
    if not all(decided(nonnegative(minor), inner.assumptions) is True for minor in minors):
        return None
    is_bounded = all(end is not None for v in inner.variables for end in inner.intervals.get(v, WHOLE))
    if not is_bounded and decided(positive(minors[-1]), inner.assumptions) is not True:
        return None
    return found(*_choices(inner)), CONVEX, False


def _choices(inner: Inner) -> Iterator[Piece | None]:
    """A piece for each choice whose free variables have a positive definite Hessian.

    Those choices are enough: along a direction in which the free variables' quadratic is level the function is constant at an
    optimum, so that one more variable can be moved to a bound.
    """
    places: list[list[Expr | None]] = [
        [None, *(end for end in inner.intervals.get(v, WHOLE) if end is not None)] for v in inner.variables
    ]
    for choice in product(*places):
        fixed = {v: end for v, end in zip(inner.variables, choice, strict=True) if end is not None}
        yield _choice(inner, fixed)


def _choice(inner: Inner, fixed: dict[Symbol, Expr]) -> Piece | None:
    free = [v for v in inner.variables if v not in fixed]
    chosen = [inner.variables.index(v) for v in free]
    block = inner.hessian.extract(chosen, chosen)
    scale = sympy.expand(block.det(method="berkowitz")) if free else sympy.Integer(1)
    if scale == 0:
        return None
    gradient = [sympy.expand(sympy.diff(inner.quadratic, v).xreplace(fixed)) for v in inner.variables]
    rest = sympy.Matrix([gradient[i].xreplace(dict.fromkeys(free, sympy.Integer(0))) for i in chosen])
    levels = -(block.adjugate() * rest) if free else sympy.zeros(0, 1)
    place = {v: sympy.cancel(level / scale) for v, level in zip(free, levels, strict=True)}
    conditions = [positive(scale)]
    for v, level in zip(free, levels, strict=True):
        low, high = inner.intervals.get(v, WHOLE)
        conditions += [] if low is None else [nonnegative(sympy.expand(level - low * scale))]
        conditions += [] if high is None else [nonnegative(sympy.expand(high * scale - level))]
    for v, end in fixed.items():
        sign = 1 if end == inner.intervals[v][0] else -1
        slope = gradient[inner.variables.index(v)].xreplace(place)
        conditions.append(nonnegative(sympy.expand(sympy.cancel(sign * scale * slope))))
    value = sympy.cancel(inner.expression.xreplace(fixed).xreplace(place))
    return piece(value, conditions, inner.assumptions)
