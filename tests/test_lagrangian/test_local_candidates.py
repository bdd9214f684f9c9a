"""Numerical candidates in `solve`: from the kernel as well, and proved to be local optima where that can be done."""

import time
from pathlib import Path

import numpy as np
import pytest
import sympy
from flint import fmpq
from sympy import Eq, Symbol, exp, log, sin, symbols

from lagrangian.conditions.kkt_balls import kkt_program
from lagrangian.methods import running
from lagrangian.methods.numeric import local_solutions, some_local_solutions
from lagrangian.methods.task import Finding, nothing_known, prepare
from lagrangian.numeric import kernel_candidates as module
from lagrangian.numeric.kernel_candidates import is_kernel_cached, kernel_candidates
from lagrangian.numeric.kkt_verification import verify_near
from lagrangian.numeric.local import NumericCandidate, numeric_candidates
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem, Sense
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.kkt_box import KKTBoxCertificate
from lagrangian.proof.proved import proved_value
from lagrangian.prove_line import prove_on_line
from lagrangian.restore_local import local_certificate
from lagrangian.solution import Solution
from lagrangian.status import Status
from lagrangian.verification import verify_file

x, y, z = symbols("x y z", real=True)
# stationary where 2 x = cos(x) exp(y) and so on: no closed form is known
HARD = Problem(
    x**2 + y**2 + sin(x * y) + exp(x - y) / 3 + z**2 * log(3 + x**2), [x * y * z + exp(z) >= 2], over=[x, y, z]
)


def certificate_of(problem: Problem, point: list[float]) -> KKTBoxCertificate | None:
    canonical = canonicalize(problem)[0]
    place = np.array(point)
    values = dict(zip(canonical.variables, point, strict=True))
    candidate = NumericCandidate(place, float(canonical.objective.xreplace(values)), 0.0)
    return local_certificate(canonical, candidate)


def answered(problem: Problem, point: list[float]) -> Solution:
    """What a run that has found nothing else says of a numerical candidate."""
    task = prepare(problem)
    values = dict(zip(task.canonical.variables, point, strict=True))
    candidate = NumericCandidate(np.array(point), float(task.canonical.objective.xreplace(values)), 0.0)
    run = running.Run(problem, time.monotonic(), None, None)
    run.task, run.known = task, nothing_known(problem).after(Finding(candidates=(candidate,)))
    return run.answer()


def test_a_candidate_that_is_a_strict_local_optimum_is_said_to_be_one(tmp_path: Path) -> None:
    """sin x + sin(x)**3 exp(x) / 9 on the line has infinitely many; the one near -pi/2 is proved, and the file too."""
    problem = Problem(sin(x) + sin(x) ** 3 * exp(x) / 9, over=[x])
    start = min(numeric_candidates(canonicalize(problem)[0], time.monotonic() + 20, most=6), key=lambda c: c.value)
    solution = answered(problem, list(start.point))
    assert solution.status is Status.LOCAL
    assert solution.certificate is not None and solution.certificate.kind == "KKT box"
    assert solution.value_interval is not None
    low, high = solution.value_interval
    assert high - low < sympy.Rational(1, 10**30)
    assert "SLSQP" in solution.missing[0] and "strict local optimum" in solution.missing[0]
    assert "Krawczyk" in solution.explain()
    solution.save_certificate(tmp_path / "answer.json")
    assert verify_file(tmp_path / "answer.json").proved is True
    other = Problem(sin(x) + sin(x) ** 3 * exp(x) / 8, over=[x])
    assert verify_file(tmp_path / "answer.json", other).proved is not True


def test_a_maximum_is_given_in_the_stated_sense() -> None:
    """x exp(-x) has its maximum 1/e at 1."""
    solution = answered(Problem(x * exp(-x), over=[x], sense=Sense.MAXIMIZE), [1.00001])
    assert solution.status is Status.LOCAL
    assert float(solution.value or 0) == pytest.approx(np.exp(-1))
    low, high = solution.value_interval or (1, 0)
    assert low < sympy.exp(-1) < high or bool(low <= sympy.exp(-1).n(60) <= high)


