"""Checking a stored answer again: that the proof holds, and that it proves this answer to this problem."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import sympy
from flint import fmpq
from sympy import Expr

from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, compare, same_point
from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.checking import holds
from lagrangian.conditions.domains import is_defined
from lagrangian.logic import Truth, all3
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.proof.about import is_about, is_same_statement, lifting_of
from lagrangian.proof.certificate import CLAIMS, Certificate
from lagrangian.proof.duality import DualityCertificate
from lagrangian.proof.enumeration import is_feasible, is_strict
from lagrangian.proof.proved import Bounds, ProvedValue, algebraic_points, proved_value
from lagrangian.shown import Shown
from lagrangian.status import Status
from lagrangian.stored import CertificateFile, StoredAnswer, StoredNumber
from lagrangian.stored_duality import DualityFile, StoredDuality, read_stored_file
from lagrangian.stored_text import answer_text, duality_text, expression_of


@dataclass(frozen=True)
class Check:
    """One thing that must be so for the answer to be proved: True, False, or None where it was not decided."""

    statement: str
    truth: Truth


@dataclass(frozen=True, eq=False)
class Verification(Shown):
    """What was checked of a stored answer, or of both values of a dual; checks behind a failed one are not made.

    >>> import os, tempfile
    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     minimize(x**2, [x >= 1], over=[x]).save_certificate(os.path.join(folder, "answer.json"))
    ...     verification = verify_file(os.path.join(folder, "answer.json"))
    >>> verification.proved, verification.sentence()
    (True, 'Proved (convexity): the minimum of x**2 subject to x >= 1 is 1, at x = 1.')
    """

    file: CertificateFile | DualityFile
    checks: tuple[Check, ...]

    @property
    def certificate(self) -> Certificate | DualityCertificate:
        """The certificate that the file holds."""
        return self.file.duality.certificate if isinstance(self.file, DualityFile) else self.file.answer.certificate

    @property
    def proved(self) -> Truth:
        """True where all checks hold, False where one is refuted, None where one was not decided."""
        return all3(check.truth for check in self.checks)

    def sentence(self) -> str:
        """The outcome in one sentence."""
        if self.proved is True:
            text = duality_text(self.file) if isinstance(self.file, DualityFile) else answer_text(self.file)
            return f"Proved ({self.certificate.kind}): {text}."
        failed = next(check for check in self.checks if check.truth is not True)
        word = "Refuted" if failed.truth is False else "Not proved"
        return f"{word}: it is {'not so' if failed.truth is False else 'not decided'} that {failed.statement}."


def verify_file(
    path: str | PathLike[str], problem: Problem | None = None, *, deadline: float = float("inf")
) -> Verification:
    """Read a file that `Solution.save_certificate` or `Duality.save_certificate` wrote and check everything in it again.

    Args:
        path: the file.
        problem: the problem that the file should be about; without it, that which the file states.
        deadline: for the check of the proof, in the seconds of time.monotonic().

    Raises:
        CertificateFileError: for a file that cannot be read, or is no certificate file.

    >>> import tempfile, os
    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x", real=True)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "answer.json")
    ...     minimize(x**2 - x, over=[x]).save_certificate(path)
    ...     print(verify_file(path).sentence())
    Proved (convexity): the minimum of x**2 - x is -1/4, at x = 1/2.
    """
    file = read_stored_file(path)
    if isinstance(file, DualityFile):
        return verify_duality(file, problem, deadline=deadline)
    return verify(file, problem, deadline=deadline)


def verify(file: CertificateFile, problem: Problem | None = None, *, deadline: float = float("inf")) -> Verification:
    """Check a stored answer against the problem that it states, or another one, see `verify_file`."""
    answer = file.answer
    stated = file.problem if problem is None else problem
    canonical, _ = canonicalize(stated)
    which = "stated in the file" if problem is None else "given"
    steps: list[tuple[str, Callable[[], Truth]]] = [
        (f"the proof is about the problem {which}", lambda: is_same_statement(answer.problem, canonical)),
        ("the sense of the problem given is that of the file", lambda: stated.sense is file.problem.sense),
        ("the certificate speaks of this problem", lambda: is_about(answer.certificate, answer.problem)),
        ("the certificate proves the status", lambda: CLAIMS.get(answer.status) is answer.certificate.claim),
        ("the certificate proves the value", lambda: _value_is_proved(answer)),
        ("the points are feasible and have the value", lambda: all3(_point_holds(answer, p) for p in answer.points)),
        ("the proof holds", lambda: _proof_holds(answer, deadline)),
    ]
    return Verification(file, _made(steps))


def verify_duality(
    file: DualityFile, problem: Problem | None = None, *, deadline: float = float("inf")
) -> Verification:
    """Check what is stored of a problem and its dual, for the problem that the file states, or another one."""
    duality, certificate = file.duality, file.duality.certificate
    stated = file.problem if problem is None else problem
    canonical, _ = canonicalize(stated)
    which = "stated in the file" if problem is None else "given"
    steps: list[tuple[str, Callable[[], Truth]]] = [
        (f"the proof is about the problem {which}", lambda: is_same_statement(certificate.problem, canonical)),
        ("the sense of the problem given is that of the file", lambda: stated.sense is file.problem.sense),
        ("the certificate has both values", lambda: _both_values_are_stated(duality)),
        ("the certificate has the multipliers", lambda: _multipliers_are_stated(duality)),
        ("the proof holds", lambda: True if holds(certificate, deadline) else certificate.verified),
    ]
    return Verification(file, _made(steps))


def _both_values_are_stated(duality: StoredDuality) -> Truth:
    certificate = duality.certificate
    return all3(
        [
            _is_stated(duality.primal, certificate.primal_value, certificate.problem),
            _is_stated(duality.dual, certificate.dual_value, certificate.problem),
        ]
    )


def _multipliers_are_stated(duality: StoredDuality) -> Truth:
    certificate, stated = duality.certificate, duality.multipliers
    values = (*certificate.inequality_multipliers, *certificate.equality_multipliers)
    if len(values) != len(stated) or any((s is None) is not (v is None) for s, v in zip(stated, values, strict=True)):
        return False
    pairs = [(s, v) for s, v in zip(stated, values, strict=True) if s is not None and v is not None]
    return all3(_is_stated(number, value, certificate.problem) for number, value in pairs)


def _is_stated(number: StoredNumber, value: Expr, problem: CanonicalProblem) -> Truth:
    """Whether a number is stated exactly and between its own bounds; an expression with parameters has none."""
    if number.exact is None or not value.free_symbols <= set(problem.parameters):
        return False
    return all3([_are_equal(number.exact, value), _is_within_own_bounds(number)])


def _made(steps: Sequence[tuple[str, Callable[[], Truth]]]) -> tuple[Check, ...]:
    """The checks in order, up to the first that fails."""
    checks: list[Check] = []
    for statement, step in steps:
        checks.append(Check(statement, _attempt(step)))
        if checks[-1].truth is not True:
            break
    return tuple(checks)


def _attempt(step: Callable[[], Truth]) -> Truth:
    try:
        return step()
    except Exception:
        # parts that do not fit together (of a file that was tampered with) make the libraries raise almost anything
        return None


def _proof_holds(answer: StoredAnswer, deadline: float) -> Truth:
    return True if holds(answer.certificate, deadline) else answer.certificate.verified


def values_agree(left: ProvedValue, right: ProvedValue) -> Truth:
    """Whether two proved values can both be right: equal numbers, or intervals that meet."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, tuple) and isinstance(right, tuple):
        return left[0] <= right[1] and right[0] <= left[1]
    if isinstance(left, tuple):
        return (
            None if isinstance(right, tuple) else all3([_is_at_least(right, left[0]), _is_at_least(-right, -left[1])])
        )
    if isinstance(right, tuple):
        return values_agree(right, left)
    return _are_equal(left, right)


