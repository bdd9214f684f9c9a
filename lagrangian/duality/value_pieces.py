"""The optimal value of a linear or convex quadratic program as one right side moves: an exact quadratic, piece by piece.

    v(u) = min x.Q x / 2 + c.x   subject to   a_i.x + a_i0 <= 0,  e_j.x + e_j0 = 0,  one row's constant less by d u,  u >= 0

with d = 1 or -1. A set of active rows with its multipliers describes a polyhedron of (x, mu, lambda, u); above its projection on
u every point is a KKT point, and v is one quadratic there, since x may be chosen affine in u (Best and Grauer 1991, Sensitivity
analysis for mean-variance portfolio problems; for linear programs Gass and Saaty 1955). All arithmetic is rational.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flint import fmpq

from lagrangian.candidates.affine import Row, solve_rows
from lagrangian.candidates.linear import Farkas, LinearKKT, QuadraticProgram, Vector, solve_convex

MOST_HALVINGS = 200
MOST_JOINED = 60
ZERO, ONE = fmpq(0), fmpq(1)


class NoOptimumError(Exception):
    """Some right side has no optimum though u = 0 has one: only where the Hessian is semidefinite along the equations alone."""


@dataclass(frozen=True, eq=False)
class Line:
    """A program and the row that moves: inequality or equation number ``place``, by u >= 0 in the direction ``sign``."""

    program: QuadraticProgram
    place: int
    sign: int
    is_equation: bool
    deadline: float = float("inf")

    def at(self, u: fmpq) -> QuadraticProgram:
        """The program for one value of u."""
        if self.is_equation:
            return replace(self.program, equalities=self._moved(self.program.equalities, u))
        return replace(self.program, inequalities=self._moved(self.program.inequalities, u))

    def _moved(self, rows: list[Row], u: fmpq) -> list[Row]:
        return [(*row[:-1], row[-1] - self.sign * u) if k == self.place else row for k, row in enumerate(rows)]

    def slope_of_row(self, k: int, *, is_equation: bool) -> fmpq:
        """What u adds to the constant of a row."""
        return fmpq(-self.sign) if k == self.place and is_equation == self.is_equation else ZERO


@dataclass(frozen=True)
class Piece:
    """v(u) = constant + linear u + quadratic u**2 for low <= u <= high; ``high`` is None where there is no end."""

    low: fmpq
    high: fmpq | None
    constant: fmpq
    linear: fmpq
    quadratic: fmpq

    @property
    def formula(self) -> tuple[fmpq, fmpq, fmpq]:
        return self.constant, self.linear, self.quadratic


def farthest(line: Line) -> fmpq | None:
    """The greatest u for which some point is feasible; None where there is no greatest. A point is feasible for u = 0."""
    program = line.program
    rows = [_with_u(row, line.slope_of_row(k, is_equation=False)) for k, row in enumerate(program.inequalities)]
    held = [_with_u(row, line.slope_of_row(k, is_equation=True)) for k, row in enumerate(program.equalities)]
    count = program.dimension
    return _greatest([*rows, _with_u([ZERO] * (count + 1), -ONE)], held, count + 1, line.deadline)[0]


def first_piece(line: Line, optimum: LinearKKT | None = None) -> Piece | None:
    """The piece that begins at u = 0, as long as its formula goes on; None where no u > 0 is feasible.

    The program has an optimum for u = 0. Raises TimeoutError after the line's deadline, NoOptimumError where some u > 0
    that is feasible has none.

    >>> line = Line(QuadraticProgram([[ZERO]], [-ONE], [(ONE, -ONE), (ONE, -fmpq(3))], []), 0, 1, False)
    >>> first_piece(line)                                      # max x: x <= 1 + u, x <= 3
    Piece(low=0, high=2, constant=-1, linear=-1, quadratic=0)
    """
    endless = None if optimum is None else _endless_piece(line, optimum)
    if endless is not None:
        return endless
    end = farthest(line)
    piece = _piece_after(line, ZERO, end)
    for _ in range(MOST_JOINED):
        if piece is None or piece.high is None:
            break
        following = _piece_after(line, piece.high, end)
        if following is None or following.formula != piece.formula:
            break
        piece = replace(piece, high=following.high)
    return piece


def _endless_piece(line: Line, optimum: LinearKKT) -> Piece | None:
    """The piece over all u >= 0, where the active rows of an optimum for u = 0 are right for all of them; else None.

    So it is when an inequality that is not active is loosened, and no program has to be solved again.
    """
    region = _Region(line, optimum)
    if region.greatest()[0] is not None:
        return None
    ahead, point = region.greatest(ONE)
    if ahead is None or ahead <= 0:
        return None
    return _quadratic(line, ZERO, None, (ZERO, optimum.point), (ahead, point))


def _piece_after(line: Line, start: fmpq, end: fmpq | None) -> Piece | None:
    """The piece of v on some [start, high], found from a point behind ``start`` that comes nearer until it lies in it."""
    if end is not None and start >= end:
        return None
    u = start + 1 if end is None or start + 1 < end else (start + end) / 2
    for _ in range(MOST_HALVINGS):
        found = solve_convex(line.at(u), line.deadline)
        if not isinstance(found, LinearKKT):
            raise NoOptimumError
        region = _Region(line, found)
        low = region.least(u)
        if low[0] <= start:
            return _piece(line, start, region, low, u)
        u = (start + (low[0] if low[0] < u else u)) / 2
    raise TimeoutError


class _Region:
    """All (x, mu, lambda, u) that are KKT points with given active rows: the polyhedron, and the unknowns' places in it."""

    def __init__(self, line: Line, found: LinearKKT) -> None:
        program = line.program
        self.line, self.found = line, found
        self.used = [i for i, mu in enumerate(found.inequality_multipliers) if mu > 0]
        count, held = program.dimension, len(program.equalities)
        self.width = count + len(self.used) + held + 1
        rows = [*(program.inequalities[i] for i in self.used), *program.equalities]
        self.held = [
            (*program.hessian[j], *(row[j] for row in rows), ZERO, program.slope[j]) for j in range(program.dimension)
        ]
        self.held += [self._row(i, program.inequalities[i], is_equation=False) for i in self.used]
        self.held += [self._row(k, row, is_equation=True) for k, row in enumerate(program.equalities)]
        self.below = [
            self._row(i, row, is_equation=False) for i, row in enumerate(program.inequalities) if i not in self.used
        ]
        self.below += [self._unit(count + k) for k in range(len(self.used))]
        self.below.append(self._unit(self.width - 1))

    def _row(self, k: int, row: Row, *, is_equation: bool) -> Row:
        filled = [ZERO] * (self.width - len(row))
        return (*row[:-1], *filled, self.line.slope_of_row(k, is_equation=is_equation), row[-1])

    def _unit(self, place: int) -> Row:
        """-z_place <= 0."""
        return tuple(-ONE if j == place else ZERO for j in range(self.width + 1))

    def least(self, u: fmpq) -> tuple[fmpq, Vector]:
        """The least u >= 0 of the polyhedron, with x there; ``u`` is where it was found."""
        # u <= what is known keeps the search short, and -u is what is made great
        mirrored = [(*row[:-2], -row[-2], row[-1]) for row in self.below[:-1]]
        bounds = [tuple(ONE if j == self.width - 1 else ZERO for j in range(self.width + 1))]
        held = [(*row[:-2], -row[-2], row[-1]) for row in self.held]
        value, point = _greatest([*mirrored, *bounds], held, self.width, self.line.deadline)
        assert value is not None, "u >= 0 is among the rows"
        return -value, point[: self.line.program.dimension]

    def greatest(self, bound: fmpq | None = None) -> tuple[fmpq | None, Vector]:
        """The greatest u of the polyhedron, or of its part with u <= bound, with x there; None where there is no end."""
        limit = [] if bound is None else [tuple([ZERO] * (self.width - 1) + [ONE, -bound])]
        value, point = _greatest([*self.below, *limit], self.held, self.width, self.line.deadline)
        return value, point[: self.line.program.dimension]


