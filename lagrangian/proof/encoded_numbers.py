"""Numbers, polynomials and arrays as JSON and back, exactly.

A single number is a text with a letter for its type: "i:" an integer, "f:" a floating-point number in hexadecimal, "z:" and "q:"
FLINT's integers and fractions, "r:" a SymPy rational; "s:" is a text. Polynomials and arrays are nodes, see `encoding`.
"""

import math
import re
from collections.abc import Callable
from typing import Any

import flint
import numpy as np
import sympy
from flint import arb, fmpq, fmpq_mpoly, fmpq_poly, fmpz, fmpz_poly

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FRACTION = re.compile(r"-?(?:0|[1-9][0-9]*)(?:/[1-9][0-9]*)?")
# an exponent beyond this makes numbers that no computer can add to 1
LARGEST_EXPONENT = 2**40
LARGEST_DEGREE = 2**20
MOST_VARIABLES = 100_000
DTYPES = ("int8", "int64", "float64", "bool")


def number_text(value: Any) -> str | None:
    """A single number, or a text, as JSON text; None for other values.

    >>> number_text(5), number_text(fmpq(-1, 3)), number_text(0.5), number_text("a")
    ('i:5', 'q:-1/3', 'f:0x1.0000000000000p-1', 's:a')
    """
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    return f"r:{_fraction(fmpq(int(value.p), int(value.q)))}" if isinstance(value, sympy.Rational) else None


def number_of(text: str) -> Any:
    """What `number_text` has written. Raises ValueError or KeyError for anything else."""
    return _READERS[text[:2]](text[2:])


def _integer(text: str) -> int:
    # through FLINT: Python refuses long decimal texts, since its own conversion is slow
    return int(_flint_integer(text))


def _flint_integer(text: str) -> fmpz:
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no integer")
    return fmpz(text)


def _flint_fraction(text: str) -> fmpq:
    if not _FRACTION.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is no fraction")
    above, _, below = text.partition("/")
    return fmpq(fmpz(above), fmpz(below or "1"))


def _rational(text: str) -> sympy.Rational:
    value = _flint_fraction(text)
    return sympy.Rational(int(value.p), int(value.q))


def _fraction(value: fmpq) -> str:
    return str(value.p) if value.q == 1 else f"{value.p}/{value.q}"


def _float(text: str) -> float:
    return float.fromhex(text)


_WRITERS: dict[type, Callable[[Any], str]] = {
    int: lambda value: f"i:{fmpz(value)}",
    float: lambda value: f"f:{value.hex()}",
    str: lambda value: f"s:{value}",
    fmpz: lambda value: f"z:{value}",
    fmpq: lambda value: f"q:{_fraction(value)}",
}
_READERS: dict[str, Callable[[str], Any]] = {
    "i:": _integer,
    "f:": _float,
    "s:": str,
    "z:": _flint_integer,
    "q:": _flint_fraction,
    "r:": _rational,
}


def polynomial_node(value: Any) -> list[Any] | None:
    """A polynomial, a ball or an array as a node; None for other values."""
    write = _NODE_WRITERS.get(type(value))
    return None if write is None else write(value)


def _multivariate_node(value: fmpq_mpoly) -> list[Any]:
    ring = value.context()
    if ring.ordering() != flint.Ordering.degrevlex:
        raise ValueError(f"a polynomial in the order {ring.ordering()}")
    # the names carry no meaning, and two polynomials that print alike must be equal
    if ring.names() != _names(ring.nvars()):
        raise ValueError(f"a polynomial in the variables {', '.join(ring.names())}")
    terms = [[_fraction(c), *map(int, powers)] for powers, c in value.to_dict().items()]
    return ["polynomial", ring.nvars(), terms]


def _array_node(value: np.ndarray) -> list[Any]:
    if value.dtype.name not in DTYPES:
        raise ValueError(f"an array of {value.dtype.name}")
    flat = value.ravel().tolist()
    if value.dtype.name == "float64":
        flat = [x if math.isfinite(x) else str(x) for x in flat]
    return ["array", value.dtype.name, list(value.shape), flat]


_NODE_WRITERS: dict[type, Callable[[Any], list[Any]]] = {
    fmpz_poly: lambda value: ["integer coefficients", [str(c) for c in value.coeffs()]],
    fmpq_poly: lambda value: ["coefficients", [_fraction(c) for c in value.coeffs()]],
    fmpq_mpoly: _multivariate_node,
    arb: lambda value: ["ball", *(str(n) for part in (value.mid(), value.rad()) for n in part.man_exp())],
    np.ndarray: _array_node,
}


def _names(count: int) -> tuple[str, ...]:
    return tuple(f"x{i}" for i in range(count))


def _read_multivariate(count: int, terms: list[list[Any]]) -> fmpq_mpoly:
    if type(count) is not int or not 0 <= count <= MOST_VARIABLES:
        raise ValueError("the number of variables")
    table = {}
    for coefficient, *powers in terms:
        if len(powers) != count or not all(type(p) is int and 0 <= p <= LARGEST_DEGREE for p in powers):
            raise ValueError("the exponents of a term")
        table[tuple(powers)] = _flint_fraction(coefficient)
    if len(table) < len(terms):
        raise ValueError("two terms with the same exponents")
    return flint.fmpq_mpoly_ctx.get(_names(count), flint.Ordering.degrevlex).from_dict(table)


def _read_ball(*texts: str) -> arb:
    middle, up, radius, spread = map(_integer, texts)
    if max(abs(up), abs(spread)) > LARGEST_EXPONENT or radius < 0:
        raise ValueError("the exponents or the radius of a ball")
    return arb((middle, up), (radius, spread))


def _read_array(dtype: str, shape: list[int], flat: list[Any]) -> np.ndarray:
    if dtype not in DTYPES or not all(type(n) is int and n >= 0 for n in shape) or math.prod(shape) != len(flat):
        raise ValueError("the type or the shape of an array")
    kinds: tuple[type, ...] = {"bool": (bool,), "float64": (float, int, str)}.get(dtype, (int,))
    if not all(type(x) in kinds for x in flat):
        raise ValueError("an entry of an array")
    if dtype == "float64":
        flat = [float(x) if type(x) is not str else _NOT_FINITE[x] for x in flat]
    array = np.array(flat, dtype=dtype).reshape(shape)
    array.flags.writeable = False
    return array


_NOT_FINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}

NODE_READERS: dict[str, Callable[..., Any]] = {
    "integer coefficients": lambda coefficients: fmpz_poly([_flint_integer(c) for c in coefficients]),
    "coefficients": lambda coefficients: fmpq_poly([_flint_fraction(c) for c in coefficients]),
    "polynomial": _read_multivariate,
    "ball": _read_ball,
    "array": _read_array,
}
