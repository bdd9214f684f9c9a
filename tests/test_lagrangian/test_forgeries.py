"""Certificates of false claims, each made for one step that a careless check would leave out: none of them holds."""

import time
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from sympy import Eq, Max, Rational, Symbol, symbols

from lagrangian import Problem, canonicalize, solve
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, RealRoot
from lagrangian.algebra.zeros import FiniteZeros, ZeroFamily
from lagrangian.changes.reduction import reduction
from lagrangian.conditions.box_tree import Node, Tree
from lagrangian.conditions.convexity import Convexity, Curvature, CurvatureProof
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.factorable import factored_functions
from lagrangian.conditions.interval_model import interval_model
from lagrangian.conditions.line_cover import Side
from lagrangian.conditions.relaxation import factored, suffices
from lagrangian.methods.task import Finding, checked
from lagrangian.problem.bounds import bound_of
from lagrangian.problem.lifting import lift
from lagrangian.problem.monotone import OuterFunction
from lagrangian.proof.about import is_same_statement
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curvature import Checker
from lagrangian.proof.enumeration import EnumerationCertificate
from lagrangian.proof.evidence import SupportEvidence
from lagrangian.proof.factorable import is_continuous
from lagrangian.proof.intervals import BoxProof, IntervalCertificate, is_feasible_exactly, is_sum_of
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.linear import FarkasCertificate
from lagrangian.proof.monotone import MonotoneCertificate
from lagrangian.proof.one_variable import LineCertificate
from lagrangian.proof.second_order import LocalCertificate
from lagrangian.proof.spatial import Leaf, SpatialCertificate, Split
from lagrangian.prove_intervals import prove_integers_by_boxes
from lagrangian.status import Status

x, y, z = symbols("x y z", real=True)
n, m = symbols("n m", integer=True)
ZERO, ONE = sympy.Integer(0), sympy.Integer(1)


def canonical_of(*arguments, **options):
    return canonicalize(Problem(*arguments, **options))[0]


def certificate_of(*arguments, **options):
    certificate = solve(Problem(*arguments, **options)).certificate
    assert certificate.verify() is True
    return certificate


def convex_certificate(problem, proof, point, inequality_multipliers=(), equality_multipliers=(), **convexity):
    decided = Convexity(True, "", convexity.pop("substitution", {}), proof, **convexity)
    return ConvexityCertificate(problem, decided, point, inequality_multipliers, equality_multipliers)


QUADRATIC = "quadratic with a semidefinite Hessian"


@pytest.fixture(scope="module")
def listed() -> EnumerationCertificate:
    return certificate_of(x**2 * y, [Eq(x**2 + 2 * y**2, 6), x >= -1], over=[x, y])


def with_zeros(certificate: EnumerationCertificate, number: int, zeros, **support) -> EnumerationCertificate:
    supports = list(certificate.evidence.supports)
    supports[number] = replace(supports[number], zeros=zeros, **support)
    return replace(certificate, evidence=replace(certificate.evidence, supports=tuple(supports)))


def test_a_system_is_not_passed_over_by_a_list_without_roots(listed: EnumerationCertificate) -> None:
    for number, support in enumerate(listed.evidence.supports):
        nothing = FiniteZeros((), fmpz_poly([1]), ())
        assert with_zeros(listed, number, nothing, free=()).verify() is False
        zero = FiniteZeros((1,) * len(support.free), fmpz_poly([]), (fmpq_poly([]),) * len(support.free))
        assert with_zeros(listed, number, zero).verify() is False
        every_value = ZeroFamily((), 1, fmpz_poly([]))
        assert with_zeros(listed, number, every_value).verify() is False
        assert isinstance(support, SupportEvidence)


def test_multipliers_of_farkas_are_numbers() -> None:
    """1/h times h is 1: no contradiction."""
    problem = canonical_of(x, [Eq(x, 2)], over=[x])
    h = problem.equalities[0].expression
    assert FarkasCertificate(problem, (), (1 / h,)).verify() is False
    assert FarkasCertificate(problem, (), (sympy.nan,)).verify() is False


