"""Functions of one variable in relaxations: images, preimages, tangents and chords hold at every point of an interval."""

import math

import pytest
from flint import fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lagrangian.algebra.rational_intervals import down, multiply, reciprocal, square, up
from lagrangian.conditions.atoms import Atom, Function, chord, tangent

POWERS = [fmpq(1, 2), fmpq(3), fmpq(-1), fmpq(-2), fmpq(1, 3), fmpq(3, 2), fmpq(4), fmpq(-1, 2), fmpq(5), fmpq(-3)]
ATOMS = [Atom(f, 0) for f in Function if f is not Function.POWER] + [Atom(Function.POWER, 0, p) for p in POWERS]
numbers = st.integers(-300, 300).map(lambda n: fmpq(n, 100))
shares = st.integers(0, 20).map(lambda n: fmpq(n, 20))


def value(atom: Atom, u: float) -> float:
    if atom.function is Function.POWER:
        p = int(atom.exponent.p) / int(atom.exponent.q)
        return u ** (int(p) if p == int(p) else p)
    functions = {
        Function.EXP: math.exp,
        Function.LOG: math.log,
        Function.SIN: math.sin,
        Function.COS: math.cos,
        Function.ABSOLUTE: abs,
        Function.ENTROPY: lambda x: x * math.log(x) if x else 0.0,
    }
    return functions[atom.function](u)


def interval(atom: Atom, left: fmpq, right: fmpq) -> tuple[fmpq, fmpq]:
    low, high = sorted((left, right))
    return tuple(sorted((abs(low), abs(high)))) if atom.domain[0] is not None else (low, high)


def room(v: float) -> float:
    return 1e-9 * (1.0 + abs(v))


@pytest.mark.parametrize("atom", ATOMS, ids=str)
@settings(max_examples=60, deadline=None)
@given(left=numbers, right=numbers, at=shares, share=shares)
def test_bounds_hold_at_every_point(atom, left, right, at, share) -> None:
    low, high = interval(atom, left, right)
    u = low + share * (high - low)
    try:
        v = value(atom, float(u))
    except (ValueError, ZeroDivisionError):
        assume(False)
    image = atom.image((low, high))
    assert image[0] is None or float(image[0]) <= v + room(v)
    assert image[1] is None or float(image[1]) >= v - room(v)
    back = atom.preimage(image, (low, high))
    assert (back[0] is None or back[0] <= u) and (back[1] is None or back[1] >= u)
    for above in (False, True):
        line = tangent(atom, low, high, low + at * (high - low), above=above)
        if line is not None:
            bound = float(line[0]) * float(u) + float(line[1])
            assert bound >= v - room(v) if above else bound <= v + room(v)


@pytest.mark.parametrize("atom", ATOMS, ids=str)
@settings(max_examples=30, deadline=None)
@given(left=numbers, right=numbers, share=shares)
def test_chords_bound_from_the_side_where_the_curvature_says_so(atom, left, right, share) -> None:
    low, high = interval(atom, left, right)
    assume(low < high)
    least, most = atom.curvature(low, high)
    u = low + share * (high - low)
    for above, applies in ((True, least is not None and least >= 0), (False, most is not None and most <= 0)):
        line = chord(atom, low, high, above=above) if applies else None
        if line is not None:
            v, bound = value(atom, float(u)), float(line[0]) * float(u) + float(line[1])
            assert bound >= v - room(v) if above else bound <= v + room(v)


def test_a_tangent_touches_where_it_should() -> None:
    for atom in (Atom(Function.EXP, 0), Atom(Function.POWER, 0, fmpq(4)), Atom(Function.ENTROPY, 0)):
        slope, constant = tangent(atom, fmpq(1, 2), fmpq(2), fmpq(1), above=False)
        assert abs(float(slope) + float(constant) - value(atom, 1.0)) < 1e-9


def test_tiny_values_stay_short() -> None:
    low, high = Atom(Function.EXP, 0).value(fmpq(-(10**9)))
    assert low == 0 < high <= fmpq(1, 10**300)


def test_huge_values_count_as_infinite() -> None:
    assert Atom(Function.EXP, 0).image((fmpq(0), fmpq(10**9)))[1] is None
    assert Atom(Function.LOG, 0).image((fmpq(0), fmpq(1)))[0] is None


@settings(max_examples=80, deadline=None)
@given(a=numbers, b=numbers, c=numbers, d=numbers, s=shares, t=shares)
def test_interval_operations_hold_all_results(a, b, c, d, s, t) -> None:
    (a, b), (c, d) = sorted((a, b)), sorted((c, d))
    u, v = a + s * (b - a), c + t * (d - c)
    assert inside(multiply((a, b), (c, d)), u * v)
    assert inside(multiply((a, None), (c, d)), u * v) and inside(multiply((a, b), (None, d)), u * v)
    assert inside(square((a, b)), u * u) and inside(square((a, None)), u * u)
    if v != 0:
        assert inside(reciprocal((c, d)), 1 / v)
    assert down(u / 7) <= u / 7 <= up(u / 7)


def inside(side, value) -> bool:
    return (side[0] is None or side[0] <= value) and (side[1] is None or side[1] >= value)