def _value_is_proved(answer: StoredAnswer) -> Truth:
    proved, stated = proved_value(answer.certificate), answer.value
    if answer.status in (Status.INFEASIBLE, Status.UNBOUNDED):
        return stated is None and not answer.points
    if proved is None or stated is None:
        return None
    if isinstance(proved, tuple):
        return stated.exact is None and _is_within(proved, stated)
    if stated.exact is None:
        return None
    return all3([_are_equal(stated.exact, proved), _is_within_own_bounds(stated)])


def _is_within(proved: Bounds, stated: StoredNumber) -> bool:
    return stated.low is not None and stated.high is not None and stated.low <= proved[0] and proved[1] <= stated.high


def _is_within_own_bounds(number: StoredNumber) -> Truth:
    if number.low is None or number.high is None or number.exact is None:
        return number.low is None and number.high is None
    return all3([_is_at_least(number.exact, number.low), _is_at_least(-number.exact, -number.high)])


def _is_at_least(number: FieldElement | Expr, bound: fmpq) -> Truth:
    if isinstance(number, FieldElement):
        return (number - bound).sign() >= 0
    return is_nonnegative(number - sympy.Rational(int(bound.p), int(bound.q)))


def _are_equal(left: FieldElement | Expr, right: FieldElement | Expr) -> Truth:
    if isinstance(left, FieldElement) and isinstance(right, FieldElement):
        return compare(left, right) == 0
    return is_zero(expression_of(left) - expression_of(right))


