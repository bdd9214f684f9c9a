"""How kernels are compiled: without the GIL, kept on disk where a folder can be written, their parts inlined."""

from collections.abc import Callable
from typing import Any

from numba import njit
from numba.extending import overload

# Kernels allocate nothing, so Numba need not count who refers to an array. Its counting is atomic, and where it is not
# optimized away an atomic step in a loop waits until all that was stored is in the cache, which costs a third of the speed.
_OPTIONS = {"nogil": True, "error_model": "numpy", "_nrt": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function that allocates nothing on its first call, and keep the machine code for the next process.

    Numba looks for a folder when the function is defined, and refuses where it finds none that it can write to: then the
    function is compiled anew in each process.
    """
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:
        return njit(**_OPTIONS)(function)


kernel_part = njit(inline="always")

# A part that Numba compiles by itself, which takes it less time, and that LLVM then inlines. Left to itself LLVM may make it a
# call: every array goes as seven arguments over the stack, behind all stores that wait for the cache, which cost CBOW a third of
# its speed.
_SECTION = {"forceinline": True, "error_model": "numpy", "_nrt": False}
kernel_section = njit(**_SECTION)


def implements(operation: Callable[..., Any], kind: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a part the one that `operation` stands for where its first operand is a NamedTuple of this kind.

    It is inlined as a `kernel_section` is.
    A kernel that calls the operation is compiled for each kind when it first meets one, and kept on disk for each.
    """

    def register(part: Callable[..., Any]) -> Callable[..., Any]:
        @overload(operation, strict=False, jit_options=_SECTION)
        def choose(*operands: Any) -> Callable[..., Any] | None:
            return part if getattr(operands[0], "instance_class", None) is kind else None

        return part

    return register
