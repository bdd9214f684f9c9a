"""Vectors of float32 for Numba kernels, and tuples of them as register tiles.

A tile is a plain tuple of vectors, and every operation takes its size from the type of its tuple, so one kernel source
serves every tile shape; LLVM keeps the tuples in registers. Offsets count numbers, not bytes, and are int64.

`LANES` and `TILE_CONTEXTS` follow the processor that Numba compiles for. Machine code that contains them can be cached,
because Numba keys its cache on the same processor name and features.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.registry import cpu_target
from numba.extending import intrinsic, models, register_model

UniTuple: Any = vars(types)["UniTuple"]  # type checkers cannot see how Numba defines it
TILE_OUTPUTS = 6
TILE_WIDTH = 8  # the scores of one context row stand at a multiple of this


class RegisterShape(NamedTuple):
    """The width of a processor's vectors, and the context rows that fit its registers beside six output rows."""

    lanes: int
    tile_contexts: int


def register_shape(triple: str, features: str) -> RegisterShape:
    """Choose the vector width and the height of a tile for a processor.

    A tile of c context rows and six output rows needs 6 c sums besides its operands: 32 registers hold four context
    rows, 16 hold two. A wrong choice costs speed only; LLVM makes any width work on any processor.

    >>> register_shape("x86_64-unknown-linux-gnu", "+avx2,+avx512f")
    RegisterShape(lanes=16, tile_contexts=4)
    >>> register_shape("x86_64-unknown-linux-gnu", "")
    RegisterShape(lanes=4, tile_contexts=2)
    """
    enabled = features.split(",")
    if "+avx512f" in enabled:
        return RegisterShape(lanes=16, tile_contexts=4)
    if triple.startswith(("aarch64", "arm64")):
        return RegisterShape(lanes=4, tile_contexts=4)
    return RegisterShape(lanes=8 if "+avx" in enabled else 4, tile_contexts=2)


_triple, _, _features = cpu_target.target_context.codegen().magic_tuple()
LANES, TILE_CONTEXTS = register_shape(_triple, _features)

_FLOAT, _INT, _LONG = ir.FloatType(), ir.IntType(32), ir.IntType(64)
_VECTOR, _INT_VECTOR = ir.VectorType(_FLOAT, LANES), ir.VectorType(_INT, LANES)
_Value = Any  # an LLVM value: llvmlite has no types of its own to check against


class _VectorType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"float32x{LANES}")


vector = _VectorType()


@register_model(_VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type) -> None:
        super().__init__(manager, numba_type, _VECTOR)


# --- how an operation is declared ---------------------------------------------------------------------------------


