"""What the solver found, as the plain records that certificates store."""

from collections.abc import Iterable

from lagrangian.candidates.attainment import ConeAtInfinity, LogarithmicCone, NothingBetter
from lagrangian.candidates.emptiness import Emptiness
from lagrangian.candidates.enumeration import CandidateFamily, Candidates
from lagrangian.proof.evidence import (
    Attainment,
    BoundedMonomials,
    EmptyFamily,
    ListEvidence,
    NoDirectionToInfinity,
    NothingBetterThan,
    SupportEvidence,
)


def list_evidence(candidates: Candidates, empty: Iterable[tuple[CandidateFamily, Emptiness]] = ()) -> ListEvidence:
    """A complete list as the plain records that a certificate stores."""
    supports = tuple(
        SupportEvidence(
            record.system.affine, record.system.curved, record.system.space.free, record.zeros, record.images
        )
        for record in candidates.records
    )
    families = tuple(EmptyFamily(family.value, emptiness_evidence(proof)) for family, proof in empty)
    return ListEvidence(candidates.problem, supports, families)


def emptiness_evidence(emptiness: Emptiness) -> ListEvidence:
    pairs = zip(emptiness.candidates.families, emptiness.families, strict=True)
    return list_evidence(emptiness.candidates, pairs)


def attainment_evidence(found: ConeAtInfinity | LogarithmicCone | NothingBetter) -> Attainment:
    proof = emptiness_evidence(found.emptiness)
    if isinstance(found, ConeAtInfinity):
        return NoDirectionToInfinity(found.weights, found.with_objective, proof)
    if isinstance(found, LogarithmicCone):
        return BoundedMonomials(found.rows, proof)
    return NothingBetterThan(found.value, proof)
