"""Answers beyond polynomials over Q: KKT points found by SymPy, proved global by convexity or reported as what they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.signs import is_positive
from lagrangian.candidates.symbolic import SymbolicCandidate, kkt_candidates
from lagrangian.conditions.convexity import Convexity, convexity
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.status import Status


@dataclass(frozen=True, eq=False)
class SymbolicOutcome:
    """The best KKT point found and, if the problem is convex, the proof that it is the optimum."""

    status: Status
    candidates: tuple[SymbolicCandidate, ...]
    best: SymbolicCandidate | None = None
    certificate: ConvexityCertificate | None = None
    missing: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()


def prove_symbolically(canonical: CanonicalProblem, reason: str, deadline: float = float("inf")) -> SymbolicOutcome:
    """Solve a problem that ``reason`` keeps out of the exact polynomial engine."""
    if canonical.integers:
        return SymbolicOutcome(Status.UNDECIDED, (), missing=(f"integer variables are not supported: {reason}",))
    decided = convexity(canonical)
    found: list[SymbolicCandidate] = []
    for candidate in kkt_candidates(canonical, deadline):
        found.append(candidate)
        if candidate.feasible and candidate.dual_feasible:
            certificate = _certificate(canonical, decided, candidate)
            if certificate is not None and certificate.verified is True:
                return SymbolicOutcome(Status.OPTIMAL, tuple(found), candidate, certificate)
    convex = "no KKT point in closed form was found and checked, though the problem is convex"
    tried = (f"enumeration: {reason}", f"convexity: {convex if decided.truth else decided.reason}")
    usable = [c for c in found if c.feasible and c.dual_feasible]
    if not usable:
        missing = (
            "no feasible KKT point was found" if not found else "the signs that feasibility needs could not be decided"
        )
        return SymbolicOutcome(Status.UNDECIDED, tuple(found), missing=(missing,), tried=tried)
    best = _least(usable, canonical.assumptions)
    return SymbolicOutcome(
        Status.UNDECIDED,
        (best, *(candidate for candidate in found if candidate is not best)),
        best,
        missing=(
            "the point satisfies the KKT conditions; no proof that it is the global optimum. "
            "Its kind is in the list of candidates, where it could be told",
        ),
        tried=tried,
    )


def _least(candidates: list[SymbolicCandidate], assumptions: Sequence[Relational]) -> SymbolicCandidate:
    """The candidate with the least value where values are numbers; else one of those that no other is known to undercut."""
    if not any(candidate.value.free_symbols for candidate in candidates):
        return min(candidates, key=lambda candidate: _approximation(candidate.value))
    least = candidates[0]
    for candidate in candidates[1:]:
        if is_positive(least.value - candidate.value, assumptions) is True:
            least = candidate
    return least


def _approximation(value: sympy.Expr) -> float:
    ball = enclose(value)
    return float(ball.mid()) if ball is not None else float(sympy.N(value))


def _certificate(
    canonical: CanonicalProblem, decided: Convexity, candidate: SymbolicCandidate
) -> ConvexityCertificate | None:
    """By the convexity of the problem, or of the one without the inequalities whose multipliers are zero at the point."""
    multipliers = candidate.inequality_multipliers
    if decided.truth is not True:
        decided = convexity(canonical, [i for i, multiplier in enumerate(multipliers) if multiplier == 0])
    if not decided.truth:
        return None
    return ConvexityCertificate(canonical, decided, candidate.point, multipliers, candidate.equality_multipliers)
