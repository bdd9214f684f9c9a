"""Both values of a problem and its dual with their certificate in a file: the problem as stated, p*, d*, and the proof.

    {"format": "lagrangian certificate", "version": 1, "problem": {...}, "duality": {...}, "nodes": [...], "root": 57}

``duality`` says in floating point, for readers, what the nodes say exactly: both values, as stated, and the canonical multiplier
of each inequality and equation, "kept" for those that stay in the inner problem.
"""

from dataclasses import dataclass
from os import PathLike
from typing import Any

from sympy import Expr

from lagrangian.errors import CertificateFileError
from lagrangian.exact_numbers import ExactNumber
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.proof.duality import DualityCertificate
from lagrangian.proof.encoding import FORMAT, VERSION, decode, document, encode, read_document
from lagrangian.stored import (
    CertificateFile,
    StoredNumber,
    agrees,
    answer_file,
    finite,
    problem_as_written,
    read_with,
    stated_problem,
    stored_number,
    write_whole,
)

KEYS = {"format", "version", "problem", "duality", "nodes", "root"}
KEPT = "kept"


@dataclass(frozen=True, eq=False)
class StoredDuality:
    """p* and d* of the canonical problem with their proof, and the multipliers: None for constraints without one."""

    primal: StoredNumber
    dual: StoredNumber
    multipliers: tuple[StoredNumber | None, ...]
    certificate: DualityCertificate


@dataclass(frozen=True, eq=False)
class DualityFile:
    """What a file holds: the problem as it is stated there, and what is said of its dual."""

    problem: Problem
    duality: StoredDuality


EXTRA_CLASSES = (StoredDuality, StoredNumber, DualityCertificate)


def duality_to_json(problem: Problem, certificate: DualityCertificate) -> str:
    """The problem, both values and the certificate as JSON text.

    Raises:
        CertificateFileError: for something that has no JSON form.
    """
    restoration = canonicalize(problem)[1]

    def stored(value: Expr) -> StoredNumber:
        return stored_number(ExactNumber(value), restoration)

    multipliers = (*certificate.inequality_multipliers, *certificate.equality_multipliers)
    duality = StoredDuality(
        stored(certificate.primal_value),
        stored(certificate.dual_value),
        tuple(None if value is None else stored(value) for value in multipliers),
        certificate,
    )
    nodes, root = encode(duality, EXTRA_CLASSES)
    head = {"format": FORMAT, "version": VERSION, "problem": problem_as_written(problem)}
    return document({**head, "duality": _readable(duality, restoration.objective_sign), "nodes": nodes, "root": root})


def _readable(duality: StoredDuality, sign: int) -> dict[str, Any]:
    return {
        "primal_value_float": finite(sign * float(duality.primal)),
        "dual_value_float": finite(sign * float(duality.dual)),
        "multipliers_float": [KEPT if m is None else finite(float(m)) for m in duality.multipliers],
    }


def save_duality(problem: Problem, certificate: DualityCertificate, path: str | PathLike[str]) -> None:
    """Write the problem, both values and the certificate to a file, which is there as a whole or not at all.

    Raises:
        CertificateFileError: for something that has no JSON form, or a file that cannot be written.
    """
    write_whole(duality_to_json(problem, certificate), path)


def read_stored_file(path: str | PathLike[str]) -> CertificateFile | DualityFile:
    """What a file holds that `Solution.save_certificate` or `Duality.save_certificate` wrote; nothing is said of its truth.

    Raises:
        CertificateFileError: with the file and what is wrong in it.
    """
    return read_with(stored_file, path)


def stored_file(content: str | bytes) -> CertificateFile | DualityFile:
    """What the text of a file holds. Raises CertificateFileError."""
    data = read_document(content)
    return _duality_file(data) if "duality" in data else answer_file(data)


def _duality_file(data: dict[str, Any]) -> DualityFile:
    if set(data) != KEYS:
        raise CertificateFileError(f"the keys are not {', '.join(sorted(KEYS))}: the file holds no stored duality")
    problem = stated_problem(data["problem"])
    duality = decode(data["nodes"], data["root"], StoredDuality, EXTRA_CLASSES)
    if not agrees(data["duality"], _readable(duality, canonicalize(problem)[1].objective_sign)):
        raise CertificateFileError('"duality" is not what the nodes say')
    return DualityFile(problem, duality)
