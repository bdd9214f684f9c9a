"""float32 numbers in decimal, with as few digits as tell them from all others."""

import numpy as np
from numpy.typing import NDArray

_POWERS = 10.0 ** np.arange(23)  # each one is exact in float64
_FORMATS = tuple(f"%.{digits}g" for digits in range(10))
_ENOUGH = 9  # digits, for any float32
_BY_NUMPY = 0
_TIE = 1e-5


def decimal_rows(vectors: NDArray[np.float32]) -> list[str]:
    """Each row's numbers with blanks between them, spelled as NumPy and so gensim spell a float32.

    >>> decimal_rows(np.array([[0.1, -2, 1e-5], [1 / 3, 1e20, 0]], np.float32))
    ['0.1 -2.0 1e-05', '0.33333334 1e+20 0.0']
    """
    digits = _fewest_digits(vectors)
    lines = []
    for number, counts in enumerate(digits):
        if counts.all():
            line = " ".join([_FORMATS[count] for count in counts.tolist()]) % tuple(vectors[number].tolist())
        else:
            line = " ".join(map(str, vectors[number]))
        lines.append(line)
    return lines


def _fewest_digits(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """How many significant digits each number needs, 6 to 9 (trailing zeros vanish), or 0 where NumPy is to be asked.

    x has n digits when x rounded to n digits is nearer to x than to any other float32. x · 10^k is off by half a unit in the last
    place of float64, at most 1e-7 for nine digits before the point: only where it is that near to a tie could the rounding differ
    from that of x, and NumPy is asked. So it is for powers of two, where the next float32 below is nearer than the one
    above, for numbers of 1 or more without a fraction in six digits, whose point %g leaves out, and for very small ones.
    """
    sizes = np.abs(vectors.astype(np.float64))
    plain = (sizes > 1e-12) & (sizes < 1e5) & (np.frexp(sizes)[0] != 0.5)
    sizes[~plain] = 0.3
    exponents = np.floor(np.log10(sizes)).astype(np.int64)
    digits = np.full(vectors.shape, _ENOUGH, np.int8)
    for count in (8, 7, 6):
        scale = _POWERS[count - 1 - exponents]
        scaled = sizes * scale
        rounded = np.rint(scaled)
        plain &= np.abs(np.abs(scaled - rounded) - 0.5) > _TIE
        digits[(rounded / scale).astype(np.float32) == sizes] = count
    whole = (sizes >= 1) & (digits == 6)
    return np.where(plain & ~whole, digits, _BY_NUMPY).astype(np.int8)
