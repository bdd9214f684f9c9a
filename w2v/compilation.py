"""How kernels are compiled: without the GIL, kept on disk where a folder can be written, their parts inlined."""

from collections.abc import Callable
from typing import Any

from numba import njit


def kernel(function: Callable[..., Any]) -> Any:
    """Compile a function on its first call, and keep the machine code for the next process.

    Numba looks for a folder when the function is defined, and refuses where it finds none that it can write to: then the
    function is compiled anew in each process.
    """
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(nogil=True, error_model="numpy")(function)


kernel_part = njit(inline="always")
