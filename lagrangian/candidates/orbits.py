"""Orbits of supports: the zeros of one system are carried to all systems that a symmetry makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from lagrangian.candidates.active_sets import SupportSystem
from lagrangian.candidates.affine import Row, affine_row
from lagrangian.conditions.symmetry import Symmetry, identity, moved, moved_inequalities
from lagrangian.problem.lifting import PolynomialProblem

# how many supports are reached in all: beyond that each is solved on its own
MOST_REACHED = 10_000

# the inequalities that hold with equality on the whole face, and the curved ones held active
Support = tuple[frozenset[int], frozenset[int]]


@dataclass(frozen=True, eq=False)
class Source:
    """A system that was solved, and a symmetry that carries its zeros to those of another."""

    system: SupportSystem
    symmetry: Symmetry


@dataclass
class SupportOrbits:
    """The supports reached so far by symmetries from those that were solved."""

    problem: PolynomialProblem
    symmetries: Sequence[Symmetry]
    reached: dict[Support, Source] = field(default_factory=dict)
    left: int = MOST_REACHED

    def __post_init__(self) -> None:
        pairs = [(symmetry, moved_inequalities(self.problem, symmetry)) for symmetry in self.symmetries]
        self.generators = [(symmetry, places) for symmetry, places in pairs if places is not None]
        rows = enumerate(affine_row(g, self.problem.dimension) for g in self.problem.inequalities)
        self.rows: dict[int, Row] = {i: row for i, row in rows if row is not None}

    def source(self, system: SupportSystem) -> Source | None:
        """A system whose zeros a symmetry carries to those of the given one; None makes it the source of its orbit."""
        if not self.generators:
            return None
        support = self._support(system)
        found = self.reached.get(support)
        if found is None:
            for image, symmetry in self._orbit(support).items():
                self.reached.setdefault(image, Source(system, symmetry))
        return found

    def _support(self, system: SupportSystem) -> Support:
        vanishing = (i for i, row in self.rows.items() if not any(value != 0 for value in system.space.reduce(row)))
        return frozenset(vanishing), frozenset(system.curved)

    def _orbit(self, start: Support) -> dict[Support, Symmetry]:
        seen = {start: identity(self.problem.dimension)}
        frontier = [start]
        for support in frontier:
            for symmetry, places in self.generators:
                image = moved(support[0], places), moved(support[1], places)
                if image not in seen and len(seen) < self.left:
                    seen[image] = symmetry.after(seen[support])
                    frontier.append(image)
        self.left = max(0, self.left - len(seen))
        return seen
