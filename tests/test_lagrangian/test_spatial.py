"""Branch and bound over boxes: relaxations hold at every point, planted optima are enclosed, changed certificates fail."""

import time
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, symbols

from lagrangian import Problem, Status, canonicalize
from lagrangian.algebra.polynomials import Ring
from lagrangian.conditions.cuts import CutMaker, Tangent
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.propagation import bounding_box, finite, tightened
from lagrangian.conditions.relaxation import AffineForm, factored, relation_rows
from lagrangian.numeric.local import NumericCandidate, interior_candidates, numeric_candidate
from lagrangian.problem.lifting import PolynomialProblem, lift
from lagrangian.proof.spatial import Improved, Leaf, Move, Narrowed, SpatialCertificate, Split, Tree
from lagrangian.prove_spatial import prove_in_a_box
from lagrangian.restore import restore_enclosed
from lagrangian.solve import solve
from tests.strategies import rationals

x, y, z = symbols("x y z", real=True)
RING = Ring((x, y, z))
small = st.integers(-3, 3)
terms = st.tuples(small, st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)))
shares = st.integers(0, 16).map(lambda k: fmpq(k, 16))


@st.composite
def polynomials(draw: st.DrawFn):
    return RING.context.from_dict({key: value for value, key in draw(st.lists(terms, min_size=1, max_size=4)) if value})


@st.composite
def boxes(draw: st.DrawFn):
    lows = [fmpq(draw(st.integers(-6, 6)), 2) for _ in range(3)]
    return tuple((low, low + fmpq(draw(st.integers(1, 8)), 2)) for low in lows)


def lifted_point(problem, point: tuple) -> list:
    values = list(point)
    for i, j in problem.products.values():
        values.append(values[i] * values[j])
    return values


def value_of(form: AffineForm, values: list) -> fmpq:
    return sum((a * values[j] for j, a in form.coefficients.items()), form.constant)


@settings(max_examples=60, deadline=None)
@given(polynomials(), boxes(), st.tuples(shares, shares, shares))
def test_products_rows_and_boxes_hold_at_every_point_of_a_box(polynomial, box, share) -> None:
    problem = factored(PolynomialProblem(RING, polynomial, (), ()))
    point = tuple(low + s * (high - low) for (low, high), s in zip(box, share, strict=True))
    values = lifted_point(problem, point)
    assert value_of(problem.objective, values) == polynomial(*point)
    whole = finite(tightened(problem, box, None))
    assert all(low <= value <= high for value, (low, high) in zip(values, whole, strict=True))
    assert all(value_of(row, values) <= 0 for row in relation_rows(problem, whole))
    assert problem.objective.least_over(whole) <= polynomial(*point)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(polynomials(), st.integers(0, 4)), min_size=2, max_size=5), st.tuples(*[rationals()] * 3))
def test_no_feasible_point_is_outside_the_bounding_box(rows, planted) -> None:
    point = tuple(fmpq(int(v.p), int(v.q)) for v in planted)
    constraints = tuple(g - g(*point) - slack for g, slack in rows)
    problem = PolynomialProblem(RING, constraints[0], constraints[1:], ())
    box = bounding_box(factored(problem), problem.objective(*point))
    if box is not None:
        assert all(low <= value <= high for value, (low, high) in zip(point, box, strict=True))


def certificate_of(problem: Problem) -> SpatialCertificate:
    canonical, _ = canonicalize(problem)
    polynomial, lifting = lift(canonical)
    near = numeric_candidate(canonical, time.monotonic() + 60.0, most=20)
    certificate = prove_in_a_box(
        polynomial, lifting, [near, *interior_candidates(canonical, near)], time.monotonic() + 20
    )
    assert certificate is not None
    assert certificate.verify() is True
    return certificate


