"""Certificates survive being written as JSON and read again, and files that are not certificates are refused in one line."""

import json
import subprocess
import sys
from dataclasses import dataclass, fields, is_dataclass
from inspect import isabstract

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_mpoly, fmpq_poly, fmpz_poly
from sympy import Dummy, Eq, Rational, Symbol, symbols

from lagrangian import Problem, canonicalize, certificate_from_json, certificate_to_json, solve
from lagrangian.errors import CertificateFileError
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.changes import ChangeCertificate
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curves import GrowthCertificate, GrowthInfimumCertificate
from lagrangian.proof.encoding import decode, document, encode
from lagrangian.proof.enumeration import EnumerationCertificate, InfeasibilityCertificate
from lagrangian.proof.evidence import ListEvidence
from lagrangian.proof.factorable import FactorableCertificate
from lagrangian.proof.intervals import IntervalCertificate
from lagrangian.proof.limits import ClosureCertificate, InfimumCertificate, UnboundedCertificate
from lagrangian.proof.linear import FarkasCertificate
from lagrangian.proof.monotone import MonotoneCertificate
from lagrangian.proof.one_variable import LineCertificate
from lagrangian.proof.records import CERTIFICATES, ENUMERATIONS, PARTS
from lagrangian.proof.separable import SeparableCertificate
from lagrangian.proof.spatial import Leaf, SpatialCertificate, Split
from lagrangian.proof.stationary_list import StationaryListCertificate

x, y, z = symbols("x y z", real=True)
n, m = symbols("n m", integer=True)

PROBLEMS = {
    "enumeration on a bounded set": (
        Problem(x**2 * y, [Eq(x**2 + 2 * y**2, 6), x >= -1], over=[x, y]),
        EnumerationCertificate,
    ),
    "bounded monomials": (
        Problem(
            5 * x * y + 3 * x * z + 3 * y * z,
            [Eq(x * y * z, 240)],
            over=[x, y, z],
            bounds=dict.fromkeys((x, y, z), (0, None)),
        ),
        EnumerationCertificate,
    ),
    "symmetric active sets": (
        Problem(
            x**3 + y**3 + z**3, [Eq(x + y + z, 1), x * y * z <= 1, x >= 0, y >= 0, z >= 0], over=[x, y, z], sense="max"
        ),
        EnumerationCertificate,
    ),
    "nothing better": (Problem(x, [Eq(y**2, x**3)], over=[x, y]), EnumerationCertificate),
    "families": (Problem((x**2 + y**2 - 1) ** 2 + x * 0, [x * y <= 2], over=[x, y]), EnumerationCertificate),
    "infeasible": (Problem(x, [x**2 + y**2 <= 1, x + y >= 2], over=[x, y]), InfeasibilityCertificate),
    "unbounded": (Problem(x * y, [Eq(x, y), x >= 3], over=[x, y], sense="max"), UnboundedCertificate),
    "an infimum": (Problem(y, [x * y >= 1, x >= 0], over=[x, y]), InfimumCertificate),
    "a closure": (Problem(x + y, [x > 0, y > 0, x + y <= 3], over=[x, y]), ClosureCertificate),
    "convex": (
        Problem((x - 2) ** 2 + (y - 1) ** 2, [x**2 - y <= 0, x + y <= 2], over=[x, y]),
        ConvexityCertificate,
    ),
    "logarithms": (Problem(-sympy.log(x) - 2 * sympy.log(y), [x + y <= 3], over=[x, y]), ConvexityCertificate),
    "relaxations of functions": (
        Problem(x * sympy.exp(y) - y, [x * y + sympy.exp(x) >= 2], over=[x, y], bounds={x: (0, 2), y: (0, 2)}),
        FactorableCertificate,
    ),
    "new variables": (Problem(sympy.cos(3 * x) + sympy.exp(y), [x >= 0, y >= 0], over=[x, y]), ChangeCertificate),
    "one variable": (Problem(x * sympy.exp(-x), [x >= 1], over=[x]), LineCertificate),
    "a growing curve": (Problem(x + sympy.sin(x), over=[x]), GrowthCertificate),
    "an infimum in two variables": (Problem(x / y, [x > 0, y > 0], over=[x, y]), GrowthInfimumCertificate),
    "a sum of parts": (Problem(sympy.atan(x) + sympy.exp(y) - y, over=[x, y]), SeparableCertificate),
    "an outer exponential": (
        Problem(sympy.exp(x**2 + y**2 - x * y), [x + y >= 1], over=[x, y]),
        MonotoneCertificate,
    ),
    "integers": (
        Problem((2 * n - 3) ** 2 + m * n, [n + m >= 2], over=[n, m], bounds={n: (0, 5), m: (0, 5)}),
        SpatialCertificate,
    ),
    "boxes": (Problem(sympy.sin(x) + abs(x) / 20, over=[x], bounds={x: (-5, 5)}), IntervalCertificate),
    "a list": (Problem(sympy.sin(x) + x**2 / 20, over=[x], bounds={x: (-5, 5)}), StationaryListCertificate),
    "a parameter": (Problem(x**2 - 2 * Symbol("b", positive=True) * x, over=[x]), ConvexityCertificate),
}


