"""A compiled problem bound to arrays of its own: a call without arguments, for code that evaluates from Python.

Of a call from Python with four arrays most of the time goes by looking at the arrays. Here the addresses are part of the machine
code, so a call takes some tens of nanoseconds and the evaluation.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
from llvmlite import ir
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numpy.typing import NDArray

from lagrangian.shown import Shown

Array = NDArray[np.float64]

_numbers = count()


@dataclass(frozen=True, slots=True, eq=False)
class BoundProblem(Shown):
    """Arrays to fill, the call that evaluates, and arrays that show what it found; the arrays stay the same ones.

    Attributes:
        x, weights, parameters: what is evaluated at; fill them in place. All weights are 1 at first.
        evaluate: evaluate() computes everything that follows from them. It keeps the interpreter's lock: to give that
            away and take it again takes longer than most evaluations.
        objective: F, shape (1,).
        gradient, constraints: dF/dx and (g, h).
        jacobian, hessian: the entries of d(g, h)/dx and of the lower triangle of d^2 L/dx^2, in the order of the patterns.
    """

    x: Array
    weights: Array
    parameters: Array
    evaluate: Callable[[], None]
    objective: Array
    gradient: Array
    constraints: Array
    jacobian: Array
    hessian: Array


def bind(address: int, counts: tuple[int, int, int], entries: tuple[int, int]) -> BoundProblem:
    """Bind a C function of (x, weights, p, out) to new arrays.

    Args:
        address: where the function is.
        counts: the numbers of variables, functions and parameters.
        entries: the numbers of entries of the Jacobian and of the Hessian.
    """
    n, functions, parameters = counts
    sizes = np.cumsum([1, n, functions - 1, *entries])
    out = np.zeros(int(sizes[-1]))
    arrays = np.zeros(n), np.ones(functions), np.zeros(parameters)
    found = np.split(out, sizes[:-1])
    for array in found:
        array.flags.writeable = False
    return BoundProblem(*arrays, _call(address, [*arrays, out]), *found)


def _call(address: int, arrays: list[Array]) -> Callable[[], None]:
    name = f"lagrangian_bound_{next(_numbers)}"
    library = cpu_target.target_context.codegen().create_library(name)
    module = library.create_ir_module(name)
    builder = ir.IRBuilder(ir.Function(module, ir.FunctionType(ir.VoidType(), []), name).append_basic_block())
    pointer = ir.DoubleType().as_pointer()
    function = ir.FunctionType(ir.VoidType(), [pointer] * len(arrays)).as_pointer()
    given = [builder.inttoptr(ir.IntType(64)(array.ctypes.data), pointer) for array in arrays]
    builder.call(builder.inttoptr(ir.IntType(64)(address), function), given)
    builder.ret_void()
    with global_compiler_lock:
        library.add_ir_module(module)
        library.finalize()
    call = ctypes.PYFUNCTYPE(None)(library.get_pointer_to_function(name))
    # ctypes lets its functions have attributes: what the code refers to lives as long as it does
    call.kept = (library, arrays)  # type: ignore[attr-defined]
    return call
