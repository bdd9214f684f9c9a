"""Systems, active sets and complete lists: planted zeros are found, nothing false is kept."""

import itertools

import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import symbols

from lagrangian.algebra.numbers import rational_point, same_point
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FiniteZeros, NoZeros
from lagrangian.candidates.affine import affine_row, solve_rows
from lagrangian.candidates.attainment import bounded_or_coercive, nothing_better
from lagrangian.candidates.decomposition import decompose
from lagrangian.candidates.emptiness import Emptiness, Unknown, examine_set
from lagrangian.candidates.enumeration import CandidatePoint, candidate_at, find_candidates
from lagrangian.candidates.groebner import InfinitelyManyZeros, NormalForm, groebner_basis, solve_by_groebner
from lagrangian.problem.lifting import PolynomialProblem

x, y, z = symbols("x y z")
PLANE, SPACE = Ring((x, y)), Ring((x, y, z))
small = st.integers(-3, 3)


def problem(ring: Ring, objective, inequalities=(), equalities=()) -> PolynomialProblem:
    return PolynomialProblem(
        ring,
        ring.polynomial(sympy.sympify(objective)),
        tuple(ring.polynomial(g) for g in inequalities),
        tuple(ring.polynomial(h) for h in equalities),
    )


def rational_coordinates(candidate: CandidatePoint) -> list:
    return [element.rational() for element in candidate.point.coordinates]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(small, small), min_size=1, max_size=5, unique=True))
def test_all_planted_points_are_the_zeros_of_their_ideal(points: list[tuple[int, int]]) -> None:
    """The ideal of a finite set of points: products over one linear form from each point."""
    factors = [[x - a, y - b] for a, b in points]
    generators = [PLANE.polynomial(sympy.expand(sympy.prod(choice))) for choice in itertools.product(*factors)]
    zeros = solve_by_groebner(PLANE, generators)
    assert isinstance(zeros, FiniteZeros)
    found = {tuple(element.rational() for element in point.coordinates) for point in zeros.real_points()}
    assert found == {(fmpq(a), fmpq(b)) for a, b in points}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(small, small, small), min_size=2, max_size=2))
def test_zeros_satisfy_the_equations_and_number_as_sympy_says(rows: list[tuple[int, int, int]]) -> None:
    equations = [a * x**2 + b * x * y + c * y**2 - k - x for k, (a, b, c) in enumerate(rows, start=1)]
    zeros = solve_by_groebner(PLANE, [PLANE.polynomial(e) for e in equations])
    basis = sympy.groebner(equations, x, y, order="lex")
    if basis.exprs == [1]:
        assert isinstance(zeros, NoZeros)
    elif not basis.is_zero_dimensional:
        assert isinstance(zeros, InfinitelyManyZeros)
    else:
        assert isinstance(zeros, FiniteZeros)
        for point in zeros.real_points():
            assert all(point.sign(PLANE.polynomial(e)) == 0 for e in equations)
        # the last polynomial of a lexicographic basis vanishes at just the y-coordinates
        last = sympy.Poly(basis.exprs[-1], y)
        distinct = sympy.Poly(last, y).sqf_part().degree()
        assert zeros.modulus.degree() >= distinct


def test_multiple_zeros_are_made_simple() -> None:
    zeros = solve_by_groebner(PLANE, [PLANE.polynomial(x**2), PLANE.polynomial(x * y), PLANE.polynomial(y**2)])
    assert isinstance(zeros, FiniteZeros)
    assert zeros.modulus.degree() == 1


def test_normal_forms_over_the_rationals() -> None:
    basis = groebner_basis(
        PLANE, [PLANE.primitive(PLANE.polynomial(3 * x**2 - y)), PLANE.primitive(PLANE.polynomial(2 * y**2 - 1))]
    )
    assert basis is not None
    assert NormalForm(PLANE, basis)(PLANE.polynomial(x**4 + y / 5)) == PLANE.polynomial(sympy.Rational(1, 18) + y / 5)


def test_infinite_sets_are_taken_apart_and_their_values_found() -> None:
    candidates = find_candidates(problem(PLANE, (x**2 + y**2 - 1) ** 2))
    assert candidates.complete
    on_circle = PLANE.polynomial(x**2 + y**2 - 1)
    isolated = [c for c in candidates.points if c.point.sign(on_circle)]
    assert [rational_coordinates(c) for c in isolated] == [[0, 0]]
    (family,) = candidates.families
    assert (family.dimension, family.value.rational()) == (1, 0)
    assert on_circle in family.equations


