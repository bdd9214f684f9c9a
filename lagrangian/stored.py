"""An answer with its certificate in a file: the problem as stated, the status, value and points, and the proof.

    {"format": "lagrangian certificate", "version": 1, "problem": {...}, "answer": {...}, "nodes": [...], "root": 57}

``problem`` has the form of a problem file. ``answer`` says the status, and the value and points in floating point, for readers;
the exact numbers are in the nodes, see `lagrangian.proof.encoding`.
"""

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

import flint
from flint import fmpq
from sympy import Expr

from lagrangian.algebra.numbers import FieldElement
from lagrangian.errors import CertificateFileError, LagrangianError, ProblemFileError
from lagrangian.exact_numbers import PRECISION, ExactNumber
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.files import problem_from_dict
from lagrangian.problem.problem import Problem
from lagrangian.problem.writing import problem_to_dict
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.encoding import FORMAT, MAX_BYTES, VERSION, decode, document, encode, read_document
from lagrangian.solution import Solution
from lagrangian.status import Status

Held = TypeVar("Held")
KEYS = {"format", "version", "problem", "answer", "nodes", "root"}


@dataclass(frozen=True, eq=False)
class StoredNumber:
    """A number: exactly, where ``exact`` is there, and in any case between ``low`` and ``high``, where those are known."""

    exact: FieldElement | Expr | None
    low: fmpq | None
    high: fmpq | None

    @property
    def negated(self) -> "StoredNumber":
        ends = (None if end is None else -end for end in (self.high, self.low))
        return StoredNumber(None if self.exact is None else -self.exact, *ends)

    def __float__(self) -> float:
        """The middle, or NaN for a number with parameters."""
        if self.low is None or self.high is None:
            return float("nan")
        middle = (self.low + self.high) / 2
        return int(middle.p) / int(middle.q)


@dataclass(frozen=True, eq=False)
class StoredAnswer:
    """A status with its proof, in terms of the canonical problem: its symbols, and the value that is minimized.

    The points are in the order of the problem's variables.
    """

    status: Status
    problem: CanonicalProblem
    value: StoredNumber | None
    points: tuple[tuple[StoredNumber, ...], ...]
    certificate: Certificate


@dataclass(frozen=True, eq=False)
class CertificateFile:
    """What a file holds: the problem as it is stated there, and the answer."""

    problem: Problem
    answer: StoredAnswer


EXTRA_CLASSES = (StoredAnswer, StoredNumber, Status)


def stored_answer(solution: Solution) -> StoredAnswer:
    """The answer as it is stored. Raises CertificateFileError where nothing was proved."""
    if solution.certificate is None:
        raise CertificateFileError(
            f"there is no certificate: the status is {solution.status.value}, and nothing was proved"
        )
    canonical, restoration = canonicalize(solution.problem)
    value = None if solution.optimum is None else stored_number(solution.optimum, restoration)
    if value is not None and restoration.objective_sign < 0:
        value = value.negated
    samples = [{v: ExactNumber(e) for v, e in family.sample.items()} for family in solution.families]
    points = tuple(
        tuple(stored_number(point[v], restoration) for v in solution.problem.over)
        for point in (*solution.coordinates, *samples)
    )
    return StoredAnswer(solution.status, canonical, value, points, solution.certificate)


def stored_number(number: ExactNumber, restoration: Restoration) -> StoredNumber:
    ball = number.ball()
    low = high = None
    if ball is not None:
        with flint.ctx.workprec(2 * PRECISION):
            low, high = ball.lower().fmpq(), ball.upper().fmpq()
    return StoredNumber(_exact(number, restoration) if number.is_exact else None, low, high)


def _exact(number: ExactNumber, restoration: Restoration) -> FieldElement | Expr:
    source = number.signed_source
    if isinstance(source, FieldElement):
        return source
    stated = (*restoration.problem.over, *restoration.problem.parameters)
    return source.xreplace(dict(zip(stated, (*restoration.variables, *restoration.parameters), strict=True)))


def answer_to_json(solution: Solution) -> str:
    """The problem, the answer and the certificate as JSON text.

    Raises:
        CertificateFileError: where nothing was proved, or something has no JSON form.
    """
    answer = stored_answer(solution)
    problem = problem_as_written(solution.problem)
    nodes, root = encode(answer, EXTRA_CLASSES)
    sign = canonicalize(solution.problem)[1].objective_sign
    readable = readable_answer(answer, [variable.name for variable in solution.problem.over], sign)
    return document(
        {"format": FORMAT, "version": VERSION, "problem": problem, "answer": readable, "nodes": nodes, "root": root}
    )


