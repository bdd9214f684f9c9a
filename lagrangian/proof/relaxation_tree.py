"""A certificate by Lagrangian relaxation and branch and bound: a tree whose leaves have multipliers.

The tree is a list of steps in the order in which a depth-first walk meets them. Each step treats the ranges on top of a stack:

    RangeSplit(place, at)        x_place <= at is treated next, then x_place >= at + 1: together all integers
    RangeReduction(multipliers)  rows and the Lagrangian bound leave smaller ranges for points better than the best one
    LagrangianLeaf(multipliers)  nothing better is left: by rows, an inner problem without a point, or the bound L(multipliers)
    CoreLeaf(multiplier)         nothing better is left: one knapsack row, gone through state by state
    SplitTree(entries, ...)      nothing better is left: a tree of its own, with all rows in the Lagrangian (`split_trees`)

Ranges may turn out to be empty before a leaf says so, where a better point was found after the tree had been grown there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import TypeAlias

from flint import fmpq

from lagrangian.conditions.core_sweeps import core_sweep, is_core
from lagrangian.conditions.inner_problems import SAFE, InnerProblem, TooLargeError
from lagrangian.conditions.range_reduction import Ranges, propagated, reduced
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.integer_trees import IntegerTreeCertificate
from lagrangian.proof.split_trees import SplitTree

MOST_STATES = 20_000_000
Multipliers: TypeAlias = tuple[fmpq, ...]


@dataclass(frozen=True, eq=False)
class RangeSplit:
    """The variable is at most ``at``, or at least ``at + 1``."""

    place: int
    at: int


@dataclass(frozen=True, eq=False)
class RangeReduction:
    """Ranges that hold every better point, by rows and by these multipliers."""

    multipliers: Multipliers


@dataclass(frozen=True, eq=False)
class LagrangianLeaf:
    """Nothing better is left; with ``is_ray`` the multipliers alone contradict: the relaxed rows add up to more than zero."""

    multipliers: Multipliers
    is_ray: bool


@dataclass(frozen=True, eq=False)
class CoreLeaf:
    """Nothing better is left, by all states of the one knapsack row."""

    multiplier: fmpq


Step: TypeAlias = RangeSplit | RangeReduction | LagrangianLeaf | CoreLeaf | SplitTree


@dataclass(frozen=True, eq=False)
class RelaxationTreeCertificate(IntegerTreeCertificate):
    """That ``best`` has the least value, or that there is no feasible point where it is None.

    ``relaxed`` are the places of the relaxed rows among those of `integer_program`; multipliers are those of the rows in
    integers, so that they belong to the objective in integers: not negative for inequalities.
    """

    problem: CanonicalProblem
    relaxed: tuple[int, ...]
    best: tuple[int, ...] | None
    steps: tuple[Step, ...]

    def verify(self) -> Truth:
        program = self.program
        if (
            program is None
            or program.reals
            or list(self.relaxed) != sorted({r for r in self.relaxed if 0 <= r < len(program.rows)})
        ):
            return False
        if self.best is not None and not program.is_feasible(self.best):
            return False
        try:
            inner = InnerProblem(program, self.relaxed)
        except TooLargeError:
            return None
        wanted = None if self.best is None else program.cost(self.best) - program.step
        return self._covers(inner, wanted)

    def _covers(self, inner: InnerProblem, wanted: int | None) -> Truth:
        """Whether the steps lead through all ranges, and each leaf is closed."""
        stack: list[Ranges | None] = [(inner.low, inner.high)]
        for step in self.steps:
            if not stack:
                return False
            ranges = stack.pop()
            if isinstance(step, RangeSplit):
                parts = _split(step, ranges)
                if parts is None:
                    return False
                stack += parts
            elif isinstance(step, RangeReduction):
                scaled = scaled_multipliers(inner, step.multipliers)
                if scaled is None:
                    return False
                stack.append(None if ranges is None else reduced(inner, *scaled, wanted, *ranges))
            elif ranges is not None:
                closed = _closes(inner, step, wanted, ranges)
                if closed is not True:
                    return closed
        return not stack

    def explanation(self) -> tuple[str, ...]:
        splits = sum(isinstance(step, RangeSplit) for step in self.steps)
        trees = [step for step in self.steps if isinstance(step, SplitTree)]
        counted = "1 constraint" if len(self.relaxed) == 1 else f"{len(self.relaxed)} constraints"
        goal = "no point at all" if self.best is None else "no point better than the one shown"
        parts = "The bound with the multipliers of the certificate"
        if splits:
            times = "once" if splits == 1 else f"{splits} times"
            parts = (
                f"The ranges of the integer variables are split {times}; in each part the bound with its multipliers"
            )
        sentences = [
            f"With {counted} in the Lagrangian of the minimization, its least value over what is left is a lower bound for every "
            "choice of multipliers with the right signs; it is found exactly, in integers.",
            f"{parts}, or a constraint, leaves {goal}.",
        ]
        if trees:
            leaves = sum(int((tree.entries[:, 0] == -1).sum()) for tree in trees)
            sentences.append(
                f"Ranges are split further into {leaves} parts, each with multipliers of all constraints: with them, the "
                "least value is a sum of one term a variable."
            )
        if any(isinstance(step, CoreLeaf) for step in self.steps):
            sentences.append(
                "Where only one knapsack constraint is left, all sums that it can have are gone through, those without "
                "the bound that they would need left out."
            )
        return tuple(sentences)


def scaled_multipliers(inner: InnerProblem, multipliers: Multipliers) -> tuple[tuple[int, ...], int] | None:
    """The multipliers as integers over one unit; None where their number or a sign is wrong."""
    rows = inner.terms.rows
    if len(multipliers) != len(rows):
        return None
    if any(m < 0 and not row.is_equation for m, row in zip(multipliers, rows, strict=True)):
        return None
    return integral(multipliers)


def integral(multipliers: Sequence[fmpq]) -> tuple[tuple[int, ...], int]:
    """Integers, and the unit over which they are the multipliers.

    >>> integral([fmpq(1, 2), fmpq(2, 3)])
    ((3, 4), 6)
    """
    unit = lcm(1, *(int(m.q) for m in multipliers))
    return tuple(int(m.p) * (unit // int(m.q)) for m in multipliers), unit


def closes(
    inner: InnerProblem, scaled: tuple[tuple[int, ...], int], is_ray: bool, wanted: int | None, ranges: Ranges
) -> bool:
    """Whether rows or the bound leave no feasible point with a cost of at most ``wanted`` (with any cost, where that is None)."""
    if not is_ray:
        return reduced(inner, *scaled, wanted, *ranges) is None
    left = propagated(inner.all_terms, *ranges)
    found = None if left is None else inner.minimum(*scaled, *left, costs=0)
    return found is None or found.value > 0


def _closes(
    inner: InnerProblem, step: LagrangianLeaf | CoreLeaf | SplitTree, wanted: int | None, ranges: Ranges
) -> Truth:
    if isinstance(step, SplitTree):
        return step.closes(inner.program, wanted, ranges)
    if isinstance(step, LagrangianLeaf):
        scaled = scaled_multipliers(inner, step.multipliers)
        return scaled is not None and closes(inner, scaled, step.is_ray, wanted, ranges)
    scaled = scaled_multipliers(inner, (step.multiplier,)) if is_core(inner) else None
    if scaled is None or wanted is None:
        return False
    swept = core_sweep(inner, scaled[0][0], scaled[1], wanted, ranges, MOST_STATES)
    return None if swept is None else swept.point is None


def _split(step: RangeSplit, ranges: Ranges | None) -> list[Ranges | None] | None:
    """The upper part below the lower one on the stack; None where there is no such variable."""
    if ranges is None:
        return [None, None]
    low, high = ranges
    if not 0 <= step.place < len(low) or abs(step.at) > SAFE:
        return None
    upper, lower = low.copy(), high.copy()
    upper[step.place] = max(int(low[step.place]), step.at + 1)
    lower[step.place] = min(int(high[step.place]), step.at)
    return [(upper, high), (low, lower)]
