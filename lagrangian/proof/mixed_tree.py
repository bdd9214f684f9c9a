"""A certificate for problems with continuous and integer variables: splits of integer ranges, and multipliers of all rows.

With every row in the Lagrangian its least value over ranges is a sum over the variables, continuous ones included, and a lower
bound of all costs there (`separable_bound`). A leaf is closed where that is no less than the cost of the best point, or where
the same without costs is more than zero. By linear programming duality there are such multipliers once integers are fixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from flint import fmpq

from lagrangian.conditions.inner_problems import SAFE
from lagrangian.conditions.integer_programs import (
    IntegerProgram,
    separable_bound,
)
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.integer_trees import IntegerTreeCertificate

Sides: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, eq=False)
class IntegerSplit:
    """The integer variable is at most ``at``, treated next, or at least ``at + 1``."""

    place: int
    at: int


@dataclass(frozen=True, eq=False)
class RowsLeaf:
    """Nothing better is left, by multipliers of all rows; with ``is_ray`` the rows contradict each other."""

    multipliers: tuple[fmpq, ...]
    is_ray: bool


MixedStep: TypeAlias = IntegerSplit | RowsLeaf


@dataclass(frozen=True, eq=False)
class MixedTreeCertificate(IntegerTreeCertificate):
    """That ``best`` has the least value, or that there is no feasible point where it is None.

    Points are those of `integer_program`: a continuous variable times its divisor. Steps are in the order of a depth-first
    walk; ranges that are empty hold no point and need no leaf that says so.
    """

    problem: CanonicalProblem
    best: tuple[fmpq, ...] | None
    steps: tuple[MixedStep, ...]

    def verify(self) -> Truth:
        program = self.program
        if program is None or program.products:
            return False
        if self.best is not None and not program.is_feasible(self.best):
            return False
        known = None if self.best is None else program.cost(self.best)
        low, high = zip(*program.ranges, strict=True)
        stack: list[Sides] = [(low, high)]
        for step in self.steps:
            if not stack:
                return False
            sides = stack.pop()
            if isinstance(step, IntegerSplit):
                if not 0 <= step.place < len(low) or step.place in program.reals or abs(step.at) > SAFE:
                    return False
                stack += _split(step, sides)
            elif not closes(program, step, known, sides):
                return False
        return not stack

    def explanation(self) -> tuple[str, ...]:
        splits = sum(isinstance(step, IntegerSplit) for step in self.steps)
        goal = "no point at all" if self.best is None else "no point better than the one shown"
        times = "once" if splits == 1 else f"{splits} times"
        parts = (
            f"The ranges of the integer variables are split {times}; in each part the bound" if splits else "The bound"
        )
        return (
            "With all constraints in the Lagrangian of the minimization, its least value over ranges is a sum of one term a "
            "variable, and a lower bound for every choice of multipliers with the right signs.",
            f"{parts} with multipliers of the certificate leaves {goal}.",
        )


def closes(program: IntegerProgram, leaf: RowsLeaf, known: fmpq | None, sides: Sides) -> bool:
    """Whether the ranges hold no feasible point that costs less than what is known (no feasible point at all, for None)."""
    if any(low > high for low, high in zip(*sides, strict=True)):
        return True
    if not has_right_signs(program, leaf.multipliers):
        return False
    if leaf.is_ray:
        return contradict(program, leaf.multipliers, sides)
    return known is not None and bool(separable_bound(program, leaf.multipliers, sides) >= known)


def has_right_signs(program: IntegerProgram, multipliers: Sequence[fmpq]) -> bool:
    """One for each row, not negative for inequalities."""
    return len(multipliers) == len(program.rows) and all(
        m >= 0 or row.is_equation for m, row in zip(multipliers, program.rows, strict=True)
    )


def contradict(program: IntegerProgram, multipliers: Sequence[fmpq], sides: Sides) -> bool:
    """Whether the rows, times these multipliers, add up to more than zero everywhere in the ranges."""
    without_costs = replace(program, costs=(0,) * len(program.costs))
    return bool(separable_bound(without_costs, multipliers, sides) > 0)


def _split(step: IntegerSplit, sides: Sides) -> list[Sides]:
    """The upper part below the lower one on the stack."""
    low, high = sides
    above = (*low[: step.place], max(low[step.place], step.at + 1), *low[step.place + 1 :])
    below = (*high[: step.place], min(high[step.place], step.at), *high[step.place + 1 :])
    return [(above, high), (low, below)]
