"""Symmetric problems: one system an orbit is solved, the list is whole all the same, and false symmetries are refused."""

from dataclasses import replace
from itertools import permutations, product
from math import comb, factorial

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Expr, Rational, prod, symbols

from lagrangian import Problem, canonicalize, certificate_from_json, certificate_to_json, solve
from lagrangian.algebra.numbers import compare, rational_point, same_point
from lagrangian.candidates.enumeration import Candidates, find_candidates
from lagrangian.candidates.symmetries import symmetry_generators
from lagrangian.conditions.symmetry import Symmetry, identity, moved_inequalities
from lagrangian.problem.lifting import PolynomialProblem, lift
from lagrangian.proof.enumeration import EnumerationCertificate

v = symbols("x1:7", real=True)
x, y, z, w = v[:4]
small = st.integers(-2, 2)


def polynomial_problem(objective, constraints, over) -> PolynomialProblem:
    stated = [constraint for constraint in constraints if constraint not in (True, False)]
    return lift(canonicalize(Problem(objective, stated, over=list(over)))[0])[0]


def simplex(count: int) -> list:
    return [Eq(sum(v[:count]), 1), *(variable >= 0 for variable in v[:count])]


def assert_same_lists(left: Candidates, right: Candidates) -> None:
    """The same points with the same active sets, and families of the same values (they may be cut into other pieces)."""
    assert len(left.points) == len(right.points)
    assert left.open_questions == right.open_questions == ()
    for candidate in left.points:
        twins = [other for other in right.points if same_point(candidate.point, other.point)]
        assert [other.active_set for other in twins] == [candidate.active_set]
        assert compare(candidate.value, twins[0].value) == 0
    for families, others in ((left.families, right.families), (right.families, left.families)):
        assert all(any(compare(family.value, other.value) == 0 for other in others) for family in families)


def group_order(generators: tuple[Symmetry, ...], count: int) -> int:
    seen = {identity(count)}
    frontier = list(seen)
    for element in frontier:
        for generator in generators:
            image = generator.after(element)
            if image not in seen:
                seen.add(image)
                frontier.append(image)
    return len(seen)


def all_symmetries(problem: PolynomialProblem) -> list[Symmetry]:
    """Every signed permutation that keeps the problem: the slow way."""
    count = problem.dimension
    maps = (Symmetry(p, s) for p in permutations(range(count)) for s in product((1, -1), repeat=count))
    return [symmetry for symmetry in maps if moved_inequalities(problem, symmetry) is not None]


