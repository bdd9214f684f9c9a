"""Machine code for a straight-line program: LLVM instructions for numbers, or for vectors of WIDTH instances side by side.

The instructions are given to LLVM as they are, without the type inference that Numba would do for a function with a statement
each: a program of thousands of instructions takes a second, not a minute. Numba calls the result like a function of its own,
and puts it into the functions that call it.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from lagrangian.numeric.graph import Graph, Node
from lagrangian.numeric.lanes import WIDTH, lanes
from lagrangian.numeric.source import read_program
from lagrangian.numeric.special_functions import KERNELS

_Value = Any  # an LLVM value: llvmlite has no types of its own to check against
_DOUBLE, _LONG, _INDEX = ir.DoubleType(), ir.IntType(64), ir.IntType(32)
_VECTOR = ir.VectorType(_DOUBLE, WIDTH)
# the time that LLVM takes for one function grows with the square of its length: longer programs are cut
CHUNK = 500
# an integer power up to this one is a product, beyond it a call
MOST_PRODUCT = 64
_ARRAYS = ("x", "weights", "p", "out")


@dataclass(frozen=True, slots=True)
class Program:
    """The text of a graph, see `source`, and how many entries the arrays have that it reads."""

    text: str
    counts: Mapping[str, int]

    def __hash__(self) -> int:
        return hash(self.text)

    def value(self, output: Node) -> Any:
        """What gives the value of one node: a Numba function of (x, weights, p, None); weights may be None too."""
        return _intrinsic(self, (output,), returns=True)

    def stored(self, outputs: str) -> Any:
        """What stores the values of nodes in ``out``: a Numba function of (x, weights, p, out)."""
        return _intrinsic(self, tuple(map(int, outputs.split())), returns=False)


@cache
def _graph(program: Program) -> Graph:
    return read_program(program.text)


def _intrinsic(program: Program, outputs: tuple[Node, ...], returns: bool) -> Any:
    def generate(context: Any, builder: _Value, signature: Any, arguments: Sequence[_Value]) -> _Value:
        kind = _NUMBER if signature.args[0].ndim == 1 else _LANES
        counts = {**program.counts, "out": len(outputs)}
        data = {}
        for name, of, value in zip(_ARRAYS, signature.args, arguments, strict=True):
            if of != types.none:
                array = context.make_array(of)(context, builder, value)
                _check_length(context, builder, array, name, counts[name])
                data[name] = builder.bitcast(array.data, _DOUBLE.as_pointer())
        if returns:
            data["out"] = builder.bitcast(builder.alloca(kind.code), _DOUBLE.as_pointer())
        _generate(_Target(context, builder, kind), _graph(program), outputs, data)
        if not returns:
            return context.get_dummy_value()
        return builder.load(_address(builder, kind, data["out"], 0), align=8)

    @intrinsic
    def run(typingctx, x, weights, p, out):  # type: ignore[no-untyped-def]
        for name, of in zip(_ARRAYS, (x, weights, p, out), strict=True):
            _check_type(name, of, x)
        value = types.float64 if x.ndim == 1 else lanes
        return (value if returns else types.void)(x, weights, p, out), generate

    return run


def _check_type(name: str, of: Any, x: Any) -> None:
    if of == types.none:
        return
    is_array = isinstance(of, types.Array) and of.dtype == types.float64 and of.layout == "C" and of.ndim in (1, 2)
    if not is_array:
        raise TypingError(f"{name} is {of}; a contiguous array of float64 of one dimension is wanted")
    if of.ndim != x.ndim:
        raise TypingError(f"{name} has {of.ndim} dimensions and x has {x.ndim}")
    if name == "out" and not of.mutable:
        raise TypingError("out is read-only; what is computed is stored in it")


def _check_length(context: Any, builder: _Value, array: Any, name: str, count: int) -> None:
    """Raise ValueError, in compiled code, for an array of another length: what lies behind it would be read or overwritten."""
    shape = [builder.extract_value(array.shape, place) for place in range(len(array.shape.type))]
    wanted = [count, WIDTH][: len(shape)]
    for length, expected in zip(shape, wanted, strict=True):
        with builder.if_then(builder.icmp_signed("!=", length, _LONG(expected)), likely=False):
            text = f"{name} has the wrong shape; ({', '.join(map(str, wanted))}{',' if len(wanted) == 1 else ''}) is wanted"
            context.call_conv.return_user_exc(builder, ValueError, (text,))


# --- the code of a program ----------------------------------------------------------------------------------------------


class _Kind(NamedTuple):
    """What one value of the program is: its type for Numba and for LLVM, how many numbers it has, and LLVM's suffix for it."""

    of: Any
    code: ir.Type
    width: int
    suffix: str


