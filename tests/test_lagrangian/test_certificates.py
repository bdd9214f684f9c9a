"""Certificates hold when they are right and fail when anything in them is changed."""

from dataclasses import replace

import pytest
import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import Eq, Rational, symbols

from lagrangian import Claim, Problem, Status, canonicalize, solve
from lagrangian.algebra.numbers import rational_point
from lagrangian.algebra.zeros import FactoredZeros, FiniteZeros, NoZeros, ZeroFamily
from lagrangian.conditions.convexity import Curvature, CurvatureProof
from lagrangian.conditions.screening import Screen
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curvature import Checker
from lagrangian.proof.enumeration import EnumerationCertificate, InfeasibilityCertificate
from lagrangian.proof.evidence import BoundedMonomials, NoDirectionToInfinity, NothingBetterThan
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.second_order import LocalCertificate

x, y, z = symbols("x y z", real=True)


def certificate_of(problem: Problem):
    certificate = solve(problem).certificate
    assert certificate is not None
    assert certificate.verify() is True
    assert certificate.explanation()
    return certificate


@pytest.fixture(scope="module")
def enumeration() -> EnumerationCertificate:
    certificate = certificate_of(Problem(x**2 * y, [Eq(x**2 + 2 * y**2, 6), x >= -1], over=[x, y]))
    assert isinstance(certificate, EnumerationCertificate)
    return certificate


def test_a_wrong_value_or_point_fails(enumeration: EnumerationCertificate) -> None:
    assert replace(enumeration, value=enumeration.value + 1).verify() is False
    assert replace(enumeration, value=enumeration.value - 1).verify() is False
    assert replace(enumeration, minimizers=()).verify() is False
    elsewhere = rational_point([fmpq(2), fmpq(1)])
    assert replace(enumeration, minimizers=(elsewhere,)).verify() is False
    outside = rational_point([fmpq(-2), fmpq(-1)])
    assert replace(enumeration, minimizers=(outside,)).verify() is False, (
        "x >= -1 excludes it although its value is as good"
    )


def test_a_missing_minimizer_fails() -> None:
    certificate = certificate_of(Problem(x * y, [Eq(x**2 + y**2, 8)], over=[x, y], sense="max"))
    assert len(certificate.minimizers) == 2
    assert replace(certificate, minimizers=certificate.minimizers[:1]).verify() is False


def test_every_support_is_needed(enumeration: EnumerationCertificate) -> None:
    supports = enumeration.evidence.supports
    screen = Screen(enumeration.problem, enumeration.value.enclosure(64).upper().fmpq())
    needed = [s for s in supports if not screen.excludes((*s.affine, *s.curved))]
    assert needed
    for support in needed:
        fewer = replace(enumeration.evidence, supports=tuple(s for s in supports if s is not support))
        assert replace(enumeration, evidence=fewer).verify() is False


def test_zeros_that_are_left_out_or_made_up_fail(enumeration: EnumerationCertificate) -> None:
    changed = 0
    for number, support in enumerate(enumeration.evidence.supports):
        for lie in lies_about(support.zeros):
            told = replace(support, zeros=lie)
            supports = enumeration.evidence.supports
            evidence = replace(enumeration.evidence, supports=(*supports[:number], told, *supports[number + 1 :]))
            assert replace(enumeration, evidence=evidence).verify() is False
            changed += 1
    assert changed >= 2


def lies_about(zeros):
    if isinstance(zeros, FiniteZeros):
        yield NoZeros()
        factors = [factor for factor, _ in zeros.modulus.factor()[1]]
        if len(factors) > 1:
            rest = fmpz_poly([1])
            for factor in factors[1:]:
                rest *= factor
            yield replace(zeros, modulus=rest, numerators=tuple(c % fmpq_poly(rest) for c in zeros.numerators))
        if zeros.numerators:
            yield replace(zeros, numerators=tuple(c + 1 for c in zeros.numerators))
            yield replace(zeros, denominator=zeros.denominator * 2)
    if isinstance(zeros, NoZeros):
        yield FiniteZeros((1,), fmpz_poly([0, 1]), (fmpq_poly([0]),))


def test_the_reason_for_attainment_is_checked(enumeration: EnumerationCertificate) -> None:
    reason = enumeration.attainment
    assert isinstance(reason, NoDirectionToInfinity)
    assert reason.with_objective is False
    other = certificate_of(
        Problem(x**2 + y**2 + x * y**3 / 100, [x >= -1, x <= 1, y <= 3, y >= -3], over=[x, y])
    ).attainment
    assert replace(enumeration, attainment=other).verify() is False
    trivial = replace(
        reason.emptiness, problem=replace(reason.emptiness.problem, equalities=reason.emptiness.problem.equalities[1:])
    )
    assert replace(enumeration, attainment=replace(reason, emptiness=trivial)).verify() is False


