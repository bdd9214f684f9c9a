"""Whether a quadratic program with parametric curvature has an optimum, from the directions in which it has no end.

With generators r_1, ..., r_k of the recession cone {d : A d <= 0, E d = 0} and q_ij = r_i.Q r_j, a program with feasible points
is

    unbounded below  if  q_ii < 0,  or  q_ij < 0 and q_ii q_jj < q_ij^2   for some i, j
    solvable         if  Q is positive definite on the cone's span, or all q_ij >= 0 and all q_ii > 0

and directions with Q r = 0 need c.r >= 0 besides (Eaves 1971; Frank and Wolfe 1956). For two generators only parameters at which
some of these vanish are left open.
"""

from collections.abc import Iterator
from itertools import combinations

import sympy
from flint import fmpq, fmpq_mat
from sympy import Expr, ImmutableMatrix

from lagrangian.duality.parametric_cones import cone_of_directions
from lagrangian.duality.parametric_curvature import Curvature, NotTreatedError, definite_on
from lagrangian.duality.parametric_reading import rational
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import Conditions, ParameterSpace
from lagrangian.problem.canonical import CanonicalProblem


def directions(curvature: Curvature, space: ParameterSpace) -> list[ImmutableMatrix]:
    """Generators of the recession cone, lines in both directions; none where the feasible set is bounded for all parameters.

    Raises:
        NotTreatedError: where the gradients depend on parameters and bounds of all variables were not found.
    """
    if is_bounded(curvature.canonical, space):
        return []
    entries = [*curvature.gradients, *curvature.equation_gradients]
    if not all(value.is_Rational for value in entries):
        raise NotTreatedError("coefficients of the constraints depend on parameters, and the variables have no bounds")
    zeros, rows = (_exact(matrix) for matrix in (curvature.equation_gradients, curvature.gradients))
    lines, rays = cone_of_directions(zeros, rows)
    vectors = [ImmutableMatrix([rational(v) for v in vector]) for vector in (*lines, *rays)]
    return vectors + [-v for v in vectors[: len(lines)]]


def _exact(matrix: ImmutableMatrix) -> fmpq_mat:
    return fmpq_mat(matrix.rows, matrix.cols, [fmpq(int(v.p), int(v.q)) for v in matrix])


def is_bounded(canonical: CanonicalProblem, space: ParameterSpace) -> bool:
    """Whether every variable has bounds, found one after the other from affine constraints with coefficients of known sign."""
    rows = [g.expression for g in canonical.inequalities]
    rows += [side for h in canonical.equalities for side in (h.expression, -h.expression)]
    signs = [_signs(row, canonical, space) for row in rows]
    bounded: set[tuple[int, int]] = set()
    changed = True
    while changed:
        changed = False
        for row in (row for row in signs if row is not None):
            for place, sign in row.items():
                # a_i x_i <= -r - sum(a_j x_j), and each -a_j x_j has an upper bound
                if (place, sign) not in bounded and all((j, -s) in bounded for j, s in row.items() if j != place):
                    bounded.add((place, sign))
                    changed = True
    return len(bounded) == 2 * len(canonical.variables)


def _signs(row: Expr, canonical: CanonicalProblem, space: ParameterSpace) -> dict[int, int] | None:
    found = {}
    for place, variable in enumerate(canonical.variables):
        coefficient = sympy.diff(row, variable)
        if coefficient != 0:
            sign = space.sign_of(coefficient, ())
            if sign is None:
                return None
            found[place] = sign
    return found


def falling(curvature: Curvature, rays: list[ImmutableMatrix], space: ParameterSpace) -> Iterator[Conditions]:
    """Conditions under which the objective falls without end, given that some point is feasible."""
    for ray in rays:
        yield from _negative(_form(curvature, ray, ray), space, ())
        if not any(curvature.hessian * ray):
            yield from _negative(_slope(curvature, ray), space, ())
    for one, other in combinations(rays, 2):
        mixed, product = _form(curvature, one, other), _form(curvature, one, one) * _form(curvature, other, other)
        for below in _negative(mixed, space, ()):
            yield from _negative(product - mixed**2, space, below)


def resting(curvature: Curvature, rays: list[ImmutableMatrix], space: ParameterSpace) -> Iterator[Conditions]:
    """Conditions under which a program with feasible points has an optimum."""
    straight = [ray for ray in rays if not any(curvature.hessian * ray)]
    if any(-ray in straight for ray in straight):
        return
    slopes = [SignCondition(sympy.expand(-_slope(curvature, ray))) for ray in straight]
    curved = [ray for ray in rays if ray not in straight]
    pairs = [_form(curvature, one, other) for one, other in combinations(curved, 2)]
    diagonal = [SignCondition(sympy.expand(-_form(curvature, ray, ray)), strict=True) for ray in curved]
    yield from _possible([*diagonal, *(SignCondition(sympy.expand(-value)) for value in pairs), *slopes])
    if not curved:
        return
    spanned = sympy.Matrix.hstack(*curved).columnspace()
    definite = definite_on(curvature.hessian, ImmutableMatrix.hstack(*spanned), space)
    if definite is not None:
        yield from _possible([*definite, *slopes])


def _possible(conditions: list[SignCondition]) -> Iterator[Conditions]:
    numbers = [c for c in conditions if c.expression.is_number]
    if all(c.expression.is_negative or (c.expression == 0 and not c.strict) for c in numbers):
        yield tuple(c for c in conditions if not c.expression.is_number)


def _negative(value: Expr, space: ParameterSpace, given: Conditions) -> Iterator[Conditions]:
    core = space.core(sympy.expand(value), given, exact=True)
    if not core.is_number:
        yield (*given, SignCondition(core, strict=True))
    elif core.is_negative:
        yield given


def _form(curvature: Curvature, one: ImmutableMatrix, other: ImmutableMatrix) -> Expr:
    return sympy.expand((one.T * curvature.hessian * other)[0, 0])


def _slope(curvature: Curvature, ray: ImmutableMatrix) -> Expr:
    return sympy.expand(sum(c * d for c, d in zip(curvature.slope, ray, strict=True)))
