"""What a solver hands over to be checked: plain records, no code of the solver in them."""

from dataclasses import dataclass

from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.zeros import Zeros
from lagrangian.conditions.symmetry import Symmetry
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.growth import QuadraticGrowth


@dataclass(frozen=True, eq=False)
class SupportEvidence:
    """The zeros of one support system, and of those that symmetries make of it.

    ``affine`` and ``curved`` are the indices of the inequalities held active; ``free`` those of the variables that the zeros'
    coordinates refer to, the others being affine functions of them. Each map in ``images`` is a symmetry of the problem; the
    support to which it carries this one needs no evidence of its own.
    """

    affine: tuple[int, ...]
    curved: tuple[int, ...]
    free: tuple[int, ...]
    zeros: Zeros
    images: tuple[Symmetry, ...] = ()


@dataclass(frozen=True, eq=False)
class EmptyFamily:
    """A family at one objective value that has no feasible point: a set that contains it is empty."""

    value: FieldElement
    proof: "ListEvidence"


@dataclass(frozen=True, eq=False)
class ListEvidence:
    """The complete list of Fritz John points of a polynomial problem, support by support.

    ``empty_families`` shows of some families that they have no feasible point.
    """

    problem: PolynomialProblem
    supports: tuple[SupportEvidence, ...]
    empty_families: tuple[EmptyFamily, ...] = ()


@dataclass(frozen=True, eq=False)
class NearestPoint:
    """The objective is the squared distance to a point: a minimum over a closed set that is not empty exists."""


@dataclass(frozen=True, eq=False)
class NoDirectionToInfinity:
    """The weighted leading forms have no common direction, see `lagrangian.candidates.attainment`.

    Without the objective the feasible set is bounded; with it the sublevel sets are.
    """

    weights: tuple[int, ...]
    with_objective: bool
    emptiness: ListEvidence


@dataclass(frozen=True, eq=False)
class BoundedMonomials:
    """All variables are positive and their logarithms bounded on sublevel sets: ``rows`` are exponents of bounded monomials."""

    rows: tuple[tuple[int, ...], ...]
    emptiness: ListEvidence


@dataclass(frozen=True, eq=False)
class NothingBetterThan:
    """The set of feasible points with an objective below ``value``, closed by a new variable, is empty."""

    value: FieldElement
    emptiness: ListEvidence


@dataclass(frozen=True, eq=False)
class GrowthBySquares:
    """The objective grows like the squared distance on the feasible set, by a sum of squares."""

    growth: QuadraticGrowth


Attainment = NearestPoint | NoDirectionToInfinity | BoundedMonomials | NothingBetterThan | GrowthBySquares