@pytest.fixture(scope="module", params=PROBLEMS)
def certificate(request: pytest.FixtureRequest) -> Certificate:
    problem, kind = PROBLEMS[request.param]
    found = solve(problem, time_limit_s=20).certificate
    assert isinstance(found, kind)
    return found


def test_a_certificate_read_again_is_the_same_and_holds(certificate: Certificate) -> None:
    text = certificate_to_json(certificate)
    again = certificate_from_json(text)
    assert type(again) is type(certificate)
    assert same(certificate, again)
    assert certificate_to_json(again) == text
    assert again.verify() is True
    assert (again.claim, again.kind) == (certificate.claim, certificate.kind)


def test_multipliers_that_contradict_survive() -> None:
    canonical, _ = canonicalize(Problem(x, [x <= 1, x >= 2], over=[x]))
    one = sympy.Integer(1)
    again = certificate_from_json(certificate_to_json(FarkasCertificate(canonical, (one, one), ())))
    assert again.verify() is True
    assert again.problem == canonical


def same(left: object, right: object) -> bool:
    """Equality through all fields; new symbols (Dummy) are equal where their names and assumptions are."""
    if isinstance(left, sympy.Basic):
        return written(left) == written(right)
    if is_dataclass(left):
        stored = [f.name for f in fields(left) if f.init and f.compare]
        return type(left) is type(right) and all(same(getattr(left, f), getattr(right, f)) for f in stored)
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return same(tuple(left.items()), tuple(right.items()))
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and np.array_equal(left, right, equal_nan=left.dtype.kind == "f")
    return type(left) is type(right) and left == right


def written(expression: sympy.Basic) -> str:
    """The structure with every symbol's assumptions; a Dummy counts as a symbol."""
    if isinstance(expression, Symbol):
        return f"{expression.name} {sorted(expression.assumptions0.items())}"
    if not expression.args:
        return sympy.srepr(expression)
    return f"{expression.func.__name__}({', '.join(map(written, expression.args))})"


def test_another_process_reads_it() -> None:
    """Nothing of the process that wrote it is needed."""
    text = certificate_to_json(solve(PROBLEMS["enumeration on a bounded set"][0]).certificate)
    program = "import sys, lagrangian; print(lagrangian.certificate_from_json(sys.stdin.buffer.read()).verify())"
    done = subprocess.run([sys.executable, "-c", program], input=text.encode(), capture_output=True, check=True)
    assert done.stdout.split() == [b"True"]


def test_every_kind_of_certificate_is_in_the_list() -> None:
    def kinds(parent: type) -> set[type]:
        return {parent, *(k for child in parent.__subclasses__() for k in kinds(child))}

    own = {kind for kind in kinds(Certificate) if kind.__module__.startswith("lagrangian.") and not isabstract(kind)}
    assert own == set(CERTIFICATES)
    names = [kind.__name__ for kind in (*CERTIFICATES, *PARTS, *ENUMERATIONS)]
    assert len(names) == len(set(names))


def test_trees_may_be_deep_and_long() -> None:
    """A chain of 100,000 splits: no recursion in writing, reading or checking types."""
    tree: object = Leaf((), True)
    for depth in range(100_000):
        tree = Split(0, fmpq(1, depth + 1), Leaf(((0, fmpq(depth)),), False), tree)
    nodes, root = encode(tree)
    again = decode(nodes, root, Split)
    for _ in range(99_999):
        again = again.above
    assert again.at == 1


