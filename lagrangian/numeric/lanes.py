"""Eight instances side by side: a Numba type for a vector of float64, so that one source serves numbers and vectors.

On values of type `lanes` the operators + - * / < <= > >= == and the functions of `math` work lane by lane, a number beside a
vector serves all its lanes, and comparisons give a `mask`. `read`, `write`, `select`, `maximum`, `minimum`, `sign`, `power` and
`negation` are defined for numbers and for vectors alike: in an array of one dimension an entry is a number, in a C-contiguous
array of shape (entries, WIDTH) it is a vector. LLVM makes one AVX-512 register of a vector, or two of AVX2, or four of SSE2 or
NEON.
"""

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import njit
from numba.core import cgutils, types
from numba.core.typeconv import Conversion
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, lower_cast, models, overload, register_model

WIDTH = 8
# what may be assumed of floating point: products and sums may become one rounding; nan and infinities keep their meaning
FAST = {"contract"}

_DOUBLE, _LONG, _BIT = ir.DoubleType(), ir.IntType(64), ir.IntType(1)
_VECTOR, _MASK, _LONGS = (ir.VectorType(kind, WIDTH) for kind in (_DOUBLE, _BIT, _LONG))
_Value = Any  # an LLVM value: llvmlite has no types of its own to check against
_NUMBERS = (types.Float, types.Integer, types.Boolean)


class LanesType(types.Type):
    """WIDTH float64, one of each instance."""

    def __init__(self) -> None:
        super().__init__(name=f"float64x{WIDTH}")

    def can_convert_from(self, typingctx: Any, other: types.Type) -> Any:
        """A number stands for WIDTH equal ones."""
        return Conversion.promote if isinstance(other, types.Float | types.Integer) else None


class MaskType(types.Type):
    """WIDTH truth values."""

    def __init__(self) -> None:
        super().__init__(name=f"boolx{WIDTH}")


lanes, mask = LanesType(), MaskType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type) -> None:
        super().__init__(manager, numba_type, _VECTOR)


@register_model(MaskType)
class _MaskModel(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: types.Type) -> None:
        super().__init__(manager, numba_type, _MASK)


def _fill(number: float, kind: ir.Type = _VECTOR) -> ir.Constant:
    return ir.Constant(kind, [number] * WIDTH)


def _splat(builder: _Value, scalar: _Value) -> _Value:
    undefined = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
    return builder.shuffle_vector(first, undefined, _fill(0, ir.VectorType(ir.IntType(32), WIDTH)))


@lower_cast(types.Float, lanes)
@lower_cast(types.Integer, lanes)
def _from_number(context: Any, builder: _Value, kind: types.Type, target: types.Type, value: _Value) -> _Value:
    return _splat(builder, context.cast(builder, value, kind, types.float64))


def _call(builder: _Value, name: str, result: ir.Type, arguments: Sequence[_Value]) -> _Value:
    signature = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, signature, name), arguments)


# --- operators and functions, lane by lane ------------------------------------------------------------------------------


