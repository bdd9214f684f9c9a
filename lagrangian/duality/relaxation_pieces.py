"""The dual function of one multiplier as a whole: all its pieces and breakpoints, exactly.

It is the least of finitely many lines. Where the lines at two points meet on the graph, no other piece lies between; where
they meet above it, the line found at the meeting point divides the interval (Eisner and Severance 1976). Where all variables
stand alone, each goes to its other end where its slope changes sign; the pieces are read off in that order.
"""

import time
from dataclasses import dataclass

from flint import fmpq

from lagrangian.relaxations.multipliers import DualFunction, DualPoint, far_point

MOST_PIECES = 5000


@dataclass(frozen=True)
class Piece:
    """L(m) = cost + slope m from ``start`` on (None: from minus infinity), up to the next piece."""

    start: fmpq | None
    cost: int | fmpq
    slope: int | fmpq


def pieces(dual: DualFunction, deadline: float = float("inf")) -> tuple[Piece, ...] | None:
    """The pieces from left to right, slopes falling; None where no point is kept, for too many pieces, or for want of time."""
    if dual.inner.is_separable:
        return _separable(dual)
    is_free = dual.rows[0].is_equation
    left, right = far_point(dual, -1) if is_free else dual.at((fmpq(0),)), far_point(dual, 1)
    if left is None or right is None:
        return None
    lines = {(left.slope[0], left.cost), (right.slope[0], right.cost)}
    waiting = [(left, right)]
    while waiting:
        found = _between(dual, *waiting.pop())
        if found is not None:
            before, middle, after = found
            lines.add((middle.slope[0], middle.cost))
            waiting += [(before, middle), (middle, after)]
        if len(lines) > MOST_PIECES or time.monotonic() > deadline:
            return None
    return _ordered(lines, is_free)


def _separable(dual: DualFunction) -> tuple[Piece, ...]:
    """Every variable in the row changes ends where its cost and its share of the multiplier cancel."""
    row, costs = dual.rows[0], dual.inner.program.costs
    low, high = dual.ranges
    point = [int(high[i] if costs[i] < 0 else low[i]) for i in range(len(costs))]
    flips: dict[fmpq, list[tuple[int, int]]] = {}
    for i, a in zip(row.places, row.coefficients, strict=True):
        zero = fmpq(-costs[i], a)
        first, last = (int(high[i]), int(low[i])) if a > 0 else (int(low[i]), int(high[i]))
        point[i] = first if row.is_equation or zero > 0 else last
        if first != last and (row.is_equation or zero > 0):
            flips.setdefault(zero, []).append((costs[i] * (last - first), a * (last - first)))
    cost, slope = dual.inner.program.cost(tuple(point)), row.total(tuple(point)) - row.limit
    found = [Piece(None if row.is_equation else fmpq(0), cost, slope)]
    for start in sorted(flips):
        cost += sum(change for change, _ in flips[start])
        slope += sum(change for _, change in flips[start])
        found.append(Piece(start, cost, slope))
    return tuple(found)


def _between(dual: DualFunction, left: DualPoint, right: DualPoint) -> tuple[DualPoint, DualPoint, DualPoint] | None:
    """The dual point where two lines meet, if it lies below them."""
    if left.slope[0] <= right.slope[0]:
        return None
    meeting = fmpq(right.cost - left.cost) / (left.slope[0] - right.slope[0])
    middle = dual.at((meeting,))
    if middle is None or middle.value == left.cost + meeting * left.slope[0]:
        return None
    return left, middle, right


def _ordered(lines: set[tuple[int | fmpq, int | fmpq]], is_free: bool) -> tuple[Piece, ...]:
    """The lower envelope of the lines on the axis, or on its half from 0 on."""
    steepest = sorted(lines, key=lambda line: (-line[0], line[1]))
    found: list[Piece] = []
    for slope, cost in steepest:
        start: fmpq | None = None if is_free else fmpq(0)
        while found:
            last = found[-1]
            if last.slope == slope:
                break
            start = fmpq(cost - last.cost) / (last.slope - slope)
            if last.start is not None and start <= last.start:
                found.pop()
                start = None if is_free else fmpq(0)
                continue
            break
        if not found or found[-1].slope != slope:
            found.append(Piece(start, cost, slope))
    return tuple(found)
