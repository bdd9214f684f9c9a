"""KKT points of quadratic programs whose curvature depends on parameters: a complete list, by the definiteness along each face.

    minimize x.Q(t) x / 2 + c(t).x   subject to affine constraints

Among the optima take one on a face of least dimension. Along that face the Hessian is positive definite: it is semidefinite
there, and a direction without curvature would keep the value until a smaller face is met, if the optimum is attained and no
line lies in the feasible set. So every value that is attained is that of a point z_A(t) of a set A of independent active
constraints for which

    the Hessian on the null space of A is positive definite,  z_A is feasible,  mu_A >= 0

(the multipliers by Caratheodory 1911; for the second order conditions Luenberger and Ye 2016, section 11.5). In a convex program
two such points have the same value; elsewhere their values are compared.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import sympy
from sympy import Expr, ImmutableMatrix, Poly, Symbol

from lagrangian.duality.parametric_best import Candidate
from lagrangian.duality.parametric_points import ParametricPoint, points_of
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import Conditions, ParameterSpace
from lagrangian.problem.canonical import CanonicalProblem

MOST_ACTIVE_SETS = 256
RANK = "whether gradients of constraints are independent depends on the parameters"


class NotTreatedError(Exception):
    """A problem beyond this method; the message says why. Internal: it becomes a reason."""


@dataclass(frozen=True, eq=False)
class Curvature:
    """A quadratic objective with affine constraints: the Hessian, and the gradients of inequalities and equations as rows."""

    canonical: CanonicalProblem
    hessian: ImmutableMatrix
    slope: tuple[Expr, ...]
    gradients: ImmutableMatrix
    equation_gradients: ImmutableMatrix

    @property
    def dimension(self) -> int:
        return len(self.canonical.variables)

    def on(self, active: Sequence[int]) -> ImmutableMatrix:
        """The gradients of an active set and of the equations."""
        rows = [self.gradients.row(i) for i in active]
        return ImmutableMatrix.vstack(ImmutableMatrix.zeros(0, self.dimension), *rows, self.equation_gradients)


def curvature_of(canonical: CanonicalProblem) -> Curvature | None:
    """The data of a program with a quadratic objective and affine constraints; None for any other problem."""
    variables = canonical.variables
    objective = _polynomial(canonical.objective, variables, 2)
    constraints = [_polynomial(f, variables, 1) for f in canonical.functions[1:]]
    if objective is None or any(c is None for c in constraints):
        return None
    hessian = sympy.hessian(objective.as_expr(), variables)
    slope = tuple(objective.coeff_monomial(v) for v in variables)
    rows = [[c.coeff_monomial(v) for v in variables] for c in constraints if c is not None]
    held, count = len(canonical.inequalities), len(variables)
    upper, lower = (
        ImmutableMatrix(len(part), count, [v for row in part for v in row]) for part in (rows[:held], rows[held:])
    )
    return Curvature(canonical, ImmutableMatrix(hessian), slope, upper, lower)


def _polynomial(function: Expr, variables: Sequence[Symbol], degree: int) -> Poly | None:
    try:
        polynomial = Poly(function, *variables)
    except sympy.PolynomialError:
        return None
    return polynomial if polynomial.total_degree() <= degree else None


def candidates_of(curvature: Curvature, space: ParameterSpace, deadline: float) -> Iterator[Candidate]:
    """The complete list, larger faces first.

    Raises:
        NotTreatedError: where the rank of an active set's gradients depends on the parameters, or there are too many sets.
        TimeoutError: after the deadline, in the seconds of time.monotonic().
    """
    canonical = curvature.canonical
    most = curvature.dimension - len(canonical.equalities)
    sets = [s for size in range(max(most, 0) + 1) for s in combinations(range(len(canonical.inequalities)), size)]
    if len(sets) > MOST_ACTIVE_SETS:
        raise NotTreatedError(f"there are {len(sets)} active sets, more than {MOST_ACTIVE_SETS}")
    for active in sets:
        if time.monotonic() > deadline:
            raise TimeoutError
        yield from _candidate(curvature, active, space, deadline)


def _candidate(
    curvature: Curvature, active: Sequence[int], space: ParameterSpace, deadline: float
) -> Iterator[Candidate]:
    basis = null_space(curvature.on(active), space)
    curved = None if basis is None else definite_on(curvature.hessian, basis, space)
    if curved is None:
        return
    canonical = curvature.canonical
    found = list(points_of(canonical, active, deadline))
    if len(found) != 1:
        raise NotTreatedError("the point of an active set was not found in closed form")
    conditions = conditions_of_point(canonical, found[0], curved, space)
    if conditions is not None and not space.is_empty(conditions):
        yield Candidate(conditions, canonical.objective.xreplace(found[0].point), found[0])


def conditions_of_point(
    canonical: CanonicalProblem, found: ParametricPoint, curved: Conditions, space: ParameterSpace
) -> Conditions | None:
    """Positive curvature, then feasibility, then the signs of the multipliers; None where one of them never holds."""
    stated = [g.expression.xreplace(found.point) for i, g in enumerate(canonical.inequalities) if i not in found.active]
    stated += [-mu for i, mu in enumerate(found.inequality_multipliers) if i in found.active]
    listed = list(curved)
    for expression in stated:
        core = space.core(expression, curved, exact=True)
        if core.is_number and core.is_positive:
            return None
        if not core.is_number:
            listed.append(SignCondition(core))
    return tuple(dict.fromkeys(listed))


def null_space(rows: ImmutableMatrix, space: ParameterSpace) -> ImmutableMatrix | None:
    """A basis of the null space, as columns; None where the rows are dependent.

    Raises:
        NotTreatedError: where that depends on the parameters.
    """
    height, width = rows.shape
    undecided = False
    for pivots in combinations(range(width), height):
        square = rows.extract(list(range(height)), list(pivots))
        determinant = sympy.expand(square.det())
        if determinant != 0 and space.sign_of(determinant, ()) is not None:
            return _basis(rows, square, pivots)
        undecided = undecided or determinant != 0
    if undecided:
        raise NotTreatedError(RANK)
    return None


def _basis(rows: ImmutableMatrix, square: ImmutableMatrix, pivots: tuple[int, ...]) -> ImmutableMatrix:
    height, width = rows.shape
    free = [j for j in range(width) if j not in pivots]
    solved = square.inv() * rows.extract(list(range(height)), free) if height else sympy.zeros(0, len(free))
    basis = sympy.zeros(width, len(free))
    for k, j in enumerate(free):
        basis[j, k] = 1
        for i, pivot in enumerate(pivots):
            basis[pivot, k] = -solved[i, k]
    return ImmutableMatrix(basis)


def definite_on(hessian: ImmutableMatrix, basis: ImmutableMatrix, space: ParameterSpace) -> Conditions | None:
    """Conditions under which B^T Q B is positive definite: its leading minors are positive; None where it never is."""
    reduced = basis.T * hessian * basis
    conditions: list[SignCondition] = []
    for size in range(1, reduced.rows + 1):
        minor = space.core(reduced[:size, :size].det(), conditions, exact=True)
        if minor.is_number and not minor.is_positive:
            return None
        if not minor.is_number:
            conditions.append(SignCondition(sympy.expand(-minor), strict=True))
    return tuple(conditions)


def is_tie(curvature: Curvature, space: ParameterSpace, one: Candidate, other: Candidate, given: Conditions) -> bool:
    """Whether two KKT points have the same value: the objective is convex where the constraints active at both are.

    Each of them then is an optimum of the problem with these constraints as equations.
    """
    common = [i for i in one.answer.active if i in other.answer.active]
    basis = null_space(curvature.on(common), space)
    conditions = None if basis is None else definite_on(curvature.hessian, basis, space)
    return conditions is not None and all(space.implies(given, c) for c in conditions)