def test_conjugate_numbers_are_told_apart() -> None:
    """sqrt(2) as a multiplier where -sqrt(2) would be right: min -x**2 with x = sqrt(2) on the bound x**2 <= 2."""
    polynomial, _ = lift(canonical_of(-(x**3), [x**2 <= 2], over=[x]))
    plus, minus = (RealRoot(fmpz_poly([-2, 0, 1]), i) for i in (1, 0))
    t = fmpq_poly([0, 1])
    # at -sqrt(2): -3 x**2 + 2 mu x = 0 for mu = 3 x / 2 = -3 sqrt(2) / 2 < 0, which is no minimum
    point = AlgebraicPoint(minus, (FieldElement(minus, t),))
    for root in (minus, plus):
        multiplier = FieldElement(root, t * fmpq(3, 2))
        assert LocalCertificate(polynomial, point, {0: multiplier}, ()).verify() is False
    there = AlgebraicPoint(plus, (FieldElement(plus, t),))
    assert LocalCertificate(polynomial, there, {0: FieldElement(plus, t * fmpq(3, 2))}, ()).verify() is True


def test_directions_are_in_the_field_of_their_point() -> None:
    certificate = certificate_of(x + y, [x > 0, y > 0, x + y <= 3], over=[x, y])
    assert isinstance(certificate, ClosureCertificate)
    other = RealRoot(fmpz_poly([-2, 0, 1]), 1)
    moved = tuple(FieldElement(other, step.polynomial) for step in certificate.direction)
    assert replace(certificate, direction=moved).verify() is False


def test_integers_do_not_move_along_curves() -> None:
    certificate = certificate_of(x * y, [Eq(x, y), x >= 3], over=[x, y], sense="max")
    assert isinstance(certificate, UnboundedCertificate)
    whole = replace(certificate.problem, integers=frozenset(certificate.problem.variables))
    assert replace(certificate, problem=whole).verify() is False


def test_an_infimum_is_that_of_the_problem_itself() -> None:
    certificate = certificate_of(y, [x * y >= 1, x >= 0], over=[x, y])
    assert isinstance(certificate, InfimumCertificate)
    lower = canonical_of(y + 0 * x, [x * y >= 1, x >= 0, y <= 5], over=[x, y])
    attained = canonical_of(y, [x * y >= 0, x >= 0, y >= 0], over=[x, y])
    for other in (lower, attained):
        assert replace(certificate, problem=other).verify() is False


def test_an_outer_function_has_constants() -> None:
    """x**2 = exp(w) + (x**2 - exp(w)) for every w."""
    inner_problem = canonical_of((x - 1) ** 2, over=[x])
    v = inner_problem.variables[0]
    problem = replace(inner_problem, objective=v**2)
    inner = solve(Problem((x - 1) ** 2, over=[x])).certificate
    outer = OuterFunction(ONE, v**2 - sympy.exp(inner_problem.objective))
    assert MonotoneCertificate(problem, inner_problem, outer, inner).verify() is False


def test_the_inner_certificate_is_about_the_inner_problem() -> None:
    certificate = certificate_of(sympy.exp(x**2 - x), [x >= 1], over=[x])
    assert isinstance(certificate, MonotoneCertificate)
    other = solve(Problem(x**2 - x, [x >= 0], over=[x])).certificate
    assert other.verify() is True
    assert replace(certificate, inner=other).verify() is False
    unknown = Symbol("c", real=True, nonzero=True)
    scaled = replace(certificate, outer=OuterFunction(unknown, ZERO))
    assert scaled.verify() is not True


def test_a_substitution_must_follow_from_the_equations() -> None:
    """x**2 - y**2 is convex on y = 0, and has no minimum."""
    problem = canonical_of(x**2 - y**2, over=[x, y])
    u, v = problem.variables
    proof = CurvatureProof(u**2, Curvature.CONVEX, QUADRATIC)
    for replaced in ({v: ZERO}, {v: v}):
        certificate = convex_certificate(problem, proof, {u: ZERO, v: ZERO}, substitution=replaced)
        assert certificate.verify() is False
    twice = canonical_of(x**2 - y**2 + z**2, [Eq(y + z, 0), Eq(2 * y + 2 * z, 0)], over=[x, y, z])
    u, v, w = twice.variables
    certificate = convex_certificate(
        twice, CurvatureProof(u**2, Curvature.CONVEX, QUADRATIC), dict.fromkeys((u, v, w), ZERO), (), (ZERO, ZERO),
        substitution={v: ZERO, w: ZERO},
    )  # fmt: skip
    assert certificate.verify() is False


def test_the_point_of_a_convex_problem_is_complete_and_defined() -> None:
    problem = canonical_of((x - 1) ** 2, over=[x, y])
    u, v = problem.variables
    proof = CurvatureProof((u - 1) ** 2, Curvature.CONVEX, QUADRATIC)
    assert convex_certificate(problem, proof, {u: ONE, v: ZERO}).verify() is True
    assert convex_certificate(problem, proof, {u: ONE}).verify() is False
    assert convex_certificate(problem, proof, {u: ONE, v: v}).verify() is False
    whole = replace(problem, integers=frozenset({u}), objective=(u - Rational(1, 2)) ** 2)
    half = CurvatureProof(whole.objective, Curvature.CONVEX, QUADRATIC)
    assert convex_certificate(whole, half, {u: Rational(1, 2), v: ZERO}).verify() is False