KNOWN = [
    (x * y, [x**2 + y**2 <= 2], -1.0),
    (-x - y, [x * y <= 1, x >= 0, y >= 0, x <= 4, y <= 4], -4.25),
    (x**4 - 3 * x**2 + x, [x >= -2, x <= 2], float(min(
        (x**4 - 3 * x**2 + x).subs(x, r) for r in sympy.nroots(4 * x**3 - 6 * x + 1)))),
    (4 / x + x + 9 / y + y, [x >= 1, y >= 1, x <= 9, y <= 9], 10.0),
    (x - y, [Eq(x * y, 1), x >= sympy.Rational(1, 2), x <= 2], -1.5),
]  # fmt: skip


@pytest.mark.parametrize(("objective", "constraints", "value"), KNOWN)
def test_known_optima_are_enclosed(objective, constraints, value: float) -> None:
    certificate = certificate_of(Problem(objective, constraints, over=sorted(objective.free_symbols, key=str)))
    assert float(certificate.lower) - 1e-12 <= value <= float(certificate.upper) + 1e-12
    assert float(certificate.upper - certificate.lower) <= 2e-6 * (1 + abs(value))


@pytest.fixture(scope="module")
def certificate() -> SpatialCertificate:
    found = certificate_of(Problem(x * y + z**2, [x**2 + y**2 <= 2, x + y + z >= 1, z <= 3], over=[x, y, z]))
    assert any(isinstance(node, Split) for node in nodes_of(found.tree))
    assert any(isinstance(node, Narrowed) for node in nodes_of(found.tree))
    return found


def children(node: Tree) -> tuple[Tree, ...]:
    if isinstance(node, Leaf):
        return ()
    return (node.below, node.above) if isinstance(node, Split) else (node.inner,)


def nodes_of(tree: Tree) -> list[Tree]:
    return [tree, *(inner for child in children(tree) for inner in nodes_of(child))]


def replaced(tree: Tree, old: Tree, new: Tree) -> Tree:
    """The tree with one node in another's place."""
    if tree is old:
        return new
    if isinstance(tree, Leaf):
        return tree
    if isinstance(tree, Split):
        return replace(tree, below=replaced(tree.below, old, new), above=replaced(tree.above, old, new))
    return replace(tree, inner=replaced(tree.inner, old, new))


def test_certificates_that_are_changed_fail(certificate: SpatialCertificate) -> None:
    above = certificate.upper + 1
    assert replace(certificate, lower=above, upper=above).verify() is False
    assert replace(certificate, lower=certificate.upper).verify() is False, "the leaves do not show that much"
    assert replace(certificate, upper=certificate.upper - fmpq(1, 10)).verify() is False
    assert replace(certificate, cutoff=certificate.upper - fmpq(1, 10)).verify() is False, "points are cut off"
    outside = (fmpq(5), fmpq(5), fmpq(0))
    value = certificate.problem.objective(*outside)
    assert replace(certificate, point=FeasibleBox(outside), upper=value, cutoff=value).verify() is False
    tree = certificate.tree
    assert replace(certificate, tree=Improved(certificate.upper - 1, tree)).verify() is False, "below the value"
    cut = next(node for node in nodes_of(tree) if isinstance(node, Split))
    assert replace(certificate, tree=replaced(tree, cut, cut.below)).verify() is False, "half of the box is missing"
    assert replace(certificate, tree=replaced(tree, cut, replace(cut, at=fmpq(10**6)))).verify() is False
    assert replace(certificate, tree=Leaf((), False)).verify() is False
    assert replace(certificate, tree=Leaf((), True)).verify() is False
    assert replace(certificate, tree=Leaf(((0, fmpq(-(10**6))),), True)).verify() is False, "a negative multiplier"
    assert replace(certificate, tree=Leaf(((10**6, fmpq(1)),), False)).verify() is False, "there is no such row"
    assert replace(certificate, tree=Leaf((), True, (Tangent(99, (fmpq(0),)),))).verify() is False, "no such form"
    narrowed = next(node for node in nodes_of(tree) if isinstance(node, Narrowed))
    wrong = replace(narrowed, moves=(Move(0, True, ((0, fmpq(-5)),)),))
    assert replace(certificate, tree=replaced(tree, narrowed, wrong)).verify() is False, "a negative multiplier"
    nowhere = replace(narrowed, moves=(Move(7, True, ()),))
    assert replace(certificate, tree=replaced(tree, narrowed, nowhere)).verify() is False, "no such variable"