_NUMBER = _Kind(types.float64, _DOUBLE, 1, "f64")
_LANES = _Kind(lanes, _VECTOR, WIDTH, f"v{WIDTH}f64")


class _Target(NamedTuple):
    """Where code is put."""

    context: Any
    builder: _Value
    kind: _Kind

    def number(self, value: float) -> _Value:
        """The same number for all instances."""
        return ir.Constant(self.kind.code, [value] * WIDTH if self.kind.width > 1 else value)


def _address(builder: _Value, kind: _Kind, data: _Value, place: int) -> _Value:
    start = builder.gep(data, [_LONG(place * kind.width)], inbounds=True)
    return builder.bitcast(start, kind.code.as_pointer())


def _generate(target: _Target, graph: Graph, outputs: Sequence[Node], data: dict[str, _Value]) -> None:
    """Compute the outputs and store them, in one piece or in several functions."""
    nodes = _ordered(graph, outputs)
    chunks = [nodes[start : start + CHUNK] for start in range(0, len(nodes), CHUNK)] or [[]]
    stored = _stored(chunks, outputs)
    if len(chunks) == 1:
        piece = _Piece(target, graph, data, {})
        # before anything is stored: x may be out
        piece.read(node for node in graph.needed(outputs) if graph.instructions[node][0] == "input")
        piece.run(nodes, stored[0])
        return
    shared = _shared(graph, chunks)
    size = _LONG(max(1, len(shared)) * target.kind.width * 8)
    buffer = target.context.nrt.allocate(target.builder, size)
    data = {**data, "shared": target.builder.bitcast(buffer, _DOUBLE.as_pointer())}
    for chunk, places in zip(chunks, stored, strict=True):
        _call_piece(target, graph, data, shared, chunk, places)
    target.context.nrt.free(target.builder, buffer)


def _ordered(graph: Graph, outputs: Iterable[Node]) -> list[Node]:
    """What is to be computed, each output's nodes before those of the next: so few values at a time wait to be used."""
    found: dict[Node, None] = {}
    open_nodes = list(reversed(list(outputs)))
    while open_nodes:
        node = open_nodes[-1]
        waiting = [operand for operand in graph.operands(node) if operand not in found]
        if waiting and node not in found:
            open_nodes += reversed(waiting)
        else:
            found.setdefault(open_nodes.pop())
    return [node for node in found if graph.instructions[node][0] not in ("number", "input")]


def _shared(graph: Graph, chunks: Sequence[Sequence[Node]]) -> dict[Node, int]:
    """The values that one piece computes and a later one needs, by their place in memory."""
    chunk_of = {node: place for place, chunk in enumerate(chunks) for node in chunk}
    found: dict[Node, int] = {}
    for node, place in chunk_of.items():
        for operand in graph.operands(node):
            if chunk_of.get(operand, place) != place:
                found.setdefault(operand, len(found))
    return found