def test_a_point_outside_the_domain_is_no_optimum() -> None:
    """The derivative of -log(x) - x vanishes at x = -1 alone, where there is no logarithm."""
    problem = canonical_of(-sympy.log(x) - x, over=[x])
    (u,) = problem.variables
    logarithm = CurvatureProof(
        sympy.log(u), Curvature.CONCAVE, "log of concave functions", (CurvatureProof(u, Curvature.AFFINE, "affine"),)
    )
    negative = CurvatureProof(-sympy.log(u), Curvature.CONVEX, "nonpositive multiple", (logarithm,), (ONE,))
    line = CurvatureProof(-u, Curvature.AFFINE, "affine")
    total = CurvatureProof(problem.objective, Curvature.CONVEX, "sum", (negative, line))
    assert Checker.of(problem, {}).holds(total) is True
    assert convex_certificate(problem, total, {u: -ONE}).verify() is not True


def test_three_equal_arguments_of_max_have_no_slope() -> None:
    """SymPy's derivative of Max(x, 3x/2, 2x) at 0 is 9/4; the true slopes lie between 1 and 2."""
    problem = canonical_of(Max(x, Rational(3, 2) * x, 2 * x) - Rational(9, 4) * x, over=[x])
    (u,) = problem.variables
    parts = tuple(CurvatureProof(c * u, Curvature.AFFINE, "affine") for c in (ONE, Rational(3, 2), sympy.Integer(2)))
    top = CurvatureProof(Max(*(p.expression for p in parts)), Curvature.CONVEX, "Max of convex functions", parts)
    line = CurvatureProof(-Rational(9, 4) * u, Curvature.AFFINE, "affine")
    total = CurvatureProof(problem.objective, Curvature.CONVEX, "sum", (top, line))
    assert Checker.of(problem, {}).holds(total) is True
    assert convex_certificate(problem, total, {u: ZERO}).verify() is not True


WRONG_SHAPES = [
    (sympy.tan(x) ** 2, "Hessian with nonnegative principal minors"),
    (sympy.Piecewise((-5, x > 1), (0, True)), QUADRATIC),
    (sympy.Piecewise((-5, x > 1), (0, True)), "affine"),
    (sympy.sign(x), "affine"),
    (sympy.floor(x), "affine"),
    (sympy.Mod(x, 2), QUADRATIC),
    (sympy.Heaviside(x), QUADRATIC),
    ((-2) ** x, "Hessian with nonnegative principal minors"),
]


@pytest.mark.parametrize(("expression", "rule"), WRONG_SHAPES, ids=str)
def test_functions_with_jumps_or_poles_are_not_convex(expression, rule) -> None:
    shape = Curvature.AFFINE if rule == "affine" else Curvature.CONVEX
    problem = replace(canonical_of(x, over=[x]), objective=expression)
    assert Checker.of(problem, {}).holds(CurvatureProof(expression, shape, rule)) is not True


def tree_of_one_leaf(kind: int) -> Tree:
    whole = np.zeros(1, dtype=np.int64)
    return Tree(np.array([kind], dtype=np.int8), whole, whole, np.zeros(1), {}, {0: 0}, {})


def test_leaves_of_an_unknown_kind_prove_nothing() -> None:
    problem = canonical_of(sympy.sin(x), [x >= -2, x <= 2], over=[x])
    (u,) = problem.variables
    for kind in (6, -1, 100):
        assert BoxProof(problem, 0.0, tree_of_one_leaf(kind)).verify() is not True
        empty = IntervalCertificate(problem, (BoxProof(problem, np.inf, tree_of_one_leaf(kind)),), ())
        assert empty.verify() is not True
        claimed = IntervalCertificate(problem, (BoxProof(problem, 0.0, tree_of_one_leaf(kind)),), ({u: ZERO},), True)
        assert claimed.verify() is not True


def test_exact_points_do_not_show_that_nothing_is_feasible() -> None:
    """F = cosh is convex with its minimum at 0: nothing is below it, but feasible points there are."""
    problem = canonical_of(sympy.cosh(x), [x >= -1, x <= 1], over=[x])
    (u,) = problem.variables
    proof = BoxProof(problem, np.inf, tree_of_one_leaf(int(Node.EXACT)), ({u: ZERO},))
    assert proof.verify() is True, "no feasible point is below F(0)"
    assert IntervalCertificate(problem, (proof,), ()).verify() is not True


