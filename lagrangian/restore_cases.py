"""The answer that integer cases give, in the user's own terms."""

from dataclasses import replace

from flint import fmpq
from sympy import Eq, Expr, Integer, Symbol

from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.polynomials import to_rational
from lagrangian.conditions.assignments import integer_variables
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.dynamic_programming import DynamicProgrammingCertificate
from lagrangian.proof.mixed_tree import MixedTreeCertificate
from lagrangian.proof.relaxation_tree import RelaxationTreeCertificate
from lagrangian.prove_cases import CasesOutcome, Solved
from lagrangian.restore_reduced import with_sign
from lagrangian.solution import Solution, SolutionFamily
from lagrangian.status import Status

STATUSES = {
    Claim.GLOBAL_OPTIMUM: Status.OPTIMAL,
    Claim.INFEASIBLE: Status.INFEASIBLE,
    Claim.UNBOUNDED: Status.UNBOUNDED,
    Claim.NOT_ATTAINED: Status.NOT_ATTAINED,
}


def restore_cases(
    outcome: CasesOutcome, solution: Solution, canonical: CanonicalProblem, restoration: Restoration, elapsed_s: float
) -> Solution:
    """The best cases' points, completed by the values of their integer variables."""
    certificate = outcome.certificate
    is_optimal = certificate.claim is Claim.GLOBAL_OPTIMUM
    best = outcome.best if is_optimal else ()
    return replace(
        solution,
        status=STATUSES[certificate.claim],
        optimum=None if certificate.value is None else _number(certificate.value, restoration.objective_sign),
        coordinates=tuple(point for case in best for point in _points(case, canonical, restoration)),
        families=tuple(family for case in best for family in _families(case, canonical, restoration)),
        multipliers={},
        shadow_prices={},
        certificate=certificate,
        missing=tuple(dict.fromkeys(m for case in best if case.solution for m in case.solution.missing)),
        elapsed_s=elapsed_s,
    )


def _number(value: FieldElement | Expr | fmpq, sign: int) -> ExactNumber:
    return ExactNumber(to_rational(value) if isinstance(value, fmpq) else value, sign)


def _values(case: Solved, canonical: CanonicalProblem) -> dict[Symbol, Integer]:
    return dict(zip(integer_variables(canonical), map(Integer, case.case.assignment), strict=True))


def _points(case: Solved, canonical: CanonicalProblem, restoration: Restoration) -> list[dict[Symbol, ExactNumber]]:
    held = {v: ExactNumber(value) for v, value in _values(case, canonical).items()}
    continuous: tuple[dict[Symbol, ExactNumber], ...] = ({},) if case.solution is None else case.solution.coordinates
    names = list(zip(restoration.variables, restoration.problem.over, strict=True))
    return [{stated: {**held, **point}[v] for v, stated in names} for point in continuous]


def _families(case: Solved, canonical: CanonicalProblem, restoration: Restoration) -> list[SolutionFamily]:
    if case.solution is None:
        return []
    held = _values(case, canonical)
    names = dict(zip(restoration.variables, restoration.problem.over, strict=True))
    fixed_values = tuple(Eq(names[v], value, evaluate=False) for v, value in held.items())
    return [
        SolutionFamily(
            (*(equation.xreplace(names) for equation in family.equations), *fixed_values),
            family.dimension,
            restoration.objective_sign * family.value,
            {stated: {**held, **family.sample}[v] for v, stated in names.items()},
        )
        for family in case.solution.families
    ]


def restore_again(inner: Solution, certificate: Certificate, solution: Solution, restoration: Restoration) -> Solution:
    """The answer to the same problem in canonical form, stated otherwise, under a certificate about the problem as stated."""
    names = dict(zip(restoration.variables, restoration.problem.over, strict=True))
    return replace(
        solution,
        status=inner.status,
        optimum=None if inner.optimum is None else with_sign(inner.optimum, restoration.objective_sign),
        coordinates=tuple({names[v]: number for v, number in point.items()} for point in inner.coordinates),
        certificate=certificate,
        missing=inner.missing,
    )


def restore_relaxed(
    certificate: RelaxationTreeCertificate | MixedTreeCertificate, solution: Solution, restoration: Restoration
) -> Solution:
    """The one optimum that a Lagrangian relaxation proves."""
    value, point, program = certificate.value, certificate.best, certificate.program
    assert program is not None  # the certificate has been checked
    divisors = program.divisors or (1,) * len(program.costs)
    named = zip(restoration.problem.over, point or (), divisors, strict=False)
    at = {variable: ExactNumber(to_rational(fmpq(x) / divisor)) for variable, x, divisor in named}
    return replace(
        solution,
        status=STATUSES[certificate.claim],
        optimum=None if value is None else _number(value, restoration.objective_sign),
        coordinates=(at,) if at else (),
        certificate=certificate,
        missing=("other points with the same value: they were not listed",) if at else (),
    )


def restore_listed(
    certificate: DynamicProgrammingCertificate, solution: Solution, restoration: Restoration
) -> Solution:
    """The optima that dynamic programming has listed."""
    value, over = certificate.value, restoration.problem.over
    others = () if certificate.is_complete else ("other points with the same value: they were not listed",)
    return replace(
        solution,
        status=STATUSES[certificate.claim],
        optimum=None if value is None else _number(value, restoration.objective_sign),
        coordinates=tuple(
            {v: ExactNumber(Integer(x)) for v, x in zip(over, point, strict=True)} for point in certificate.optima
        ),
        certificate=certificate,
        missing=others if certificate.optima else (),
    )