def test_an_unbounded_set_is_not_passed_off_as_bounded() -> None:
    """The evidence of a disc, used for a strip."""
    disc = certificate_of(Problem(x**2 * y, [x**2 + y**2 <= 1], over=[x, y]))
    strip = certificate_of(Problem(x**4 - x**2 + y**4, [x <= 1], over=[x, y]))
    assert isinstance(disc.attainment, NoDirectionToInfinity)
    assert replace(strip, attainment=disc.attainment).verify() is False


def test_nothing_better_is_about_its_own_value() -> None:
    certificate = certificate_of(Problem(x, [Eq(y**2, x**3)], over=[x, y]))
    reason = certificate.attainment
    assert isinstance(reason, NothingBetterThan)
    higher = replace(reason, value=reason.value + 1)
    assert replace(certificate, attainment=higher).verify() is False


def test_geometric_programs_rest_on_bounded_monomials() -> None:
    nonnegative = dict.fromkeys((x, y, z), (0, None))
    certificate = certificate_of(
        Problem(5 * x * y + 3 * x * z + 3 * y * z, [Eq(x * y * z, 240)], over=[x, y, z], bounds=nonnegative)
    )
    reason = certificate.attainment
    assert isinstance(reason, BoundedMonomials)
    assert replace(certificate, attainment=replace(reason, rows=(*reason.rows, (-1, 0, 0)))).verify() is False


def test_families_below_the_value_must_be_shown_empty() -> None:
    """The cone s = |(x, y) - (2, 1)| has a complex family with the value 0 that holds no real point."""
    distance = Problem(
        sympy.sqrt((x - 2) ** 2 + (y - 1) ** 2) + x * y / 100, [x + y <= 1, x >= -5, y >= -5], over=[x, y]
    )
    certificate = certificate_of(distance)
    assert isinstance(certificate, EnumerationCertificate)
    if certificate.evidence.empty_families:
        bare = replace(certificate.evidence, empty_families=())
        assert replace(certificate, evidence=bare).verify() is False


def test_families_are_kept_in_the_evidence() -> None:
    certificate = certificate_of(Problem((x**2 + y**2 - 1) ** 2 + x * 0, [x * y <= 2], over=[x, y]))
    kinds = [type(part) for support in certificate.evidence.supports for part in flattened(support.zeros)]
    assert ZeroFamily in kinds


def flattened(zeros):
    return [p for part in zeros.parts for p in flattened(part)] if isinstance(zeros, FactoredZeros) else [zeros]


def test_infeasibility_is_about_the_stated_set() -> None:
    certificate = certificate_of(Problem(x, [2 * x**2 + 2 * y**2 <= 3, x * y >= 1], over=[x, y]))
    assert isinstance(certificate, InfeasibilityCertificate)
    assert certificate.claim is Claim.INFEASIBLE
    other = solve(Problem(x * y, [x**2 + y**2 <= 1, x + y >= 1], over=[x, y])).certificate
    assert isinstance(other, EnumerationCertificate)
    assert replace(certificate, problem=other.problem).verify() is False
    fewer = replace(certificate.evidence, supports=certificate.evidence.supports[1:])
    assert replace(certificate, evidence=fewer).verify() is False
    not_a_distance = replace(
        certificate.evidence, problem=replace(certificate.evidence.problem, objective=other.problem.objective)
    )
    assert replace(certificate, evidence=not_a_distance).verify() is False


def test_curves_are_checked_from_their_start_on() -> None:
    certificate = certificate_of(Problem(x * y, [Eq(x, y), x >= 3], over=[x, y], sense="max"))
    assert isinstance(certificate, UnboundedCertificate)
    assert replace(certificate, start=Rational(0)).verify() is False, "before t = 3 the curve is not feasible"
    t = certificate.parameter
    off = {variable: (t if variable.name == "x" else 2 * t) for variable in certificate.coordinates}
    assert replace(certificate, coordinates=off).verify() is False
    inward = dict.fromkeys(certificate.coordinates, 3 + 1 / t)
    assert replace(certificate, coordinates=inward).verify() is False


def test_infima_are_checked_on_both_sides() -> None:
    certificate = certificate_of(Problem(y, [x * y >= 1, x >= 0], over=[x, y]))
    assert isinstance(certificate, InfimumCertificate)
    assert certificate.claim is Claim.NOT_ATTAINED
    assert replace(certificate, infimum=Rational(-1)).verify() is False
    assert replace(certificate, infimum=Rational(1)).verify() is False


def test_closures_need_a_way_in() -> None:
    certificate = certificate_of(Problem(x + y, [x > 0, y > 0, x + y <= 3], over=[x, y]))
    assert isinstance(certificate, ClosureCertificate)
    backwards = tuple(-step for step in certificate.direction)
    assert replace(certificate, direction=backwards).verify() is False
    assert replace(certificate, strict=frozenset()).verify() is False


