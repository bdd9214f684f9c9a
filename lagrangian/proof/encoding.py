"""Certificates as JSON and back: a table of nodes, each of which refers to earlier ones by their numbers.

    {"format": "lagrangian certificate", "version": 1, "nodes": [["symbol", "x", {"real": true}], ...], "root": 41}

    value    null | true | false | number of a node | number as text (see `encoded_numbers`) | [value, ...], a short tuple
    node     ["tuple", value, ...]   ["set", value, ...]   ["dict", [key, value], ...]   ["record", class, {field: value, ...}]
             ["enum", class, name]   or an expression, a polynomial or an array

Nothing nests by more than a few levels, so a tree of 100,000 boxes in a row is a long file and no deep one; what is shared is
stored once, and is shared again after reading. Only the classes listed in `records` are made, each field with a value of the
type it is annotated with.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from typing import Any, get_type_hints

from sympy import Basic

from lagrangian.errors import CertificateFileError
from lagrangian.proof.admissible import is_admissible
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.encoded_expressions import ExpressionReader, expression_children, expression_node
from lagrangian.proof.encoded_numbers import NODE_READERS, number_of, number_text, polynomial_node
from lagrangian.proof.field_types import FieldTypes
from lagrangian.proof.records import CERTIFICATES, ENUMERATIONS, PARTS

FORMAT = "lagrangian certificate"
VERSION = 1
MAX_BYTES = 256 * 1024 * 1024
# commas, colons and opening brackets of a file: each value in memory has one of them before it
MAX_VALUES = 24_000_000
DEEPEST_TUPLE = 4
_NODE = object()


def certificate_to_json(certificate: Certificate) -> str:
    """A certificate with everything in it as JSON text.

    Raises:
        CertificateFileError: for something in it that has no JSON form.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x", real=True)
    >>> text = certificate_to_json(minimize(x**2 - x).certificate)
    >>> certificate_from_json(text).verify()
    True
    """
    nodes, root = encode(certificate)
    return document({"format": FORMAT, "version": VERSION, "nodes": nodes, "root": root})


def certificate_from_json(text: str | bytes) -> Certificate:
    """The certificate that a JSON text holds; nothing is said of its truth before ``verify()``.

    Raises:
        CertificateFileError: for a text that is not of this form, that is too large, or whose values have wrong types.

    >>> from sympy import symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> text = certificate_to_json(minimize(x**2, [x >= 1], over=[x]).certificate)
    >>> certificate_from_json(text).verify()
    True
    """
    data = read_document(text)
    if set(data) != {"format", "version", "nodes", "root"}:
        raise CertificateFileError('the keys are not "format", "version", "nodes" and "root"')
    return decode(data["nodes"], data["root"], Certificate)


def document(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def read_document(text: str | bytes) -> dict[str, Any]:
    """The JSON object of a stored certificate, with its format and version checked.

    Raises:
        CertificateFileError: as `certificate_from_json`.
    """
    content = text.encode() if isinstance(text, str) else text
    if len(content) > MAX_BYTES:
        raise CertificateFileError(f"the text has more than {MAX_BYTES} bytes, which is the limit")
    if sum(content.count(sign) for sign in (b",", b":", b"[", b"{")) > MAX_VALUES:
        raise CertificateFileError(f"the text has more than {MAX_VALUES} values, which is the limit")
    try:
        data = json.loads(content, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise CertificateFileError(
            f"byte {error.start + 1} is not UTF-8; a certificate is JSON text in UTF-8"
        ) from None
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" in line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise CertificateFileError(f"not the JSON text of a certificate: damaged or cut off{where}") from None
    except ValueError as error:
        raise CertificateFileError(f"not the JSON text of a certificate: {str(error)[:200]}") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise CertificateFileError(f'no stored certificate: "format" is not "{FORMAT}"')
    if data.get("version") != VERSION:
        raise CertificateFileError(f'"version" is {str(data.get("version"))[:40]}; this program reads {VERSION}')
    return data


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"it contains {text}")


def encode(root: Any, extra: Iterable[type] = ()) -> tuple[list[Any], Any]:
    """The table of nodes of a value, and the value in terms of it; ``extra`` are further record classes.

    Raises:
        CertificateFileError: for a value that has no JSON form, or a field whose value is not of its type.
    """
    writer = _Writer(_classes(extra))
    try:
        return writer.write(root)
    except (ValueError, KeyError) as error:
        raise CertificateFileError(f"it cannot be written: {str(error)[:300]}") from None
    except RecursionError:
        raise CertificateFileError("it cannot be written: an expression is too deep") from None


def decode(nodes: Any, root: Any, kind: type, extra: Iterable[type] = ()) -> Any:
    """The value of class ``kind`` that a table of nodes holds.

    Raises:
        CertificateFileError: with the number of the node that is not as it should be.
    """
    if not isinstance(nodes, list):
        raise CertificateFileError('"nodes" is no list')
    reader = _Reader(_classes(extra))
    for number, node in enumerate(nodes):
        try:
            reader.values.append(reader.build(node))
        except Exception as error:
            # a hostile node makes SymPy, FLINT or NumPy raise almost anything
            shown = f"{type(error).__name__}: {str(error)[:200]}"
            raise CertificateFileError(f"node {number} of the certificate cannot be read ({shown})") from None
    try:
        value = reader.value(root)
    except (ValueError, KeyError, TypeError) as error:
        raise CertificateFileError(f'"root" cannot be read ({str(error)[:200]})') from None
    if not isinstance(value, kind):
        raise CertificateFileError(f"the file holds a {type(value).__name__} where a {kind.__name__} is expected")
    return value


def _classes(extra: Iterable[type]) -> dict[str, type]:
    return {kind.__name__: kind for kind in (*CERTIFICATES, *PARTS, *ENUMERATIONS, *extra)}


@cache
def _fields(kind: type) -> dict[str, Any]:
    """The fields that are stored and their annotations."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init and field.compare}


