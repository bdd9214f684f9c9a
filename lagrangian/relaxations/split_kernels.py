"""Kernels of `split_search`: depth-first branch and bound with a dual simplex in floating point and bounds in integers.

    minimize c.x   subject to   A x + s = b,   low <= x <= high,   s >= 0 (inequalities) or s = 0 (equations)

With all variables at an end of their ranges the slacks are a dual feasible basis, so the dual simplex (Lemke 1954) needs no
first phase, and a node starts from the basis of its parent. What it ends with is only suggested: multipliers are rounded to
integers over one unit, and a node is closed where its bound, summed in 64-bit integers, says so. Tolerances therefore decide
about speed alone. Splits are chosen by the least that both parts must cost more (Driebeek 1966).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FEASIBLE = 1e-7
PIVOT = 1e-8
FRACTIONAL = 1e-6
MOST_PIVOTS = 2000
# what a node ends with
CLOSED, OPEN, CUT_OFF = 0, 1, 2
# the places of `Tree.progress`: entries, rows of multipliers, nodes, wanted cost, whether there is a point, bound of what is open
ENTRIES, USED, NODES, WANTED, HAS_POINT, BOUND = range(6)
# the places of `Levels.pending`
PLACE, AT, UPPER_FIRST, LEFT = range(4)
FAR = 1e30


def entry(function: Callable[..., Any]) -> Any:
    """Compile a function at its first call; kept on disk where Numba finds a folder that it can write to."""
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:
        return njit(error_model="numpy")(function)


# only other kernels call these: without wrappers for Python they are compiled faster
part = njit(error_model="numpy", no_cpython_wrapper=True, no_cfunc_wrapper=True)


class Rows(NamedTuple):
    """The problem in integers, by columns; ``scales`` are the largest entries of the rows, ``most`` that of multipliers."""

    costs: Integers
    limits: Integers
    exact: Flags
    starts: Integers
    places: Integers
    entries: Integers
    scales: Floats
    unit: int
    step: int
    most: int


class Levels(NamedTuple):
    """The nodes on the way from the root, by depth (the first axis of all arrays): tableaux, ranges, and what is left to do.

    Args:
        tableau: rows by columns, coefficients of the nonbasic variables.
        values: those of the basic variables; slopes: reduced costs of the others.
        basic, nonbasic: their numbers, slacks counted after the variables.
        at_high: whether a nonbasic variable is at the upper end of its range.
        low, high: ranges. objective: what the simplex has reached, in floating point. bounds: the bound in integers.
        pending: place and end of the split, whether the upper part comes first, and how many parts are still to come.
    """

    tableau: NDArray[np.float64]
    values: Floats
    slopes: Floats
    basic: Integers
    nonbasic: Integers
    at_high: NDArray[np.bool_]
    low: Integers
    high: Integers
    objective: Floats
    bounds: Integers
    pending: Integers


class Tree(NamedTuple):
    """Splits and leaves in the order of the walk, the multipliers of the leaves, the best point, and counters.

    An entry is (place, at): the part up to ``at`` comes first; (-2 - place, at): that from at + 1 on; (-1, row): a leaf with
    this row of multipliers.
    """

    entries: Integers
    multipliers: Integers
    point: Integers
    progress: Integers


@part
def position(level: Levels, d: int, column: int) -> float:
    """The value of a nonbasic variable."""
    v = level.nonbasic[d, column]
    if v >= level.low.shape[1]:
        return 0.0
    return float(level.high[d, v]) if level.at_high[d, column] else float(level.low[d, v])


@part
def rebuild(rows: Rows, level: Levels, d: int) -> None:
    """The slack basis of a node, with every variable at its cheaper end."""
    count, size = level.low.shape[1], len(rows.limits)
    level.objective[d] = 0.0
    for r in range(size):
        for j in range(count):
            level.tableau[d, r, j] = 0.0
        level.values[d, r] = rows.limits[r] / rows.scales[r]
        level.basic[d, r] = count + r
    for j in range(count):
        level.nonbasic[d, j] = j
        level.slopes[d, j] = float(rows.costs[j])
        level.at_high[d, j] = rows.costs[j] < 0
        at = position(level, d, j)
        level.objective[d] += at * rows.costs[j]
        for e in range(rows.starts[j], rows.starts[j + 1]):
            r = rows.places[e]
            a = rows.entries[e] / rows.scales[r]
            level.tableau[d, r, j] = a
            level.values[d, r] -= a * at


@part
def leaving_row(rows: Rows, level: Levels, d: int) -> tuple[int, float]:
    """The basic variable that is farthest outside its range, and the end it must go to; -1 where none is outside."""
    count = level.low.shape[1]
    found, worst, target = -1, FEASIBLE, 0.0
    for i in range(len(rows.limits)):
        b = level.basic[d, i]
        least, largest = 0.0, FAR
        if b < count:
            least, largest = float(level.low[d, b]), float(level.high[d, b])
        elif rows.exact[b - count]:
            largest = 0.0
        value = level.values[d, i]
        if least - value > worst:
            found, worst, target = i, least - value, least
        if value - largest > worst:
            found, worst, target = i, value - largest, largest
    return found, target


@part
def can_move(rows: Rows, level: Levels, d: int, column: int) -> bool:
    v, count = level.nonbasic[d, column], level.low.shape[1]
    return not rows.exact[v - count] if v >= count else level.low[d, v] < level.high[d, v]


@part
def entering_column(rows: Rows, level: Levels, d: int, row: int, rising: bool) -> tuple[int, float]:
    """The nonbasic variable whose reduced cost vanishes first when the row's variable moves, and that cost; -1 for none."""
    found, least, size = -1, FAR, 0.0
    for k in range(level.slopes.shape[1]):
        a = level.tableau[d, row, k]
        if abs(a) <= PIVOT or not can_move(rows, level, d, k):
            continue
        # from its lower end a variable goes up, which moves the row's variable against the sign of a
        if ((a < 0.0) != level.at_high[d, k]) != rising:
            continue
        ratio = abs(level.slopes[d, k]) / abs(a)
        if ratio < least - 1e-9 or (ratio < least + 1e-9 and abs(a) > size):
            found, least, size = k, min(ratio, least), abs(a)
    return found, least