def _operation(result: Callable[..., types.Type]) -> Callable[[Callable[..., _Value]], Any]:
    """Make an intrinsic of a function that emits LLVM instructions.

    `result` gives the type of the result for the types of the operands. The function gets the builder and, for each
    operand, what it works with: an array's address, the list of a tuple's values, a literal's Python number.
    """

    def declare(emit: Callable[..., _Value]) -> Any:
        @wraps(emit)  # Numba reads the operands' names from here; their first is the context in place of the builder
        def typing(typing_context: Any, *operands: types.Type) -> Any:
            def generate(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
                emitted = emit(
                    builder, *map(_operand, [context] * len(values), [builder] * len(values), operands, values)
                )
                if signature.return_type is types.void:
                    return context.get_dummy_value()
                return cgutils.pack_array(builder, emitted) if isinstance(emitted, list) else emitted

            return result(*operands)(*map(_as_passed, operands)), generate

        return intrinsic(prefer_literal=True)(typing)

    return declare


def _as_passed(operand: types.Type) -> types.Type:
    return types.int64 if isinstance(operand, types.Integer) and not isinstance(operand, types.Literal) else operand


def _operand(context: Any, builder: _Value, operand: types.Type, value: _Value) -> _Value:
    if isinstance(operand, types.Literal):
        return operand.literal_value
    if isinstance(operand, types.Array):
        return context.make_array(operand)(context, builder, value).data
    return cgutils.unpack_tuple(builder, value) if isinstance(operand, UniTuple) else value


def _lanewise(emit: Callable[..., _Value]) -> Any:
    """An operation on vectors, or on tuples of vectors one by one; a single vector beside a tuple serves all of it."""

    def result(*operands: types.Type) -> types.Type:
        return next((operand for operand in operands if isinstance(operand, UniTuple)), vector)

    @wraps(emit)
    def lift(builder: _Value, *operands: _Value) -> _Value:
        size = next((len(operand) for operand in operands if isinstance(operand, list)), None)
        if size is None:
            return emit(builder, *operands)
        columns = [operand if isinstance(operand, list) else [operand] * size for operand in operands]
        return [emit(builder, *row) for row in zip(*columns, strict=True)]

    return _operation(result)(lift)


# --- pieces of LLVM code ------------------------------------------------------------------------------------------


def _fill(number: float, kind: ir.Type = _VECTOR) -> ir.Constant:
    return ir.Constant(kind, [number] * LANES)


def _call(builder: _Value, name: str, result: ir.Type, arguments: Sequence[_Value]) -> _Value:
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


def _at(builder: _Value, address: _Value, *offsets: _Value) -> _Value:
    for offset in offsets:
        index = _LONG(offset) if isinstance(offset, int) else offset
        address = builder.gep(address, [index], inbounds=True)
    return address


def _load(builder: _Value, address: _Value) -> _Value:
    return builder.load(builder.bitcast(address, _VECTOR.as_pointer()), align=4)


def _store(builder: _Value, value: _Value, address: _Value) -> None:
    builder.store(value, builder.bitcast(address, _VECTOR.as_pointer()), align=4)


def _splat(builder: _Value, scalar: _Value) -> _Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    return builder.shuffle_vector(builder.insert_element(undefined, scalar, _INT(0)), undefined, _fill(0, _INT_VECTOR))


def _multiply_add(builder: _Value, a: _Value, b: _Value, c: _Value) -> _Value:
    return _call(builder, f"llvm.fmuladd.v{LANES}f32", _VECTOR, [a, b, c])


def _prefetch(builder: _Value, address: _Value) -> None:
    to_read, all_levels, data = _INT(0), _INT(3), _INT(1)
    line = builder.bitcast(address, ir.IntType(8).as_pointer())
    _call(builder, "llvm.prefetch.p0", ir.VoidType(), [line, to_read, all_levels, data])


# --- memory -------------------------------------------------------------------------------------------------------


@_operation(lambda array, offset: vector)
def load(builder: _Value, array: _Value, offset: _Value) -> _Value:
    """The vector at `offset` of a float32 array."""
    return _load(builder, _at(builder, array, offset))


@_operation(lambda array, offset, value: types.void)
def store(builder: _Value, array: _Value, offset: _Value, value: _Value) -> None:
    """Write a vector at `offset` of a float32 array."""
    _store(builder, value, _at(builder, array, offset))


@_operation(lambda array, offset: types.void)
def prefetch(builder: _Value, array: _Value, offset: _Value) -> None:
    """Start to fetch the cache line at `offset`; changes no value."""
    _prefetch(builder, _at(builder, array, offset))


@_operation(lambda array, start, size: UniTuple(types.int64, size.literal_value))
def take(builder: _Value, array: _Value, start: _Value, size: int) -> list[_Value]:
    """The tuple `array[start : start + size]` of an int64 array; `size` is a literal or a global constant."""
    return [builder.load(_at(builder, array, start, i)) for i in range(size)]


@_operation(lambda array, rows, offset: UniTuple(vector, rows.count))
def load_each(builder: _Value, array: _Value, rows: list[_Value], offset: _Value) -> list[_Value]:
    """The vectors at `row + offset` for each of the tuple `rows`."""
    return [_load(builder, _at(builder, array, row, offset)) for row in rows]


@_operation(lambda array, rows, offset, values: types.void)
def store_each(builder: _Value, array: _Value, rows: list[_Value], offset: _Value, values: list[_Value]) -> None:
    """Write a tuple of vectors, one at `row + offset` for each of the tuple `rows`."""
    for row, value in zip(rows, values, strict=True):
        _store(builder, value, _at(builder, array, row, offset))


@_operation(lambda array, rows, offset: types.void)
def prefetch_each(builder: _Value, array: _Value, rows: list[_Value], offset: _Value) -> None:
    """Start to fetch the cache lines at `row + offset` for each of the tuple `rows`."""
    for row in rows:
        _prefetch(builder, _at(builder, array, row, offset))


@_operation(lambda array, start, like: like)
def load_like(builder: _Value, array: _Value, start: _Value, like: list[_Value]) -> list[_Value]:
    """As many vectors as `like` has, one behind the other from `start` on."""
    return [_load(builder, _at(builder, array, start, i * LANES)) for i in range(len(like))]


@_operation(lambda array, start, values: types.void)
def store_all(builder: _Value, array: _Value, start: _Value, values: list[_Value]) -> None:
    """Write a tuple of vectors, one behind the other from `start` on."""
    for i, value in enumerate(values):
        _store(builder, value, _at(builder, array, start, i * LANES))


@_operation(lambda scalar: vector)
def splat(builder: _Value, scalar: _Value) -> _Value:
    """A vector whose lanes are all the float32 `scalar`."""
    return _splat(builder, scalar)


@_operation(lambda array, start, like: like)
def splat_like(builder: _Value, array: _Value, start: _Value, like: list[_Value]) -> list[_Value]:
    """As many vectors as `like` has, each filled with the next number of a float32 array from `start` on."""
    return [_splat(builder, builder.load(_at(builder, array, start, i))) for i in range(len(like))]


# --- arithmetic, lane by lane -------------------------------------------------------------------------------------


@_lanewise
def add(builder: _Value, a: _Value, b: _Value) -> _Value:
    """a + b"""
    return builder.fadd(a, b)


@_lanewise
def subtract(builder: _Value, a: _Value, b: _Value) -> _Value:
    """a - b"""
    return builder.fsub(a, b)


@_lanewise
def multiply(builder: _Value, a: _Value, b: _Value) -> _Value:
    """a b"""
    return builder.fmul(a, b)


@_lanewise
def divide(builder: _Value, a: _Value, b: _Value) -> _Value:
    """a / b"""
    return builder.fdiv(a, b)


@_lanewise
def multiply_add(builder: _Value, a: _Value, b: _Value, c: _Value) -> _Value:
    """a b + c, rounded once where the processor can"""
    return _multiply_add(builder, a, b, c)


@_lanewise
def clamp(builder: _Value, a: _Value, low: _Value, high: _Value) -> _Value:
    """a, but at least `low` and at most `high`"""
    a = builder.select(builder.fcmp_ordered(">", a, low), a, low)
    return builder.select(builder.fcmp_ordered("<", a, high), a, high)


# 2**f for |f| <= 1/2, highest power first: least relative error (9.1e-8) of degree 5 with 2**0 = 1.
_EXP2_COEFFICIENTS = (1.32647e-3, 9.67151e-3, 5.550734e-2, 2.4022242e-1, 6.9314698e-1, 1.0)


@_lanewise
def exp2(builder: _Value, a: _Value) -> _Value:
    """2**a for |a| <= 125, to a relative error of 3e-7"""
    # Adding 1.5 * 2**23 rounds to an integer, which stands in the low bits of the sum, ready to become an exponent.
    rounder = _fill(12582912.0)
    shifted = builder.fadd(a, rounder)
    fraction = builder.fsub(a, builder.fsub(shifted, rounder))
    power = _fill(_EXP2_COEFFICIENTS[0])
    for coefficient in _EXP2_COEFFICIENTS[1:]:
        power = _multiply_add(builder, power, fraction, _fill(coefficient))
    exponents = builder.shl(builder.bitcast(shifted, _INT_VECTOR), _fill(23, _INT_VECTOR))
    return builder.bitcast(builder.add(builder.bitcast(power, _INT_VECTOR), exponents), _VECTOR)


@_lanewise
def exponent(builder: _Value, a: _Value) -> _Value:
    """e where a = m 2**e and 1 <= m < 2, for a > 0"""
    biased = builder.lshr(builder.bitcast(a, _INT_VECTOR), _fill(23, _INT_VECTOR))
    return builder.sitofp(builder.sub(biased, _fill(127, _INT_VECTOR)), _VECTOR)


@_lanewise
def mantissa(builder: _Value, a: _Value) -> _Value:
    """m where a = m 2**e and 1 <= m < 2, for a > 0"""
    bits = builder.and_(builder.bitcast(a, _INT_VECTOR), _fill(0x7FFFFF, _INT_VECTOR))
    return builder.bitcast(builder.or_(bits, _fill(0x3F800000, _INT_VECTOR)), _VECTOR)


# log2(1 + f) / f for 0 <= f <= 1, highest power first: least absolute error (7.1e-9) of log2 with degree 8.
_LOG2_COEFFICIENTS = (
    *(5.67045528e-3, -3.44161652e-2, 9.82254744e-2, -1.83090836e-1, 2.67905861e-1),
    *(-3.55951637e-1, 4.80268389e-1, -7.21305609e-1, 1.44269407),
)


@_lanewise
def log2(builder: _Value, a: _Value) -> _Value:
    """The logarithm of a > 0 to base 2, to an absolute error of 2e-7 and half a unit in the last place"""
    bits = builder.bitcast(a, _INT_VECTOR)
    whole = builder.sitofp(builder.sub(builder.lshr(bits, _fill(23, _INT_VECTOR)), _fill(127, _INT_VECTOR)), _VECTOR)
    low = builder.or_(builder.and_(bits, _fill(0x7FFFFF, _INT_VECTOR)), _fill(0x3F800000, _INT_VECTOR))
    fraction = builder.fsub(builder.bitcast(low, _VECTOR), _fill(1.0))
    series = _fill(_LOG2_COEFFICIENTS[0])
    for coefficient in _LOG2_COEFFICIENTS[1:]:
        series = _multiply_add(builder, series, fraction, _fill(coefficient))
    return _multiply_add(builder, series, fraction, whole)


# --- tiles --------------------------------------------------------------------------------------------------------


@_operation(lambda rows, columns: UniTuple(vector, rows.count * columns.count))
def zero_products(builder: _Value, rows: list[_Value], columns: list[_Value]) -> list[_Value]:
    """A zero vector for each pair of a row and a column."""
    return [_fill(0.0)] * (len(rows) * len(columns))


@_operation(lambda rows, columns, sums: sums)
def add_products(builder: _Value, rows: list[_Value], columns: list[_Value], sums: list[_Value]) -> list[_Value]:
    """`sums[i * len(columns) + j] + rows[i] * columns[j]` for every i and j."""
    pairs = [(row, column) for row in rows for column in columns]
    return [_multiply_add(builder, row, column, total) for (row, column), total in zip(pairs, sums, strict=True)]


@_operation(lambda a, b, start: vector)
def add_dot(builder: _Value, a: list[_Value], b: list[_Value], start: _Value) -> _Value:
    """`start + a[0] * b[0] + a[1] * b[1] + ...`"""
    for x, y in zip(a, b, strict=True):
        start = _multiply_add(builder, x, y, start)
    return start


def _block_shuffles() -> list[tuple[list[int], list[int]]]:
    """The shuffles of a transposing sum, level by level: inside blocks of four lanes first, which x86 and Arm do fast."""

    def in_blocks(part: int, pick: Callable[[int], list[int]]) -> list[int]:
        return [lane for block in range(0, LANES, 4) for lane in pick(block + 2 * part)]

    def whole_blocks(part: int) -> list[int]:
        blocks = range(part, LANES // 4, 2)
        return [base + 4 * block + lane for base in (0, LANES) for block in blocks for lane in range(4)]

    interleave = (
        in_blocks(0, lambda s: [s, LANES + s, s + 1, LANES + s + 1]),
        in_blocks(1, lambda s: [s, LANES + s, s + 1, LANES + s + 1]),
    )
    join = (
        in_blocks(0, lambda s: [s, s + 1, LANES + s, LANES + s + 1]),
        in_blocks(1, lambda s: [s, s + 1, LANES + s, LANES + s + 1]),
    )
    block_levels = (LANES // 4).bit_length() - 1
    return [interleave, join, *[(whole_blocks(0), whole_blocks(1))] * block_levels]


def _transposing_sum(builder: _Value, level: list[_Value | None]) -> _Value:
    """The sums over the lanes of `LANES` vectors, in order, as one vector; None stands for sums that nobody asked for.

    The lanes of those hold copies of other sums, so that they are finite where the others are.
    """
    for shuffles in _block_shuffles():
        level = [_fold(builder, level[i], level[i + 1], shuffles) for i in range(0, len(level), 2)]
    return level[0]


def _fold(builder: _Value, a: _Value | None, b: _Value | None, shuffles: tuple[list[int], list[int]]) -> _Value | None:
    if a is None:
        return None
    low, high = (builder.shuffle_vector(a, a if b is None else b, ir.Constant(_INT_VECTOR, mask)) for mask in shuffles)
    return builder.fadd(low, high)


@_operation(lambda values: UniTuple(vector, -(-values.count // LANES)))
def sum_lanes(builder: _Value, values: list[_Value]) -> list[_Value]:
    """The sum over the lanes of each vector, in order, packed into as few vectors as hold them.

    Lanes behind the last sum hold copies of other sums.
    """
    padded = [*values, *[None] * (-len(values) % LANES)]
    return [_transposing_sum(builder, padded[first : first + LANES]) for first in range(0, len(padded), LANES)]


@_operation(lambda values, columns: UniTuple(vector, -(-values.count // columns.count * TILE_WIDTH // LANES)))
def sum_rows(builder: _Value, values: list[_Value], columns: list[_Value]) -> list[_Value]:
    """As `sum_lanes`, but with the sums of every `len(columns)` values at a multiple of TILE_WIDTH."""
    width = len(columns)
    padded: list[_Value | None] = []
    for first in range(0, len(values), width):
        padded += [*values[first : first + width], *[None] * (TILE_WIDTH - width)]
    padded += [None] * (-len(padded) % LANES)
    return [_transposing_sum(builder, padded[first : first + LANES]) for first in range(0, len(padded), LANES)]