def problem_as_written(problem: Problem) -> dict[str, Any]:
    """The problem in the form of a problem file. Raises CertificateFileError where it has none."""
    try:
        return problem_to_dict(problem)
    except ProblemFileError as error:
        raise CertificateFileError(str(error)) from None


def readable_answer(answer: StoredAnswer, names: list[str], sign: int) -> dict[str, Any]:
    """The status, and the value and points in floating point; null for what has parameters or is only estimated."""
    return {
        "status": answer.status.value,
        "value_float": None if answer.value is None else finite(sign * float(answer.value)),
        "points_float": [
            {name: finite(float(x)) for name, x in zip(names, point, strict=True)} for point in answer.points
        ],
    }


def finite(value: float) -> float | None:
    return value if abs(value) < float("inf") else None


def save_certificate(solution: Solution, path: str | PathLike[str]) -> None:
    """Write the problem, the answer and the certificate to a file, which is there as a whole or not at all.

    Raises:
        CertificateFileError: where nothing was proved, something has no JSON form, or the file cannot be written.
    """
    write_whole(answer_to_json(solution), path)


def write_whole(
    text: str, path: str | PathLike[str], error_class: type[LagrangianError] = CertificateFileError
) -> None:
    """Write a text to a file, which is there as a whole or not at all. Raises the error that is named."""
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(dir=target.parent or ".", prefix=f".{target.name[:100]}.", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(name, _mode_of_new_files())
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise error_class(f"{str(path)[:200]!r} cannot be written: {reason}") from None


def _mode_of_new_files() -> int:
    """Who may read a new file, as the user's umask says it: temporary files are for their owner alone."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def read_certificate_file(path: str | PathLike[str]) -> CertificateFile:
    """What a file that `save_certificate` wrote holds; nothing is said of its truth.

    Raises:
        CertificateFileError: with the file and what is wrong in it.
    """
    return read_with(certificate_file, path)


def read_with(parse: Callable[[bytes], Held], path: str | PathLike[str]) -> Held:
    """What a function makes of the content of a file; its errors name the file. Raises CertificateFileError."""
    try:
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CertificateFileError(f"{str(path)[:200]!r} cannot be read: {reason}") from None
    try:
        return parse(content)
    except CertificateFileError as error:
        raise CertificateFileError(f"{str(path)[:200]!r}: {error}") from None


def certificate_file(content: str | bytes) -> CertificateFile:
    """What the text of a certificate file holds. Raises CertificateFileError."""
    return answer_file(read_document(content))


def answer_file(data: dict[str, Any]) -> CertificateFile:
    """The stored answer in the JSON object of a file. Raises CertificateFileError."""
    if set(data) != KEYS:
        raise CertificateFileError(f"the keys are not {', '.join(sorted(KEYS))}: the file holds no stored answer")
    problem = stated_problem(data["problem"])
    answer = decode(data["nodes"], data["root"], StoredAnswer, EXTRA_CLASSES)
    if any(len(point) != len(answer.problem.variables) for point in answer.points):
        raise CertificateFileError("a point has not as many coordinates as there are variables")
    names = [variable.name for variable in answer.problem.variables]
    if not agrees(data["answer"], readable_answer(answer, names, canonicalize(problem)[1].objective_sign)):
        raise CertificateFileError('"answer" is not what the nodes say')
    return CertificateFile(problem, answer)


def stated_problem(stated: Any) -> Problem:
    try:
        return problem_from_dict(stated)
    except ProblemFileError as error:
        raise CertificateFileError(f'"problem": {error}') from None


def agrees(stated: Any, expected: Any) -> bool:
    """Whether two JSON values are the same up to rounding."""
    if isinstance(expected, dict):
        return (
            isinstance(stated, dict)
            and set(stated) == set(expected)
            and all(agrees(stated[k], expected[k]) for k in expected)
        )
    if isinstance(expected, list):
        return isinstance(stated, list) and len(stated) == len(expected) and all(map(agrees, stated, expected))
    if isinstance(expected, float):
        return isinstance(stated, float | int) and abs(stated - expected) <= 1e-9 * (1 + abs(expected))
    return type(stated) is type(expected) and bool(stated == expected)