def test_local_certificates_check_first_and_second_order() -> None:
    solution = solve(Problem(x**4 - x**2 + y**2, over=[x, y]))
    problem = solution.certificate.problem
    point = next(p for p in solution.certificate.minimizers)
    local = LocalCertificate(problem, point, {}, ())
    assert local.verify() is True
    assert local.claim.scope == "local"
    assert LocalCertificate(problem, rational_point([0, 0]), {}, ()).verify() is False, "a saddle"
    assert LocalCertificate(problem, rational_point([1, 0]), {}, ()).verify() is False, "not stationary"


@pytest.fixture(scope="module")
def convex() -> ConvexityCertificate:
    certificate = certificate_of(Problem((x - 2) ** 2 + (y - 1) ** 2, [x**2 - y <= 0, x + y <= 2], over=[x, y]))
    assert isinstance(certificate, ConvexityCertificate)
    return certificate


def test_each_kkt_condition_is_checked(convex: ConvexityCertificate) -> None:
    first, second = convex.inequality_multipliers
    assert replace(convex, inequality_multipliers=(first + 1, second)).verify() is False
    assert replace(convex, inequality_multipliers=(-first, second)).verify() is False
    infeasible = {v: value + 1 for v, value in convex.point.items()}
    assert replace(convex, point=infeasible).verify() is False


def test_convexity_of_the_functions_is_checked(convex: ConvexityCertificate) -> None:
    canonical, _ = canonicalize(Problem((x - 2) ** 2 - (y - 1) ** 2, [x**2 - y <= 0, x + y <= 2], over=[x, y]))
    assert replace(convex, problem=canonical).verify() is not True
    proof = convex.convexity.objective
    fake = replace(convex.convexity, objective=replace(proof, rule="affine", curvature=Curvature.AFFINE))
    assert replace(convex, convexity=fake).verify() is False


WRONG_STEPS = [
    (x**3, Curvature.CONVEX, "quadratic with a semidefinite Hessian"),
    (x**2 - y**2, Curvature.CONVEX, "quadratic with a semidefinite Hessian"),
    (x**2, Curvature.CONCAVE, "quadratic with a semidefinite Hessian"),
    (x * y, Curvature.AFFINE, "affine"),
    (x**3, Curvature.CONVEX, "even power"),
    (x ** Rational(1, 2), Curvature.CONVEX, "power above one"),
    (1 / x, Curvature.CONVEX, "negative power"),
    (x**3, Curvature.CONVEX, "power above one"),
    (sympy.exp(x), Curvature.CONCAVE, "exp of convex functions"),
    (sympy.log(x), Curvature.CONVEX, "log of concave functions"),
    (x * sympy.log(y), Curvature.CONVEX, "entropy"),
    (x**2 / y, Curvature.CONVEX, "square over linear"),
    (x * y, Curvature.CONCAVE, "geometric mean"),
    (sympy.sqrt(x) * sympy.sqrt(y) * sympy.sqrt(z), Curvature.CONCAVE, "geometric mean"),
    (sympy.sqrt(x**2 - 1), Curvature.CONVEX, "norm"),
    (1 / x**2, Curvature.CONVEX, "Hessian with nonnegative principal minors"),
    (x**4 - x**2, Curvature.CONVEX, "Hessian with nonnegative principal minors"),
    (x + y**2, Curvature.CONVEX, "sum"),
    (x**2, Curvature.CONVEX, "a rule that does not exist"),
]


@pytest.mark.parametrize(("expression", "shape", "rule"), WRONG_STEPS, ids=lambda v: str(v))
def test_wrong_steps_of_convexity_are_not_accepted(expression, shape, rule) -> None:
    canonical, _ = canonicalize(Problem(expression, over=[x, y, z]))
    inner = (
        (CurvatureProof(canonical.variables[0], Curvature.AFFINE, "affine"),)
        if "power" in rule or " of " in rule
        else ()
    )
    facts = (canonical.variables[1],) if rule == "square over linear" else ()
    step = CurvatureProof(canonical.objective, shape, rule, inner, facts)
    assert Checker.of(canonical, {}).holds(step) is not True


def test_statuses_without_proof_have_no_global_certificate() -> None:
    # the infimum is -2 (the two frequencies have no common measure), and no x has it
    solution = solve(Problem(sympy.sin(x) + sympy.sin(sympy.sqrt(2) * x), over=[x]), time_limit_s=6)
    assert solution.status in (Status.UNDECIDED, Status.LOCAL)
    assert solution.certificate is None or solution.certificate.claim is Claim.LOCAL_OPTIMUM