@part
def pivot(level: Levels, d: int, row: int, column: int, target: float) -> None:
    """The row's variable goes to its end ``target`` and leaves the basis for the column's."""
    tableau, values, slopes = level.tableau[d], level.values[d], level.slopes[d]
    size, width, a = len(values), len(slopes), tableau[row, column]
    move = (values[row] - target) / a
    level.objective[d] += move * slopes[column]
    start = position(level, d, column)
    for i in range(size):
        values[i] -= tableau[i, column] * move
    values[row] = start + move
    factor = slopes[column] / a
    for k in range(width):
        tableau[row, k] /= a
        slopes[k] -= slopes[column] * tableau[row, k] if k != column else 0.0
    slopes[column] = -factor
    tableau[row, column] = 1.0 / a
    for i in range(size):
        share = tableau[i, column]
        if i != row and share != 0.0:
            for k in range(width):
                tableau[i, k] -= share * tableau[row, k]
            tableau[i, column] = -share / a
    out = level.basic[d, row]
    level.basic[d, row], level.nonbasic[d, column] = level.nonbasic[d, column], out
    is_variable = out < level.low.shape[1]
    level.at_high[d, column] = is_variable and target == float(level.high[d, out]) and target > float(level.low[d, out])


@part
def simplex(rows: Rows, level: Levels, d: int, goal: float) -> int:
    """Steps of the dual simplex up to the goal; a row that no point of the ranges satisfies, or -1."""
    for _ in range(MOST_PIVOTS):
        if level.objective[d] > goal:
            break
        row, target = leaving_row(rows, level, d)
        if row < 0:
            break
        column, _ = entering_column(rows, level, d, row, level.values[d, row] < target)
        if column < 0:
            return row
        pivot(level, d, row, column, target)
    return -1


