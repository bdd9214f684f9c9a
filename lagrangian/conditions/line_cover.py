"""The line covered by neighborhoods of infinity and of some points, decided by orders of growth, and intervals in between."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import sympy
from flint import arb
from sympy import Expr, Rational, Symbol

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.interval_arrays import Array, Ends, Mask, add, float_interval, multiply, negative
from lagrangian.algebra.interval_program import NotEnclosableError, Program
from lagrangian.algebra.signs import is_positive
from lagrangian.conditions.growth_curves import GrowthCurve, is_infeasible_along
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem

TIME = Symbol("t", positive=True)
MOST_BOXES = 60_000
LEAST_WIDTH = 1e-13


@dataclass(frozen=True)
class Side:
    """The points x = point + side / t, or x = side t where ``point`` is None, for t >= start; ``side`` is 1 or -1."""

    point: Expr | None
    side: int
    start: Rational
    order: int

    def curve(self, variable: Symbol) -> GrowthCurve:
        return GrowthCurve(TIME, {variable: place_of(self.point, self.side)}, self.start, self.order)

    def end(self) -> arb | None:
        """The last point of the neighborhood, at t = start."""
        return enclose(self.side * self.start if self.point is None else self.point + self.side / self.start)


def place_of(point: Expr | None, side: int) -> Expr:
    return sympy.Integer(side) * TIME if point is None else point + side / TIME


def lies_above(problem: CanonicalProblem, value: Expr | None, sides: Sequence[Side]) -> Truth:
    """Whether every feasible x, but for the points of ``sides``, has F(x) > value (None: whether no other x is feasible).

    Args:
        problem: in one variable.
        value: a number.
        sides: the neighborhood of -oo, those at the left and the right of each point in increasing order, that of +oo.
    """
    if len(problem.variables) != 1 or problem.parameters or problem.integers:
        return None
    ordered = _is_cover(sides)
    if ordered is not True:
        return ordered
    if not all(is_side_above(problem, value, side) for side in sides):
        return None
    gaps = [(left.end(), right.end()) for left, right in zip(sides[::2], sides[1::2], strict=True)]
    return True if all(_gap_is_above(problem, value, left, right) for left, right in gaps) else None


def _is_cover(sides: Sequence[Side]) -> Truth:
    if len(sides) < 2 or len(sides) % 2 or [s.side for s in sides] != [-1, *[-1, 1] * (len(sides) // 2 - 1), 1]:
        return False
    inner = sides[1:-1]
    if sides[0].point is not None or sides[-1].point is not None or any(s.point is None for s in inner):
        return False
    lefts, rights = [s.point for s in inner[::2]], [s.point for s in inner[1::2]]
    points = [point for point in lefts if point is not None]
    if lefts != rights or len(points) != len(lefts):
        return False
    return True if all(is_positive(b - a) for a, b in pairwise(points)) else None


def is_side_above(problem: CanonicalProblem, value: Expr | None, side: Side) -> bool:
    """Whether all feasible points of a neighborhood lie above the value; there is none where that is None."""
    curve = side.curve(problem.variables[0])
    if is_infeasible_along(problem, curve):
        return True
    return value is not None and curve.sign(problem.objective - value) == 1


def _gap_is_above(problem: CanonicalProblem, value: Expr | None, left: arb | None, right: arb | None) -> bool:
    """The same for the closed interval between two neighborhoods, by cutting it into small ones."""
    if left is None or right is None:
        return False
    low, high = float_interval(left)[0], float_interval(right)[1]
    if low >= high:
        return True
    threshold = np.inf
    if value is not None:
        ball = enclose(value)
        if ball is None:
            return False
        threshold = float_interval(ball)[1]
    try:
        program = _Compiled.of(problem)
    except NotEnclosableError:
        return False
    boxes = np.array([[low]]), np.array([[high]])
    treated = 0
    while len(boxes[0]):
        treated += len(boxes[0])
        if treated > MOST_BOXES:
            return False
        left_open = ~program.are_above(boxes, threshold)
        a, b = boxes[0][left_open], boxes[1][left_open]
        if len(a) and (b - a <= LEAST_WIDTH * (1 + np.abs(a))).any():
            return False
        middle = a + 0.5 * (b - a)
        boxes = np.concatenate([a, middle]), np.concatenate([middle, b])
    return True


@dataclass(frozen=True, eq=False)
class _Compiled:
    """A problem in one variable as lines of a program."""

    program: Program
    objective: int
    slope: int
    inequalities: tuple[tuple[int, bool], ...]
    equalities: tuple[int, ...]

    @staticmethod
    def of(problem: CanonicalProblem) -> "_Compiled":
        program = Program(problem.variables)
        objective = program.add(problem.objective)
        inequalities = tuple((program.add(g.expression), g.strict) for g in problem.inequalities)
        equalities = tuple(program.add(h.expression) for h in problem.equalities)
        return _Compiled(program, objective, program.derivative(objective, 0), inequalities, equalities)

    def are_above(self, boxes: tuple[Array, Array], threshold: float) -> Mask:
        """Which intervals hold no feasible point with F <= threshold."""
        lines = [line for line, _ in self.inequalities]
        found = self.program.evaluate([self.objective, *lines, *self.equalities], boxes, Ends.PROVED)
        count = len(self.inequalities)
        above = found.empty | (found.intervals[0][0] > threshold)
        for (low, _), (_, strict) in zip(found.intervals[1 : 1 + count], self.inequalities, strict=True):
            above |= (low >= 0) if strict else (low > 0)
        for low, high in found.intervals[1 + count :]:
            above |= (low > 0) | (high < 0)
        return above | self._mean_value_is_above(boxes, threshold)

    def _mean_value_is_above(self, boxes: tuple[Array, Array], threshold: float) -> Mask:
        """F(c) + F'(B) (B - c) > threshold, where F is differentiable on the whole interval."""
        center = boxes[0] + 0.5 * (boxes[1] - boxes[0])
        at_center = self.program.evaluate([self.objective], (center, center), Ends.PROVED)
        slopes = self.program.evaluate([self.objective, self.slope], boxes, Ends.PROVED)
        step = add((boxes[0][:, 0], boxes[1][:, 0]), negative((center[:, 0], center[:, 0])))
        with np.errstate(over="ignore"):  # an infinite bound is one that says nothing
            change = multiply(slopes.intervals[1], step)
            bound = add(at_center.intervals[0], change)[0]
        usable = ~slopes.partial & ~at_center.partial & np.isfinite(slopes.intervals[1]).all(axis=0)
        return usable & (bound > threshold)