def test_what_is_shared_is_shared_again() -> None:
    found = solve(PROBLEMS["enumeration on a bounded set"][0]).certificate
    again = certificate_from_json(certificate_to_json(found))
    assert again.evidence.problem is again.problem
    assert isinstance(again.evidence, ListEvidence)


def test_symbols_of_one_name_stay_apart_and_one_dummy_stays_one() -> None:
    first, second, positive = Dummy("t", real=True), Dummy("t", real=True), Symbol("t", positive=True)
    values = (first + 2 * second, first * positive, Symbol("t"), second)
    total, product, plain, last = decode(*encode(values), tuple)
    assert len(total.free_symbols | product.free_symbols | {plain}) == 4
    (shared,) = total.free_symbols & product.free_symbols
    assert isinstance(shared, Dummy) and shared.is_real and shared is not first
    assert last in total.free_symbols and plain == Symbol("t") and positive in product.free_symbols


VALUES = [
    10**5000,
    -(2**63),
    0.1,
    float("inf"),
    5e-324,
    fmpq(-(10**400), 7),
    fmpz_poly([1, 0, -(10**30)]),
    fmpq_poly([fmpq(1, 3), 0, 2]),
    Rational(22, 7),
    sympy.sqrt(2) * sympy.pi - sympy.exp(x) / sympy.log(y, evaluate=False),
    sympy.Max(x, y + 1, 2 * x, evaluate=False),
    sympy.Mul(2, x + y, evaluate=False),
    sympy.CRootOf(x**5 - x - 1, 0),
    Eq(x + 1, 2, evaluate=False),
    x < y,
    (None, True, False, 'text with \u2028 and "quotes"', ()),
    frozenset({1, 2}),
    {x: (1, 2), y: ()},
]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_values_are_exact(value: object) -> None:
    nodes, root = encode(value)
    nodes, root = json.loads(document({"nodes": nodes, "root": root})).values()
    again = decode(nodes, root, object)
    assert type(again) is type(value)
    assert again == value


@pytest.mark.parametrize("dtype", ["int8", "int64", "float64", "bool"])
def test_arrays_are_exact(dtype: str) -> None:
    given = np.array([[0, 1, -3], [5, 7, 100]]).astype(dtype)
    if dtype == "float64":
        given = np.array([[0.1, -0.0, np.inf], [-np.inf, np.nan, 5e-324]])
    again = decode(*encode(given), np.ndarray)
    assert again.dtype == given.dtype and again.tobytes() == given.tobytes() and again.shape == given.shape


@dataclass(frozen=True, eq=False)
class Unregistered:
    value: int


@pytest.mark.parametrize(
    "value",
    [
        Unregistered(1),
        [1],
        1j,
        sympy.Float(0.5),
        sympy.zoo,
        sympy.I,
        sympy.Function("f")(x),
        np.zeros(2, dtype=complex),
    ],
)
def test_other_values_cannot_be_written(value: object) -> None:
    with pytest.raises(CertificateFileError, match="cannot be written"):
        encode((value,))


def test_a_field_of_a_wrong_type_is_refused_both_ways() -> None:
    with pytest.raises(CertificateFileError, match="multipliers of Leaf"):
        encode(Leaf((1,), True))
    nodes = [["record", "Leaf", {"multipliers": [], "is_empty": "i:1"}]]
    with pytest.raises(CertificateFileError, match="is_empty of Leaf"):
        decode(nodes, 0, Leaf)


