"""Whether a value has the type that a field is annotated with: what is read from a file is held to it."""

from collections.abc import Callable
from types import UnionType
from typing import Any, Union, get_args, get_origin

import numpy as np

# containers from this size on are checked once, however many fields share them
LARGE = 16


class FieldTypes:
    """Compares values with annotations; remembers what it has said of large containers, which must stay alive meanwhile.

    >>> FieldTypes().fits((1, 2), tuple[int, ...]), FieldTypes().fits((1, True), tuple[int, ...])
    (True, False)
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], bool] = {}

    def fits(self, value: Any, annotation: Any) -> bool:
        if isinstance(value, tuple | dict | frozenset) and len(value) >= LARGE:
            key = (id(value), str(annotation))
            if key not in self._known:
                self._known[key] = self._compare(value, annotation)
            return self._known[key]
        return self._compare(value, annotation)

    def _compare(self, value: Any, annotation: Any) -> bool:
        if annotation is None:
            return value is None
        if isinstance(annotation, type) and get_origin(annotation) is None:
            # True is an int to Python, and 1 would be taken for it
            return isinstance(value, annotation) and (annotation is bool) == isinstance(value, bool)
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin in (Union, UnionType):
            return any(self.fits(value, choice) for choice in arguments)
        compare = _CONTAINERS.get(origin)
        return compare is not None and compare(self, value, arguments)

    def _tuple(self, value: Any, arguments: tuple[Any, ...]) -> bool:
        if not isinstance(value, tuple):
            return False
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            return all(self.fits(item, arguments[0]) for item in value)
        return len(value) == len(arguments) and all(map(self.fits, value, arguments))

    def _set(self, value: Any, arguments: tuple[Any, ...]) -> bool:
        return isinstance(value, frozenset) and all(self.fits(item, arguments[0]) for item in value)

    def _dict(self, value: Any, arguments: tuple[Any, ...]) -> bool:
        key, entry = arguments
        return isinstance(value, dict) and all(self.fits(k, key) and self.fits(v, entry) for k, v in value.items())

    def _array(self, value: Any, arguments: tuple[Any, ...]) -> bool:
        (scalar,) = get_args(arguments[1])
        return isinstance(value, np.ndarray) and value.dtype == np.dtype(scalar)


_CONTAINERS: dict[Any, Callable[[FieldTypes, Any, tuple[Any, ...]], bool]] = {
    tuple: FieldTypes._tuple,
    frozenset: FieldTypes._set,
    dict: FieldTypes._dict,
    np.ndarray: FieldTypes._array,
}
