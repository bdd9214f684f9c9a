"""What a proof ends with, in canonical terms."""

from dataclasses import dataclass

from sympy import Expr

from lagrangian.algebra.numbers import FieldElement
from lagrangian.candidates.enumeration import CandidateFamily, CandidatePoint, Candidates
from lagrangian.proof.certificate import Certificate
from lagrangian.status import Status


@dataclass(frozen=True, eq=False)
class Family:
    """Infinitely many candidates with one value, and a feasible one of them."""

    family: CandidateFamily
    sample: CandidatePoint


@dataclass(frozen=True, eq=False)
class Outcome:
    """The answer to a canonical polynomial problem.

    ``best`` are the candidates with the least value that are feasible, ``families`` the infinite sets of them with a sample
    each; ``value`` is that of the objective F, for NOT_ATTAINED its infimum. ``missing`` says what stands between a LOCAL or
    UNDECIDED answer and a proof, ``tried`` which certificates were tried in vain.
    """

    status: Status
    candidates: Candidates
    value: FieldElement | Expr | None = None
    best: tuple[CandidatePoint, ...] = ()
    families: tuple[Family, ...] = ()
    certificate: Certificate | None = None
    missing: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