def test_parts_keep_the_integrality_of_the_whole() -> None:
    problem = canonical_of(sympy.exp(n) - 2 * n, over=[n], bounds={n: (-3, 3)})
    found, _ = prove_integers_by_boxes(problem, time.monotonic() + 20)
    assert isinstance(found, IntervalCertificate) and found.verify() is True
    assert replace(found, problem=replace(problem, integers=frozenset())).verify() is not True


def test_a_split_names_a_variable() -> None:
    """min x*y over [1, 2]**2 cut at a variable that is not there."""
    polynomial, _ = lift(canonical_of(x * y, over=[x, y], bounds={x: (1, 2), y: (1, 2)}))
    best = FeasibleBox((fmpq(2), fmpq(2)))
    for variable in (-1, -2, 2):
        tree = Split(variable, fmpq(3, 2), Leaf((), True), Leaf((), True))
        certificate = SpatialCertificate(polynomial, tree, best, fmpq(4), fmpq(4), cutoff=fmpq(4))
        assert certificate.verify() is False


def test_the_step_between_values_counts_from_a_value() -> None:
    """Values 0, 1, 2, ...: a bound of -0.4 leaves the value 0 below 0.5."""
    polynomial, _ = lift(canonical_of(x + y, over=[x, y], bounds={x: (0, 1), y: (0, 1)}))
    problem = factored(polynomial, frozenset({0, 1}))
    assert problem.step == 1
    assert not suffices(problem, fmpq(-2, 5), fmpq(1, 2))
    assert suffices(problem, fmpq(1, 10), fmpq(1))
    assert not suffices(problem, fmpq(0), fmpq(1))


def test_parts_of_a_sum_know_only_their_own_variables() -> None:
    """min x + y with x >= y and y >= 0: the first constraint belongs to no part."""
    problem = canonical_of(x + y, [x >= y, y >= 0], over=[x, y])
    u, v = problem.variables
    first = replace(problem, objective=u, inequalities=problem.inequalities[:1], variables=(u,))
    second = replace(problem, objective=v, inequalities=problem.inequalities[1:], variables=(v,))
    assert not is_sum_of(problem, [first, second])
    apart = canonical_of(x + y, [x >= 1, y >= 0], over=[x, y])
    assert is_sum_of(apart, [replace(first, inequalities=apart.inequalities[:1]), second])


def sides_around(*points, start: int = 16) -> tuple[Side, ...]:
    places = [(None, -1), *((point, side) for point in points for side in (-1, 1)), (None, 1)]
    return tuple(Side(point, side, Rational(start), 3) for point, side in places)


def test_an_arcsine_that_ends_up_outside_its_domain_may_start_inside() -> None:
    """asin(x/100) is defined for 20 <= x <= 100, and no neighborhood of infinity that begins at 16 is without such x."""
    for function in (sympy.asin(x / 100), sympy.acos(2 - 100 / x)):
        problem = canonical_of(function, [x >= 20], over=[x])
        assert LineCertificate(problem, None, sides_around()).verify() is not True
        assert solve(Problem(function, [x >= 20], over=[x]), time_limit_s=10).status is not Status.INFEASIBLE


def test_a_power_is_defined_at_negative_numbers_where_its_exponent_is_an_integer_in_disguise() -> None:
    two = 2 * sympy.sin(1) ** 2 + 2 * sympy.cos(1) ** 2
    problem = canonical_of(x**two, [x <= -1], over=[x])
    assert LineCertificate(problem, None, sides_around()).verify() is not True
    assert solve(Problem(x**two, [x <= -1], over=[x]), time_limit_s=10).status is not Status.INFEASIBLE


def test_a_curve_of_points_at_which_a_function_is_undefined_is_no_feasible_one() -> None:
    """sqrt(x) sqrt(y) is -t**2 at x = y = -t**2 for complex numbers, and the logarithms of -t cancel."""
    t = Symbol("t", positive=True)
    for function, place in ((sympy.sqrt(x) * sympy.sqrt(y), -(t**2)), (x + (sympy.log(x) - sympy.log(y)) ** 2, -t)):
        problem = canonical_of(function, over=[x, y])
        curve = dict.fromkeys(problem.variables, place)
        assert UnboundedCertificate(problem, t, curve, ONE).verify() is False


