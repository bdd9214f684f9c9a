"""Linear and convex quadratic programs with too many faces to list: one KKT point and the proof that it is the optimum."""

from itertools import accumulate
from math import comb

import sympy
from flint import fmpq
from sympy import Expr

from lagrangian.algebra.numbers import rational_point
from lagrangian.algebra.polynomials import to_rational
from lagrangian.candidates.curves import TIME
from lagrangian.candidates.enumeration import CandidatePoint, Candidates, candidate_at
from lagrangian.candidates.linear import (
    Farkas,
    LinearKKT,
    QuadraticProgram,
    Recession,
    quadratic_program,
    solve_convex,
)
from lagrangian.candidates.linear_floats import near_floats
from lagrangian.conditions.convexity import convexity
from lagrangian.outcome import Outcome
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.limits import UnboundedCertificate
from lagrangian.proof.linear import FarkasCertificate
from lagrangian.status import Status

MOST_FACES = 3000
# the rows and columns of complementary pivoting: up to the first it takes no time, beyond the second too much
SMALL_TABLE, LARGEST_TABLE = 40, 500
NOT_LISTED = "the optimum is proved; other points with the same value, and other stationary points, were not looked for"


def prove_quadratic(
    canonical: CanonicalProblem, problem: PolynomialProblem, lifting: Lifting, deadline: float
) -> Outcome | None:
    """The answer to a linear or convex quadratic program that has too many faces; None for all other problems.

    With few faces it is told only that nothing is feasible, or bounds the objective: else the complete list says more.
    """
    if lifting.definitions or problem.strict:
        return None
    program = quadratic_program(problem)
    found = None if program is None else _solved(program, deadline)
    if found is None or (isinstance(found, LinearKKT) and not _has_many_faces(problem)):
        return None
    if isinstance(found, LinearKKT):
        return _optimal(canonical, problem, found)
    certificate: Certificate
    if isinstance(found, Farkas):
        certificate = FarkasCertificate(
            canonical, _expressions(found.inequality_multipliers), _expressions(found.equality_multipliers)
        )
        status = Status.INFEASIBLE
    else:
        certificate, status = _ray(canonical, found), Status.UNBOUNDED
    if certificate.verified is not True:
        return None
    return Outcome(status, _listing(problem, ()), certificate=certificate)


def _solved(program: QuadraticProgram, deadline: float) -> LinearKKT | Farkas | Recession | None:
    """By a guess in floating point where there are many rows, and by complementary pivoting where that leads to nothing."""
    size = 2 * program.dimension + len(program.inequalities)
    found = near_floats(program) if size > SMALL_TABLE else None
    if found is not None or size > LARGEST_TABLE:
        return found
    try:
        return solve_convex(program, deadline)
    except TimeoutError:
        return None


def _has_many_faces(problem: PolynomialProblem) -> bool:
    count = len(problem.inequalities)
    faces = accumulate(comb(count, size) for size in range(min(count, problem.dimension) + 1))
    return any(number > MOST_FACES for number in faces)


def _optimal(canonical: CanonicalProblem, problem: PolynomialProblem, found: LinearKKT) -> Outcome | None:
    point = dict(zip(canonical.variables, _expressions(found.point), strict=True))
    certificate = ConvexityCertificate(
        canonical,
        convexity(canonical),
        point,
        _expressions(found.inequality_multipliers),
        _expressions(found.equality_multipliers),
    )
    candidate = candidate_at(problem, rational_point(found.point))
    if candidate is None or certificate.verified is not True:
        return None
    listing = _listing(problem, (candidate,))
    return Outcome(Status.OPTIMAL, listing, candidate.value, (candidate,), (), certificate, missing=(NOT_LISTED,))


def _ray(canonical: CanonicalProblem, found: Recession) -> UnboundedCertificate:
    coordinates = {
        variable: start + step * TIME
        for variable, start, step in zip(
            canonical.variables, _expressions(found.point), _expressions(found.direction), strict=True
        )
    }
    # at the point itself constraints may hold with equality that do not further on: signs are constant from time one on
    return UnboundedCertificate(canonical, TIME, coordinates, sympy.Integer(1))


def _listing(problem: PolynomialProblem, points: tuple[CandidatePoint, ...]) -> Candidates:
    return Candidates(problem, (), points, (), (NOT_LISTED,))


def _expressions(values: list[fmpq]) -> tuple[Expr, ...]:
    return tuple(to_rational(value) for value in values)
