"""Orbits of supports: the zeros of one system are carried to all systems that a symmetry makes of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lagrangian.candidates.active_sets import SupportSystem
from lagrangian.candidates.affine import Row, affine_row
from lagrangian.conditions.symmetry import Symmetry, identity, moved, moved_inequalities
from lagrangian.problem.lifting import PolynomialProblem

# an orbit that is larger is followed in part: those of its supports that are missing are solved on their own
LARGEST_ORBIT = 2000

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
            for image, symmetry in self._orbit(support):
                self.reached.setdefault(image, Source(system, symmetry))
        return found

    def _support(self, system: SupportSystem) -> Support:
        vanishing = (i for i, row in self.rows.items() if not any(value != 0 for value in system.space.reduce(row)))
        return frozenset(vanishing), frozenset(system.curved)

    def _orbit(self, start: Support) -> Iterator[tuple[Support, Symmetry]]:
        seen = {start: identity(self.problem.dimension)}
        frontier = [start]
        for support in frontier:
            for symmetry, places in self.generators:
                image = moved(support[0], places), moved(support[1], places)
                if image not in seen and len(seen) < LARGEST_ORBIT:
                    seen[image] = symmetry.after(seen[support])
                    frontier.append(image)
        yield from seen.items()