@settings(max_examples=60, deadline=None)
@given(polynomials(), boxes(), st.tuples(shares, shares, shares), st.lists(st.integers(-9, 9), min_size=9, max_size=9))
def test_tangents_hold_at_every_point(polynomial, box, share, numbers) -> None:
    """Also where they touch a form far away, and with the stronger ones at integers."""
    point = tuple(low + s * (high - low) for (low, high), s in zip(box, share, strict=True))
    for integers in (frozenset(), frozenset({0, 1, 2})):
        problem = factored(PolynomialProblem(RING, polynomial, (), ()), integers)
        values = lifted_point(problem, tuple(fmpq(v.floor()) for v in point) if integers else point)
        for number, form in enumerate(CutMaker(problem).forms):
            at = tuple(fmpq(numbers[i], 2) for i in range(len(form.places)))
            row = CutMaker(problem).row(Tangent(number, at), None, ())
            assert value_of(row, values) <= 0


def test_a_sum_of_squares_has_a_tangent_that_is_tight() -> None:
    """(x - y)^2 + (y - 2 z)^2 - 2 x + 1 is convex: with the tangent at a point the relaxation has the value there."""
    polynomial = RING.polynomial(sympy.expand((x - y) ** 2 + (y - 2 * z) ** 2 - 2 * x + 1))
    problem = factored(PolynomialProblem(RING, polynomial, (), ()))
    form = next(f for f in CutMaker(problem).forms if len(f.places) == 3)
    point = (fmpq(3), fmpq(1, 2), fmpq(-2))
    assert value_of(form.tangent(point), lifted_point(problem, point)) == 0
    concave = factored(PolynomialProblem(RING, RING.polynomial(x * y + y * z), (), ()))
    assert CutMaker(concave).forms == ()


def test_equations_make_variables_integer() -> None:
    ring = Ring((x, y, z))
    equation = ring.polynomial(3 * z - 6 * x * y + 9)
    assert factored(PolynomialProblem(ring, equation, (), (equation,)), frozenset({0, 1})).integers == {0, 1, 2}
    halves = ring.polynomial(2 * z - x)
    assert factored(PolynomialProblem(ring, halves, (), (halves,)), frozenset({0, 1})).integers == {0, 1}
    square = ring.polynomial(z**2 - x)
    assert factored(PolynomialProblem(ring, square, (), (square,)), frozenset({0, 1})).integers == {0, 1}


def test_the_proof_is_told(certificate: SpatialCertificate) -> None:
    told = " ".join(certificate.explanation())
    assert "(Weierstrass)" in told
    assert "(McCormick)" in told


def test_without_a_box_or_a_feasible_point_nothing_is_claimed() -> None:
    canonical, _ = canonicalize(Problem((x - y) ** 2, over=[x, y]))
    polynomial, lifting = lift(canonical)
    candidate = NumericCandidate(np.array([0.5, 0.5]), 0.0, 0.0)
    assert prove_in_a_box(polynomial, lifting, [candidate], time.monotonic() + 5) is None
    assert prove_in_a_box(polynomial, lifting, [], time.monotonic() + 5) is None


def test_the_solution_says_that_the_value_is_enclosed() -> None:
    problem = Problem(x * y, [x**2 + y**2 <= 2], over=[x, y], sense="max")
    exact = solve(problem)
    _, restoration = canonicalize(problem)
    enclosed = restore_enclosed(exact, certificate_of(problem), restoration, 0.0)
    assert enclosed.status is Status.OPTIMAL
    assert not enclosed.optimum.is_exact
    low, high = enclosed.value_interval
    assert low <= exact.value <= high
    assert high - low < sympy.Rational(1, 10**5)
    assert "enclosed in" in enclosed.explain()