@part
def suggest(rows: Rows, level: Levels, d: int, row: int, found: Integers) -> None:
    """Multipliers in integers: the reduced costs of the slacks, or what shows that a row cannot hold."""
    count, size = level.low.shape[1], len(rows.limits)
    exact = np.zeros(size)
    sign = 1.0
    if row >= 0:
        b = level.basic[d, row]
        sign = 1.0 if level.values[d, row] < (float(level.low[d, b]) if b < count else 0.0) else -1.0
        if b >= count:
            exact[b - count] = sign
    for k in range(level.slopes.shape[1]):
        v = level.nonbasic[d, k]
        if v >= count:
            exact[v - count] = level.slopes[d, k] if row < 0 else sign * level.tableau[d, row, k]
    largest = 1e-30
    for r in range(size):
        exact[r] /= rows.scales[r]
        largest = max(largest, abs(exact[r]))
    factor = float(rows.unit) if row < 0 else min(float(rows.most), 1048576.0) / largest
    for r in range(size):
        share = min(max(exact[r] * factor, -float(rows.most)), float(rows.most))
        found[r] = np.int64(np.floor(share + 0.5))
        if found[r] < 0 and not rows.exact[r]:
            found[r] = 0


@part
def bound(rows: Rows, multipliers: Integers, unit: int, low: Integers, high: Integers, slopes: Integers) -> int:
    """unit c.x + multipliers.(A x - b) at its least over the ranges, exactly; the slopes of the variables in place."""
    total = np.int64(0)
    for r in range(len(multipliers)):
        total -= multipliers[r] * rows.limits[r]
    for j in range(len(low)):
        slope = unit * rows.costs[j]
        for e in range(rows.starts[j], rows.starts[j + 1]):
            slope += rows.entries[e] * multipliers[rows.places[e]]
        slopes[j] = slope
        total += slope * (low[j] if slope > 0 else high[j])
    return total  # type: ignore[return-value]


@part
def offer(rows: Rows, tree: Tree, point: Integers) -> bool:
    """Take a point if it is feasible and costs what is wanted or less."""
    cost, sums = np.int64(0), np.zeros(len(rows.limits), dtype=np.int64)
    for j in range(len(point)):
        cost += rows.costs[j] * point[j]
        for e in range(rows.starts[j], rows.starts[j + 1]):
            sums[rows.places[e]] += rows.entries[e] * point[j]
    if cost > tree.progress[WANTED]:
        return False
    for r in range(len(sums)):
        if sums[r] > rows.limits[r] or (rows.exact[r] and sums[r] != rows.limits[r]):
            return False
    for j in range(len(point)):
        tree.point[j] = point[j]
    tree.progress[WANTED], tree.progress[HAS_POINT] = cost - rows.step, 1
    return True


@part
def offer_rounded(rows: Rows, level: Levels, tree: Tree, d: int, upward: bool) -> bool:
    """The simplex's point with its fractions rounded down, or up."""
    count = level.low.shape[1]
    point = np.zeros(count, dtype=np.int64)
    for k in range(level.slopes.shape[1]):
        if level.nonbasic[d, k] < count:
            point[level.nonbasic[d, k]] = np.int64(position(level, d, k))
    for i in range(len(rows.limits)):
        b = level.basic[d, i]
        if b < count:
            value = level.values[d, i]
            rounded = np.ceil(value - FRACTIONAL) if upward else np.floor(value + FRACTIONAL)
            point[b] = min(max(np.int64(rounded), level.low[d, b]), level.high[d, b])
    return offer(rows, tree, point)


@part
def note(tree: Tree, place: int, at: int) -> None:
    n = tree.progress[ENTRIES]
    tree.entries[n, 0], tree.entries[n, 1] = place, at
    tree.progress[ENTRIES] = n + 1


