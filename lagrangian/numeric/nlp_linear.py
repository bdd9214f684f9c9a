"""Linear programs, with and without integers, by HiGHS (Huangfu and Hall 2018), and convex quadratic ones by Clarabel."""

from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray

from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.problem.canonical import CanonicalProblem

Vector = NDArray[np.float64]
HIGHS, CLARABEL = "HiGHS", "Clarabel"


@dataclass(frozen=True, eq=False)
class QuadraticForm:
    """F = x'Px/2 + q'x + constant, c = Ax - b, as floats: P of shape (n, n), A of shape (k, n), inequalities first."""

    curvature: Vector
    slope: Vector
    constant: float
    rows: Vector
    right: Vector
    inequality_count: int
    is_linear: bool

    def value(self, point: Vector) -> float:
        """F at a point."""
        return float(point @ self.curvature @ point / 2 + self.slope @ point) + self.constant


def quadratic_form(canonical: CanonicalProblem) -> QuadraticForm | None:
    """The numbers of a problem with affine constraints and an objective of degree two at most; None for any other."""
    variables = canonical.variables
    if not all(function.is_polynomial(*variables) for function in canonical.functions):
        return None
    objective, *constraints = [sympy.Poly(function, *variables) for function in canonical.functions]
    if objective.total_degree() > 2 or any(c.total_degree() > 1 for c in constraints):
        return None
    n = len(variables)
    curvature, slope = np.zeros((n, n)), np.zeros(n)
    for exponents, coefficient in objective.terms():
        places = [i for i, power in enumerate(exponents) for _ in range(power)]
        if len(places) == 2:
            curvature[places[0], places[1]] += float(coefficient)
            curvature[places[1], places[0]] += float(coefficient)
        elif places:
            slope[places[0]] += float(coefficient)
    rows = np.array([[float(c.coeff_monomial(v)) for v in variables] for c in constraints]).reshape(len(constraints), n)
    right = np.array([-float(c.coeff_monomial(1)) for c in constraints])
    # linear by exact degrees: a coefficient may be too small for a float
    linear = objective.total_degree() <= 1
    constant = float(objective.coeff_monomial(1))
    return QuadraticForm(curvature, slope, constant, rows, right, len(canonical.inequalities), linear)


def by_highs(form: QuadraticForm, integers: NDArray[np.bool_]) -> tuple[Vector | None, str]:
    """A solution of a linear program, integer where asked; or None and what HiGHS says instead."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # SciPy takes a third of a second to import

    k, m = len(form.rows), form.inequality_count
    low = np.where(np.arange(k) < m, -np.inf, form.right)
    constraints = [LinearConstraint(form.rows, low, form.right)] if k else []
    found = milp(
        form.slope,
        constraints=constraints,
        integrality=integers.astype(float),
        bounds=Bounds(-np.inf, np.inf),
    )
    if found.x is None:
        return None, str(found.message)
    point = np.asarray(found.x, dtype=np.float64)
    return np.where(integers, np.round(point), point), ""


def by_clarabel(form: QuadraticForm) -> tuple[Vector | None, Vector | None, str]:
    """A solution of a convex quadratic program and its multipliers (Goulart and Chen 2024); or None and the reason.

    Raises:
        MissingExtraError: without the package clarabel.
        ProblemError: where the objective is not convex, by its eigenvalues in floating point.
    """
    try:
        import clarabel  # an extra
    except ImportError:
        message = "Clarabel is not installed; write pip install 'lagrangian-w2v[exact]', or method='auto'"
        raise MissingExtraError(message) from None
    from scipy import sparse  # SciPy takes a third of a second to import

    if not is_convex(form):
        raise ProblemError(
            "method='clarabel' takes convex quadratic programs; this objective is not convex: write method='auto'"
        )
    k, m = len(form.rows), form.inequality_count
    cones = [clarabel.NonnegativeConeT(m), clarabel.ZeroConeT(k - m)]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    curvature = sparse.csc_matrix(np.triu(form.curvature))
    solver = clarabel.DefaultSolver(curvature, form.slope, sparse.csc_matrix(form.rows), form.right, cones, settings)
    found = solver.solve()
    if str(found.status) not in ("Solved", "AlmostSolved"):
        return None, None, f"Clarabel says {found.status}"
    return np.array(found.x), np.array(found.z), ""


def is_convex(form: QuadraticForm) -> bool:
    """Whether no eigenvalue of P is negative beyond rounding."""
    scale = float(np.abs(form.curvature).max(initial=0.0))
    return bool(np.linalg.eigvalsh(form.curvature).min(initial=0.0) >= -1e-12 * scale)
