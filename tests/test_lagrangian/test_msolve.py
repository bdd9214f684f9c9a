"""The optional engine: the zeros it names are those of the built-in one, and nonsense from it is not believed."""

import subprocess

import pytest
import sympy

from lagrangian.algebra.numbers import same_point
from lagrangian.algebra.polynomials import Ring
from lagrangian.algebra.zeros import FiniteZeros, NoZeros, Undecided
from lagrangian.candidates import msolve
from lagrangian.candidates.groebner import solve_by_groebner
from lagrangian.candidates.msolve import find_msolve, solve_by_msolve

x, y = sympy.symbols("x y")
ring = Ring((x, y))

SYSTEMS = [
    (x**2 + y**2 - 5, x * y - 2),
    (x**3 - y, y**2 - x - 1),
    (x - y, 2 * x + y - 3),
    (x**2 - 2, y - x**2),
]


def polynomials(expressions):
    return [ring.polynomial(expression) for expression in expressions]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch):
    """Stands in for the program: solve a system to which it answers with a given text."""

    def solve(equations, text: str):
        done = subprocess.CompletedProcess([], 0, stdout=text, stderr="")
        monkeypatch.setattr(msolve, "find_msolve", lambda: "msolve")
        monkeypatch.setattr(msolve.subprocess, "run", lambda *_, **__: done)
        return solve_by_msolve(ring, polynomials(equations))

    return solve


@pytest.mark.parametrize("equations", SYSTEMS)
def test_the_zeros_are_those_of_the_built_in_engine(equations) -> None:
    if find_msolve() is None:
        pytest.skip("the extra 'exact' is not installed")
    ours = solve_by_groebner(ring, polynomials(equations)).real_points()
    found = solve_by_msolve(ring, polynomials(equations))
    assert isinstance(found, FiniteZeros)
    assert not found.proved
    theirs = found.real_points()
    assert len(theirs) == len(ours)
    assert all(any(same_point(a, b) for b in theirs) for a in ours)


def test_contradictions_and_infinitely_many_zeros() -> None:
    if find_msolve() is None:
        pytest.skip("the extra 'exact' is not installed")
    assert solve_by_msolve(ring, polynomials((x, x - 1, y))) == NoZeros(proved=False)
    assert isinstance(solve_by_msolve(ring, polynomials((x * y,))), Undecided)


# x = 1, y = 2: x0 and x1 as multiples of the derivative of the modulus, in the program's notation
GOOD = "[0, [0, 2, 1, ['x0', 'x1'], [0, 1], [1, [[1, [-2, 1]], [0, [1]], [[[0, [-1]], 1]]]]]]:"


def test_a_well_formed_answer_is_read(answer) -> None:
    found = answer((x - 1, y - 2), GOOD)
    assert isinstance(found, FiniteZeros)
    (point,) = found.real_points()
    assert [element.rational() for element in point.coordinates] == [1, 2]


@pytest.mark.parametrize("text", ["", "nonsense", "[0, [0, 2]]:", "[0]:", "{}", GOOD.replace("-2", "5/")])
def test_an_answer_that_is_not_understood_decides_nothing(answer, text: str) -> None:
    assert answer((x - 1, y - 2), text) == Undecided("msolve's answer was not understood")


def test_zeros_that_do_not_satisfy_the_equations_are_not_believed(answer) -> None:
    assert answer((x - 1, y - 3), GOOD) == Undecided("msolve's answer does not satisfy the equations")


def test_without_the_program_or_time_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(msolve, "find_msolve", lambda: "msolve")
    assert solve_by_msolve(ring, polynomials((x, y)), deadline=0.0) == Undecided("the time limit came")
    monkeypatch.setattr(msolve, "find_msolve", lambda: None)
    undecided = solve_by_msolve(ring, polynomials((x, y)))
    assert "pip install lagrangian-w2v[exact]" in undecided.reason
