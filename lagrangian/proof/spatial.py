"""Certificates by branch and bound over boxes with linear relaxations: the value is enclosed, or known exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flint import fmpq

from lagrangian.algebra.rational_intervals import Side
from lagrangian.conditions.cuts import Cut, CutMaker
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.propagation import bounding_box, finite, tightened
from lagrangian.conditions.relaxation import (
    AffineForm,
    Box,
    FactoredProblem,
    combined_bound,
    factored,
    halves_of,
    is_feasible,
    moved_side,
    relation_rows,
    single_point,
    suffices,
    with_side,
)
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate, Claim

Multipliers = tuple[tuple[int, fmpq], ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """Multipliers of rows: constraints (inequalities, then equalities), the products' rows over the leaf's box, and ``cuts``.

    With the objective they show that it is not below the bound there, or, where ``is_empty``, alone that nothing is feasible.
    """

    multipliers: Multipliers
    is_empty: bool
    cuts: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class Split:
    """A box cut in two at a value of one variable; for an integer variable, in at most ``at`` and at least ``at`` + 1."""

    variable: int
    at: fmpq
    below: "Tree"
    above: "Tree"


@dataclass(frozen=True, slots=True)
class Move:
    """Multipliers of rows that bound a variable from above where ``is_upper``, else from below."""

    variable: int
    is_upper: bool
    multipliers: Multipliers


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A box some of whose sides are moved, with ``inner`` for the smaller box."""

    moves: tuple[Move, ...]
    cuts: tuple[Cut, ...]
    inner: "Tree"


@dataclass(frozen=True, slots=True)
class Improved:
    """From here on only points with an objective of at most ``upper`` count."""

    upper: fmpq
    inner: "Tree"


Tree = Leaf | Split | Narrowed | Improved


@dataclass(frozen=True, eq=False)
class SpatialCertificate(Certificate):
    """The least value lies in [lower, upper]: no leaf holds a feasible value below lower, and ``point`` is feasible with upper.

    The minimum exists: the feasible points that are not worse than ``point`` form a closed set in a box. Without a point and
    bounds, that nothing is feasible. ``integers`` are the places of variables that take integer values only; if the objective
    has no others, its values have a least distance, and a leaf above lower minus that is closed. ``optima``, where they are
    given, are all points with the value: every leaf is a single point or lies above the value. ``cutoff`` is the value that
    the first box is made with, which is not below upper.
    """

    problem: PolynomialProblem
    tree: Tree
    point: FeasibleBox | None
    lower: fmpq | None
    upper: fmpq | None
    integers: frozenset[int] = frozenset()
    optima: tuple[tuple[fmpq, ...], ...] = ()
    cutoff: fmpq | None = None

    kind = "branch and bound"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.INFEASIBLE if self.point is None else Claim.GLOBAL_OPTIMUM

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper

    def verify(self) -> Truth:
        problem = factored(self.problem, self.integers)
        maker = CutMaker(problem)
        if self.problem.strict or not self._point_holds() or not self._is_above(self.cutoff):
            return False
        return tree_holds(maker, self.tree, self.cutoff, self._is_above, partial(self._closes, maker))

    def _is_above(self, cutoff: fmpq | None) -> bool:
        """Whether all points that may be better than the known one are within a cutoff."""
        return cutoff is None or (self.upper is not None and cutoff >= self.upper)

    def _point_holds(self) -> bool:
        if self.point is None or self.lower is None or self.upper is None:
            return self.point is None and self.lower is None and self.upper is None and self.cutoff is None
        listed = all(
            is_feasible(self.problem, p)
            and self.problem.objective(*p) == self.upper
            and all(p[i].q == 1 for i in self.integers)
            for p in self.optima
        )
        if self.optima and not (self.point.is_point and self.point.center in self.optima and self.is_exact and listed):
            return False
        low, high = self.point.value(self.problem)
        # an exact value is that of the point, which is known exactly only if the objective has none of the variables solved for
        known = high == self.upper and (not self.is_exact or low == high)
        return known and self.lower <= self.upper and self.point.holds(self.problem, self.integers)

    def _closes(self, maker: CutMaker, leaf: Leaf, box: Box, upper: fmpq | None) -> bool:
        problem = maker.problem
        single = single_point(box[: problem.count])
        if single is not None and self.upper is not None and is_feasible(self.problem, single):
            value = self.problem.objective(*single)
            return bool(value > self.upper) or (value == self.upper and (not self.optima or single in self.optima))
        if single is not None:
            return not is_feasible(self.problem, single)
        bound = leaf_bound(maker, leaf, box, upper)
        if bound is None:
            return False
        if leaf.is_empty:
            return bool(bound > 0)
        if self.optima:
            return self.upper is not None and bool(bound > self.upper)
        return self.lower is not None and suffices(problem, bound, self.lower)

    def explanation(self) -> tuple[str, ...]:
        leaves = leaves_of(self.tree)
        empty = sum(leaf.is_empty for leaf in leaves)
        if self.point is None or self.lower is None or self.upper is None:
            return (
                f"The feasible set lies in a box, which is cut into {len(leaves)} boxes. In each of them the constraints and the "
                "relaxations of the products, multiplied and added up, contradict each other.",
            )
        closing = (
            f"So no value is below {self.upper}, of the problem written as a minimization, which "
            + ("just the points shown have." if self.optima else "the point shown has.")
            if self.is_exact
            else f"So the optimal value, of the problem written as a minimization, lies between {float(self.lower):.15g} and "
            f"{float(self.upper):.15g}, the value at a point that is feasible exactly."
        )
        return (
            "The feasible points that are not worse than a known one form a closed set in a box, so the optimum is attained "
            "(Weierstrass).",
            f"The box is cut into {len(leaves)} boxes. In {empty} of them the constraints and the relaxations of the products, "
            "multiplied and added up, contradict each other; in the others they bound the objective (McCormick).",
            *self._on_the_point(),
            closing,
        )

    def _on_the_point(self) -> tuple[str, ...]:
        if self.point is None or self.point.is_point:
            return ()
        return ("A feasible point lies in a small box, in which the active constraints have a common zero (Krawczyk).",)


