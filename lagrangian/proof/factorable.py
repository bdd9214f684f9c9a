"""Certificates by branch and bound with linear relaxations for problems with functions of one variable."""

from dataclasses import dataclass
from functools import partial

from flint import fmpq
from sympy import Expr, Symbol

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.algebra.polynomials import to_rational
from lagrangian.algebra.rational_intervals import rational
from lagrangian.conditions.atoms import Atom, Function
from lagrangian.conditions.cuts import CutMaker
from lagrangian.conditions.factorable import NotFactorableError, factored_functions, in_logarithms
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.conditions.interval_model import IntervalModel, interval_model
from lagrangian.conditions.relaxation import Box, FactoredProblem, Quotient
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.certificate import Certificate, Claim
from lagrangian.proof.intervals import enclosure_at, is_feasible_exactly
from lagrangian.proof.spatial import Leaf, Tree, leaf_bound, leaves_of, tree_holds


@dataclass(frozen=True, slots=True)
class ExactPoint:
    """A point with rational coordinates, at which every constraint is decided exactly."""

    coordinates: tuple[fmpq, ...]

    @property
    def center(self) -> tuple[float, ...]:
        return tuple(int(x.p) / int(x.q) for x in self.coordinates)

    def objective(self, model: IntervalModel) -> tuple[float, float]:
        return enclosure_at(model, model.objective, self._named(model))

    def holds(self, model: IntervalModel) -> bool:
        """Whether the point is feasible, for certain."""
        if len(self.coordinates) != model.dimension:
            return False
        return is_feasible_exactly(model, self._named(model)) is True

    def _named(self, model: IntervalModel) -> dict[Symbol, Expr]:
        return dict(zip(model.canonical.variables, map(to_rational, self.coordinates), strict=True))


@dataclass(frozen=True, eq=False)
class FactorableCertificate(Certificate):
    """The least value lies in [lower, upper]: no leaf holds a lower feasible value, and ``point`` holds one of at most upper.

    Without a point and bounds, that nothing is feasible. Where ``logarithmic``, the tree is over the logarithms of the variables
    with a positive lower bound. The minimum exists: on every leaf that may hold it the functions are bounded and continuous.
    """

    problem: CanonicalProblem
    logarithmic: bool
    tree: Tree
    point: FeasibleEnclosure | ExactPoint | None
    lower: fmpq | None
    upper: fmpq | None
    cutoff: fmpq | None = None

    kind = "branch and bound"

    @property
    def claim(self) -> Claim:  # type: ignore[override]
        return Claim.INFEASIBLE if self.point is None else Claim.GLOBAL_OPTIMUM

    def verify(self) -> Truth:
        stated = in_logarithms(self.problem) if self.logarithmic else self.problem
        if stated is None or any(g.strict for g in stated.inequalities):
            return False
        try:
            problem = factored_functions(stated)
            if not self._point_holds() or not self._is_above(self.cutoff):
                return False
        except (NotFactorableError, NotEnclosableError):
            return False
        maker = CutMaker(problem)
        return tree_holds(maker, self.tree, self.cutoff, self._is_above, partial(self._closes, maker))

    def _is_above(self, cutoff: fmpq | None) -> bool:
        return cutoff is None or (self.upper is not None and cutoff >= self.upper)

    def _point_holds(self) -> bool:
        if self.point is None or self.lower is None or self.upper is None:
            return self.point is None and self.lower is None and self.upper is None and self.cutoff is None
        model = interval_model(self.problem)
        high = self.point.objective(model)[1]
        return high < float("inf") and rational(high) <= self.upper and self.point.holds(model)

    def _closes(self, maker: CutMaker, leaf: Leaf, box: Box, upper: fmpq | None) -> bool:
        bound = leaf_bound(maker, leaf, box, upper)
        if bound is None:
            return False
        if leaf.is_empty:
            return bool(bound > 0)
        if self.lower is None or self.upper is None or bound < self.lower:
            return False
        return bool(bound > self.upper) or is_continuous(maker.problem, box)

    def explanation(self) -> tuple[str, ...]:
        leaves = leaves_of(self.tree)
        where = "The box of their logarithms" if self.logarithmic else "The box"
        if self.point is None or self.lower is None or self.upper is None:
            return (
                f"The feasible set lies in a box. {where} is cut into {len(leaves)} boxes. In each of them the constraints and "
                "affine bounds of products and functions, multiplied and added up, contradict each other.",
            )
        empty = sum(leaf.is_empty for leaf in leaves)
        return (
            "The feasible points that are not worse than a known one lie in a box, in which the functions are continuous, so the "
            "optimum is attained (Weierstrass).",
            f"{where} is cut into {len(leaves)} boxes. In {empty} of them the constraints and affine bounds of products and "
            "functions, multiplied and added up, contradict each other; in the others they bound the objective.",
            f"So the optimal value, of the problem written as a minimization, lies between {float(self.lower):.15g} and "
            f"{float(self.upper):.15g}, which is at least the value at a feasible point.",
        )


def is_continuous(problem: FactoredProblem, box: Box) -> bool:
    """Whether no divisor, and no argument of a logarithm or of u log u, comes near zero.

    A pole need not show in the bounds: where a constraint is bounded on one side only, or where two of them cancel out.
    """
    divisors = [box[d.denominator] for d in problem.definitions if isinstance(d, Quotient)]
    atoms = [d for d in problem.definitions if isinstance(d, Atom)]
    divisors += [box[d.argument] for d in atoms if d.exponent is not None and d.exponent < 0]
    positive = [box[d.argument] for d in atoms if d.function in (Function.ENTROPY, Function.LOG)]
    return all(low > 0 or high < 0 for low, high in divisors) and all(low > 0 for low, _ in positive)