def test_a_candidate_that_is_no_kkt_point_stays_undecided() -> None:
    """Hock and Schittkowski (1981), problem 13: the optimum (1, 0) is no KKT point."""
    problem = Problem((x - 2) ** 2 + y**2, [(1 - x) ** 3 >= y, x >= 0, y >= 0], over=[x, y])
    solution = answered(problem, [1.0, 0.0])
    assert solution.status is Status.UNDECIDED and solution.certificate is None
    assert "numerical candidate of SLSQP" in solution.missing[0]


# --- attacks on the certificate -------------------------------------------------------------------------------------


def test_certificates_of_other_points_and_problems_fail() -> None:
    good = certificate_of(HARD, list(_minimum_of(HARD)))
    assert good is not None and good.verify() is True
    n = len(good.problem.variables)
    assert isinstance(proved_value(good), tuple)
    moved = (good.middle[0] + fmpq(1, 10**12), *good.middle[1:])
    assert KKTBoxCertificate(good.problem, good.held, moved, good.lower, good.upper).verify() is not True
    wrong = (*good.middle[:n], *(value + 1 for value in good.middle[n:]))
    assert KKTBoxCertificate(good.problem, good.held, wrong, good.lower, good.upper).verify() is not True
    assert KKTBoxCertificate(good.problem, (), good.middle, good.lower, good.upper).verify() is not True
    assert KKTBoxCertificate(good.problem, (0, 0), good.middle, good.lower, good.upper).verify() is False
    assert KKTBoxCertificate(good.problem, (7,), good.middle, good.lower, good.upper).verify() is False
    assert KKTBoxCertificate(good.problem, good.held, good.middle[1:], good.lower, good.upper).verify() is False
    better = good.lower - fmpq(1, 10**9)
    assert KKTBoxCertificate(good.problem, good.held, good.middle, better, better).verify() is False
    precise = (good.middle[0] + fmpq(1, 3) / 2**300, *good.middle[1:])
    assert KKTBoxCertificate(good.problem, good.held, precise, good.lower, good.upper).verify() is not True


def _minimum_of(problem: Problem) -> np.ndarray:
    canonical = canonicalize(problem)[0]
    return numeric_candidates(canonical, time.monotonic() + 20, most=4)[0].point


def test_saddles_have_no_certificate() -> None:
    kkt = kkt_program(canonicalize(Problem(x**2 - y**2, over=[x, y]))[0])
    assert verify_near(kkt, np.zeros(2)).verified
    assert certificate_of(Problem(x**2 - y**2, over=[x, y]), [0.0, 0.0]) is None
    zero = fmpq(0)
    assert KKTBoxCertificate(kkt.canonical, (), (zero, zero), zero, zero).verify() is False


def test_a_candidate_far_from_the_kkt_point_is_not_given_its_proof() -> None:
    canonical = canonicalize(Problem(x**2, over=[x]))[0]
    assert local_certificate(canonical, NumericCandidate(np.array([0.0]), -1.0, 0.0)) is None
    assert local_certificate(canonical, NumericCandidate(np.array([0.5]), 0.25, 0.0)) is None


def test_the_certificate_is_stored_and_read_again() -> None:
    good = certificate_of(Problem(exp(x) + y**2, [x + y >= 1], over=[x, y]), [0.3149230578, 0.6850769422])
    assert good is not None
    again = certificate_from_json(certificate_to_json(good))
    assert again.verify() is True and isinstance(again, KKTBoxCertificate) and again.middle == good.middle


# --- the kernel as a source -----------------------------------------------------------------------------------------