def tree_holds(
    maker: CutMaker,
    tree: Tree,
    cutoff: fmpq | None,
    is_above: Callable[[fmpq | None], bool],
    closes: Callable[[Leaf, Box, fmpq | None], bool],
) -> bool:
    """Whether a tree begins with all points with an objective of at most ``cutoff``, is cut rightly, and all leaves are closed.

    Args:
        maker: the problem and its cuts.
        tree: what to check.
        cutoff: None where all feasible points are in the first box.
        is_above: whether a better cutoff, further down, keeps all points that matter.
        closes: whether nothing that matters is in a leaf's box of z, under its cutoff.
    """
    problem = maker.problem
    box = bounding_box(problem, cutoff)
    if box is None:
        return False
    stack: list[tuple[Tree, Box, fmpq | None]] = [(tree, box, cutoff)]
    while stack:
        node, given, upper = stack.pop()
        if isinstance(node, Improved):
            if not is_above(node.upper):
                return False
            stack.append((node.inner, given, node.upper))
            continue
        left = tightened(problem, given, upper)
        if left is None:  # nothing there is feasible and not worse than a point
            continue
        if isinstance(node, Leaf):
            whole = finite(left)
            if whole is None or not closes(node, whole, upper):
                return False
            continue
        where = finite(left[: problem.count])
        if where is None:
            return False
        if isinstance(node, Narrowed):
            inner = _moved(maker, node, left, upper)
            if inner is None:
                return False
            stack.append((node.inner, inner, upper))
        else:
            if not 0 <= node.variable < problem.count:
                return False
            halves = halves_of(where, node.variable, node.at, problem.integers)
            if halves is None:
                return False
            stack += [(node.below, halves[0], upper), (node.above, halves[1], upper)]
    return True


def lies_above(
    maker: CutMaker, polynomial: PolynomialProblem, leaf: Leaf, box: Box, upper: fmpq | None, threshold: fmpq | None
) -> bool:
    """Whether a leaf holds no feasible value below a threshold; without one, whether nothing is feasible in it."""
    problem = maker.problem
    single = single_point(box[: problem.count])
    if single is not None:
        return not is_feasible(polynomial, single) or (
            threshold is not None and bool(polynomial.objective(*single) >= threshold)
        )
    bound = leaf_bound(maker, leaf, box, upper)
    if bound is None:
        return False
    return bool(bound > 0) if leaf.is_empty else threshold is not None and bool(bound >= threshold)


def leaf_bound(maker: CutMaker, leaf: Leaf, box: Box, upper: fmpq | None) -> fmpq | None:
    """What a leaf's multipliers show; None where they are not allowed."""
    rows = _rows(maker, leaf.cuts, box, upper)
    if rows is None or not _signs_hold(maker.problem, leaf.multipliers, len(rows)):
        return None
    return combined_bound(None if leaf.is_empty else maker.problem.objective, rows, dict(leaf.multipliers), box)


def _rows(maker: CutMaker, cuts: tuple[Cut, ...], box: Box, upper: fmpq | None) -> list[AffineForm] | None:
    problem = maker.problem
    added = [maker.row(cut, upper, box) for cut in cuts]
    rows = [row for row in added if row is not None]
    if len(rows) < len(added):
        return None
    return [*problem.inequalities, *problem.equalities, *relation_rows(problem, box), *rows]


def _signs_hold(problem: FactoredProblem, multipliers: Multipliers, count: int) -> bool:
    """Whether there are such rows, and only equalities have negative multipliers."""
    equations = range(len(problem.inequalities), len(problem.inequalities) + len(problem.equalities))
    return all(0 <= number < count and (value >= 0 or number in equations) for number, value in multipliers)


def _moved(maker: CutMaker, node: Narrowed, sides: tuple[Side, ...], upper: fmpq | None) -> Box | None:
    """The box of x with its sides moved; None where a move does not hold."""
    problem = maker.problem
    box = finite(sides)
    if box is None:
        return None
    rows = _rows(maker, node.cuts, box, upper)
    if rows is None:
        return None
    inner = box[: problem.count]
    for move in node.moves:
        if not 0 <= move.variable < problem.count or not _signs_hold(problem, move.multipliers, len(rows)):
            return None
        form = AffineForm({move.variable: fmpq(-1 if move.is_upper else 1)}, fmpq(0))
        bound = combined_bound(form, rows, dict(move.multipliers), box)
        side = moved_side(problem, inner[move.variable], move.variable, move.is_upper, bound)
        if side is not None:
            inner = with_side(inner, move.variable, side)
    return inner


def leaves_of(tree: Tree) -> list[Leaf]:
    found: list[Leaf] = []
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Leaf):
            found.append(node)
        elif isinstance(node, Split):
            stack += [node.below, node.above]
        else:
            stack.append(node.inner)
    return found