PROBLEMS = {
    "no symmetry": polynomial_problem(x + 2 * y**2 + 3 * z, [x * y * z <= 1, x >= 0], (x, y, z)),
    "all permutations": polynomial_problem(x * y * z * w, simplex(4), (x, y, z, w)),
    "cyclic": polynomial_problem(x**2 * y + y**2 * z + z**2 * x, [x >= 0, y >= 0, z >= 0], (x, y, z)),
    "two points that change places": polynomial_problem(
        (x - z) ** 2 + 2 * (y - w) ** 2, [x * y <= 1, z * w <= 1], v[:4]
    ),
    "signs": polynomial_problem(x**4 + 2 * y**4 - x**2 * y**2, [x <= 1, x >= -1, y <= 2, y >= -2], (x, y)),
    "signs together": polynomial_problem(x * y + 2 * y * z, [x**2 + y**2 + z**2 <= 1], (x, y, z)),
    "a quarter turn": polynomial_problem(x**3 * y - x * y**3, [x <= 1, x >= -1, y <= 1, y >= -1], (x, y)),
    "equations change their signs": polynomial_problem(x**2 + y**2 + z, [Eq(x - y, 0), z >= 0], (x, y, z)),
    "the same inequality twice": polynomial_problem(x + y, [x * y >= 1, y * x * 1 >= 1, x >= 0, y >= 0], (x, y)),
    "reciprocals": polynomial_problem(1 / x + 1 / y, [x >= 1, y >= 1, x + y <= 5], (x, y)),
    "strict on one side": polynomial_problem(x + y, [x > 0, y >= 0, x + y <= 1], (x, y)),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_generators_generate_all_symmetries(name: str) -> None:
    problem = PROBLEMS[name]
    generators = symmetry_generators(problem)
    assert all(moved_inequalities(problem, generator) is not None for generator in generators)
    assert group_order(generators, problem.dimension) == len(all_symmetries(problem))


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_symmetry_moves_active_sets_as_it_moves_points(name: str) -> None:
    problem = PROBLEMS[name]
    coordinates = [Rational(i * i + 1, 3 + i) for i in range(problem.dimension)]
    point = rational_point([fmpq(int(c.p), int(c.q)) for c in coordinates])
    for symmetry in symmetry_generators(problem):
        places = moved_inequalities(problem, symmetry)
        image = symmetry.image(point)
        assert places is not None
        assert compare(image.value(problem.objective), point.value(problem.objective)) == 0
        for j, k in enumerate(places):
            before, after = point.value(problem.inequalities[j]), image.value(problem.inequalities[k])
            assert compare(before, after) == 0
        assert same_point(symmetry.inverse().image(image), point)
        pulled = symmetry.pulled_back(problem.inequalities[0])
        assert compare(point.value(pulled), image.value(problem.inequalities[0])) == 0


@pytest.mark.parametrize(
    "symmetry",
    [
        Symmetry((0, 0, 1, 2), (1, 1, 1, 1)),
        Symmetry((0, 1, 2), (1, 1, 1)),
        Symmetry((0, 1, 2, 3), (1, 1, 1)),
        Symmetry((0, 1, 2, 4), (1, 1, 1, 1)),
        Symmetry((3, 2, 1, 0), (1, 1, 1, 2)),
        Symmetry((-1, 0, 1, 2), (1, 1, 1, 1)),
        Symmetry((3, 2, 1, 0), (1, 1, 1, -1)),
    ],
)
def test_maps_that_are_no_symmetries_are_refused(symmetry: Symmetry) -> None:
    assert moved_inequalities(PROBLEMS["all permutations"], symmetry) is None


def power_sums(weights: list[int], over) -> Expr:
    first, second, third, pairs, product_of_all = weights
    total = first * sum(a**2 for a in over) + second * sum(a**3 for a in over) + third * sum(over)
    return total + pairs * sum(over) ** 2 + product_of_all * prod(over)


@settings(max_examples=20, deadline=None)
@given(st.lists(small, min_size=5, max_size=5), st.sampled_from(["box", "simplex", "ball", "interval each"]))
def test_symmetric_functions_have_the_same_list_with_and_without(weights: list[int], region: str) -> None:
    over = (x, y, z)
    constraints = {
        "box": [limit for a in over for limit in (a >= -1, a <= 2)],
        "simplex": simplex(3),
        "ball": [x**2 + y**2 + z**2 <= 3, *(a >= 0 for a in over)],
        "interval each": [*(a**2 <= 1 for a in over), x + y + z >= 0],
    }[region]
    problem = polynomial_problem(power_sums(weights, over), constraints, over)
    pruned = find_candidates(problem, symmetries=symmetry_generators(problem))
    assert_same_lists(pruned, find_candidates(problem, symmetries=()))


@pytest.mark.parametrize("name", PROBLEMS)
def test_groups_of_all_kinds_leave_the_list_as_it_is(name: str) -> None:
    problem = replace(PROBLEMS[name], strict=frozenset())
    pruned = find_candidates(problem, symmetries=symmetry_generators(problem))
    assert_same_lists(pruned, find_candidates(problem, symmetries=()))


def test_families_are_carried_over_with_their_equations() -> None:
    """The product of four numbers that sum to one is critical wherever two of them are zero."""
    problem = PROBLEMS["all permutations"]
    candidates = find_candidates(problem)
    assert len(candidates.records) == 4
    for coordinates in set(permutations((fmpq(0), fmpq(0), fmpq(1, 3), fmpq(2, 3)))):
        point = rational_point(list(coordinates))
        assert any(all(point.sign(e) == 0 for e in family.equations) for family in candidates.families)


@settings(max_examples=15, deadline=None)
@given(st.lists(small, min_size=6, max_size=6))
def test_pairs_that_change_places_and_signs_have_the_same_list(c: list[int]) -> None:
    """Two points of the plane that may be exchanged, and even functions of both."""
    objective = c[0] * (x * z + y * w) + c[1] * (x**2 + z**2) + c[2] * (y**2 + w**2) + c[3] * (x * y + z * w)
    radius = 1 + abs(c[4])
    constraints = [x >= -1, x <= 1, z >= -1, z <= 1, y**2 <= radius, w**2 <= radius]
    problem = polynomial_problem(objective + c[5] * (y + w), constraints, (x, y, z, w))
    generators = symmetry_generators(problem)
    assert generators
    assert_same_lists(find_candidates(problem, symmetries=generators), find_candidates(problem, symmetries=()))


@pytest.mark.parametrize("count", [4, 5])
def test_one_system_for_each_number_of_zeros_is_solved(count: int) -> None:
    """A symmetric quartic on the simplex: the faces with k positive coordinates are one orbit, of C(n, k) faces."""
    problem = polynomial_problem(sum(a**4 for a in v[:count]), simplex(count), v[:count])
    pruned = find_candidates(problem)
    sizes = sorted(1 + len(record.images) for record in pruned.records)
    assert sizes == sorted(comb(count, k) for k in range(1, count + 1))
    assert_same_lists(pruned, find_candidates(problem, symmetries=()))


def test_all_optima_of_an_orbit_are_found_and_proved() -> None:
    """x1**2 + ... + x4**2 on the simplex is largest at its corners, and y_i = +-1 maximizes a sum of squares on a box."""
    corners = solve(Problem(sum(a**2 for a in v[:4]), simplex(4), over=list(v[:4]), sense="max"))
    assert len(corners.points) == 4
    assert corners.certificate.verify() is True
    signs = polynomial_problem(-sum(a**2 for a in v[:3]), [limit for a in v[:3] for limit in (a >= -1, a <= 1)], v[:3])
    candidates = find_candidates(signs)
    assert len(candidates.records) == 4
    best = [p for p in candidates.points if compare(p.value, candidates.points[0].value) == 0]
    assert len(best) == 2**3


def test_evidence_with_images_is_checked_and_a_false_symmetry_is_refused() -> None:
    """The product of four numbers that sum to one, plus their cubes."""
    objective = 8 * prod(v[:4]) + sum(a**3 for a in v[:4]) / 7
    certificate = solve(Problem(objective, simplex(4), over=list(v[:4]), sense="max")).certificate
    assert isinstance(certificate, EnumerationCertificate)
    assert certificate.verify() is True
    supports = certificate.evidence.supports
    assert any("Symmetries leave 4 of the 15 systems" in sentence for sentence in certificate.explanation())
    assert sum(1 + len(support.images) for support in supports) == 2**4 - 1
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    number = next(i for i, support in enumerate(supports) if support.images)
    images = supports[number].images
    stranger = replace(images[0], signs=(1, 1, 1, -1))
    for changed in (images[1:], (stranger, *images[1:]), (images[1], *images[1:]), (*images, stranger)):
        support = replace(supports[number], images=changed)
        evidence = replace(certificate.evidence, supports=(*supports[:number], support, *supports[number + 1 :]))
        assert replace(certificate, evidence=evidence).verify() is False


def test_images_of_points_are_minimizers_too() -> None:
    """Where an optimum is left out of the stated ones, the check finds it as an image of another one."""
    problem = Problem(sum(a**3 for a in v[:4]), simplex(4), over=list(v[:4]), sense="max")
    certificate = solve(problem).certificate
    assert isinstance(certificate, EnumerationCertificate)
    assert len(certificate.minimizers) == 4
    assert any(support.images for support in certificate.evidence.supports)
    for i in range(4):
        fewer = certificate.minimizers[:i] + certificate.minimizers[i + 1 :]
        assert replace(certificate, minimizers=fewer).verify() is False


def test_large_orbits_are_complete() -> None:
    """Six variables on a cube: its 3**6 faces fall into 28 kinds by how many variables are free, low or high."""
    over = v[:6]
    objective = sum(a**2 for a in over) + sum(over) / 3
    problem = polynomial_problem(-objective, [limit for a in over for limit in (a >= 0, a <= 1)], over)
    assert group_order(symmetry_generators(problem), 6) == factorial(6)
    candidates = find_candidates(problem)
    assert len(candidates.records) == comb(8, 2)
    assert sum(1 + len(record.images) for record in candidates.records) == 3**6
    # the vertices alone: the one free stationary value, -1/6, is outside of the cube
    assert len(candidates.points) == 2**6