def test_the_kernel_finds_what_slsqp_finds() -> None:
    """Goldstein and Price (1971): the least value 3 at (0, -1), among four minima."""
    first = 1 + (x + y + 1) ** 2 * (19 - 14 * x + 3 * x**2 - 14 * y + 6 * x * y + 3 * y**2)
    second = 30 + (2 * x - 3 * y) ** 2 * (18 - 32 * x + 12 * x**2 + 48 * y - 36 * x * y + 27 * y**2)
    problem = Problem(first * second, over=[x, y], bounds={x: (-2, 2), y: (-2, 2)})
    canonical = canonicalize(problem)[0]
    found = list(kernel_candidates(canonical, time.monotonic() + 60))
    assert min(c.value for c in found) == pytest.approx(3, abs=1e-6)
    assert all(c.source == "interior point kernel" and c.residual <= 1e-7 for c in found)
    best = numeric_candidates(canonical, time.monotonic() + 30, most=2, others=found)[0]
    assert best.value == pytest.approx(3, abs=1e-9)


def test_constraints_of_all_kinds_reach_the_kernel() -> None:
    """The point of x + 2 y = 3, y < 1/2 nearest to the origin is (2, 1/2)."""
    positive = Symbol("p", positive=True)
    problem = Problem(positive**2 + y**2, [Eq(positive + 2 * y, 3), y < sympy.Rational(1, 2)], over=[positive, y])
    found = list(kernel_candidates(canonicalize(problem)[0], time.monotonic() + 60))
    assert min(c.value for c in found) == pytest.approx(4.25, abs=1e-6)


def test_what_cannot_be_compiled_in_time_has_no_candidates(monkeypatch: pytest.MonkeyPatch) -> None:
    canonical = canonicalize(Problem(x**2, over=[x]))[0]
    assert list(kernel_candidates(canonical, time.monotonic())) == []
    monkeypatch.setattr(module, "INSTRUCTIONS_PER_S", 0)
    assert list(kernel_candidates(canonical, time.monotonic() + 60)) == []
    unknown = canonicalize(Problem(sympy.zeta(x), over=[x]))[0]
    assert list(kernel_candidates(unknown, time.monotonic() + 60)) == []


def test_the_kernel_counts_as_cached_once_it_has_run() -> None:
    list(kernel_candidates(canonicalize(Problem(x**2, over=[x]))[0], time.monotonic() + 120))
    assert is_kernel_cached()


def test_a_kernel_that_is_not_on_disk_is_not_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    class Stats:
        cache_path = str(tmp_path)

    class Run:
        stats = Stats()

    monkeypatch.setattr(module.interior_point, "run", Run())
    assert not is_kernel_cached()


def test_the_least_value_of_the_gamma_function_is_found_and_proved_to_be_a_local_minimum():
    """At 1.46163214496836..., where the digamma function vanishes (Deming and Colcord 1935)."""
    canonical, _ = canonicalize(Problem(sympy.gamma(x), [x >= 1, x <= 3], over=[x]))
    best = numeric_candidates(canonical, time.monotonic() + 10)[0]
    assert local_certificate(canonical, best).verify() is True
    assert abs(best.value - 0.885603194410888700) < 1e-9


class OwnFunction(sympy.Function):
    """Its own derivative, and known to no library."""

    def fdiff(self, argindex=1):
        return self


@pytest.mark.parametrize(
    ("function", "missing"),
    [
        (sympy.floor(x), "there is no code for Derivative(floor(x), x)"),
        (sympy.Integral(exp(-(z**2) * x), (z, 0, 1)), "there is no code for Integral(exp(-x*z**2), (z, 0, 1))"),
        (OwnFunction(x / 4), "there is no code for the function OwnFunction"),
    ],
)
def test_functions_that_cannot_be_computed_are_a_reason_and_no_warning(function, missing):
    problem = Problem(function, [x >= 1, x <= 3], over=[x])
    task, known = prepare(problem), nothing_known(problem)
    first = some_local_solutions(task, known, time.monotonic() + 5)
    assert (first.solution, first.candidates, first.reason) == (None, (), "")
    assert local_solutions(task, known, time.monotonic() + 5).reason == f"local solutions: {missing}"


def test_a_floor_on_a_line_is_not_decided_and_no_error():
    canonical, _ = canonicalize(Problem(sympy.floor(x), [x >= 1, x <= 3], over=[x]))
    assert prove_on_line(canonical, time.monotonic() + 5) is None