BROKEN = {
    "a reference to what comes later": ([["tuple", 0]], 0),
    "a negative reference": ([["tuple"], ["tuple", -1]], 1),
    "an unknown class": ([["record", "Popen", {}]], 0),
    "an unknown function": ([["symbol", "x", {}], ["apply", "lambdify", 0]], 1),
    "a class in place of an enumeration": ([["enum", "Leaf", "x"]], 0),
    "an unknown kind of node": ([["import", "os"]], 0),
    "no node": ([5], 0),
    "a text in place of an integer": ([["record", "Leaf", {"multipliers": [["i:1e9", "q:1"]], "is_empty": True}]], 0),
    "a fraction over zero": ([["tuple", "q:1/0"]], 0),
    "a missing field": ([["record", "Leaf", {"is_empty": True}]], 0),
    "an unknown field": ([["record", "Leaf", {"multipliers": [], "is_empty": True, "__class__": None}]], 0),
    "an assumption that is none": ([["symbol", "x", {"evaluate": False}]], 0),
    "inconsistent assumptions": ([["symbol", "x", {"positive": True, "negative": True}]], 0),
    "too few exponents": ([["polynomial", 2, [["1", 1]]]], 0),
    "a huge exponent": ([["polynomial", 1, [["1", 10**30]]]], 0),
    "an array that is too short": ([["array", "float64", [1000000000], [1.0]]], 0),
    "a root of a reducible polynomial": (
        [["integer coefficients", ["2", "-3", "1"]], ["record", "RealRoot", {"modulus": 0, "index": "i:0"}]],
        1,
    ),
    "a root that is not there": (
        [["integer coefficients", ["1", "0", "1"]], ["record", "RealRoot", {"modulus": 0, "index": "i:0"}]],
        1,
    ),
    "zero over zero": (
        [
            ["integer coefficients", ["-2", "0", "1"]],
            ["record", "RealRoot", {"modulus": 0, "index": "i:0"}],
            ["coefficients", []],
            ["record", "FieldElement", {"root": 1, "polynomial": 2, "denominator": 2}],
        ],
        3,
    ),
    "an array of objects": ([["array", "object", [1], [1]]], 0),
    "a huge ball": ([["ball", "1", "1" + "0" * 30, "0", "0"]], 0),
    "a key twice": ([["dict", ["i:1", None], ["i:1", None]]], 0),
    "a relation in a sum": (
        [["symbol", "x", {}], ["apply", "Equality", 0, "r:1"], ["apply", "Add", 0, 1]],
        2,
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tables_are_refused(name: str) -> None:
    with pytest.raises(CertificateFileError, match="cannot be read"):
        decode(*BROKEN[name], object)


def test_small_files_cannot_stand_for_huge_expressions() -> None:
    doubling = [["symbol", "x", {}], *(["apply", "Add", k, k] for k in range(200))]
    with pytest.raises(CertificateFileError, match="too deep or too large"):
        decode(doubling, 200, object)
    tower = [["symbol", "x", {}], *(["apply", "exp", k] for k in range(100_000))]
    with pytest.raises(CertificateFileError, match="too deep or too large"):
        decode(tower, 100_000, object)
    powers = [["apply", "Pow", "r:9", "r:9"], *(["apply", "Pow", "r:9", k] for k in range(200))]
    assert decode(powers, 200, sympy.Pow).base == 9, "nothing is computed"


def test_texts_that_are_cut_off_or_changed_are_refused() -> None:
    text = certificate_to_json(solve(PROBLEMS["convex"][0]).certificate)
    for end in range(0, len(text), max(1, len(text) // 40)):
        with pytest.raises(CertificateFileError):
            certificate_from_json(text[:end])
    for other in ("[]", "null", "{}", '{"format": "x"}', "[" * 100_000, "\x00", '{"format": NaN}', text + "]"):
        with pytest.raises(CertificateFileError):
            certificate_from_json(other)
    with pytest.raises(CertificateFileError):
        certificate_from_json(b"\xff\xfe")
    with pytest.raises(CertificateFileError, match="version"):
        certificate_from_json(text.replace('"version":1', '"version":2'))
    with pytest.raises(ValueError):
        certificate_from_json("")


def test_the_root_must_be_a_certificate() -> None:
    text = document({"format": "lagrangian certificate", "version": 1, "nodes": [["symbol", "x", {}]], "root": 0})
    with pytest.raises(CertificateFileError, match="Symbol where a Certificate"):
        certificate_from_json(text)


def test_numbers_of_another_node_cannot_be_smuggled_in() -> None:
    """Each part of a stored certificate replaced by another part: never an exception but the package's own."""
    data = json.loads(certificate_to_json(solve(PROBLEMS["convex"][0]).certificate))
    for number, node in enumerate(data["nodes"]):
        for place, part in enumerate(node[1:], start=1):
            if type(part) is int:
                changed = json.loads(json.dumps(data))
                changed["nodes"][number][place] = part - 1 if part else 0
                try:
                    certificate_from_json(json.dumps(changed))
                except CertificateFileError:
                    continue


def test_polynomials_stay_in_one_ring() -> None:
    found = solve(PROBLEMS["an infimum"][0]).certificate
    again = certificate_from_json(certificate_to_json(found))
    assert isinstance(again.lifted.objective, fmpq_mpoly)
    assert (
        again.lifted.objective + again.lifted.ring.generators[0]
        == found.lifted.objective + again.lifted.ring.generators[0]
    )