@part
def is_closed(rows: Rows, level: Levels, tree: Tree, d: int, row: int, slopes: Integers) -> bool:
    """Whether the multipliers suggested show that nothing is left; then they are noted as a leaf."""
    multipliers = tree.multipliers[tree.progress[USED]]
    suggest(rows, level, d, row, multipliers)
    if row >= 0:
        closed = bound(rows, multipliers, 0, level.low[d], level.high[d], slopes) > 0
    else:
        total = bound(rows, multipliers, rows.unit, level.low[d], level.high[d], slopes)
        level.bounds[d] = max(level.bounds[d], total)
        closed = total > rows.unit * tree.progress[WANTED]
        if not closed and (offer_rounded(rows, level, tree, d, False) or offer_rounded(rows, level, tree, d, True)):
            closed = total > rows.unit * tree.progress[WANTED]
    if closed:
        note(tree, -1, tree.progress[USED])
        tree.progress[USED] += 1
    return closed


@part
def narrow(level: Levels, d: int, place: int, low: int, high: int) -> None:
    """A smaller range for a variable; where it is not basic, it goes to the nearer end, and the others follow."""
    for k in range(level.slopes.shape[1]):
        if level.nonbasic[d, k] == place:
            before = position(level, d, k)
            level.low[d, place], level.high[d, place] = low, high
            level.at_high[d, k] = low < high and before >= high
            move = position(level, d, k) - before
            level.objective[d] += move * level.slopes[d, k]
            for i in range(level.values.shape[1]):
                level.values[d, i] -= level.tableau[d, i, k] * move
            return
    level.low[d, place], level.high[d, place] = low, high


@part
def fix_by_slopes(rows: Rows, level: Levels, tree: Tree, d: int, slopes: Integers) -> None:
    """Parts that the last multipliers exclude: each is split off as a leaf (Crowder, Johnson and Padberg 1983)."""
    total = bound(rows, tree.multipliers[tree.progress[USED]], rows.unit, level.low[d], level.high[d], slopes)
    slack, any_fixed = rows.unit * tree.progress[WANTED] - total, False
    for j in range(len(slopes)):
        low, high, s = level.low[d, j], level.high[d, j], slopes[j]
        if low == high or s == 0:
            continue
        steps = slack // abs(s)
        if steps >= high - low:
            continue
        if s > 0:
            note(tree, -2 - j, low + steps)
            narrow(level, d, j, low, low + steps)
        else:
            note(tree, j, high - steps - 1)
            narrow(level, d, j, high - steps, high)
        note(tree, -1, tree.progress[USED])
        any_fixed = True
    if any_fixed:
        tree.progress[USED] += 1


@part
def choose_split(rows: Rows, level: Levels, tree: Tree, d: int, slopes: Integers) -> bool:
    """The fraction whose parts both cost most; without one, a variable whose slope says least. False where all are fixed."""
    count, best, place, at, upper_first = level.low.shape[1], -1.0, -1, 0, False
    for i in range(len(rows.limits)):
        b, value = level.basic[d, i], level.values[d, i]
        if b >= count or abs(value - np.floor(value + 0.5)) <= FRACTIONAL:
            continue
        below = np.floor(value)
        if not level.low[d, b] <= below < level.high[d, b]:
            continue
        falling = (value - below) * min(entering_column(rows, level, d, i, False)[1], 1e9)
        rising = (below + 1.0 - value) * min(entering_column(rows, level, d, i, True)[1], 1e9)
        score = max(falling, 1e-6) * max(rising, 1e-6)
        if score > best:
            best, place, at, upper_first = score, b, int(below), rising < falling
    least = np.int64(-1)
    for j in range(count if place < 0 else 0):
        if level.low[d, j] < level.high[d, j] and (least < 0 or abs(slopes[j]) < least):
            least, place, upper_first = abs(slopes[j]), j, slopes[j] < 0
            at = level.high[d, j] - 1 if upper_first else level.low[d, j]
    if place < 0:
        return False
    note(tree, -2 - place if upper_first else place, at)
    level.pending[d, PLACE], level.pending[d, AT] = place, at
    level.pending[d, UPPER_FIRST], level.pending[d, LEFT] = np.int64(upper_first), 2
    return True


