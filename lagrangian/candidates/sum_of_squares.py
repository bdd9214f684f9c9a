"""Looks for identities of squares: for a bound that is attained, for one just below a value, for growth, for emptiness."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from flint import fmpq, fmpq_mpoly, fmpq_poly

from lagrangian.algebra.numbers import RATIONALS, AlgebraicPoint, FieldElement, RealRoot
from lagrangian.algebra.polynomials import Ring
from lagrangian.candidates.exact_gram import exact_solutions, identity_of, vanishing_at, without_kernels
from lagrangian.candidates.frame import Frame, frame_of, size_of
from lagrangian.candidates.gram import (
    Block,
    LinearSystem,
    Relaxation,
    clarabel_is_installed,
    linear_system,
    relaxations,
    solve_numerically,
)
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.processes.calls import share_of_time
from lagrangian.proof.growth import QuadraticGrowth
from lagrangian.proof.squares import SquaresIdentity, extended, extended_ring, in_last_variable, is_psd

# Gram matrices whose least eigenvalue is smaller in floating point do not survive rounding
LEAST_MARGIN = 1e-9
# smaller ones are no rounding errors of zero
LEAST_FEASIBLE = -1e-5
MOST_REDUCTIONS = 4
LONGEST_PROGRAM_S = 20.0
LARGEST_SHARE = 0.5
LARGEST_FIELD = 6
LARGEST_POINT_FIELD = 24
# of 1 + |x|**2: no power makes a sum of squares of every nonnegative polynomial, the first one of most (Reznick 1995)
LARGEST_POWER = 1
TOO_LARGE = "the problem is too large"
NOT_EXACT = "the matrices found in floating point could not be made exact"
NOT_INSTALLED = "Clarabel is not installed; pip install lagrangian-w2v[exact] brings it"


@dataclass(frozen=True)
class NoSquares:
    """No identity was found; ``reason`` says why. It says nothing about the bound."""

    reason: str


@dataclass(frozen=True, eq=False)
class AttainedBound:
    """(1 + |x|**2)**power (F - v) is what the identity shows to be nonnegative."""

    power: int
    identity: SquaresIdentity


def attained_bound(
    problem: PolynomialProblem, value: FieldElement, points: Sequence[AlgebraicPoint], deadline: float = float("inf")
) -> AttainedBound | NoSquares:
    """An identity for F - v over Q(v), where v is the value at some feasible points, or for a positive multiple of it.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> from lagrangian.algebra.numbers import rational_point
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> square = PolynomialProblem(ring, ring.polynomial(x**4 - 2 * x**2 * y + 2 * y**2 - 2 * y + 1), (), ())
    >>> point = rational_point([1, 1])
    >>> found = attained_bound(square, point.value(square.objective), [point])
    >>> isinstance(found, NoSquares if not clarabel_is_installed() else AttainedBound)
    True
    """
    if not clarabel_is_installed():
        return NoSquares(NOT_INSTALLED)
    number = value.number
    if number.degree > LARGEST_FIELD:
        return NoSquares(f"the best value is algebraic of degree {number.degree}")
    if any(point.root.degree > LARGEST_POINT_FIELD for point in points):
        return NoSquares("the field of the best points is too large")
    frame = frame_of(problem, [float(c.enclosure(64).mid()) for c in points[0].coordinates])
    ring = extended_ring(problem)
    gap = extended(frame.problem.objective, ring) - in_last_variable(fmpq_poly([0, 1]), ring)
    moved = [frame.point(point) for point in points]
    reason = TOO_LARGE
    for power in range(LARGEST_POWER + 1):
        target = gap * (1 + squared_norm(frame, ring)) ** power
        choices = (vanishing_at(relaxation, moved, number) for relaxation in relaxations(frame.problem, target))
        found = _first_identity(frame, number, target, choices, deadline)
        if isinstance(found, SquaresIdentity):
            return AttainedBound(power, found)
        reason = found.reason if power == 0 else reason
    return NoSquares(reason)


def squared_norm(frame: Frame, ring: Ring) -> fmpq_mpoly:
    """|x|**2 in the frame's coordinates."""
    total = ring.constant(0)
    for c, s, u in zip(frame.center, frame.scale, ring.generators, strict=False):
        total += (c + s * u) ** 2
    return total


def strict_bound(
    problem: PolynomialProblem, lower: fmpq, near: Sequence[float], deadline: float = float("inf")
) -> SquaresIdentity | NoSquares:
    """An identity for F - lower, where lower lies a little below the least value, which is taken near a point."""
    frame = frame_of(problem, near)
    return _rational_identity(frame, frame.problem.objective - lower, deadline)