def _required(kind: type) -> set[str]:
    absent = dataclasses.MISSING
    return {
        field.name for field in dataclasses.fields(kind) if field.default is absent and field.default_factory is absent
    }


class _Writer:
    """Goes through a value without recursion, parts first, and gives each part that is no single number a node."""

    def __init__(self, classes: dict[str, type]) -> None:
        self.known = set(classes.values())
        self.types = FieldTypes()
        self.nodes: list[Any] = []
        self.places: dict[Any, int] = {}
        self.alive: list[Any] = []

    def write(self, root: Any) -> tuple[list[Any], Any]:
        stack = [root]
        while stack:
            value = stack[-1]
            if self._short(value, DEEPEST_TUPLE) is not _NODE or self._key(value) in self.places:
                stack.pop()
                continue
            waiting = [
                part
                for part in self._parts(value)
                if self._short(part, DEEPEST_TUPLE) is _NODE and self._key(part) not in self.places
            ]
            if waiting:
                stack += reversed(waiting)
                continue
            self.nodes.append(self._node(value))
            self.places[self._key(value)] = len(self.nodes) - 1
            self.alive.append(stack.pop())
        return self.nodes, self._reference(root)

    def _key(self, value: Any) -> Any:
        return (type(value), value) if isinstance(value, Basic) else id(value)

    def _short(self, value: Any, depth: int) -> Any:
        """What stands for a value in place of the number of a node."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, tuple) and type(value) is tuple and depth:
            parts = [self._short(part, depth - 1) for part in value]
            return _NODE if any(part is _NODE for part in parts) else parts
        text = number_text(value)
        return _NODE if text is None else text

    def _reference(self, value: Any) -> Any:
        short = self._short(value, DEEPEST_TUPLE)
        return self.places[self._key(value)] if short is _NODE else short

    def _parts(self, value: Any) -> Iterable[Any]:
        if isinstance(value, Basic):
            return expression_children(value)
        if type(value) is tuple:
            return value
        if type(value) is frozenset:
            return sorted(value, key=str)
        if type(value) is dict:
            return [part for pair in value.items() for part in pair]
        if dataclasses.is_dataclass(value) and type(value) in self.known:
            return [getattr(value, name) for name in _fields(type(value))]  # type: ignore[arg-type]
        return ()

    def _node(self, value: Any) -> list[Any]:
        if isinstance(value, Basic):
            return expression_node(value, self._reference)
        if type(value) is tuple:
            return ["tuple", *map(self._reference, value)]
        if type(value) is frozenset:
            return ["set", *map(self._reference, sorted(value, key=str))]
        if type(value) is dict:
            return ["dict", *([self._reference(k), self._reference(v)] for k, v in value.items())]
        plain = polynomial_node(value)
        if plain is not None:
            return plain
        if type(value) not in self.known:
            raise ValueError(f"a value of the class {type(value).__name__}, which is not in the list of records")
        if isinstance(value, Enum):
            return ["enum", type(value).__name__, value.name]
        return ["record", type(value).__name__, self._record(value)]

    def _record(self, value: Any) -> dict[str, Any]:
        fields = _fields(type(value))  # type: ignore[arg-type]
        for name, annotation in fields.items():
            if not self.types.fits(getattr(value, name), annotation):
                found = type(getattr(value, name)).__name__
                raise ValueError(f"the field {name} of {type(value).__name__} is a {found} that is no {annotation}")
        return {name: self._reference(getattr(value, name)) for name in fields}


class _Reader:
    """Builds the values of nodes in their order."""

    def __init__(self, classes: dict[str, type]) -> None:
        self.classes = classes
        self.types = FieldTypes()
        self.values: list[Any] = []
        self.expressions = ExpressionReader()
        self.builders: dict[str, Callable[..., Any]] = {
            "tuple": lambda *parts: tuple(map(self.value, parts)),
            "set": lambda *parts: frozenset(map(self.value, parts)),
            "dict": self._dict,
            "record": self._record,
            "enum": self._enum,
            "symbol": self.expressions.symbol,
            "dummy": self.expressions.dummy,
            "constant": self.expressions.constant,
            "root": self.expressions.root,
            "apply": lambda name, *parts: self.expressions.apply(name, *map(self.value, parts)),
            **NODE_READERS,
        }

    def build(self, node: Any) -> Any:
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise ValueError("a node is a list that begins with its kind")
        return self.builders[node[0]](*node[1:])

    def value(self, stated: Any) -> Any:
        if stated is None or isinstance(stated, bool):
            return stated
        if isinstance(stated, int):
            if not 0 <= stated < len(self.values):
                raise ValueError(f"it refers to the node {str(stated)[:40]}, which does not come before it")
            return self.values[stated]
        if isinstance(stated, str):
            return number_of(stated)
        if isinstance(stated, list):
            return tuple(map(self.value, stated))
        raise ValueError(f"a value of the type {type(stated).__name__}")

    def _dict(self, *pairs: list[Any]) -> dict[Any, Any]:
        found = {self.value(key): self.value(value) for key, value in pairs}
        if len(found) < len(pairs):
            raise ValueError("a key stands twice")
        return found

    def _enum(self, name: str, member: str) -> Enum:
        kind = self.classes[name]
        if not issubclass(kind, Enum):
            raise ValueError(f"{name} is no enumeration")
        return kind[member]

    def _record(self, name: str, stated: dict[str, Any]) -> Any:
        kind = self.classes[name]
        if not dataclasses.is_dataclass(kind):
            raise ValueError(f"{name} is no record")
        fields = _fields(kind)
        if not _required(kind) <= set(stated) <= set(fields):
            raise ValueError(f"the fields of {name} are {', '.join(fields)}")
        found = {field: self.value(value) for field, value in stated.items()}
        for field, value in found.items():
            if not self.types.fits(value, fields[field]):
                raise ValueError(f"the field {field} of {name} is a {type(value).__name__} of the wrong type")
        record = kind(**found)
        if not is_admissible(record):
            raise ValueError(f"a {name} that breaks the rules of its class")
        return record