def _piece(line: Line, start: fmpq, region: _Region, low: tuple[fmpq, Vector], u: fmpq) -> Piece:
    """The quadratic through two points of a region, over its part behind ``start``."""
    return _quadratic(line, start, region.greatest()[0], low, (u, region.found.point))


def _quadratic(
    line: Line, start: fmpq, high: fmpq | None, low: tuple[fmpq, Vector], ahead: tuple[fmpq, Vector]
) -> Piece:
    """The objective along the segment between two points, as a function of u."""
    begin, end = low[1], ahead[1]
    step = [(b - a) / (ahead[0] - low[0]) for a, b in zip(begin, end, strict=True)]
    program = line.program
    curved = [_dot(row, step) for row in program.hessian]
    level = _dot(program.slope, begin) + _dot([_dot(row, begin) for row in program.hessian], begin) / 2
    slope = _dot(program.slope, step) + _dot(curved, begin)
    bend = _dot(curved, step) / 2
    at = low[0]
    return Piece(start, high, level - slope * at + bend * at * at, slope - 2 * bend * at, bend)


def _greatest(below: Sequence[Row], held: Sequence[Row], width: int, deadline: float) -> tuple[fmpq | None, Vector]:
    """The greatest last coordinate of {z : rows <= 0, held = 0}, which is not empty, with a point; None where it has no end."""
    space = solve_rows(held, width)
    assert space is not None, "the polyhedron is not empty"
    if space.dimension <= 1:
        return _on_a_line([space.reduce(row) for row in below], space.free, _coordinates(space.rows, space.free, width))
    slope = [ZERO] * (width - 1) + [-ONE]
    found = solve_convex(
        QuadraticProgram([[ZERO] * width for _ in range(width)], slope, list(below), list(held)), deadline
    )
    assert found is not None
    assert not isinstance(found, Farkas), "the polyhedron is not empty"
    return (found.point[-1] if isinstance(found, LinearKKT) else None), found.point