def test_what_expands_to_another_function_may_have_another_domain() -> None:
    """x (1/x + x) is 1 + x**2 but for x = 0, where the latter has its minimum."""
    plain, broken = canonical_of(1 + x**2, over=[x]), canonical_of(x * (1 / x + x), over=[x])
    certificate = certificate_of(1 + x**2, over=[x])
    around = canonical_of(sympy.exp(x * (1 / x + x)), over=[x])
    assert MonotoneCertificate(around, plain, OuterFunction(ONE, ZERO), certificate).verify() is False
    assert not is_same_statement(broken, plain)
    whole = canonical_of(x * (1 / x + x) + y**2, over=[x, y])
    parts = [canonical_of(1 + x**2, over=[x]), canonical_of(y**2, over=[y])]
    assert not is_sum_of(whole, parts)


@pytest.mark.parametrize(
    "objective",
    [
        sympy.sin(3 * x) / sympy.sin(x),
        sympy.tan(x) * sympy.cos(x) + 1 / (2 + sympy.sin(x)),
        sympy.log(x**2) / sympy.log(x) + sympy.log(x) ** 2,
        sympy.pi * x * (1 / x + x),
    ],
)
def test_a_change_of_variables_keeps_the_points_at_which_a_function_is_undefined(objective) -> None:
    """What it cancels down to attains its optimum only where the function itself is 0/0, or oo times 0."""
    assert reduction(canonical_of(objective, over=[x])) is None


def test_an_optimum_of_what_a_function_cancels_down_to_is_none_of_the_function() -> None:
    solution = solve(Problem(sympy.log(x**2) / sympy.log(x) + sympy.log(x) ** 2, over=[x]), time_limit_s=10)
    assert (solution.status, solution.value) == (Status.NOT_ATTAINED, 2)


def test_a_change_of_variables_keeps_the_domains_of_roots() -> None:
    """pi (sqrt(x) + 1) (sqrt(x) - 1) is pi (x - 1), for x >= 0 only."""
    solution = solve(Problem(sympy.pi * (sympy.sqrt(x) + 1) * (sympy.sqrt(x) - 1), over=[x]), time_limit_s=10)
    assert solution.status is Status.OPTIMAL
    assert solution.points == ({x: 0},)


def test_an_answer_claims_what_its_certificate_proves() -> None:
    solution = solve(Problem(x**2, over=[x]))
    wrong = replace(solution, status=Status.UNBOUNDED)
    deadline = time.monotonic() + 10
    assert checked(Finding(solution), "a method", deadline).solution is solution
    assert checked(Finding(wrong), "a method", deadline).solution is None


def test_a_point_at_which_a_function_is_undefined_is_not_feasible() -> None:
    """The product of sqrt(-1) and sqrt(-1) is a real number, and their factors are none."""
    bounds = {x: (-1, 1), y: (-1, 1)}
    for problem in (
        canonical_of(x + y, [sympy.sqrt(x) * sympy.sqrt(y) <= 1], over=[x, y], bounds=bounds),
        canonical_of(sympy.sqrt(x) * sympy.sqrt(y), over=[x, y], bounds=bounds),
    ):
        model = interval_model(problem)
        assert is_feasible_exactly(model, dict.fromkeys(problem.variables, -ONE)) is not True
        assert is_feasible_exactly(model, dict.fromkeys(problem.variables, ZERO)) is True


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (x * (1 / x + x), []),
        (sympy.sqrt(x) * (1 / sympy.sqrt(x) + x), []),
        (Rational(1, 2) / (x + 1) - 1 / (2 * x + 2), []),
        (x**2, [sympy.log(x) <= 5]),
        (x**2, [1 / x >= 1]),
    ],
)
def test_a_domain_that_is_not_closed_need_not_show_in_the_bounds(objective, constraints) -> None:
    """The infimum is not attained, or need not be, though no bound of the objective is infinite."""
    problem = factored_functions(canonical_of(objective, constraints, over=[x], bounds={x: (-1, 1)}))
    everywhere = [(fmpq(-2), fmpq(2))] * (1 + len(problem.definitions))
    assert not is_continuous(problem, everywhere)


def test_no_bound_is_read_off_a_function_that_is_not_defined_everywhere() -> None:
    """x (1/x + 1) <= 3 says x <= 2, and x != 0."""
    assert bound_of(x * (1 / x + 1) - 3, [x]) is None
    assert reduction(canonical_of(-sympy.cos(x), [x * (1 / x + 1) <= 3, x >= -1], over=[x])) is None


def test_no_shadow_price_at_a_kink() -> None:
    solution = solve(Problem(Max(x, 0) + sympy.exp(x), [x >= 0], over=[x]), time_limit_s=10)
    assert solution.status is Status.OPTIMAL
    assert solution.shadow_prices == {}
