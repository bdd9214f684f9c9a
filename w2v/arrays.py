"""Arrays that stay as they are."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def read_only(values: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    """A view that cannot be written through, of an array or of a new one where the type differs.

    >>> array = np.zeros(2)
    >>> view = read_only(array, np.float64)
    >>> view.flags.writeable, array.flags.writeable, view.base is array
    (False, True, True)
    """
    view = np.asarray(values, dtype).view()
    view.flags.writeable = False
    return view