def emptiness_identity(problem: PolynomialProblem, deadline: float = float("inf")) -> SquaresIdentity | NoSquares:
    """An identity for -1: nothing is feasible."""
    return _rational_identity(frame_of(problem), problem.ring.constant(-1), deadline)


def _rational_identity(frame: Frame, polynomial: fmpq_mpoly, deadline: float) -> SquaresIdentity | NoSquares:
    if not clarabel_is_installed():
        return NoSquares(NOT_INSTALLED)
    target = extended(polynomial, extended_ring(frame.problem))
    return _first_identity(frame, RATIONALS, target, relaxations(frame.problem, target), deadline)


def quadratic_growth(
    problem: PolynomialProblem, near: Sequence[float] = (), deadline: float = float("inf")
) -> QuadraticGrowth | NoSquares:
    """A proof that the objective grows like |x|**2 on the feasible set, with the rate and the constant as unknowns."""
    if not clarabel_is_installed():
        return NoSquares(NOT_INSTALLED)
    frame = frame_of(problem, near)
    ring = extended_ring(problem)
    if problem.inequalities or problem.equalities:
        distance = squared_norm(frame, ring)
        bounded = _growth(frame, ring.constant(0), islice(relaxations(frame.problem, distance), 2), deadline)
        if isinstance(bounded, QuadraticGrowth):
            return replace(bounded, with_objective=False)
    objective = extended(frame.problem.objective, ring)
    return _growth(frame, objective, relaxations(frame.problem, objective + squared_norm(frame, ring)), deadline)


def _growth(
    frame: Frame, target: fmpq_mpoly, choices: Iterable[Relaxation], deadline: float
) -> QuadraticGrowth | NoSquares:
    ring = extended_ring(frame.problem)
    distance, size = squared_norm(frame, ring), size_of(target)
    reason = TOO_LARGE
    for relaxation in choices:
        scale = 1 / size_of(distance)
        rate = Block((), distance * scale, (ring.constant(1),), scale)
        larger = replace(relaxation, blocks=(*relaxation.blocks, rate), extras=(ring.constant(-1),))
        found = _solved(larger, RATIONALS, target / size, deadline)
        if isinstance(found, NoSquares):
            reason = found.reason
            continue
        for system, values in found:
            if system.relaxation.blocks[-1].weight != rate.weight:  # the growth was found to be zero
                break
            identity, (constant,) = identity_of(system, values)
            *squares, last = identity.squares
            shown = frame.restored(replace(identity, squares=tuple(squares)), size)
            growth = QuadraticGrowth(constant[0] * size, last.gram[0][0][0] * size, shown)
            if growth.rate > 0 and _is_semidefinite(growth.identity):
                return growth
        reason = NOT_EXACT
    return NoSquares(reason)


def _first_identity(
    frame: Frame, number: RealRoot, target: fmpq_mpoly, choices: Iterable[Relaxation], deadline: float
) -> SquaresIdentity | NoSquares:
    size = size_of(target)
    reason = TOO_LARGE
    for relaxation in choices:
        found = _solved(relaxation, number, target / size, deadline)
        if isinstance(found, NoSquares):
            reason = found.reason
            continue
        for system, values in found:
            identity, _ = identity_of(system, values)
            if _is_semidefinite(identity):
                return frame.restored(identity, size)
        reason = NOT_EXACT
    return NoSquares(reason)


def _solved(
    relaxation: Relaxation, number: RealRoot, target: fmpq_mpoly, deadline: float
) -> Iterator[tuple[LinearSystem, list[fmpq_poly]]] | NoSquares:
    """Exact values of the unknowns whose matrices may be positive semidefinite."""
    for _ in range(MOST_REDUCTIONS):
        limit = min(LONGEST_PROGRAM_S, share_of_time(deadline, LARGEST_SHARE))
        if limit <= 0 or time.monotonic() > deadline:
            return NoSquares("the time limit came")
        system = linear_system(relaxation, number, target)
        if system is None:
            return NoSquares(TOO_LARGE)
        squares = solve_numerically(system, limit)
        if squares is None or squares.margin < LEAST_FEASIBLE:
            break
        if squares.margin >= LEAST_MARGIN:
            return ((system, values) for values in exact_solutions(system, squares))
        smaller = without_kernels(system, squares)
        if smaller is None:
            break
        relaxation = smaller
    return NoSquares("the relaxations of low degree give no such identity")


def _is_semidefinite(identity: SquaresIdentity) -> bool:
    return all(is_psd(part.gram, identity.number) for part in identity.squares)
