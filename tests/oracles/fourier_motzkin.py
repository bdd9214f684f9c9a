"""Whether linear inequalities, some of them strict, have a solution: variables eliminated one after the other (Fourier 1827)."""

from fractions import Fraction
from itertools import product

# a.x + a_0 <= 0, or < 0 where the second is True
Row = tuple[tuple[Fraction, ...], bool]


def is_feasible(rows: list[Row]) -> bool:
    """Whether some point satisfies all rows, each (a_1, ..., a_n, a_0) with its strictness.

    >>> half = Fraction(1, 2)
    >>> is_feasible([((Fraction(1), -half), False), ((Fraction(-1), half), True)])
    False
    """
    while rows and len(rows[0][0]) > 1:
        below = [row for row in rows if row[0][0] < 0]
        above = [row for row in rows if row[0][0] > 0]
        rest = [(row[1:], strict) for row, strict in rows if row[0] == 0]
        for (low, first), (high, second) in product(below, above):
            combined = tuple(a * high[0] - b * low[0] for a, b in zip(low[1:], high[1:], strict=True))
            rest.append((combined, first or second))
        rows = list(dict.fromkeys(rest))
    return all(row[0] < 0 if strict else row[0] <= 0 for row, strict in rows)
