"""Whether a quadratic program with parametric curvature has an optimum, from the directions in which it has no end.

With generators r_1, ..., r_k of the recession cone {d : A d <= 0, E d = 0} and q_ij = r_i.Q r_j, a program with feasible points
is

    unbounded below  if  q_ii < 0,  or  q_ij < 0 and q_ii q_jj < q_ij^2   for some i, j
    solvable         if  Q is positive definite on the cone's span, or all q_ij >= 0 and all q_ii > 0

and directions with r.Q r = 0 need (Q x + c).r >= 0 for all feasible x besides (Eaves 1971; Frank and Wolfe 1956); the least such
slope is the value of a parametric linear program. For two generators only parameters at which some q_ij vanish are left open.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product

import sympy
from flint import fmpq, fmpq_mat
from sympy import Expr, ImmutableMatrix

from lagrangian.duality.parametric_cones import cone_of_directions
from lagrangian.duality.parametric_curvature import Curvature, NotTreatedError, definite_on
from lagrangian.duality.parametric_linear import parts_of
from lagrangian.duality.parametric_reading import Generators, rational, read_program
from lagrangian.duality.parametric_sets import ParameterSet
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import Conditions, ParameterSpace
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.status import Status


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


# for a direction, sets of parameters with the least of (Q x + c).r over the feasible points; None where there is no least
FlatSlopes = dict[ImmutableMatrix, list[tuple[Conditions, Expr | None]]]


def flat_slopes(curvature: Curvature, rays: list[ImmutableMatrix], deadline: float) -> FlatSlopes:
    """The directions along which the objective is linear whatever the parameters are, with their least slopes.

    Raises:
        NotTreatedError: where a slope is not a parametric linear program's.
    """
    return {ray: _least_slopes(curvature, ray, deadline) for ray in rays if _form(curvature, ray, ray) == 0}


def _least_slopes(curvature: Curvature, ray: ImmutableMatrix, deadline: float) -> list[tuple[Conditions, Expr | None]]:
    gradient = curvature.hessian * ImmutableMatrix(curvature.canonical.variables) + ImmutableMatrix(curvature.slope)
    slope = sympy.expand((ray.T * gradient)[0, 0])
    read = read_program(replace(curvature.canonical, objective=slope))
    parts = None if isinstance(read, str) else parts_of(read.program, read.admissible, deadline)
    if isinstance(read, str) or parts is None:
        raise NotTreatedError("the slope along an endless direction is no linear program's")
    found: list[tuple[Conditions, Expr | None]] = []
    for part in (part for part in parts if part.status is not Status.INFEASIBLE):
        conditions, least = conditions_of_set(part.parameters, read.generators), None
        if part.optimizer is not None:
            values = [read.generators.expression(row) for row in part.optimizer.tolist()]
            least = sympy.expand(slope.xreplace(dict(zip(curvature.canonical.variables, values, strict=True))))
        found.append((conditions, least))
    return found


def conditions_of_set(parameters: ParameterSet, generators: Generators) -> Conditions:
    """A set of parameters as conditions, two for each of its equations."""
    rows = [generators.expression(equation.row) for equation in parameters.equations]
    found = [SignCondition(side) for row in rows for side in (row, sympy.expand(-row))]
    return (*found, *(SignCondition(generators.expression(c.row), c.strict) for c in parameters.conditions))


def falling(
    curvature: Curvature, rays: list[ImmutableMatrix], flat: FlatSlopes, space: ParameterSpace
) -> Iterator[Conditions]:
    """Conditions under which the objective falls without end, given that some point is feasible."""
    for ray in rays:
        for conditions, least in flat.get(ray, []):
            if least is None:
                yield conditions
            else:
                yield from ((*conditions, *below) for below in _negative(least, space, ()))
        yield from _negative(_form(curvature, ray, ray), space, ())
    for one, other in combinations(rays, 2):
        mixed, product_of_both = (
            _form(curvature, one, other),
            _form(curvature, one, one) * _form(curvature, other, other),
        )
        for below in _negative(mixed, space, ()):
            yield from _negative(product_of_both - mixed**2, space, below)


def resting(
    curvature: Curvature, rays: list[ImmutableMatrix], flat: FlatSlopes, space: ParameterSpace
) -> Iterator[Conditions]:
    """Conditions under which a program with feasible points has an optimum."""
    if any(-ray in flat for ray in flat):
        return
    curved = [ray for ray in rays if ray not in flat]
    pairs = [SignCondition(-_form(curvature, one, other)) for one, other in combinations(rays, 2)]
    diagonal = [SignCondition(-_form(curvature, ray, ray), strict=True) for ray in curved]
    for slopes in product(*flat.values()):
        rising = [c for conditions, least in slopes if least is not None for c in (*conditions, SignCondition(-least))]
        if any(least is None for _, least in slopes):
            continue
        yield from _possible([*diagonal, *pairs, *rising])
        if curved and not any(any(curvature.hessian * ray) for ray in flat):
            spanned = sympy.Matrix.hstack(*curved).columnspace()
            definite = definite_on(curvature.hessian, ImmutableMatrix.hstack(*spanned), space)
            if definite is not None:
                yield from _possible([*definite, *rising])


def _possible(conditions: list[SignCondition]) -> Iterator[Conditions]:
    conditions = [SignCondition(sympy.expand(c.expression), c.strict) for c in conditions]
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