def _coordinates(rows: dict[int, Row], free: Sequence[int], width: int) -> list[tuple[fmpq, fmpq]]:
    """Each coordinate as a + b t, t the free one."""
    if not free:
        return [(rows[i][width], ZERO) for i in range(width)]
    (place,) = free
    return [(rows[i][width], rows[i][place]) if i in rows else (ZERO, ONE) for i in range(width)]


def _on_a_line(below: Sequence[Row], free: Sequence[int], line: list[tuple[fmpq, fmpq]]) -> tuple[fmpq | None, Vector]:
    """The same where one coordinate t is free or none: each row bounds t on one side."""
    last = line[-1]
    if not free or last[1] == 0:
        t: fmpq | None = _inside(below, free) if free else ZERO
    else:
        # the last coordinate grows with t or with -t
        bounds = [-row[-1] / row[free[0]] for row in below if row[free[0]] * last[1] > 0]
        t = None if not bounds else (min(bounds) if last[1] > 0 else max(bounds))
    if t is None:
        return None, [a for a, _ in line]
    point = [a + b * t for a, b in line]
    return point[-1], point


def _inside(below: Sequence[Row], free: Sequence[int]) -> fmpq:
    """Some t for which all rows hold."""
    upper = [-row[-1] / row[free[0]] for row in below if row[free[0]] > 0]
    lower = [-row[-1] / row[free[0]] for row in below if row[free[0]] < 0]
    return min(upper) if upper else (max(lower) if lower else ZERO)


def _with_u(row: Sequence[fmpq], slope: fmpq) -> Row:
    return (*row[:-1], slope, row[-1])


def _dot(left: Sequence[fmpq], right: Sequence[fmpq]) -> fmpq:
    return sum((a * b for a, b in zip(left, right, strict=True) if a != 0), ZERO)
