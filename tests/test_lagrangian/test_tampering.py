"""Stored certificates with one part changed: where they still hold, they prove the same claim, or a true one of another problem.

Every number, reference and list of the table of nodes is a place that may be changed. A change may leave a proof valid, such as
multipliers that are not used: so what is demanded is that nothing wrong is proved, and that nothing but the package's own error
comes out of reading.
"""

import json
import random
import signal
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from lagrangian import Claim, canonicalize, certificate_from_json, certificate_to_json, solve
from lagrangian.errors import CertificateFileError
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.about import is_about
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.proved import proved_value
from lagrangian.verification import values_agree
from tests.test_lagrangian.test_encoding import PROBLEMS

CHANGES = 40
LONGEST_S = 5.0
SAMPLES = 400


def places(node: Any, path: tuple = ()) -> Iterator[tuple]:
    """The places of all parts of a node, lists among them."""
    if path:
        yield path
    entries = enumerate(node) if isinstance(node, list) else node.items() if isinstance(node, dict) else ()
    for key, part in entries:
        yield from places(part, (*path, key))


def at(node: Any, path: tuple) -> Any:
    for key in path:
        node = node[key]
    return node


def changes_of(part: Any, number: int, kind: str) -> list[Any]:
    """Other values for a part of the node with this number."""
    if isinstance(part, bool):
        return [not part]
    if isinstance(part, int):
        is_reference = kind not in ("polynomial", "array", "root")
        return [*range(max(0, part - 2), part)] if is_reference and number else [part + 1, part - 1, 0]
    if isinstance(part, float):
        return [part + 1, part - 1, -part, "inf", "-inf", "nan"]
    if isinstance(part, list):
        return [part[:k] + part[k + 1 :] for k in range(len(part))] + [part + part[:1]]
    if not isinstance(part, str):
        return []
    letter, _, digits = part.rpartition(":")
    try:
        value = Fraction(float.fromhex(digits)) if letter == "f" else Fraction(digits)
    except (ValueError, OverflowError):
        return []
    others = {value + 1, value - 1, -value, value * 0} - {value}
    return [f"{letter}:{float(v).hex() if letter == 'f' else v}" if letter else str(v) for v in others]


def tampered(data: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """Copies with one change each, chosen by a fixed seed."""
    found = [
        (number, path, other)
        for number, node in enumerate(data["nodes"])
        for path in places(node)
        if path != (0,)
        for other in changes_of(at(node, path), number, node[0])
    ]
    for number, path, other in random.Random(1).sample(found, min(count, len(found))):
        nodes = json.loads(json.dumps(data["nodes"]))
        at(nodes[number], path[:-1])[path[-1]] = other
        yield {**data, "nodes": nodes}


def holds(data: dict[str, Any]) -> Certificate | None:
    """The certificate, if it can be read and verifies within some seconds."""
    try:
        certificate = certificate_from_json(json.dumps(data))
    except CertificateFileError:
        return None
    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError()))
    signal.setitimer(signal.ITIMER_REAL, LONGEST_S)
    try:
        return certificate if certificate.verify() is True else None
    except Exception:
        return None  # parts that do not fit together
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.parametrize("name", PROBLEMS)
def test_nothing_wrong_is_proved(name: str) -> None:
    problem, kind = PROBLEMS[name]
    canonical, _ = canonicalize(problem)
    certificate = solve(problem, time_limit_s=20).certificate
    assert isinstance(certificate, kind)
    for data in tampered(json.loads(certificate_to_json(certificate)), CHANGES):
        other = holds(data)
        if other is None:
            continue
        if is_about(other, canonical):
            assert other.claim is certificate.claim
            assert values_agree(proved_value(other), proved_value(certificate)) is True
        elif isinstance(getattr(other, "problem", None), CanonicalProblem):
            assert not refuted_by_samples(other)


def lower_end(value: Any) -> Any:
    if isinstance(value, tuple):
        return sympy.Rational(int(value[0].p), int(value[0].q))
    return value if isinstance(value, sympy.Expr) else value.enclosure(64).mid()


def refuted_by_samples(certificate: Certificate) -> bool:
    """Whether a random point is feasible though there should be none, or has a value below the one proved."""
    problem = certificate.problem
    value = proved_value(certificate)
    if problem.parameters or certificate.claim in (Claim.UNBOUNDED, Claim.LOCAL_OPTIMUM):
        return False
    if value is None and certificate.claim is not Claim.INFEASIBLE:
        return False
    least = None if value is None else float(lower_end(value))
    generator = np.random.default_rng(1)
    for point in generator.uniform(-3, 3, (SAMPLES, len(problem.variables))):
        point = [round(x) if v in problem.integers else x for x, v in zip(point, problem.variables, strict=True)]
        where = dict(zip(problem.variables, map(float, point), strict=True))
        values = [sympy.N(e.subs(where)) for e in (problem.objective, *(g.expression for g in problem.inequalities))]
        feasible = not problem.equalities and all(v.is_extended_real and v < -1e-9 for v in values[1:])
        if feasible and values[0].is_extended_real and (least is None or values[0] < least - 1e-6):
            return True
    return False