def _point_holds(answer: StoredAnswer, point: tuple[StoredNumber, ...]) -> Truth:
    """Whether a point that is stated exactly is feasible and has the stated value; of estimates nothing is claimed."""
    if answer.value is None or any(number.exact is None for number in point):
        return answer.value is not None
    if answer.value.exact is None or answer.status is Status.NOT_ATTAINED:
        return answer.status is not Status.NOT_ATTAINED
    enclosed = all3(map(_is_within_own_bounds, point))
    if enclosed is not True:
        return enclosed
    exact = [number.exact for number in point if number.exact is not None]
    if all(isinstance(x, FieldElement) for x in exact):
        found = _algebraic_point_holds(answer, exact, answer.value.exact)
        if found is not None:
            return found
    problem = answer.problem
    names = {v: expression_of(x) for v, x in zip(problem.variables, exact, strict=True)}
    return _expressions_hold(problem, names, expression_of(answer.value.exact))


def _algebraic_point_holds(answer: StoredAnswer, exact: Sequence[Any], value: FieldElement | Expr) -> Truth:
    """By exact arithmetic in the number field; None where the problem has further variables, or no field holds everything."""
    lifted = lifting_of(answer.problem)
    if lifted is None or answer.problem.integers or len({x.root for x in exact}) != 1:
        return None
    given = AlgebraicPoint(exact[0].root, tuple(exact))
    count = len(exact)
    known = [p for p in algebraic_points(answer.certificate) if len(p.coordinates) == lifted.dimension]
    for candidate in [given] if lifted.dimension == count else known:
        first = AlgebraicPoint(candidate.root, candidate.coordinates[:count])
        if same_point(first, given):
            feasible = is_feasible(lifted, candidate) and is_strict(lifted, candidate, lifted.strict)
            return feasible and _are_equal(candidate.value(lifted.objective), value)
    return None


def _expressions_hold(problem: CanonicalProblem, point: dict[Any, Expr], value: Expr) -> Truth:
    return all3(
        [
            *(is_defined(f, point) for f in problem.functions if f.free_symbols.isdisjoint(problem.parameters)),
            *(point[v].is_integer for v in problem.variables if v in problem.integers),
            is_zero(problem.objective.xreplace(point) - value),
            *(is_zero(h.expression.xreplace(point)) for h in problem.equalities),
            *(
                (is_positive if g.strict else is_nonnegative)(-g.expression.xreplace(point), problem.assumptions)
                for g in problem.inequalities
            ),
        ]
    )
