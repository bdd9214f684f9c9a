"""The polynomial systems whose zeros hold every local minimizer: one for each face and each set of active curved constraints.

Let x* be a local minimizer of f subject to g <= 0, h = 0, and let A be the affine subspace on which the affine equalities and
the affine inequalities active at x* hold with equality. Then x* is a local minimizer on A as well, where only the curved
constraints that are not constant on A are left, and Fritz John's theorem (1948) on A says that the gradients of f, of the
active g and of all h along A are dependent. With d = dim A and p curved equalities, Caratheodory's argument leaves at most
d - p active g to consider, so x* is a zero of

    g_S = 0,   h = 0,   all (1 + |S| + p)-minors of the Jacobian of (f, g_S, h) along A

for some S with |S| <= max(0, d - p); there are no minors where 1 + |S| + p > d. No constraint qualification is used. A is
found by going through the independent sets of affine inequalities.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

from flint import fmpq_mpoly

from lagrangian.algebra.polynomials import Ring, gradient, maximal_minors
from lagrangian.candidates.affine import AffineSubspace, Row, affine_row, solve_rows
from lagrangian.conditions.screening import Screen
from lagrangian.problem.lifting import PolynomialProblem


@dataclass(frozen=True, eq=False)
class SupportSystem:
    """The system of one support: the inequalities held active (by index), the affine part solved, the rest as equations.

    ``objective`` and the curved constraints ``held`` at zero are functions of the free variables of the affine part.
    """

    affine: tuple[int, ...]
    curved: tuple[int, ...]
    space: AffineSubspace
    ring: Ring
    objective: fmpq_mpoly
    held: tuple[fmpq_mpoly, ...]

    @cached_property
    def equations(self) -> tuple[fmpq_mpoly, ...]:
        return (*self.held, *dependency_minors(self.ring, [self.objective, *self.held]))

    @property
    def support(self) -> tuple[int, ...]:
        return tuple(sorted((*self.affine, *self.curved)))


@dataclass(frozen=True, eq=False)
class _Split:
    """The constraints of a problem, affine ones as rows by index, curved ones apart."""

    count: int
    affine: dict[int, Row]
    curved: dict[int, fmpq_mpoly]
    affine_equalities: list[Row]
    curved_equalities: list[fmpq_mpoly]


def support_systems(
    problem: PolynomialProblem, deadline: float = float("inf"), screen: Screen | None = None
) -> Iterator[SupportSystem]:
    """All support systems but for those that a screen excludes; none where the affine equalities contradict each other.

    Raises TimeoutError if there are more to come after the deadline, in the seconds of time.monotonic().
    """
    split = _split(problem)
    start = solve_rows(split.affine_equalities, split.count)
    if start is None:
        return
    for affine, space in _faces(split, start, deadline, screen):
        yield from _systems_on_face(problem, split, affine, space, screen)


def support_count(problem: PolynomialProblem) -> int:
    """How many systems there are at most."""
    count, equalities = len(problem.inequalities), len(problem.equalities)
    return sum(comb(count, size) for size in range(min(count, max(0, problem.dimension - equalities)) + 1))


def system_of(problem: PolynomialProblem, active: Sequence[int]) -> SupportSystem | None:
    """The system in which given inequalities are active; None where they contradict each other or are too many."""
    split = _split(problem)
    rows = [split.affine[i] for i in active if i in split.affine]
    space = solve_rows([*split.affine_equalities, *rows], split.count)
    if space is None:
        return None
    affine = tuple(i for i in active if i in split.affine)
    curved = tuple(i for i in active if i in split.curved)
    for system in _systems_on_face(problem, split, affine, space):
        if system.curved == curved:
            return system
    return None


def _split(problem: PolynomialProblem) -> _Split:
    count = problem.dimension
    rows = {i: affine_row(g, count) for i, g in enumerate(problem.inequalities)}
    equality_rows = [affine_row(h, count) for h in problem.equalities]
    return _Split(
        count,
        {i: row for i, row in rows.items() if row is not None},
        {i: problem.inequalities[i] for i, row in rows.items() if row is None},
        [row for row in equality_rows if row is not None],
        [h for h, row in zip(problem.equalities, equality_rows, strict=True) if row is None],
    )


def _faces(
    split: _Split, start: AffineSubspace, deadline: float, screen: Screen | None
) -> Iterator[tuple[tuple[int, ...], AffineSubspace]]:
    """Every affine subspace that affine inequalities cut out, once, but for those on which one of them is violated.

    Where the screen excludes a face, all faces in it are left out.
    """
    seen = set()
    stack: list[tuple[tuple[int, ...], AffineSubspace]] = [((), start)]
    while stack:
        if time.monotonic() > deadline:
            raise TimeoutError
        chosen, space = stack.pop()
        key = frozenset(space.rows.items())
        if key in seen or _violated(split, space):
            continue
        seen.add(key)
        if screen is not None and screen.excludes(chosen):
            continue
        yield chosen, space
        for i in sorted(split.affine, reverse=True):
            smaller = space.intersect(split.affine[i]) if i not in chosen else None
            if smaller is not None:
                stack.append(((*chosen, i), smaller))


def _violated(split: _Split, space: AffineSubspace) -> bool:
    """Whether some affine inequality is a positive constant on the subspace."""
    for row in split.affine.values():
        reduced = space.reduce(row)
        if reduced[split.count] > 0 and all(value == 0 for value in reduced[: split.count]):
            return True
    return False


def _systems_on_face(
    problem: PolynomialProblem,
    split: _Split,
    affine: tuple[int, ...],
    space: AffineSubspace,
    screen: Screen | None = None,
) -> Iterator[SupportSystem]:
    ring, _ = space.substitution
    curved = {i: space.restrict(g) for i, g in split.curved.items()}
    if any(g.is_constant() and g.leading_coefficient() > 0 for g in curved.values() if g != 0):
        return
    equalities = [h for h in (space.restrict(h) for h in split.curved_equalities) if h != 0]
    if any(h.is_constant() for h in equalities):
        return
    objective = space.restrict(problem.objective)
    active = {i: g for i, g in curved.items() if not g.is_constant()}
    if screen is not None:
        active = {i: g for i, g in active.items() if not screen.excludes((*affine, i))}
    for size in range(max(0, space.dimension - len(equalities)) + 1):
        for chosen in combinations(active, size):
            if screen is not None and size > 1 and screen.excludes((*affine, *chosen)):
                continue
            held = (*(active[i] for i in chosen), *equalities)
            yield SupportSystem(affine, chosen, space, ring, objective, held)


def dependency_minors(ring: Ring, polynomials: Sequence[fmpq_mpoly]) -> list[fmpq_mpoly]:
    """Polynomials that vanish just where the gradients are linearly dependent; none if there are more than variables."""
    count = len(ring.variables)
    if len(polynomials) > count:
        return []
    return maximal_minors([gradient(polynomial, count) for polynomial in polynomials], ring.constant(1))