@part
def close_point(rows: Rows, level: Levels, tree: Tree, d: int, slopes: Integers) -> bool:
    """Where all variables are fixed: a row that fails, or the cost itself, closes the node."""
    multipliers = tree.multipliers[tree.progress[USED]]
    offer(rows, tree, level.low[d])
    for r in range(len(multipliers)):
        multipliers[r] = 0
    if bound(rows, multipliers, rows.unit, level.low[d], level.high[d], slopes) <= rows.unit * tree.progress[WANTED]:
        for k in range(2 * len(multipliers)):
            r = k // 2
            multipliers[r] = 1 if k % 2 == 0 else -np.int64(rows.exact[r])
            if bound(rows, multipliers, 0, level.low[d], level.high[d], slopes) > 0:
                break
            multipliers[r] = 0
    note(tree, -1, tree.progress[USED])
    tree.progress[USED] += 1
    return True


@part
def treat(rows: Rows, level: Levels, tree: Tree, d: int) -> int:
    """Close a node or split it. Where integers do not confirm what the simplex says, it goes on, and at last starts anew."""
    slopes = np.zeros(level.low.shape[1], dtype=np.int64)
    room = 2 * len(slopes) + 4
    if tree.progress[ENTRIES] + room > len(tree.entries) or tree.progress[USED] + 2 > len(tree.multipliers):
        return CUT_OFF
    wanted = float(tree.progress[WANTED])
    for attempt in range(3):
        if attempt == 2:
            rebuild(rows, level, d)
        row = simplex(rows, level, d, wanted + 1e-6 * (1.0 + abs(wanted)) if attempt == 0 else FAR)
        if is_closed(rows, level, tree, d, row, slopes):
            return CLOSED
        if row < 0 and level.objective[d] <= wanted:
            break
    if row < 0:
        fix_by_slopes(rows, level, tree, d, slopes)
    if choose_split(rows, level, tree, d, slopes):
        return OPEN
    return CLOSED if close_point(rows, level, tree, d, slopes) else CUT_OFF


@part
def descend(level: Levels, d: int) -> None:
    """The next part of a node, as a node of its own one level below."""
    size, width = level.values.shape[1], level.slopes.shape[1]
    for j in range(width):
        level.low[d + 1, j], level.high[d + 1, j] = level.low[d, j], level.high[d, j]
        level.nonbasic[d + 1, j], level.at_high[d + 1, j] = level.nonbasic[d, j], level.at_high[d, j]
        level.slopes[d + 1, j] = level.slopes[d, j]
    for i in range(size):
        level.basic[d + 1, i], level.values[d + 1, i] = level.basic[d, i], level.values[d, i]
        for j in range(width):
            level.tableau[d + 1, i, j] = level.tableau[d, i, j]
    level.objective[d + 1], level.bounds[d + 1] = level.objective[d], level.bounds[d]
    place, at = level.pending[d, PLACE], level.pending[d, AT]
    is_upper = (level.pending[d, LEFT] == 2) == (level.pending[d, UPPER_FIRST] == 1)
    level.pending[d, LEFT] -= 1
    if is_upper:
        narrow(level, d + 1, place, at + 1, level.high[d, place])
    else:
        narrow(level, d + 1, place, level.low[d, place], at)


@entry
def walk(rows: Rows, level: Levels, tree: Tree, most_nodes: int) -> bool:
    """The whole tree, depth first; False where nodes, depth or the room for entries are used up."""
    d = 0
    rebuild(rows, level, d)
    state = treat(rows, level, tree, d)
    while state != CUT_OFF:
        while d >= 0 and level.pending[d, LEFT] == 0:
            d -= 1
        if d < 0:
            return True
        if tree.progress[NODES] >= most_nodes or d + 2 > len(level.low):
            break
        descend(level, d)
        d += 1
        level.pending[d, LEFT] = 0
        tree.progress[NODES] += 1
        state = treat(rows, level, tree, d)
    open_bound = level.bounds[d]
    for k in range(d):
        if level.pending[k, LEFT] > 0:
            open_bound = min(open_bound, level.bounds[k])
    tree.progress[BOUND] = open_bound
    return False