def _declare(function: Any, operand: types.Type, result: types.Type, arity: int, emit: Callable[..., _Value]) -> None:
    """A function of `arity` operands of one type; numbers beside vectors are widened."""

    class Template(AbstractTemplate):
        key = function

        def generic(self, args: tuple[types.Type, ...], kws: Any) -> Any:
            fits = len(args) == arity and operand in args
            if fits and all(a == operand or (operand == lanes and isinstance(a, _NUMBERS)) for a in args):
                return result(*([operand] * arity))
            return None

    infer_global(function)(Template)

    @lower_builtin(function, *([operand] * arity))
    def lower(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
        return emit(builder, *values)


def _declare_all() -> None:
    arithmetic = {operator.add: "fadd", operator.sub: "fsub", operator.mul: "fmul", operator.truediv: "fdiv"}
    for function, name in arithmetic.items():
        _declare(function, lanes, lanes, 2, lambda b, x, y, name=name: getattr(b, name)(x, y))
    _declare(operator.neg, lanes, lanes, 1, lambda b, x: b.fneg(x))
    relations = {operator.lt: "<", operator.le: "<=", operator.gt: ">", operator.ge: ">=", operator.eq: "=="}
    for function, sign_text in relations.items():
        _declare(function, lanes, mask, 2, lambda b, x, y, sign_text=sign_text: b.fcmp_ordered(sign_text, x, y))
    _declare(operator.ne, lanes, mask, 2, lambda b, x, y: b.fcmp_unordered("!=", x, y))
    _declare(operator.and_, mask, mask, 2, lambda b, x, y: b.and_(x, y))
    _declare(operator.or_, mask, mask, 2, lambda b, x, y: b.or_(x, y))
    _declare(operator.invert, mask, mask, 1, lambda b, x: b.not_(x))
    rounded: dict[Any, str] = {math.sqrt: "sqrt", math.fabs: "fabs", math.floor: "floor", math.ceil: "ceil"}
    for function, name in rounded.items():
        whole = f"llvm.{name}.v{WIDTH}f64"
        _declare(function, lanes, lanes, 1, lambda b, x, whole=whole: _call(b, whole, _VECTOR, [x]))


_declare_all()


def _declare_each_lane(function: Any, arity: int = 1) -> None:
    """A function of C's library, called for one lane after the other."""

    class Template(AbstractTemplate):
        key = function

        def generic(self, args: tuple[types.Type, ...], kws: Any) -> Any:
            fits = len(args) == arity and lanes in args and all(a == lanes or isinstance(a, _NUMBERS) for a in args)
            return lanes(*([lanes] * arity)) if fits else None

    infer_global(function)(Template)
    scalar = types.float64(*([types.float64] * arity))
    one = (lambda x: function(x)) if arity == 1 else (lambda x, y: function(x, y))

    @lower_builtin(function, *([lanes] * arity))
    def lower(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
        found = ir.Constant(_VECTOR, ir.Undefined)
        for place in range(WIDTH):
            at = ir.IntType(32)(place)
            entries = [builder.extract_element(value, at) for value in values]
            found = builder.insert_element(found, context.compile_internal(builder, one, scalar, entries), at)
        return found


for _function in (
    math.sin,
    math.cos,
    math.tan,
    math.asin,
    math.acos,
    math.atan,
    math.sinh,
    math.cosh,
    math.tanh,
    math.asinh,
    math.acosh,
    math.atanh,
    math.erf,
    math.erfc,
):
    _declare_each_lane(_function)
_declare_each_lane(math.pow, 2)

# --- exp and log -------------------------------------------------------------------------------------------------------

# ln 2 in two parts: multiples of the first, up to 2**11, are exact (Cody and Waite 1980, chapter 6)
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUNDER = 1.5 * 2.0**52  # adding it rounds to an integer, which stands in the low bits of the sum
_EXP_TERMS = tuple(1.0 / math.factorial(n) for n in range(13, -1, -1))
_ATANH_TERMS = tuple(1.0 / n for n in range(21, 1, -2))
_SUBNORMAL = 2.0**54


def _multiply_add(builder: _Value, a: _Value, b: _Value, c: _Value) -> _Value:
    return _call(builder, f"llvm.fmuladd.v{WIDTH}f64", _VECTOR, [a, b, c])


def _polynomial(builder: _Value, terms: Sequence[float], x: _Value) -> _Value:
    value = _fill(terms[0])
    for term in terms[1:]:
        value = _multiply_add(builder, value, x, _fill(term))
    return value


def _two_to(builder: _Value, exponents: _Value) -> _Value:
    """2**e for integers -1022 <= e <= 1023."""
    return builder.bitcast(builder.shl(builder.add(exponents, _fill(1023, _LONGS)), _fill(52, _LONGS)), _VECTOR)


def _exp(builder: _Value, x: _Value) -> _Value:
    """e**x within 2 units in the last place: x = k ln 2 + r with |r| <= ln(2)/2, and the Taylor sum of e**r to r**13."""
    x = builder.select(builder.fcmp_ordered(">", x, _fill(710.0)), _fill(710.0), x)
    x = builder.select(builder.fcmp_ordered("<", x, _fill(-746.0)), _fill(-746.0), x)
    shifted = builder.fadd(builder.fmul(x, _fill(1 / math.log(2))), _fill(_ROUNDER))
    k = builder.fsub(shifted, _fill(_ROUNDER))
    r = _multiply_add(builder, k, _fill(-_LN2_HIGH), x)
    r = _multiply_add(builder, k, _fill(-_LN2_LOW), r)
    power = _polynomial(builder, _EXP_TERMS, r)
    exponents = builder.sub(builder.bitcast(shifted, _LONGS), builder.bitcast(_fill(_ROUNDER), _LONGS))
    # in two steps, so that the ends of the range overflow to infinity and underflow gradually
    half = builder.ashr(exponents, _fill(1, _LONGS))
    rest = builder.sub(exponents, half)
    return builder.fmul(builder.fmul(power, _two_to(builder, half)), _two_to(builder, rest))


def _log(builder: _Value, x: _Value) -> _Value:
    """ln x within 2 units in the last place: x = 2**e m with m near 1, and ln m = 2 atanh((m - 1)/(m + 1)) to the power 21."""
    small = builder.fcmp_ordered("<", x, _fill(2.0**-1022))
    scaled = builder.select(small, builder.fmul(x, _fill(_SUBNORMAL)), x)
    bits = builder.bitcast(scaled, _LONGS)
    # the mantissa between sqrt(1/2) and sqrt(2): the exponent is counted from the bits of sqrt(1/2)
    root = builder.bitcast(_fill(math.sqrt(0.5)), _LONGS)
    e = builder.ashr(builder.sub(bits, root), _fill(52, _LONGS))
    m = builder.bitcast(builder.sub(bits, builder.shl(e, _fill(52, _LONGS))), _VECTOR)
    exponent = builder.sitofp(e, _VECTOR)
    exponent = builder.select(small, builder.fsub(exponent, _fill(54.0)), exponent)
    s = builder.fdiv(builder.fsub(m, _fill(1.0)), builder.fadd(m, _fill(1.0)))
    square = builder.fmul(s, s)
    tail = builder.fmul(builder.fmul(s, square), _polynomial(builder, _ATANH_TERMS, square))
    twice = builder.fadd(tail, tail)
    low = _multiply_add(builder, exponent, _fill(_LN2_LOW), twice)
    found = builder.fadd(builder.fmul(exponent, _fill(_LN2_HIGH)), builder.fadd(builder.fadd(s, s), low))
    found = builder.select(builder.fcmp_ordered("==", x, _fill(0.0)), _fill(-math.inf), found)
    found = builder.select(builder.fcmp_ordered("==", x, _fill(math.inf)), x, found)
    return builder.select(builder.fcmp_unordered("<", x, _fill(0.0)), _fill(math.nan), found)


_declare(math.exp, lanes, lanes, 1, _exp)
_declare(math.log, lanes, lanes, 1, _log)


# --- the same words for numbers and for vectors -----------------------------------------------------------------------------


@intrinsic
def _load(typingctx: Any, array: types.Type, place: types.Type) -> Any:
    return lanes(array, types.int64), lambda context, builder, signature, values: builder.load(
        _address(context, builder, signature, values), align=8
    )


@intrinsic
def _store(typingctx: Any, array: types.Type, place: types.Type, value: types.Type) -> Any:
    def generate(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
        builder.store(values[2], _address(context, builder, signature, values), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, lanes), generate


def _address(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
    data = context.make_array(signature.args[0])(context, builder, values[0]).data
    start = builder.mul(values[1], _LONG(WIDTH))
    return builder.bitcast(builder.gep(data, [start], inbounds=True), _VECTOR.as_pointer())


@intrinsic
def _choose(typingctx: Any, condition: types.Type, left: types.Type, right: types.Type) -> Any:
    return lanes(mask, lanes, lanes), lambda context, builder, signature, values: builder.select(*values)


def read(array: Any, place: Any) -> Any:
    """Entry `place` of a float64 array: a number of a one-dimensional one, a vector of one of shape (entries, WIDTH)."""
    return array[place]


@overload(read)
def _read(array, place):  # type: ignore[no-untyped-def]
    if array.ndim == 1:
        return lambda array, place: array[place]
    return lambda array, place: _load(array, place)


@njit
def _set(array: Any, place: Any, value: Any) -> None:
    array[place] = value


def write(array: Any, place: Any, value: Any) -> None:
    """Store a number or a vector as entry `place` of an array."""
    array[place] = value


@overload(write)
def _write(array, place, value):  # type: ignore[no-untyped-def]
    if array.ndim == 1:
        return lambda array, place, value: _set(array, place, value)
    return lambda array, place, value: _store(array, place, value)


def select(condition: Any, left: Any, right: Any) -> Any:
    """left where the condition holds, else right."""
    return left if condition else right


@overload(select)
def _select(condition, left, right):  # type: ignore[no-untyped-def]
    if condition == mask:
        return lambda condition, left, right: _choose(condition, left, right)
    return lambda condition, left, right: left if condition else right


def negation(condition: Any) -> Any:
    """Whether the condition does not hold."""
    return not condition


@overload(negation)
def _negation(condition):  # type: ignore[no-untyped-def]
    return (lambda condition: ~condition) if condition == mask else (lambda condition: not condition)


@njit
def maximum(left: Any, right: Any) -> Any:
    """The greater of two; not a number where one is not."""
    return select(left >= right, left, select(right > left, right, left + right))


@njit
def minimum(left: Any, right: Any) -> Any:
    """The lesser of two; not a number where one is not."""
    return select(left <= right, left, select(right < left, right, left + right))


@njit
def sign(value: Any) -> Any:
    """-1, 0 or 1; not a number where the value is not."""
    return select(value > 0.0, 1.0, select(value < 0.0, -1.0, value * 0.0))


@njit
def power(base: Any, exponent: Any) -> Any:
    """base**exponent as C's library has it: not a number for a negative base with an exponent that is no integer."""
    return math.pow(base, exponent)


@intrinsic
def call_evaluation(
    typingctx: Any, address: types.Type, x: types.Type, weights: types.Type, p: types.Type, out: types.Type
) -> Any:
    """Call the C function at an address with the data of four arrays: so one compiled solver serves all problems."""

    def generate(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
        data = [
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args[1:], values[1:], strict=True)
        ]
        function = ir.FunctionType(ir.VoidType(), [pointer.type for pointer in data])
        builder.call(builder.inttoptr(values[0], function.as_pointer()), data)
        return context.get_dummy_value()

    return types.void(types.int64, x, weights, p, out), generate


@intrinsic
def borrowed(typingctx: Any, array: types.Type) -> Any:
    """The same array without an owner: handing it to a function counts no references, and who made it must keep it."""

    def generate(context: Any, builder: _Value, signature: Any, values: Sequence[_Value]) -> _Value:
        view = context.make_array(signature.args[0])(context, builder, values[0])
        view.meminfo = cgutils.get_null_value(view.meminfo.type)
        view.parent = cgutils.get_null_value(view.parent.type)
        return view._getvalue()

    return array(array), generate