def test_the_objective_that_varies_along_degenerate_points_is_an_open_question() -> None:
    candidates = find_candidates(problem(PLANE, x, equalities=[(x - y) ** 2]))
    assert not candidates.complete or candidates.families == ()
    squared = decompose(PLANE, [PLANE.polynomial((x - y) ** 2)], PLANE.polynomial(x))
    assert type(squared).__name__ == "FactoredZeros"


def test_abnormal_points_are_on_the_list() -> None:
    """Minimize x on the cusp y**2 = x**3: the minimizer satisfies no KKT condition."""
    candidates = find_candidates(problem(PLANE, x, equalities=[y**2 - x**3]))
    assert [rational_coordinates(c) for c in candidates.points] == [[0, 0]]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(small, small, st.integers(-2, 4)), min_size=1, max_size=4), st.tuples(small, small))
def test_vertices_of_a_polygon_are_all_candidates_of_a_linear_objective(rows, slope) -> None:
    """Every intersection of two edges that is feasible has to be on the list (brute force is the oracle)."""
    inequalities = [a * x + b * y - c for a, b, c in rows] + [x - 3, -x - 3, y - 3, -y - 3]
    stated = problem(PLANE, slope[0] * x + slope[1] * y, inequalities)
    found = find_candidates(stated)
    assert found.complete
    for first, second in itertools.combinations(inequalities, 2):
        lines = [affine_row(PLANE.polynomial(g), 2) for g in (first, second)]
        space = solve_rows([line for line in lines if line is not None], 2)
        if space is None or space.dimension:
            continue
        vertex = rational_point([space.rows[i][2] for i in range(2)])
        if candidate_at(stated, vertex) is not None and any(slope):
            assert any(same_point(vertex, c.point) for c in found.points)


def test_empty_sets_are_shown_empty_and_others_have_a_witness() -> None:
    disc = x**2 + y**2 - 1
    assert isinstance(examine_set(problem(PLANE, 0, [disc, 2 - x - y])), Emptiness)
    witness = examine_set(problem(PLANE, 0, [disc, sympy.Rational(14, 10) - x - y]))
    assert isinstance(witness, CandidatePoint)
    assert isinstance(examine_set(problem(PLANE, 0, [1 - x * y, -x, x + y - sympy.Rational(19, 10)])), Emptiness)
    assert isinstance(examine_set(problem(PLANE, 0, [], [x**2 + y**2 + 1])), Emptiness)
    # a double point of the complex curve is the only real one
    assert isinstance(examine_set(problem(PLANE, 0, [1 - x], [x**2 + y**2])), Emptiness | Unknown)


def test_attainment_is_claimed_only_where_it_holds() -> None:
    assert bounded_or_coercive(problem(PLANE, x, [x**2 + x * y + y**2 - 1])).with_objective is False
    assert bounded_or_coercive(problem(PLANE, x**2 + y**4 - x * y)).with_objective is True
    assert bounded_or_coercive(problem(PLANE, x**2 + (x * y - 1) ** 2)) is None
    assert bounded_or_coercive(problem(PLANE, x * y)) is None
    assert bounded_or_coercive(problem(PLANE, x, [x * y - 1])) is None
    assert bounded_or_coercive(problem(PLANE, sympy.Integer(3))) is None


def test_nothing_better_gives_a_proof_or_a_better_point() -> None:
    stated = problem(PLANE, x**2 + (x * y - 1) ** 2)
    (saddle,) = find_candidates(stated).points
    better = nothing_better(stated, saddle.value)
    assert isinstance(better, CandidatePoint)
    cusp = problem(PLANE, x, equalities=[y**2 - x**3])
    assert type(nothing_better(cusp, find_candidates(cusp).points[0].value)).__name__ == "NothingBetter"
    worse = find_candidates(cusp).points[0].value + 1
    assert isinstance(nothing_better(cusp, worse), CandidatePoint)


def test_a_deadline_in_the_past_leaves_open_questions() -> None:
    assert not find_candidates(problem(SPACE, x * y * z, [x**2 + y**2 + z**2 - 1]), deadline=0).complete