def _stored(chunks: Sequence[Sequence[Node]], outputs: Sequence[Node]) -> list[list[tuple[int, Node]]]:
    """The outputs that each piece stores: those that it computes, and of numbers and inputs an equal share."""
    chunk_of = {node: place for place, chunk in enumerate(chunks) for node in chunk}
    found: list[list[tuple[int, Node]]] = [[] for _ in chunks]
    for place, node in enumerate(outputs):
        found[chunk_of.get(node, place * len(chunks) // len(outputs))].append((place, node))
    return found


def _call_piece(
    target: _Target,
    graph: Graph,
    data: dict[str, _Value],
    shared: dict[Node, int],
    chunk: Sequence[Node],
    outputs: Sequence[tuple[int, Node]],
) -> None:
    builder = target.builder
    signature = ir.FunctionType(ir.VoidType(), [_DOUBLE.as_pointer()] * len(data))
    name = builder.module.get_unique_name(f"{builder.function.name}.piece")
    function = ir.Function(builder.module, signature, name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    for argument in function.args:
        argument.add_attribute("noalias")
    inner = ir.IRBuilder(function.append_basic_block())
    pointers = dict(zip(data, function.args, strict=True))
    _Piece(_Target(target.context, inner, target.kind), graph, pointers, shared).run(chunk, outputs)
    inner.ret_void()
    builder.call(function, list(data.values()))


class _Piece:
    """The code of some instructions, one after the other."""

    def __init__(self, target: _Target, graph: Graph, data: Mapping[str, _Value], shared: Mapping[Node, int]) -> None:
        self._target = target
        self._graph = graph
        self._data = data
        self._shared = shared
        self._values: dict[Node, _Value] = {}

    def read(self, nodes: Iterable[Node]) -> None:
        """The code that reads inputs."""
        for node in nodes:
            self._value(node)

    def run(self, nodes: Sequence[Node], outputs: Iterable[tuple[int, Node]]) -> None:
        """The code of the nodes, each stored as soon as it is there; then that of outputs which are numbers or inputs."""
        places: dict[Node, list[int]] = {}
        for place, node in outputs:
            places.setdefault(node, []).append(place)
        for node in nodes:
            operation, operands = self._graph.instructions[node]
            value = self._values[node] = self._operation(operation, operands)
            if node in self._shared:
                self._store("shared", self._shared[node], value)
            for place in places.pop(node, ()):
                self._store("out", place, value)
        for node, left in places.items():
            for place in left:
                self._store("out", place, self._value(node))

    def _operation(self, operation: str, operands: Sequence[Node]) -> _Value:
        if operation == "power" and (exponent := self._graph.value(operands[1])) is not None:
            return _fixed_power(self._target, self._value(operands[0]), exponent)
        values = [self._value(operand) for operand in operands]
        generate = _OPERATIONS.get(operation)
        return generate(self._target, *values) if generate else _function(self._target, operation, values)

    def _value(self, node: Node) -> _Value:
        found = self._values.get(node)
        if found is None:
            operation, operands = self._graph.instructions[node]
            if operation == "number":
                return self._target.number(operands[0])
            name, place = operands if operation == "input" else ("shared", self._shared[node])
            address = _address(self._target.builder, self._target.kind, self._data[name], place)
            found = self._values[node] = self._target.builder.load(address, align=8)
        return found

    def _store(self, name: str, place: int, value: _Value) -> None:
        address = _address(self._target.builder, self._target.kind, self._data[name], place)
        self._target.builder.store(value, address, align=8)


# --- the code of one instruction -----------------------------------------------------------------------------------------


def _function(target: _Target, name: str, values: Sequence[_Value]) -> _Value:
    """A function of `math`, or a special one: of vectors where `lanes` has one, else number by number."""
    builder, kind = target.builder, target.kind
    if kind is not _NUMBER and name in ("exp", "log"):
        return target.context.get_function(getattr(math, name), kind.of(kind.of))(builder, values)
    implementation = _scalar_function(target, name, types.float64(*[types.float64] * len(values)))
    if kind is _NUMBER:
        return implementation(builder, values)
    found = ir.Constant(_VECTOR, ir.Undefined)
    for place in range(WIDTH):
        entries = [builder.extract_element(value, _INDEX(place)) for value in values]
        found = builder.insert_element(found, implementation(builder, entries), _INDEX(place))
    return found


def _scalar_function(target: _Target, name: str, signature: Any) -> Callable[[_Value, Sequence[_Value]], _Value]:
    kernel = KERNELS.get(name)
    if kernel is None:
        return target.context.get_function(getattr(math, name), signature)
    made = target.context.compile_subroutine(target.builder, kernel, signature)

    def call(builder: _Value, values: Sequence[_Value]) -> _Value:
        # the kernels raise nothing, and pieces of a program have no way to hand an error on
        return target.context.call_internal_no_propagate(builder, made.fndesc, signature, values)[1]

    return call


def _llvm(name: str) -> Callable[..., _Value]:
    """An intrinsic function of LLVM, which is there for numbers and for vectors."""

    def generate(target: _Target, *values: _Value) -> _Value:
        code, whole = target.kind.code, f"llvm.{name}.{target.kind.suffix}"
        signature = ir.FunctionType(code, [code] * len(values))
        return target.builder.call(cgutils.get_or_insert_function(target.builder.module, signature, whole), values)

    return generate


def _fixed_power(target: _Target, base: _Value, exponent: float) -> _Value:
    """base**exponent for a number: by squares and a root where the exponent is a whole or half one, else by C's library."""
    size = abs(exponent)
    if size > MOST_PRODUCT or size % 0.5 != 0:
        return _function(target, "pow", [base, target.number(exponent)])
    root = _llvm("sqrt")(target, base) if size % 1 else None
    whole = _squares(target, base, int(size)) if size >= 1 else None
    found = root if whole is None else whole if root is None else target.builder.fmul(whole, root)
    return target.builder.fdiv(target.number(1.0), found) if exponent < 0 else found


def _squares(target: _Target, base: _Value, exponent: int) -> _Value:
    if exponent == 1:
        return base
    half = _squares(target, base, exponent // 2)
    square = target.builder.fmul(half, half)
    return target.builder.fmul(square, base) if exponent % 2 else square


def _relation(sign: str) -> Callable[..., _Value]:
    return lambda target, left, right: target.builder.fcmp_ordered(sign, left, right)


def _extreme(first: str, second: str) -> Callable[..., _Value]:
    """The greater or lesser of two; not a number where one is not."""

    def generate(target: _Target, left: _Value, right: _Value) -> _Value:
        builder = target.builder
        otherwise = builder.select(builder.fcmp_ordered(second, left, right), right, builder.fadd(left, right))
        return builder.select(builder.fcmp_ordered(first, left, right), left, otherwise)

    return generate


def _sign(target: _Target, value: _Value) -> _Value:
    """-1, 0 or 1; not a number where the value is not."""
    builder, zero = target.builder, target.number(0.0)
    otherwise = builder.select(builder.fcmp_ordered("<", value, zero), target.number(-1.0), builder.fmul(value, zero))
    return builder.select(builder.fcmp_ordered(">", value, zero), target.number(1.0), otherwise)


_OPERATIONS: dict[str, Callable[..., _Value]] = {
    "add": lambda target, a, b: target.builder.fadd(a, b),
    "subtract": lambda target, a, b: target.builder.fsub(a, b),
    "multiply": lambda target, a, b: target.builder.fmul(a, b),
    "divide": lambda target, a, b: target.builder.fdiv(a, b),
    "negate": lambda target, a: target.builder.fneg(a),
    "power": lambda target, a, b: _function(target, "pow", [a, b]),
    "absolute": _llvm("fabs"),
    "floor": _llvm("floor"),
    "ceil": _llvm("ceil"),
    "sign": _sign,
    "maximum": _extreme(">=", "<"),
    "minimum": _extreme("<=", ">"),
    "less": _relation("<"),
    "less_equal": _relation("<="),
    "greater": _relation(">"),
    "greater_equal": _relation(">="),
    "equal": _relation("=="),
    "unequal": lambda target, a, b: target.builder.fcmp_unordered("!=", a, b),
    "and": lambda target, a, b: target.builder.and_(a, b),
    "or": lambda target, a, b: target.builder.or_(a, b),
    "not": lambda target, a: target.builder.not_(a),
    "select": lambda target, condition, a, b: target.builder.select(condition, a, b),
}
