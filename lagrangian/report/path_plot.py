"""A solution path as a picture: the optimal point, the value, and for every constraint the parameters for which it is active."""

from collections.abc import Iterator, Sequence
from os import PathLike

import numpy as np
from numpy.typing import NDArray
from sympy import Float

from lagrangian.errors import ProblemError
from lagrangian.numeric.path_solution import PathSegment, SolutionPath
from lagrangian.numeric.path_tracing import EndReason
from lagrangian.report.notation import text
from lagrangian.report.picture import Bar, Item, Panel, Path, Picture, Role, Rule, saved
from lagrangian.report.picture_windows import heights

MOST_DRAWN = 8
# a panel is never lower than so many rows
FEWEST_ROWS = 3
SAME = 1e-9


def plot_path(path: SolutionPath, file: str | PathLike[str] | None = None) -> Picture:
    """x*(p), V(p) and the active set over the parameter, events dotted, ends and jumps dashed; written to a file if one is named.

    Raises:
        ProblemError: where the path has no point.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import symbols
    >>> from lagrangian import Problem, follow_path
    >>> x, b = symbols("x b", real=True)
    >>> picture = plot_path(follow_path(Problem((x - b) ** 2, [x <= 2], over=[x]), b, 0, 3))
    >>> [(bar.label, round(float(bar.low), 9), round(float(bar.high), 9)) for bar in picture.panels[2].of(Role.ACTIVE)]
    [('x ≤ 2', 2.0, 3.0)]
    """
    if not len(path):
        raise ProblemError(f"there is nothing to draw: no solution was found for any {path.parameter}")
    low, high = float(path.p.min()), float(path.p.max())
    ends = [end for gap in path.gaps for end in (gap.low, gap.high)]
    window = min([low, *ends]), max([high, *ends])
    panels = [_points(path, window), _values(path, window)]
    if any(segment.active_set for segment in path.segments):
        panels.append(_active_sets(path, window))
    return saved(Picture(f"The solution as {text(path.parameter)} grows", tuple(panels)), file)


def _axis(path: SolutionPath) -> str:
    return text(path.parameter)


def _points(path: SolutionPath, window: tuple[float, float]) -> Panel:
    items: list[Item] = []
    for shade, variable in enumerate(path.problem.over[:MOST_DRAWN]):
        items += _lines(path, path[variable], f"{text(variable)}*", shade)
    drawn = [path[variable] for variable in path.problem.over[:MOST_DRAWN]]
    return Panel((_axis(path), "solution"), window, heights(drawn), (*_marks(path), *items))


def _values(path: SolutionPath, window: tuple[float, float]) -> Panel:
    lines = _lines(path, path.value, f"V({_axis(path)})", 0)
    return Panel((_axis(path), f"V({_axis(path)})"), window, heights([path.value]), (*_marks(path, False), *lines))


def _lines(path: SolutionPath, values: NDArray[np.float64], label: str, shade: int) -> Iterator[Path]:
    """One line for each piece: nothing is drawn across a jump."""
    for piece in range(len(path.pieces)):
        places = np.flatnonzero(path.piece == piece)
        points = tuple((Float(path.p[i]), Float(values[i])) for i in places)
        yield Path(points, label, Role.REGION, shade)


def _marks(path: SolutionPath, is_named: bool = True) -> list[Item]:
    """Where the active set changes, where the path jumps, and where else a piece ends before the interval does."""
    name, jumps = _axis(path), path.jumps
    found = [(event.parameter, "the active set changes", Role.BREAKPOINT) for event in path.events]
    for end in (end for piece in path.pieces for end in (piece.start, piece.end)):
        is_jump = any(abs(end.parameter - jump) <= SAME * (1 + abs(jump)) for jump in jumps)
        if not is_jump and end.reason is not EndReason.LIMIT:
            found.append((end.parameter, f"ends: {name} = {end.parameter:.5g}", Role.TANGENT))
    found += [(jump, f"jumps: {name} = {jump:.5g}", Role.TANGENT) for jump in jumps]
    return [Rule(Float(p), label if is_named else "", role, is_vertical=True) for p, label, role in found]


def _active_sets(path: SolutionPath, window: tuple[float, float]) -> Panel:
    """One row for each constraint that is active somewhere, in the order of its first appearance."""
    rows = list(dict.fromkeys(c for segment in path.segments for c in segment.active_set))
    items: list[Item] = []
    for height, constraint in enumerate(reversed(rows)):
        holding = [s for s in path.segments if constraint in s.active_set]
        items += [Bar(Float(a), Float(b), height, text(constraint), Role.ACTIVE) for a, b in _merged(holding)]
    tall = (-0.6, max(len(rows), FEWEST_ROWS) - 0.4)
    return Panel((_axis(path), "active"), window, tall, (*_marks(path, False), *items))


def _merged(segments: Sequence[PathSegment]) -> list[tuple[float, float]]:
    """Intervals that follow each other as one."""
    found: list[tuple[float, float]] = []
    for segment in segments:
        if found and segment.low <= found[-1][1]:
            found[-1] = (found[-1][0], segment.high)
        else:
            found.append((segment.low, segment.high))
    return found
