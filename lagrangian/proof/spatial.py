"""Certificates by branch and bound over boxes with linear relaxations: the value is enclosed, not known exactly."""

from dataclasses import dataclass

from flint import fmpq

from lagrangian.conditions.relaxation import (
    Box,
    FactoredProblem,
    bounding_box,
    box_of_products,
    combined_bound,
    factored,
    halves_of,
    is_feasible,
    product_rows,
    single_point,
    suffices,
    tightened,
)
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.certificate import Certificate, Claim


@dataclass(frozen=True, slots=True)
class Leaf:
    """Multipliers of rows: of the constraints (inequalities, then equalities), then of the products' rows over the leaf's box.

    With the objective they show that it is not below the bound there, or, where ``is_empty``, alone that nothing is feasible.
    """

    multipliers: tuple[tuple[int, fmpq], ...]
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Split:
    """A box cut in two at a value of one variable; for an integer variable, in at most ``at`` and at least ``at`` + 1."""

    variable: int
    at: fmpq
    below: "Leaf | Split"
    above: "Leaf | Split"


@dataclass(frozen=True, eq=False)
class SpatialCertificate(Certificate):
    """The least value lies in [lower, upper]: no leaf holds a feasible value below lower, and ``point`` is feasible with upper.

    The minimum exists: the feasible points that are not worse than ``point`` form a closed set in a box. Without a point and
    bounds, that nothing is feasible. ``integers`` are the places of variables that take integer values only; if all do, the
    values have a least distance, and a leaf above lower minus that is closed. ``optima``, where they are given, are all points
    with the value: every leaf is a single point or lies above the value.
    """

    problem: PolynomialProblem
    tree: Leaf | Split
    point: tuple[fmpq, ...] | None
    lower: fmpq | None
    upper: fmpq | None
    integers: frozenset[int] = frozenset()
    optima: tuple[tuple[fmpq, ...], ...] = ()

    kind = "branch and bound"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.INFEASIBLE if self.point is None else Claim.GLOBAL_OPTIMUM

    @property
    def is_exact(self) -> bool:
        return self.lower == self.upper

    def verify(self) -> Truth:
        problem = factored(self.problem, self.integers)
        box = bounding_box(problem, self.upper)
        if self.problem.strict or box is None or not self._point_holds():
            return False
        stack: list[tuple[Leaf | Split, Box]] = [(self.tree, box)]
        while stack:
            node, given = stack.pop()
            where = tightened(problem, given, self.upper)
            if where is None:  # nothing there is feasible and not worse than the point
                continue
            if isinstance(node, Leaf):
                if not self._closes(problem, node, where):
                    return False
                continue
            halves = halves_of(where, node.variable, node.at, self.integers)
            if halves is None:
                return False
            stack += [(node.below, halves[0]), (node.above, halves[1])]
        return True

    def _point_holds(self) -> bool:
        if self.point is None or self.lower is None or self.upper is None:
            return self.point is None and self.lower is None and self.upper is None
        listed = all(
            is_feasible(self.problem, p)
            and self.problem.objective(*p) == self.upper
            and all(p[i].q == 1 for i in self.integers)
            for p in self.optima
        )
        if self.optima and (self.point not in self.optima or not self.is_exact or not listed):
            return False
        return (
            self.lower <= self.upper
            and is_feasible(self.problem, self.point)
            and all(self.point[i].q == 1 for i in self.integers)
            and self.problem.objective(*self.point) == self.upper
        )

    def _closes(self, problem: FactoredProblem, leaf: Leaf, where: Box) -> bool:
        single = single_point(where)
        if single is not None and self.upper is not None and is_feasible(self.problem, single):
            value = self.problem.objective(*single)
            return bool(value > self.upper) or (value == self.upper and (not self.optima or single in self.optima))
        if single is not None:
            return not is_feasible(self.problem, single)
        box = box_of_products(problem, where)
        rows = [*problem.inequalities, *problem.equalities, *product_rows(problem, box)]
        equations = range(len(problem.inequalities), len(problem.inequalities) + len(problem.equalities))
        for number, multiplier in leaf.multipliers:
            if not 0 <= number < len(rows) or (multiplier < 0 and number not in equations):
                return False
        bound = combined_bound(None if leaf.is_empty else problem.objective, rows, dict(leaf.multipliers), box)
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
            closing,
        )


def leaves_of(tree: Leaf | Split) -> list[Leaf]:
    found, stack = [], [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Leaf):
            found.append(node)
        else:
            stack += [node.below, node.above]
    return found
